//! An event as a value, so that another thread can tell it later.

use std::error::Error;
use std::fmt::{self, Write};
use std::time::SystemTime;

use tracing::field::{Field, Visit};
use tracing::{Event, Level};

/// What a field holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Signed(i64),
    /// A whole number that is never negative.
    Unsigned(u64),
    /// Any number.
    Float(f64),
    /// Words.
    Text(String),
}

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The logger that it is for.
    pub target: &'static str,
    /// How much it matters.
    pub level: Level,
    /// When it happened.
    pub at: SystemTime,
    /// The sentence.
    pub message: String,
    /// The rest, in the order of the event.
    pub fields: Vec<(&'static str, Value)>,
}

impl Record {
    /// What an event says.
    pub fn of(event: &Event<'_>, at: SystemTime) -> Self {
        let (target, level) = (event.metadata().target(), *event.metadata().level());
        let mut record = Self { target, level, at, message: String::new(), fields: Vec::new() };
        event.record(&mut record);
        record
    }

    fn add(&mut self, field: &Field, value: Value) {
        self.fields.push((field.name(), value));
    }

    fn words(&mut self, field: &Field, words: fmt::Arguments<'_>) {
        if field.name() == "message" {
            // Writing to a String does not fail.
            let _ = self.message.write_fmt(words);
        } else {
            self.add(field, Value::Text(words.to_string()));
        }
    }
}

impl Visit for Record {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, Value::Float(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, Value::Signed(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, Value::Unsigned(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, Value::Bool(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.words(field, format_args!("{value}"));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.words(field, format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.words(field, format_args!("{value:?}"));
    }
}
