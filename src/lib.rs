//! gcrec: control call recordings in Genesys Cloud CX, and prove that the change took effect.
//!
//! A pure-Rust core under two thin faces, Python and the command line. `docs/architecture.md` draws the house.

pub mod api;
pub mod auth;
#[cfg(feature = "cli")]
pub mod cli;
pub mod client;
pub mod clock;
pub mod config;
pub mod conversations;
pub mod error;
pub mod exchange;
pub mod journal;
pub mod limit;
pub mod log;
pub mod model;
pub mod notify;
#[cfg(feature = "python")]
mod python;
mod retry;
pub mod secret;
#[cfg(feature = "sim")]
pub mod sim;
pub mod transport;
pub mod wire;
