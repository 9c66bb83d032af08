//! The wires: domain operations as HTTP requests, and HTTP answers as domain values, without any I/O.
//!
//! An operation is a [`Plan`]: it is stepped with the last answer and says what to send next, or that it is done.

mod ask;
mod authorization;
pub mod events;
mod problem;
mod progress;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};

use crate::error::Error;
use crate::model::Flaw;

pub use ask::Ask;
pub use authorization::Authorization;
pub use problem::problem;
pub use progress::Progress;

/// May a request be repeated freely?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It changes nothing that matters: repeat it.
    Read,
    /// It changes a recording: repeat it only if it certainly was not acted on.
    Command,
}

/// One HTTP request, relative to the base URL.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path below the base URL, each segment percent-encoded.
    pub path: String,
    /// The query, encoded, without its `?`.
    pub query: Option<&'static str>,
    /// Who asks.
    pub authorization: Authorization,
    /// The media type that the request declares, with or without a body.
    pub content_type: &'static str,
    /// The body.
    pub body: Option<Bytes>,
    /// May it be repeated freely?
    pub effect: Effect,
    /// The scope that it needs.
    pub scope: Option<&'static str>,
    /// How far its current attempt has come; moved on by the transport.
    pub progress: Progress,
}

/// A whole HTTP answer.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status code.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, decompressed.
    pub body: Bytes,
}

impl Response {
    /// The server's id for this exchange.
    pub fn correlation_id(&self) -> Option<String> {
        let named = ["inin-correlation-id", "x-correlation-id", "x-request-id"];
        named.iter().find_map(|name| Some(self.headers.get(*name)?.to_str().ok()?.to_owned()))
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
