//! The wires: domain operations as HTTP requests, and HTTP answers as domain values, without any I/O.
//!
//! An operation is a [`Plan`]: it is stepped with the last answer and says what to send next, or that it is done.

mod ask;
pub mod events;
mod problem;

use crate::error::Error;
use crate::exchange::{Request, Response};
use crate::model::Flaw;

pub use ask::Ask;
pub use problem::problem;

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
