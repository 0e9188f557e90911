//! `cargo xtask evaluate --rules N`: whether texts keep the rules of their briefs, with and without the decoder's rules.

use std::collections::HashMap;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use copywright::copy::brief::{Brief, Input, Tone};
use copywright::copy::format::Format;
use copywright::copy::variants::{near, words};
use copywright::generate::params::Sampling;
use copywright::writer::{Options, WriteError};
use pollster::block_on;
use serde_json::{Value, json};

use super::Progress;
use super::authors::{BATCH, Model};
use super::broken::{Tally, markdown};
use super::corpus::Product;
use crate::tools::Result;

/// At which all is drawn, in turns.
pub const TEMPERATURES: [f32; 3] = [0.7, 1.0, 2.0];

/// Terms that briefs forbid, two each: what shops like to avoid, and words without which English is hard to write.
const NEVER: [&str; 13] = [
    "cheap", "your", "simply", "made", "perfect", "every", "just", "amazing", "with", "for you", "more", "easy",
    "no more",
];

/// How many copies, of how many briefs, and where their texts go.
pub struct Asked {
    /// Copies under rules.
    pub copies: usize,
    /// Texts without.
    pub free: usize,
    /// Briefs, at most.
    pub briefs: usize,
    /// One JSON object a line for each text, for other judges.
    pub texts: PathBuf,
}

/// What one batch gave.
struct Batch {
    /// Text and attempts.
    passed: Vec<(String, u32)>,
    /// Texts that failed on the way.
    failed: Vec<String>,
}

/// Writes, judges, and says so in a table.
pub fn run(asked: &Asked, products: &[Product], model: &mut Model, kept: &Path, fresh: bool) -> Result<String> {
    let briefs = briefs(products, asked.briefs);
    let formats = Format::ALL.iter().filter(|f| briefs.iter().any(|b| b.format == **f)).count();
    let mut cache = Cache::open(&kept.join(format!("rules-{}.jsonl", model.device_hash())), fresh)?;
    let mut texts = Texts::create(&asked.texts)?;
    let mut tallies = ["without rules", "drafts under rules", "returned"].map(Tally::new);
    for (free, most) in [(false, asked.copies), (true, asked.free)] {
        let mut progress = Progress::new((if free { "without rules" } else { "under rules" }).to_owned(), most);
        let (mut done, mut turn) = (0, 0);
        while done < most {
            let (round, k) = (turn / briefs.len(), turn % briefs.len());
            turn += 1;
            // Every temperature has its turn with every brief, and then other seeds have.
            let temperature = TEMPERATURES[(k + round) % TEMPERATURES.len()];
            let seed = 1 + (round / TEMPERATURES.len() * BATCH) as u32;
            let brief = &briefs[k];
            let batch = cache.batch(model, brief, temperature, seed, free)?;
            let mut judged = |tally: &mut Tally, group: &str, text: &str| {
                tally.judge(brief, text, temperature);
                texts.put(brief, group, temperature, text)
            };
            let [without, drafts, returned] = &mut tallies;
            for (text, attempts) in &batch.passed {
                let tally = if free { &mut *without } else { &mut *returned };
                judged(tally, if free { "free" } else { "returned" }, text)?;
                tally.attempts(*attempts);
                if !free {
                    drafts.judge(brief, text, temperature);
                }
            }
            for text in &batch.failed {
                judged(drafts, "failed", text)?;
            }
            let tally = if free { without } else { returned };
            tally.variants(distinct(&batch.passed), BATCH);
            for _ in 0..batch.passed.len().max(1).min(most - done) {
                progress.step();
            }
            done += batch.passed.len().max(1);
        }
    }
    texts.file.flush().map_err(|e| e.to_string())?;
    let facts = [
        ("model", format!("{}, files {}", model.model(), model.hash)),
        ("adapter", model.adapter()),
        ("briefs", format!("{} of {formats} formats, products for validation; terms added as below", briefs.len())),
        ("drawn", format!("batches of {BATCH}, temperatures {TEMPERATURES:?} in turns")),
        ("texts", asked.texts.display().to_string()),
    ];
    Ok(markdown(&facts, &tallies))
}

/// How many of these texts are no near-copies of one before them.
fn distinct(texts: &[(String, u32)]) -> usize {
    let mut kept: Vec<Vec<String>> = Vec::new();
    for (text, _) in texts {
        let said = words(text);
        if !kept.iter().any(|other| near(&said, other)) {
            kept.push(said);
        }
    }
    kept.len()
}

/// So many briefs, the formats in turns: products for validation with another tone each, a term of two of three that must be
/// there, two terms of each that must not, and of each fourth a limit that is a third lower. A term that contradicts its brief
/// is left out.
pub fn briefs(products: &[Product], most: usize) -> Vec<Brief> {
    let of: Vec<Vec<Brief>> = Format::ALL
        .iter()
        .map(|format| products.iter().flat_map(Product::briefs).filter(|b| b.format == *format).collect())
        .collect();
    let mut all: Vec<Brief> = Vec::new();
    for turn in 0..products.len() {
        for briefs in &of {
            if let Some(brief) = briefs.get(turn).filter(|_| all.len() < most) {
                all.push(dressed(brief, all.len()));
            }
        }
    }
    all
}

