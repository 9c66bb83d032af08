//! What is known of a conversation that is followed: read once, and kept up to date by what is told of it.
//!
//! Events are leaner than reads: a field that is absent means no change. So what an event says is laid over what is known,
//! and the verdict is passed on the whole, by the same judge as that of a read. Only what that judge needs is kept: no
//! name and no number of anybody.

use std::hash::{DefaultHasher, Hash, Hasher};

use bytes::Bytes;
use serde_json::{Map, Value};

use super::verdict::{Legs, is_live};
use crate::model::{Document, Flaw, State};

const OF_CONVERSATION: [&str; 3] = ["id", "recordingState", "securePause"];
const OF_PARTICIPANT: [&str; 4] = ["id", "purpose", "userId", "queueId"];
const OF_CALL: [&str; 7] = ["id", "state", "recording", "recordingState", "recordersState", "securePause", "held"];

/// A conversation, as far as it is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Known(Value);

/// What it looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The verdict over the recording.
    pub state: State,
    /// Is anybody on the call?
    pub active: bool,
    /// Does anything at all say whether it is recorded?
    pub telling: bool,
    /// Who is on it, or was, in the server's order: a row for each leg.
    pub people: Vec<Person>,
}

/// One leg of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "four questions with four answers")]
pub struct Person {
    /// Which leg, as far as participant and call have ids.
    pub leg: (String, String),
    /// The user, if it is one.
    pub user_id: Option<String>,
    /// The queue that led here.
    pub queue_id: Option<String>,
    /// Is the leg live?
    pub live: bool,
    /// Is it connected, held or not?
    pub connected: bool,
    /// Is it on hold?
    pub held: bool,
    /// Is it recorded, or would be but for a pause?
    pub recorded: bool,
}

impl Known {
    /// As one read has it.
    pub fn read(raw: &Document) -> Result<Self, Flaw> {
        let body: Value = serde_json::from_slice(raw.text()).map_err(|_| Flaw::new("", "cannot be read"))?;
        Self::of(&body)
    }

    /// As one event has it, of which nothing was known before.
    pub fn of(body: &Value) -> Result<Self, Flaw> {
        let known = Self(lean(body)?);
        known.legs().map(|_| known)
    }

    /// The same with what an event says of it.
    pub fn with(&self, body: &Value) -> Result<Self, Flaw> {
        let mut merged = self.0.clone();
        lay_over(&mut merged, lean(body)?);
        let known = Self(merged);
        known.legs().map(|_| known)
    }

    /// What it looks like.
    pub fn picture(&self) -> Result<Picture, Flaw> {
        let legs = self.legs()?;
        let people: Vec<_> = rows(&self.0).collect();
        let reading = legs.verdict(Document::empty());
        let telling = people.iter().any(|(_, says)| *says) || self.0.get("recordingState").is_some();
        Ok(Picture {
            state: reading.state,
            active: reading.active == Some(true),
            telling,
            people: people.into_iter().map(|(person, _)| person).collect(),
        })
    }

    fn legs(&self) -> Result<Legs, Flaw> {
        let text = Bytes::from(self.0.to_string());
        Legs::read(&Document::parse(&text)?)
    }
}

/// The conversation that an event is about.
pub fn conversation_of(body: &Value) -> Option<&str> {
    body.get("id")?.as_str()
}

/// What an event says, in a number: the same change told through two topics has the same.
pub fn fingerprint(body: &Value) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    lean(body).ok()?.to_string().hash(&mut hasher);
    Some(hasher.finish())
}

/// Without all that the verdict does not need.
fn lean(body: &Value) -> Result<Value, Flaw> {
    let whole = body.as_object().ok_or_else(|| Flaw::new("", "is not an object"))?;
    let mut kept = picked(whole, &OF_CONVERSATION);
    if !kept.get("id").is_some_and(Value::is_string) {
        return Err(Flaw::new("id", "is missing or no string"));
    }
    if let Some(all) = whole.get("participants") {
        let all = all.as_array().ok_or_else(|| Flaw::new("participants", "is not a list"))?;
        kept.insert("participants".into(), all.iter().filter_map(Value::as_object).map(participant).collect());
    }
    Ok(Value::Object(kept))
}

fn participant(whole: &Map<String, Value>) -> Value {
    let mut kept = picked(whole, &OF_PARTICIPANT);
    // Some bodies have whole users and queues.
    for (nested, flat) in [("user", "userId"), ("queue", "queueId")] {
        if let (false, Some(id)) = (kept.contains_key(flat), whole.get(nested).and_then(|it| it.get("id"))) {
            kept.insert(flat.into(), id.clone());
        }
    }
    if let Some(calls) = whole.get("calls").and_then(Value::as_array) {
        let calls = calls.iter().filter_map(Value::as_object).map(|call| Value::Object(picked(call, &OF_CALL)));
        kept.insert("calls".into(), calls.collect());
    }
    Value::Object(kept)
}

