//! What of a `tokenizer.json` it takes to decode.

use super::{Frame, Scheme, TextError, Vocabulary};
use crate::json::Value;
use crate::model::order::order;

#[cfg(not(target_arch = "wasm32"))]
mod stream;
#[cfg(not(target_arch = "wasm32"))]
pub(super) use stream::read;

/// The parts of a file.
#[derive(Default)]
pub(super) struct File {
    added_tokens: Value,
    decoder: Value,
    post_processor: Value,
    vocab: Tokens,
}

/// Texts one after the other; for each its id and where it ends.
#[derive(Default)]
struct Tokens {
    text: String,
    ends: Vec<(u32, usize)>,
}

impl Tokens {
    fn push(&mut self, id: u32, token: &str) {
        self.text.push_str(token);
        self.ends.push((id, self.text.len()));
    }

    fn each(&self) -> impl Iterator<Item = (u32, &str)> {
        let mut start = 0;
        self.ends.iter().map(move |&(id, end)| (id, &self.text[std::mem::replace(&mut start, end)..end]))
    }
}

fn wrong(what: &str) -> TextError {
    TextError::File(format!("{what} is not as expected"))
}

/// See [`Vocabulary::from_tokenizer_json`].
pub(super) fn vocabulary(file: &File) -> Result<Vocabulary, TextError> {
    let scheme = Scheme::of(&file.decoder)?;
    if file.vocab.ends.is_empty() {
        return Err(wrong("model.vocab"));
    }
    let mut special = Vec::new();
    let mut tokens: Vec<(u32, &str)> = Vec::new();
    match &file.added_tokens {
        Value::Null => {}
        Value::List(list) => {
            // The last one of an id counts.
            for added in list.iter().rev() {
                let id = added["id"].as_u64().and_then(|id| u32::try_from(id).ok());
                let id = id.ok_or_else(|| wrong("the id of an added token"))?;
                let content = added["content"].as_str().ok_or_else(|| wrong("the content of an added token"))?;
                if added["special"].as_bool() == Some(true) {
                    special.push(id);
                }
                tokens.push((id, content));
            }
        }
        _ => return Err(wrong("added_tokens")),
    }
    tokens.extend(file.vocab.each());
    // An added token comes before one of the model's own.
    let order = order(tokens.len(), &|a, b| tokens[a].0.cmp(&tokens[b].0));
    let mut tokens: Vec<_> = order.iter().map(|&i| tokens[i as usize]).collect();
    tokens.dedup_by_key(|t| t.0);
    // Ids without a token have no bytes; a gap as large as a vocabulary is damage.
    let last = tokens.last().map_or(0, |t| t.0);
    if last as usize > 4 * tokens.len() + 1024 {
        return Err(wrong("the largest id"));
    }
    let mut tokens = tokens.into_iter().peekable();
    let by_id = (0..=last).map(|id| tokens.next_if(|t| t.0 == id).map_or("", |t| t.1).to_owned());
    Ok(Vocabulary { frame: frame(&file.post_processor), ..Vocabulary::new(by_id, scheme, &special) })
}

/// The tokens around a text, by what names them; none if nothing does.
fn frame(post_processor: &Value) -> Frame {
    let steps = post_processor["processors"].as_list().map_or(std::slice::from_ref(post_processor), Vec::as_slice);
    let id = |v: &Value| v.as_u64().and_then(|id| u32::try_from(id).ok());
    let mut frame = Frame::default();
    for step in steps {
        // BERT's own: {"cls": ["[CLS]", 101], "sep": ["[SEP]", 102]}.
        frame.before.extend(step["cls"].items().get(1).and_then(id));
        frame.behind.extend(step["sep"].items().get(1).and_then(id));
        // A template: special tokens and the text between them.
        let mut side = &mut frame.before;
        for piece in step["single"].items() {
            match piece["SpecialToken"]["id"].as_str() {
                None => side = &mut frame.behind,
                Some(name) => side.extend(step["special_tokens"][name]["ids"].items().iter().filter_map(id)),
            }
        }
    }
    frame
}

/// What a page has parsed of a file: objects of JavaScript's.
#[cfg(target_arch = "wasm32")]
pub(super) fn from_page(file: &wasm_bindgen::JsValue) -> Result<File, TextError> {
    use crate::json::page::{entries, value};

    let mut read = File::default();
    let mut problem = None;
    entries(file, |name, part| match name.as_str() {
        "added_tokens" => read.added_tokens = value(part),
        "decoder" => read.decoder = value(part),
        "post_processor" => read.post_processor = value(part),
        // What has no entries is as good as no vocabulary.
        "vocab" if !part.is_object() => {}
        // The names of a list are its indices, and its items pairs of a text and a number.
        "vocab" if js_sys::Array::is_array(part) => entries(part, |i, pair| {
            let token = js_sys::Array::from(pair).get(0).as_string();
            match (i.parse().ok(), token) {
                (Some(id), Some(token)) => read.vocab.push(id, &token),
                _ => problem = Some(wrong("a pair in model.vocab")),
            }
        }),
        "vocab" => entries(part, |token, id| match id.as_f64().filter(|n| n.fract() == 0.0 && *n >= 0.0) {
            Some(id) if id <= f64::from(u32::MAX) => read.vocab.push(id as u32, &token),
            _ => problem = Some(wrong("an id in model.vocab")),
        }),
        _ => {}
    });
    problem.map_or(Ok(read), Err)
}
