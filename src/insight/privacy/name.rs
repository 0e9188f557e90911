//! Names of people, where something announces them:
//!
//! - a title before them ("Mrs", "Frau", "M.", "Sra."),
//! - a salutation before them and a comma, an exclamation mark or the end of the line behind ("Dear", "Hallo", "Chère", "Hola"),
//! - somebody who says so ("my name is", "ich heiße", "je m'appelle", "me llamo"), or a label ("Name:", "Nombre:"),
//! - a closing formula before them and the end of the line behind ("Best regards", "Viele Grüße", "Cordialement", "Saludos"),
//! - an e-mail address in brackets behind them,
//!
//! and from then on wherever they, or one of their words, stand again. Not found: names that nothing announces ("I spoke with
//! Sarah"), in small letters, or in scripts without capitals. A noun in such a place is taken for a name unless it is one of
//! `NO_NAMES`.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex_lite::Regex;

use super::Kind;
use super::text::{Masked, pattern};

/// Words that stand where names do.
const NO_NAMES: &str = " team support service customer customers client clients all everyone everybody there sir madam \
    sirs friend friends colleague colleagues folks guys world help desk care sales office shop store company \
    mr mrs ms mx miss dr prof professor doktor herr herrn frau hr fr m mm mme mlle sr sra srta don doña señorita \
    kundenservice kundendienst kunde kunden kundin damen herren zusammen leute alle freunde liebe lieber kollegen kollege \
    équipe tous toutes tout le monde madame monsieur messieurs mesdames chers client cliente clientes clientela équipes \
    todos todas equipo amigo amigos amiga amigas señor señora señores cliente servicio atención soporte \
    thanks thank regards best kind yours sincerely i we you he she it they the this that my your our \
    ich wir sie ihr ihre mein meine der die das ein eine neukunde stammkunde mitglied \
    je nous vous mon ma mes votre notre le la les un une yo nosotros usted ustedes su mi el los las \
    monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag sonntag \
    january february march april june july august september october november december januar februar märz mai juni juli \
    oktober dezember street road straße ";

/// What may stand within a name in small letters.
const PARTICLES: &[&str] = &[
    "von", "vom", "zu", "zur", "van", "de", "der", "den", "del", "della", "di", "da", "do", "dos", "das", "du", "des",
    "la", "le", "las", "los", "y", "e", "el", "al", "bin", "ibn", "ter", "ten", "op", "af", "av", "d'", "d’",
];

/// Most words of a name, particles aside.
const WORDS: usize = 4;

/// Takes them.
pub fn find(masked: &mut Masked) {
    let places = announced(masked.text());
    let text = masked.text().to_owned();
    masked.take(Kind::Name, places.iter().copied());
    let words: HashSet<&str> = places.iter().flat_map(|&(start, end)| known(&text[start..end])).collect();
    if !words.is_empty() {
        let again = again(masked.text(), &words);
        masked.take(Kind::Name, again);
    }
}

/// What is asked of the text behind a name.
#[derive(Clone, Copy, PartialEq)]
enum After {
    Anything,
    /// A sign that ends a salutation.
    Comma,
    /// The end of a line, or of the text.
    Line,
    /// For words that introduce anything: two words of a name, or one and a word such as "from" or "speaking".
    Person,
}

