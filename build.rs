//! Copies of the shaders for shipping: without comments, empty lines and most spaces, which a page would download.

#![allow(clippy::expect_used, reason = "a build that cannot read its sources has to end")]

use std::path::Path;
use std::{env, fs};

fn main() {
    let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    println!("cargo::rerun-if-changed=shaders");
    for folder in ["shaders", "shaders/lib"] {
        let to = Path::new(&out).join(folder);
        fs::create_dir_all(&to).expect("OUT_DIR is ours");
        for entry in fs::read_dir(folder).expect("the folder of the shaders").flatten() {
            let path = entry.path();
            if path.extension().is_some_and(|e| e == "wgsl") {
                let text = fs::read_to_string(&path).expect("a shader");
                fs::write(to.join(entry.file_name()), bare(&text)).expect("OUT_DIR is ours");
            }
        }
    }
}

/// WGSL has no strings, so `//` begins a comment wherever it stands.
fn bare(text: &str) -> String {
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default().trim());
    lines.filter(|line| !line.is_empty()).flat_map(|line| [close(line), "\n".into()]).collect()
}

/// Without the spaces that part nothing. Behind `>` they stay: `array<f32> =` is not `array<f32>=`.
fn close(line: &str) -> String {
    let part = |c: Option<&char>| c.is_some_and(|c| "(){},;:=+*".contains(*c));
    let all: Vec<char> = line.chars().collect();
    let kept = |&(i, c): &(usize, &char)| {
        let (before, behind) = (i.checked_sub(1).and_then(|i| all.get(i)), all.get(i + 1));
        *c != ' ' || before == Some(&'>') || !(part(before) || part(behind))
    };
    all.iter().enumerate().filter(kept).map(|(_, c)| c).collect()
}
