//! What is asked.

use bytes::Bytes;
use http::Method;

use super::Authorization;

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
    /// The same path with names for its variable parts, for logs.
    pub template: &'static str,
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
}
