//! `cargo xtask evaluate --sentiment FOLDER`: the lexicon's judgment of other people's reviews, against the majority's. The
//! reviews are Hu and Liu's and Pang and Lee's as NLTK has them; they are not in this repository.

use std::path::Path;

use copywright::insight::metrics::{Classification, classification};
use copywright::insight::research::sentiment::sentiment;

use crate::tools::Result;

/// A text and what it says.
type Labelled = (String, &'static str);

/// The table: a row for each source and one for all of them.
pub fn table(folder: &Path) -> Result<String> {
    let sources = [
        ("product reviews 1, sentences", products(&folder.join("product_reviews_1"))?),
        ("product reviews 2, sentences", products(&folder.join("product_reviews_2"))?),
        ("pros and cons", tagged(folder)?),
        ("film reviews, sentences", films(folder)?),
    ];
    let mut text =
        "| source | texts | classes | majority: accuracy | macro-F1 | lexicon: accuracy | macro-recall | macro-F1 |\n\
        | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
            .to_owned();
    for (name, texts) in &sources {
        let truth: Vec<&str> = texts.iter().map(|t| t.1).collect();
        let found: Vec<&str> = texts.iter().map(|t| sentiment(&t.0).label.id()).collect();
        let classes = ["negative", "neutral", "positive"].map(|c| (truth.iter().filter(|t| **t == c).count(), c));
        let labels: Vec<&str> = classes.iter().filter(|c| c.0 > 0).map(|c| c.1).collect();
        let most = classes.iter().max().map_or("", |c| c.1);
        let judge = |said: &[&str]| -> Result<Classification> {
            classification(&truth, said, &labels).map_err(|e| format!("{name}: {e}"))
        };
        let (majority, own) = (judge(&vec![most; truth.len()])?, judge(&found)?);
        text.push_str(&format!(
            "| {name} | {} | {} | {:.3} | {:.3} | {:.3} | {:.3} | {:.3} |\n",
            texts.len(),
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

fn lines(path: &Path) -> Result<Vec<String>> {
    let bytes = std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect())
}

/// `battery life[+2],size[-1]##Sentence`: the sum of what is said of its aspects; none said: neutral.
fn products(folder: &Path) -> Result<Vec<Labelled>> {
    let mut all = Vec::new();
    let entries = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    for path in entries.flatten().map(|e| e.path()).filter(|p| !p.ends_with("README.txt")) {
        for line in lines(&path)? {
            let Some((aspects, sentence)) = line.split_once("##").filter(|l| !l.1.trim().is_empty()) else { continue };
            let value = |piece: &str| piece.split(']').next()?.trim().parse::<i32>().ok();
            let sum: i32 = aspects.split('[').skip(1).filter_map(value).sum();
            let label = ["negative", "neutral", "positive"][(sum.signum() + 1) as usize];
            all.push((sentence.trim().to_owned(), label));
        }
    }
    Ok(all)
}

/// `<Pros>Easy to use</Pros>`
fn tagged(folder: &Path) -> Result<Vec<Labelled>> {
    let mut all = Vec::new();
    for (file, tag, label) in [("Pros", "<Pros>", "positive"), ("Cons", "<Cons>", "negative")] {
        for line in lines(&folder.join("pros_cons").join(format!("Integrated{file}.txt")))? {
            if let Some((text, _)) = line.trim().strip_prefix(tag).and_then(|l| l.split_once("</")) {
                all.push((text.to_owned(), label));
            }
        }
    }
    Ok(all)
}

fn films(folder: &Path) -> Result<Vec<Labelled>> {
    let mut all = Vec::new();
    for (file, label) in [("rt-polarity.pos", "positive"), ("rt-polarity.neg", "negative")] {
        let lines = lines(&folder.join("sentence_polarity").join(file))?;
        all.extend(lines.into_iter().filter(|l| !l.trim().is_empty()).map(|l| (l, label)));
    }
    Ok(all)
}
