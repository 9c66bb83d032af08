//! Values as JSON. The names are those of Python's `to_dict()`.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::error_report;
use super::moment::utc;
use super::recover::Open;
use crate::api::{Outcome, OutcomeKind, Report};
use crate::error::Error;
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

#[derive(Serialize)]
pub(super) struct OutcomeDocument<'a> {
    conversation_id: &'a str,
    kind: &'static str,
    proof: Option<ProofDocument<'a>>,
    receipt: Option<ReceiptDocument<'a>>,
    error: Option<Value>,
}

#[derive(Serialize)]
pub(super) struct ReportDocument<'a> {
    operation: &'a str,
    dry_run: bool,
    complete: bool,
    counts: BTreeMap<&'static str, u64>,
    total: u64,
    elapsed: f64,
    first_failures: Vec<OutcomeDocument<'a>>,
    slowest: Vec<(&'a str, f64)>,
    /// What ended the whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Value>,
}

#[derive(Serialize)]
pub(super) struct RecoveryDocument<'a> {
    #[serde(flatten)]
    report: ReportDocument<'a>,
    still_open: Vec<OpenDocument<'a>>,
}

#[derive(Serialize)]
struct OpenDocument<'a> {
    conversation_id: &'a str,
    error: Option<Value>,
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

impl<'a> From<&'a Outcome> for OutcomeDocument<'a> {
    fn from(outcome: &'a Outcome) -> Self {
        Self {
            conversation_id: &outcome.conversation_id,
            kind: outcome.kind.word(),
            proof: outcome.proof.as_ref().map(Into::into),
            receipt: outcome.receipt.as_ref().map(Into::into),
            error: outcome.error.as_ref().map(error_report::as_json),
        }
    }
}

impl<'a> ReportDocument<'a> {
    pub(super) fn of(report: &'a Report, error: Option<&Error>) -> Self {
        Self {
            operation: &report.operation,
            dry_run: report.dry_run,
            complete: report.complete,
            counts: OutcomeKind::ALL.map(|kind| (kind.word(), report.count(kind))).into(),
            total: report.total(),
            elapsed: report.elapsed.as_secs_f64(),
            first_failures: report.first_failures.iter().map(Into::into).collect(),
            slowest: report.slowest.iter().map(|(id, elapsed)| (id.as_str(), elapsed.as_secs_f64())).collect(),
            error: error.map(error_report::as_json),
        }
    }
}

impl<'a> RecoveryDocument<'a> {
    pub(super) fn of(report: &'a Report, open: &'a [Open]) -> Self {
        let still_open = open.iter().map(|one| OpenDocument {
            conversation_id: &one.conversation_id,
            error: one.error.as_ref().map(error_report::as_json),
        });
        Self { still_open: still_open.collect(), report: ReportDocument::of(report, None) }
    }
}

/// The server's own text, untouched: its numbers may be longer than ours.
fn raw(document: &Document) -> Option<Box<RawValue>> {
    let text = String::from_utf8(document.text().to_vec()).ok()?;
    RawValue::from_string(text).ok()
}
