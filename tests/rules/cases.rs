//! What the automata of a brief let through, text by text.

use copywright::copy::constrain::constraint;
use copywright::generate::constraint::Constraint;
use serde_json::{Value, json};

use crate::brief;
use crate::machine::whole;

fn rules(format: &str, changes: &[(&str, Value)]) -> Constraint {
    let mut value = whole(format);
    for (field, change) in changes {
        value[field] = change.clone();
    }
    constraint(&brief(&value), false).unwrap()
}

/// Of each pair the first text holds and the second does not.
fn pairs(rules: &Constraint, pairs: &[(&str, &str)]) {
    for (good, bad) in pairs {
        assert!(rules.holds(good), "{good:?} should hold");
        assert!(!rules.holds(bad), "{bad:?} should not hold");
    }
}

#[test]
fn numbers_are_the_briefs() {
    let tagline = rules("tagline", &[("must", json!([]))]);
    pairs(
        &tagline,
        &[
            ("Yours for €49", "Yours for €48"),
            ("Only €49.", "Only €49.50."),
            ("It weighs 1.5 kg", "It weighs 1.5 lb"),
            ("It weighs 1.5 kilos", "It weighs 1.5"),
            ("A two-year warranty", "A three-year warranty"),
            ("2 years on us", "2 hours on us"),
            ("Two-year warranty", "Two warranties"),
            ("One lamp for all", "Two lamps for all"),
            ("It is lit", "It is 49% lit"),
            ("A twofold joy", "Twice the joy"),
            ("€49", "€"),
            ("€49", "$49"),
            ("€49", "49"),
        ],
    );
}

#[test]
fn what_never_comes() {
    let tagline = rules("tagline", &[("must", json!([])), ("never", json!(["cheap", "best buy", "Ghent"]))]);
    pairs(
        &tagline,
        &[
            ("A lamp of one's own", "A cheap lamp"),
            ("A cheapskate's joy", "The cheapest lamp"),
            ("Our best by far", "Our best buy by far"),
            ("The best, buyers say", "The best-buy lamp"),
            ("Best left on", "The BEST BUYS here"),
            ("Gent is here", "Ghent is here"),
            ("Light it up", "Made in ghent"),
        ],
    );
}

#[test]
fn terms_and_names_come() {
    pairs(
        &rules("hero", &[]),
        &[
            ("Folds flat\nThe Lumen Arc, made in Ghent.", "Folds flat\nThe lamp, made in Ghent."),
            ("From Ghent\nThe Lumen Arc folds flat.", "From Ghen\nThe Lumen Arc folds flat."),
            ("From Ghent\nLumen Arc.", "From Ghents\nLumen Arc."),
            ("From Ghent\nLumen Arc dims.", "From Ghent\nLumen Ark dims."),
            ("From Ghent\nLumen Arc dims.", "From Ghent\nLumena and Lumen Arc."),
            ("From Ghent\nLumen Arc dims.", "From Ghent. Lumen Arc dims."),
        ],
    );
}

#[test]
fn texts_end() {
    let tagline = rules("tagline", &[("must", json!([]))]);
    pairs(
        &tagline,
        &[
            ("It dims and folds", "It dims and"),
            ("For students", "For the"),
            ("What it is made of.", "What it is made of"),
            ("It dims!", "It dims,"),
            ("It dims.", "It dims..."),
            ("It dims, it folds", "It dims ,it folds"),
            ("It dims", "It dims "),
            ("It dims", "It  dims"),
            ("It dims", "It dims\u{200b}"),
            ("It dims", "It d\u{456}ms"),
            ("It dims", "It <b>dims"),
        ],
    );
    pairs(
        &rules("product-blurb", &[("must", json!([]))]),
        &[("Lumen Arc dims.", "Lumen Arc dims"), ("Lumen Arc.", "")],
    );
    let short = rules("tagline", &[("must", json!([])), ("maxChars", json!(12))]);
    pairs(&short, &[("It is so fla", "It is so flat"), ("It was so fl", "It was so fla")]);
}

#[test]
fn tables_are_small() {
    let rules = rules("product-blurb", &[]);
    let states: Vec<usize> = rules.automata().iter().map(|a| a.entries().len() / a.width() as usize).collect();
    println!("states {states:?}, {} words", rules.tables().len());
    assert!(rules.tables().len() < 1 << 16);
}
