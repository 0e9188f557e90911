//! The corpus of briefs and copies, and which of its products nobody trains on.

use std::path::Path;

use copywright::copy::brief::{Brief, Input};
use copywright::copy::format::Format;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::tools::Result;

/// A copy with the brief that it was written for.
#[derive(Debug, Clone)]
pub struct Pair {
    /// The brief: the product under one format and tone.
    pub brief: Brief,
    /// What somebody wrote for it.
    pub text: String,
}

/// A product with all that was written about it, at least one copy.
#[derive(Debug, Clone)]
pub struct Product {
    /// Its name.
    pub name: String,
    /// In the order of the file.
    pub copies: Vec<Pair>,
}

/// The corpus in its two parts.
#[derive(Debug, Default)]
pub struct Corpus {
    /// Copies that models are trained on.
    pub training: Vec<Pair>,
    /// Products that they are measured with.
    pub validation: Vec<Product>,
}

/// The rule of `train/brief.py`: about one product in twenty, by its name alone.
pub fn in_validation(name: &str) -> bool {
    Sha256::digest(name.to_lowercase().as_bytes())[0] < 13
}

impl Corpus {
    /// Reads every `*.jsonl` of a folder: a product a line.
    pub fn read(folder: &Path) -> Result<Self> {
        let failed = |e: std::io::Error| format!("{}: {e}", folder.display());
        let entries = std::fs::read_dir(folder).map_err(failed)?;
        let mut files: Vec<_> = entries.flatten().map(|e| e.path()).collect();
        files.retain(|p| p.extension().is_some_and(|e| e == "jsonl"));
        files.sort();
        let mut corpus = Self::default();
        for file in &files {
            let text = std::fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?;
            for (i, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
                corpus.add(line).map_err(|e| format!("{}:{}: {e}", file.display(), i + 1))?;
            }
        }
        if corpus.validation.is_empty() {
            return Err(format!("{} holds no product for validation", folder.display()));
        }
        Ok(corpus)
    }

    /// Takes a product to the part that its name belongs to.
    fn add(&mut self, line: &str) -> Result<()> {
        let value: Value = serde_json::from_str(line).map_err(|e| e.to_string())?;
        let product = product(&value)?;
        match in_validation(&product.name) {
            true if !product.copies.is_empty() => self.validation.push(product),
            true => {}
            false => self.training.extend(product.copies),
        }
        Ok(())
    }
}

/// The sentences and their pieces out of which the trainer composes copies: what lies beside the corpus, if anything does.
pub fn composed(folder: &Path) -> Result<Vec<Value>> {
    let (frames, pieces) = (folder.with_file_name("frames.json"), folder.with_file_name("pieces"));
    let mut texts = Vec::new();
    if frames.exists() {
        texts.push(std::fs::read_to_string(&frames).map_err(|e| format!("{}: {e}", frames.display()))?);
    }
    for file in std::fs::read_dir(&pieces).into_iter().flatten().flatten() {
        let text = std::fs::read_to_string(file.path()).map_err(|e| format!("{}: {e}", file.path().display()))?;
        texts.extend(text.lines().map(str::to_owned));
    }
    let parsed = texts.iter().map(|t| serde_json::from_str(t).map_err(|e| format!("beside {}: {e}", folder.display())));
    // Of a product only the pieces: what its brief says is nobody's copy.
    parsed.map(|v: Result<Value>| v.map(|mut v| if v["pieces"].is_object() { v["pieces"].take() } else { v })).collect()
}

fn product(value: &Value) -> Result<Product> {
    let name = value["name"].as_str().ok_or("a product without a name")?.to_owned();
    let copies = value["copies"].as_array().ok_or("a product without copies")?;
    let copies = copies.iter().map(|copy| pair(value, copy)).collect::<Result<_>>()?;
    Ok(Product { name, copies })
}

