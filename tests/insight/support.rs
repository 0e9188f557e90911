//! Support on a made-up shop: 63 entries, 189 questions that they answer (in other words, with typos) and 66 that they do
//! not. Entries at even places with their questions are for calibration, the others for the test.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use copywright::copy::check::check;
use copywright::insight::metrics::{Graded, classification, mean, recall_at_k};
use copywright::insight::support::bm25::{Bm25, Concept};
use copywright::insight::support::confidence::{Example, LEXICAL, Model, SEMANTIC, threshold};
use copywright::insight::support::{Answer, Context, Entry, Index, Reason, SupportError, Turn, standalone};
use copywright::insight::words::stems;
use serde_json::Value;

const WIDTH: usize = 384;
/// Of the questions without an answer so many are to be declined, in calibration.
const DECLINED: f64 = 0.85;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/insight/support")
}

fn read(name: &str) -> Vec<Value> {
    serde_json::from_str(&std::fs::read_to_string(folder().join(name)).unwrap()).unwrap()
}

struct Question {
    text: String,
    entry: Option<String>,
    vector: Vec<f32>,
    calibration: bool,
}

struct Shop {
    entries: Vec<Entry>,
    questions: Vec<Question>,
    /// The vectors of the follow-ups.
    follow: Vec<Vec<f32>>,
}

fn shop() -> Shop {
    let bytes = std::fs::read(folder().join("vectors.bin")).unwrap();
    let rows: Vec<Vec<f32>> =
        bytes.chunks(WIDTH).map(|row| row.iter().map(|b| f32::from(b.cast_signed())).collect()).collect();
    let mut entries: Vec<Entry> =
        read("entries.json").into_iter().map(|e| serde_json::from_value(e).unwrap()).collect();
    let n = entries.len();
    for (i, entry) in entries.iter_mut().enumerate() {
        entry.vectors = vec![rows[i].clone(), rows[n + i].clone()];
    }
    let mut nothing = 0;
    let asked = read("questions.json");
    assert_eq!(rows.len(), 2 * n + asked.len() + read("follow-ups.json").len());
    let follow = rows[2 * n + asked.len()..].to_vec();
    let question = |(i, q): (usize, &Value)| {
        let entry = q["entry"].as_str().map(str::to_owned);
        let at = match &entry {
            Some(id) => entries.iter().position(|e| e.id == *id).unwrap(),
            None => {
                nothing += 1;
                nothing
            }
        };
        let text = q["question"].as_str().unwrap().to_owned();
        Question { text, entry, vector: rows[2 * n + i].clone(), calibration: at % 2 == 0 }
    };
    let questions = asked.iter().enumerate().map(question).collect();
    Shop { entries, questions, follow }
}

/// Whatever answers: entries in order, and how sure it is.
type Way<'a> = Box<dyn Fn(&Question) -> (Vec<String>, f64) + 'a>;

#[derive(Debug, Clone, Copy)]
struct Row {
    accuracy: f64,
    recall: f64,
    f1: f64,
    declined: f64,
}

fn measure(questions: &[&Question], way: &Way, threshold: f64) -> Row {
    let (mut truth, mut said, mut recalls, mut refused) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for q in questions {
        let (ranked, sure) = way(q);
        let answer = ranked.first().filter(|_| sure >= threshold).cloned().unwrap_or_else(|| "none".to_owned());
        if q.entry.is_none() {
            refused.push(Some(f64::from(u8::from(answer == "none"))));
        }
        let relevant: Vec<Graded> = q.entry.iter().map(|id| Graded { id: id.clone(), gain: 1.0 }).collect();
        recalls.push(recall_at_k(&ranked, &relevant, 3));
        truth.push(q.entry.clone().unwrap_or_else(|| "none".to_owned()));
        said.push(answer);
    }
    let mut labels: Vec<String> = truth.iter().chain(&said).filter(|l| *l != "none").cloned().collect();
    labels.sort();
    labels.dedup();
    let found = classification(&truth, &said, &labels).unwrap();
    let (recall, declined) = (mean(recalls).unwrap(), mean(refused).unwrap());
    Row { accuracy: found.accuracy, recall, f1: found.micro_average.f1, declined }
}

