//! The wires: domain operations as HTTP requests, and HTTP answers as domain values, without any I/O.
//!
//! An operation is a [`Plan`]: it is stepped with the last answer and says what to send next, or that it is done. What
//! both wires have is a method of [`Wire`]; what only one has is a function of its module.

mod ask;
pub mod checkup;
pub mod events;
mod page;
pub mod platform;
mod problem;

use std::fmt;
use std::time::Duration;

use crate::config::Api;
use crate::error::Error;
use crate::exchange::{Request, Response};
use crate::model::{
    CallSource, Command, Conversation, ConversationId, Document, Flaw, MediaFormat, ParticipantId, Reading, Recording,
    Who,
};

pub use ask::Ask;
pub use events::Events;
pub use page::{Page, PageOf, Row};
pub use platform::Platform;
pub use problem::problem;

/// One of the two APIs. What it does not have is an error before any request.
pub trait Wire: fmt::Debug + Send + Sync {
    /// What is recorded now.
    fn reading(&self, id: &ConversationId) -> Ask<Reading>;
    /// Refuses a command that the wire does not have.
    fn check(&self, command: &Command) -> Result<(), Error>;
    /// Is this command for one participant, whom a reading of the conversation shows? Then it is to be aimed first.
    fn is_aimed(&self, command: &Command) -> bool;
    /// Whom a command is for, as `raw` shows, for `who` asks if that is known. Nobody who could be meant is an error.
    fn aim(&self, id: &ConversationId, command: &Command, raw: &Document, who: Option<&Who>) -> Result<Aim, Error>;
    /// Sends a command that was checked, and aimed if it is for one participant; gives the server's own words, `{}` where
    /// it has none.
    fn command(
        &self,
        id: &ConversationId,
        command: &Command,
        aim: Option<&ParticipantId>,
    ) -> Result<Ask<Document>, Error>;
    /// Whom the server takes us for; None on a wire that has no users.
    fn who(&self) -> Option<Ask<Who>>;
    /// Where it lists the active calls that `who` can see.
    fn call_source(&self, who: &Who) -> CallSource;
    /// One page of a list of active voice calls.
    fn active_calls(&self, page: &PageOf) -> Ask<Page>;
    /// One conversation, if it can be found.
    fn conversation(&self, id: &ConversationId) -> Ask<Option<Conversation>>;
    /// What was recorded of a conversation, with addresses of its media if they are wanted; None while the server is still
    /// busy with it. It may wait for so long itself.
    fn recordings(
        &self,
        id: &ConversationId,
        media: Option<MediaFormat>,
        wait: Duration,
    ) -> Ask<Option<Vec<Recording>>>;
    /// Refuses to give media, on a wire that has none.
    fn check_media(&self, media: Option<MediaFormat>) -> Result<(), Error>;
    /// Refuses to tell of pauses, on a wire that has none.
    fn check_pauses(&self) -> Result<(), Error>;
}

/// At whom a command is aimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Aim {
    /// At this participant.
    At(ParticipantId),
    /// At one of several: it must be known who asks.
    AskWho,
}

/// The wire of an API.
pub fn of(api: Api) -> &'static dyn Wire {
    match api {
        Api::Events => &Events,
        Api::Platform => &Platform,
    }
}

/// Some plan, of any number of steps.
pub struct Steps<T>(Box<dyn Plan<Output = T>>);

impl<T> Steps<T> {
    /// This plan.
    pub fn of(plan: impl Plan<Output = T> + 'static) -> Self {
        Self(Box::new(plan))
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

impl<T: Send> Plan for Steps<T> {
    type Output = T;

    fn step(&mut self, last: Option<Result<Response, Error>>) -> Result<Step<T>, Halt> {
        self.0.step(last)
    }
}

impl<T> fmt::Debug for Steps<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Steps").finish_non_exhaustive()
    }
}
