//! `cargo xtask evaluate`: how a model writes, measured with our own engine on products that nobody trains on.

mod authors;
mod broken;
mod cache;
mod corpus;
mod ending;
mod measures;
mod ngram;
mod numbers;
mod promises;
mod report;
mod reviews;
mod sentiment;
mod sheet;
mod template;

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use authors::{Author, BATCH, Counted, Model, TEMPERATURE};
use copywright::copy::brief::Brief;
use corpus::{Corpus, Product};
use measures::{Tally, Training};

use crate::args::Args;
use crate::tools::{self, Result};

/// What is measured, and where.
struct Options {
    model: PathBuf,
    corpus: PathBuf,
    seeds: u32,
    products: Option<usize>,
    out: Option<PathBuf>,
    fresh: bool,
    /// So many copies for readers, drawn with this seed, instead of a table.
    sheet: Option<(usize, u64)>,
    /// Whether texts keep their rules, instead of a table.
    rules: Option<promises::Asked>,
}

impl Options {
    fn parse(words: &[String]) -> Result<Self> {
        let named = [
            "--model",
            "--seeds",
            "--products",
            "--out",
            "--corpus",
            "--sheet",
            "--seed",
            "--rules",
            "--free",
            "--briefs",
            "--texts",
        ];
        let args = Args::parse(words, &["--fresh"], &named)?;
        let number = |name: &str| match args.last(name).map(|v| (v, v.parse::<usize>())) {
            None => Ok(None),
            Some((_, Ok(n))) if n > 0 => Ok(Some(n)),
            Some((v, _)) => Err(format!("{name} {v} is no number from 1 on")),
        };
        let path = |name: &str, usual: &str| tools::root().join(args.last(name).unwrap_or(usual));
        let sheet = number("--sheet")?;
        let out = args.last("--out").map(|out| tools::root().join(out));
        let (csv, md) = (of_type(out.as_deref(), "csv"), of_type(out.as_deref(), "md"));
        match sheet {
            Some(_) if !csv && !md => return Err("--sheet goes with --out FILE.csv or --out FILE.md".to_owned()),
            None if out.is_some() && !md => return Err("--out FILE.md: the table is Markdown".to_owned()),
            None if args.last("--seed").is_some() => return Err("--seed goes with --sheet".to_owned()),
            _ => {}
        }
        let rules = number("--rules")?;
        if rules.is_none() && ["--free", "--briefs", "--texts"].iter().any(|name| args.last(name).is_some()) {
            return Err("--free, --briefs and --texts go with --rules".to_owned());
        }
        let rules = match rules {
            Some(copies) => Some(promises::Asked {
                copies,
                free: number("--free")?.unwrap_or(copies),
                briefs: number("--briefs")?.unwrap_or(208),
                texts: match args.last("--texts") {
                    Some(path) => tools::root().join(path),
                    None => tools::target_dir()?.join("evaluate/rules.jsonl"),
                },
            }),
            None => None,
        };
        let lot = number("--seed")?.unwrap_or(1) as u64;
        Ok(Self {
            model: path("--model", "models/default"),
            corpus: path("--corpus", "train/corpus/gold"),
            seeds: number("--seeds")?.unwrap_or(5).try_into().map_err(|_| "--seeds: too many".to_owned())?,
            products: number("--products")?,
            out,
            fresh: args.has("--fresh"),
            sheet: sheet.map(|count| (count, lot)),
            rules,
        })
    }
}

fn of_type(path: Option<&Path>, extension: &str) -> bool {
    path.and_then(Path::extension).is_some_and(|e| e == extension)
}

