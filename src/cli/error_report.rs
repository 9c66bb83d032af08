//! An error as the command tells it: a sentence and a hint, or JSON.

use serde_json::{Value, json};

use super::console::Console;
use super::exit;
use crate::error::Error;

/// Tells `error` and gives its exit code.
pub(super) fn tell(console: &mut Console, error: &Error) -> u8 {
    console.complain(&error.to_string(), &error.hint());
    exit::of_error(error)
}

/// `error` for machines.
pub(super) fn as_json(error: &Error) -> Value {
    json!({"kind": error.kind().name(), "message": error.to_string(), "hint": error.hint(), "retryable": error.retryable()})
}
