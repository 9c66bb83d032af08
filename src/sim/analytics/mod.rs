//! What the vendor's analytics say of the calls: details of each, found by query, and who is talking right now.

mod activity;
mod details;
mod dimensions;
mod filter;
mod interval;
mod query;

pub(super) use activity::Activity;
pub(super) use details::Details;
pub(super) use query::Query;

use super::reply::Failure;

/// Why a query cannot be read.
fn unreadable(error: &serde_json::Error) -> Failure {
    Failure::bad_request(format!("The query cannot be read: {error}"))
}

/// Something that is published, and that the simulator does not have.
fn not_simulated(what: &str) -> Failure {
    Failure::bad_request(format!("The simulator has no {what}."))
}
