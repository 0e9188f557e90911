//! What is measured of a text, and the sums over many.

use std::collections::HashSet;

use copywright::copy::brief::Brief;
use copywright::copy::check::check;
use copywright::copy::format::Format;
use copywright::copy::rules::Rules;
use copywright::insight::metrics::{Share, coverage, openings, repeats};
use copywright::insight::words::{grams, words};
use serde_json::Value;

use super::corpus::{Pair, fields};
use super::ending::finished;
use super::numbers;

/// The rules, for whoever reads the table.
pub const RULES: &str = "\
- **Names**: of formats that need the name (product-blurb, social-post, email-body, meta-description, hero, recommendation), \
texts that have it byte for byte.
- **Foreign numbers**: texts with a number that is in no field of the brief. Digits and number words count alike, also within \
other words (A4). Its value must be in the brief; as a price or percentage it must be one there, in the same currency; a \
measure must not be another measure there. \"One\" counts before a unit only (\"one day\" does not), \"once\", \"half\" and \
ordinals in words do not.
- **Features**: in product-blurb and meta-description, features of all briefs that are covered: more than half of a feature's \
content words are in the text, compared by Snowball's English stems, numbers as digits.
- **Length**: texts within the format's limit in its own count, and not empty.
- **Finished**: the model ended the text by itself; the last word is no article, conjunction or possessive; brackets and \
quotation marks are closed; and it ends with . ! ? or … (email-body: or with a last line of at most five words, a signature). \
Tagline, ad-headline and email-subject may do without, unless they then end on a preposition, an auxiliary, a relative \
pronoun, a comma or a dash.
- **Repeats**: texts in which three words in a row come twice. Words of the name in a row do not count.
- **Openings**: of a brief's eight variants, how many different first two words they have; the mean over one brief a product.
- **Copied**: texts that share eight words in a row with a training copy, or with a sentence or piece of one out of which the \
trainer composes copies, unless a field of the brief has them.
- **Bits per byte**: the loss on what people wrote for the validation products, end token included, over its bytes.
";

/// What copies must not be copied from: every eight words in a row of the training copies.
pub struct Training(HashSet<String>);

/// Words in a row that are a copy.
const COPIED: usize = 8;

impl Training {
    /// Reads the training copies.
    pub fn of(copies: &[Pair]) -> Self {
        let one = |pair: &Pair| grams(&words(&pair.text), COPIED).collect::<Vec<_>>();
        Self(copies.iter().flat_map(one).collect())
    }

    /// Takes every string of a JSON value as well; of a sentence with gaps what stands between them.
    pub fn read(&mut self, value: &Value) {
        match value {
            Value::String(text) => {
                let parts = text.split(['{', '}']).step_by(2);
                self.0.extend(parts.flat_map(|part| grams(&words(part), COPIED).collect::<Vec<_>>()));
            }
            Value::Array(values) => values.iter().for_each(|v| self.read(v)),
            Value::Object(values) => values.values().for_each(|v| self.read(v)),
            _ => {}
        }
    }

    /// Eight words in a row that are of training, and not of the brief.
    pub fn copied(&self, text: &str, brief: &Brief) -> Option<String> {
        let own: HashSet<String> =
            fields(brief).iter().flat_map(|f| grams(&words(f), COPIED).collect::<Vec<_>>()).collect();
        grams(&words(text), COPIED).find(|g| self.0.contains(g) && !own.contains(g))
    }
}

/// The sums of one author.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Texts that were judged.
    pub texts: usize,
    names: Share,
    foreign: Share,
    features: Share,
    length: Share,
    finished: Share,
    repeats: Share,
    openings: Share,
    copied: Share,
    bits: Share,
}

/// A row of the table.
pub struct Measure {
    /// What.
    pub title: &'static str,
    /// What it should be.
    pub bar: f64,
    /// It should be at least that, not at most.
    pub least: bool,
    /// In percent.
    pub percent: bool,
    /// Its sum.
    pub of: fn(&Tally) -> Share,
}

/// All rows.
pub const MEASURES: &[Measure] = &[
    Measure { title: "names spelt exactly", bar: 0.98, least: true, percent: true, of: |t| t.names },
    Measure { title: "texts with foreign numbers", bar: 0.02, least: false, percent: true, of: |t| t.foreign },
    Measure { title: "features covered", bar: 0.60, least: true, percent: true, of: |t| t.features },
    Measure { title: "length within the limit", bar: 0.92, least: true, percent: true, of: |t| t.length },
    Measure { title: "finished", bar: 0.97, least: true, percent: true, of: |t| t.finished },
    Measure { title: "texts with repeated 3-grams", bar: 0.02, least: false, percent: true, of: |t| t.repeats },
    Measure { title: "openings of 8 variants", bar: 5.0, least: true, percent: false, of: |t| t.openings },
    Measure { title: "texts copied from training", bar: 0.05, least: false, percent: true, of: |t| t.copied },
    Measure { title: "bits per byte", bar: f64::NAN, least: false, percent: false, of: |t| t.bits },
];

impl Tally {
    /// Judges a text. `ended`: its author came to an end, and was not stopped.
    pub fn judge(&mut self, brief: &Brief, text: &str, ended: bool, training: &Training) {
        self.texts += 1;
        for rule in check(text, brief).iter().filter(|c| c.rule == "length") {
            self.length.count(rule.pass);
        }
        if let Some(name) = Rules::of(brief).name {
            self.names.count(text.contains(&name));
        }
        self.foreign.count(!numbers::foreign(text, &fields(brief)).is_empty());
        if matches!(brief.format, Format::ProductBlurb | Format::MetaDescription) {
            let Share { hits, of } = coverage(text, brief).share;
            self.features.add(hits, of);
        }
        self.finished.count(ended && finished(text, brief.format));
        self.repeats.count(repeats(text, &brief.name));
        self.copied.count(training.copied(text, brief).is_some());
    }

