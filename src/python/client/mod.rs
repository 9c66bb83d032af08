//! `Client` and `AsyncClient` for Python: one handle, whose operations either face waits for.

mod login;
mod options;
mod shared;
mod shown;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

pub(super) use self::login::LoginHandle;
pub(super) use self::options::{PyOptions, Source};
use self::shared::Shared;
use super::bridge::Build;
use super::bulk::{self, BulkHandle};
use super::calls::Calls;
use super::engine::Engine;
use super::errors::raised;
use super::events;
use super::journals;
use super::operation::Operation;
use super::pause::PauseContext;
use super::sim_time::SimTime;
use super::stream::{Flow, StreamHandle};
use super::values::{PyBulkReport, PyConversation, PyPause, PyProof, PyReceipt, PyRecording, PyRecordingStatus};
use super::watch;
use crate::api::pause::PauseOptions;
use crate::api::watch::Watching;
use crate::api::{Recovered, Recovery};
use crate::api::{Wanted, Wish};
use crate::client::Session;
use crate::config::{CallOptions, at_least_one, seconds};
use crate::error::Error;
use crate::model::{Action, Command, ConversationId, MediaFormat, Target};

/// How whatever begins later finds its session, on the engine that it begins on.
pub(super) type FindSession = Box<dyn FnOnce(&'static Engine) -> Result<Session, Error> + Send>;

/// A client, and how its calls are made. Copies with other options share all but those.
#[pyclass(frozen, module = "gcrec._gcrec")]
pub(super) struct ClientHandle {
    shared: Arc<Shared>,
    options: CallOptions,
    settle: Duration,
}

impl ClientHandle {
    /// An operation of this client: its arguments were checked, and it finds its session when it is made.
    fn operation<T, F>(
        &self,
        start: impl FnOnce(Session) -> Result<F, Error> + Send + 'static,
        build: Build<T>,
    ) -> PyResult<Operation>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        self.refuse_closed()?;
        let (shared, options, settle, journal) =
            (self.shared.clone(), self.options, self.settle, self.shared.journal());
        let start = move |engine| {
            let work = start(shared.session(engine)?.with(options, settle, journal))?;
            Ok(SimTime::passing(shared.world.clone(), work))
        };
        Ok(Operation::new(start, build))
    }

    /// How whatever begins later finds its session.
    fn find_session(&self) -> FindSession {
        let (shared, options, settle) = (self.shared.clone(), self.options, self.settle);
        let journal = shared.journal();
        Box::new(move |engine| Ok(shared.session(engine)?.with(options, settle, journal)))
    }

    fn refuse_closed(&self) -> PyResult<()> {
        if self.shared.closed.load(Ordering::Acquire) {
            return Err(PyRuntimeError::new_err("the client is closed"));
        }
        Ok(())
    }

    fn bulk(
        &self,
        job: bulk::Job,
        concurrency: usize,
        journal: Option<PathBuf>,
        dry_run: bool,
    ) -> PyResult<BulkHandle> {
        self.refuse_closed()?;
        let world = self.shared.world.clone();
        Ok(BulkHandle::new(bulk::Plan { session: self.find_session(), job, concurrency, journal, dry_run, world }))
    }

    fn command(&self, py: Python<'_>, id: &str, command: Result<Command, Error>) -> PyResult<Operation> {
        let check = || -> Result<_, Error> {
            let (id, command) = (id.parse::<ConversationId>()?, command?);
            crate::wire::of(self.shared.config.endpoint.api).check(&command)?;
            Ok((id, command))
        };
        let (id, command) = checked(py, check())?;
        self.operation(move |session| session.command(&id, command), receipt)
    }
}

fn checked<T>(py: Python<'_>, outcome: Result<T, Error>) -> PyResult<T> {
    outcome.map_err(|error| raised(py, &error))
}

#[pymethods]
impl ClientHandle {
    /// A client of what `options` say.
    #[staticmethod]
    fn make(py: Python<'_>, options: PyOptions, journal: Option<PathBuf>) -> PyResult<Self> {
        Self::build(py, options, journal, Source::Arguments, None)
    }

    /// The same; what `options` do not say, the environment does.
    #[staticmethod]
    fn make_from_env(py: Python<'_>, options: PyOptions, journal: Option<PathBuf>) -> PyResult<Self> {
        Self::build(py, options, journal, Source::Environment, None)
    }

    /// The client of a user who has yet to log in.
    #[staticmethod]
    fn make_for_login(py: Python<'_>, options: PyOptions, journal: Option<PathBuf>) -> PyResult<Self> {
        Self::build(py, options, journal, Source::Login, None)
    }

    /// The same client with other options for its calls.
    fn with_options(
        &self,
        py: Python<'_>,
        timeout: Option<f64>,
        max_retries: Option<i64>,
        settle_after: Option<f64>,
        others: &Bound<'_, PyDict>,
    ) -> PyResult<Self> {
        checked(py, self.changed(timeout, max_retries, settle_after, &others.keys()))
    }