/// The plainest BM25: stems of question and answer, each once.
fn plain(entries: &[Entry]) -> Bm25 {
    let document = |e: &Entry| {
        let mut all = BTreeMap::new();
        stems(&format!("{} {}", e.question, e.answer)).into_iter().for_each(|s| *all.entry(s).or_insert(0.0) += 1.0);
        all
    };
    Bm25::new(entries.iter().map(document).collect())
}

fn ordered(entries: &[Entry], scores: &[f64]) -> (Vec<String>, f64) {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
    (order.iter().map(|i| entries[*i].id.clone()).collect(), scores[order[0]])
}

fn context(q: &Question, vectors: bool) -> Context {
    Context { vector: vectors.then(|| q.vector.clone()), ..Context::default() }
}

fn examples(index: &Index, questions: &[&Question], vectors: bool) -> Vec<Example> {
    let one = |q: &&Question| {
        let (evidence, found) = index.weigh(&q.text, &context(q, vectors)).unwrap();
        let right = q.entry.is_some() && q.entry.as_deref() == found.first().map(|s| s.id.as_str());
        Some(Example { evidence: evidence?, right, answerable: q.entry.is_some() })
    };
    questions.iter().filter_map(one).collect()
}

/// The whole table, and what it must show.
#[test]
fn answers_and_declines() {
    let shop = shop();
    let index = Index::new(shop.entries.clone()).unwrap();
    let without = shop.entries.iter().cloned().map(|e| Entry { vectors: Vec::new(), ..e }).collect();
    let lexical = Index::new(without).unwrap();
    let (calibration, test): (Vec<&Question>, Vec<&Question>) = shop.questions.iter().partition(|q| q.calibration);
    let count = |all: &[&Question]| (all.len(), all.iter().filter(|q| q.entry.is_none()).count());
    println!(
        "{:?} questions for calibration, {:?} for the test, of them without an answer",
        count(&calibration),
        count(&test)
    );
    let bm25 = plain(&shop.entries);
    let entries = &shop.entries[..];
    let bm25_way = || -> Way {
        Box::new(|q| {
            let concepts: Vec<Concept> = stems(&q.text).iter().map(|s| Concept::term(s)).collect();
            ordered(entries, &bm25.scores(&concepts))
        })
    };
    let cosine_way = || -> Way {
        let cosine = |a: &[f32], b: &[f32]| {
            let dot = |a: &[f32], b: &[f32]| f64::from(a.iter().zip(b).map(|(x, y)| x * y).sum::<f32>());
            dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
        };
        Box::new(move |q| {
            let near = |e: &Entry| e.vectors.iter().map(|v| cosine(v, &q.vector)).fold(-1.0, f64::max);
            ordered(entries, &entries.iter().map(near).collect::<Vec<_>>())
        })
    };
    let own_way = |index: &Index, model: Model, vectors: bool| -> Way {
        let index = index.clone();
        Box::new(move |q| {
            let (evidence, found) = index.weigh(&q.text, &context(q, vectors)).unwrap();
            let sure = evidence.map_or(0.0, |e| model.confidence(&e));
            (found.into_iter().map(|s| s.id).collect(), sure)
        })
    };
    let cut = |way: &Way| {
        let one = |q: &&Question| {
            let (ranked, sure) = way(q);
            (sure, q.entry.as_ref() == ranked.first(), q.entry.is_some())
        };
        threshold(calibration.iter().map(one), DECLINED)
    };
    let (alone, sense) = (bm25_way(), cosine_way());
    for (name, model, index, vectors) in [("LEXICAL", LEXICAL, &lexical, false), ("SEMANTIC", SEMANTIC, &index, true)] {
        let fitted = Model::fit(&examples(index, &calibration, vectors), DECLINED);
        println!("{name}: {fitted:.3?}");
        for (ours, theirs) in model.weights.iter().zip(fitted.weights).chain([(&model.threshold, fitted.threshold)]) {
            assert!((ours - theirs).abs() < 0.006, "{name} is {ours}, fitted {theirs}");
        }
    }
    let (words, both) = (own_way(&lexical, LEXICAL, false), own_way(&index, SEMANTIC, true));
    let ways = [
        ("BM25 alone", &alone, f64::NEG_INFINITY),
        ("BM25, calibrated threshold", &alone, cut(&alone)),
        ("MiniLM alone, calibrated", &sense, cut(&sense)),
        ("ours, words only", &words, LEXICAL.threshold),
        ("ours, words and MiniLM", &both, SEMANTIC.threshold),
    ];
    println!("\n### Support: {} questions of a made shop\n", test.len());
    println!("| test split | accuracy | recall@3 | F1 | declined rightly |\n| --- | ---: | ---: | ---: | ---: |");
    let rows = ways.map(|(name, way, threshold)| {
        let row = measure(&test, way, threshold);
        let Row { accuracy, recall, f1, declined } = row;
        println!("| {name} | {accuracy:.3} | {recall:.3} | {f1:.3} | {declined:.3} |");
        let c = measure(&calibration, way, threshold);
        eprintln!(
            "    calibration: {:.3} {:.3} {:.3} {:.3}, threshold {threshold:.3}",
            c.accuracy, c.recall, c.f1, c.declined
        );
        row
    });
    let [alone, calibrated, _, words, both] = rows;
    for (name, ours, declined) in [("words only", words, 0.75), ("words and MiniLM", both, 0.84)] {
        let best = alone.accuracy.max(calibrated.accuracy);
        assert!(ours.accuracy >= best + 0.30, "{name}: accuracy {} and BM25's {best}", ours.accuracy);
        assert!(ours.f1 >= alone.f1.max(calibrated.f1) + 0.40, "{name}: F1 {}", ours.f1);
        assert!(ours.declined >= declined, "{name}: {} declined", ours.declined);
    }
    assert!(words.recall >= 0.80 && both.recall >= 0.95, "recall@3 {} and {}", words.recall, both.recall);
}

