//! The run in the journal: what was done before is looked up, what was left open is handed to whoever goes on.

use std::collections::HashMap;

use super::job::Job;
use crate::api::trail::fault;
use crate::error::{Error, Sent};
use crate::journal::{Entry, Journal, JournalError, RowId, RunId, word};
use crate::model::Action;

/// A run that was begun or is continued.
#[derive(Debug)]
pub(super) struct Ledger {
    pub(super) journal: Journal,
    pub(super) run: RunId,
    /// Rows whose command may still act, by conversation.
    open: HashMap<String, Vec<OpenRow>>,
}

/// A row whose command may have acted.
#[derive(Clone, Copy, Debug)]
pub(super) struct OpenRow {
    pub(super) id: RowId,
    pub(super) action: Action,
    /// Another process wrote it: ours does not know of the command yet.
    pub(super) inherited: bool,
    /// It is of this run, which has to settle it.
    pub(super) of_this_run: bool,
}

/// What the run knows of a conversation.
#[derive(Debug, Default)]
pub(super) struct Past {
    /// It was done.
    pub(super) done: bool,
    /// Commands that may still act.
    pub(super) open: Vec<OpenRow>,
}

impl Ledger {
    /// Begins a run, or goes on with one of the same kind. A run of another kind that is not finished is an error.
    pub(super) async fn open(journal: Journal, job: Job) -> Result<Self, Error> {
        let run = journal.begin_run(job.kind()).await.map_err(nothing_sent)?.id;
        let (mut open, this) = (HashMap::<String, Vec<OpenRow>>::new(), journal.process());
        for row in journal.pending().await.map_err(nothing_sent)? {
            let Some(action) = row.action.map(commanded) else { continue };
            let inherited = row.intent_at.process != this;
            let row_of = OpenRow { id: row.id, action, inherited, of_this_run: row.run == Some(run) };
            open.entry(row.conversation_id).or_default().push(row_of);
        }
        Ok(Self { journal, run, open })
    }

    /// The last row of each of these in this run.
    pub(super) fn look_up(
        &self,
        ids: &[String],
    ) -> impl Future<Output = Result<Vec<Option<Entry>>, Error>> + Send + use<> {
        let (journal, run, ids) = (self.journal.clone(), self.run, ids.to_vec());
        async move {
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            journal.items(run, &ids).await.map_err(nothing_sent)
        }
    }

    /// What is known of `id`, whose last row in this run this is.
    pub(super) fn past(&mut self, id: &str, last: Option<&Entry>) -> Past {
        let done = last.and_then(|row| row.outcome).is_some_and(word::Outcome::is_done);
        Past { done, open: if done { Vec::new() } else { self.open.remove(id).unwrap_or_default() } }
    }

    /// Closes the run: the same call begins a new one then.
    pub(super) fn close(&self) -> impl Future<Output = Result<(), Error>> + Send + use<> {
        let (journal, run) = (self.journal.clone(), self.run);
        async move { journal.finish_run(run).await.map_err(|error| fault(&error, Sent::Maybe)) }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn nothing_sent(error: JournalError) -> Error {
    fault(&error, Sent::No)
}

fn commanded(action: word::Action) -> Action {
    match action {
        word::Action::Start => Action::Start,
        word::Action::Stop => Action::Stop,
        word::Action::Pause => Action::Pause,
        word::Action::Resume => Action::Resume,
    }
}
