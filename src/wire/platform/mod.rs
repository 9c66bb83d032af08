//! The published Genesys Cloud Platform API v2, as far as recordings need it.

mod analytics;
mod calls;
pub mod checkup;
mod command;
mod conversation;
mod known;
pub mod notifications;
mod participant;
pub mod permissions;
mod recordings;
mod tutorial;
mod verdict;
mod who;

use std::time::Duration;

use super::{Aim, Ask, Halt, Page, PageOf, Wire};
use crate::error::{Error, ErrorKind};
use crate::exchange::{Authorization, Effect, Origin, Request, Response};
use crate::model::{
    CallSource, Command, Conversation, ConversationId, Document, MediaFormat, ParticipantId, Reading, Recording, Who,
};
pub use analytics::page_of as calls_of;
pub use known::{Known, Person, Picture, conversation_of, fingerprint};
pub use tutorial::newest_recording;
use verdict::{Legs, is_live};

/// The published wire.
#[derive(Clone, Copy, Debug)]
pub struct Platform;

impl Wire for Platform {
    fn reading(&self, id: &ConversationId) -> Ask<Reading> {
        let id = id.clone();
        Ask::new(conversation_request(&id), move |answer| {
            let raw = conversation::about(&id, Document::parse(&answer?.body)?)?;
            Ok(Legs::read(&raw)?.of_a_call()?.verdict(raw))
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

    fn call_source(&self, who: &Who) -> CallSource {
        match who {
            Who::User(_) => CallSource::User,
            Who::Client => CallSource::Analytics,
        }
    }

    fn active_calls(&self, page: &PageOf) -> Ask<Page> {
        if page.source == CallSource::User { calls::page(page) } else { analytics::page(page) }
    }

    fn conversation(&self, id: &ConversationId) -> Ask<Option<Conversation>> {
        let id = id.clone();
        Ask::new(conversation_request(&id), move |answer| match answer {
            Ok(Response { body, .. }) => {
                Ok(Some(conversation::read(conversation::about(&id, Document::parse(&body)?)?)?))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Halt::Failed(error)),
        })
    }

    fn recordings(
        &self,
        id: &ConversationId,
        media: Option<MediaFormat>,
        wait: Duration,
    ) -> Ask<Option<Vec<Recording>>> {
        recordings::ask(id, media, wait)
    }

    fn check_media(&self, _: Option<MediaFormat>) -> Result<(), Error> {
        Ok(())
    }

    fn check_pauses(&self) -> Result<(), Error> {
        Ok(())
    }
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