fn dressed(brief: &Brief, i: usize) -> Brief {
    let tone = Tone::ALL[i % Tone::ALL.len()];
    let mut brief = Brief { tone, ..brief.clone() };
    let keep = |brief: &mut Brief, change: &dyn Fn(&mut Brief)| {
        let mut other = brief.clone();
        change(&mut other);
        if other.validate().is_ok() {
            *brief = other;
        }
    };
    let plain = |w: &&str| w.len() > 3 && w.bytes().all(|b| b.is_ascii_lowercase());
    let own: Vec<String> = brief.features.iter().flat_map(|f| f.split(' ')).filter(plain).map(str::to_owned).collect();
    if i % 3 < 2 && !own.is_empty() {
        keep(&mut brief, &|b| b.must.push(own[i * 7 % own.len()].clone()));
    }
    for j in [i, i * 5 + 3] {
        keep(&mut brief, &|b| {
            let term = NEVER[j % NEVER.len()].to_owned();
            if !b.never.contains(&term) {
                b.never.push(term);
            }
        });
    }
    if i % 4 == 3 {
        keep(&mut brief, &|b| b.max_chars = b.format.limits().map(|l| l.max * 2 / 3));
    }
    brief
}

/// Batches that were written before, one a line.
struct Cache {
    file: File,
    known: HashMap<String, Value>,
}

impl Cache {
    fn open(path: &Path, fresh: bool) -> Result<Self> {
        let failed = |e: std::io::Error| format!("{}: {e}", path.display());
        if fresh && path.exists() {
            std::fs::remove_file(path).map_err(failed)?;
        }
        let text = if path.exists() { std::fs::read_to_string(path).map_err(failed)? } else { String::new() };
        let mut file = File::options().create(true).append(true).open(path).map_err(failed)?;
        // Whatever broke off within its last line.
        if !text.is_empty() && !text.ends_with('\n') {
            writeln!(file).map_err(failed)?;
        }
        let lines = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let known = lines.filter_map(|v| Some((v["key"].as_str()?.to_owned(), v))).collect();
        Ok(Self { file, known })
    }

    fn batch(&mut self, model: &mut Model, brief: &Brief, temperature: f32, seed: u32, free: bool) -> Result<Batch> {
        let key = format!("{} {temperature} {seed} {free}", brief.hash());
        if !self.known.contains_key(&key) {
            let line = written(model, brief, temperature, seed, free, &key)?;
            writeln!(self.file, "{line}").map_err(|e| e.to_string())?;
            self.known.insert(key.clone(), line);
        }
        let line = &self.known[&key];
        let list = |name: &str| line[name].as_array().cloned().unwrap_or_default();
        let text = |v: &Value| v["text"].as_str().unwrap_or_default().to_owned();
        let passed = list("passed").iter().map(|v| (text(v), v["attempts"].as_u64().unwrap_or(1) as u32)).collect();
        Ok(Batch { passed, failed: list("failed").iter().map(text).collect() })
    }
}

fn written(model: &mut Model, brief: &Brief, temperature: f32, seed: u32, free: bool, key: &str) -> Result<Value> {
    let options = Options {
        n: Some(BATCH as u32),
        sampling: Sampling { temperature, seed: Some(seed), ..Sampling::default() },
        unconstrained: free,
        ..Options::default()
    };
    let input = Input::Brief(Box::new(brief.clone()));
    let (passed, failed) = match block_on(model.writer.write(&input, &options, &mut |_| (), &|| false)) {
        Ok(copies) => (copies.copies, copies.failed),
        Err(WriteError::Rules(failed)) => (Vec::new(), failed),
        Err(e) => return Err(format!("{} ({}): {e}", brief.name, brief.format.id())),
    };
    let passed: Vec<Value> =
        passed.iter().map(|c| json!({"text": c.text, "seed": c.seed, "attempts": c.attempts})).collect();
    let failed: Vec<Value> =
        failed.iter().map(|f| json!({"text": f.text, "seed": f.seed, "reason": f.reason})).collect();
    Ok(json!({"key": key, "passed": passed, "failed": failed}))
}

/// All texts with their briefs, for a judge of another language.
struct Texts {
    file: std::io::BufWriter<File>,
}

impl Texts {
    fn create(path: &Path) -> Result<Self> {
        let failed = |e: std::io::Error| format!("{}: {e}", path.display());
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        Ok(Self { file: std::io::BufWriter::new(File::create(path).map_err(failed)?) })
    }

    fn put(&mut self, brief: &Brief, group: &str, temperature: f32, text: &str) -> Result<()> {
        let line = json!({"group": group, "temperature": temperature, "brief": brief, "text": text});
        writeln!(self.file, "{line}").map_err(|e| e.to_string())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::evaluate::corpus::Corpus;
    use crate::tools::root;

    #[test]
    fn briefs_of_all_formats_with_terms_that_can_be_kept() {
        let corpus = Corpus::read(&root().join("train/corpus/gold")).unwrap();
        let all = briefs(&corpus.validation, 208);
        assert_eq!(all.len(), 208);
        for format in Format::ALL {
            let count = all.iter().filter(|b| b.format == format).count();
            assert!((12..=18).contains(&count), "{count} of {}", format.id());
        }
        assert!(all.iter().all(|b| b.validate().is_ok()));
        let count = |f: &dyn Fn(&Brief) -> bool| all.iter().filter(|b| f(b)).count();
        let with = (count(&|b| !b.must.is_empty()), count(&|b| b.never.len() == 2), count(&|b| b.max_chars.is_some()));
        println!("must {}, two of never {}, lower limits {}", with.0, with.1, with.2);
        assert!(with.0 > 100 && with.1 > 150 && with.2 > 40, "{with:?}");
        assert_eq!(all.iter().map(Brief::hash).collect::<std::collections::HashSet<_>>().len(), 208);
        assert_eq!(all, briefs(&corpus.validation, 208));
    }

    #[test]
    fn near_copies_count_once() {
        let texts = ["A lamp that folds", "A lamp that dims", "It folds flat", "It folds flat"];
        assert_eq!(distinct(&texts.map(|t| (t.to_owned(), 1))), 2);
    }
}