fn announced(text: &str) -> Vec<(usize, usize)> {
    static CUES: LazyLock<[(Regex, After); 6]> = LazyLock::new(|| {
        let title = r"\b(?:(?:Mr|Mrs|Ms|Mx|Dr|Prof|Sr|Sra|Srta|Mme|Mlle|Hr|Fr)\b\.?|M\.|MM\.|Miss|Professor|Doktor|Herrn?|Frau|Monsieur|Madame|Mademoiselle|Señora?|Señorita|Don|Doña)\s(?:(?:Dr|Prof)\.\s|Professor\s|Doktor\s)*";
        let hello = r"\b(?:Dear|Hi|Hello|Hey|Good (?:morning|afternoon|evening)|Hallo|Liebe[rs]?|Moin|Servus|Guten (?:Tag|Morgen|Abend)|Sehr geehrte[rs]?|Bonjour|Bonsoir|Salut|Coucou|Chère?s?|Hola|Buen[oa]s (?:días|tardes|noches)|Estimad[oa]|Querid[oa]|Apreciad[oa]),?\s+";
        let says = r"(?i:\b(?:my name is|my name['’]s|i am called|mein name ist|mein name lautet|ich hei(?:ß|ss)e|je m['’]appelle|mon nom est|me llamo|mi nombre es|under the name(?: of)?|in the name of|au nom de|a nombre de|auf den namen|im namen von|yours, ))\s*";
        let may_be =
            r"(?i:\b(?:i am|i['’]m|this is|it['’]s|ich bin|hier ist|hier spricht|je suis|c['’]est|ici|soy|habla))\s+";
        let label = r"(?i:\b(?:name|full name|first name|last name|contact|contact person|attn|attention|nachname|vorname|ansprechpartner(?:in)?|kontakt|(?:konto)?inhaber(?:in)?|empfänger(?:in)?|nom|prénom|destinataire|titulaire|nombre|apellidos?|nombre completo|contacto|titular|destinatario))\.?(?:\s?:\s*|\s)";
        let closing = r"(?im:(?:^|[.!?]\s+)(?:(?:kind|best|warm|many|with best|with kind) regards|regards|best wishes|all the best|best|(?:many )?thanks(?: so much| again)?|thank you|cheers|sincerely|yours (?:sincerely|faithfully|truly)|take care|love|mit (?:freundlichen|besten|lieben) grüßen|(?:viele|beste|herzliche|liebe|schöne|freundliche|sonnige) grüße|grüße|gruß|mfg|vg|lg|(?:bien )?cordialement|bien à vous|amicalement|(?:sincères )?salutations(?: distinguées)?|(?:un |cordiales |muchos )?saludos?(?: cordiales)?|atentamente|cordialmente|un abrazo|(?:muchas )?gracias|merci(?: d['’]avance)?|à bientôt)\b(?:[ ,](?:[a-zäöü]+ )?(?:aus|from|de) [^\s,]+)?[ ,.!]*\s+(?:(?:ihre?|deine?|votre|su)\s+)?)";
        [
            (pattern(title), After::Anything),
            (pattern(hello), After::Comma),
            (pattern(says), After::Anything),
            (pattern(may_be), After::Person),
            (pattern(label), After::Anything),
            (pattern(closing), After::Line),
        ]
    });
    let mut places = Vec::new();
    for (cue, after) in CUES.iter() {
        for found in cue.find_iter(text) {
            let Some((end, words)) = name(&text[found.end()..]) else { continue };
            let (start, end) = (found.end(), found.end() + end);
            // A label without a colon is one only before a whole name.
            let bare = cue.as_str().contains("full name") && !found.as_str().contains(':');
            if fits(*after, &text[end..], words) && !(bare && words < 2) {
                places.push((start, end));
            }
        }
    }
    places.extend(mailboxes(text));
    places.sort_unstable_by_key(|&(start, end)| (start, usize::MAX - end));
    places.dedup_by(|b, a| b.0 < a.1);
    places
}

fn fits(after: After, rest: &str, words: usize) -> bool {
    const SPEAKS: [&str; 14] =
        ["from", "calling", "speaking", "here", "at", "with", "von", "vom", "aus", "am", "de", "du", "del", "à"];
    let next = rest.trim_start_matches([' ', '\t']);
    let ends = next.is_empty() || next.starts_with(['\n', '\r']);
    match after {
        After::Anything => true,
        After::Comma => ends || next.starts_with([',', '!', ':', '.', ';', '-', '–', '—', '?', '\u{1}', '(']),
        After::Line => {
            let next = next.trim_start_matches(['.', ',', '!', ' ']);
            next.is_empty() || next.starts_with(['\n', '\r'])
        }
        After::Person => {
            let word = next.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
            words >= 2 || SPEAKS.contains(&word)
        }
    }
}

/// The name at the beginning of a text: where it ends, and its words.
fn name(text: &str) -> Option<(usize, usize)> {
    let (mut at, mut end, mut words, mut small) = (0, 0, 0, 0);
    while words < WORDS {
        let word = word(&text[at..]);
        let capital = word.starts_with(char::is_uppercase);
        if capital
            && !stands_for_none(word)
            && (word.chars().nth(1).is_some() || text[at + word.len()..].starts_with('.'))
        {
            at += word.len();
            // An initial.
            if word.chars().nth(1).is_none() {
                at += 1;
            }
            (end, words, small) = (at, words + 1, 0);
        } else if PARTICLES.contains(&word) && small < 2 {
            at += word.len();
            small += 1;
        } else {
            break;
        }
        match text[at..].strip_prefix([' ', '\u{A0}']) {
            Some(_) => at += text[at..].chars().next().map_or(0, char::len_utf8),
            None => break,
        }
    }
    (words > 0).then_some((end, words))
}

