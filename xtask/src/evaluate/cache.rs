//! What a model has written and scored, as JSON lines: a run that breaks off goes on where it was.

use std::collections::HashMap;
use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::tools::Result;

/// The file of one model on one device.
pub struct Cache {
    path: PathBuf,
    file: File,
    /// By brief and seed.
    texts: HashMap<(String, u32), (String, bool)>,
    /// By brief and hash of the text.
    scores: HashMap<(String, String), (f64, usize)>,
}

impl Cache {
    /// Reads the file, if there is one and it is to be read.
    pub fn open(path: PathBuf, fresh: bool) -> Result<Self> {
        let failed = |e: std::io::Error| format!("{}: {e}", path.display());
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        if fresh && path.exists() {
            std::fs::remove_file(&path).map_err(failed)?;
        }
        let known = if path.exists() { std::fs::read_to_string(&path).map_err(failed)? } else { String::new() };
        let mut file = File::options().create(true).append(true).open(&path).map_err(failed)?;
        // Whatever broke off within its last line.
        if !known.is_empty() && !known.ends_with('\n') {
            writeln!(file).map_err(failed)?;
        }
        let mut cache = Self { path: path.clone(), file, texts: HashMap::new(), scores: HashMap::new() };
        for line in known.lines().filter_map(|line| serde_json::from_str(line).ok()) {
            cache.take(&line);
        }
        Ok(cache)
    }

    /// A line that is none of ours is passed over: its text is written again.
    fn take(&mut self, line: &Value) -> Option<()> {
        let brief = line["brief"].as_str()?.to_owned();
        if let Some(seed) = line["seed"].as_u64() {
            let text = (line["text"].as_str()?.to_owned(), line["ended"].as_bool()?);
            self.texts.insert((brief, seed as u32), text);
        } else {
            let score = (line["nats"].as_f64()?, line["bytes"].as_u64()? as usize);
            self.scores.insert((brief, line["of"].as_str()?.to_owned()), score);
        }
        Some(())
    }

    /// The text of a brief and a seed, and whether it came to its end.
    pub fn text(&self, brief: &str, seed: u32) -> Option<&(String, bool)> {
        self.texts.get(&(brief.to_owned(), seed))
    }

    /// Keeps a text.
    pub fn keep_text(&mut self, brief: &str, seed: u32, text: String, ended: bool) -> Result<()> {
        self.keep(&json!({"brief": brief, "seed": seed, "text": text, "ended": ended}))
    }

    /// The nats and bytes of a text under a brief.
    pub fn score(&self, brief: &str, text: &str) -> Option<(f64, usize)> {
        self.scores.get(&(brief.to_owned(), name(text))).copied()
    }

    /// Keeps a score.
    pub fn keep_score(&mut self, brief: &str, text: &str, nats: f64, bytes: usize) -> Result<()> {
        self.keep(&json!({"brief": brief, "of": name(text), "nats": nats, "bytes": bytes}))
    }

    fn keep(&mut self, line: &Value) -> Result<()> {
        writeln!(self.file, "{line}").map_err(|e| format!("{}: {e}", self.path.display()))?;
        self.take(line).ok_or_else(|| format!("{line} is no line of the cache"))
    }
}

fn name(text: &str) -> String {
    short(&Sha256::digest(text.as_bytes()))
}

/// 16 hexadecimal digits of a hash.
pub fn short(hash: &[u8]) -> String {
    hash.iter().take(8).map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn work_is_kept_even_when_a_line_is_cut() {
        let path = std::env::temp_dir().join(format!("copywright-cache-{}/a.jsonl", std::process::id()));
        let mut cache = Cache::open(path.clone(), true).unwrap();
        cache.keep_text("b1", 3, "Two\nlines".to_owned(), true).unwrap();
        cache.keep_score("b1", "Two\nlines", 1.5, 9).unwrap();
        cache.keep_text("b1", 4, "cut off".to_owned(), true).unwrap();
        drop(cache);
        let whole = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() - 5]).unwrap();
        let mut again = Cache::open(path.clone(), false).unwrap();
        assert_eq!(again.text("b1", 3), Some(&("Two\nlines".to_owned(), true)));
        assert_eq!(again.score("b1", "Two\nlines"), Some((1.5, 9)));
        assert_eq!((again.text("b1", 4), again.text("b2", 3), again.score("b1", "Two")), (None, None, None));
        again.keep_text("b1", 4, "whole".to_owned(), false).unwrap();
        drop(again);
        let third = Cache::open(path.clone(), false).unwrap();
        assert_eq!(third.text("b1", 4), Some(&("whole".to_owned(), false)));
        assert!(Cache::open(path.clone(), true).unwrap().text("b1", 3).is_none(), "afresh");
        std::fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }
}
