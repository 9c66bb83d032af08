//! Answers, before they are bytes: a status, headers, JSON.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;

pub(super) use super::failure::Failure;
use super::rate::Quota;

pub(super) const CORRELATION_ID: HeaderName = HeaderName::from_static("inin-correlation-id");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// An answer.
#[derive(Debug)]
pub(super) struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Reply {
    pub(super) fn json(status: StatusCode, body: &impl Serialize) -> Self {
        // Writing our own values to memory does not fail; if it did, the tests would see the empty body.
        Self::of(status, JSON, serde_json::to_vec(body).unwrap_or_default().into())
    }

    /// A page for people.
    pub(super) fn html(status: StatusCode, page: String) -> Self {
        Self::of(status, HTML, page.into())
    }

    /// An answer without a body.
    pub(super) fn empty(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: Bytes::new() }
    }

    /// The same answer with a body that only a browser could read.
    pub(super) fn garbled(mut self) -> Self {
        self.headers.insert(CONTENT_TYPE, HTML);
        self.body = Bytes::from_static(b"<!DOCTYPE html><html><body><h1>Service temporarily busy</h1></body></html>");
        self
    }

    pub(super) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// The headers that let a client pace itself.
    pub(super) fn with_quota(mut self, quota: Quota) -> Self {
        let numbers = [
            ("inin-ratelimit-allowed", u64::from(quota.allowed)),
            ("inin-ratelimit-count", u64::from(quota.count)),
            ("inin-ratelimit-reset", quota.reset),
        ];
        for (name, number) in numbers {
            self.headers.insert(HeaderName::from_static(name), number.into());
        }
        self
    }

    fn of(status: StatusCode, media: HeaderValue, body: Bytes) -> Self {
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(CONTENT_TYPE, media);
        Self { status, headers, body }
    }
}
