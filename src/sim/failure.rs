//! Refusals, in the words and the shape in which Genesys Cloud tells errors: its `ErrorBody`. What has no value is left
//! out, never null.

use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::rate::Quota;
use super::reply::Reply;
use super::tokens::{Excess, Need, Refusal};

/// The words of a fault.
pub(super) const TOLD_TO_FAIL: &str = "The simulator was told to fail here.";
/// Where the vendor's registry of limits keeps those of requests.
const LIMITS: &str = "platform.api";

/// A refusal.
#[derive(Debug)]
pub(super) struct Failure {
    pub status: StatusCode,
    code: &'static str,
    message: String,
    parameters: Map<String, Value>,
    /// Boxed, as is the limit: refusals travel in every `Result`, and most have neither.
    entity: Option<Box<(&'static str, String)>>,
    field: Option<String>,
    limit: Option<Box<Limit>>,
}

/// The limit that was hit.
#[derive(Debug, Serialize)]
struct Limit {
    key: &'static str,
    namespace: &'static str,
    value: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    message: String,
    code: &'static str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    entity_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    entity_name: Option<&'static str>,
    message_with_params: String,
    message_params: Map<String, Value>,
    context_id: String,
    details: Vec<Detail>,
    errors: [(); 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<Box<Limit>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Detail {
    error_code: &'static str,
    field_name: String,
}

impl Failure {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        let (message, parameters) = (message.into(), Map::new());
        Self { status, code, message, parameters, entity: None, field: None, limit: None }
    }

    /// A part of the message that stands for itself.
    pub(super) fn parameter(mut self, name: &str, value: &str) -> Self {
        self.parameters.insert(name.into(), value.into());
        self
    }

    /// What the refusal is about: what kind of thing, and which.
    pub(super) fn entity(mut self, name: &'static str, id: &str) -> Self {
        self.entity = Some(Box::new((name, id.into())));
        self
    }

    /// The field of the request that is wrong.
    pub(super) fn field(mut self, name: &str) -> Self {
        self.field = Some(name.into());
        self
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad.request", message)
    }

    /// A body that is needed, and cannot be read.
    pub(super) fn malformed() -> Self {
        Self::bad_request("The request could not be understood by the server due to malformed syntax.")
    }

    pub(super) fn no_such_conversation(id: &str) -> Self {
        let message = format!("Conversation {id} was not found, or is no longer active.");
        Self::new(StatusCode::NOT_FOUND, "conversation.not.found", message)
            .parameter("conversationId", id)
            .entity("conversation", id)
    }

    pub(super) fn invalid_value(value: &str, field: &str, allowed: &str) -> Self {
        let message = format!("Value [{value}] is not valid for field type [{field}]. Allowable values are: {allowed}");
        Self::new(StatusCode::BAD_REQUEST, "invalid.value", message).parameter("value", value).field(field)
    }

    /// A token of the client itself, where only a user's will do.
    pub(super) fn not_a_user() -> Self {
        let message =
            "This request requires a user context. Client credentials cannot be used for requests to this resource.";
        Self::new(StatusCode::BAD_REQUEST, "not.a.user", message)
    }

    pub(super) fn unsupported_media_type() -> Self {
        let message = "Unsupported Media Type - Unsupported or incorrect media type, such as an incorrect Content-Type value in the header.";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported.media.type", message)
    }

    /// A body over the limit, both in bytes.
    pub(super) fn too_large(length: usize, limit: usize) -> Self {
        let message = format!("The request is over the size limit. Content-Length: {length}, Maximum bytes: {limit}");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "request.entity.too.large", message)
            .parameter("contentLength", &length.to_string())
            .parameter("maximumBytes", &limit.to_string())
    }

    pub(super) fn no_such_route() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not.found", "The requested resource was not found.")
    }

    /// The answer to a method that a path does not know; the router adds which it does.
    pub(super) fn wrong_method() -> Self {
        let message = "The requested method is not allowed for this resource.";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method.not.allowed", message)
    }

