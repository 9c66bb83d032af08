//! What users do, a file a verb or noun.

mod calls;
mod command;
mod ensure;
mod pace;
pub mod pause;
mod status;
mod subject;
mod token;
mod trail;
mod tutorial;
mod wait_until;
pub mod workflow;

pub use ensure::Wish;
