//! The nouns of the domain, a file each. Words that we do not know survive.

mod action;
mod conversation_id;
mod document;
mod state;
mod token;

pub use action::Action;
pub use conversation_id::ConversationId;
pub use document::{Document, Flaw};
pub use state::State;
pub use token::{AccessToken, Grant};
