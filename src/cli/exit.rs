//! The exit codes, decided once.

use crate::api::workflow::Ending;
use crate::api::{OutcomeKind, Report};
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
/// Some of many were not done, or nobody knows.
pub(super) const SOME_FAILED: u8 = 5;
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

/// The exit code of many, of which this is known.
pub(super) fn of_report(report: &Report) -> u8 {
    let failed = report.count(OutcomeKind::Failed);
    match report.total() {
        0 => NOTHING,
        total if total == failed => FAILED,
        _ if failed + report.count(OutcomeKind::Unknown) > 0 => SOME_FAILED,
        _ => DONE,
    }
}
