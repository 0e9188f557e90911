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
            ("€49 lamp", "€49\u{2019}x lamp"),
            ("€49's lamp", "€49'so lamp"),
            ("It is €49", "It is ten€49"),
        ],
    );
}

#[test]
fn numbers_come_whole() {
    let facts = json!({"hours": "8 a.m. to 6 p.m.", "class": "9:30 am", "opening": "May 12", "trial": "one week", "frames": "five frames"});
    let tagline = rules("tagline", &[("must", json!([])), ("facts", facts)]);
    pairs(
        &tagline,
        &[
            ("Open from 8 a.m. to 6 p.m.", "Open from 8 a"),
            ("Open from 8 am", "Open from 8"),
            ("Open from 8 a.m. to all", "Open from 8 a to all"),
            ("Open till 6 pm", "Open till 6 am."),
            ("A class at 9:30 am", "A class at 9:30"),
            ("It opens on May 12", "It opens on 12 June"),
            ("It opens May 12", "It opens 12"),
            ("One week with it", "One day with it"),
            ("1 week with it", "1 day with it"),
            ("Five frames of it", "Five days of it"),
            ("Five frames or five", "Five weeks of it"),
            ("Five-sided", "Five-week"),
            ("One of one's own", "One-minute lamp"),
        ],
    );
    let short =
        rules("tagline", &[("must", json!([])), ("facts", json!({"hours": "8 a.m."})), ("maxChars", json!(10))]);
    pairs(&short, &[("So 8 a.m.", "So 8 a"), ("So 8 am", "So at 8 a")]);
}

#[test]
fn numbers_keep_what_belongs_to_them() {
    let facts = json!({
        "cover": "£10 million", "pieces": "two hundred pieces", "cells": "2 x AA", "light": "70 lux", "paper": "A3 paper",
        "trial": "two days", "signal": "one bar of signal", "steps": "13 steps", "width": "15%–20%",
    });
    let tagline = rules("tagline", &[("must", json!([])), ("facts", facts)]);
    pairs(
        &tagline,
        &[
            ("Two hundred pieces", "A hundred pieces"),
            ("Two hundred pieces", "Pieces: 100"),
            ("Cover of £10 million", "Cover of 1000000"),
            ("Cover of £10 million", "Cover of £10"),
            ("It runs on 2 x AA", "It runs on 2"),
            ("It runs on 2 x AA", "It is 2 x 13"),
            ("Gives 70 lux", "Gives 70"),
            ("Prints A3 paper", "Prints A3 mm"),
            ("Try it for two days", "Try it for one day"),
            ("One bar is enough", "1 bar is enough"),
            ("There are 13 steps", "There are 13—days"),
            ("It may say 13 steps or so", "From May 13 on"),
            ("Lit & bright; for all", "Lit &bright; for all"),
        ],
    );
}

#[test]
fn names_do_not_go_on_behind_another() {
    let blurb = rules("product-blurb", &[("name", json!("Marrow & Moss")), ("brand", json!("Loon Lake Paddle"))]);
    pairs(
        &blurb,
        &[
            ("Marrow & Moss of Ghent.", "Milrow & Moss and Marrow & Moss of Ghent."),
            ("The Moss of Marrow & Moss in Ghent.", "Carrow & Moss and Marrow & Moss of Ghent."),
            ("A Lake of Marrow & Moss in Ghent.", "Llow Lake Paddle has Marrow & Moss of Ghent."),
        ],
    );
    // Nor is a word of its own nearly the name.
    let one = rules("product-blurb", &[("must", json!([])), ("name", json!("Tidewell")), ("brand", json!("Kestrel"))]);
    pairs(
        &one,
        &[
            ("The Tidewell by Kestrel.", "The Tidewall and Tidewell."),
            ("Kestrel's own Tidewell.", "The IDwell and Tidewell."),
            ("A tidewall for Tidewell.", "The TideWell and Tidewell."),
            ("Walls by Tidewell.", "Ide'well and Tidewell."),
            ("Besides Tidewell.", "By Kestral: the Tidewell."),
        ],
    );
    // Of few letters, ordinary words are near it where a sentence begins.
    let few = rules("product-blurb", &[("must", json!([])), ("name", json!("Glide"))]);
    pairs(&few, &[("Slide it. The Glide.", "It can Slide. The Glide.")]);
    // A brief's other words are no near-misses.
    let own = rules(
        "product-blurb",
        &[("must", json!([])), ("name", json!("Tidewell")), ("category", json!("Sidewell lamp"))],
    );
    assert!(own.holds("The Tidewell is a Sidewell lamp."));
    // A term that has to come must not run into it.
    let moss = rules("product-blurb", &[("name", json!("Marrow & Moss")), ("must", json!(["Moss"]))]);
    assert!(moss.holds("Milrow & Moss and Marrow & Moss."));
}

#[test]
fn what_never_comes() {
    let open = json!([{"class": "superlative", "evidence": "a prize"}, {"class": "saving", "evidence": "a price"}]);
    let never = json!(["cheap", "best buy", "Ghent"]);
    let tagline = rules("tagline", &[("must", json!([])), ("never", never), ("allow", open)]);
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
            ("A chic lamp", "A che ap lamp"),
            ("Heap it up", "A c-h-e-a-p lamp"),
            ("Cheer up", "Che'ap lamp"),
            ("Cheer up. Ap", "A ch\u{2013}eap lamp"),
        ],
    );
    // Signs.
    let signs = rules("tagline", &[("must", json!([])), ("never", json!(["!", "\u{2014}"]))]);
    pairs(&signs, &[("It is lit.", "It is lit!"), ("It is, a lamp", "It is\u{2014}a lamp"), ("Lit", "Lit! Now")]);
    // So many places that the gaps are done without.
    let deep = rules("tagline", &[("must", json!([])), ("never", json!(["aaaaaaaaaaaaaaaaaaaa"]))]);
    pairs(&deep, &[("It is aaa lamp", "It is aaaaaaaaaaaaaaaaaaaa lamp")]);
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
            ("It folds flat", "It folds flat+"),
            ("It folds flat", "It folds flat\u{2013}"),
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
