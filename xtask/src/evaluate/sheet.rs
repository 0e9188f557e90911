//! Copies for readers: drawn by lot, without a word of who wrote them, with room for three marks.

use copywright::copy::brief::Brief;

use super::authors::Author;
use super::corpus::Product;
use crate::tools::Result;

/// What a reader fills in.
const MARKS: [&str; 3] = ["fluent (1-5)", "faithful (1-5)", "in tone (1-5)"];

/// One copy on a sheet.
pub struct Entry {
    brief: Brief,
    text: String,
}

/// So many copies: the product by lot, then one of its formats, then a seed. None comes twice, none is passed over.
pub fn draw(products: &[Product], seeds: u32, count: usize, lot: u64) -> Result<Vec<(Brief, u32)>> {
    let mut rng = fastrand::Rng::with_seed(lot);
    let briefs: Vec<Vec<Brief>> = products.iter().map(Product::briefs).collect();
    let all = briefs.iter().map(Vec::len).sum::<usize>() * seeds as usize;
    if count > all {
        return Err(format!("--sheet {count} is more than the {all} copies that there are"));
    }
    let mut drawn: Vec<(Brief, u32)> = Vec::new();
    while drawn.len() < count {
        let of = &briefs[rng.usize(..briefs.len())];
        let one = (of[rng.usize(..of.len())].clone(), rng.u32(1..=seeds));
        if !drawn.contains(&one) {
            drawn.push(one);
        }
    }
    Ok(drawn)
}

/// Lets an author write what was drawn.
pub fn written(author: &mut dyn Author, drawn: Vec<(Brief, u32)>) -> Result<Vec<Entry>> {
    let count = drawn.len();
    let write = |(i, (brief, seed)): (usize, (Brief, u32))| {
        eprint!("\r{} of {count} ", i + 1);
        let text = author.write(&brief, &[seed])?.pop().ok_or("no text came")?.0;
        Ok(Entry { brief, text })
    };
    let entries = drawn.into_iter().enumerate().map(write).collect();
    eprintln!();
    entries
}

/// The brief in a reader's words, a line a field.
fn told(brief: &Brief) -> String {
    let mut lines = vec![format!("name: {}", brief.name)];
    let mut line = |key: &str, value: &str| {
        if !value.is_empty() {
            lines.push(format!("{key}: {value}"));
        }
    };
    let optional = |value: &Option<String>| value.clone().unwrap_or_default();
    line("brand", &optional(&brief.brand));
    line("category", &optional(&brief.category));
    line("features", &brief.features.join("; "));
    line("facts", &brief.facts.iter().map(|(k, v)| format!("{k} {v}")).collect::<Vec<_>>().join("; "));
    line("audience", &optional(&brief.audience));
    line("interest", &optional(&brief.context.interest));
    line("question", &optional(&brief.context.question));
    lines.join("\n")
}

/// The sheet as CSV (RFC 4180).
pub fn csv(entries: &[Entry]) -> Result<String> {
    let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let mut put = |row: &[&str]| out.write_record(row).map_err(|e| e.to_string());
    put(&[&["number", "format", "tone", "brief", "text"][..], &MARKS].concat())?;
    for (i, e) in entries.iter().enumerate() {
        let number = (i + 1).to_string();
        put(&[&number, e.brief.format.id(), e.brief.tone.id(), &told(&e.brief), &e.text, "", "", ""])?;
    }
    String::from_utf8(out.into_inner().map_err(|e| e.to_string())?).map_err(|e| e.to_string())
}

/// The sheet as Markdown.
pub fn markdown(entries: &[Entry]) -> String {
    // Two spaces at the end keep a line a line.
    let quoted = |text: &str| text.lines().map(|l| format!("> {l}  \n")).collect::<String>();
    let one = |(i, e): (usize, &Entry)| {
        let (format, tone) = (e.brief.format.id(), e.brief.tone.id());
        let marks: String = MARKS.iter().map(|m| format!("- {m}:\n")).collect();
        let brief: String = told(&e.brief).lines().map(|l| format!("    {l}\n")).collect();
        format!("## {}. {format}, {tone}\n\n{brief}\n{}\n{marks}\n", i + 1, quoted(&e.text))
    };
    entries.iter().enumerate().map(one).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use serde_json::json;

    use super::super::corpus::tests::brief;
    use super::super::corpus::{Pair, Product};
    use super::*;

    fn products() -> Vec<Product> {
        let copy = |name: &str, format: &str| Pair {
            brief: brief(json!({"format": format, "name": name, "features": ["a, \"b\""], "facts": {"price": "€9"}})),
            text: String::new(),
        };
        let product = |name: &str| Product {
            name: name.to_owned(),
            copies: ["tagline", "hero", "push"].iter().map(|f| copy(name, f)).collect(),
        };
        vec![product("Drift"), product("Tock")]
    }

    #[test]
    fn a_lot_is_repeatable_and_takes_everything_once() {
        let of = |lot| draw(&products(), 2, 6, lot).unwrap();
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
        let all = draw(&products(), 2, 12, 1).unwrap();
        let different =
            |f: &dyn Fn(&(Brief, u32)) -> String| all.iter().map(f).collect::<std::collections::HashSet<_>>();
        assert_eq!(different(&|(b, s)| format!("{} {} {s}", b.name, b.format.id())).len(), 12);
        assert!(draw(&products(), 2, 13, 1).is_err());
    }

    #[test]
    fn sheets_have_brief_text_and_room() {
        let entry = Entry { brief: products()[0].copies[1].brief.clone(), text: "One \"line\",\ntwo.".to_owned() };
        let csv = csv(&[entry]).unwrap();
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        assert_eq!(&reader.headers().unwrap()[5], "fluent (1-5)");
        let row = reader.records().next().unwrap().unwrap();
        let told = "name: Drift\nfeatures: a, \"b\"\nfacts: price €9";
        assert_eq!(row.iter().collect::<Vec<_>>(), ["1", "hero", "plain", told, "One \"line\",\ntwo.", "", "", ""]);
        let entry = Entry { brief: products()[0].copies[1].brief.clone(), text: "One.\nTwo.".to_owned() };
        let text = markdown(&[entry]);
        assert!(text.contains("## 1. hero, plain") && text.contains("> One.  \n> Two.  \n"), "{text}");
        assert!(text.contains("    facts: price €9\n") && text.contains("- faithful (1-5):\n"), "{text}");
    }
}
