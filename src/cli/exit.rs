//! The exit codes, decided once.

use crate::api::workflow::Ending;
use crate::error::{Error, ErrorKind};
use crate::model::State;

/// What was asked for was done.
pub(super) const DONE: u8 = 0;
/// It failed.
pub(super) const FAILED: u8 = 1;
/// The command line, or the settings, cannot work.
pub(super) const USAGE: u8 = 2;
/// There was nothing to act on.
pub(super) const NOTHING: u8 = 3;
/// A change did not show in time.
pub(super) const NOT_PROVEN: u8 = 4;
/// Ctrl-C.
pub(super) const INTERRUPTED: u8 = 130;

/// The exit code of an error.
pub(super) fn of_error(error: &Error) -> u8 {
    match error.kind() {
        ErrorKind::Config | ErrorKind::InvalidAction | ErrorKind::InvalidId => USAGE,
        ErrorKind::NotProven => NOT_PROVEN,
        _ => FAILED,
    }
}

/// The exit code of a workflow's ending.
pub(super) fn of_ending(ending: &Ending) -> u8 {
    match ending {
        Ending::Verified { .. } | Ending::CallEnded { target: State::Stopped, .. } => DONE,
        Ending::CallEnded { .. } => FAILED,
        Ending::NoActiveCall => NOTHING,
        Ending::NotProven { .. } => NOT_PROVEN,
    }
}
