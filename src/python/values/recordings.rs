//! The evidence as values.

use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::model::{Annotation, Pause, Recording};
use crate::python::convert::{document, moment_or_none};

value! {
    /// One recording of a conversation.
    PyRecording(Recording) as "Recording" {
        id: |recording, py| (&recording.id).into_bound_py_any(py);
        conversation_id: |recording, py| (&recording.conversation_id).into_bound_py_any(py);
        start_time: |recording, py| moment_or_none(py, recording.start_time);
        end_time: |recording, py| moment_or_none(py, recording.end_time);
        media: |recording, py| (&recording.media).into_bound_py_any(py);
        media_subtype: |recording, py| (&recording.media_subtype).into_bound_py_any(py);
        file_state: |recording, py| (&recording.file_state).into_bound_py_any(py);
        recording_file_role: |recording, py| (&recording.recording_file_role).into_bound_py_any(py);
        session_id: |recording, py| (&recording.session_id).into_bound_py_any(py);
        output_duration_ms: |recording, py| recording.output_duration_ms.into_bound_py_any(py);
        media_uris: |recording, py| recording.media_uris.clone().into_bound_py_any(py);
        annotations: |recording, py| {
            let all = recording.annotations.iter().cloned().map(PyAnnotation);
            let all = all.map(|one| Bound::new(py, one)).collect::<PyResult<Vec<_>>>()?;
            Ok(PyTuple::new(py, all)?.into_any())
        };
        raw: |recording, py| document(py, recording.raw.clone());
    }
}

value! {
    /// A note along a recording.
    PyAnnotation(Annotation) as "Annotation" {
        id: |note, py| (&note.id).into_bound_py_any(py);
        r#type: |note, py| (&note.kind).into_bound_py_any(py);
        reason: |note, py| (&note.reason).into_bound_py_any(py);
        location: |note, py| note.location.into_bound_py_any(py);
        duration_ms: |note, py| note.duration_ms.into_bound_py_any(py);
        realtime_location: |note, py| note.realtime_location.into_bound_py_any(py);
        absolute_location: |note, py| note.absolute_location.into_bound_py_any(py);
    }
}

value! {
    /// A pause in a recording.
    PyPause(Pause) as "Pause" {
        conversation_id: |pause, py| (&pause.conversation_id).into_bound_py_any(py);
        recording_id: |pause, py| (&pause.recording_id).into_bound_py_any(py);
        reason: |pause, py| (&pause.reason).into_bound_py_any(py);
        start: |pause, py| moment_or_none(py, pause.start);
        end: |pause, py| moment_or_none(py, pause.end);
        duration: |pause, py| pause.duration.map(|duration| duration.as_secs_f64()).into_bound_py_any(py);
        basis: |pause, py| (&pause.basis).into_bound_py_any(py);
    }
}
