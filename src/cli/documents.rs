//! Values as JSON. The names are those of Python's `to_dict()`.

use serde::Serialize;
use serde_json::value::RawValue;

use super::moment::utc;
use crate::model::{Conversation, Document, Participant, Proof, Receipt, RecordingStatus, State};

#[derive(Serialize)]
pub(super) struct StatusDocument<'a> {
    conversation_id: &'a str,
    state: &'static str,
    active: Option<bool>,
    basis: &'static str,
    observed_at: String,
    raw: Option<Box<RawValue>>,
}

#[derive(Serialize)]
pub(super) struct ReceiptDocument<'a> {
    conversation_id: &'a str,
    action: &'static str,
    status_code: u16,
    attempts: u32,
    sent_at: String,
    elapsed: f64,
    correlation_id: Option<&'a str>,
    raw: Option<Box<RawValue>>,
}

#[derive(Serialize)]
pub(super) struct ProofDocument<'a> {
    conversation_id: &'a str,
    target: &'static str,
    state: &'static str,
    before: Option<&'static str>,
    commands_sent: u32,
    receipt: Option<ReceiptDocument<'a>>,
    polls: u32,
    elapsed: f64,
    observed_at: String,
}

#[derive(Serialize)]
pub(super) struct ConversationDocument<'a> {
    id: &'a str,
    state: Option<&'a str>,
    media: Option<&'a str>,
    direction: Option<&'a str>,
    started_at: Option<&'a str>,
    participants: &'a [Participant],
    raw: Option<Box<RawValue>>,
}

impl<'a> From<&'a RecordingStatus> for StatusDocument<'a> {
    fn from(status: &'a RecordingStatus) -> Self {
        Self {
            conversation_id: &status.conversation_id,
            state: status.state.word(),
            active: status.active,
            basis: status.basis.word(),
            observed_at: utc(status.observed_at),
            raw: raw(&status.raw),
        }
    }
}

impl<'a> From<&'a Receipt> for ReceiptDocument<'a> {
    fn from(receipt: &'a Receipt) -> Self {
        Self {
            conversation_id: &receipt.conversation_id,
            action: receipt.action.word(),
            status_code: receipt.status_code,
            attempts: receipt.attempts,
            sent_at: utc(receipt.sent_at),
            elapsed: receipt.elapsed.as_secs_f64(),
            correlation_id: receipt.correlation_id.as_deref(),
            raw: raw(&receipt.raw),
        }
    }
}

impl<'a> From<&'a Proof> for ProofDocument<'a> {
    fn from(proof: &'a Proof) -> Self {
        Self {
            conversation_id: &proof.conversation_id,
            target: proof.target.word(),
            state: proof.state.word(),
            before: proof.before.map(State::word),
            commands_sent: proof.commands_sent,
            receipt: proof.receipt.as_ref().map(Into::into),
            polls: proof.polls,
            elapsed: proof.elapsed.as_secs_f64(),
            observed_at: utc(proof.observed_at),
        }
    }
}

impl<'a> From<&'a Conversation> for ConversationDocument<'a> {
    fn from(call: &'a Conversation) -> Self {
        Self {
            id: &call.id,
            state: call.state.as_deref(),
            media: call.media.as_deref(),
            direction: call.direction.as_deref(),
            started_at: call.started_at.as_deref(),
            participants: &call.participants,
            raw: raw(&call.raw),
        }
    }
}

/// The server's own text, untouched: its numbers may be longer than ours.
fn raw(document: &Document) -> Option<Box<RawValue>> {
    let text = String::from_utf8(document.text().to_vec()).ok()?;
    RawValue::from_string(text).ok()
}
