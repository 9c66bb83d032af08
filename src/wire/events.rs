//! The tutorial's wire ("events", after its endpoint). None of these endpoints is in the published Platform API v2.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http::Method;

use super::{Aim, Ask, Page, PageOf, Row, Wire};
use crate::error::{Error, ErrorKind, Missed, Needs, ParticipantError};
use crate::exchange::{Authorization, Effect, Origin, Request, Response};
use crate::model::{
    Action, Basis, CallSource, Command, Conversation, ConversationId, Document, Flaw, MediaFormat, Participant,
    ParticipantId, Reading, Recorder, Recording, State, Who, moment,
};

/// Lists active conversations.
const CONVERSATION_READ: &str = "conversation:read";
/// Reads the recordings of a conversation.
const RECORDING_READ: &str = "conversation:recording:read";
/// Starts and stops recordings.
const RECORDING_WRITE: &str = "conversation:recording:write";

/// The tutorial's wire.
#[derive(Clone, Copy, Debug)]
pub struct Events;

impl Wire for Events {
    fn reading(&self, id: &ConversationId) -> Ask<Reading> {
        Ask::new(status_request(id), |answer| Ok(reading(Document::parse(&answer?.body)?)?))
    }

    fn check(&self, command: &Command) -> Result<(), Error> {
        let Command { action, participant, recorder } = command;
        if !Action::OF_THE_TUTORIAL.contains(action) {
            return Err(Error::InvalidAction(format!(
                "The tutorial's wire (api=\"events\") has no {action}: secure pause is part of the published API \
                 (api=\"platform\")."
            )));
        }
        if participant.is_some() || *recorder != Recorder::default() {
            return Err(Error::Config(
                "The tutorial's wire (api=\"events\") records the conversation as a whole: participant= and recorder= are \
                 part of the published API (api=\"platform\")."
                    .into(),
            ));
        }
        Ok(())
    }

    fn is_aimed(&self, _: &Command) -> bool {
        false
    }

    fn aim(&self, id: &ConversationId, _: &Command, _: &Document, _: Option<&Who>) -> Result<Aim, Error> {
        Err(ParticipantError::new(id.as_str(), Missed::Nobody).into())
    }

    fn command(
        &self,
        id: &ConversationId,
        command: &Command,
        _: Option<&ParticipantId>,
    ) -> Result<Ask<Document>, Error> {
        Ok(control(id, command.action))
    }

    fn who(&self) -> Option<Ask<Who>> {
        None
    }

    fn call_source(&self, _: &Who) -> CallSource {
        CallSource::Communications
    }

    fn active_calls(&self, _: &PageOf) -> Ask<Page> {
        Ask::new(calls_request(), |answer| {
            let calls = Document::parse(&answer?.body)?.objects("items")?.into_iter().enumerate();
            let rows = calls.map(|(n, call)| Ok(Row::Call(Box::new(conversation(n, call)?))));
            Ok(Page { rows: rows.collect::<Result<_, Flaw>>()?, next: None })
        })
    }

    /// This wire shows no single conversation: it is looked for among the active ones.
    fn conversation(&self, id: &ConversationId) -> Ask<Option<Conversation>> {
        let id = id.clone();
        Ask::new(calls_request(), move |answer| {
            let calls = Document::parse(&answer?.body)?.objects("items")?;
            let found =
                calls.into_iter().enumerate().find(|(_, call)| call.string("id").as_deref() == Some(id.as_str()));
            Ok(found.map(|(n, call)| conversation(n, call)).transpose()?)
        })
    }

    /// This wire has no list of its own for the time after: what it shows of a call is all that it knows.
    fn recordings(&self, id: &ConversationId, _: Option<MediaFormat>, _: Duration) -> Ask<Option<Vec<Recording>>> {
        let asked = id.as_str().to_owned();
        Ask::new(status_request(id), move |answer| {
            let raw = Document::parse(&answer?.body)?;
            let items = listed(&raw)?.into_iter().enumerate();
            let all =
                items.map(|(n, item)| recording(&asked, item).map_err(|flaw| flaw.within(&format!("items[{n}]"))));
            Ok(Some(all.collect::<Result<_, Flaw>>()?))
        })
    }

    fn check_media(&self, media: Option<MediaFormat>) -> Result<(), Error> {
        if media.is_none() {
            return Ok(());
        }
        Err(Error::Config(
            "The tutorial's wire (api=\"events\") has no media of recordings: media= is part of the published API \
             (api=\"platform\")."
                .into(),
        ))
    }

    fn check_pauses(&self) -> Result<(), Error> {
        Err(Error::InvalidAction(
            "The tutorial's wire (api=\"events\") knows nothing of pauses: secure pause is part of the published API \
             (api=\"platform\")."
                .into(),
        ))
    }
}

/// The first active voice call, if there is one.
pub fn active_voice_call() -> Ask<Option<Document>> {
    Ask::new(calls_request(), |answer| Ok(Document::parse(&answer?.body)?.first_item()?))
}

/// The id of the first active voice call, if there is one.
pub fn active_voice_call_id() -> Ask<Option<String>> {
    Ask::new(calls_request(), |answer| {
        let Some(call) = Document::parse(&answer?.body)?.first_item()? else { return Ok(None) };
        Ok(Some(id_of(0, &call)?))
    })
}

