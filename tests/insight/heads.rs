//! Heads: our own file on the vectors that a real MiniLM made of the posts of `research` and of a shop's messages
//! (`train/fixtures/heads.py`), PyTorch's numbers beside ours, and files that are none.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use copywright::insight::heads::{Heads, HeadsError, Input};
use copywright::insight::metrics::{Classification, classification};
use copywright::insight::research::judge::{CLASSES, Judge, label, texts};
use copywright::insight::research::pieces::{Piece, pieces};
use copywright::insight::research::sentiment::{Label, sentiment};
use copywright::insight::research::{Analyser, Options, Post, ResearchError, analyse};
use copywright::insight::support::intent;
use serde_json::{Value, json};

const WIDTH: usize = 384;
/// What heads may weigh.
const MOST_BYTES: usize = 300_000;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn folder() -> PathBuf {
    root().join("tests/insight/heads")
}

fn read(path: &Path) -> Vec<Value> {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn file() -> Vec<u8> {
    std::fs::read(root().join("models/heads/minilm-l6-v2-layers-4.safetensors")).unwrap()
}

/// Kind, label and text.
fn posts() -> Vec<(String, String, String)> {
    let field = |p: &Value, name: &str| p[name].as_str().unwrap().to_owned();
    let all = read(&root().join("tests/insight/research/posts.json"));
    all.iter().map(|p| (field(p, "kind"), field(p, "label"), field(p, "text"))).collect()
}

/// Every piece of the posts once, in their order.
fn all_pieces() -> Vec<Piece> {
    let mut all: Vec<Piece> = Vec::new();
    for (_, _, text) in posts() {
        let post = pieces(&text);
        let parts =
            post.parts.into_iter().flat_map(|p| [p.whole].into_iter().chain(p.clauses.into_iter().map(|c| c.1)));
        for piece in [post.whole].into_iter().chain(parts) {
            if !all.iter().any(|p| p.text == piece.text) {
                all.push(piece);
            }
        }
    }
    all
}

/// Label and text of a shop's messages.
fn messages() -> Vec<(String, String)> {
    let field = |p: &Value, name: &str| p[name].as_str().unwrap().to_owned();
    read(&folder().join("intents.json")).iter().map(|p| (field(p, "label"), field(p, "text"))).collect()
}

fn vectors() -> Vec<f32> {
    numbers_of("vectors.bin")
}

fn numbers_of(name: &str) -> Vec<f32> {
    let bytes = std::fs::read(folder().join(name)).unwrap();
    bytes.into_iter().map(|b| f32::from(b.cast_signed())).collect()
}

fn judge() -> Judge {
    let texts = all_pieces().into_iter().map(|p| p.text).collect();
    Judge::new(Heads::read(&file()).unwrap(), texts, vectors()).unwrap()
}

fn post(text: &str) -> Post {
    Post { text: text.to_owned(), ..Post::default() }
}

/// What a fixture was made of is what is judged. With `COPYWRIGHT_WRITE` it is written down anew.
fn kept(name: &str, pieces: &[Piece]) -> Vec<Value> {
    let own: Vec<Value> =
        pieces.iter().map(|p| json!({"text": p.text, "evidence": p.evidence, "words": p.words})).collect();
    let path = folder().join(name);
    if std::env::var_os("COPYWRIGHT_WRITE").is_some() {
        let lines: Vec<String> = own.iter().map(Value::to_string).collect();
        std::fs::write(&path, format!("[\n{}\n]\n", lines.join(",\n"))).unwrap();
    }
    let kept = read(&path);
    let same = |(a, b): (&Value, &Value)| {
        // serde_json may be off by a bit.
        let near = |i: usize| (a["evidence"][i].as_f64().unwrap() - b["evidence"][i].as_f64().unwrap()).abs() < 1e-6;
        a["text"] == b["text"] && a["words"] == b["words"] && (0..4).all(near)
    };
    let all = kept.len() == own.len() && kept.iter().zip(&own).all(same);
    assert!(all, "train/fixtures/heads.py says how to make it anew");
    own
}

#[test]
fn the_fixture_is_of_these_posts() {
    let own = kept("pieces.json", &all_pieces());
    assert_eq!(vectors().len(), own.len() * WIDTH);
    let named: Vec<String> = posts().iter().flat_map(|p| texts(&p.2)).collect();
    assert!(named.iter().all(|t| own.iter().any(|p| p["text"] == **t)), "texts() names what is judged");
}

#[test]
fn the_fixture_is_of_these_messages() {
    let own = kept("messages.json", &messages().iter().map(|m| pieces(&m.1).whole).collect::<Vec<_>>());
    assert_eq!(numbers_of("messages.bin").len(), own.len() * WIDTH);
    assert!(messages().iter().zip(&own).all(|(m, p)| p["text"] == intent::readable(&m.1)));
}

#[test]
fn heads_weigh_little_and_compute_what_pytorch_computes() {
    let bytes = file();
    println!("{} bytes", bytes.len());
    assert!(bytes.len() <= MOST_BYTES);
    let heads = Heads::read(&bytes).unwrap();
    assert_eq!((heads.encoder(), heads.width()), ("all-MiniLM-L6-v2-layers-4", WIDTH));
    let expected: BTreeMap<String, Vec<[f64; 3]>> =
        serde_json::from_str(&std::fs::read_to_string(folder().join("expected.json")).unwrap()).unwrap();
    let posts = (all_pieces(), vectors());
    let messages = (messages().iter().map(|m| pieces(&m.1).whole).collect(), numbers_of("messages.bin"));
    for (name, classes, (pieces, vectors)) in
        [("sentiment", CLASSES, &posts), ("aspect", CLASSES, &posts), ("intent", intent::CLASSES, &messages)]
    {
        let head = heads.of(name, &classes).unwrap();
        let mut worst = 0.0_f64;
        assert_eq!(expected[name].len(), pieces.len());
        for ((piece, vector), theirs) in pieces.iter().zip(vectors.chunks(WIDTH)).zip(&expected[name]) {
            let input = Input { vector, evidence: &piece.evidence, words: &piece.words };
            let ours = heads.probabilities(head, input).unwrap();
            assert!((ours.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            worst = ours.iter().zip(theirs).map(|(a, b)| (a - b).abs()).fold(worst, f64::max);
        }
        println!("{name}: {} texts, at most {worst:.1e} from PyTorch", pieces.len());
        assert!(worst < 1e-4, "{name}: {worst}");
    }
}

fn f1(truth: &[&str], found: &[&str]) -> Classification {
    classification(truth, found, &[]).unwrap()
}

/// Against what says the same of all: the messages were written for this test, and no head was trained on them.
#[test]
fn messages_are_known_by_what_they_want() {
    let (messages, heads, vectors) = (messages(), Heads::read(&file()).unwrap(), numbers_of("messages.bin"));
    let truth: Vec<&str> = messages.iter().map(|m| m.0.as_str()).collect();
    let mut found = Vec::new();
    for ((label, text), vector) in messages.iter().zip(vectors.chunks(WIDTH)) {
        let wanted = intent::wanted(&heads, text, vector).unwrap();
        let shares = [wanted.shares.question, wanted.shares.order, wanted.shares.complaint];
        assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12 && shares.iter().all(|s| *s <= wanted.probability));
        assert_eq!(shares[wanted.intent as usize], wanted.probability);
        if wanted.intent.id() != label {
            println!("{label}, not {}: {text}", wanted.intent.id());
        }
        found.push(wanted.intent.id());
    }
    println!("\n### Support: what {} messages want\n", messages.len());
    println!("| means | accuracy | macro-recall | macro-F1 |\n| --- | ---: | ---: | ---: |");
    let (majority, head) = (f1(&truth, &vec!["question"; truth.len()]), f1(&truth, &found));
    for (name, c) in [("majority", &majority), ("head", &head)] {
        println!("| {name} | {:.3} | {:.3} | {:.3} |", c.accuracy, c.macro_average.recall, c.macro_average.f1);
    }
    assert!(head.macro_average.f1 >= 0.85, "{}", head.macro_average.f1);
    let without = Heads::read(&small(|_| (), &[0.0; 6])).unwrap();
    assert!(matches!(intent::wanted(&without, "Hi", &[1.0, 0.0]), Err(HeadsError::Unknown("intent"))));
    assert!(matches!(intent::wanted(&heads, "Hi", &[1.0]), Err(HeadsError::Vectors(_))));
    assert_eq!(intent::readable(" \n"), "");
}

/// Heads against rules on the same posts. The heads have never seen them; the rules were changed after a look at them.
#[test]
fn posts_are_judged_by_their_sense() {
    let (posts, judge) = (posts(), judge());
    let truth: Vec<&str> = posts.iter().map(|p| p.1.as_str()).collect();
    let by_rules: Vec<&str> = posts.iter().map(|p| sentiment(&p.2).label.id()).collect();
    let by_heads: Vec<&str> = posts.iter().map(|p| label(&judge.post(&pieces(&p.2)).unwrap().0).id()).collect();
    let mut kinds: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for (((kind, truth, _), rules), heads) in posts.iter().zip(&by_rules).zip(&by_heads) {
        let count = kinds.entry(kind).or_default();
        count[0] += usize::from(rules == truth);
        count[1] += usize::from(heads == truth);
        count[2] += 1;
    }
    println!("\n### Research: {} posts, those judged rightly\n", posts.len());
    println!("| kind | posts | rules | heads |\n| --- | ---: | ---: | ---: |");
    for (kind, [rules, heads, all]) in &kinds {
        println!("| {kind} | {all} | {rules} | {heads} |");
    }
    let majority = f1(&truth, &vec!["negative"; truth.len()]);
    let (rules, heads) = (f1(&truth, &by_rules), f1(&truth, &by_heads));
    println!("\n### Research: sentiment of the same posts\n");
    println!("| means | accuracy | macro-recall | macro-F1 |\n| --- | ---: | ---: | ---: |");
    for (name, c) in [("majority", &majority), ("rules", &rules), ("heads", &heads)] {
        println!("| {name} | {:.3} | {:.3} | {:.3} |", c.accuracy, c.macro_average.recall, c.macro_average.f1);
    }
    // Their training has no shop's posts in it and no emoji: they are worse here than rules that were changed after a look.
    assert!(heads.macro_average.f1 >= majority.macro_average.f1 + 0.3, "{}", heads.macro_average.f1);
    assert!(kinds["plain"][1] >= 27 && kinds["neutral"][1] >= 13, "{kinds:?}");
}

#[test]
fn an_analysis_by_heads_says_why() {
    let all: Vec<Post> = posts().iter().map(|p| post(&p.2)).collect();
    let options = Options::default();
    let by = |posts: Vec<Post>, judge: Judge| {
        let mut analyser = Analyser::new(posts, &options).unwrap().judged_by(judge);
        analyser.step(usize::MAX);
        analyser.finish()
    };
    let (rules, heads) = (analyse(all.clone(), &options).unwrap(), by(all.clone(), judge()).unwrap());
    assert_eq!((rules.posts, rules.aspects.len()), (heads.posts, heads.aspects.len()), "what is spoken of is the same");
    assert!(
        rules.opinions.iter().all(|o| o.sentences.is_empty()) && heads.opinions.iter().all(|o| !o.sentences.is_empty())
    );
    assert_ne!(rules.sentiment, heads.sentiment);
    for (opinion, post) in heads.opinions.iter().zip(&all) {
        assert!((-1.0..=1.0).contains(&opinion.score), "{opinion:?}");
        let said = opinion.sentences.iter().all(|s| post.text.contains(&s.text) && (-1.0..=1.0).contains(&s.score));
        assert!(said, "{opinion:?}");
        assert!(opinion.label != Label::Positive || opinion.score > 0.0);
        assert!(opinion.label != Label::Negative || opinion.score < 0.0);
    }
    let stranger = by(vec![post("Nobody has made a vector of this.")], judge()).unwrap_err();
    assert!(matches!(stranger, ResearchError::Heads(HeadsError::Vectors(_))), "{stranger}");
    let heads = || Heads::read(&file()).unwrap();
    let one = |vectors: Vec<f32>| Judge::new(heads(), vec!["Fine.".to_owned()], vectors);
    assert!(matches!(one(vec![1.0; WIDTH - 1]), Err(HeadsError::Vectors(_))));
    for vector in [vec![0.0; WIDTH], vec![f32::NAN; WIDTH], vec![f32::INFINITY; WIDTH]] {
        let wrong = by(vec![post("Fine.")], one(vector).unwrap()).unwrap_err();
        assert!(matches!(wrong, ResearchError::Heads(HeadsError::Vectors(_))), "{wrong}");
    }
    assert!(by(vec![post("Fine.")], one(vec![0.5; WIDTH]).unwrap()).is_ok());
}

/// A safetensors file of these tensors: name, type, shape, bytes.
fn built(about: Value, tensors: &[(&str, &str, &[usize], Vec<u8>)]) -> Vec<u8> {
    let mut header = json!({"__metadata__": about});
    let mut data = Vec::new();
    for (name, dtype, shape, bytes) in tensors {
        let from = data.len();
        data.extend(bytes);
        header[*name] = json!({"dtype": dtype, "shape": shape, "data_offsets": [from, data.len()]});
    }
    let header = header.to_string().into_bytes();
    [&(header.len() as u64).to_le_bytes()[..], &header, &data].concat()
}

fn numbers(all: &[f32]) -> Vec<u8> {
    all.iter().flat_map(|n| n.to_le_bytes()).collect()
}

/// Two numbers a vector, three classes, a word and a pair of words.
fn small(change: impl Fn(&mut Value), weight: &[f32]) -> Vec<u8> {
    let mut about = json!({"format": "copywright-heads-1", "encoder": "tiny", "width": "2", "heads": "sentiment",
        "sentiment": "negative,neutral,positive"});
    change(&mut about);
    built(
        about,
        &[
            ("vocabulary", "U8", &[9], b"good\nat it"[..9].to_vec()),
            ("sentiment.weight", "F32", &[3, weight.len() / 3], numbers(weight)),
            ("sentiment.bias", "F32", &[3], numbers(&[0.0, 0.5, 0.0])),
            ("sentiment.grams", "F32", &[2, 3], numbers(&[-1.0, 0.0, 1.0, 0.25, 0.0, 0.0])),
        ],
    )
}

#[test]
fn logits_by_hand() {
    let weight = [1.0, 0.0, 0.0, 0.0, -1.0, 2.0];
    let heads = Heads::read(&small(|_| (), &weight)).unwrap();
    let head = heads.of("sentiment", &CLASSES).unwrap();
    let words = ["good", "at", "i"].map(str::to_owned);
    let input = Input { vector: &[30.0, 40.0], evidence: &[1.0; 4], words: &words };
    // x = (0.6, 0.8); "good" and "at i" are listed, each by the root of two.
    let root = 0.5_f64.sqrt();
    let logits = [0.6 - root + 0.25 * root, 0.5, -0.6 + 1.6 + root];
    let all: f64 = logits.iter().map(|l: &f64| l.exp()).sum();
    for (ours, logit) in heads.probabilities(head, input).unwrap().iter().zip(logits) {
        assert!((ours - logit.exp() / all).abs() < 1e-9, "{ours} {}", logit.exp() / all);
    }
    assert!(matches!(heads.head("intent"), Err(HeadsError::Unknown("intent"))));
    assert!(matches!(heads.of("sentiment", &["negative", "positive"]), Err(HeadsError::Classes(..))));
    let wrong = heads.probabilities(head, Input { vector: &[1.0], ..input });
    assert!(matches!(wrong, Err(HeadsError::Vectors(_))));
}

#[test]
fn files_that_are_none_are_named() {
    let weight = [1.0, 0.0, 0.0, 0.0, -1.0, 2.0];
    let said = |bytes: &[u8]| Heads::read(bytes).unwrap_err().to_string();
    for (field, value) in [("format", "copywright-heads-2"), ("encoder", ""), ("width", "x"), ("width", "0")] {
        assert!(said(&small(|about| about[field] = json!(value), &weight)).starts_with("heads: "), "{field}");
    }
    assert!(said(&small(|about| about["width"] = json!("3"), &weight)).contains("not as wide"));
    assert!(said(&small(|about| about["sentiment"] = json!("bad,good"), &weight)).contains("number of classes"));
    assert!(
        said(&small(|about| about["heads"] = json!("sentiment,intent"), &weight)).contains("intent.weight is missing")
    );
    assert!(said(&small(|_| (), &[1.0, f32::NAN, 0.0, 0.0, 0.0, 0.0])).contains("no number"));
    assert!(said(&vec![b' '; 2 << 20]).contains("at most"));
    let good = file();
    for end in (0..good.len()).step_by(1_009) {
        assert!(Heads::read(&good[..end]).is_err(), "{end} bytes of {}", good.len());
    }
    // Whatever a byte becomes: heads, or an error with a name.
    let header = 8 + u64::from_le_bytes(*good.first_chunk().unwrap()) as usize;
    for at in 0..header {
        let mut changed = good.clone();
        changed[at] ^= 1 << (at % 8);
        let _ = Heads::read(&changed).map(|h| h.width());
    }
}
