//! Texts drawn byte by byte from what is allowed pass the check: the automata know what it knows.

use std::collections::BTreeMap;

use copywright::copy::check::check;
use copywright::copy::constrain::constraint;
use serde_json::json;

use crate::brief;
use crate::ends::goes_on;
use crate::people::copies;

/// Beginnings, and bytes that are drawn more often than others.
const WAYS: [(&str, &[u8]); 4] =
    [("", b"0123456789 "), ("From ", b"0123456789 .apm"), ("One ", b"dayweek minuthor"), ("", b"twoeighthalf day")];

#[test]
fn what_is_drawn_passes() {
    let (mut all, mut wrong): (u64, BTreeMap<&str, Vec<String>>) = (0, BTreeMap::new());
    for (seed, (mut value, _)) in (0..).zip(copies().into_iter().step_by(61)) {
        value["format"] = json!("tagline");
        value["context"] = json!({});
        let brief = brief(&value);
        let Some(rules) = constraint(&brief, false) else { continue };
        for (begun, liked) in WAYS {
            let (text, good) = goes_on(&rules, begun, liked, seed);
            if !good {
                wrong.entry("end").or_default().push(format!("{text:?} ends nowhere: {value}"));
                continue;
            }
            // What is glued to a number by such signs the check reads as part of it.
            if text.contains(['’', '²', '³', '°']) {
                continue;
            }
            all += 1;
            // What is nearly a name of several words is left to the check.
            let one = brief.name.split_whitespace().count() == 1;
            let known = ["number", "claim", "never", "must", "length", "markup"];
            let known = |rule| known.contains(&rule) || rule == "name" && one;
            for check in check(&text, &brief).iter().filter(|c| !c.pass && known(c.rule)) {
                wrong.entry(check.rule).or_default().push(format!("{text:?}: {} ({value})", check.detail));
            }
        }
    }
    for (rule, texts) in &wrong {
        println!("{rule}: {} of {all}, such as\n{}", texts.len(), texts.join("\n"));
    }
    println!("{all} texts");
    assert!(
        all > 1000 && wrong.is_empty(),
        "{all}, {:?}",
        wrong.iter().map(|(rule, texts)| (rule, texts.len())).collect::<Vec<_>>()
    );
}
