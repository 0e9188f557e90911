//! `cargo xtask evaluate --sentiment FOLDER`: the lexicon's judgment of other people's reviews, against the majority's. The
//! reviews are Hu and Liu's and Pang and Lee's as NLTK has them; they are not in this repository.

use std::collections::BTreeSet;
use std::path::Path;

use copywright::embedder::Embedder;
use copywright::gpu::GpuOptions;
use copywright::insight::heads::Heads;
use copywright::insight::metrics::{Classification, classification};
use copywright::insight::research::judge::{self, Judge};
use copywright::insight::research::pieces::{Piece, Pieces, about, pieces};
use copywright::insight::research::sentiment::{Label, sentiment};
use pollster::block_on;
use serde_json::{Value, json};

use super::reviews::{self, Review, Source};
use crate::tools::Result;

/// The table: a row for each source and one for all of them.
pub fn table(folder: &Path) -> Result<String> {
    let sources = reviews::read(folder)?;
    let mut text =
        "| source | texts | classes | majority: accuracy | macro-F1 | lexicon: accuracy | macro-recall | macro-F1 |\n\
        | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
            .to_owned();
    for Source { name, reviews, .. } in &sources {
        let truth: Vec<&str> = reviews.iter().map(|r| r.label).collect();
        let found: Vec<&str> = reviews.iter().map(|r| sentiment(&r.text).label.id()).collect();
        let classes = ["negative", "neutral", "positive"].map(|c| (truth.iter().filter(|t| **t == c).count(), c));
        let labels: Vec<&str> = classes.iter().filter(|c| c.0 > 0).map(|c| c.1).collect();
        let most = classes.iter().max().map_or("", |c| c.1);
        let judge = |said: &[&str]| -> Result<Classification> {
            classification(&truth, said, &labels).map_err(|e| format!("{name}: {e}"))
        };
        let (majority, own) = (judge(&vec![most; truth.len()])?, judge(&found)?);
        text.push_str(&format!(
            "| {name} | {} | {} | {:.3} | {:.3} | {:.3} | {:.3} | {:.3} |\n",
            reviews.len(),
            labels.len(),
            majority.accuracy,
            majority.macro_average.f1,
            own.accuracy,
            own.macro_average.recall,
            own.macro_average.f1
        ));
    }
    Ok(text)
}

/// Writes what `train/heads.py` reads: a line for each review, with the pieces that research judges and what its rules find.
pub fn texts(folder: &Path, out: &Path) -> Result<()> {
    let mut text = String::new();
    for Source { id, reviews, .. } in reviews::read(folder)? {
        for Review { text: original, label, aspects, group } in reviews {
            let pieces = pieces(&original);
            let aspect = |a: &(String, i32)| json!({"value": a.1, "piece": of(&about(&original, &a.0))});
            let aspects: Vec<Value> = aspects.iter().map(aspect).collect();
            let parts: Vec<Value> = pieces.parts.iter().map(|p| of(&p.whole)).collect();
            let whole = of(&pieces.whole);
            let line = json!({
                "source": id, "group": group, "label": label, "original": original, "whole": whole, "parts": parts,
                "aspects": aspects,
            });
            text.push_str(&format!("{line}\n"));
        }
    }
    std::fs::write(out, text).map_err(|e| format!("{}: {e}", out.display()))
}

/// A piece as `train/heads_data.py` reads it.
fn of(piece: &Piece) -> Value {
    json!({"text": piece.text, "evidence": piece.evidence, "words": piece.words})
}

/// The same for the texts of any file with a JSON object a line: adds what is made of `text` to each, under `whole`.
pub fn pieces_of(file: &Path, out: &Path) -> Result<()> {
    let wrong = |e: &dyn std::fmt::Display| format!("{}: {e}", file.display());
    let mut text = String::new();
    for line in std::fs::read_to_string(file).map_err(|e| wrong(&e))?.lines() {
        let mut line: Value = serde_json::from_str(line).map_err(|e| wrong(&e))?;
        let whole = pieces(line["text"].as_str().ok_or_else(|| wrong(&"a line without a text"))?).whole;
        line["whole"] = of(&whole);
        text.push_str(&format!("{line}\n"));
    }
    std::fs::write(out, text).map_err(|e| format!("{}: {e}", out.display()))
}

/// Sources that the heads in `models/heads` were not trained on.
const UNSEEN: &[&str] = &["products-2"];
/// Texts that go to the encoder at a time.
const BATCH: usize = 32;

