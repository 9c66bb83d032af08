//! `/api/v2/notifications/channels/{id}/subscriptions`: what a channel is subscribed to.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::{ANYBODY, no_such_channel};
use crate::sim::core::Core;
use crate::sim::failure::Failure;
use crate::sim::faults::Route;
use crate::sim::notify::{Topic, Trouble, Verdict};
use crate::sim::reply::Reply;
use crate::sim::routes::exchange::{Ask, exchange};
use crate::sim::routes::{Id, readable};
use crate::sim::tokens::Holder;
use crate::sim::world::World;

pub(super) async fn list(State(core): State<Arc<Core>>, id: Id, request: Request) -> Response {
    exchange(&core, Route::Channels, ANYBODY, request, |world, ask| {
        let id = readable(id)?;
        let channel = world.channels.find(world.now(), ask.holder, &id).ok_or_else(no_such_channel)?;
        let entities: Vec<_> = channel.subscriptions().map(|topic| entity(&id, topic)).collect();
        Ok(Reply::json(StatusCode::OK, &json!({ "entities": entities })))
    })
    .await
}

pub(super) async fn add(State(core): State<Arc<Core>>, id: Id, request: Request) -> Response {
    exchange(&core, Route::Channels, ANYBODY, request, |world, ask| subscribe(world, ask, &readable(id)?, false)).await
}

pub(super) async fn replace(State(core): State<Arc<Core>>, id: Id, request: Request) -> Response {
    exchange(&core, Route::Channels, ANYBODY, request, |world, ask| subscribe(world, ask, &readable(id)?, true)).await
}

/// Answered without a body: the vendor's definition names no status.
pub(super) async fn remove(State(core): State<Arc<Core>>, id: Id, request: Request) -> Response {
    exchange(&core, Route::Channels, ANYBODY, request, |world, ask| {
        let id = readable(id)?;
        world.channels.find(world.now(), ask.holder, &id).ok_or_else(no_such_channel)?;
        world.channels.unsubscribe_all(&id);
        Ok(Reply::empty(StatusCode::OK))
    })
    .await
}

/// All or nothing, unless errors are to be ignored: then each topic is told its fate.
fn subscribe(world: &mut World, ask: &Ask<'_>, id: &str, replace: bool) -> Result<Reply, Failure> {
    let now = world.now();
    world.channels.find(now, ask.holder, id).ok_or_else(no_such_channel)?;
    // What else an item has (`state`, `selfUri`) is the server's to say.
    let asked: Vec<Map<String, Value>> = serde_json::from_value(ask.json()?).map_err(|_| Failure::malformed())?;
    let name = |asked: &Map<String, Value>| asked.get("id").and_then(Value::as_str).map(str::to_owned);
    let names: Vec<_> = asked.iter().map(name).collect::<Option<_>>().ok_or_else(Failure::malformed)?;
    let lenient = ignores_errors(ask.query)?;
    let verdicts: Vec<Verdict> = names.into_iter().map(|name| verdict(world, ask.holder, name)).collect();
    world.channels.subscribe(now, id, &verdicts, replace, lenient).map_err(refused)?;
    let entities: Vec<_> = verdicts.iter().map(|verdict| told(id, verdict, lenient)).collect();
    Ok(Reply::json(StatusCode::OK, &json!({ "entities": entities })))
}

fn verdict(world: &World, holder: Option<Holder>, id: String) -> Verdict {
    let topics = Topic::read(&id).ok_or(&[] as &[_]).and_then(|topics| {
        let missing = topics.iter().find(|topic| !may_hear(world, holder, topic));
        missing.map_or(Ok(topics.clone()), |topic| Err(topic.template().permissions))
    });
    Verdict { id, topics }
}

fn may_hear(world: &World, holder: Option<Holder>, topic: &Topic) -> bool {
    let template = topic.template();
    let own = match holder {
        Some(Holder::User(user)) if template.free_for_its_user => topic.user() == Some(user.to_string().as_str()),
        _ => false,
    };
    own || holder.is_some_and(|holder| template.permissions.iter().any(|any| world.tokens.permits(holder, any)))
}

fn refused(trouble: Trouble) -> Failure {
    let bad = |code, message| Failure::new(StatusCode::BAD_REQUEST, code, message);
    match trouble {
        Trouble::TooManyTopics => bad("notification.subscription.too.many.subscriptions", "Too many subscriptions"),
        Trouble::NoTopic(topic) => {
            bad("notification.invalid.topic", "The subscription topic is not valid.").parameter("topic", &topic)
        }
        Trouble::Forbidden(topic, missing) => Failure::missing_permissions(missing).parameter("topic", &topic),
    }
}

fn told(channel: &str, Verdict { id, topics }: &Verdict, lenient: bool) -> Value {
    let mut told = entity(channel, id);
    if lenient {
        told["state"] = if topics.is_ok() { "Permitted" } else { "Rejected" }.into();
    }
    match topics {
        Err([]) => told["rejectionReason"] = "The subscription topic is not valid.".into(),
        Err(missing) => {
            told["rejectionReason"] = "Missing permissions".into();
            told["missingPermissions"] = json!(missing);
        }
        Ok(_) => {}
    }
    told
}

fn entity(channel: &str, topic: &str) -> Value {
    let uri = format!("/api/v2/notifications/channels/{channel}/subscriptions/{topic}");
    json!({ "id": topic, "selfUri": uri })
}

fn ignores_errors(query: &str) -> Result<bool, Failure> {
    let given = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "ignoreErrors");
    match given.as_ref().map(|(_, value)| value.as_ref()) {
        None => Ok(false),
        Some(word) if word.eq_ignore_ascii_case("true") => Ok(true),
        Some(word) if word.eq_ignore_ascii_case("false") => Ok(false),
        Some(word) => Err(Failure::invalid_value(word, "ignoreErrors", "true, false")),
    }
}