/// Starts or stops the recording of a conversation; gives the server's own words, `{}` where it has none.
fn control(id: &ConversationId, action: Action) -> Ask<Document> {
    let path = format!("{}/events", recordings_of(id));
    let body = Bytes::from(format!("{{\"type\": \"{}\"}}", action.word()));
    let request = request(Method::POST, path, "/api/v2/recordings/conversations/{id}/events", RECORDING_WRITE);
    Ask::new(Request { body: Some(body), effect: Effect::Command, ..request }, |answer| {
        let Response { body, .. } = answer?;
        if body.trim_ascii().is_empty() { Ok(Document::empty()) } else { Ok(Document::parse(&body)?.presentable("")?) }
    })
}

/// The newest recording of a conversation, if there is one; a 404 means none.
pub fn newest_recording(id: &ConversationId) -> Ask<Option<Document>> {
    Ask::new(status_request(id), |answer| match answer {
        Ok(response) => Ok(Document::parse(&response.body)?.first_item()?),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    })
}

/// The verdict over all items, the newest and the older ones (RULES of proof, section 1).
///
/// An empty list proves that nothing is recorded; an object that has no list is not the answer of this endpoint.
fn reading(raw: Document) -> Result<Reading, Flaw> {
    let statuses: Vec<_> = listed(&raw)?.iter().map(|item| item.string("status")).collect();
    let state = verdict(statuses.iter().map(Option::as_deref));
    let stoppable = Recorder::default();
    Ok(Reading { state, active: None, basis: Basis::Status, by_policy: false, stoppable, raw })
}

fn listed(raw: &Document) -> Result<Vec<Document>, Flaw> {
    if raw.member("items").is_some_and(|items| items.is_array()) {
        raw.objects("items")
    } else {
        Err(Flaw::new("items", "is missing or no list"))
    }
}

/// One of the items. The tutorial names `id`, `conversationId` and `status` only; times are read where there are any.
fn recording(asked: &str, raw: Document) -> Result<Recording, Flaw> {
    let id = raw.string("id").ok_or_else(|| Flaw::new("id", "is missing or no string"))?;
    let time = |name| raw.string(name).and_then(|text| moment::parse(&text));
    Ok(Recording {
        id,
        conversation_id: raw.string("conversationId").unwrap_or_else(|| asked.to_owned()),
        start_time: time("startTime"),
        end_time: time("endTime"),
        media: None,
        media_subtype: None,
        file_state: None,
        recording_file_role: None,
        session_id: None,
        output_duration_ms: None,
        media_uris: BTreeMap::new(),
        annotations: Vec::new(),
        raw: raw.presentable("")?,
    })
}

fn verdict<'a>(statuses: impl IntoIterator<Item = Option<&'a str>>) -> State {
    let mut verdict = State::Stopped;
    for status in statuses {
        match status {
            Some("recording") => return State::Recording,
            Some("paused") if verdict == State::Stopped => verdict = State::Paused,
            Some("paused" | "ended") => {}
            _ => verdict = State::Unknown,
        }
    }
    verdict
}

/// The `n`th of the listed calls.
fn conversation(n: usize, raw: Document) -> Result<Conversation, Flaw> {
    let participants = raw.list_of("participants").into_iter().map(|participant| Participant {
        id: participant.string("id"),
        purpose: participant.string("purpose"),
        state: participant.string("state"),
        user_id: None,
        queue_id: None,
    });
    let participants = participants.collect();
    Ok(Conversation {
        id: id_of(n, &raw)?,
        state: raw.string("state"),
        media: raw.string("type"),
        direction: raw.string("direction"),
        started_at: raw.string("startTime"),
        participants,
        raw: raw.presentable(&format!("items[{n}]"))?,
    })
}

fn id_of(n: usize, call: &Document) -> Result<String, Flaw> {
    call.string("id").ok_or_else(|| Flaw::new(&format!("items[{n}].id"), "is missing or no string"))
}

pub(super) fn calls_request() -> Request {
    let path = "/api/v2/communications";
    Request {
        query: Some("state=active&types=voice".into()),
        ..request(Method::GET, path.into(), path, CONVERSATION_READ)
    }
}

fn status_request(id: &ConversationId) -> Request {
    request(Method::GET, recordings_of(id), "/api/v2/recordings/conversations/{id}", RECORDING_READ)
}

fn recordings_of(id: &ConversationId) -> String {
    format!("/api/v2/recordings/conversations/{}", id.segment())
}

/// Every request carries the token and declares JSON, as the tutorial states.
fn request(method: Method, path: String, template: &'static str, scope: &'static str) -> Request {
    Request {
        origin: Origin::Api,
        method,
        path,
        template,
        query: None,
        authorization: Authorization::Caller,
        content_type: "application/json",
        body: None,
        effect: Effect::Read,
        needs: Needs::Scope(scope),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_counts_in_the_order_of_the_rules() {
        let verdict = |words: &[&'static str]| verdict(words.iter().map(|w| Some(*w)));
        assert_eq!(verdict(&[]), State::Stopped);
        assert_eq!(verdict(&["ended", "ended"]), State::Stopped);
        assert_eq!(verdict(&["ended", "paused"]), State::Paused);
        assert_eq!(verdict(&["paused", "warming"]), State::Unknown);
        assert_eq!(verdict(&["warming", "paused"]), State::Unknown);
        assert_eq!(verdict(&["paused", "warming", "recording"]), State::Recording);
        assert_eq!(super::verdict([None]), State::Unknown);
    }
}
