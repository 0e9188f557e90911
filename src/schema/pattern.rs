//! Regular expressions: as they are, and as they look within a JSON string.
//!
//! `\d` and `\w` are ASCII's, `.` and `\s` are JavaScript's, and there is no `\p{..}` and no flag: what is there means the same in
//! a page, which has no tables of Unicode here, and natively.

use regex_syntax::ast::{
    Ast, ClassAscii, ClassAsciiKind, ClassBracketed, ClassPerl, ClassPerlKind, ClassSet, ClassSetItem,
};
use regex_syntax::ast::{ErrorKind, GroupKind, parse::Parser};
use regex_syntax::hir::translate::TranslatorBuilder;
use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Look, Repetition};

use super::number::{literal, repeated};
use super::wrong;
use crate::fields::Read;

/// What `.` means in JavaScript.
const DOT: &str = r"[^\n\r\u{2028}\u{2029}]";
/// What `\s` means there.
const SPACE: &str = r"[\t\n\v\f\r \u{a0}\u{1680}\u{2000}-\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}\u{feff}]";
/// Signs that have a short escape in JSON, and the escape.
const ESCAPED: [(char, &str); 5] = [('"', "\\\""), ('\\', "\\\\"), ('\n', "\\n"), ('\r', "\\r"), ('\t', "\\t")];

/// A JSON string of `min` to `max` characters.
pub(super) fn text(min: u32, max: Option<u32>) -> Hir {
    Hir::concat(vec![literal("\""), repeated(character(), min, max), literal("\"")])
}

/// One character as it stands in a JSON string: as it is, or by a short escape. Other control characters cannot be written.
fn character() -> Hir {
    escaped(&ClassUnicode::new([ClassUnicodeRange::new('\0', char::MAX)]))
}

/// A text that matches from its beginning to its end.
pub(super) fn plain(pattern: &str, at: &str) -> Read<Hir> {
    let ways = ends(&parsed(pattern, at)?).into_iter().map(|(_, hir, _)| looked(hir, at));
    Ok(Hir::alternation(ways.collect::<Read<_>>()?))
}

/// What stands between the quotes of a JSON string in which the pattern matches somewhere.
pub(super) fn inside(pattern: &str, at: &str) -> Read<Hir> {
    let ways = ends(&parsed(pattern, at)?).into_iter().map(|(begins, hir, ends)| {
        let rest = |anchored: bool| if anchored { Hir::empty() } else { repeated(character(), 0, None) };
        Ok(Hir::concat(vec![rest(begins), quoted(&looked(hir, at)?), rest(ends)]))
    });
    Ok(Hir::alternation(ways.collect::<Read<_>>()?))
}

fn parsed(pattern: &str, at: &str) -> Read<Hir> {
    let mut ast = Parser::new().parse(pattern).or_else(|e| match e.kind() {
        ErrorKind::UnsupportedLookAround => wrong(at, "has a look-around, which is not supported"),
        kind => wrong(at, format!("is no regular expression: {kind}")),
    })?;
    let class = |pattern: &str| match &Parser::new().parse(pattern) {
        Ok(Ast::ClassBracketed(class)) => Ok(ClassBracketed::clone(class)),
        _ => wrong(at, "is no regular expression"),
    };
    Plain { at, dot: class(DOT)?, space: class(SPACE)? }.ast(&mut ast)?;
    let hir = TranslatorBuilder::new().build().translate(pattern, &ast);
    hir.or_else(|e| wrong(at, format!("is no regular expression: {}", e.kind())))
}

/// Its anchored alternatives: whether the first lies at the beginning of the text, and whether the last lies at its end.
fn ends(hir: &Hir) -> Vec<(bool, Hir, bool)> {
    let is = |hir: Option<&Hir>, look| matches!(hir.map(Hir::kind), Some(HirKind::Look(l)) if *l == look);
    match hir.kind() {
        HirKind::Alternation(ways) => ways.iter().flat_map(ends).collect(),
        HirKind::Capture(capture) => ends(&capture.sub),
        HirKind::Concat(parts) => {
            let (begins, stops) = (is(parts.first(), Look::Start), is(parts.last(), Look::End));
            let inner = &parts[usize::from(begins)..parts.len() - usize::from(stops)];
            vec![(begins, Hir::concat(inner.to_vec()), stops)]
        }
        HirKind::Look(Look::Start) => vec![(true, Hir::empty(), false)],
        HirKind::Look(Look::End) => vec![(false, Hir::empty(), true)],
        _ => vec![(false, hir.clone(), false)],
    }
}

fn looked(hir: Hir, at: &str) -> Read<Hir> {
    match hir.properties().look_set().is_empty() {
        true => Ok(hir),
        false => wrong(
            at,
            "has an anchor or a word boundary that is not at its very beginning or end, which is not supported",
        ),
    }
}

