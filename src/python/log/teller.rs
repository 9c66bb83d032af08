//! One record, told to Python's `logging`.

use std::time::SystemTime;

use pyo3::IntoPyObjectExt;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::levels::{is_enabled, logger, number};
use crate::log::{Record, Value};

/// What a `LogRecord` has of its own: `logging` refuses a field of that name, and the record with it.
const TAKEN: [&str; 23] = [
    "args",
    "asctime",
    "created",
    "exc_info",
    "exc_text",
    "filename",
    "funcName",
    "levelname",
    "levelno",
    "lineno",
    "message",
    "module",
    "msecs",
    "msg",
    "name",
    "pathname",
    "process",
    "processName",
    "relativeCreated",
    "stack_info",
    "taskName",
    "thread",
    "threadName",
];

/// Tells it, if its logger wants it. `Logger.log` in two steps: in between the record gets the time at which it
/// happened, not that at which it is told; and nobody looks for the line of source that called, which is not Python's.
pub(super) fn tell(py: Python<'_>, record: &Record) -> PyResult<()> {
    let Record { target, level, at, message, fields } = record;
    let (logger, level) = (logger(py, target)?, number(*level));
    if !is_enabled(&logger, level)? {
        return Ok(());
    }
    let extra = PyDict::new(py);
    for (name, value) in fields {
        let value = object(py, value)?;
        if TAKEN.contains(name) {
            extra.set_item(format!("gcrec_{name}"), value)?;
        } else {
            extra.set_item(name, value)?;
        }
    }
    let (nowhere, no_args, none) = ("(unknown file)", PyTuple::empty(py), py.None());
    let made = (target, level, nowhere, 0, message, no_args, &none, &none, extra);
    let told = logger.call_method1(intern!(py, "makeRecord"), made)?;
    set_time(&told, *at)?;
    logger.call_method1(intern!(py, "handle"), (told,)).map(drop)
}

fn set_time(record: &Bound<'_, PyAny>, at: SystemTime) -> PyResult<()> {
    let py = record.py();
    let at = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let (created, relative) = (intern!(py, "created"), intern!(py, "relativeCreated"));
    let late = record.getattr(created)?.extract::<f64>()? - at.as_secs_f64();
    record.setattr(relative, record.getattr(relative)?.extract::<f64>()? - late * 1e3)?;
    record.setattr(created, at.as_secs_f64())?;
    record.setattr(intern!(py, "msecs"), f64::from(at.subsec_millis()))
}

fn object<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    match value {
        Value::Bool(value) => value.into_bound_py_any(py),
        Value::Signed(value) => value.into_bound_py_any(py),
        Value::Unsigned(value) => value.into_bound_py_any(py),
        Value::Float(value) => value.into_bound_py_any(py),
        Value::Text(value) => value.into_bound_py_any(py),
    }
}
