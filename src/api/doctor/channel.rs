//! Do notifications come through? A channel is made, its socket opened, and a ping answered.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};

use super::Check;
use super::time::Time;
use crate::client::Session;
use crate::config::Api;
use crate::error::{Error, ErrorKind};
use crate::limit::Priority;
use crate::transport::Socket;
use crate::wire::platform::checkup::channels;
use crate::wire::platform::notifications::{Channel, Notification, PING, notification, open, unsubscribe, without_id};

const NAME: &str = "notifications";
const FOR_ALL: Duration = Duration::from_secs(10);
const FOR_A_PONG: Duration = Duration::from_secs(5);
/// What is shown of the address of a socket.
const SOCKET: &str = "/channels/{id} (the socket of the notification service)";
/// One more than so many ends the oldest, which may be somebody's.
const MOST: usize = 20;
const MEND: &str = "Events come over a WebSocket to another host (wss://streaming.{region}): a proxy or firewall must let \
                    that through. All else works without them, by reading.";

/// How it went, or what kept it from going further.
enum Tried {
    Answered(Duration),
    Full(usize),
    Silent,
}

/// Tries it.
pub(super) async fn check(session: &Session, time: &Time) -> Check {
    if session.client().api() == Api::Events {
        return Check::skipped(NAME, "The tutorial's API has none: events are followed by reading.");
    }
    match time.within(FOR_ALL, attempt(session, time)).await {
        Some(Ok(Tried::Answered(took))) => Check::ok(
            NAME,
            format!("A channel was made, its socket opened, and a ping answered: {} ms.", took.as_millis()),
        ),
        Some(Ok(Tried::Full(count))) => Check::warning(
            NAME,
            format!("Not tested: there are {count} channels already, and one more would end the oldest."),
            "They end by themselves after 24 hours; who opens so many is to use one channel for all its topics.",
        ),
        Some(Ok(Tried::Silent)) => Check::failed(NAME, "The socket was opened, and nobody answered a ping.", MEND),
        Some(Err(error)) if error.kind() == ErrorKind::RateLimit => {
            Check::skipped(NAME, format!("The rate limit is used up: {error}"))
        }
        Some(Err(error)) => Check::failed(NAME, error.to_string(), format!("{} {MEND}", error.hint())),
        None => Check::failed(NAME, "No socket was opened in time.", MEND),
    }
}

async fn attempt(session: &Session, time: &Time) -> Result<Tried, Error> {
    let count = session.run(channels(), Priority::Listing).await?;
    if count >= MOST {
        return Ok(Tried::Full(count));
    }
    let began = time.clock.now();
    let channel = session.run(open(), Priority::Listing).await?;
    let tried = converse(session, &channel, time).await.map_err(|error| without_id(error, &channel));
    // There is no request that ends a channel: what is not subscribed to is told of nothing, and ends in a day.
    let left = session.run(unsubscribe(&channel), Priority::Listing).await;
    if !tried? {
        return Ok(Tried::Silent);
    }
    left.map_err(|error| without_id(error, &channel))?;
    Ok(Tried::Answered(time.clock.now().saturating_sub(began)))
}

/// Says a word, and waits for one.
async fn converse(session: &Session, channel: &Channel, time: &Time) -> Result<bool, Error> {
    let deadline = time.clock.now() + time.at_most(FOR_ALL);
    let mut socket = session.client().socket(&channel.uri, SOCKET, deadline).await?;
    let answered = async {
        socket.send(PING.to_owned()).await.ok()?;
        alive(&mut socket).await
    };
    Ok(time.within(FOR_A_PONG, answered).await.flatten().is_some())
}

async fn alive(socket: &mut Socket) -> Option<()> {
    while let Some(Ok(text)) = socket.next().await {
        if matches!(notification(&text), Ok(Notification::Alive)) {
            return Some(());
        }
    }
    None
}
