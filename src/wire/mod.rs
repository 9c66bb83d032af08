//! The wires: domain operations as HTTP requests, and HTTP answers as domain values, without any I/O.
//!
//! An operation is a [`Plan`]: it is stepped with the last answer and says what to send next, or that it is done. What
//! both wires have is a method of [`Wire`]; what only one has is a function of its module.

mod ask;
pub mod events;
pub mod platform;
mod problem;

use std::fmt;

use crate::config::Api;
use crate::error::Error;
use crate::exchange::{Request, Response};
use crate::model::{Action, Conversation, ConversationId, Document, Flaw, Reading};

pub use ask::Ask;
pub use events::Events;
pub use platform::Platform;
pub use problem::problem;

/// One of the two APIs. What it does not have is an error before any request.
pub trait Wire: fmt::Debug + Send + Sync {
    /// What is recorded now.
    fn reading(&self, id: &ConversationId) -> Ask<Reading>;
    /// Sends a command; gives the server's own words, `{}` where it has none.
    fn command(&self, id: &ConversationId, action: Action) -> Result<Ask<Document>, Error>;
    /// The active voice calls.
    fn active_calls(&self) -> Result<Ask<Vec<Conversation>>, Error>;
    /// One conversation, if it can be found.
    fn conversation(&self, id: &ConversationId) -> Ask<Option<Conversation>>;
}

/// The wire of an API.
pub fn of(api: Api) -> &'static dyn Wire {
    match api {
        Api::Events => &Events,
        Api::Platform => &Platform,
    }
}

/// What a plan wants next.
#[derive(Debug)]
pub enum Step<T> {
    /// Send this, and step again with what comes of it.
    Send(Box<Request>),
    /// This is the result.
    Done(T),
}

/// What a plan cannot go on from.
#[derive(Debug)]
pub enum Halt {
    /// The request failed, and that is the result.
    Failed(Error),
    /// The last answer was a success that cannot be read.
    Unreadable(Flaw),
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Flaw> for Halt {
    fn from(flaw: Flaw) -> Self {
        Self::Unreadable(flaw)
    }
}

/// An operation, sans I/O.
pub trait Plan: Send {
    /// What the operation gives.
    type Output: Send;

    /// Takes what came of the last request (None at first) and says what is next.
    fn step(&mut self, last: Option<Result<Response, Error>>) -> Result<Step<Self::Output>, Halt>;
}
