//! The simulator for Python: one that runs in this process, or one that runs in another and is steered from here.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use serde_json::Value;

use super::client::{ClientHandle, PyOptions as PyOptionsOfClient, Source};
use super::convert::json;
use super::engine::{Counted, Engine, Inside, lock};
use super::errors::{raised, raised_by_simulator};
use super::sim_time::SimTime;
use crate::clock::within;
use crate::config::environment::endpoint;
use crate::config::{ApiChoice, Environment, TIMEOUT};
use crate::exchange::{Authorization, Effect, Progress, Request};
use crate::sim::{Action, ClockKind, NewCall, Notifications, Options, Schedule, SimError, Simulator, State, Steering};
use crate::transport::{Http, Transport};

/// A simulator within reach.
/// Longer ones are refused, or not worth being walked through.
const LONGEST_ADVANCE: Duration = Duration::from_secs(30 * 86_400);

#[pyclass(frozen, module = "gcrec._gcrec", name = "SimulatorHandle")]
pub(super) struct SimulatorHandle {
    /// None once it was stopped.
    reach: Mutex<Option<Reach>>,
    engine: &'static Engine,
}

#[derive(Clone)]
enum Reach {
    /// In this process, whose runtime is turned for it.
    Here(Simulator, Arc<Counted>, Option<Arc<SimTime>>),
    /// In another process.
    There(Arc<Http>),
}

impl SimulatorHandle {
    fn steer<'py>(&self, py: Python<'py>, steering: Steering) -> PyResult<Bound<'py, PyAny>> {
        let _inside = Inside::enter()?;
        let reach = lock(&self.reach).clone();
        let outcome = match reach {
            None => return Err(PyRuntimeError::new_err("the simulator is stopped")),
            Some(reach @ Reach::Here(..)) if !self.engine.is_ours() => {
                std::mem::forget(reach); // a copy: the one that runs is the parent's
                let words = "the simulator runs in the parent process: reach it with Simulator.attach(base_url)";
                return Err(PyRuntimeError::new_err(words));
            }
            Some(Reach::Here(simulator, _, time)) => match (steering, time) {
                (Steering::Advance(by), Some(time)) => advance(py, self.engine, &simulator, time, by)?,
                (steering, _) => simulator.apply(steering),
            },
            Some(Reach::There(http)) => ask(py, http, &steering)?,
        };
        json(py, &outcome.map_err(|error| raised_by_simulator(py, &error))?)
    }
}

#[pymethods]
impl SimulatorHandle {
    /// Starts a simulator in this process.
    #[staticmethod]
    fn start(py: Python<'_>, options: PyOptions) -> PyResult<Self> {
        let _inside = Inside::enter()?;
        let engine = Engine::get(py)?;
        let options = options.checked().map_err(|error| raised_by_simulator(py, &error))?;
        let started = engine.wait(py, Simulator::start(options))?;
        let simulator = started.map_err(|error| raised_by_simulator(py, &error))?;
        let time = SimTime::of(&simulator);
        if let Some(time) = &time {
            time.begin(engine);
        }
        Ok(Self { reach: Mutex::new(Some(Reach::Here(simulator, Arc::new(engine.busy()), time))), engine })
    }

    /// Reaches a simulator that runs in another process.
    #[staticmethod]
    fn attach(py: Python<'_>, base_url: &str, ca_bundle: Option<PathBuf>) -> PyResult<Self> {
        let _inside = Inside::enter()?;
        let engine = Engine::get(py)?;
        let connected = || Http::new(&endpoint(&Environment, base_url.parse()?, ApiChoice::Auto, ca_bundle)?);
        let http = connected().map_err(|error| raised(py, &error))?;
        Ok(Self { reach: Mutex::new(Some(Reach::There(http.into()))), engine })
    }

    /// Stops it, if it runs in this process; forgets it otherwise.
    fn stop(&self, py: Python<'_>) -> PyResult<()> {
        let _inside = Inside::enter()?;
        let reach = lock(&self.reach).take();
        match reach {
            Some(reach) if !self.engine.is_ours() => std::mem::forget(reach),
            Some(Reach::Here(simulator, _busy, _)) => {
                Engine::get(py)?.wait(py, async move { simulator.stop().await })?;
            }
            _ => {}
        }
        Ok(())
    }

