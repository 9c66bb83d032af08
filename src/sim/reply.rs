//! Answers, before they are bytes: a status, headers, JSON; and the shape in which Genesys Cloud tells errors.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::tokens::{Need, Quota, Refusal};

pub(super) const CORRELATION_ID: HeaderName = HeaderName::from_static("inin-correlation-id");
/// The words of a fault.
pub(super) const TOLD_TO_FAIL: &str = "The simulator was told to fail here.";
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// An answer.
#[derive(Debug)]
pub(super) struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// A refusal, told as Genesys Cloud does.
#[derive(Debug)]
pub(super) struct Failure {
    pub status: StatusCode,
    code: &'static str,
    message: String,
    parameters: Map<String, Value>,
}

impl Reply {
    pub(super) fn json(status: StatusCode, body: &impl Serialize) -> Self {
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(CONTENT_TYPE, JSON);
        // Writing our own values to memory does not fail; if it did, the tests would see the empty body.
        let body = serde_json::to_vec(body).unwrap_or_default().into();
        Self { status, headers, body }
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
}

impl Failure {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), parameters: Map::new() }
    }

    pub(super) fn parameter(mut self, name: &str, value: &str) -> Self {
        self.parameters.insert(name.into(), value.into());
        self
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad.request", message)
    }

    pub(super) fn no_such_conversation(id: &str) -> Self {
        let message = format!("Conversation {id} was not found, or is no longer active.");
        Self::new(StatusCode::NOT_FOUND, "conversation.not.found", message).parameter("conversationId", id)
    }

    pub(super) fn invalid_value(value: &str, field: &str, allowed: &str) -> Self {
        let message = format!("Value [{value}] is not valid for field type [{field}]. Allowable values are: {allowed}");
        Self::new(StatusCode::BAD_REQUEST, "invalid.value", message).parameter("value", value)
    }

    pub(super) fn no_such_route() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not.found", "The requested resource was not found.")
    }

    /// What a fault says that asks for this status.
    pub(super) fn of_status(status: StatusCode) -> Self {
        let code = match status.as_u16() {
            401 => "bad.credentials",
            403 => "not.authorized",
            404 => "not.found",
            409 => "conflict",
            415 => "unsupported.media.type",
            429 => "too.many.requests",
            503 => "service.unavailable",
            504 => "request.timeout",
            400..500 => "bad.request",
            _ => "internal.server.error",
        };
        Self::new(status, code, TOLD_TO_FAIL)
    }

    pub(super) fn reply(self, request_id: Uuid) -> Reply {
        Reply::json(
            self.status,
            &json!({
                "message": self.message,
                "code": self.code,
                "status": self.status.as_u16(),
                "messageParams": self.parameters,
                "contextId": request_id.to_string(),
                "details": [],
                "errors": [],
            }),
        )
    }
}

/// The answer to a request that was refused before it was looked at.
pub(super) fn refuse(refusal: &Refusal, need: Need, request_id: Uuid) -> Reply {
    match refusal {
        Refusal::NoToken => {
            let message = "No authentication bearer token specified in authorization header.";
            let failure = Failure::new(StatusCode::UNAUTHORIZED, "authentication.required", message);
            failure.reply(request_id).with(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
        }
        Refusal::BadToken => {
            let message = "Invalid login credentials: the token is unknown, has expired or was revoked.";
            let failure = Failure::new(StatusCode::UNAUTHORIZED, "bad.credentials", message);
            failure.reply(request_id).with(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer error=\"invalid_token\""))
        }
        Refusal::Missing(quota) => {
            let (words, names) = match need {
                Need::Scope(scope) => ("You are missing the following permission(s) or scope(s):", scope.to_owned()),
                Need::AnyPermission(any) => {
                    ("You must have at least one of the following permissions assigned:", any.join(", "))
                }
            };
            let message = format!("Unable to perform the requested action. {words} {names}");
            Failure::new(StatusCode::FORBIDDEN, "missing.any.permissions", message)
                .parameter("permissions", &names)
                .reply(request_id)
                .with_quota(*quota)
        }
        Refusal::TooMany(quota) => {
            let Quota { allowed, reset, window, .. } = quota;
            let message = format!(
                "Rate limit exceeded the maximum [{allowed}] requests within [{window}] seconds. Retry the request in [{reset}] seconds"
            );
            Failure::new(StatusCode::TOO_MANY_REQUESTS, "too.many.requests", message)
                .parameter("limit", &allowed.to_string())
                .reply(request_id)
                .with(RETRY_AFTER, (*reset).into())
                .with_quota(*quota)
        }
    }
}

/// The answer to a method that a path does not know; the router adds which it does.
pub(super) fn wrong_method() -> Failure {
    let message = "The requested method is not allowed for this resource.";
    Failure::new(StatusCode::METHOD_NOT_ALLOWED, "method.not.allowed", message)
}
