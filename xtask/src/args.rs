//! Command line options: a handful of flags, read by hand.

use crate::tools::Result;

/// The options of one command.
#[derive(Debug)]
pub struct Args(Vec<(String, String)>);

impl Args {
    /// Reads `--flag`, `--option VALUE` and `--option=VALUE`. What is not listed is an error.
    pub fn parse(words: &[String], flags: &[&str], options: &[&str]) -> Result<Self> {
        let mut found = Vec::new();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let (name, value) = match word.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (word.as_str(), None),
            };
            let value = match value {
                None if flags.contains(&name) => String::new(),
                None if options.contains(&name) => words.next().cloned().ok_or(format!("{name} needs a value"))?,
                Some(value) if options.contains(&name) => value,
                Some(_) if flags.contains(&name) => return Err(format!("{name} takes no value")),
                _ => return Err(format!("{word:?} is not an option of this command")),
            };
            found.push((name.to_owned(), value));
        }
        Ok(Self(found))
    }

    /// The flag was given.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(n, _)| n == name)
    }

    /// The value given last.
    pub fn last(&self, name: &str) -> Option<&str> {
        self.all(name).last().copied()
    }

    /// Every value given, in order.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.0.iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn parse(words: &[&str]) -> Result<Args> {
        let words: Vec<String> = words.iter().map(|w| (*w).to_owned()).collect();
        Args::parse(&words, &["--dev"], &["--port", "--only"])
    }

    #[test]
    fn flags_and_values() {
        let args = parse(&["--port", "80", "--only=a", "--dev", "--only", "b"]).unwrap();
        assert!(args.has("--dev"));
        assert_eq!(args.last("--port"), Some("80"));
        assert_eq!(args.all("--only"), ["a", "b"]);
        assert!(!parse(&[]).unwrap().has("--dev"));
    }

    #[test]
    fn mistakes_are_named() {
        assert!(parse(&["--prot", "80"]).unwrap_err().contains("--prot"));
        assert!(parse(&["--port"]).unwrap_err().contains("needs a value"));
        assert!(parse(&["--dev=1"]).unwrap_err().contains("takes no value"));
        assert!(parse(&["80"]).is_err());
    }
}