fn pair(product: &Value, copy: &Value) -> Result<Pair> {
    let shared = ["name", "brand", "category", "features", "facts", "audience"].map(|key| (key, &product[key]));
    let own = ["format", "tone", "context"].map(|key| (key, &copy[key]));
    let fields = shared.into_iter().chain(own).filter(|(_, value)| !value.is_null());
    let fields: Map<String, Value> = fields.map(|(key, value)| (key.to_owned(), value.clone())).collect();
    let input: Input = serde_json::from_value(Value::Object(fields)).map_err(|e| e.to_string())?;
    let text = copy["text"].as_str().ok_or("a copy without a text")?.trim().to_owned();
    Ok(Pair { brief: input.brief().map_err(|e| e.to_string())?, text })
}

impl Product {
    /// What a model is asked for: each format that the copies have, in the formats' own order, with the tone and the
    /// context of the first copy of it.
    pub fn briefs(&self) -> Vec<Brief> {
        let first = |format: &Format| self.copies.iter().find(|c| c.brief.format == *format);
        Format::ALL.iter().filter_map(first).map(|c| c.brief.clone()).collect()
    }
}

/// All that a brief says, field by field.
pub fn fields(brief: &Brief) -> Vec<String> {
    let optional = [&brief.brand, &brief.category, &brief.audience, &brief.context.interest, &brief.context.question];
    let facts = brief.facts.iter().map(|(key, value)| format!("{key} {value}"));
    let mut fields = vec![brief.name.clone()];
    fields.extend(optional.into_iter().flatten().cloned());
    fields.extend(brief.features.iter().chain(&brief.must).cloned().chain(facts));
    fields
}

#[cfg(test)]
pub mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::tools::root;

    /// A brief for the tests of others.
    pub fn brief(json: Value) -> Brief {
        serde_json::from_value::<Input>(json).unwrap().brief().unwrap()
    }

    /// What Python's `hashlib.sha256(name.lower().encode()).digest()[0] < 13` says of names in the corpus.
    #[test]
    fn the_split_is_the_trainers() {
        for name in ["Marrow & Moss", "Sōra Wrap", "BLISK 500", "Abernathy's Stain Bar", "parcelPIG", "Línea", "Tørn"]
        {
            assert!(in_validation(name), "{name}");
            assert!(in_validation(&name.to_uppercase()), "the name counts in lower case: {name}");
        }
        for name in ["Lumen Arc", "Broth & Barrow", "Loft27", "Hushboard"] {
            assert!(!in_validation(name), "{name}");
        }
    }

    #[test]
    fn the_corpus_of_the_repository() {
        let corpus = Corpus::read(&root().join("train/corpus/gold")).unwrap();
        let copies: usize = corpus.validation.iter().map(|p| p.copies.len()).sum();
        println!("{} products and {copies} copies for validation", corpus.validation.len());
        // The corpus may grow; the products that were put aside stay aside.
        assert!(corpus.validation.len() >= 92 && copies >= 1191, "{} and {copies}", corpus.validation.len());
        assert!(corpus.training.len() >= 17_526, "{}", corpus.training.len());
        assert!(corpus.validation.iter().all(|p| in_validation(&p.name)));
        assert!(corpus.training.iter().all(|c| !in_validation(&c.brief.name)));
    }

    #[test]
    fn briefs_are_one_a_format() {
        let line = r#"{"name": "Drift", "features": ["floats"], "facts": {"price": "€9"}, "copies": [
            {"format": "hero", "tone": "warm", "text": "A\nB."}, {"format": "tagline", "tone": "bold", "text": "C"},
            {"format": "support-reply", "tone": "plain", "context": {"question": "Does it float?"}, "text": "Yes."},
            {"format": "hero", "tone": "formal", "text": "D\nE."}]}"#;
        let mut corpus = Corpus::default();
        corpus.add(&line.replace('\n', " ")).unwrap();
        let briefs = corpus.validation[0].briefs();
        let asked: Vec<_> = briefs.iter().map(|b| (b.format.id(), b.tone.id())).collect();
        assert_eq!(asked, [("tagline", "bold"), ("hero", "warm"), ("support-reply", "plain")]);
        assert_eq!(fields(&briefs[2]), ["Drift", "Does it float?", "floats", "price €9"]);
        assert!(corpus.training.is_empty());
        assert!(corpus.add(r#"{"name": "Drift", "copies": [{"format": "herro", "text": "x"}]}"#).is_err());
    }
}
