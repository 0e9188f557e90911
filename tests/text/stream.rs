//! From bytes to text, however the bytes are cut.

use copywright::generate::stream::{Delta, TextStream};
use proptest::prelude::*;

/// Streams bytes in these pieces; gives the deltas, the last of which is what `finish` gave.
fn stream(stop: &[&str], pieces: &[&[u8]]) -> Vec<Delta> {
    let mut text = TextStream::new(stop.iter().map(|s| (*s).to_owned()).collect());
    let mut deltas: Vec<Delta> = pieces.iter().map(|piece| text.push(piece)).collect();
    let stopped = deltas.last().is_some_and(|d| d.stopped);
    deltas.push(Delta { text: text.finish(), stopped });
    deltas
}

fn joined(deltas: &[Delta]) -> String {
    deltas.iter().map(|d| d.text.as_str()).collect()
}

/// What a text with these stop strings is, by the definition: it ends at the first character with which one of
/// them is complete, before the longest of those.
fn defined(stop: &[&str], text: &str) -> (String, bool) {
    for (at, c) in text.char_indices() {
        let seen = &text[..at + c.len_utf8()];
        let ends = stop.iter().filter(|s| !s.is_empty() && seen.ends_with(**s)).map(|s| s.len());
        if let Some(longest) = ends.max() {
            return (seen[..seen.len() - longest].to_owned(), true);
        }
    }
    (text.to_owned(), false)
}

fn cut<'a>(bytes: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let mut ends: Vec<usize> = cuts.iter().map(|c| c % (bytes.len() + 1)).chain([0, bytes.len()]).collect();
    ends.sort_unstable();
    ends.windows(2).map(|w| &bytes[w[0]..w[1]]).collect()
}

#[test]
fn characters_wait_until_they_are_whole() {
    // é, €, 😀 byte by byte.
    for whole in ["é", "€", "😀", "e\u{301}", "👩‍👩‍👧"] {
        let pieces: Vec<&[u8]> = whole.as_bytes().chunks(1).collect();
        let deltas = stream(&[], &pieces);
        assert_eq!(joined(&deltas), whole);
        for (i, d) in deltas.iter().enumerate().take(pieces.len()) {
            let so_far: usize = deltas[..=i].iter().map(|d| d.text.len()).sum();
            assert!(so_far <= i + 1 && i + 1 - so_far < 4, "after {} bytes {so_far} are out: {:?}", i + 1, d.text);
        }
    }
    // What is cut off for good becomes one U+FFFD, as TextDecoder has it.
    assert_eq!(joined(&stream(&[], &[b"a\xf0\x9f\x98"])), "a\u{fffd}");
    assert_eq!(joined(&stream(&[], &[b"\xf0\x9f", b"x"])), "\u{fffd}x");
    // An invalid byte is not waited for.
    assert_eq!(stream(&[], &[b"\xff", b"a"])[0].text, "\u{fffd}");
    // Overlong forms, surrogates and what lies beyond Unicode: a replacement for each maximal part.
    for bytes in [&b"\xc0\xaf"[..], b"\xe0\x80\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xf0\x9f\x98\xf0\x9f"] {
        assert_eq!(joined(&stream(&[], &[bytes])), String::from_utf8_lossy(bytes));
    }
}

#[test]
fn stop_strings_across_tokens() {
    let text = |stop: &[&str], pieces: &[&str]| {
        let pieces: Vec<&[u8]> = pieces.iter().map(|p| p.as_bytes()).collect();
        let deltas = stream(stop, &pieces);
        (joined(&deltas), deltas.last().unwrap().stopped)
    };
    assert_eq!(text(&["END"], &["a E", "N", "D b"]), ("a ".into(), true));
    assert_eq!(text(&["END"], &["a E", "N", "d"]), ("a ENd".into(), false));
    assert_eq!(text(&["END"], &["a EEN", "D"]), ("a E".into(), true));
    assert_eq!(text(&["\n"], &["one\ntwo"]), ("one".into(), true));
    assert_eq!(text(&["END"], &["END"]), (String::new(), true));
    assert_eq!(text(&["END"], &["a EN"]), ("a EN".into(), false));
    assert_eq!(text(&["é"], &["caf", "é!"]), ("caf".into(), true));
    assert_eq!(text(&["", "b"], &["ab"]), ("a".into(), true));
    assert_eq!(text(&[""], &["ab"]), ("ab".into(), false));
    // The one that is complete first, wherever the tokens end.
    assert_eq!(text(&["bc", "abcd"], &["abcd"]), ("a".into(), true));
    assert_eq!(text(&["bc", "abcd"], &["abc", "d"]), ("a".into(), true));
    assert_eq!(text(&["c", "abc"], &["xabc"]), ("x".into(), true));
    // Replaced bytes can stop a text too.
    assert_eq!(text(&["\u{fffd}"], &["ab"]), ("ab".into(), false));
    assert_eq!(joined(&stream(&["\u{fffd}"], &[b"ab\xffcd"])), "ab");
    assert_eq!(joined(&stream(&["\u{fffd}"], &[b"ab\xe2"])), "ab");
}

