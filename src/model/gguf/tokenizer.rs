//! The tokenizer in a GGUF file as a `tokenizer.json`, which the `tokenizers` crate and the page's library both read.

use super::vocab::{BYTE, MODEL, NORMAL, Special, TOKENS, Tokens, USER_DEFINED, special_of};
use super::{Header, merges, pre};
use crate::model::error::{ModelError, short};

const SCORES: &str = "tokenizer.ggml.scores";
const MERGES: &str = "tokenizer.ggml.merges";
/// The normalizer that writes spaces visibly.
const SPACES: &str = r#"{"type":"Replace","pattern":{"String":" "},"content":"▁"}"#;

/// No text of a real one is a third as long; a hostile file could make one that is twenty times its own length.
const LONGEST: usize = 64 << 20;

/// JSON in the making; what would be too long is not written to its end.
struct Json(String);

impl Json {
    fn raw(&mut self, text: &str) {
        if self.0.len() < LONGEST {
            self.0.push_str(text);
        }
    }

    /// A string.
    fn text(&mut self, text: &str) {
        self.0.push('"');
        for c in text.chars() {
            match c {
                _ if self.0.len() >= LONGEST => return,
                '"' | '\\' => self.0.extend(['\\', c]),
                '\0'..=' ' if c != ' ' => self.0 += &format!("\\u{:04x}", c as u32),
                _ => self.0.push(c),
            }
        }
        self.0.push('"');
    }

    fn number(&mut self, n: u32) {
        self.raw(&n.to_string());
    }

    /// Things with commas between them.
    fn list<T>(&mut self, items: &mut dyn Iterator<Item = T>, write: &mut dyn FnMut(&mut Self, T)) {
        for (i, item) in items.enumerate() {
            if i > 0 {
                self.raw(",");
            }
            write(self, item);
        }
    }
}

