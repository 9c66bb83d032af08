//! An error as the command tells it: a sentence and a hint, or JSON.

use serde_json::{Value, json};

use super::console::Console;
use crate::error::Error;

/// Tells `error`.
pub(super) fn tell(console: &mut Console, error: &Error) {
    console.complain(&error.to_string(), &error.hint());
}

/// `error` for machines.
pub(super) fn as_json(error: &Error) -> Value {
    json!({"kind": error.kind().name(), "message": error.to_string(), "hint": error.hint(), "retryable": error.retryable()})
}
