//! Which records somebody wants, known without the GIL.
//!
//! Nothing is asked of `logging` until somebody else has imported it: before that nobody can listen. Afterwards its
//! answers are kept until it forgets its own: every change of a level empties the cache that each logger has since Python
//! 3.7, and with it the mark that we left there. Where there is no such cache, each look asks anew.

use std::sync::atomic::{AtomicU8, Ordering::SeqCst};

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;
use tracing::level_filters::LevelFilter;
use tracing::{Level, Metadata};

use super::listener;
use crate::log::TARGETS;

/// From the most talkative on; what is not even the last is told to nobody.
const LEVELS: [Level; 4] = [Level::DEBUG, Level::INFO, Level::WARN, Level::ERROR];
/// A level that nobody else asks for, so that it is in the cache only if we did since the last change.
const MARK: i32 = -4_711;

/// How many of [`LEVELS`], counted from the last, each target's logger wants.
static WANTED: [AtomicU8; TARGETS.len()] = [const { AtomicU8::new(0) }; TARGETS.len()];
static MODULES: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
static LOGGERS: PyOnceLock<Loggers> = PyOnceLock::new();

/// Python's loggers of our targets.
struct Loggers {
    all: Vec<Py<PyAny>>,
    cache: Option<Py<PyDict>>,
}

/// Looks whether levels have changed. It costs a look into a dictionary as long as they have not.
pub(in crate::python) fn look(py: Python<'_>) {
    // What goes wrong here (`logging` half imported, or replaced by something else) leaves the levels as they are.
    let _ = try_look(py);
}

fn try_look(py: Python<'_>) -> PyResult<()> {
    let loggers = match LOGGERS.get(py) {
        Some(loggers) => loggers,
        None => match find(py)? {
            Some(found) => LOGGERS.get_or_init(py, || found),
            None => return Ok(()),
        },
    };
    if let Some(cache) = &loggers.cache
        && cache.bind(py).contains(MARK)?
    {
        return Ok(());
    }
    // The mark first: a change while we ask is then seen by the next look.
    is_enabled(loggers.all[0].bind(py), MARK)?;
    let mut changed = false;
    for (logger, wanted) in loggers.all.iter().zip(&WANTED) {
        let mut now = 0;
        for (skipped, level) in (0..).zip(LEVELS) {
            if is_enabled(logger.bind(py), number(level))? {
                now = 4 - skipped;
                break;
            }
        }
        changed |= wanted.swap(now, SeqCst) != now;
    }
    if changed {
        listener::listen();
    }
    Ok(())
}

/// The loggers, once somebody has imported `logging`. It says to Python that a library which nobody listens to is silent.
fn find(py: Python<'_>) -> PyResult<Option<Loggers>> {
    let modules = MODULES
        .get_or_try_init(py, || Ok::<_, PyErr>(py.import("sys")?.getattr("modules")?.unbind()))?
        .bind(py)
        .cast::<PyDict>()?;
    let Some(logging) = modules.get_item(intern!(py, "logging"))? else { return Ok(None) };
    let logger = |name: &&str| logging.call_method1(intern!(py, "getLogger"), (*name,)).map(Bound::unbind);
    let all = TARGETS.iter().map(logger).collect::<PyResult<Vec<_>>>()?;
    let parent = all[0].bind(py);
    parent.call_method1("addHandler", (logging.call_method0("NullHandler")?,))?;
    let cache = parent.getattr("_cache").ok().and_then(|cache| cache.cast_into::<PyDict>().ok());
    Ok(Some(Loggers { all, cache: cache.map(Bound::unbind) }))
}

/// The logger of a target.
pub(super) fn logger<'py>(py: Python<'py>, target: &str) -> PyResult<Bound<'py, PyAny>> {
    let known = TARGETS.iter().position(|known| *known == target);
    match (LOGGERS.get(py), known) {
        (Some(loggers), Some(at)) => Ok(loggers.all[at].bind(py).clone()),
        _ => py.import("logging")?.call_method1("getLogger", (target,)),
    }
}

pub(super) fn is_enabled(logger: &Bound<'_, PyAny>, level: i32) -> PyResult<bool> {
    logger.call_method1(intern!(logger.py(), "isEnabledFor"), (level,))?.is_truthy()
}

/// Python's number for a level.
pub(super) fn number(level: Level) -> i32 {
    match level {
        Level::ERROR => 40,
        Level::WARN => 30,
        Level::INFO => 20,
        Level::DEBUG => 10,
        Level::TRACE => 5,
    }
}

/// Does somebody want this? Asked for on any thread.
pub(super) fn wanted(event: &Metadata<'_>) -> bool {
    let at = TARGETS.iter().position(|target| *target == event.target()).unwrap_or_default();
    *event.level() <= filter(WANTED[at].load(SeqCst))
}

/// The most that somebody wants of anything.
pub(super) fn most() -> LevelFilter {
    filter(WANTED.iter().map(|wanted| wanted.load(SeqCst)).max().unwrap_or_default())
}

fn filter(wanted: u8) -> LevelFilter {
    match wanted {
        0 => LevelFilter::OFF,
        1 => LevelFilter::ERROR,
        2 => LevelFilter::WARN,
        3 => LevelFilter::INFO,
        _ => LevelFilter::DEBUG,
    }
}