/// Measures a model, or draws a sheet for readers; or judges reviews, which needs no model.
pub fn run(words: &[String]) -> Result<()> {
    if words.first().is_some_and(|w| w == "--sentiment") {
        let args = Args::parse(words, &[], &["--sentiment", "--texts", "--encoder", "--heads", "--every"])?;
        let folder = tools::root().join(args.last("--sentiment").unwrap_or_default());
        if let Some(out) = args.last("--texts") {
            return sentiment::texts(&folder, &tools::root().join(out));
        }
        if let Some(encoder) = args.last("--encoder") {
            let file = args.last("--heads").unwrap_or("models/heads/minilm-l6-v2-layers-4.safetensors");
            let every = match args.last("--every").map(str::parse::<usize>) {
                None => 1,
                Some(Ok(n)) if n > 0 => n,
                Some(_) => return Err("--every wants a number from 1 on".to_owned()),
            };
            let (encoder, file) = (tools::root().join(encoder), tools::root().join(file));
            println!("{}", sentiment::heads(&folder, &encoder, &file, every)?);
            return Ok(());
        }
        println!("{}", sentiment::table(&folder)?);
        return Ok(());
    }
    if words.first().is_some_and(|w| w == "--pieces") {
        let args = Args::parse(words, &[], &["--pieces", "--texts"])?;
        let path = |name| args.last(name).map(|p| tools::root().join(p)).ok_or_else(|| format!("{name} wants a file"));
        return sentiment::pieces_of(&path("--pieces")?, &path("--texts")?);
    }
    let options = Options::parse(words)?;
    // Said before minutes are spent.
    if let Some(folder) = options.out.as_deref().and_then(Path::parent) {
        std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    }
    let corpus = Corpus::read(&options.corpus)?;
    let products = &corpus.validation[..options.products.unwrap_or(usize::MAX).min(corpus.validation.len())];
    let kept = tools::target_dir()?.join("evaluate");
    let mut model = Model::open(&options.model, &kept, options.fresh && options.rules.is_none())?;
    let adapter = model.adapter();
    eprintln!("{} ({}) on {adapter}", model.model(), model.hash);
    let text = match (&options.rules, options.sheet) {
        (Some(asked), _) => promises::run(asked, products, &mut model, &kept, options.fresh)?,
        (None, Some((count, lot))) => {
            let entries = sheet::written(&mut model, sheet::draw(products, options.seeds, count, lot)?)?;
            if of_type(options.out.as_deref(), "csv") { sheet::csv(&entries)? } else { sheet::markdown(&entries) }
        }
        (None, None) => table(&options, &corpus, products, &mut model)?,
    };
    if options.sheet.is_none() {
        println!("{text}");
    }
    match &options.out {
        Some(out) => std::fs::write(out, text).map_err(|e| format!("{}: {e}", out.display())),
        None => Ok(()),
    }
}

fn table(options: &Options, corpus: &Corpus, products: &[Product], model: &mut Model) -> Result<String> {
    let mut training = Training::of(&corpus.training);
    corpus::composed(&options.corpus)?.iter().for_each(|value| training.read(value));
    let (copies, asked) = products.iter().fold((0, 0), |(c, b), p| (c + p.copies.len(), b + p.briefs().len()));
    let facts = [
        ("model", format!("{}, files {}", model.model(), model.hash)),
        ("adapter", model.adapter()),
        ("products", format!("{} for validation, {asked} briefs, {copies} copies", products.len())),
        ("drawn", format!("seeds 1 to {}, temperature {TEMPERATURE}, no constraint", options.seeds)),
        ("baselines", "templates filled from the brief; a 4-gram model of the training copies' tokens".to_owned()),
        ("corpus", "what people wrote for the same products, by the same rules".to_owned()),
    ];
    let ngram = model.ngram(&corpus.training)?;
    let mut columns = vec![measured(model, products, options.seeds, &training)?];
    columns.push(measured(&mut template::Template, products, options.seeds, &training)?);
    columns.push(measured(&mut Counted { ngram: &ngram, tokens: model }, products, options.seeds, &training)?);
    let mut people = Tally::default();
    products.iter().flat_map(|p| &p.copies).for_each(|c| people.judge(&c.brief, &c.text, true, &training));
    columns.push(("corpus".to_owned(), people));
    Ok(report::markdown(&facts, &columns))
}

/// Lets an author write for every brief, and score every copy.
fn measured(author: &mut dyn Author, products: &[Product], seeds: u32, training: &Training) -> Result<(String, Tally)> {
    let mut tally = Tally::default();
    let all = products.iter().map(|p| p.briefs().len() + p.copies.len()).sum();
    let mut progress = Progress::new(author.name(), all);
    for product in products {
        let briefs = product.briefs();
        let opened = opened(product, &briefs);
        for (i, brief) in briefs.iter().enumerate() {
            let count = if i == opened { seeds.max(BATCH as u32) } else { seeds };
            let texts = author.write(brief, &(1..=count).collect::<Vec<_>>())?;
            texts[..seeds as usize].iter().for_each(|(text, ended)| tally.judge(brief, text, *ended, training));
            if i == opened {
                tally.open(&texts[..BATCH].iter().map(|t| t.0.as_str()).collect::<Vec<_>>());
            }
            progress.step();
        }
        for copy in &product.copies {
            if let Some((nats, bytes)) = author.score(&copy.brief, &copy.text)? {
                tally.score(nats, bytes);
            }
            progress.step();
        }
    }
    Ok((author.name(), tally))
}

