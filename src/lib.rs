//! gcrec: control call recordings in Genesys Cloud CX, and prove that the change took effect.
//!
//! A pure-Rust core under two thin faces, Python and the command line. `docs/architecture.md` draws the house.

pub mod clock;
#[cfg(feature = "sim")]
pub mod sim;
