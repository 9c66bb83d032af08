//! The server's own JSON, untouched, and the little that we read from it.
//!
//! Users get the object that the server sent, so a document is kept as text and turned into Python objects or into a
//! `serde_json::Value` by whoever needs it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

/// Deeper nesting would exhaust the stack of whoever reads it.
const DEEPEST: usize = 500;
/// Python refuses to read longer integers (`sys.get_int_max_str_digits()`).
const LONGEST_INTEGER: usize = 4300;

/// Why a body is not what the wire promises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// Where: `items[0]`; empty for the whole body.
    pub field: String,
    /// What is wrong there, without a word of the body.
    pub reason: String,
}

impl Flaw {
    /// A flaw of `field`.
    pub fn new(field: &str, reason: impl Into<String>) -> Self {
        Self { field: field.to_owned(), reason: reason.into() }
    }

    /// The same flaw, as seen from what holds the object at `place`.
    #[must_use]
    pub fn within(self, place: &str) -> Self {
        let field = if self.field.is_empty() { place.to_owned() } else { format!("{place}.{}", self.field) };
        Self { field, ..self }
    }
}

/// The text of one JSON object.
#[derive(Clone, PartialEq, Eq)]
pub struct Document(Bytes);

impl Document {
    /// The object without members.
    pub fn empty() -> Self {
        Self(Bytes::from_static(b"{}"))
    }

    /// Takes a body that must be one JSON object.
    pub fn parse(body: &Bytes) -> Result<Self, Flaw> {
        let text = without_bom(body);
        if text.trim_ascii().is_empty() {
            return Err(Flaw::new("", "is empty"));
        }
        let raw: &RawValue = serde_json::from_slice(text).map_err(|e| not_json(body, &e))?;
        if raw.get().starts_with('{') {
            Ok(Self(body.slice_ref(raw.get().as_bytes())))
        } else {
            Err(Flaw::new("", "is JSON, but not an object"))
        }
    }

    /// Takes a body that must be one list of JSON objects.
    pub fn parse_list(body: &Bytes) -> Result<Vec<Self>, Flaw> {
        let text = without_bom(body);
        if text.trim_ascii().is_empty() {
            return Err(Flaw::new("", "is empty"));
        }
        let raw: &RawValue = serde_json::from_slice(text).map_err(|e| not_json(body, &e))?;
        if !raw.get().starts_with('[') {
            return Err(Flaw::new("", "is JSON, but not a list"));
        }
        let list: Vec<&RawValue> = serde_json::from_str(raw.get()).map_err(|e| not_json(body, &e))?;
        list.into_iter().enumerate().map(|(n, raw)| object(body, raw, &format!("[{n}]"))).collect()
    }

    /// The members of its list `name`, each of which must be an object; an absent or null list is empty.
    pub fn objects(&self, name: &str) -> Result<Vec<Self>, Flaw> {
        let list = self.list(name)?.into_iter().enumerate();
        list.map(|(n, raw)| object(&self.0, raw, &format!("{name}[{n}]"))).collect()
    }

    /// The first of its list `items`; the rest is not looked at.
    pub fn first_item(&self) -> Result<Option<Self>, Flaw> {
        let first = self.list("items")?.into_iter().next();
        let first = first.map(|raw| object(&self.0, raw, "items[0]")?.presentable("items[0]"));
        first.transpose()
    }

    /// Itself, if it can become an object of any language; `field` is where it was found.
    pub fn presentable(self, field: &str) -> Result<Self, Flaw> {
        match excess(&self.0) {
            None => Ok(self),
            Some(reason) => Err(Flaw::new(field, reason)),
        }
    }

    /// The JSON text.
    pub fn text(&self) -> &[u8] {
        &self.0
    }

    /// Its member `name`, if it has one that can be read.
    pub fn member(&self, name: &str) -> Option<Value> {
        serde_json::from_str(self.members().get(name)?.get()).ok()
    }

