//! A command that may be ended before its answer, by Ctrl-C: that is told, because the server may act all the same.

use super::console::Console;
use super::foreign::printable;

/// Commands to one conversation that are under way.
struct UnderWay<'a> {
    console: &'a mut Console,
    conversation_id: &'a str,
    answered: bool,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        if !self.answered {
            let id = printable(self.conversation_id);
            self.console.note(&format!("note: a command to {id} may have been sent: look at its status."));
        }
    }
}

/// What `work` gives. If it is dropped before, that is told.
pub(super) async fn seen_to_its_end<T>(
    console: &mut Console,
    conversation_id: &str,
    work: impl Future<Output = T>,
) -> T {
    let mut under_way = UnderWay { console, conversation_id, answered: false };
    let outcome = work.await;
    under_way.answered = true;
    outcome
}
