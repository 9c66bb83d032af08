//! The Python extension module: the only room that names pyo3. It translates and decides nothing.

mod blocks;
mod bridge;
mod bulk;
mod calls;
mod client;
mod clients;
mod command;
mod convert;
mod engine;
mod errors;
mod events;
mod functions;
mod journals;
mod log;
mod once;
mod operation;
mod pause;
mod sim_time;
mod simulator;
mod stream;
mod values;
mod watch;

use pyo3::prelude::*;

/// `gcrec._gcrec`. Importing it starts nothing; it only asks to be told of the exit.
///
/// It uses the GIL as a lock: engines are set, clients made and the environment read under it, and no other thread is
/// half-way through any of that when one forks. (pyo3 takes the opposite for granted. A wheel for the stable ABI of 3.9
/// does not load on a free-threaded CPython anyway.)
#[pymodule(gil_used = true)]
mod _gcrec {
    use pyo3::prelude::*;
    use pyo3::types::PyDict;

    #[pymodule_export]
    use super::bulk::BulkHandle;
    #[pymodule_export]
    use super::client::{ClientHandle, LoginHandle};
    #[pymodule_export]
    use super::command::main;
    #[pymodule_export]
    use super::engine::{_forked, _shutdown};
    #[pymodule_export]
    use super::errors::_error_kinds;
    #[pymodule_export]
    use super::functions::{
        _permissions, check_recording_status, control_recording, get_access_token, get_active_voice_call,
    };
    #[pymodule_export]
    use super::journals::JournalHandle;
    #[pymodule_export]
    use super::operation::Operation;
    #[pymodule_export]
    use super::pause::{PauseBlock, PauseContext};
    #[pymodule_export]
    use super::simulator::SimulatorHandle;
    #[pymodule_export]
    use super::stream::StreamHandle;

    #[pymodule_export]
    use super::values::{
        _restore, PyAnnotation, PyConversation, PyJournalEntry, PyJournalRun, PyParticipant, PyPause, PyProof,
        PyReceipt, PyRecording, PyRecordingStatus,
    };
    #[pymodule_export]
    use super::values::{
        CallConnected, CallEnded, CallHeld, EventsGap, PauseAlarm, PyEvent, RecordingPaused, RecordingResumed,
        RecordingStarted, RecordingStopped,
    };
    #[pymodule_export]
    use super::values::{PyBulkReport, PyOutcome, PyOutcomes};
    #[pymodule_export]
    #[expect(non_upper_case_globals, reason = "the name that Python knows")]
    const __version__: &str = env!("CARGO_PKG_VERSION");

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        let shutdown = module.getattr("_shutdown")?;
        module.py().import("atexit")?.call_method1("register", (shutdown,))?;
        // Where there is no fork there is no such function either.
        if let Some(register) = module.py().import("os")?.getattr_opt("register_at_fork")? {
            let hooks = PyDict::new(module.py());
            hooks.set_item("after_in_child", module.getattr("_forked")?)?;
            register.call((), Some(&hooks))?;
        }
        Ok(())
    }
}
