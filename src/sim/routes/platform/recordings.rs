//! What was recorded of a call: `/recordings`, with media once they are transcoded, and `/recordingmetadata`.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use url::form_urlencoded;

use super::{Ids, readable as both_readable};
use crate::sim::core::Core;
use crate::sim::evidence::{self, Metadata};
use crate::sim::faults::Route;
use crate::sim::moment::Moment;
use crate::sim::reply::{Failure, Reply};
use crate::sim::routes::exchange::{Access, exchange};
use crate::sim::routes::{Id, readable};
use crate::sim::tokens::Need;

const VIEW: Access = Access::Token(Need::AnyPermission(&[
    "recording:recording:view",
    "recording:recordingSegment:view",
    "recording:snippetRecording:view",
    "recording:screenRecording:view",
]));

/// As documented; `NONE` asks for no media.
const FORMATS: [&str; 7] = ["WAV", "WEBM", "WAV_ULAW", "OGG_VORBIS", "OGG_OPUS", "MP3", "NONE"];
const DEFAULT_WAIT: u64 = 5_000;

/// What the query asks for.
struct Wish {
    wait: Duration,
    with_media: bool,
}

/// The answer waits for the transcoding as long as it was asked to, and is 202 if that is not enough.
pub(super) async fn list(State(core): State<Arc<Core>>, id: Id, request: Request) -> Response {
    let mut leaves = None;
    let response = exchange(&core, Route::Status, VIEW, request, |world, ask| {
        let id = &readable(id)?;
        let wish = Wish::read(ask.query)?;
        let patience = world.now() + wish.wait;
        let (ready, found) =
            world.evidence(id, None, wish.with_media).ok_or_else(|| Failure::no_such_conversation(id))?;
        leaves = Some(ready.min(patience));
        let is_ready = ready <= patience;
        Ok(if is_ready { Reply::json(StatusCode::OK, &found) } else { Reply::empty(StatusCode::ACCEPTED) })
    })
    .await;
    leave(&core, leaves).await;
    response
}

/// One of them. While it is transcoded it has its facts already, and its media not yet.
pub(super) async fn one(State(core): State<Arc<Core>>, ids: Ids, request: Request) -> Response {
    let mut leaves = None;
    let response = exchange(&core, Route::Status, VIEW, request, |world, ask| {
        let (id, wanted) = &both_readable(ids)?;
        let wish = Wish::read(ask.query)?;
        let patience = world.now() + wish.wait;
        let mut read = |with_media| {
            let (ready, found) =
                world.evidence(id, Some(wanted), with_media).ok_or_else(|| Failure::no_such_conversation(id))?;
            let evidence = found.into_iter().next().ok_or_else(|| no_such_recording(wanted))?;
            Ok((ready, Reply::json(if with_media { StatusCode::OK } else { StatusCode::ACCEPTED }, &evidence)))
        };
        let (ready, reply) = read(wish.with_media)?;
        leaves = Some(ready.min(patience));
        match (wish.with_media, ready <= patience) {
            (true, true) => Ok(reply),
            (true, false) => read(false).map(|(_, reply)| reply),
            (false, _) => Ok(Reply { status: StatusCode::OK, ..reply }),
        }
    })
    .await;
    leave(&core, leaves).await;
    response
}

async fn leave(core: &Core, at: Option<Moment>) {
    if let Some(moment) = at {
        core.wait_until(moment).await;
    }
}

fn no_such_recording(id: &str) -> Failure {
    Failure::no_such_route().entity("recording", id)
}

pub(super) async fn metadata(State(core): State<Arc<Core>>, id: Id, request: Request) -> Response {
    exchange(&core, Route::Status, VIEW, request, |world, _| {
        let id = &readable(id)?;
        let call = world.conversation(id).ok_or_else(|| Failure::no_such_conversation(id))?;
        let found: Vec<_> = evidence::ended(call).map(|recording| Metadata::of(call, recording)).collect();
        Ok(Reply::json(StatusCode::OK, &found))
    })
    .await
}

pub(super) async fn metadata_of_one(State(core): State<Arc<Core>>, ids: Ids, request: Request) -> Response {
    exchange(&core, Route::Status, VIEW, request, |world, _| {
        let (id, wanted) = &both_readable(ids)?;
        let call = world.conversation(id).ok_or_else(|| Failure::no_such_conversation(id))?;
        let found = evidence::ended(call).find(|recording| recording.id.to_string() == *wanted);
        let recording = found.ok_or_else(|| no_such_recording(wanted))?;
        Ok(Reply::json(StatusCode::OK, &Metadata::of(call, recording)))
    })
    .await
}

impl Wish {
    fn read(query: &str) -> Result<Self, Failure> {
        let (mut milliseconds, mut format) = (DEFAULT_WAIT, "WEBM".to_owned());
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "maxWaitMs" => {
                    let refused = |_| Failure::invalid_value(&value, "maxWaitMs", "positive numbers of milliseconds");
                    milliseconds = value.parse().map_err(refused)?;
                }
                "formatId" if FORMATS.contains(&value.as_ref()) => format = value.into_owned(),
                "formatId" => return Err(Failure::invalid_value(&value, "formatId", &FORMATS.join(", "))),
                _ => {}
            }
        }
        Ok(Self { wait: Duration::from_millis(milliseconds), with_media: format != "NONE" })
    }
}
