//! `cargo xtask size`: what a page downloads, and whether it stays within the budget.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use flate2::{Compression, write::GzEncoder};

use crate::table::{table, thousands};
use crate::tools::{Result, root};

/// Most gzip -9 bytes of everything that a page downloads except the model, the element included.
const BUDGET: u64 = 300_000;

/// What a page with the element downloads beside the runtime.
const ELEMENT: &str = "element.js";

/// The runtime as a page needs it; other scripts that the build makes are added to these.
const RUNTIME: [&str; 3] = ["index.js", "worker.js", "copywright_bg.wasm"];

/// What only some models or pages load: which, the files, and their limit; see decision 5 in CONTRIBUTING.md.
const LATE: [(&str, &[&str], u64); 7] = [
    ("only for models with a chat template", &["chat.js"], 25_000),
    ("only for models in GGUF", &["gguf.js", "gguf_bg.wasm"], 70_000),
    ("only for pages with the element", &[ELEMENT], 8_000),
    ("only for pages that let others write, or check texts", &["ladder.js", "check.js", "check_bg.wasm"], 100_000),
    ("only for pages with copywright/insight", &["insight.js", "insight-worker.js", "insight_bg.wasm"], 150_000),
    ("only for pages that read or measure texts with it", &["insight-texts_bg.wasm"], 200_000),
    ("only for answers of a given form", &["schema.js", "schema_bg.wasm"], 150_000),
];

/// One file of the package.
#[derive(Debug, Clone, PartialEq)]
struct Entry {
    name: String,
    bytes: u64,
    gzip: u64,
}

/// Prints the table. Over the budget is an error.
pub fn run() -> Result<()> {
    let pkg = root().join("pkg");
    let mut runtime = Vec::new();
    for name in names(&pkg)? {
        runtime.push(measure(&pkg, &name)?);
    }
    let mut late = Vec::new();
    for (_, names, _) in LATE {
        late.push(names.iter().map(|name| measure(&pkg, name)).collect::<Result<Vec<_>>>()?);
    }
    let mut model = Vec::new();
    for name in files(&pkg.join("models/default"))? {
        model.push(measure(&pkg, &format!("models/default/{name}"))?);
    }
    print!("{}", report(&runtime, &late, &model));
    check("the runtime with the element", &with_element(&runtime, &late), BUDGET)?;
    late.iter().zip(LATE).try_for_each(|(files, (_, names, limit))| check(&names.join(" with "), files, limit))
}

/// The scripts and modules that every page downloads. Extra chunks count, but for those of [`LATE`]: splitting a
/// bundle saves nothing here.
fn names(pkg: &Path) -> Result<Vec<String>> {
    let found = files(pkg)?;
    if let Some(missing) = RUNTIME.iter().find(|r| !found.iter().any(|f| f == *r)) {
        return Err(format!("pkg/{missing} is not there: run `cargo xtask build` first"));
    }
    let other = |f: &str| !RUNTIME.contains(&f) && LATE.iter().all(|(_, late, _)| !late.contains(&f));
    let code = |f: &String| [".js", ".mjs", ".wasm"].iter().any(|e| f.ends_with(e)) && other(f);
    Ok(RUNTIME.iter().map(|r| (*r).to_owned()).chain(found.iter().filter(|f| code(f)).cloned()).collect())
}

fn files(dir: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(dir).map_err(|e| format!("{}: {e}; run `cargo xtask build` first", dir.display()))?;
    let mut names: Vec<String> = entries
        .filter_map(std::result::Result::ok)
        .filter(|e| e.path().is_file())
        .map(|e| e.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    Ok(names)
}

fn measure(pkg: &Path, name: &str) -> Result<Entry> {
    let data = fs::read(pkg.join(name)).map_err(|e| format!("pkg/{name}: {e}"))?;
    let gzip = gzip(&data).map_err(|e| format!("pkg/{name}: {e}"))?;
    Ok(Entry { name: name.to_owned(), bytes: data.len() as u64, gzip })
}

/// The length after gzip -9.
pub fn gzip(data: &[u8]) -> std::io::Result<u64> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data)?;
    Ok(encoder.finish()?.len() as u64)
}

fn sum(name: &str, entries: &[Entry]) -> Entry {
    let total = |of: fn(&Entry) -> u64| entries.iter().map(of).sum();
    Entry { name: name.to_owned(), bytes: total(|e| e.bytes), gzip: total(|e| e.gzip) }
}

/// What a page with the element downloads.
fn with_element(runtime: &[Entry], late: &[Vec<Entry>]) -> Vec<Entry> {
    runtime.iter().chain(late.iter().flatten().filter(|e| e.name == ELEMENT)).cloned().collect()
}