/// The text of an equivalent `tokenizer.json`.
///
/// # Errors
/// A file without a tokenizer, with a damaged one, or with one of a kind that is not supported.
pub fn tokenizer_json(header: &Header) -> Result<String, ModelError> {
    let tokens = Tokens::of(header)?;
    let special = special_of(&tokens)?;
    let mut out = Json(String::with_capacity(tokens.texts.len() * 32));
    out.raw(r#"{"version":"1.0","truncation":null,"padding":null,"added_tokens":["#);
    added(&mut out, &tokens, &special)?;
    out.raw(r#"],"post_processor":"#);
    around(&mut out, &tokens, &special);
    match header.text(MODEL)?.unwrap_or_default() {
        "gpt2" => byte_level(&mut out, &tokens)?,
        "llama" => sentence_piece(&mut out, &tokens, &special)?,
        "bert" => word_piece(&mut out, &tokens, &special)?,
        other => {
            return Err(ModelError::unsupported(header.file(), MODEL, format!("{} is not supported", short(other))));
        }
    }
    out.raw("}}");
    if out.0.len() >= LONGEST {
        return Err(ModelError::file(header.file(), format!("{TOKENS}: are too many")));
    }
    Ok(out.0)
}

/// Tokens that are found in a text before anything is done to it.
fn added(out: &mut Json, tokens: &Tokens, special: &Special) -> Result<(), ModelError> {
    // Phi-3's own file has them take the spaces that follow; GGUF has no place for that. (llama.cpp goes by the name, too.)
    let name = tokens.header.text("general.name")?.unwrap_or_default();
    let phi = ["Phi-3", "phi-3", "Phi3", "phi3"].iter().any(|phi| name.contains(phi));
    let mut found = tokens
        .iter()
        .filter(|&(id, text, kind)| !text.is_empty() && (kind == USER_DEFINED || tokens.special(id, special.unknown)));
    out.list(&mut found, &mut |out, (id, text, kind)| {
        let strips = phi && !matches!(text, "<unk>" | "<s>" | "<|endoftext|>");
        out.raw(r#"{"id":"#);
        out.number(id);
        out.raw(r#","content":"#);
        out.text(text);
        let special = kind != USER_DEFINED;
        out.raw(&format!(
            r#","single_word":false,"lstrip":false,"rstrip":{strips},"normalized":false,"special":{special}}}"#
        ));
    });
    Ok(())
}

/// What stands around a text when special tokens are asked for.
fn around(out: &mut Json, tokens: &Tokens, special: &Special) {
    let bos = special.bos.filter(|_| special.add_bos);
    let eos = special.eos.filter(|_| special.add_eos);
    if bos.or(eos).is_none() {
        return out.raw("null");
    }
    let text = |id: u32| tokens.texts[id as usize];
    let piece = |out: &mut Json, what: &str, name: &str, segment: u32| {
        out.raw(&format!(r#"{{"{what}":{{"id":"#));
        out.text(name);
        out.raw(&format!(r#","type_id":{segment}}}}}"#));
    };
    let part = |out: &mut Json, segment: u32| {
        let begin = bos.filter(|_| segment == 0).map(|id| ("SpecialToken", text(id)));
        let own = ("Sequence", if segment == 0 { "A" } else { "B" });
        let end = eos.map(|id| ("SpecialToken", text(id)));
        let mut all = begin.into_iter().chain([own]).chain(end);
        out.list(&mut all, &mut |out, (what, name)| piece(out, what, name, segment));
    };
    out.raw(r#"{"type":"TemplateProcessing","single":["#);
    part(out, 0);
    out.raw(r#"],"pair":["#);
    part(out, 0);
    out.raw(",");
    part(out, 1);
    out.raw(r#"],"special_tokens":{"#);
    let mut ids = bos.into_iter().chain(eos.filter(|_| eos != bos));
    out.list(&mut ids, &mut |out, id| {
        out.text(text(id));
        out.raw(r#":{"id":"#);
        out.text(text(id));
        out.raw(&format!(r#","ids":[{id}],"tokens":["#));
        out.text(text(id));
        out.raw("]}");
    });
    out.raw("}}");
}

/// The vocabulary, each token as `text` has it; what only fills up the numbers is left out.
fn vocab(out: &mut Json, tokens: &Tokens, unknown: Option<u32>, text: &dyn Fn(&mut Json, &str, u8)) {
    out.raw(r#","vocab":{"#);
    let mut used = tokens.iter().filter(|&(id, text, kind)| {
        !text.is_empty() && (matches!(kind, NORMAL | USER_DEFINED | BYTE) || tokens.special(id, unknown))
    });
    out.list(&mut used, &mut |out, (id, token, kind)| {
        text(out, token, kind);
        out.raw(":");
        out.number(id);
    });
    out.raw("}");
}

/// GPT-2's: bytes as printable characters, and a list of merges.
fn byte_level(out: &mut Json, tokens: &Tokens) -> Result<(), ModelError> {
    let header = tokens.header;
    let Some(pre) = pre::of(header)? else { return Err(pre::unknown(header)) };
    out.raw(if pre.nfc { r#","normalizer":{"type":"NFC"}"# } else { r#","normalizer":null"# });
    out.raw(r#","pre_tokenizer":{"type":"Sequence","pretokenizers":["#);
    for split in pre.splits {
        out.raw(r#"{"type":"Split","pattern":{"Regex":"#);
        out.text(split);
        out.raw(r#"},"behavior":"Isolated","invert":false},"#);
    }
    const BYTES: &str = r#"{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}"#;
    out.raw(BYTES);
    out.raw(r#"]},"decoder":"#);
    out.raw(BYTES);
    bpe(out, false, pre.whole);
    vocab(out, tokens, None, &|out, text, _| out.text(text));
    out.raw(r#","merges":["#);
    let missing = || ModelError::file(header.file(), format!("{MERGES}: missing"));
    let merges = header.array(MERGES)?.ok_or_else(missing)?;
    let mut bad = None;
    out.list(&mut merges.texts().enumerate(), &mut |out, (i, merge)| match std::str::from_utf8(merge) {
        Ok(merge) => out.text(merge),
        Err(_) => bad = Some(i),
    });
    out.raw("]");
    match bad {
        Some(i) => Err(ModelError::file(header.file(), format!("{MERGES}: merge {i} is not UTF-8"))),
        None => Ok(()),
    }
}

/// What is common to models that merge.
fn bpe(out: &mut Json, bytes: bool, whole: bool) {
    out.raw(&format!(
        r#","model":{{"type":"BPE","dropout":null,"continuing_subword_prefix":null,"end_of_word_suffix":null,"fuse_unk":{bytes},"byte_fallback":{bytes},"ignore_merges":{whole}"#
));
}

/// SentencePiece's: characters, merged by the scores of what comes about; bytes for what the vocabulary lacks.
fn sentence_piece(out: &mut Json, tokens: &Tokens, special: &Special) -> Result<(), ModelError> {
    let header = tokens.header;
    let scores: Vec<f32> = match header.array(SCORES)? {
        Some(scores) => scores.values().map(|v| v.number().unwrap_or(0.0) as f32).collect(),
        None => Vec::new(),
    };
    if scores.len() < tokens.texts.len() {
        let problem = format!("{SCORES}: {} for {} tokens", scores.len(), tokens.texts.len());
        return Err(ModelError::file(header.file(), problem));
    }
    let prefix = header.flag("tokenizer.ggml.add_space_prefix")?.unwrap_or(true);
    out.raw(r#","normalizer":{"type":"Sequence","normalizers":["#);
    if prefix {
        out.raw(r#"{"type":"Prepend","prepend":"▁"},"#);
    }
    out.raw(SPACES);
    out.raw(r#"]},"pre_tokenizer":null,"decoder":{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"}"#);
    if prefix {
        out.raw(r#",{"type":"Strip","content":" ","start":1,"stop":0}"#);
    }
    out.raw("]}");
    bpe(out, tokens.kinds.contains(&BYTE), false);
    if let Some(id) = special.unknown {
        out.raw(r#","unk_token":"#);
        out.text(tokens.texts[id as usize]);
    }
    vocab(out, tokens, special.unknown, &|out, text, _| out.text(text));
    out.raw(r#","merges":["#);
    let Some(merges) = merges::merges(tokens, &scores) else {
        return Err(ModelError::file(header.file(), format!("{SCORES}: too many are equal")));
    };
    out.list(&mut merges.iter(), &mut |out, merge| {
        let (left, right) = tokens.texts[merge.id as usize].split_at(merge.at as usize);
        // Neither holds a space.
        out.text(&[left, " ", right].concat());
    });
    out.raw("]");
    Ok(())
}

/// BERT's: the longest token that fits, again and again. The file marks what begins a word by U+2581, and BERT what
/// does not by `##`.
fn word_piece(out: &mut Json, tokens: &Tokens, special: &Special) -> Result<(), ModelError> {
    let header = tokens.header;
    let lower = header.flag("tokenizer.ggml.normalizer.lowercase")?.unwrap_or(true);
    let strip = header.flag("tokenizer.ggml.normalizer.strip_accents")?.unwrap_or(lower);
    let Some(unknown) = special.unknown else {
        return Err(ModelError::file(header.file(), format!("{TOKENS}: none stands for the unknown")));
    };
    out.raw(&format!(
        r###","normalizer":{{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":{strip},"lowercase":{lower}}},"pre_tokenizer":{{"type":"BertPreTokenizer"}},"decoder":{{"type":"WordPiece","prefix":"##","cleanup":true}},"model":{{"type":"WordPiece","continuing_subword_prefix":"##","max_input_chars_per_word":100,"unk_token":"###
));
    out.text(tokens.texts[unknown as usize]);
    vocab(out, tokens, special.unknown, &|out, text, kind| match text.strip_prefix('▁') {
        Some(begins) if !begins.is_empty() => out.text(begins),
        _ if kind == NORMAL => out.text(&["##", text].concat()),
        _ => out.text(text),
    });
    Ok(())
}
