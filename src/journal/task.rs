//! A piece of work for the next transaction, with who waits for it.

use tokio::sync::oneshot;

use super::error::JournalError;
use super::tables::{Fault, Tables};

/// What the waiter of a task gets.
pub(super) type Answer<T> = Result<T, JournalError>;

/// Work of any result.
pub(super) trait Task: Send {
    /// Does it. An error fails the whole transaction.
    fn apply(&mut self, tables: &Tables<'_>) -> rusqlite::Result<()>;
    /// Tells who waits, if anybody still does, once the transaction has ended so.
    fn answer(self: Box<Self>, committed: Result<(), JournalError>);
}

struct Waited<F, T> {
    work: Option<F>,
    done: Option<Answer<T>>,
    reply: oneshot::Sender<Answer<T>>,
}

/// `work` as a task, and where its answer comes.
pub(super) fn task<F, T>(work: F) -> (Box<dyn Task>, oneshot::Receiver<Answer<T>>)
where
    F: FnOnce(&Tables<'_>) -> Result<T, Fault> + Send + 'static,
    T: Send + 'static,
{
    let (reply, answer) = oneshot::channel();
    (Box::new(Waited { work: Some(work), done: None, reply }), answer)
}

impl<F, T> Task for Waited<F, T>
where
    F: FnOnce(&Tables<'_>) -> Result<T, Fault> + Send,
    T: Send,
{
    fn apply(&mut self, tables: &Tables<'_>) -> rusqlite::Result<()> {
        if let Some(work) = self.work.take() {
            self.done = Some(match work(tables) {
                Ok(value) => Ok(value),
                Err(Fault::Refused(error)) => Err(error),
                Err(Fault::Storage(error)) => return Err(error),
            });
        }
        Ok(())
    }

    fn answer(self: Box<Self>, committed: Result<(), JournalError>) {
        let answer = match (committed, self.done) {
            (Ok(()), Some(done)) => done,
            (Err(error), _) => Err(error),
            // It was not reached, which a transaction that succeeded rules out; the reply is dropped, and says so.
            (Ok(()), None) => return,
        };
        // Who no longer waits finds the row by `pending`.
        let _ = self.reply.send(answer);
    }
}
