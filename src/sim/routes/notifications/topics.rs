//! `/api/v2/notifications/availabletopics`: what can be subscribed to, and what that takes.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::ANYBODY;
use crate::sim::core::Core;
use crate::sim::failure::Failure;
use crate::sim::faults::Route;
use crate::sim::notify::{TOPICS, Template};
use crate::sim::reply::Reply;
use crate::sim::routes::exchange::exchange;

/// What `expand` may name: the fields of the vendor's model.
const FIELDS: [&str; 13] = [
    "description",
    "permissionDetails",
    "requiresPermissions",
    "requiresDivisionPermissions",
    "requiresAnyValidator",
    "enforced",
    "visibility",
    "schema",
    "requiresCurrentUser",
    "requiresCurrentUserOrPermission",
    "transports",
    "publicApiTemplateUriPaths",
    "topicParameters",
];

pub(super) async fn list(State(core): State<Arc<Core>>, request: Request) -> Response {
    exchange(&core, Route::Channels, ANYBODY, request, |_, ask| {
        let expand = expanded(ask.query)?;
        let entities: Vec<_> = TOPICS.iter().map(|topic| shown(topic, &expand)).collect();
        Ok(Reply::json(StatusCode::OK, &json!({ "entities": entities })))
    })
    .await
}

/// Repeated, or one after the other with commas: clients send both.
fn expanded(query: &str) -> Result<Vec<String>, Failure> {
    let given = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "expand");
    let words: Vec<String> =
        given.flat_map(|(_, value)| value.split(',').map(str::to_owned).collect::<Vec<_>>()).collect();
    match words.iter().find(|word| !FIELDS.contains(&word.as_str())) {
        None => Ok(words),
        Some(odd) => Err(Failure::invalid_value(odd, "expand", &FIELDS.join(", "))),
    }
}

/// What this simulator has nothing to say about is left out.
fn shown(topic: &Template, expand: &[String]) -> Value {
    let mut shown = json!({ "id": topic.id });
    for field in expand {
        let value = match field.as_str() {
            "description" => json!(topic.description),
            "requiresPermissions" => json!(topic.permissions),
            "requiresCurrentUserOrPermission" => json!(topic.free_for_its_user),
            "requiresDivisionPermissions" | "requiresAnyValidator" | "requiresCurrentUser" => json!(false),
            "enforced" => json!(true),
            "visibility" => json!("Public"),
            "transports" => json!(["Websocket"]),
            "topicParameters" => {
                json!(topic.id.split('.').filter(|part| *part == "{id}").map(|_| "id").collect::<Vec<_>>())
            }
            _ => continue,
        };
        shown[field.as_str()] = value;
    }
    shown
}
