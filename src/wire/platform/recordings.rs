//! The recordings of a conversation, with the annotations that tell of pauses. (`/recordingmetadata` leaves those out.)

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use http::StatusCode;
use serde_json::Value;

use super::super::Ask;
use super::permissions::RECORDINGS;
use super::{path_of, request};
use crate::exchange::Request;
use crate::model::{Annotation, ConversationId, Document, Flaw, MediaFormat, Recording, moment};

/// No recording is longer than a year, in milliseconds.
const LONGEST: i64 = 366 * 24 * 60 * 60 * 1_000;

/// Asks for the recordings. 202: the media are being transcoded.
pub(super) fn ask(id: &ConversationId, media: Option<MediaFormat>, wait: Duration) -> Ask<Option<Vec<Recording>>> {
    let (asked, format) = (id.as_str().to_owned(), media.map_or("NONE", MediaFormat::word));
    let request = Request {
        // It must be positive.
        query: Some(format!("maxWaitMs={}&formatId={format}", wait.as_millis().max(1)).into()),
        ..request(&RECORDINGS, format!("{}/recordings", path_of(id)))
    };
    Ask::new(request, move |answer| {
        let answer = answer?;
        if answer.status == StatusCode::ACCEPTED {
            return Ok(None);
        }
        let all = Document::parse_list(&answer.body)?.into_iter().enumerate();
        let all = all.map(|(n, raw)| recording(&asked, raw).map_err(|flaw| flaw.within(&format!("[{n}]"))));
        Ok(Some(all.collect::<Result<_, _>>()?))
    })
}

fn recording(asked: &str, raw: Document) -> Result<Recording, Flaw> {
    let conversation = text(&raw, "conversationId")?;
    if conversation.as_deref().is_some_and(|id| !id.eq_ignore_ascii_case(asked)) {
        // Evidence of another call is none of this one.
        return Err(Flaw::new("conversationId", "is that of another conversation"));
    }
    let annotations = raw.objects("annotations")?.into_iter().enumerate();
    let annotations =
        annotations.map(|(n, one)| annotation(&one).map_err(|flaw| flaw.within(&format!("annotations[{n}]"))));
    Ok(Recording {
        id: text(&raw, "id")?.ok_or_else(|| Flaw::new("id", "is missing"))?,
        conversation_id: conversation.unwrap_or_else(|| asked.to_owned()),
        start_time: time(&raw, "startTime")?,
        end_time: time(&raw, "endTime")?,
        media: text(&raw, "media")?,
        media_subtype: text(&raw, "mediaSubtype")?,
        file_state: text(&raw, "fileState")?,
        recording_file_role: text(&raw, "recordingFileRole")?,
        session_id: text(&raw, "sessionId")?,
        output_duration_ms: whole(&raw, "outputDurationMs")?,
        media_uris: media_uris(&raw)?,
        annotations: annotations.collect::<Result<_, _>>()?,
        raw: raw.presentable("")?,
    })
}

fn annotation(one: &Document) -> Result<Annotation, Flaw> {
    Ok(Annotation {
        id: text(one, "id")?,
        kind: text(one, "type")?,
        reason: text(one, "reason")?,
        location: milliseconds(one, "location")?,
        duration_ms: milliseconds(one, "durationMs")?,
        realtime_location: whole(one, "realtimeLocation")?,
        absolute_location: whole(one, "absoluteLocation")?,
    })
}

/// Each medium is an object of its own, with its address as `mediaUri`.
fn media_uris(raw: &Document) -> Result<BTreeMap<String, String>, Flaw> {
    let media: Option<BTreeMap<String, Value>> = raw.optional("mediaUris", "an object")?;
    let address = |(name, medium): (String, Value)| Some((name, medium.get("mediaUri")?.as_str()?.to_owned()));
    Ok(media.unwrap_or_default().into_iter().filter_map(address).collect())
}

fn text(raw: &Document, name: &str) -> Result<Option<String>, Flaw> {
    raw.optional(name, "a string")
}

fn whole(raw: &Document, name: &str) -> Result<Option<i64>, Flaw> {
    raw.optional(name, "a whole number")
}

/// Whole milliseconds from which a time can be computed.
fn milliseconds(raw: &Document, name: &str) -> Result<Option<i64>, Flaw> {
    let all = whole(raw, name)?;
    if all.is_some_and(|all| !(0..=LONGEST).contains(&all)) {
        return Err(Flaw::new(name, "is no length of time within a recording"));
    }
    Ok(all)
}

/// A time that is there must be one: a pause could be computed from it.
fn time(raw: &Document, name: &str) -> Result<Option<SystemTime>, Flaw> {
    let Some(text) = text(raw, name)? else { return Ok(None) };
    moment::parse(&text).map(Some).ok_or_else(|| Flaw::new(name, "is no time in ISO 8601"))
}