    /// A client of this simulator: one with a manual clock has clients that live by it.
    fn client(&self, py: Python<'_>, options: PyOptionsOfClient, journal: Option<PathBuf>) -> PyResult<ClientHandle> {
        let world = match &*lock(&self.reach) {
            Some(Reach::Here(_, _, world)) => world.clone(),
            Some(Reach::There(_)) | None => None,
        };
        ClientHandle::build(py, options, journal, Source::Arguments, world)
    }

    fn state<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.steer(py, Steering::State)
    }

    fn requests<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.steer(py, Steering::Requests)
    }

    fn call<'py>(&self, py: Python<'py>, id: String) -> PyResult<Bound<'py, PyAny>> {
        self.steer(py, Steering::Call(id))
    }

    fn add_call<'py>(&self, py: Python<'py>, new: PyNewCall) -> PyResult<Bound<'py, PyAny>> {
        let PyNewCall { id, state, queue, user, policy, ivr } = new;
        let state: State = word(py, "state", &state)?;
        self.steer(py, Steering::AddCall(NewCall { id, state, queue, user, policy, ivr }))
    }

    fn end_call<'py>(&self, py: Python<'py>, id: String) -> PyResult<Bound<'py, PyAny>> {
        self.steer(py, Steering::EndCall(id))
    }

    fn hold<'py>(&self, py: Python<'py>, id: String, on: bool) -> PyResult<Bound<'py, PyAny>> {
        self.steer(py, Steering::Hold { id, on })
    }

    fn transfer<'py>(&self, py: Python<'py>, id: String) -> PyResult<Bound<'py, PyAny>> {
        self.steer(py, Steering::Transfer(id))
    }

    fn consult<'py>(&self, py: Python<'py>, id: String) -> PyResult<Bound<'py, PyAny>> {
        self.steer(py, Steering::Consult(id))
    }

    fn conference<'py>(&self, py: Python<'py>, id: String) -> PyResult<Bound<'py, PyAny>> {
        self.steer(py, Steering::Conference(id))
    }

    fn by_hand<'py>(&self, py: Python<'py>, id: String, action: &str) -> PyResult<Bound<'py, PyAny>> {
        let action: Action = word(py, "action", action)?;
        self.steer(py, Steering::ByHand { id, action })
    }

    /// `fault` is JSON, with the names that users type.
    fn fail<'py>(&self, py: Python<'py>, fault: &str) -> PyResult<Bound<'py, PyAny>> {
        let fault = serde_json::from_str(fault).map_err(|error| {
            raised_by_simulator(py, &SimError::InvalidFault(format!("the fault cannot be read: {error}")))
        })?;
        self.steer(py, Steering::Fail(fault))
    }

    fn clear_faults<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.steer(py, Steering::ClearFaults)
    }

    fn channels<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.steer(py, Steering::Channels)
    }

    fn drop_sockets<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.steer(py, Steering::DropSockets)
    }

    fn close_sockets<'py>(&self, py: Python<'py>, notice: f64) -> PyResult<Bound<'py, PyAny>> {
        self.steer(py, Steering::CloseSockets { notice })
    }

    fn mute_heartbeat<'py>(&self, py: Python<'py>, on: bool) -> PyResult<Bound<'py, PyAny>> {
        self.steer(py, Steering::MuteHeartbeat { on })
    }

    fn stall_sockets<'py>(&self, py: Python<'py>, on: bool) -> PyResult<Bound<'py, PyAny>> {
        self.steer(py, Steering::StallSockets { on })
    }

    fn user_token<'py>(&self, py: Python<'py>, user: String) -> PyResult<Bound<'py, PyAny>> {
        self.steer(py, Steering::UserToken(user))
    }

    fn revoke_tokens<'py>(&self, py: Python<'py>, refresh_tokens: bool) -> PyResult<Bound<'py, PyAny>> {
        self.steer(py, Steering::Revoke { refresh_tokens })
    }

    fn advance<'py>(&self, py: Python<'py>, seconds: f64) -> PyResult<Bound<'py, PyAny>> {
        self.steer(py, Steering::Advance(seconds))
    }
}

impl Drop for SimulatorHandle {
    /// A forked child holds a copy of its parent's simulator, whose threads it does not have: it may not touch it.
    fn drop(&mut self) {
        if !self.engine.is_ours() {
            std::mem::forget(lock(&self.reach).take());
        }
    }
}

