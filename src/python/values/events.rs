//! Live events as values: one class for each, below `Event`.

use std::hash::{DefaultHasher, Hash, Hasher};

use pyo3::IntoPyObjectExt;
use pyo3::PyClassInitializer;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::model::{CallEvent, Event, Gap, Happening, PauseAlarm as Alarm, State};
use crate::python::convert::moment;

/// Something happened to a call, or may have.
#[pyclass(frozen, subclass, module = "gcrec", name = "Event")]
pub(in crate::python) struct PyEvent(Event);

impl PyEvent {
    fn call(&self) -> Option<&CallEvent> {
        match &self.0 {
            Event::Call(call) => Some(call),
            Event::Gap(_) | Event::Alarm(_) => None,
        }
    }

    fn name(&self) -> &'static str {
        match &self.0 {
            Event::Call(call) => call.happening.name(),
            Event::Gap(_) => "EventsGap",
            Event::Alarm(_) => "PauseAlarm",
        }
    }

    fn fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let fields = PyDict::new(py);
        fields.set_item("conversation_id", self.conversation_id())?;
        match &self.0 {
            Event::Call(_) => {
                fields.set_item("participant_id", self.participant_id())?;
                fields.set_item("user_id", self.user_id())?;
                fields.set_item("queue_id", self.queue_id())?;
                fields.set_item("at", self.at(py)?)?;
                fields.set_item("state", self.state())?;
                fields.set_item("before", self.before())?;
                fields.set_item("seen_by", self.seen_by())?;
            }
            Event::Gap(gap) => {
                fields.set_item("at", self.at(py)?)?;
                fields.set_item("since", moment(py, gap.since)?)?;
                fields.set_item("until", moment(py, gap.until)?)?;
                fields.set_item("reason", gap.reason.word())?;
            }
            Event::Alarm(alarm) => {
                fields.set_item("participant_id", self.participant_id())?;
                fields.set_item("user_id", self.user_id())?;
                fields.set_item("queue_id", self.queue_id())?;
                fields.set_item("at", self.at(py)?)?;
                fields.set_item("state", self.state())?;
                fields.set_item("seen_by", self.seen_by())?;
                fields.set_item("paused_at", moment(py, alarm.paused_at)?)?;
                fields.set_item("lasted", alarm.lasted.as_secs_f64())?;
                fields.set_item("confirmed", alarm.confirmed)?;
            }
        }
        Ok(fields)
    }
}

#[pymethods]
impl PyEvent {
    #[getter]
    fn conversation_id(&self) -> Option<&str> {
        match &self.0 {
            Event::Call(call) => Some(&call.conversation_id),
            Event::Gap(gap) => gap.conversation_id.as_deref(),
            Event::Alarm(alarm) => Some(&alarm.conversation_id),
        }
    }

    #[getter]
    fn participant_id(&self) -> Option<&str> {
        match &self.0 {
            Event::Call(call) => call.participant_id.as_deref(),
            Event::Gap(_) => None,
            Event::Alarm(alarm) => alarm.participant_id.as_deref(),
        }
    }

    #[getter]
    fn user_id(&self) -> Option<&str> {
        match &self.0 {
            Event::Call(call) => call.user_id.as_deref(),
            Event::Gap(_) => None,
            Event::Alarm(alarm) => alarm.user_id.as_deref(),
        }
    }

    #[getter]
    fn queue_id(&self) -> Option<&str> {
        match &self.0 {
            Event::Call(call) => call.queue_id.as_deref(),
            Event::Gap(_) => None,
            Event::Alarm(alarm) => alarm.queue_id.as_deref(),
        }
    }

