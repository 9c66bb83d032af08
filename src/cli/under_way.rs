//! What has to be told if Ctrl-C ends the command now.
//!
//! It cannot be told by a `Drop`: the process may be over before the runtime drops what it ran. A process runs one
//! command, so there is one note.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::foreign::printable;

static NOTE: Mutex<Option<String>> = Mutex::new(None);

/// From now on this is to be told, or nothing.
pub(super) fn set(note: Option<String>) {
    *lock() = note;
}

/// What is to be told, once.
pub(super) fn take() -> Option<String> {
    lock().take()
}

/// What `work` gives, which sends commands to this conversation. The server may act on one whose answer is not awaited.
pub(super) async fn seen_to_its_end<T>(conversation_id: &str, work: impl Future<Output = T>) -> T {
    let id = printable(conversation_id);
    set(Some(format!("note: a command to {id} may have been sent: look at its status.")));
    let outcome = work.await;
    set(None);
    outcome
}

fn lock() -> MutexGuard<'static, Option<String>> {
    NOTE.lock().unwrap_or_else(PoisonError::into_inner)
}
