//! What a checkup asks on either wire: reads that change nothing.

use http::Method;

use super::Ask;
use super::events::calls_request;
use crate::config::Api;
use crate::error::Needs;
use crate::exchange::{Authorization, Effect, Origin, Quota, Request};
use crate::model::Document;

/// Says of a token whose it is (published API).
const TOKEN: &str = "/api/v2/tokens/me";

/// A sign of life for who has a token.
#[derive(Debug)]
pub struct Pulse {
    /// What is left of the rate, if the server tells.
    pub quota: Option<Quota>,
    /// What it said.
    pub said: Document,
}

/// The read that asks least of a wire.
pub fn pulse(api: Api) -> Ask<Pulse> {
    let request = match api {
        Api::Events => calls_request(),
        Api::Platform => Request {
            origin: Origin::Api,
            method: Method::GET,
            path: TOKEN.into(),
            template: TOKEN,
            query: None,
            authorization: Authorization::Caller,
            content_type: "application/json",
            body: None,
            effect: Effect::Read,
            needs: Needs::Token,
        },
    };
    Ask::new(request, |answer| {
        let answer = answer?;
        Ok(Pulse { quota: Quota::read(&answer.headers), said: Document::parse(&answer.body)? })
    })
}

/// A path that a server of this API has, whoever asks.
pub fn landmark(api: Api) -> &'static str {
    match api {
        Api::Events => "/api/v2/communications",
        Api::Platform => TOKEN,
    }
}
