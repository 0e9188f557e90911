//! The words of the command line, read by hand: a handful of flags and options for each command.

use std::str::FromStr;

use crate::failure::{Failure, Result};

/// The options of one command.
#[derive(Debug)]
pub struct Args(Vec<(String, String)>);

impl Args {
    /// Reads `--flag`, `--option VALUE` and `--option=VALUE`. What is not listed is an error that names it.
    pub fn parse(words: &[String], flags: &[&[&str]], options: &[&[&str]]) -> Result<Self> {
        let listed = |list: &[&[&str]], name: &str| list.iter().any(|names| names.contains(&name));
        let mut found = Vec::new();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let (name, given) = match word.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (word.as_str(), None),
            };
            let value = match (given, listed(flags, name), listed(options, name)) {
                (None, true, _) => String::new(),
                (Some(value), _, true) => value,
                (None, _, true) => words.next().cloned().ok_or_else(|| usage(format!("{name} needs a value")))?,
                (Some(_), true, _) => return Err(usage(format!("{name} takes no value"))),
                _ => return Err(usage(format!("{word:?} is not an option of this command"))),
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
        self.all(name).last()
    }

    /// Every value given, in order.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The value given last, as a number.
    pub fn number<T: FromStr>(&self, name: &str) -> Result<Option<T>> {
        let parse =
            |v: &str| v.parse().map_err(|_| usage(format!("{name} is {v:?}, which is no number that it takes")));
        self.last(name).map(parse).transpose()
    }
}

fn usage(why: String) -> Failure {
    Failure::Usage(why)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;

    fn parse(words: &[&str]) -> Result<Args> {
        let words: Vec<String> = words.iter().map(|w| (*w).to_owned()).collect();
        Args::parse(&words, &[&["--json"], &["--f32"]], &[&["--n", "--stop"]])
    }

    #[test]
    fn flags_and_values() {
        let args = parse(&["--n", "3", "--stop=a=b", "--json", "--stop", "--json"]).unwrap();
        assert!(args.has("--json") && !args.has("--f32"));
        assert_eq!(args.number::<u32>("--n").unwrap(), Some(3));
        assert_eq!(args.all("--stop").collect::<Vec<_>>(), ["a=b", "--json"]);
        assert_eq!(args.last("--absent"), None);
    }

    #[test]
    fn mistakes_are_named() {
        let why = |words: &[&str]| match parse(words).and_then(|a| a.number::<u32>("--n").map(drop)) {
            Err(Failure::Usage(why)) => why,
            other => panic!("{words:?} gave {other:?}"),
        };
        assert!(why(&["--jsn"]).contains("--jsn"));
        assert!(why(&["--n"]).contains("needs a value"));
        assert!(why(&["--json=1"]).contains("takes no value"));
        assert!(why(&["lamp"]).contains("lamp"));
        assert!(why(&["--n", "-1"]).contains("-1"));
    }
}