/// A follow-up means what the question before it was about. All of them would be different questions alone.
#[test]
fn follow_ups_use_the_turn_before() {
    let shop = shop();
    let index = Index::new(shop.entries.clone()).unwrap();
    let without = shop.entries.iter().cloned().map(|e| Entry { vectors: Vec::new(), ..e }).collect();
    let lexical = Index::new(without).unwrap();
    let mut right = [0, 0, 0];
    let cases = read("follow-ups.json");
    for (case, vector) in cases.iter().zip(shop.follow) {
        let text = |name: &str| case[name].as_str().unwrap();
        let first = |index: &Index, context: &Context| index.search(text("question"), context).unwrap()[0].id.clone();
        let entry = shop.entries.iter().find(|e| e.question == text("previous")).unwrap().id.clone();
        let turns = vec![Turn { question: text("previous").to_owned(), entry: Some(entry) }];
        let found = [
            first(&lexical, &Context::default()),
            first(&lexical, &Context { turns: turns.clone(), vector: None }),
            first(&index, &Context { turns, vector: Some(vector) }),
        ];
        println!("{} / {}: {found:?}", text("previous"), text("question"));
        right.iter_mut().zip(found).for_each(|(r, id)| *r += usize::from(id == text("entry")));
    }
    println!("of {} alone {}, with the turn before {}, with MiniLM {}", cases.len(), right[0], right[1], right[2]);
    assert!(right[1] >= right[0] + 4 && right[1] >= 15 && right[2] >= 15);
    let turns = [Turn { question: "Do you sell mugs?".to_owned(), entry: None }];
    assert_eq!(standalone("and plates?", &turns), "Do you sell mugs? and plates?");
    assert_eq!(standalone("Where is your shop?", &turns), "Where is your shop?");
}

fn entry(id: &str, question: &str, answer: &str) -> Entry {
    Entry {
        id: id.to_owned(),
        question: question.to_owned(),
        answer: answer.to_owned(),
        url: None,
        vectors: Vec::new(),
    }
}

fn small() -> Index {
    let mut all = vec![
        entry(
            "return",
            "How long can I return something?",
            "You can return anything within 30 days. Keep the 1.5 kg box.",
        ),
        entry("hours", "When are you open?", "Monday to Saturday from 10 am to 7 pm."),
        entry("wash", "How do I wash the blanket?", "By hand, or at 30 °C in the wool programme."),
    ];
    all[0].url = Some("/help#return".to_owned());
    Index::new(all).unwrap()
}