/// The same within a JSON string.
fn quoted(hir: &Hir) -> Hir {
    let all = |parts: &[Hir]| parts.iter().map(quoted).collect();
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Hir::empty(),
        HirKind::Literal(text) => {
            let text = String::from_utf8_lossy(&text.0);
            Hir::concat(text.chars().map(|c| escaped(&ClassUnicode::new([ClassUnicodeRange::new(c, c)]))).collect())
        }
        HirKind::Class(Class::Unicode(class)) => escaped(class),
        HirKind::Class(Class::Bytes(class)) => {
            let ranges = class.iter().map(|r| ClassUnicodeRange::new(r.start().into(), r.end().into()));
            escaped(&ClassUnicode::new(ranges))
        }
        HirKind::Repetition(r) => Hir::repetition(Repetition { sub: Box::new(quoted(&r.sub)), ..r.clone() }),
        HirKind::Capture(capture) => quoted(&capture.sub),
        HirKind::Concat(parts) => Hir::concat(all(parts)),
        HirKind::Alternation(ways) => Hir::alternation(all(ways)),
    }
}

/// One of these characters in a JSON string.
fn escaped(class: &ClassUnicode) -> Hir {
    let has = |c: char| class.iter().any(|r| (r.start()..=r.end()).contains(&c));
    let mut ways: Vec<Hir> = ESCAPED.iter().filter(|(c, _)| has(*c)).map(|(_, escape)| literal(escape)).collect();
    let mut plain = class.clone();
    let range = ClassUnicodeRange::new;
    plain.difference(&ClassUnicode::new([range('\0', '\u{1f}'), range('"', '"'), range('\\', '\\')]));
    if !plain.ranges().is_empty() {
        ways.push(Hir::class(Class::Unicode(plain)));
    }
    Hir::alternation(ways)
}

/// Puts JavaScript's classes in the place of Unicode's, and refuses what needs tables.
struct Plain<'a> {
    at: &'a str,
    dot: ClassBracketed,
    space: ClassBracketed,
}

impl Plain<'_> {
    fn ast(&self, ast: &mut Ast) -> Read<()> {
        match ast {
            Ast::Dot(_) => *ast = Ast::class_bracketed(self.dot.clone()),
            Ast::ClassPerl(class) => {
                let kind = ClassSet::Item(self.perl(class));
                *ast = Ast::class_bracketed(ClassBracketed { span: class.span, negated: false, kind });
            }
            Ast::ClassUnicode(_) => return wrong(self.at, "has \\p, which is not supported"),
            Ast::Flags(_) => return wrong(self.at, "has a flag, which is not supported"),
            Ast::ClassBracketed(class) => self.bracketed(class)?,
            Ast::Repetition(repetition) => self.ast(&mut repetition.ast)?,
            Ast::Group(group) => {
                if matches!(&group.kind, GroupKind::NonCapturing(flags) if !flags.items.is_empty()) {
                    return wrong(self.at, "has a flag, which is not supported");
                }
                self.ast(&mut group.ast)?;
            }
            Ast::Alternation(all) => all.asts.iter_mut().try_for_each(|one| self.ast(one))?,
            Ast::Concat(all) => all.asts.iter_mut().try_for_each(|one| self.ast(one))?,
            Ast::Empty(_) | Ast::Literal(_) | Ast::Assertion(_) => {}
        }
        Ok(())
    }

    fn bracketed(&self, class: &mut ClassBracketed) -> Read<()> {
        match &mut class.kind {
            ClassSet::Item(item) => self.item(item),
            ClassSet::BinaryOp(_) => wrong(self.at, "has an operation on classes, which is not supported"),
        }
    }

    fn item(&self, item: &mut ClassSetItem) -> Read<()> {
        match item {
            ClassSetItem::Perl(class) => *item = self.perl(class),
            ClassSetItem::Unicode(_) => return wrong(self.at, "has \\p, which is not supported"),
            ClassSetItem::Bracketed(class) => self.bracketed(class)?,
            ClassSetItem::Union(union) => union.items.iter_mut().try_for_each(|one| self.item(one))?,
            _ => {}
        }
        Ok(())
    }

    fn perl(&self, class: &ClassPerl) -> ClassSetItem {
        let ClassPerl { span, negated, .. } = *class;
        let ascii = |kind| ClassSetItem::Ascii(ClassAscii { span, kind, negated });
        match class.kind {
            ClassPerlKind::Digit => ascii(ClassAsciiKind::Digit),
            ClassPerlKind::Word => ascii(ClassAsciiKind::Word),
            ClassPerlKind::Space => ClassSetItem::Bracketed(Box::new(ClassBracketed { negated, ..self.space.clone() })),
        }
    }
}
