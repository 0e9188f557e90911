//! Other people's reviews, Hu and Liu's and Pang and Lee's as NLTK has them. They are not in this repository.

use std::path::Path;

use crate::tools::Result;

/// A text and what it says.
#[derive(Debug, Clone)]
pub struct Review {
    pub text: String,
    pub label: &'static str,
    /// What it speaks of, and from −3 to 3 what it says of that; product reviews only.
    pub aspects: Vec<(String, i32)>,
    /// The file that it stands in: of product reviews one for each product.
    pub group: String,
}

/// Reviews that were gathered and judged in one way.
pub struct Source {
    /// As in `train/heads.py`.
    pub id: &'static str,
    pub name: &'static str,
    pub reviews: Vec<Review>,
}

/// The sources of a folder.
pub fn read(folder: &Path) -> Result<Vec<Source>> {
    let source = |id, name, reviews| Source { id, name, reviews };
    Ok(vec![
        source("products-1", "product reviews 1, sentences", products(&folder.join("product_reviews_1"))?),
        source("products-2", "product reviews 2, sentences", products(&folder.join("product_reviews_2"))?),
        source("pros-cons", "pros and cons", tagged(folder)?),
        source("films", "film reviews, sentences", films(folder)?),
    ])
}

fn lines(path: &Path) -> Result<Vec<String>> {
    let bytes = std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect())
}

fn label(value: i32) -> &'static str {
    ["negative", "neutral", "positive"][(value.signum() + 1) as usize]
}

/// `battery life[+2],size[-1]##Sentence`: the sum of what is said of its aspects; none said: neutral.
fn products(folder: &Path) -> Result<Vec<Review>> {
    let mut all = Vec::new();
    let entries = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut paths: Vec<_> = entries.flatten().map(|e| e.path()).filter(|p| !p.ends_with("README.txt")).collect();
    paths.sort();
    for path in paths {
        let group = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        for line in lines(&path)? {
            let Some((marks, sentence)) = line.split_once("##").filter(|l| !l.1.trim().is_empty()) else { continue };
            let mut aspects = Vec::new();
            let mut name = "";
            // `battery life[+2][u], size [-1]`
            for piece in marks.split('[') {
                let (inside, behind) = piece.split_once(']').unwrap_or(("", piece));
                if let Ok(value) = inside.trim().parse::<i32>() {
                    aspects.push((name.to_owned(), value));
                }
                name = behind.trim_matches(|c: char| c == ',' || c.is_whitespace());
            }
            let label = label(aspects.iter().map(|a| a.1).sum());
            all.push(Review { text: sentence.trim().to_owned(), label, aspects, group: group.clone() });
        }
    }
    Ok(all)
}

fn plain(text: String, label: &'static str, group: &str) -> Review {
    Review { text, label, aspects: Vec::new(), group: group.to_owned() }
}

/// `<Pros>Easy to use</Pros>`
fn tagged(folder: &Path) -> Result<Vec<Review>> {
    let mut all = Vec::new();
    for (file, tag, label) in [("Pros", "<Pros>", "positive"), ("Cons", "<Cons>", "negative")] {
        for line in lines(&folder.join("pros_cons").join(format!("Integrated{file}.txt")))? {
            if let Some((text, _)) = line.trim().strip_prefix(tag).and_then(|l| l.split_once("</")) {
                all.push(plain(text.to_owned(), label, file));
            }
        }
    }
    Ok(all)
}

fn films(folder: &Path) -> Result<Vec<Review>> {
    let mut all = Vec::new();
    for (file, label) in [("rt-polarity.pos", "positive"), ("rt-polarity.neg", "negative")] {
        let lines = lines(&folder.join("sentence_polarity").join(file))?;
        all.extend(lines.into_iter().filter(|l| !l.trim().is_empty()).map(|l| plain(l, label, file)));
    }
    Ok(all)
}