    /// The text of its member `name`, if that is a string.
    pub fn string(&self, name: &str) -> Option<String> {
        serde_json::from_str(self.members().get(name)?.get()).ok()
    }

    /// Its member `name`, which must be `what` if it is there and not null.
    pub fn optional<T: DeserializeOwned>(&self, name: &str, what: &str) -> Result<Option<T>, Flaw> {
        let Some(value) = self.members().remove(name) else { return Ok(None) };
        serde_json::from_str(value.get()).map_err(|_| Flaw::new(name, format!("is not {what}")))
    }

    /// The objects in its list `name`; whatever else is there is passed over.
    pub fn list_of(&self, name: &str) -> Vec<Self> {
        let Some(list) = self.members().remove(name) else { return Vec::new() };
        let list: Vec<&RawValue> = serde_json::from_str(list.get()).unwrap_or_default();
        list.into_iter().filter_map(|raw| object(&self.0, raw, name).ok()).collect()
    }

    fn list(&self, name: &str) -> Result<Vec<&RawValue>, Flaw> {
        let Some(list) = self.members().remove(name) else { return Ok(Vec::new()) };
        let list: Option<Vec<&RawValue>> =
            serde_json::from_str(list.get()).map_err(|_| Flaw::new(name, "is neither a list nor null"))?;
        Ok(list.unwrap_or_default())
    }

    /// Its members, each unread; of one that is there twice the last, as everywhere.
    fn members(&self) -> HashMap<Cow<'_, str>, &RawValue> {
        serde_json::from_slice(&self.0).unwrap_or_default()
    }
}

/// A part of `whole` that must be an object.
fn object(whole: &Bytes, part: &RawValue, field: &str) -> Result<Document, Flaw> {
    if part.get().starts_with('{') {
        Ok(Document(whole.slice_ref(part.get().as_bytes())))
    } else {
        Err(Flaw::new(field, "is not an object"))
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&String::from_utf8_lossy(&self.0))
    }
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Bytes::from(String::deserialize(deserializer)?);
        Self::parse(&text).map_err(|flaw| serde::de::Error::custom(flaw.reason))
    }
}

/// Shows nothing: the text may hold callers' data.
impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({} bytes)", self.0.len())
    }
}

fn without_bom(body: &[u8]) -> &[u8] {
    body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body)
}

/// What goes beyond all measure in a JSON text, in words.
fn excess(text: &[u8]) -> Option<String> {
    let (mut depth, mut digits, mut in_string, mut escaped) = (0_usize, 0_usize, false, false);
    for byte in text {
        if in_string {
            in_string = escaped || *byte != b'"';
            escaped = !escaped && *byte == b'\\';
            continue;
        }
        digits = if byte.is_ascii_digit() { digits + 1 } else { 0 };
        match byte {
            b'"' => in_string = true,
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ if digits > LONGEST_INTEGER => {
                return Some(format!("holds a number of more than {LONGEST_INTEGER} digits"));
            }
            _ => {}
        }
        if depth > DEEPEST {
            return Some(format!("is nested more than {DEEPEST} levels deep"));
        }
    }
    None
}

