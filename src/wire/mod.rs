//! The wires: domain operations as HTTP requests, and HTTP answers as domain values, without any I/O.
//!
//! An operation is a [`Plan`]: it is stepped with the last answer and says what to send next, or that it is done.

mod ask;
mod authorization;
pub mod events;
mod problem;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};

use crate::error::{Error, Sent};
use crate::model::Flaw;

pub use ask::Ask;
pub use authorization::Authorization;
pub use problem::problem;

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
    /// Set by the transport the moment that the body is about to leave.
    pub departed: Departed,
}

/// Has the body of a request begun to leave? Before that, the server cannot have acted on it.
#[derive(Clone, Debug, Default)]
pub struct Departed(Arc<AtomicBool>);

impl Departed {
    /// It is leaving now.
    pub fn mark(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// A new attempt: nothing of it has left yet.
    pub fn reset(&self) {
        self.0.store(false, Ordering::Release);
    }

    /// What is known when no answer came. A request without a body has no such moment: it may have arrived.
    pub fn sent(&self, has_body: bool) -> Sent {
        if has_body && !self.0.load(Ordering::Acquire) { Sent::No } else { Sent::Maybe }
    }
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
