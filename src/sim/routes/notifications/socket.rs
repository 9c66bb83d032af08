//! `/channels/{id}`: the socket of a channel, where its `connectUri` leads. It asks for no token; the id is hard to
//! guess.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{Request, State};
use axum::response::Response;
use futures_util::future::{Either, select};
use futures_util::{SinkExt, StreamExt};
use http::StatusCode;

use super::no_such_channel;
use crate::clock::SharedClock;
use crate::sim::core::Core;
use crate::sim::door_socket::Doorway;
use crate::sim::failure::Failure;
use crate::sim::faults::Route;
use crate::sim::handoff::Handoff;
use crate::sim::line::Cut;
use crate::sim::notify::{Ending, Feed, Frame};
use crate::sim::reply::Reply;
use crate::sim::routes::exchange::{Access, exchange};
use crate::sim::routes::{Id, readable};

pub(super) const PATH: &str = "/channels/";

/// How long a client may take to answer a close. Real time on any clock.
const FAREWELL: Duration = Duration::from_secs(5);

/// Where the socket of a channel is, on this server.
pub(super) fn uri(core: &Core, id: &str) -> String {
    let base = core.base_url.strip_prefix("http").unwrap_or_default();
    format!("ws{base}{PATH}{id}")
}

pub(super) async fn open(
    State(core): State<Arc<Core>>,
    id: Id,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    request: Request,
) -> Response {
    let extensions = request.extensions();
    let (doorway, handoff) = (extensions.get::<Doorway>().cloned(), extensions.get::<Handoff>().cloned());
    let cut = extensions.get::<Cut>().cloned().unwrap_or_default();
    let speaks = doorway.is_some() || upgrade.is_ok();
    let mut feed = Feed::new(core.clone());
    let answered = exchange(&core, Route::Channels, Access::Open, request, |world, _| {
        if !speaks {
            return Err(Failure::bad_request("This is the socket of a channel: it speaks WebSocket only."));
        }
        let found = feed.connect(world, &readable(id)?);
        if found { Ok(Reply::empty(StatusCode::SWITCHING_PROTOCOLS)) } else { Err(no_such_channel()) }
    })
    .await;
    if answered.status() != StatusCode::SWITCHING_PROTOCOLS {
        return answered;
    }
    match (doorway, upgrade, handoff) {
        (Some(doorway), ..) => {
            doorway.put(feed);
            answered
        }
        (None, Ok(upgrade), Some(handoff)) => {
            let promise = handoff.promise();
            upgrade.on_upgrade(async move |socket| {
                // Nobody takes it where the server stops at this very moment.
                drop(promise.send(Box::pin(converse(socket, feed, cut, core.real.clone()))));
            })
        }
        _ => answered,
    }
}

/// Carries texts between a socket and a feed, until one of them ends.
async fn converse(socket: WebSocket, mut feed: Feed, cut: Cut, real: SharedClock) {
    let ear = feed.ear();
    let (mut to_client, mut from_client) = socket.split();
    let mut said = pin!(async {
        while let Some(Ok(message)) = from_client.next().await {
            if let Message::Text(text) = message {
                ear.hear(&text);
            }
        }
    });
    let told = pin!(async {
        loop {
            match feed.next().await {
                Frame::Text(text) => {
                    let sent = pin!(to_client.send(Message::Text(text.into())));
                    match select(sent, pin!(feed.cut())).await {
                        Either::Left((Ok(()), _)) => {}
                        Either::Left((Err(_), _)) => break,
                        Either::Right(_) => {
                            cut.now();
                            break;
                        }
                    }
                }
                Frame::End(Ending::Cut) => {
                    cut.now();
                    break;
                }
                Frame::End(Ending::Closed) => {
                    drop(feed);
                    let frame = CloseFrame { code: close_code::NORMAL, reason: "".into() };
                    if to_client.send(Message::Close(Some(frame))).await.is_ok() {
                        real.sleep_until(real.now() + FAREWELL).await;
                    }
                    break;
                }
            }
        }
    });
    // Whoever ends first, the socket is dropped with the other.
    select(said.as_mut(), told).await;
}
