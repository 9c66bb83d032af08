//! What users do, a file a verb or noun.

mod calls;
mod control;
mod status;
mod token;
pub mod workflow;
