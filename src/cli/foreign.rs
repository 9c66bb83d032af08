//! Text that is not ours (ids, a server's words, a user's reasons), made harmless for where it is shown.

use std::borrow::Cow;
use std::fmt::Write;

use serde::Serialize;

/// What a spreadsheet takes for the beginning of a formula. (Their wide forms too: some programs fold them.)
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
/// What a reader of CSV may split a line at.
const SPLITS: [char; 6] = [',', ';', '"', '\t', '\r', '\n'];

/// What is kept of a sentence that is too long for a screen: this many characters of its beginning and of its end.
const LONGEST_BEGINNING: usize = 700;
const LONGEST_END: usize = 300;

/// For a terminal: what moves its cursor, colours it or turns the direction of reading is written as an escape.
pub(super) fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(is_odd) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        if is_odd(c) { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    shown.into()
}

/// A sentence that fits on a screen: an id in it may be of any length.
pub(super) fn brief(sentence: &str) -> Cow<'_, str> {
    let from_its_end = |length: usize| sentence.char_indices().rev().nth(length - 1).map_or(0, |(at, _)| at);
    match sentence.char_indices().nth(LONGEST_BEGINNING) {
        Some((cut, _)) if cut < from_its_end(LONGEST_END) => {
            format!("{} [...] {}", &sentence[..cut], &sentence[from_its_end(LONGEST_END)..]).into()
        }
        _ => sentence.into(),
    }
}

/// As one line of JSON, in which odd characters are escaped too: a program reads the same, and a terminal is safe.
pub(super) fn json(value: &impl Serialize) -> String {
    // Our documents have string keys and no failing parts: there is nothing that could go wrong.
    let text = serde_json::to_string(value).unwrap_or_default();
    if !text.contains(is_odd) {
        return text;
    }
    let mut safe = String::with_capacity(text.len() + 64);
    for c in text.chars() {
        match c {
            // Between tokens, in the server's own text: in a string JSON has them escaped.
            '\n' | '\r' | '\t' => safe.push(' '),
            _ if is_odd(c) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(safe, "\\u{unit:04x}"); // to a string: cannot fail
                }
            }
            _ => safe.push(c),
        }
    }
    safe
}

/// As a cell of CSV: quoted where needed, and never a formula.
pub(super) fn cell(text: &str) -> String {
    let text = if text.starts_with(FORMULA) { format!("'{text}") } else { text.to_owned() };
    if text.contains(SPLITS) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// Not printable: a control character, or one of those that only change how others look.
fn is_odd(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    // At the beginning the library would escape accents too, which are fine after a letter.
    let mut after_a_letter = [0; 5];
    after_a_letter[0] = b'a';
    let length = c.encode_utf8(&mut after_a_letter[1..]).len();
    str::from_utf8(&after_a_letter[..=length]).is_ok_and(|pair| pair.escape_debug().count() > 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_gets_no_command() {
        for (text, shown) in [
            ("a'b\"c\\d ü e\u{301}", "a'b\"c\\d ü e\u{301}"),
            ("\u{1b}[2J", "\\u{1b}[2J"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("a\u{202e}b\n", "a\\u{202e}b\\n"),
        ] {
            assert_eq!(printable(text), shown);
        }
    }

    #[test]
    fn a_long_sentence_keeps_its_ends() {
        let long = format!("begin {} end", "ü".repeat(10_000));
        let kept = brief(&long);
        assert!(kept.starts_with("begin ü") && kept.ends_with("ü end") && kept.contains("ü [...] ü"));
        assert_eq!(kept.chars().count(), LONGEST_BEGINNING + LONGEST_END + 7);
        let short = "ü".repeat(LONGEST_BEGINNING + LONGEST_END);
        assert_eq!(brief(&short), short);
    }

    #[test]
    fn json_says_the_same_in_one_line_without_odd_characters() {
        let raw = serde_json::value::RawValue::from_string("{\n \"n\": 1e999}".into()).unwrap();
        assert_eq!(json(&raw), "{  \"n\": 1e999}");
        let text = "\u{9b}31m\u{202e}\u{e0001}\u{1b}\u{7f} ü";
        let told = json(&text);
        assert!(!told.contains(is_odd) && told.contains('ü'), "{told}");
        assert_eq!(serde_json::from_str::<String>(&told).unwrap(), text);
    }

    #[test]
    fn no_cell_is_a_formula_or_two_cells() {
        for (text, written) in [
            ("plain", "plain"),
            ("=1+1", "'=1+1"),
            ("-x", "'-x"),
            ("@a", "'@a"),
            ("+1,\"2\"", "\"'+1,\"\"2\"\"\""),
            ("\rx", "\"'\rx\""),
            ("a\nb", "\"a\nb\""),
        ] {
            assert_eq!(cell(text), written);
        }
    }
}
