//! Values as JSON. The names are those of Python's `to_dict()`.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::error_report;
use crate::api::{Outcome, OutcomeKind, Report};
use crate::error::Error;
use crate::model::moment::utc;
use crate::model::{
    Annotation, Conversation, Document, Participant, Pause, Proof, Receipt, Recording, RecordingStatus, State,
};

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
pub(super) struct RecordingDocument<'a> {
    id: &'a str,
    conversation_id: &'a str,
    start_time: Option<String>,
    end_time: Option<String>,
    media: Option<&'a str>,
    media_subtype: Option<&'a str>,
    file_state: Option<&'a str>,
    recording_file_role: Option<&'a str>,
    session_id: Option<&'a str>,
    output_duration_ms: Option<i64>,
    media_uris: &'a BTreeMap<String, String>,
    annotations: Vec<AnnotationDocument<'a>>,
    raw: Option<Box<RawValue>>,
}

#[derive(Serialize)]
struct AnnotationDocument<'a> {
    id: Option<&'a str>,
    r#type: Option<&'a str>,
    reason: Option<&'a str>,
    location: Option<i64>,
    duration_ms: Option<i64>,
    realtime_location: Option<i64>,
    absolute_location: Option<i64>,
}

#[derive(Serialize)]
pub(super) struct PauseDocument<'a> {
    conversation_id: &'a str,
    recording_id: &'a str,
    reason: Option<&'a str>,
    start: Option<String>,
    end: Option<String>,
    duration: Option<f64>,
    basis: Option<&'a str>,
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

impl<'a> From<&'a Recording> for RecordingDocument<'a> {
    fn from(recording: &'a Recording) -> Self {
        Self {
            id: &recording.id,
            conversation_id: &recording.conversation_id,
            start_time: recording.start_time.map(utc),
            end_time: recording.end_time.map(utc),
            media: recording.media.as_deref(),
            media_subtype: recording.media_subtype.as_deref(),
            file_state: recording.file_state.as_deref(),
            recording_file_role: recording.recording_file_role.as_deref(),
            session_id: recording.session_id.as_deref(),
            output_duration_ms: recording.output_duration_ms,
            media_uris: &recording.media_uris,
            annotations: recording.annotations.iter().map(Into::into).collect(),
            raw: raw(&recording.raw),
        }
    }
}

impl<'a> From<&'a Annotation> for AnnotationDocument<'a> {
    fn from(note: &'a Annotation) -> Self {
        Self {
            id: note.id.as_deref(),
            r#type: note.kind.as_deref(),
            reason: note.reason.as_deref(),
            location: note.location,
            duration_ms: note.duration_ms,
            realtime_location: note.realtime_location,
            absolute_location: note.absolute_location,
        }
    }
}

impl<'a> From<&'a Pause> for PauseDocument<'a> {
    fn from(pause: &'a Pause) -> Self {
        Self {
            conversation_id: &pause.conversation_id,
            recording_id: &pause.recording_id,
            reason: pause.reason.as_deref(),
            start: pause.start.map(utc),
            end: pause.end.map(utc),
            duration: pause.duration.map(|duration| duration.as_secs_f64()),
            basis: pause.basis.as_deref(),
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
    /// With what could not be settled, and why.
    pub(super) fn of(report: &'a Report, open: impl Iterator<Item = (&'a str, Option<&'a Error>)>) -> Self {
        let still_open = open
            .map(|(conversation_id, error)| OpenDocument { conversation_id, error: error.map(error_report::as_json) });
        Self { still_open: still_open.collect(), report: ReportDocument::of(report, None) }
    }
}

/// The server's own text, untouched: its numbers may be longer than ours.
fn raw(document: &Document) -> Option<Box<RawValue>> {
    let text = String::from_utf8(document.text().to_vec()).ok()?;
    RawValue::from_string(text).ok()
}
