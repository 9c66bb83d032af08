//! An error as the command tells it: a sentence and a hint, or JSON.

use serde_json::{Value, json};

use super::console::Console;
use crate::error::{Error, Sent};

/// Tells `error`.
pub(super) fn tell(console: &mut Console, error: &Error) {
    let hint = error.hint();
    let hint = if hint.is_empty() { "`gcrec COMMAND --help` tells what a command needs." } else { &hint };
    console.complain(&error.to_string(), hint);
}

/// `error` for machines.
pub(super) fn as_json(error: &Error) -> Value {
    json!({"kind": error.kind().name(), "message": error.to_string(), "hint": error.hint(), "retryable": error.retryable(),
        "maybe_sent": error.sent() != Sent::No, "status_code": error.status_code(), "attempts": error.attempts()})
}