/// Letters, with the signs that names have between them.
fn word(text: &str) -> &str {
    let mut end = 0;
    let mut letters = text.char_indices().peekable();
    while let Some((i, c)) = letters.next() {
        let next = letters.peek().is_some_and(|(_, c)| c.is_alphabetic());
        if !(c.is_alphabetic() || matches!(c, '-' | '\'' | '’') && i > 0 && next) {
            break;
        }
        end = i + c.len_utf8();
    }
    &text[..end]
}

fn stands_for_none(word: &str) -> bool {
    let lower = word.to_lowercase();
    NO_NAMES.contains(&format!(" {lower} "))
        || ["service", "dienst", "team", "abteilung", "support"].iter().any(|end| lower.ends_with(end))
}

/// Names before an address in brackets, which [`super::number`] has blotted out.
fn mailboxes(text: &str) -> Vec<(usize, usize)> {
    static BRACKET: LazyLock<Regex> = LazyLock::new(|| pattern(r" [<(]\x01"));
    let before = |found: regex_lite::Match<'_>| {
        // Backwards word by word, as long as what is there is one name.
        let mut start = None;
        let mut at = found.start();
        for _ in 0..WORDS + 2 {
            at = text[..at].trim_end_matches(' ').rfind([' ', '\n', '\t', ':']).map_or(0, |i| i + 1);
            match name(&text[at..]) {
                Some((end, _)) if at + end == found.start() => start = Some(at),
                _ => break,
            }
            if at == 0 || !text[..at].ends_with(' ') {
                break;
            }
        }
        start.map(|start| (start, found.start()))
    };
    BRACKET.find_iter(text).filter_map(before).collect()
}

/// Words of a name by which it is known again.
fn known(name: &str) -> impl Iterator<Item = &str> {
    name.split([' ', '\u{A0}'])
        .filter(|w| w.chars().count() >= 3 && w.starts_with(char::is_uppercase) && !w.contains('.'))
}

/// Where these words stand, those beside each other as one.
fn again(text: &str, words: &HashSet<&str>) -> Vec<(usize, usize)> {
    let mut places: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    while let Some(offset) = text[at..].find(char::is_alphabetic) {
        let start = at + offset;
        let whole = word(&text[start..]);
        let inner = text[..start].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_');
        at = start + whole.len().max(1);
        // "Anna's": the name without what hangs on it.
        let bare = ["'s", "’s"].iter().find_map(|s| whole.strip_suffix(s)).unwrap_or(whole);
        if inner || !words.contains(bare) {
            continue;
        }
        match places.last_mut() {
            Some(last) if &text[last.1..start] == " " => last.1 = start + bare.len(),
            _ => places.push((start, start + bare.len())),
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<&str> {
        let mut masked = Masked::new(text);
        find(&mut masked);
        masked.found.sort_unstable_by_key(|f| f.0);
        masked.found.iter().map(|f| &text[f.0..f.1]).collect()
    }

    #[test]
    fn titles_particles_initials() {
        assert_eq!(names("Frau Dr. von der Heide kam."), ["von der Heide"]);
        assert_eq!(names("Dear Mr. J. R. Ewing, yes"), ["J. R. Ewing"]);
        assert_eq!(names("Monsieur de la Tour souhaite"), ["de la Tour"]);
    }

    #[test]
    fn again_by_one_of_its_words() {
        assert_eq!(
            names("My name is Anna Weiss. Ask for Anna; Anna's lamp. Hannah too."),
            ["Anna Weiss", "Anna", "Anna"]
        );
    }

    #[test]
    fn no_persons() {
        for text in [
            "Dear Team, hello",
            "Sehr geehrte Damen und Herren,",
            "Hi all, yes",
            "Thanks for the lamp",
            "I am Sorry now",
        ] {
            assert_eq!(names(text), [""; 0], "{text}");
        }
    }
}
