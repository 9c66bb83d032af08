//! The published Genesys Cloud Platform API v2.

mod command;
mod participant;
pub mod permissions;
mod tutorial;
mod verdict;
mod who;

use super::{Aim, Ask, Halt, Wire};
use crate::error::{Error, ErrorKind};
use crate::exchange::{Authorization, Effect, Origin, Request, Response};
use crate::model::{Command, Conversation, ConversationId, Document, Flaw, Participant, ParticipantId, Reading, Who};
pub use tutorial::newest_recording;
use verdict::Legs;

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
        command::check(command)
    }

    fn is_aimed(&self, command: &Command) -> bool {
        command::is_aimed(command)
    }

    fn aim(&self, id: &ConversationId, command: &Command, raw: &Document, who: Option<&Who>) -> Result<Aim, Error> {
        participant::aim(id, command, raw, who)
    }

    fn command(
        &self,
        id: &ConversationId,
        command: &Command,
        aim: Option<&ParticipantId>,
    ) -> Result<Ask<Document>, Error> {
        command::ask(id, command, aim)
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
    request(&permissions::CONVERSATION, path_of(id))
}

/// A request that reads. It declares JSON with or without a body.
fn request(endpoint: &permissions::Endpoint, path: String) -> Request {
    Request {
        origin: Origin::Api,
        method: endpoint.method(),
        path,
        template: endpoint.template,
        query: None,
        authorization: Authorization::Caller,
        content_type: "application/json",
        body: None,
        effect: Effect::Read,
        needs: endpoint.needs(),
    }
}

fn path_of(id: &ConversationId) -> String {
    format!("/api/v2/conversations/{}", id.segment())
}
