//! The integration tests: what the parts promise together.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on must fail")]

mod client;
mod golden;
mod scripted;
mod workflow;
