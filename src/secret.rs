//! Types that cannot print themselves, and the removal of secrets from words that are not ours.

use std::fmt;
use std::hash::{Hash, Hasher};

use zeroize::{Zeroize, Zeroizing};

/// What stands where a secret was.
const REDACTED: &str = "[redacted]";
/// Shorter secrets are not searched for in foreign text: they would match by chance.
const SHORTEST_SEARCHED: usize = 4;

/// A string that is wiped when dropped and never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the string over.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(Zeroizing::new(secret.into()))
    }

    /// The secret itself; every caller is a place to look at in a review.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Are they the same? The time that it takes tells nothing of where they differ.
    pub fn equals(&self, other: &Self) -> bool {
        let (one, other) = (self.expose().as_bytes(), other.expose().as_bytes());
        let differ = one.iter().zip(other).fold(one.len() ^ other.len(), |sum, (a, b)| sum | usize::from(a ^ b));
        std::hint::black_box(differ) == 0
    }

    /// Replaces every appearance in `text`: a server may echo what it was sent.
    pub fn scrub(&self, text: &mut String) {
        if self.0.len() >= SHORTEST_SEARCHED && text.contains(self.expose()) {
            let clean = text.replace(self.expose(), REDACTED);
            text.zeroize();
            *text = clean;
        }
    }
}

impl Hash for Secret {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.expose().hash(state);
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

/// Replaces what looks like a telephone number (`+49 89 123456`, `tel:...`): a server may quote a caller's.
pub fn without_numbers(text: &mut String) {
    const SHORTEST: usize = 4;
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '-' | '(' | ')' | '.' | '/');
    let (mut clean, mut rest) = (String::new(), text.as_str());
    while let Some(start) = rest.find('+').into_iter().chain(rest.find("tel:")).min() {
        let (before, number) = rest.split_at(start);
        let sign = if number.starts_with('+') { 1 } else { "tel:".len() };
        let plus = usize::from(number[sign..].starts_with('+'));
        let body = &number[sign + plus..];
        let length = body.find(|c| !is_part(c)).unwrap_or(body.len());
        let digits = body[..length].trim_end_matches(|c: char| !c.is_ascii_digit());
        clean.push_str(before);
        if digits.bytes().filter(u8::is_ascii_digit).count() >= SHORTEST {
            clean.push_str("[number]");
            rest = &body[digits.len()..];
        } else {
            clean.push_str(&number[..sign]);
            rest = &number[sign..];
        }
    }
    if !clean.is_empty() {
        clean.push_str(rest);
        text.zeroize();
        *text = clean;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_print_itself() {
        assert_eq!(format!("{:?}", Secret::new("hunter22")), "[redacted]");
    }

    #[test]
    fn secrets_are_compared_whole() {
        for (one, other, same) in [("", "", true), ("ab", "ab", true), ("ab", "abc", false), ("ab", "aB", false)] {
            assert_eq!(Secret::new(one).equals(&Secret::new(other)), same, "{one} {other}");
        }
    }

    #[test]
    fn an_echo_is_scrubbed() {
        let mut text = String::from("bad token hunter22, hunter22!");
        Secret::new("hunter22").scrub(&mut text);
        assert_eq!(text, "bad token [redacted], [redacted]!");
    }

    #[test]
    fn numbers_are_removed_and_other_words_stay() {
        for (text, clean) in [
            ("caller +4989123456 oops", "caller [number] oops"),
            ("tel:+12025550143", "[number]"),
            ("+49 (89) 123-456, and +1", "[number], and +1"),
            ("Rate limit [300] within [60] seconds", "Rate limit [300] within [60] seconds"),
            ("1+1 is 2; 2f6e1a34-8c5b-4a7e-9d10-b1c2d3e4f506", "1+1 is 2; 2f6e1a34-8c5b-4a7e-9d10-b1c2d3e4f506"),
            ("+", "+"),
        ] {
            let mut words = text.to_owned();
            without_numbers(&mut words);
            assert_eq!(words, clean);
        }
    }
}
