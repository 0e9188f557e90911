//! What was taken out can be put back, whatever the text.

use copywright::insight::privacy::{anonymise, restore, utf16};
use proptest::prelude::*;

/// Pieces that have to do with what is searched for, put together in any order.
fn pieces() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "anna@example.org",
        "4111 1111 1111 1111",
        "DE89 3704 0044 0532 0130 00",
        "192.0.2.1",
        "+49 171 3920005",
        "My name is ",
        "Anna Weiss",
        "Dear ",
        "Mr. ",
        ",\n",
        "Best regards\n",
        "order number ",
        "48213",
        "Lindenstraße 5, ",
        "10969 Berlin",
        "[EMAIL_1]",
        "[NAME_",
        "2]",
        "[",
        "(",
        " ",
        "\u{1}",
        "ü",
        "🙂",
        "12 rue de la Paix",
        "<",
        ">",
        "@",
        "+",
    ]);
    let piece = prop_oneof![4 => known.prop_map(str::to_owned), 1 => ".{0,8}"];
    prop::collection::vec(piece, 0..24).prop_map(|all| all.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn every_text_comes_back(text in pieces()) {
        let made = anonymise(&text);
        prop_assert_eq!(restore(&made.text, &made.spans), text);
    }

    #[test]
    fn spans_are_where_they_say(text in pieces()) {
        let made = anonymise(&text);
        let mut end = 0;
        for span in &made.spans {
            prop_assert!(span.start >= end && span.end > span.start, "{:?}", made.spans);
            prop_assert_eq!(&text[span.start..span.end], &span.value);
            prop_assert!(!text.contains(&span.placeholder) && made.text.contains(&span.placeholder));
            for other in &made.spans {
                prop_assert_eq!(span.placeholder == other.placeholder, (span.kind, &span.value) == (other.kind, &other.value));
            }
            end = span.end;
        }
        let units: Vec<u16> = text.encode_utf16().collect();
        for (span, there) in utf16(&text, made.spans.clone()).iter().zip(&made.spans) {
            prop_assert_eq!(String::from_utf16(&units[span.start..span.end]).unwrap(), there.value.as_str());
        }
    }
}

#[test]
fn a_reply_is_filled() {
    let made = anonymise("Hello Anna, is anna@example.org still right? We wrote to anna@example.org.");
    assert_eq!(made.text, "Hello [NAME_1], is [EMAIL_1] still right? We wrote to [EMAIL_1].");
    let reply = "Dear [NAME_1], yes: [EMAIL_1]. [EMAIL_2] and [NAME] are nobody's.";
    assert_eq!(restore(reply, &made.spans), "Dear Anna, yes: anna@example.org. [EMAIL_2] and [NAME] are nobody's.");
}

/// Texts that begin like something and never end take time in proportion to their length: an eighth of a megabyte of
/// each, and a megabyte of lines as people write them.
#[test]
fn long_and_hostile_texts() {
    let hostile = ["a", "1 ", "Hi Ab,\n", "order ", "[EMAIL_", "1:", "Am Ab ", "a@", "+1", "12 High ", "a.", "AB12 "];
    let mut texts = hostile.map(|piece| piece.repeat((1 << 17) / piece.len())).to_vec();
    let lines = include_str!("pii.jsonl");
    texts.push(lines.repeat((1 << 20) / lines.len() + 1));
    for text in texts {
        let start = std::time::Instant::now();
        let made = anonymise(&text);
        assert_eq!(restore(&made.text, &made.spans), text);
        let seconds = start.elapsed().as_secs_f64();
        println!("{:?}, {} bytes: {seconds:.2} s, {} spans", &text[..8], text.len(), made.spans.len());
        // Seconds a megabyte; what is no longer in proportion takes minutes.
        assert!(seconds < 0.001 * text.len() as f64, "{:?}: {seconds} s", &text[..8]);
    }
}