    /// Takes the eight variants of a brief.
    pub fn open(&mut self, texts: &[&str]) {
        self.openings.add(openings(texts.iter().copied()) as f64, 1.0);
    }

    /// Takes the score of a copy.
    pub fn score(&mut self, nats: f64, bytes: usize) {
        self.bits.add(nats / std::f64::consts::LN_2, bytes as f64);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use serde_json::json;

    use super::super::corpus::Corpus;
    use super::super::corpus::tests::brief;
    use super::*;
    use crate::tools::root;

    fn lamp(format: &str) -> Brief {
        let features = ["dims with a tap", "USB-C charging", "folds flat"];
        brief(json!({"format": format, "name": "Knead to Know", "features": features, "facts": {"price": "€49"}}))
    }

    fn training() -> Training {
        let text = "We fold it once, we fold it twice, and then we fold it for good. Dims with a tap.";
        Training::of(&[Pair { brief: lamp("hero"), text: text.to_owned() }])
    }

    /// The measures of one text, by their titles.
    fn of(format: &str, text: &str, ended: bool) -> impl Fn(&str) -> Option<f64> {
        let mut tally = Tally::default();
        tally.judge(&lamp(format), text, ended, &training());
        move |title| (MEASURES.iter().find(|m| m.title == title).unwrap().of)(&tally).value()
    }

    #[test]
    fn a_good_text_and_a_bad_one() {
        let good = of("product-blurb", "Knead to Know folds flat and dims with a tap. Its price is €49.", true);
        let text = format!("Need to Know, for €59 and the folds of it, the folds of it{}, and", " again".repeat(70));
        let bad = of("product-blurb", &text, true);
        for (title, fine, poor) in [
            ("names spelt exactly", 1.0, 0.0),
            ("texts with foreign numbers", 0.0, 1.0),
            ("length within the limit", 1.0, 0.0),
            ("finished", 1.0, 0.0),
            ("texts with repeated 3-grams", 0.0, 1.0),
        ] {
            assert_eq!((good(title), bad(title)), (Some(fine), Some(poor)), "{title}");
        }
        assert_eq!(good("features covered"), Some(2.0 / 3.0));
        assert_eq!(bad("features covered"), Some(0.0), "one word of two is not more than half");
        assert_eq!(of("product-blurb", "It folds.", false)("finished"), Some(0.0), "it was stopped");
    }

    #[test]
    fn some_measures_ask_some_formats() {
        let tagline = of("tagline", "A lamp for every table", true);
        assert_eq!((tagline("names spelt exactly"), tagline("features covered")), (None, None));
        assert_eq!(of("tagline", "", true)("length within the limit"), Some(0.0), "nothing is no tagline");
        assert_eq!(of("meta-description", "It charges by USB-C.", true)("features covered"), Some(1.0 / 3.0));
    }

    #[test]
    fn sentences_with_gaps_are_training_too() {
        let mut training = Training::of(&[]);
        training.read(&json!({ "plain": [["{n} is here: we will ask and write to you soon, {c}"], "one two three four {n} five six seven eight"] }));
        let brief = lamp("hero");
        assert!(training.copied("Well, we will ask and write to you.", &brief).is_none(), "seven words");
        assert!(training.copied("Well, we will ask and write to you soon.", &brief).is_some());
        assert!(training.copied("one two three four five six seven eight", &brief).is_none(), "a gap is between them");
    }

    #[test]
    fn eight_words_are_copied() {
        let training = training();
        let brief = lamp("hero");
        assert!(training.copied("Here we FOLD it once; we fold it twice and rest", &brief).is_some());
        assert!(training.copied("Here we fold it once, we fold it", &brief).is_none(), "seven words");
        let mut own = brief;
        own.features.push("we fold it once, we fold it twice".to_owned());
        assert!(training.copied("Here we fold it once, we fold it twice.", &own).is_none(), "the brief's own words");
    }

    /// A rule that finds fault with what people wrote measures something else than it says.
    #[test]
    fn people_keep_the_rules() {
        let corpus = Corpus::read(&root().join("train/corpus/gold")).unwrap();
        let nothing = Training::of(&[]);
        let mut people = Tally::default();
        for copy in corpus.validation.iter().flat_map(|p| &p.copies) {
            let strange = numbers::foreign(&copy.text, &fields(&copy.brief));
            let unfinished = !finished(&copy.text, copy.brief.format);
            if !strange.is_empty() || unfinished || repeats(&copy.text, &copy.brief.name) {
                println!("{:?}, unfinished {unfinished}: {}", strange, copy.text);
            }
            people.judge(&copy.brief, &copy.text, true, &nothing);
        }
        for m in MEASURES {
            let Some(value) = (m.of)(&people).value() else { continue };
            println!("{}: {value}", m.title);
            let fine = if m.least { value >= m.bar } else { value <= m.bar };
            assert!(fine, "{}: {value}", m.title);
        }
    }

    #[test]
    fn bits_and_bytes_are_summed() {
        let mut tally = Tally::default();
        tally.score(8.0 * std::f64::consts::LN_2, 2);
        tally.score(0.0, 6);
        assert_eq!(tally.bits.value(), Some(1.0));
        tally.open(&["a b", "a c"]);
        tally.open(&["a b", "a b"]);
        assert_eq!(tally.openings.value(), Some(1.5));
        assert_eq!(tally.names.value(), None);
    }
}