fn report(runtime: &[Entry], late: &[Vec<Entry>], model: &[Entry]) -> String {
    let row = |e: &Entry| vec![e.name.clone(), thousands(e.bytes), thousands(e.gzip)];
    let head = |name: &str| vec![name.to_owned(), "bytes".to_owned(), "gzip -9".to_owned()];
    let blank = Vec::new();
    let mut rows = vec![head("runtime")];
    rows.extend(runtime.iter().map(row));
    rows.push(row(&sum("sum", runtime)));
    rows.push(row(&sum("sum with the element", &with_element(runtime, late))));
    rows.push(vec!["budget".to_owned(), String::new(), thousands(BUDGET)]);
    for (files, (when, _, limit)) in late.iter().zip(LATE) {
        rows.extend([blank.clone(), head(when)]);
        rows.extend(files.iter().map(row));
        rows.push(vec!["limit".to_owned(), String::new(), thousands(limit)]);
    }
    rows.extend([blank, head("model, downloaded apart")]);
    rows.extend(model.iter().map(row));
    rows.push(row(&sum("sum", model)));
    table(&rows)
}

fn check(what: &str, files: &[Entry], budget: u64) -> Result<()> {
    let gzip = sum("", files).gzip;
    if gzip > budget {
        let (gzip, over) = (thousands(gzip), thousands(gzip - budget));
        return Err(format!("{what} is {gzip} bytes gzipped, {over} over the budget of {}", thousands(budget)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn entry(name: &str, bytes: u64, gzip: u64) -> Entry {
        Entry { name: name.to_owned(), bytes, gzip }
    }

    #[test]
    fn sums_and_budget() {
        let files = [entry("a.js", 400_000, 100_000), entry("b.wasm", 500_000, 200_000)];
        assert_eq!(sum("sum", &files), entry("sum", 900_000, 300_000));
        assert_eq!(check("it", &files, 300_000), Ok(()));
        assert!(check("it", &files, 299_999).unwrap_err().contains("it is 300,000 bytes gzipped, 1 over the budget"));
        assert_eq!(sum("sum", &[]), entry("sum", 0, 0));
    }

    #[test]
    fn report_lists_every_file_once() {
        let late = [
            vec![entry("chat.js", 9_000, 4_000)],
            vec![entry("a.js", 8, 7), entry("a.wasm", 6, 5)],
            vec![entry("element.js", 3, 2)],
            vec![entry("check.js", 4, 3)],
            vec![entry("b.js", 4, 3)],
            vec![entry("c.wasm", 9, 8)],
            vec![entry("d.js", 4, 3)],
        ];
        let text = report(&[entry("index.js", 1_000, 500)], &late, &[entry("models/default/config.json", 20, 30)]);
        let lines: Vec<Vec<&str>> = text.lines().map(|l| l.split_whitespace().collect()).collect();
        assert_eq!(lines[1], ["index.js", "1,000", "500"]);
        assert_eq!(lines[2], ["sum", "1,000", "500"]);
        assert_eq!(lines[3], ["sum", "with", "the", "element", "1,003", "502"]);
        assert_eq!(lines[4], ["budget", "300,000"]);
        assert_eq!(lines[7], ["chat.js", "9,000", "4,000"]);
        assert_eq!(lines[8], ["limit", "25,000"]);
        assert_eq!((&lines[11][..], &lines[12][..]), (&["a.js", "8", "7"][..], &["a.wasm", "6", "5"][..]));
        assert_eq!(lines[13], ["limit", "70,000"]);
        assert_eq!(lines[16], ["element.js", "3", "2"]);
        assert_eq!(lines[20], ["check.js", "4", "3"]);
        assert_eq!((&lines[24][..], &lines[25][..]), (&["b.js", "4", "3"][..], &["limit", "150,000"][..]));
        assert_eq!(lines[28], ["c.wasm", "9", "8"]);
        assert_eq!((&lines[32][..], &lines[33][..]), (&["d.js", "4", "3"][..], &["limit", "150,000"][..]));
        assert_eq!(lines[36], ["models/default/config.json", "20", "30"]);
        assert_eq!(lines.len(), 38, "{text}");
    }

    #[test]
    fn gzip_is_gzip() {
        let text = "copy ".repeat(1_000);
        let size = gzip(text.as_bytes()).unwrap();
        assert!((20..60).contains(&size), "{size}");
    }

    #[test]
    fn other_scripts_count_too() {
        let dir = std::env::temp_dir().join(format!("copywright-size-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let scripts = [
            "index.js",
            "worker.js",
            "chat.js",
            "gguf.js",
            "gguf_bg.wasm",
            "element.js",
            "insight.js",
            "copywright_bg.wasm",
            "chunk-1.js",
        ];
        for name in scripts.iter().chain(&["index.d.ts", "package.json"]) {
            fs::write(dir.join(name), "x").unwrap();
        }
        assert_eq!(names(&dir).unwrap(), ["index.js", "worker.js", "copywright_bg.wasm", "chunk-1.js"]);
        fs::remove_file(dir.join("worker.js")).unwrap();
        assert!(names(&dir).unwrap_err().contains("pkg/worker.js"));
        fs::remove_dir_all(&dir).unwrap();
    }
}
