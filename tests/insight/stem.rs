//! The stemmer against the `rust-stemmers` crate, on every word of the corpus and on made ones.

use std::collections::BTreeSet;
use std::path::Path;

use copywright::insight::words::{grams, stem, stems, words};
use rust_stemmers::{Algorithm, Stemmer};

const SUFFIXES: &str = "ational ization fulness ousness iveness tional biliti lessly ently ation alism ality ously ivity fully \
    ency ancy ably izer ator ally bly ogy ly alize icate icity ative ical ness ful ement ance ence able ible ment ant ent ism \
    ate iti ous ive ize ion al er ic s es ed eed eedly ing ingly edly ied ies y ll e 's sses us ss";
const STEMS: &str = "hop fail try fly gener commun arsen nat rat cont hes app bl troubl siz luxur controll fizz agr plast cat \
    bay bow fox sens oper rel adjust depend homolog effect bowdl form vis goo";

#[test]
fn every_word_has_snowballs_stem() {
    let mut all: BTreeSet<String> = BTreeSet::new();
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("train/corpus/gold");
    for file in std::fs::read_dir(corpus).unwrap().flatten() {
        all.extend(words(&std::fs::read_to_string(file.path()).unwrap()));
    }
    for start in STEMS.split_whitespace() {
        all.extend(SUFFIXES.split_whitespace().map(|end| format!("{start}{end}")));
    }
    let more = "skis skies dying news atlas inning herrings proceeded exceeding ugly early yellow say boy toy's 'tis cries tie";
    all.extend(more.split_whitespace().map(str::to_owned));
    all.retain(|w| w.is_ascii());
    let theirs = Stemmer::create(Algorithm::English);
    let other: Vec<_> = all.iter().filter(|w| stem(w) != theirs.stem(w)).collect();
    println!("{} words", all.len());
    assert!(all.len() > 5000, "too few words to say anything");
    for word in &other {
        println!("{word}: {} instead of {}", stem(word), theirs.stem(word));
    }
    assert!(other.is_empty(), "{} of {}", other.len(), all.len());
}

#[test]
fn words_and_stems() {
    assert_eq!(words("Søren’s 'new' USB-C lamp: 2.5 kg!"), ["søren's", "new", "usb", "c", "lamp", "2", "5", "kg"]);
    assert_eq!(stems("It folds, and the folding lamps"), ["fold", "fold", "lamp"]);
    assert_eq!(stems("eight litres"), stems("8 litre"));
    assert_ne!(stems("nine litres"), stems("8 litre"));
    assert_eq!(stems("one litre"), stems("1 litre"));
    assert_eq!(grams(&words("a b c d"), 3).collect::<Vec<_>>(), ["a b c", "b c d"]);
    assert_eq!(grams(&words("a b c d"), 5).count(), 0);
}