fn picked(whole: &Map<String, Value>, names: &[&str]) -> Map<String, Value> {
    let found = names.iter().filter_map(|name| Some(((*name).to_owned(), whole.get(*name)?.clone())));
    found.collect()
}

/// Lays `news` over `known`: members by their names, members of lists by their ids, all else replaced.
fn lay_over(known: &mut Value, news: Value) {
    match (known, news) {
        (Value::Object(known), Value::Object(news)) => {
            for (name, value) in news {
                lay_over(known.entry(name).or_insert(Value::Null), value);
            }
        }
        (Value::Array(known), Value::Array(news)) => {
            for item in news {
                match known.iter_mut().find(|old| old.get("id") == item.get("id")) {
                    Some(old) => lay_over(old, item),
                    None => known.push(item),
                }
            }
        }
        (known, news) => *known = news,
    }
}

/// The legs, each with whether it says anything of a recording.
fn rows(known: &Value) -> impl Iterator<Item = (Person, bool)> {
    let list = |value: &Value, name: &str| value.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let legs = move |one: Value| list(&one, "calls").into_iter().map(move |leg| row(&one, &leg)).collect::<Vec<_>>();
    known.get("participants").and_then(Value::as_array).cloned().unwrap_or_default().into_iter().flat_map(legs)
}

fn row(one: &Value, leg: &Value) -> (Person, bool) {
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let yes = |name: &str| leg.get(name).and_then(Value::as_bool) == Some(true);
    let state = text(leg, "state").unwrap_or_default();
    let live = is_live(Some(&state));
    let on = |word: String| ["active", "paused"].iter().any(|known| word.eq_ignore_ascii_case(known));
    let says = ["recording", "recordingState", "recordersState"].iter().any(|name| leg.get(*name).is_some());
    let person = Person {
        leg: (text(one, "id").unwrap_or_default(), text(leg, "id").unwrap_or_default()),
        user_id: text(one, "userId"),
        queue_id: text(one, "queueId"),
        live,
        connected: live && state.eq_ignore_ascii_case("connected"),
        held: live && yes("held"),
        recorded: live && (yes("recording") || text(leg, "recordingState").is_some_and(on)),
    };
    (person, says)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn call(leg: &Value) -> Value {
        json!({"id": "c", "recordingState": "ACTIVE", "participants": [
            {"id": "customer", "purpose": "customer", "name": "Ann", "calls": [{"id": "1", "state": "connected"}]},
            {"id": "agent", "userId": "u", "queue": {"id": "q"}, "calls": [leg]},
        ]})
    }

    fn known() -> Known {
        Known::of(&call(&json!({"id": "2", "state": "connected", "recording": true, "recordingState": "active",
            "securePause": false, "recordersState": {"adhocState": "ACTIVE"}})))
        .unwrap()
    }

    #[test]
    fn what_an_event_does_not_say_has_not_changed() {
        let state = |leg: &Value| known().with(&call(leg)).unwrap().picture().unwrap().state;
        assert_eq!(state(&json!({"id": "2", "held": true})), State::Recording);
        let paused = json!({"id": "2", "recordingState": "paused", "recordersState": {"adhocState": "PAUSED"},
            "securePause": true});
        assert_eq!(state(&paused), State::Paused);
        // One recorder says nothing of another.
        let snippet = json!({"id": "2", "recordingState": "paused", "recordersState": {"snippetState": "NONE"}});
        assert_eq!(state(&snippet), State::Recording);
    }

    #[test]
    fn who_leaves_is_over_and_who_is_not_mentioned_stays() {
        let left = json!({"id": "c", "participants": [{"id": "agent", "calls": [{"id": "2", "state": "terminated"}]}]});
        let picture = known().with(&left).unwrap().picture().unwrap();
        assert!(picture.active && !picture.people[1].live && picture.people[0].live);
        assert_eq!(
            (picture.people[1].user_id.as_deref(), picture.people[1].queue_id.as_deref()),
            (Some("u"), Some("q"))
        );
    }

    #[test]
    fn nobody_is_kept_by_name_and_types_are_strict() {
        assert!(!format!("{:?}", known()).contains("Ann"));
        assert!(known().with(&call(&json!({"id": "2", "securePause": "false"}))).is_err());
        assert!(known().with(&json!({"participants": []})).is_err());
        assert!(Known::of(&json!({"id": "c"})).is_err());
    }

    #[test]
    fn the_same_change_has_the_same_number_in_any_order_of_members() {
        let one =
            json!({"id": "c", "participants": [{"id": "a", "name": "Ann", "calls": [{"id": "1", "held": true}]}]});
        let other =
            json!({"participants": [{"calls": [{"held": true, "id": "1"}], "id": "a"}], "id": "c", "address": "x"});
        assert_eq!(fingerprint(&one), fingerprint(&other));
        assert_ne!(fingerprint(&one), fingerprint(&json!({"id": "c", "participants": []})));
    }
}