    #[getter]
    fn at<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        moment(
            py,
            match &self.0 {
                Event::Call(call) => call.at,
                Event::Gap(gap) => gap.until,
                Event::Alarm(alarm) => alarm.at,
            },
        )
    }

    #[getter]
    fn state(&self) -> Option<&'static str> {
        match &self.0 {
            Event::Call(call) => Some(call.state.word()),
            Event::Gap(_) => None,
            Event::Alarm(_) => Some(State::Paused.word()),
        }
    }

    #[getter]
    fn before(&self) -> Option<&'static str> {
        self.call()?.before.map(State::word)
    }

    #[getter]
    fn seen_by(&self) -> Option<&'static str> {
        match &self.0 {
            Event::Call(call) => Some(call.seen_by.word()),
            Event::Gap(_) => None,
            Event::Alarm(alarm) => Some(alarm.seen_by.word()),
        }
    }

    /// The fields and their values, and under `event` the name of the class.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let named = PyDict::new(py);
        named.set_item("event", self.name())?;
        named.update(self.fields(py)?.as_mapping())?;
        Ok(named)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        super::shown(self.name(), &self.fields(py)?)
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| other.get().0 == self.0)
    }

    fn __hash__(&self) -> PyResult<u64> {
        let mut hasher = DefaultHasher::new();
        super::dumped(&self.0)?.hash(&mut hasher);
        Ok(hasher.finish())
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (&'static str, String))> {
        Ok((py.import("gcrec._gcrec")?.getattr("_restore")?, (self.name(), super::dumped(&self.0)?)))
    }

    #[staticmethod]
    fn _load<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
        event(py, super::loaded(text)?)
    }
}

macro_rules! call_events {
    ($($(#[doc = $doc:literal])+ $class:ident as $name:literal;)+) => {
        $(
            $(#[doc = $doc])+
            #[pyclass(frozen, extends = PyEvent, module = "gcrec", name = $name)]
            pub(in crate::python) struct $class;
        )+

        /// An event as an object of its class.
        pub(in crate::python) fn event(py: Python<'_>, event: Event) -> PyResult<Bound<'_, PyAny>> {
            let happening = match &event {
                Event::Call(call) => call.happening,
                Event::Gap(gap) => {
                    let part = EventsGap(gap.clone());
                    let gap = PyClassInitializer::from(PyEvent(event)).add_subclass(part);
                    return Bound::new(py, gap)?.into_bound_py_any(py);
                }
                Event::Alarm(alarm) => {
                    let part = PauseAlarm(alarm.clone());
                    let alarm = PyClassInitializer::from(PyEvent(event)).add_subclass(part);
                    return Bound::new(py, alarm)?.into_bound_py_any(py);
                }
            };
            let base = PyClassInitializer::from(PyEvent(event));
            match happening {
                $(Happening::$class => Bound::new(py, base.add_subclass($class))?.into_bound_py_any(py),)+
            }
        }
    };
}

call_events! {
    /// The call is recorded now.
    RecordingStarted as "RecordingStarted";
    /// A secure pause is on.
    RecordingPaused as "RecordingPaused";
    /// The secure pause is over.
    RecordingResumed as "RecordingResumed";
    /// The call is not recorded any more, and goes on.
    RecordingStopped as "RecordingStopped";
    /// Somebody was put on hold, or recording is suppressed as on hold.
    CallHeld as "CallHeld";
    /// Somebody was connected, or taken off hold.
    CallConnected as "CallConnected";
    /// Nobody is on the call any more.
    CallEnded as "CallEnded";
}

/// A time in which something may have happened that was not told.
#[pyclass(frozen, extends = PyEvent, module = "gcrec", name = "EventsGap")]
pub(in crate::python) struct EventsGap(Gap);

#[pymethods]
impl EventsGap {
    #[getter]
    fn since<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        moment(py, self.0.since)
    }

    #[getter]
    fn until<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        moment(py, self.0.until)
    }

    #[getter]
    fn reason(&self) -> &'static str {
        self.0.reason.word()
    }
}

/// A secure pause has lasted longer than it may. Told once for each pause.
#[pyclass(frozen, extends = PyEvent, module = "gcrec", name = "PauseAlarm")]
pub(in crate::python) struct PauseAlarm(Alarm);

#[pymethods]
impl PauseAlarm {
    #[getter]
    fn paused_at<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        moment(py, self.0.paused_at)
    }

    #[getter]
    fn lasted(&self) -> f64 {
        self.0.lasted.as_secs_f64()
    }

    #[getter]
    fn confirmed(&self) -> bool {
        self.0.confirmed
    }
}