/// The table of heads, on the sources that they have never seen: majority, rules and heads, of texts and of aspects. One
/// review in so many is read.
pub fn heads(folder: &Path, encoder: &Path, file: &Path, every: usize) -> Result<String> {
    let wrong = |e: &dyn std::fmt::Display| format!("{}: {e}", file.display());
    let heads = Heads::read(&std::fs::read(file).map_err(|e| wrong(&e))?).map_err(|e| wrong(&e))?;
    let mut text =
        "| texts | number | means | accuracy | macro-recall | macro-F1 |\n| --- | ---: | --- | ---: | ---: | ---: |\n"
            .to_owned();
    for Source { id, name, reviews } in reviews::read(folder)? {
        if !UNSEEN.contains(&id) {
            continue;
        }
        let reviews: Vec<Review> = reviews.into_iter().step_by(every).collect();
        let all: Vec<(Pieces, Vec<Piece>)> = reviews
            .iter()
            .map(|r| (pieces(&r.text), r.aspects.iter().map(|a| about(&r.text, &a.0)).collect()))
            .collect();
        let texts = reviews.iter().flat_map(|r| judge::texts(&r.text));
        let texts: BTreeSet<String> =
            texts.chain(all.iter().flat_map(|a| a.1.iter().map(|p| p.text.clone()))).collect();
        let texts: Vec<String> = texts.into_iter().filter(|t| !t.is_empty()).collect();
        let vectors = embedded(encoder, heads.encoder(), &texts)?;
        let judge = Judge::new(heads.clone(), texts, vectors).map_err(|e| wrong(&e))?;
        let (mut truth, mut rules, mut found) = (Vec::new(), Vec::new(), Vec::new());
        let (mut said, mut by_rules, mut by_heads) = (Vec::new(), Vec::new(), Vec::new());
        for (review, (pieces, aspects)) in reviews.iter().zip(&all).filter(|(_, a)| !a.0.whole.text.is_empty()) {
            truth.push(review.label);
            rules.push(sentiment(&review.text).label.id());
            found.push(judge::label(&judge.post(pieces).map_err(|e| wrong(&e))?.0).id());
            for ((_, value), piece) in review.aspects.iter().zip(aspects) {
                said.push(if *value > 0 { "positive" } else { "negative" });
                by_rules.push(Label::of(f64::from(piece.evidence[0])).id());
                by_heads.push(judge::label(&judge.aspect(piece).map_err(|e| wrong(&e))?).id());
            }
        }
        let mut rows = |what: &str, truth: &[&str], all: [(&str, &[&str]); 3]| -> Result<()> {
            let labels: BTreeSet<&str> = truth.iter().copied().collect();
            let labels: Vec<&str> = labels.into_iter().collect();
            for (means, said) in all {
                let c = classification(truth, said, &labels).map_err(|e| format!("{name}: {e}"))?;
                let (accuracy, of) = (c.accuracy, c.macro_average);
                let count = truth.len();
                text.push_str(&format!(
                    "| {what} | {count} | {means} | {accuracy:.3} | {:.3} | {:.3} |\n",
                    of.recall, of.f1
                ));
            }
            Ok(())
        };
        let most = |truth: &[&'static str]| vec![most(truth); truth.len()];
        rows(name, &truth, [("majority", &most(&truth)), ("rules", &rules), ("heads", &found)])?;
        let of = format!("{name}: aspects");
        rows(&of, &said, [("majority", &most(&said)), ("rules", &by_rules), ("heads", &by_heads)])?;
    }
    Ok(text)
}

/// The class that most have.
fn most(truth: &[&'static str]) -> &'static str {
    let count = |class: &&str| truth.iter().filter(|t| t == &class).count();
    ["negative", "neutral", "positive"].into_iter().max_by_key(count).unwrap_or_default()
}

/// The vectors of texts, by our own engine.
fn embedded(folder: &Path, wanted: &str, texts: &[String]) -> Result<Vec<f32>> {
    let wrong = |e: &dyn std::fmt::Display| format!("{}: {e}", folder.display());
    let mut encoder = block_on(Embedder::open(folder, &GpuOptions::default())).map_err(|e| wrong(&e))?;
    if encoder.model().split('@').next() != Some(wanted) {
        return Err(format!("{} is {}, and the heads are for {wanted}", folder.display(), encoder.model()));
    }
    encoder.set_max_tokens(256);
    let mut all = Vec::new();
    let mut progress = super::Progress::new("embedded".to_owned(), texts.len().div_ceil(BATCH));
    for some in texts.chunks(BATCH) {
        let some: Vec<&str> = some.iter().map(String::as_str).collect();
        all.extend(block_on(encoder.embed(&some, &|| false)).map_err(|e| wrong(&e))?.into_iter().flatten());
        progress.step();
    }
    Ok(all)
}
