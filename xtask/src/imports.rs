//! Short names for what a module imports from its JavaScript. wasm-bindgen's names end in hashes, which nothing compresses,
//! and stand in both files.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use walrus::Module;

use crate::tools::Result;

/// Renames the imports of `NAME_bg.wasm` from `NAME_bg.js`, there and in `NAME.js`. Returns how many.
pub fn shorten(folder: &Path, name: &str) -> Result<usize> {
    let (wasm, script) = (folder.join(format!("{name}_bg.wasm")), folder.join(format!("{name}.js")));
    let mut module = Module::from_file(&wasm).map_err(|e| format!("{}: {e:#}", wasm.display()))?;
    let mut short = HashMap::new();
    for import in module.imports.iter_mut().filter(|i| i.module.ends_with("_bg.js")) {
        let number = short.len();
        let new = short.entry(import.name.clone()).or_insert_with(|| letters(number));
        import.name.clone_from(new);
    }
    let text = fs::read_to_string(&script).map_err(|e| format!("{}: {e}", script.display()))?;
    let (text, renamed) = replaced(&text, &short);
    if renamed != short.len() {
        return Err(format!("{}: {renamed} of {} imports are defined there", script.display(), short.len()));
    }
    fs::write(&script, text).map_err(|e| format!("{}: {e}", script.display()))?;
    module.emit_wasm_file(&wasm).map_err(|e| format!("{}: {e:#}", wasm.display()))?;
    Ok(short.len())
}

/// a, b, ..., z, aa, ab, ...
fn letters(number: usize) -> String {
    let last = char::from(b'a' + (number % 26) as u8);
    if number < 26 { last.to_string() } else { letters(number / 26 - 1) + &last.to_string() }
}

/// The script with other names where functions are defined (`        NAME: function(`), and how many there were.
fn replaced(script: &str, short: &HashMap<String, String>) -> (String, usize) {
    let (mut text, mut count) = (String::with_capacity(script.len()), 0);
    for line in script.split_inclusive('\n') {
        let start = line.len() - line.trim_start().len();
        let defined = line[start..].split_once(':').and_then(|(name, rest)| Some((short.get(name)?, rest)));
        match defined {
            Some((name, rest)) => {
                text.extend([&line[..start], name, ":", rest]);
                count += 1;
            }
            None => text.push_str(line),
        }
    }
    (text, count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_all_different() {
        let all: Vec<String> = (0..1000).map(letters).collect();
        assert_eq!((&*all[0], &*all[25], &*all[26], &*all[701], &*all[702]), ("a", "z", "aa", "zz", "aaa"));
        assert_eq!(all.iter().collect::<std::collections::HashSet<_>>().len(), 1000);
    }

    #[test]
    fn only_definitions_are_renamed() {
        let short = HashMap::from([("__wbg_then_1f".to_owned(), "b".to_owned())]);
        let script = "  const x = {\n    __wbg_then_1f: function(a) {\n      // __wbg_then_1f\n    },\n    other: 1,\n";
        let (text, count) = replaced(script, &short);
        assert_eq!(text, "  const x = {\n    b: function(a) {\n      // __wbg_then_1f\n    },\n    other: 1,\n");
        assert_eq!(count, 1);
    }
}
