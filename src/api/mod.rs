//! What users do, a file a verb or noun.

mod acting;
mod bulk;
mod calls;
mod command;
pub mod doctor;
mod ensure;
pub mod events;
mod login;
mod pace;
pub mod pause;
mod recordings;
mod recover;
mod status;
mod subject;
mod token;
mod trail;
mod tutorial;
mod wait_until;
pub mod watch;
pub mod workflow;

pub use acting::{Acting, Told};
pub use bulk::{Bulk, BulkOptions, MOST_FAILURES, MOST_SLOW, Outcome, OutcomeKind, Report};
pub use calls::{ActiveCalls, DAYS, Wanted};
pub use ensure::Wish;
pub use login::Login;
pub use recover::{Recovered, Recovery, take_over};
pub use trail::fault as journal_fault;