/// Time passes for a simulator and the clients that live by it.
fn advance(
    py: Python<'_>,
    engine: &'static Engine,
    simulator: &Simulator,
    time: Arc<SimTime>,
    by: f64,
) -> PyResult<Result<Value, SimError>> {
    // Whatever is wrong with the number is said in the simulator's own words.
    match Duration::try_from_secs_f64(by) {
        Ok(length) if length < LONGEST_ADVANCE => {
            engine.wait(py, time.advance(length))?;
            Ok(simulator.apply(Steering::Advance(0.0)))
        }
        _ => Ok(simulator.apply(Steering::Advance(by))),
    }
}

/// Asks another process's simulator.
fn ask(py: Python<'_>, http: Arc<Http>, steering: &Steering) -> PyResult<Result<Value, SimError>> {
    let (method, path, body) = steering.to_request();
    let request = Request {
        method,
        path,
        template: "/simulation/",
        query: None,
        authorization: Authorization::None,
        content_type: "application/json",
        body: body.map(|body| Bytes::from(body.to_string())),
        effect: Effect::Command,
        needs: crate::error::Needs::Token,
        origin: crate::exchange::Origin::Api,
    };
    match Engine::get(py)?.wait(py, async move { within(TIMEOUT, http.send(&request, &Progress::default())).await })? {
        None => Err(PyRuntimeError::new_err("the simulator does not answer: the timeout has passed")),
        Some(Ok(response)) => Ok(Steering::read_answer(response.status.as_u16(), &response.body)),
        Some(Err(failure)) => Err(PyRuntimeError::new_err(format!("the simulator does not answer: {failure}"))),
    }
}

/// A call as Python's class describes it.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct PyNewCall {
    id: Option<String>,
    state: String,
    queue: Option<String>,
    user: Option<String>,
    policy: bool,
    ivr: bool,
}

/// The options as Python's class hands them over.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
#[expect(clippy::struct_excessive_bools, reason = "these are the names that users type, one by one")]
struct PyOptions {
    calls: usize,
    propagation: (f64, f64),
    seed: u64,
    clock: String,
    rate_limit: Option<u32>,
    rate_window: f64,
    token_lifetime: f64,
    scopes: Vec<String>,
    permissions: Vec<String>,
    user_permissions: Vec<String>,
    retry_after_header: bool,
    suppress_hold: bool,
    secure_pause: bool,
    start_needs_user: bool,
    transcoding: f64,
    search_lag: f64,
    search_repeats: usize,
    tls: bool,
    port: u16,
    appear_every: Option<(f64, f64)>,
    last: (f64, f64),
    channel_lifetime: f64,
    heartbeat: f64,
    max_channels: usize,
    max_topics: usize,
}

impl PyOptions {
    fn checked(self) -> Result<Options, SimError> {
        let Self { calls, propagation, seed, clock, rate_limit, rate_window, .. } = self;
        let Self { token_lifetime, scopes, permissions, user_permissions, retry_after_header, .. } = self;
        let Self { suppress_hold, secure_pause, start_needs_user, transcoding, search_lag, search_repeats, .. } = self;
        let Self { tls, port, appear_every, last, .. } = self;
        let Self { channel_lifetime, heartbeat, max_channels, max_topics, .. } = self;
        let clock = match clock.as_str() {
            "real" => ClockKind::Real,
            "manual" => ClockKind::Manual,
            _ => {
                let reason = format!("must be \"real\" or \"manual\", not {clock:?}");
                return Err(SimError::InvalidOption { name: "clock", reason });
            }
        };
        let schedule = appear_every.map(|appear_every| Schedule { appear_every, last });
        Ok(Options {
            calls,
            propagation,
            seed,
            clock,
            rate_limit,
            rate_window,
            token_lifetime,
            scopes,
            permissions,
            user_permissions,
            retry_after_header,
            suppress_hold,
            secure_pause,
            start_needs_user,
            transcoding,
            search_lag,
            search_repeats,
            tls,
            port,
            schedule,
            notifications: Notifications { channel_lifetime, heartbeat, max_channels, max_topics },
        })
    }
}

fn word<T: serde::de::DeserializeOwned>(py: Python<'_>, name: &'static str, word: &str) -> PyResult<T> {
    serde_json::from_value(Value::from(word)).map_err(|error| {
        raised_by_simulator(py, &SimError::InvalidOption { name, reason: format!("cannot be read: {error}") })
    })
}
