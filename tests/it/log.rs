//! What is told of requests and tokens, and at which level.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use gcrec::error::{Sent, TransportKind};
use gcrec::log::{Record, Value};
use gcrec::model::{Action, ConversationId};
use tracing::span::{Attributes, Id, Record as Values};
use tracing::subscriber::with_default;
use tracing::{Event, Level, Metadata, Subscriber};

use crate::scripted::{Act, Stage, answer, wait};

#[derive(Clone, Default)]
struct Ear(Arc<Mutex<Vec<Record>>>);

impl Subscriber for Ear {
    fn enabled(&self, event: &Metadata<'_>) -> bool {
        event.target().starts_with("gcrec.")
    }
    fn event(&self, event: &Event<'_>) {
        self.0.lock().unwrap().push(Record::of(event, SystemTime::UNIX_EPOCH));
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Values<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// What is told while a stage plays.
fn told(acts: impl IntoIterator<Item = Act>, action: Action) -> Vec<Record> {
    let (ear, stage) = (Ear::default(), Stage::new(acts));
    let id: ConversationId = "2f6e1a34-8c5b-4a7e-9d10-b1c2d3e4f506".parse().unwrap();
    with_default(ear.clone(), || drop(stage.drive(stage.session(30.0, 1).control(&id, action))));
    let records = ear.0.lock().unwrap().clone();
    assert!(!format!("{records:?}").contains("2f6e1a34"));
    records
}

fn field<'a>(record: &'a Record, name: &str) -> Option<&'a Value> {
    record.fields.iter().find(|(field, _)| *field == name).map(|(_, value)| value)
}

#[test]
fn a_repeat_warns_and_the_success_after_it_does_not() {
    let records = told([wait(429, "2"), answer(202, "{}")], Action::Start);
    let [first, second] = &records[..] else { panic!("{records:?}") };
    assert_eq!((first.target, first.level, second.level), ("gcrec.http", Level::WARN, Level::DEBUG));
    assert!(first.message.contains("answered 429 in 0 ms (attempt 1, wire events)"), "{}", first.message);
    assert!(first.message.ends_with("; it is repeated after 2.00 s"), "{}", first.message);
    let expected = [("method", "POST"), ("wire", "events")];
    for (name, value) in expected {
        assert_eq!(field(second, name), Some(&Value::Text(value.into())));
    }
    assert_eq!(field(second, "status_code"), Some(&Value::Unsigned(202)));
    assert_eq!(field(second, "attempt"), Some(&Value::Unsigned(2)));
    assert_eq!(field(second, "elapsed_ms"), Some(&Value::Float(0.0)));
    assert_eq!(field(second, "correlation_id"), None);
}

#[test]
fn a_failure_that_is_raised_does_not_warn() {
    for act in [answer(404, ""), answer(500, ""), Act::Break(TransportKind::Broken, Sent::Maybe)] {
        let records = told([act], Action::Stop);
        assert_eq!(records.iter().map(|record| record.level).collect::<Vec<_>>(), [Level::DEBUG]);
    }
    let records = told([wait(503, "1"), wait(503, "1")], Action::Stop);
    assert_eq!(records.iter().map(|record| record.level).collect::<Vec<_>>(), [Level::WARN, Level::DEBUG]);
}

#[test]
fn a_timeout_took_as_long_as_it_took() {
    let records = told([Act::Hang], Action::Start);
    let milliseconds = Duration::from_secs(30).as_secs_f64() * 1e3;
    assert_eq!(field(&records[0], "elapsed_ms"), Some(&Value::Float(milliseconds)));
    assert_eq!(field(&records[0], "status_code"), None);
}
