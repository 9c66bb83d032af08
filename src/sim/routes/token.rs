//! `POST /oauth/token`: the grants of RFC 6749 that the vendor has: client credentials (section 4.4), authorization code
//! (4.1; with PKCE, RFC 7636) and refresh token (6).

use std::borrow::Cow;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{CACHE_CONTROL, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde_json::json;
use url::form_urlencoded;

use super::exchange::{Access, Ask, credentials, exchange};
use crate::sim::core::Core;
use crate::sim::failure::TOLD_TO_FAIL;
use crate::sim::faults::Route;
use crate::sim::logins::Exchanger;
use crate::sim::reply::Reply;
use crate::sim::tokens::{Holder, Issued};
use crate::sim::world::World;

/// An OAuth error.
struct Refusal {
    status: StatusCode,
    error: &'static str,
    words: String,
}

#[derive(Serialize)]
struct Answer {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    scope: String,
}

pub(super) async fn issue(State(core): State<Arc<Core>>, request: Request) -> Response {
    exchange(&core, Route::Token, Access::Open, request, |world, ask| {
        Ok(grant(world, ask).unwrap_or_else(|refusal| refusal.reply()))
    })
    .await
}

fn grant(world: &mut World, ask: &Ask<'_>) -> Result<Reply, Refusal> {
    let form = Form::read(ask.body)?;
    let now = world.now();
    let issued = match form.value("grant_type") {
        "" => return Err(Refusal::malformed("The parameter grant_type is missing.")),
        "client_credentials" => match asker(world, ask, &form)? {
            Exchanger::Confidential => {
                Issued { access_token: world.tokens.issue(now, Holder::Client), refresh_token: None }
            }
            Exchanger::Public => return Err(Refusal::unknown_client()),
        },
        "authorization_code" => {
            let asker = asker(world, ask, &form)?;
            let verifier = verifier(&form)?;
            if asker == Exchanger::Public && verifier.is_none() {
                return Err(Refusal::unknown_client());
            }
            let (code, redirect_uri) = (form.needed("code")?, form.needed("redirect_uri")?);
            world.tokens.exchange(now, code, redirect_uri, verifier, asker).map_err(Refusal::invalid_grant)?
        }
        "refresh_token" => {
            let asker = asker(world, ask, &form)?;
            world.tokens.refresh(now, form.needed("refresh_token")?, asker).map_err(Refusal::invalid_grant)?
        }
        other => {
            let words = format!(
                "The grant type {other:?} is not supported; use client_credentials, authorization_code or refresh_token."
            );
            return Err(Refusal { status: StatusCode::BAD_REQUEST, error: "unsupported_grant_type", words });
        }
    };
    let answer = Answer {
        access_token: issued.access_token,
        token_type: "bearer",
        expires_in: world.tokens.lifetime().as_secs(),
        refresh_token: issued.refresh_token,
        scope: world.tokens.scopes().join(" "),
    };
    Ok(Reply::json(StatusCode::OK, &answer).with(CACHE_CONTROL, HeaderValue::from_static("no-store")))
}

/// Who asks: by Basic, by the form, or by name only.
fn asker(world: &World, ask: &Ask<'_>, form: &Form<'_>) -> Result<Exchanger, Refusal> {
    let (id, secret) = match credentials(ask.headers, "basic") {
        Some(basic) => {
            read_basic(basic).ok_or_else(|| Refusal::malformed("The Authorization header cannot be read."))?
        }
        None => (form.value("client_id").into(), form.value("client_secret").into()),
    };
    if world.tokens.knows(&id, &secret) {
        Ok(Exchanger::Confidential)
    } else if id == world.tokens.client_id() && secret.is_empty() {
        Ok(Exchanger::Public)
    } else {
        Err(Refusal::unknown_client())
    }
}

/// PKCE's verifier, if there is one (RFC 7636 section 4.1).
fn verifier<'a>(form: &'a Form<'_>) -> Result<Option<&'a str>, Refusal> {
    let verifier = form.value("code_verifier");
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if verifier.is_empty() {
        Ok(None)
    } else if (43..=128).contains(&verifier.len()) && verifier.bytes().all(unreserved) {
        Ok(Some(verifier))
    } else {
        Err(Refusal::malformed("The parameter code_verifier must be 43 to 128 letters, digits, or any of -._~"))
    }
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

    fn unknown_client() -> Self {
        let words = "client not found, or its secret is wrong".into();
        Self { status: StatusCode::UNAUTHORIZED, error: "invalid_client", words }
    }

    fn invalid_grant(words: &'static str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error: "invalid_grant", words: words.into() }
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

    fn needed(&self, name: &str) -> Result<&str, Refusal> {
        match self.value(name) {
            "" => Err(Refusal::malformed(format!("The parameter {name} is missing."))),
            value => Ok(value),
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
