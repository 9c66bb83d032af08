//! The published Genesys Cloud Platform API v2, as far as recordings need it.

mod analytics;
mod calls;
mod conversation;
mod known;
pub mod notifications;
mod recordings;
mod verdict;
mod who;

use std::time::Duration;

use bytes::Bytes;
use http::Method;

use super::{Ask, Halt, Page, PageOf, Steps, Wire};
use crate::error::{Error, ErrorKind, Needs};
use crate::exchange::{Authorization, Effect, Origin, Request, Response};
use crate::model::{Action, CallSource, Command, Conversation, ConversationId, Document, Reading, Recording, Who};
pub use analytics::page_of as calls_of;
pub use known::{Known, Person, Picture, conversation_of, fingerprint};
use verdict::{Legs, is_live};

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
            let raw = conversation::about(&id, Document::parse(&answer?.body)?)?;
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

    fn recordings(&self, id: &ConversationId, wait: Duration) -> Ask<Option<Vec<Recording>>> {
        recordings::ask(id, wait)
    }

    fn check_pauses(&self) -> Result<(), Error> {
        Ok(())
    }
}

fn conversation_request(id: &ConversationId) -> Request {
    Request { needs: Needs::AnyOf(VIEW), ..request(path_of(id), "/api/v2/conversations/{id}") }
}

/// A read that takes no more than a token.
fn request(path: String, template: &'static str) -> Request {
    Request {
        origin: Origin::Api,
        method: Method::GET,
        path,
        template,
        query: None,
        authorization: Authorization::Caller,
        content_type: "application/json",
        body: None,
        effect: Effect::Read,
        needs: Needs::Token,
    }
}

fn path_of(id: &ConversationId) -> String {
    format!("/api/v2/conversations/{}", id.segment())
}