/// Says what is wrong in words that hold nothing of the body.
fn not_json(body: &[u8], error: &serde_json::Error) -> Flaw {
    let start = body.trim_ascii_start();
    let reason = if start.starts_with(b"<") {
        "is HTML or XML, not JSON".to_owned()
    } else if error.is_eof() {
        format!("is JSON that ends too early, after {} bytes", body.len())
    } else {
        format!("is not JSON (line {}, column {})", error.line(), error.column())
    };
    Flaw::new("", reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Document, Flaw> {
        Document::parse(&Bytes::copy_from_slice(text.as_bytes()))
    }

    fn first(text: &str) -> Result<Option<String>, Flaw> {
        let item = parse(text)?.first_item()?;
        Ok(item.map(|d| String::from_utf8(d.text().to_vec()).unwrap()))
    }

    #[test]
    fn the_first_item_is_the_servers_own_text() {
        assert_eq!(first(r#" {"items": [ {"id": 1e2 }, 5]} "#).unwrap().unwrap(), r#"{"id": 1e2 }"#);
    }

    #[test]
    fn an_odd_member_spoils_no_other_and_the_last_of_two_counts() {
        let call = parse(r#"{"id": "a", "f": 1e999, "n": "\ud800", "id": "b"}"#).unwrap();
        assert_eq!((call.string("id").as_deref(), call.string("f")), (Some("b"), None));
        assert_eq!(first(r#"{"items": [1], "items": [{}]}"#).unwrap().unwrap(), "{}");
    }

    #[test]
    fn no_items_is_none() {
        for text in ["{}", r#"{"items": null}"#, r#"{"items": []}"#, "\u{feff}{}"] {
            assert_eq!(first(text), Ok(None), "{text}");
        }
    }

    #[test]
    fn each_flaw_has_its_place() {
        for (text, field) in [
            ("", ""),
            (" \n", ""),
            ("[]", ""),
            ("null", ""),
            ("{", ""),
            ("<html>", ""),
            ("{} {}", ""),
            (r#"{"items": {}}"#, "items"),
            (r#"{"items": "x"}"#, "items"),
            (r#"{"items": [5]}"#, "items[0]"),
            (r#"{"items": [null]}"#, "items[0]"),
        ] {
            assert_eq!(first(text).unwrap_err().field, field, "{text}");
        }
    }

    #[test]
    fn a_list_of_objects_is_taken_apart_and_nothing_else_is() {
        let list = |text: &str| Document::parse_list(&Bytes::copy_from_slice(text.as_bytes()));
        assert_eq!(list("[]").unwrap(), []);
        assert_eq!(list(r#" [{"id": 1}, {}] "#).unwrap()[0].text(), br#"{"id": 1}"#);
        for (text, field) in [("", ""), ("{}", ""), ("null", ""), ("[{}", ""), ("[{}, 5]", "[1]"), ("[[]]", "[0]")] {
            assert_eq!(list(text).unwrap_err().field, field, "{text}");
        }
    }

    #[test]
    fn a_member_is_absent_or_of_its_type() {
        let call = parse(r#"{"a": null, "b": "5", "c": 5}"#).unwrap();
        assert_eq!(call.optional::<u64>("a", "a number"), Ok(None));
        assert_eq!(call.optional::<u64>("x", "a number"), Ok(None));
        assert_eq!(call.optional::<u64>("c", "a number"), Ok(Some(5)));
        let flaw = call.optional::<u64>("b", "a number").unwrap_err().within("list[3]");
        assert_eq!((flaw.field.as_str(), flaw.reason.as_str()), ("list[3].b", "is not a number"));
    }

    #[test]
    fn what_no_language_could_hold_is_a_flaw_of_its_place() {
        let nested = |n| format!(r#"{{"items": [{{"a": {}{}, "b": "[[\\\"[["}}]}}"#, "[".repeat(n), "]".repeat(n));
        let number = |n| format!(r#"{{"items": [{{"a": {}, "b": "{}"}}]}}"#, "9".repeat(n), "9".repeat(5_000));
        assert!(first(&nested(DEEPEST - 1)).is_ok() && first(&number(LONGEST_INTEGER)).is_ok());
        for text in [nested(DEEPEST), nested(1_000_000), number(LONGEST_INTEGER + 1)] {
            assert_eq!(first(&text).unwrap_err().field, "items[0]");
        }
    }

    #[test]
    fn neither_a_flaw_nor_a_debug_shows_the_body() {
        assert!(!parse(r#"{"phone": +15551234"#).unwrap_err().reason.contains("555"));
        assert!(!format!("{:?}", parse(r#"{"phone": "5551234"}"#)).contains("555"));
    }
}