/// Which of a product's briefs gets eight variants: by the bytes of the name, so that all formats have their turn.
fn opened(product: &Product, briefs: &[Brief]) -> usize {
    product.name.bytes().fold(0, |sum, b| (sum * 31 + usize::from(b)) % 1009) % briefs.len().max(1)
}

/// How far it is, on stderr.
struct Progress {
    what: String,
    done: usize,
    of: usize,
    begun: Instant,
    shown: Option<Instant>,
}

impl Progress {
    fn new(what: String, of: usize) -> Self {
        Self { what, done: 0, of, begun: Instant::now(), shown: None }
    }

    fn step(&mut self) {
        self.done += 1;
        let terminal = std::io::stderr().is_terminal();
        let pause = Duration::from_secs(if terminal { 1 } else { 20 });
        if self.done < self.of && self.shown.is_some_and(|at| at.elapsed() < pause) {
            return;
        }
        self.shown = Some(Instant::now());
        let seconds = self.begun.elapsed().as_secs();
        let line = format!("{}: {} of {} in {seconds} s", self.what, self.done, self.of);
        match terminal && self.done < self.of {
            true => eprint!("\r{line} "),
            false => eprintln!("{}{line}", if terminal { "\r" } else { "" }),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use serde_json::json;

    use super::*;
    use crate::evaluate::corpus::Pair;
    use crate::evaluate::corpus::tests::brief;

    fn parse(words: &str) -> Result<Options> {
        Options::parse(&words.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn options() {
        let usual = parse("").unwrap();
        assert_eq!((usual.seeds, usual.products, usual.fresh), (5, None, false));
        assert!(usual.model.ends_with("models/default") && usual.corpus.ends_with("train/corpus/gold"));
        assert_eq!(parse("--sheet 30 --seed 4 --out a.csv").unwrap().sheet, Some((30, 4)));
        let wrong =
            ["--seeds 0", "--seeds x", "--sheet 3", "--sheet 3 --out a.txt", "--out a.csv", "--seed 3", "--sede 3"];
        for words in wrong {
            assert!(parse(words).is_err(), "{words}");
        }
    }

    /// Says its seed, and gives every byte one bit.
    struct Echo(Vec<Vec<u32>>);
    impl Author for Echo {
        fn name(&self) -> String {
            "echo".to_owned()
        }
        fn write(&mut self, brief: &Brief, seeds: &[u32]) -> Result<Vec<(String, bool)>> {
            self.0.push(seeds.to_vec());
            Ok(seeds.iter().map(|s| (format!("Seed{s} {}.", brief.name), true)).collect())
        }
        fn score(&mut self, _: &Brief, text: &str) -> Result<Option<(f64, usize)>> {
            Ok(Some((text.len() as f64 * std::f64::consts::LN_2, text.len())))
        }
    }

    #[test]
    fn an_author_writes_for_every_brief_and_scores_every_copy() {
        let copy =
            |format: &str| Pair { brief: brief(json!({"format": format, "name": "Tock"})), text: "Tick.".to_owned() };
        let product = Product { name: "Tock".to_owned(), copies: ["hero", "tagline", "hero"].map(copy).to_vec() };
        let mut echo = Echo(Vec::new());
        let (name, tally) = measured(&mut echo, &[product], 2, &Training::of(&[])).unwrap();
        let mut counts: Vec<usize> = echo.0.iter().map(Vec::len).collect();
        counts.sort_unstable();
        assert_eq!((name.as_str(), counts), ("echo", vec![2, 8]), "one brief of a product has eight variants");
        assert_eq!(tally.texts, 4, "seeds beyond those asked for are judged by their openings only");
        let value = |title: &str| (measures::MEASURES.iter().find(|m| m.title == title).unwrap().of)(&tally).value();
        assert_eq!(value("openings of 8 variants"), Some(8.0));
        assert!((value("bits per byte").unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(value("names spelt exactly"), Some(1.0));
    }
}