    /// The holder's role has not all of these permissions.
    pub(super) fn missing_permissions(missing: &[&str]) -> Self {
        let message = "Unable to perform the requested action. You are missing the following permission(s):";
        Self::missing("missing.permissions", message, &missing.join(", "))
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
        let message_with_params = self.parameters.iter().fold(self.message.clone(), without_value);
        let (entity_name, entity_id) = self.entity.map(|entity| *entity).unzip();
        let code = self.code;
        let body = Body {
            message: self.message,
            code,
            status: self.status.as_u16(),
            entity_id,
            entity_name,
            message_with_params,
            message_params: self.parameters,
            context_id: request_id.to_string(),
            details: self.field.map(|field_name| Detail { error_code: code, field_name }).into_iter().collect(),
            errors: [],
            limit: self.limit,
        };
        Reply::json(self.status, &body)
    }

    fn missing(code: &'static str, message: &str, names: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, format!("{message} {names}")).parameter("permissions", names)
    }

    /// One request too many.
    fn too_many(excess: &Excess) -> Self {
        let Excess { quota: Quota { allowed, reset, window, .. }, key, in_header } = excess;
        let new = |code, message| Self::new(StatusCode::TOO_MANY_REQUESTS, code, message);
        let failure = if *in_header {
            let message = format!("Rate limit exceeded the maximum [{allowed}] requests within [{window}] seconds");
            new("too.many.requests", message).parameter("limit", &allowed.to_string())
        } else {
            let message = format!("Rate limit exceeded the maximum. Retry the request in [{reset}] seconds");
            new("too.many.requests.retry.after", message).parameter("retryAfter", &reset.to_string())
        };
        Self { limit: Some(Box::new(Limit { key, namespace: LIMITS, value: *allowed })), ..failure }
    }
}

/// A message in which a parameter stands by its name.
fn without_value(message: String, (name, value): (&String, &Value)) -> String {
    match value.as_str().unwrap_or_default() {
        "" => message,
        value if message.contains(&format!("[{value}]")) => {
            message.replacen(&format!("[{value}]"), &format!("[{{{name}}}]"), 1)
        }
        value => message.replacen(value, &format!("{{{name}}}"), 1),
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
                Need::Token => ("", String::new()),
                Need::Scope(scope) => ("You are missing the following permission(s) or scope(s):", scope.to_owned()),
                Need::AnyPermission(any) => {
                    ("You must have at least one of the following permissions assigned:", any.join(", "))
                }
            };
            let message = format!("Unable to perform the requested action. {words}");
            Failure::missing("missing.any.permissions", &message, &names).reply(request_id).with_quota(*quota)
        }
        Refusal::TooMany(excess) => {
            let reply = Failure::too_many(excess).reply(request_id).with_quota(excess.quota);
            if excess.in_header { reply.with(RETRY_AFTER, excess.quota.reset.into()) } else { reply }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn body(failure: Failure) -> Value {
        serde_json::from_slice(&failure.reply(Uuid::nil()).body).unwrap()
    }

    #[test]
    fn a_refusal_is_a_whole_error_body() {
        let told = body(Failure::invalid_value("paused", "recordingState", "ACTIVE, PAUSED"));
        assert_eq!(
            told,
            json!({
                "message": "Value [paused] is not valid for field type [recordingState]. Allowable values are: ACTIVE, PAUSED",
                "code": "invalid.value",
                "status": 400,
                "messageWithParams": "Value [{value}] is not valid for field type [recordingState]. Allowable values are: ACTIVE, PAUSED",
                "messageParams": { "value": "paused" },
                "contextId": Uuid::nil().to_string(),
                "details": [{ "errorCode": "invalid.value", "fieldName": "recordingState" }],
                "errors": [],
            })
        );
        let told = body(Failure::no_such_conversation("abc"));
        assert_eq!((&told["entityId"], &told["entityName"]), (&json!("abc"), &json!("conversation")));
        assert_eq!(told["messageWithParams"], "Conversation {conversationId} was not found, or is no longer active.");
    }
}
