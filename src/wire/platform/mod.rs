//! The published Genesys Cloud Platform API v2, as far as a secure pause needs it.

mod known;
pub mod notifications;
mod verdict;
mod who;

use bytes::Bytes;
use http::Method;

use super::{Ask, Halt, Steps, Wire};
use crate::error::{Error, ErrorKind, Needs};
use crate::exchange::{Authorization, Effect, Origin, Request, Response};
use crate::model::{Action, Command, Conversation, ConversationId, Document, Flaw, Participant, Reading, Who};
pub use known::{Known, Person, Picture, conversation_of, fingerprint};
use verdict::Legs;

/// Reads a conversation.
const VIEW: &[&str] = &["conversation:communication:view"];
/// Pauses and resumes anybody's recording.
const PAUSE_OTHERS: &[&str] = &["conversation:recording:pauseOthers"];

/// The published wire.
#[derive(Clone, Copy, Debug)]
pub struct Platform;

impl Wire for Platform {
    fn reading(&self, id: &ConversationId) -> Ask<Reading> {
        let id = id.clone();
        Ask::new(conversation_request(&id), move |answer| {
            let raw = Document::parse(&answer?.body)?;
            // A cache in between that mixes up its answers would prove anything.
            if raw.string("id").is_some_and(|answered| answered != id.as_str()) {
                return Err(Flaw::new("id", "is that of another conversation").into());
            }
            Ok(Legs::read(&raw)?.verdict(raw))
        })
    }

    fn check(&self, command: &Command) -> Result<(), Error> {
        match command.action {
            Action::Pause | Action::Resume => Ok(()),
            action @ (Action::Start | Action::Stop) => Err(Error::InvalidAction(format!(
                "This version of gcrec cannot {action} a recording over the published API (api=\"platform\"): it pauses \
                 and resumes there."
            ))),
        }
    }

    fn asks_who(&self, _: &Command) -> bool {
        false
    }

    fn command(&self, id: &ConversationId, command: &Command, _: Option<&Who>) -> Steps<Document> {
        // What setting NONE does is not documented: it is never sent.
        let state = if command.action == Action::Pause { "PAUSED" } else { "ACTIVE" };
        let request = Request {
            method: Method::PATCH,
            path: format!("{}/recordingstate", path_of(id)),
            template: "/api/v2/conversations/{id}/recordingstate",
            body: Some(Bytes::from(format!("{{\"recordingState\":\"{state}\"}}"))),
            effect: Effect::Command,
            needs: Needs::AnyOf(PAUSE_OTHERS),
            ..conversation_request(id)
        };
        Steps::of(Ask::new(request, |answer| {
            // 202 with an empty body, or any words of its own: none of them prove anything.
            let Response { body, .. } = answer?;
            Ok(Document::parse(&body).unwrap_or_else(|_| Document::empty()))
        }))
    }

    fn who(&self) -> Option<Ask<Who>> {
        Some(who::ask())
    }

    fn active_calls(&self) -> Result<Ask<Vec<Conversation>>, Error> {
        Err(Error::Config(
            "This version of gcrec cannot list the active calls over the published API (api=\"platform\"): name the \
             conversations."
                .into(),
        ))
    }

    fn conversation(&self, id: &ConversationId) -> Ask<Option<Conversation>> {
        Ask::new(conversation_request(id), |answer| match answer {
            Ok(Response { body, .. }) => Ok(Some(conversation(Document::parse(&body)?)?)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Halt::Failed(error)),
        })
    }
}

fn conversation(raw: Document) -> Result<Conversation, Flaw> {
    let id = raw.string("id").ok_or_else(|| Flaw::new("id", "is missing or no string"))?;
    let legs = Legs::read(&raw)?;
    let participants = raw.list_of("participants");
    let call = |participant: &Document| participant.list_of("calls").into_iter().next_back();
    Ok(Conversation {
        id,
        state: Some(if legs.any_live() { "active" } else { "ended" }.into()),
        media: participants.iter().any(|participant| call(participant).is_some()).then(|| "voice".into()),
        direction: participants.iter().filter_map(call).find_map(|call| call.string("direction")),
        started_at: raw.string("startTime"),
        participants: participants
            .iter()
            .map(|participant| Participant {
                id: participant.string("id"),
                purpose: participant.string("purpose"),
                state: call(participant).and_then(|call| call.string("state")),
            })
            .collect(),
        raw: raw.presentable("")?,
    })
}

fn conversation_request(id: &ConversationId) -> Request {
    Request {
        origin: Origin::Api,
        method: Method::GET,
        path: path_of(id),
        template: "/api/v2/conversations/{id}",
        query: None,
        authorization: Authorization::Caller,
        content_type: "application/json",
        body: None,
        effect: Effect::Read,
        needs: Needs::AnyOf(VIEW),
    }
}

fn path_of(id: &ConversationId) -> String {
    format!("/api/v2/conversations/{}", id.segment())
}
