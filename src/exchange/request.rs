//! What is asked.

use std::borrow::Cow;

use bytes::Bytes;
use http::Method;

use super::Authorization;
use crate::error::Needs;

/// May a request be repeated freely?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It changes nothing that matters: repeat it.
    Read,
    /// It changes a recording: repeat it only if it certainly was not acted on.
    Command,
}

/// Which of the two hosts of a server it is for; behind many base URLs they are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The API.
    Api,
    /// Where one logs in.
    Login,
}

/// One HTTP request, relative to the base URL of its origin.
#[derive(Clone, Debug)]
pub struct Request {
    /// For which host.
    pub origin: Origin,
    /// The method.
    pub method: Method,
    /// The path below the base URL, each segment percent-encoded.
    pub path: String,
    /// The same path with names for its variable parts, for logs.
    pub template: &'static str,
    /// The query, encoded, without its `?`.
    pub query: Option<Cow<'static, str>>,
    /// Who asks.
    pub authorization: Authorization,
    /// The media type that the request declares, with or without a body.
    pub content_type: &'static str,
    /// The body.
    pub body: Option<Bytes>,
    /// May it be repeated freely?
    pub effect: Effect,
    /// What it takes of whoever asks.
    pub needs: Needs,
}