#[test]
fn nothing_is_held_back_without_reason() {
    let held = |stop: &[&str], text: &str| {
        let deltas = stream(stop, &[text.as_bytes()]);
        deltas.last().unwrap().text.clone()
    };
    assert_eq!(held(&[], "a text"), "");
    assert_eq!(held(&["END"], "a text"), "");
    assert_eq!(held(&["END"], "a text E"), "E");
    assert_eq!(held(&["END"], "a text EE"), "E");
    assert_eq!(held(&["END"], "a text EN"), "EN");
    assert_eq!(held(&["END"], "a text EN "), "");
    assert_eq!(held(&["aab", "b\n"], "xaaab"), "", "it has stopped");
    assert_eq!(held(&["aac"], "xaaa"), "aa");
    // A stop string longer than any text holds back what may begin it, and no more.
    let long = format!("copy{}", "!".repeat(1 << 20));
    assert_eq!(held(&[&long], "good copy"), "copy");
    assert_eq!(held(&[&long], "good copy."), "");
}

#[test]
fn after_a_stop_there_is_nothing() {
    let mut text = TextStream::new(vec!["\n".into()]);
    assert_eq!(text.push(b"a\nb"), Delta { text: "a".into(), stopped: true });
    for bytes in [&b"more"[..], b"\xff", b"\xf0\x9f", b""] {
        assert_eq!(text.push(bytes), Delta { text: String::new(), stopped: true });
    }
    assert_eq!(text.finish(), "");
}

/// What a model of brief-v2 writes, in pieces of any size.
#[test]
fn a_space_that_begins_a_line_is_left_out() {
    let written = " Lumen Arc\n  two spaces\n\n end ";
    for size in 1..written.len() {
        let mut text = TextStream::new(Vec::new()).trim_lines(true);
        let pieces: String = written.as_bytes().chunks(size).map(|piece| text.push(piece).text).collect();
        assert_eq!(pieces + &text.finish(), "Lumen Arc\n two spaces\n\nend ");
    }
    let mut text = TextStream::new(vec!["\nLumen".into()]).trim_lines(true);
    assert_eq!(text.push(b" a\n Lumen"), Delta { text: "a".into(), stopped: true });
    let mut text = TextStream::new(Vec::new()).trim_lines(false);
    assert_eq!(text.push(b" a\n b").text, " a\n b");
}

/// Text whose ends look like beginnings of stop strings.
fn like_text() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        8 => prop::sample::select(vec!["a", "b", "ab", "E", "EN", "END", "\n", "é", "€", "😀", " "]).prop_map(|s| s.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 1..4),
        1 => prop::sample::select(vec![&b"\xf0\x9f"[..], b"\xe2\x82", b"\xc3", b"\x80"]).prop_map(<[u8]>::to_vec),
    ];
    proptest::collection::vec(part, 0..24).prop_map(|parts| parts.concat())
}

proptest! {
    /// Any bytes in any pieces are the text that the whole is.
    #[test]
    fn any_bytes_in_any_pieces(bytes in prop_oneof![proptest::collection::vec(any::<u8>(), 0..60), like_text()],
                               cuts in proptest::collection::vec(any::<usize>(), 0..20)) {
        let deltas = stream(&[], &cut(&bytes, &cuts));
        prop_assert_eq!(joined(&deltas), String::from_utf8_lossy(&bytes));
    }

    /// Stop strings are found wherever the pieces end, and what is out never has to be taken back.
    #[test]
    fn stops_do_not_depend_on_pieces(bytes in like_text(), cuts in proptest::collection::vec(any::<usize>(), 0..20),
                                     stop in proptest::collection::vec("[abE\n€]{0,4}|END|\u{fffd}", 0..4)) {
        let stop: Vec<&str> = stop.iter().map(String::as_str).collect();
        let deltas = stream(&stop, &cut(&bytes, &cuts));
        let (want, stopped) = defined(&stop, &String::from_utf8_lossy(&bytes));
        prop_assert_eq!(joined(&deltas), want);
        // A stop that only the end brings (a cut character becomes U+FFFD) is not told before it.
        let last = deltas.last().unwrap().stopped;
        let at_the_end = stopped && stop.contains(&"\u{fffd}");
        prop_assert!(last == stopped || at_the_end);
        // Nothing is held back that no stop string begins with.
        let mut text = TextStream::new(stop.iter().map(|s| (*s).to_owned()).collect());
        let mut all = Vec::new();
        let mut out = 0;
        for piece in cut(&bytes, &cuts) {
            all.extend_from_slice(piece);
            out += text.push(piece).text.len();
            let whole = String::from_utf8_lossy(&all).into_owned();
            let (shown, stopped) = defined(&stop, &whole);
            let held = &shown[out.min(shown.len())..];
            let whole_characters = std::str::from_utf8(&all).is_ok();
            if whole_characters && !stopped {
                prop_assert!(held.is_empty() || stop.iter().any(|s| s.starts_with(held)), "{:?} is held back", held);
            }
        }
    }
}