    /// Lets go of connections and tokens. Operations that are under way go on; streams of events end.
    fn close(&self, py: Python<'_>) {
        py.detach(|| self.shared.close());
    }

    /// Origin, wire and limits; never a secret.
    fn describe(&self) -> String {
        self.shown()
    }

    /// The options with which `from_env` makes it again in another process.
    fn source<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        self.named_sources(py)
    }

    /// The active calls; nothing has begun.
    fn active_calls(&self, py: Python<'_>, limit: Option<i64>, days: i64) -> PyResult<StreamHandle> {
        let wanted = checked(py, Wanted::new(limit, days))?;
        self.refuse_closed()?;
        let begin = move |session: &Session| Ok(Arc::new(Calls::new(session.active_calls(wanted))) as Arc<dyn Flow>);
        Ok(StreamHandle::new(self.find_session(), Box::new(begin), self.shared.world.clone()))
    }

    /// What happens to calls; nothing has begun.
    fn events(
        &self,
        py: Python<'_>,
        conversations: &Bound<'_, PyAny>,
        queues: &Bound<'_, PyAny>,
        users: &Bound<'_, PyAny>,
    ) -> PyResult<StreamHandle> {
        let follow = events::follow(py, self.shared.config.endpoint.api, [conversations, queues, users])?;
        self.refuse_closed()?;
        let shared = self.shared.clone();
        let begin = move |session: &Session| Ok(shared.began(events::begin(session, follow)?));
        Ok(StreamHandle::new(self.find_session(), Box::new(begin), self.shared.world.clone()))
    }

    /// The same, and an alarm for each secure pause that lasts too long.
    fn watch(
        &self,
        py: Python<'_>,
        conversations: &Bound<'_, PyAny>,
        queues: &Bound<'_, PyAny>,
        users: &Bound<'_, PyAny>,
        max_pause: Option<f64>,
    ) -> PyResult<StreamHandle> {
        let follow = events::follow(py, self.shared.config.endpoint.api, [conversations, queues, users])?;
        let max_pause = checked(py, max_pause.map(|longest| seconds("max_pause", longest)).transpose())?;
        let wanted = Watching { follow, max_pause, ..Watching::default() };
        self.refuse_closed()?;
        let shared = self.shared.clone();
        let begin = move |session: &Session| Ok(shared.began(watch::begin(session, wanted)?));
        Ok(StreamHandle::new(self.find_session(), Box::new(begin), self.shared.world.clone()))
    }

    fn recordings(&self, py: Python<'_>, conversation_id: &str, media: Option<&str>) -> PyResult<Operation> {
        let id = checked(py, conversation_id.parse::<ConversationId>())?;
        let media = checked(py, media.map(str::parse::<MediaFormat>).transpose())?;
        checked(py, crate::wire::of(self.shared.config.endpoint.api).check_media(media))?;
        self.operation(
            move |session| session.recordings(&id, media),
            |py, all| list(py, all.into_iter().map(PyRecording)),
        )
    }

    fn pauses(&self, py: Python<'_>, conversation_id: &str) -> PyResult<Operation> {
        let id = checked(py, conversation_id.parse::<ConversationId>())?;
        checked(py, crate::wire::of(self.shared.config.endpoint.api).check_pauses())?;
        self.operation(move |session| session.pauses(&id), |py, all| list(py, all.into_iter().map(PyPause)))
    }

    fn conversation(&self, py: Python<'_>, conversation_id: &str) -> PyResult<Operation> {
        let id = checked(py, conversation_id.parse::<ConversationId>())?;
        self.operation(
            move |session| Ok(session.conversation(&id)),
            |py, call| PyConversation(call).into_bound_py_any(py),
        )
    }

    fn status(&self, py: Python<'_>, conversation_id: &str) -> PyResult<Operation> {
        let id = checked(py, conversation_id.parse::<ConversationId>())?;
        self.operation(
            move |session| Ok(session.status(&id)),
            |py, status| PyRecordingStatus(status).into_bound_py_any(py),
        )
    }

    fn start(
        &self,
        py: Python<'_>,
        conversation_id: &str,
        participant: Option<&str>,
        recorder: &str,
    ) -> PyResult<Operation> {
        self.command(py, conversation_id, Command::new(Action::Start, participant, recorder))
    }

    fn stop(
        &self,
        py: Python<'_>,
        conversation_id: &str,
        participant: Option<&str>,
        recorder: &str,
    ) -> PyResult<Operation> {
        self.command(py, conversation_id, Command::new(Action::Stop, participant, recorder))
    }

    fn pause(&self, py: Python<'_>, conversation_id: &str) -> PyResult<Operation> {
        self.command(py, conversation_id, Ok(Action::Pause.into()))
    }

    fn resume(&self, py: Python<'_>, conversation_id: &str) -> PyResult<Operation> {
        self.command(py, conversation_id, Ok(Action::Resume.into()))
    }

    fn ensure(
        &self,
        py: Python<'_>,
        conversation_id: &str,
        target: &str,
        timeout: f64,
        resume_paused: bool,
    ) -> PyResult<Operation> {
        let check = || -> Result<_, Error> {
            let id = conversation_id.parse::<ConversationId>()?;
            let target = target.parse::<Target>()?;
            let wish = Wish { target, timeout: seconds("timeout", timeout)?, resume_paused };
            wish.check(crate::wire::of(self.shared.config.endpoint.api))?;
            Ok((id, wish))
        };
        let (id, wish) = checked(py, check())?;
        self.operation(move |session| session.ensure(&id, wish), |py, proof| PyProof(proof).into_bound_py_any(py))
    }

    /// The same command to many; nothing has begun.
    fn control_many(
        &self,
        py: Python<'_>,
        action: &str,
        concurrency: i64,
        journal: Option<PathBuf>,
        dry_run: bool,
    ) -> PyResult<BulkHandle> {
        let check = || -> Result<_, Error> {
            let action = Action::parse(action, &Action::ALL)?;
            crate::wire::of(self.shared.config.endpoint.api).check(&action.into())?;
            Ok((bulk::Job::Control(action), at_least_one("concurrency", concurrency)?))
        };
        let (job, concurrency) = checked(py, check())?;
        self.bulk(job, concurrency, journal, dry_run)
    }

    /// The same wish for many; nothing has begun.
    fn ensure_many(
        &self,
        py: Python<'_>,
        target: &str,
        timeout: f64,
        concurrency: i64,
        journal: Option<PathBuf>,
        dry_run: bool,
    ) -> PyResult<BulkHandle> {
        let check = || -> Result<_, Error> {
            let wish = Wish { target: target.parse()?, timeout: seconds("timeout", timeout)?, resume_paused: false };
            wish.check(crate::wire::of(self.shared.config.endpoint.api))?;
            Ok((bulk::Job::Ensure(wish), at_least_one("concurrency", concurrency)?))
        };
        let (job, concurrency) = checked(py, check())?;
        self.bulk(job, concurrency, journal, dry_run)
    }

    /// Settles what was left behind in a journal.
    fn recover(&self, py: Python<'_>, journal: &Bound<'_, PyAny>, max_age: f64, force: bool) -> PyResult<Operation> {
        let recovery = Recovery { max_age: checked(py, seconds("max_age", max_age))?, force };
        self.refuse_closed()?;
        let journal: PathBuf = journal.extract()?;
        let journal = journals::open(py, &journal, self.shared.world.as_deref())?;
        let work = move |session: Session| {
            Ok(async move {
                let began = session.clock().now();
                let all = session.recover(&journal, recovery).await?;
                Ok(Recovered::report(all, session.clock().now().saturating_sub(began)))
            })
        };
        self.operation(work, |py, report| PyBulkReport::of(py, &report, None)?.into_bound_py_any(py))
    }

    /// A pause block that has not begun.
    fn paused(
        &self,
        py: Python<'_>,
        conversation_id: &str,
        timeout: f64,
        watch: f64,
        max_seconds: Option<f64>,
        resume_timeout: f64,
        reason: Option<String>,
    ) -> PyResult<PauseContext> {
        let check = || -> Result<_, Error> {
            let id = conversation_id.parse::<ConversationId>()?;
            let options = PauseOptions {
                timeout: seconds("timeout", timeout)?,
                watch: seconds("watch", watch)?,
                max_seconds: max_seconds.map(|longest| seconds("max_seconds", longest)).transpose()?,
                resume_timeout: seconds("resume_timeout", resume_timeout)?,
                reason,
            };
            options.check(self.settle)?;
            crate::wire::of(self.shared.config.endpoint.api).check(&Action::Pause.into())?;
            Ok((id, options))
        };
        let (id, options) = checked(py, check())?;
        self.refuse_closed()?;
        Ok(PauseContext::new(self.find_session(), id, options, self.shared.world.clone()))
    }

    fn wait_until(&self, py: Python<'_>, conversation_id: &str, target: &str, timeout: f64) -> PyResult<Operation> {
        let check = || {
            Ok((conversation_id.parse::<ConversationId>()?, target.parse::<Target>()?, seconds("timeout", timeout)?))
        };
        let (id, target, timeout) = checked(py, check())?;
        self.operation(
            move |session| Ok(session.wait_until(&id, target, timeout)),
            |py, status| PyRecordingStatus(status).into_bound_py_any(py),
        )
    }
}

fn receipt(py: Python<'_>, receipt: crate::model::Receipt) -> PyResult<Bound<'_, PyAny>> {
    PyReceipt(receipt).into_bound_py_any(py)
}

fn list<'py, T: IntoPyObject<'py>>(py: Python<'py>, all: impl Iterator<Item = T>) -> PyResult<Bound<'py, PyAny>> {
    let all = all.map(|one| one.into_bound_py_any(py)).collect::<PyResult<Vec<_>>>()?;
    Ok(PyList::new(py, all)?.into_any())
}