#[test]
fn a_reply_shows_where_it_is_from() {
    let Answer::Reply { reply, source, confidence } = small().answer("Can I retrun it?", &Context::default()).unwrap()
    else {
        panic!("declined")
    };
    assert_eq!(reply, "You can return anything within 30 days. Keep the 1.5 kg box.");
    assert_eq!((source.id.as_str(), source.url.as_deref()), ("return", Some("/help#return")));
    assert_eq!(source.matched, ["retrun"]);
    assert!((0.0..=1.0).contains(&confidence) && source.similarity.is_none());
    let json = serde_json::to_value(small().answer("Is there a lion?", &Context::default()).unwrap()).unwrap();
    assert_eq!((json["kind"].as_str(), json["reason"].as_str()), (Some("declined"), Some("unknown")));
}

#[test]
fn odd_questions_are_declined() {
    let reason = |question: &str| match small().answer(question, &Context::default()).unwrap() {
        Answer::Declined { reason, best, .. } => (reason, best.len()),
        reply => panic!("{question}: {reply:?}"),
    };
    assert_eq!(reason(""), (Reason::Empty, 0));
    assert_eq!(reason(" 🙂🙂 ?!"), (Reason::Empty, 0));
    assert_eq!(reason("Quid pro quo, 日本語"), (Reason::Unknown, 0));
    assert_eq!(reason("Which zebra trains the purple lion on Monday?").0, Reason::Unsure);
    let long = "Monday lion zebra tiger quartz ".repeat(35_000);
    assert!(matches!(small().answer(&long, &Context::default()).unwrap(), Answer::Declined { .. }), "a megabyte");
}

#[test]
fn wrong_entries_are_named() {
    let error = |entries: Vec<Entry>| Index::new(entries).unwrap_err().to_string();
    let good = entry("a", "Is it?", "It is.");
    assert_eq!(error(Vec::new()), "entries is empty");
    assert_eq!(error(vec![good.clone(), good.clone()]), "entries[1].id comes twice");
    assert_eq!(error(vec![good.clone(), entry("b", "Is it?", " ")]), "entries[1].answer is empty");
    let vectors = |v: Vec<Vec<f32>>| Entry { vectors: v, ..good.clone() };
    assert!(error(vec![vectors(vec![vec![1.0, f32::NAN]])]).starts_with("entries[0].vectors have something"));
    assert!(error(vec![vectors(vec![vec![1.0], vec![1.0, 2.0]])]).starts_with("entries[0].vectors are not"));
    let other = Entry { id: "b".to_owned(), ..good.clone() };
    assert!(error(vec![vectors(vec![vec![1.0]]), other]).starts_with("entries[1].vectors"));
    let index = Index::new(vec![vectors(vec![vec![1.0, 2.0]])]).unwrap();
    for vector in [vec![1.0], vec![0.0, 0.0], vec![f32::INFINITY, 1.0]] {
        let context = Context { vector: Some(vector), ..Context::default() };
        assert!(matches!(index.answer("Is it?", &context), Err(SupportError::Vector(_))));
    }
    let context = Context { vector: Some(vec![1.0]), ..Context::default() };
    assert!(matches!(small().answer("Is it?", &context), Err(SupportError::Vector(_))), "nothing to compare with");
}

/// A writer may phrase the entry; the entry's numbers are the only ones that pass.
#[test]
fn a_brief_locks_the_numbers_of_the_entry() {
    let index = small();
    let brief = index.brief("return", "Halden & Finch", "May I send it back after 60 days?").unwrap();
    assert_eq!(brief.features, ["You can return anything within 30 days.", "Keep the 1.5 kg box."]);
    let numbers = |text: &str| check(text, &brief).iter().filter(|c| c.rule == "number").all(|c| c.pass);
    assert!(numbers("You have 30 days to return it."));
    assert!(!numbers("You have 60 days to return it."), "the customer's number");
    assert!(!numbers("You have 31 days to return it."));
    let asked = |question: &str| index.brief("return", "Halden & Finch", question).unwrap().context.question.unwrap();
    assert_eq!(asked("Is it 30 days?"), "Is it 30 days?");
    assert_eq!(asked("Is it 60 days?"), "How long can I return something?");
    assert_eq!(asked(&"long ".repeat(200)), "How long can I return something?");
    assert!(index.brief("lion", "Halden & Finch", "?").unwrap_err().to_string().contains("lion"));
    assert!(index.brief("return", "", "Is it?").unwrap_err().to_string().contains("name"));
}
