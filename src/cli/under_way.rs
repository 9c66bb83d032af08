//! What has to be told if Ctrl-C ends the command now.
//!
//! It cannot be told by a `Drop`: the process may be over before the runtime drops what it ran. A process runs one
//! command, so there is one ending.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::console::Console;
use super::foreign::printable;

/// What ends a command that was interrupted.
pub(super) type Ending = Box<dyn FnOnce(&mut Console) + Send>;

static ENDING: Mutex<Option<Ending>> = Mutex::new(None);
static STOP: Notify = Notify::const_new();

/// The command is to stop.
pub(super) fn stop() {
    STOP.notify_one();
}

/// Resolves when the command is to stop.
pub(super) async fn stopped() {
    STOP.notified().await;
}

/// From now on this is to be told, or nothing.
pub(super) fn set(note: Option<String>) {
    set_ending(note.map(|note| -> Ending { Box::new(move |console| console.note(&note)) }));
}

/// From now on this is to be done, or nothing.
pub(super) fn set_ending(ending: Option<Ending>) {
    let before = std::mem::replace(&mut *lock(), ending);
    drop(before);
}

/// Does what is to be done, once.
pub(super) fn end(console: &mut Console) {
    let ending = lock().take();
    if let Some(ending) = ending {
        ending(console);
    }
}

/// What `work` gives, which sends commands to this conversation. The server may act on one whose answer is not awaited.
pub(super) async fn seen_to_its_end<T>(conversation_id: &str, work: impl Future<Output = T>) -> T {
    let id = printable(conversation_id);
    set(Some(format!("note: a command to {id} may have been sent: look at its status.")));
    let outcome = work.await;
    set(None);
    outcome
}

fn lock() -> MutexGuard<'static, Option<Ending>> {
    ENDING.lock().unwrap_or_else(PoisonError::into_inner)
}
