//! `POST /oauth/token`: the client credentials grant of RFC 6749, section 4.4.

use std::borrow::Cow;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{CACHE_CONTROL, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::json;
use url::form_urlencoded;

use super::exchange::{Access, Ask, credentials, exchange};
use crate::sim::core::Core;
use crate::sim::faults::Route;
use crate::sim::reply::{Reply, TOLD_TO_FAIL};
use crate::sim::world::World;

/// An OAuth error.
struct Refusal {
    status: StatusCode,
    error: &'static str,
    words: String,
}

pub(super) async fn issue(State(core): State<Arc<Core>>, request: Request) -> Response {
    exchange(&core, Route::Token, Access::Open, request, |world, ask| {
        Ok(grant(world, ask).unwrap_or_else(|refusal| refusal.reply()))
    })
    .await
}

fn grant(world: &mut World, ask: &Ask<'_>) -> Result<Reply, Refusal> {
    let form = Form::read(ask.body)?;
    let (id, secret) = match credentials(ask.headers, "basic") {
        Some(basic) => {
            read_basic(basic).ok_or_else(|| Refusal::malformed("The Authorization header cannot be read."))?
        }
        None => (form.value("client_id").into(), form.value("client_secret").into()),
    };
    match form.value("grant_type") {
        "" => return Err(Refusal::malformed("The parameter grant_type is missing.")),
        "client_credentials" => {}
        other => {
            let words = format!("The grant type {other:?} is not supported; use client_credentials.");
            return Err(Refusal { status: StatusCode::BAD_REQUEST, error: "unsupported_grant_type", words });
        }
    }
    if !world.tokens.knows(&id, &secret) {
        let words = "client not found, or its secret is wrong".into();
        return Err(Refusal { status: StatusCode::UNAUTHORIZED, error: "invalid_client", words });
    }
    let access_token = world.tokens.issue(world.now());
    let reply = Reply::json(
        StatusCode::OK,
        &json!({
            "access_token": access_token,
            "token_type": "bearer",
            "expires_in": world.tokens.lifetime().as_secs(),
            "scope": world.tokens.scopes().join(" "),
        }),
    );
    Ok(reply.with(CACHE_CONTROL, HeaderValue::from_static("no-store")))
}

/// What a fault says that asks for this status here.
pub(super) fn failed(status: StatusCode) -> Reply {
    let error = match status.as_u16() {
        401 => "invalid_client",
        503 => "temporarily_unavailable",
        400..500 => "invalid_request",
        _ => "server_error",
    };
    Refusal { status, error, words: TOLD_TO_FAIL.into() }.reply()
}

impl Refusal {
    fn malformed(words: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error: "invalid_request", words: words.into() }
    }

    /// The description goes under the standard's name and under Genesys Cloud's.
    fn reply(&self) -> Reply {
        let Self { status, error, words } = self;
        let reply = Reply::json(*status, &json!({ "error": error, "description": words, "error_description": words }));
        if *status == StatusCode::UNAUTHORIZED {
            reply.with(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"simulator\""))
        } else {
            reply
        }
    }
}

/// Id and secret from a Basic header, each form-encoded inside it (RFC 6749, section 2.3.1).
fn read_basic(encoded: &str) -> Option<(String, String)> {
    let plain = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (id, secret) = plain.split_once(':')?;
    let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8().ok().map(Cow::into_owned);
    Some((decode(id)?, decode(secret)?))
}

struct Form<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Form<'a> {
    /// A parameter that comes twice makes the request malformed, as RFC 6749 has it.
    fn read(body: &'a [u8]) -> Result<Self, Refusal> {
        let pairs: Vec<_> = form_urlencoded::parse(body).collect();
        let twice = pairs.iter().enumerate().find(|(place, (name, _))| pairs[..*place].iter().any(|(n, _)| n == name));
        match twice {
            Some((_, (name, _))) => Err(Refusal::malformed(format!("The parameter {name} comes more than once."))),
            None => Ok(Self(pairs)),
        }
    }

    /// A parameter, empty if it is missing.
    fn value(&self, name: &str) -> &str {
        self.0.iter().find(|(given, _)| given == name).map_or("", |(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_credentials_are_form_decoded() {
        let basic = STANDARD.encode("my%3Aid:a+b%2Bc%25");
        assert_eq!(read_basic(&basic), Some(("my:id".into(), "a b+c%".into())));
        assert_eq!(read_basic("???"), None);
        assert_eq!(read_basic(&STANDARD.encode("no colon")), None);
    }
}
