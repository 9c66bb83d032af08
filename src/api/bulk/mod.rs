//! Many conversations: the same command, or the same wish, for each of them.
//!
//! What happens to one never stops the others. All of it runs in the future of whoever polls a [`Bulk`]: as many
//! conversations at a time as are allowed, and a new one only when one is done.
//!
//! | file | what it is |
//! | --- | --- |
//! | `outcomes.rs` | the stream of outcomes: intake, what is under way, the end |
//! | `job.rs` | what is done to each |
//! | `item.rs` | one conversation of many |
//! | `takeover.rs` | a command that an interrupted run left behind |
//! | `ledger.rs` | the run in the journal: begun, looked up, closed |
//! | `recent.rs` | ids that come twice |
//! | `outcome.rs`, `report.rs` | what became of one, and of all |

mod item;
mod job;
mod ledger;
mod outcome;
mod outcomes;
mod recent;
mod report;
mod takeover;

use futures_util::Stream;

pub use outcome::{Outcome, OutcomeKind};
pub use outcomes::Bulk;
pub use report::{MOST_FAILURES, MOST_SLOW, Report};

use super::ensure::Wish;
use crate::client::Session;
use crate::error::Error;
use crate::journal::Journal;
use crate::model::Action;
use job::Job;

/// How many are worked on, and what is written down of it.
#[derive(Clone, Debug)]
pub struct BulkOptions {
    /// Conversations at a time.
    pub concurrency: usize,
    /// Makes it a run that can be continued; None takes the journal of the session, if it has one.
    pub journal: Option<Journal>,
    /// Say what would be sent, and send no command. The journal is left alone.
    pub dry_run: bool,
}

impl Session {
    /// Sends the same command to each. An action that the wire does not have is refused at once, before any request.
    pub fn control_many(
        &self,
        ids: impl Stream<Item = String> + Send + 'static,
        action: Action,
        options: BulkOptions,
    ) -> Result<Bulk, Error> {
        self.wire().check(&action.into())?;
        Ok(Bulk::new(self, Box::pin(ids), Job::Control(action), options))
    }

    /// Makes the same so for each, and proves it.
    pub fn ensure_many(
        &self,
        ids: impl Stream<Item = String> + Send + 'static,
        wish: Wish,
        options: BulkOptions,
    ) -> Result<Bulk, Error> {
        wish.check(self.wire())?;
        Ok(Bulk::new(self, Box::pin(ids), Job::Ensure(wish), options))
    }
}
