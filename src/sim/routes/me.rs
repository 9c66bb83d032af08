//! `/api/v2/tokens/me` and `/api/v2/users/me`: who the token speaks for.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};

use super::exchange::{Access, exchange};
use crate::sim::core::Core;
use crate::sim::directory::{Named, ORGANIZATION, Person};
use crate::sim::failure::Failure;
use crate::sim::faults::Route;
use crate::sim::reply::Reply;
use crate::sim::tokens::Need;

const ANY_TOKEN: Access = Access::Token(Need::Token);
const CLIENT: &str = "Simulator client";

/// The vendor's `TokenInfo`; to a `HEAD`, that the token is good.
pub(super) async fn token(State(core): State<Arc<Core>>, request: Request) -> Response {
    exchange(&core, Route::Any, ANY_TOKEN, request, |world, ask| {
        let organization = json!({ "id": world.directory.organization.to_string(), "name": ORGANIZATION });
        let info = json!({
            "organization": organization,
            "homeOrganization": organization,
            "authorizedScope": world.tokens.scopes(),
            "OAuthClient": {
                "id": world.tokens.client_id(),
                "name": CLIENT,
                "authorizedGrantType": if ask.user().is_ok() { "CODE" } else { "CLIENT-CREDENTIALS" },
                "organization": organization,
            },
        });
        Ok(Reply::json(StatusCode::OK, &info))
    })
    .await
}

pub(super) async fn revoke(State(core): State<Arc<Core>>, request: Request) -> Response {
    exchange(&core, Route::Any, ANY_TOKEN, request, |world, ask| {
        world.tokens.revoke(ask.token);
        Ok(Reply::empty(StatusCode::OK))
    })
    .await
}

/// The vendor's `UserMe`.
pub(super) async fn user(State(core): State<Arc<Core>>, request: Request) -> Response {
    exchange(&core, Route::Any, ANY_TOKEN, request, |world, ask| {
        let directory = &world.directory;
        let person = directory.user(ask.user()?).ok_or_else(Failure::no_such_route)?;
        Ok(Reply::json(StatusCode::OK, &user_me(person, &directory.division)))
    })
    .await
}

fn user_me(person: &Person, division: &Named) -> Value {
    let Person { id, name, email } = person;
    json!({
        "id": id.to_string(),
        "name": name,
        "division": {
            "id": division.id.to_string(),
            "name": division.name,
            "selfUri": format!("/api/v2/authorization/divisions/{}", division.id),
        },
        "email": email,
        "primaryContactInfo": [{ "address": email, "mediaType": "EMAIL", "type": "PRIMARY" }],
        "addresses": [],
        "state": "active",
        "username": email,
        "version": 1,
        "acdAutoAnswer": false,
        "selfUri": format!("/api/v2/users/{id}"),
    })
}
