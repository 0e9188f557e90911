//! The table.

use super::measures::{MEASURES, Measure, RULES, Tally};

/// What was measured, in words, and the table: a row a measure, a column an author; the first one is judged by the bars.
pub fn markdown(facts: &[(&str, String)], columns: &[(String, Tally)]) -> String {
    let mut text = "# Evaluation\n\n".to_owned();
    for (key, value) in facts {
        text.push_str(&format!("- {key}: {value}\n"));
    }
    let names: Vec<&str> = columns.iter().map(|c| c.0.as_str()).collect();
    text.push_str(&format!("\n| measure | bar | {} |\n", names.join(" | ")));
    text.push_str(&format!("| --- |{}\n", " ---: |".repeat(columns.len() + 1)));
    for m in MEASURES {
        let cells = columns.iter().enumerate().map(|(i, (_, tally))| cell(m, tally, i == 0));
        text.push_str(&format!("| {} | {} | {} |\n", m.title, bar(m), cells.collect::<Vec<_>>().join(" | ")));
    }
    let counts: Vec<String> = columns.iter().map(|(_, t)| t.texts.to_string()).collect();
    text.push_str(&format!("| texts judged | | {} |\n", counts.join(" | ")));
    text.push_str(&format!("\n{RULES}"));
    text
}

fn bar(m: &Measure) -> String {
    if m.bar.is_nan() {
        return String::new();
    }
    let sign = if m.least { "≥" } else { "≤" };
    if m.percent { format!("{sign} {:.0} %", 100.0 * m.bar) } else { format!("{sign} {}", m.bar) }
}

/// The number; with a cross when it misses its bar.
fn cell(m: &Measure, tally: &Tally, judged: bool) -> String {
    let Some(value) = (m.of)(tally).value() else { return "–".to_owned() };
    let missed = if m.least { value < m.bar } else { value > m.bar };
    let mark = if judged && missed { " ✗" } else { "" };
    if m.percent { format!("{:.1} %{mark}", 100.0 * value) } else { format!("{value:.2}{mark}") }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_table_with_bars() {
        let mut model = Tally::default();
        model.score(2.2 * std::f64::consts::LN_2, 2);
        model.open(&["a", "b"]);
        let columns = [("tiny@1".to_owned(), model), ("template".to_owned(), Tally::default())];
        let text = markdown(&[("seeds", "1 to 5".to_owned())], &columns);
        let row = |title: &str| text.lines().find(|l| l.starts_with(&format!("| {title} "))).unwrap().to_owned();
        assert!(text.contains("- seeds: 1 to 5\n"));
        assert_eq!(row("measure"), "| measure | bar | tiny@1 | template |");
        assert_eq!(row("bits per byte"), "| bits per byte |  | 1.10 | – |");
        assert_eq!(row("openings of 8 variants"), "| openings of 8 variants | ≥ 5 | 2.00 ✗ | – |");
        assert_eq!(row("texts with foreign numbers"), "| texts with foreign numbers | ≤ 2 % | – | – |");
        // Every row has as many cells as the first.
        let cells = |l: &str| l.matches('|').count();
        assert!(text.lines().filter(|l| l.starts_with('|')).all(|l| cells(l) == 5), "{text}");
    }

    #[test]
    fn bars_have_two_sides() {
        let at = |least, bar| Measure {
            title: "",
            bar,
            least,
            percent: true,
            of: |_| copywright::insight::metrics::Share { hits: 1.0, of: 4.0 },
        };
        let tally = Tally::default();
        assert_eq!(cell(&at(true, 0.25), &tally, true), "25.0 %");
        assert_eq!(cell(&at(true, 0.26), &tally, true), "25.0 % ✗");
        assert_eq!(cell(&at(false, 0.24), &tally, true), "25.0 % ✗");
        assert_eq!(cell(&at(false, 0.24), &tally, false), "25.0 %");
    }
}
