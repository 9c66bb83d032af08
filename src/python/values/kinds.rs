//! The values, one after the other. The documentation that users read is in `_gcrec.pyi`.

use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::model::moment::parse;
use crate::model::{Conversation, Participant, Proof, Receipt, RecordingStatus, State};
use crate::python::convert::{document, moment, moment_or_none};

value! {
    /// The state of a conversation's recording.
    PyRecordingStatus(RecordingStatus) as "RecordingStatus" {
        conversation_id: |status, py| (&status.conversation_id).into_bound_py_any(py);
        state: |status, py| status.state.word().into_bound_py_any(py);
        active: |status, py| status.active.into_bound_py_any(py);
        basis: |status, py| status.basis.word().into_bound_py_any(py);
        observed_at: |status, py| moment(py, status.observed_at);
        raw: |status, py| document(py, status.raw.clone());
    }
}

value! {
    /// The server took a command.
    PyReceipt(Receipt) as "Receipt" {
        conversation_id: |receipt, py| (&receipt.conversation_id).into_bound_py_any(py);
        action: |receipt, py| receipt.action.word().into_bound_py_any(py);
        status_code: |receipt, py| receipt.status_code.into_bound_py_any(py);
        attempts: |receipt, py| receipt.attempts.into_bound_py_any(py);
        sent_at: |receipt, py| moment(py, receipt.sent_at);
        elapsed: |receipt, py| receipt.elapsed.as_secs_f64().into_bound_py_any(py);
        correlation_id: |receipt, py| (&receipt.correlation_id).into_bound_py_any(py);
        raw: |receipt, py| document(py, receipt.raw.clone());
    }
}

value! {
    /// What was wanted is so.
    PyProof(Proof) as "Proof" {
        conversation_id: |proof, py| (&proof.conversation_id).into_bound_py_any(py);
        target: |proof, py| proof.target.word().into_bound_py_any(py);
        state: |proof, py| proof.state.word().into_bound_py_any(py);
        before: |proof, py| proof.before.map(State::word).into_bound_py_any(py);
        commands_sent: |proof, py| proof.commands_sent.into_bound_py_any(py);
        receipt: |proof, py| proof.receipt.clone().map(PyReceipt).into_bound_py_any(py);
        polls: |proof, py| proof.polls.into_bound_py_any(py);
        elapsed: |proof, py| proof.elapsed.as_secs_f64().into_bound_py_any(py);
        observed_at: |proof, py| moment(py, proof.observed_at);
    }
}

value! {
    /// Somebody who takes part in a call.
    PyParticipant(Participant) as "Participant" {
        id: |participant, py| (&participant.id).into_bound_py_any(py);
        purpose: |participant, py| (&participant.purpose).into_bound_py_any(py);
        state: |participant, py| (&participant.state).into_bound_py_any(py);
        user_id: |participant, py| (&participant.user_id).into_bound_py_any(py);
        queue_id: |participant, py| (&participant.queue_id).into_bound_py_any(py);
    }
}

value! {
    /// A call.
    PyConversation(Conversation) as "Conversation" {
        id: |call, py| (&call.id).into_bound_py_any(py);
        state: |call, py| (&call.state).into_bound_py_any(py);
        media: |call, py| (&call.media).into_bound_py_any(py);
        direction: |call, py| (&call.direction).into_bound_py_any(py);
        started_at: |call, py| moment_or_none(py, call.started_at.as_deref().and_then(parse));
        participants: |call, py| {
            let all = call.participants.iter().cloned().map(PyParticipant);
            let all = all.map(|one| Bound::new(py, one)).collect::<PyResult<Vec<_>>>()?;
            Ok(PyTuple::new(py, all)?.into_any())
        };
        raw: |call, py| document(py, call.raw.clone());
    }
}
