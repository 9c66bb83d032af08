//! The server's JSON as Python objects, as `json.loads` would make them.

use std::fmt;
use std::time::SystemTime;

use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDateTime, PyDict, PyList, PyString, PyTzInfo};
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::model::Document;

/// A document as a dict.
#[expect(clippy::needless_pass_by_value, reason = "the signature of `Build`")]
pub(super) fn document(py: Python<'_>, document: Document) -> PyResult<Bound<'_, PyAny>> {
    let text = document.text();
    // Python's integers have no end, ours do: leave those, and all else that we cannot hold, to the standard library.
    if !has_long_number(text)
        && let Ok(value) = Value(py).deserialize(&mut serde_json::Deserializer::from_slice(text))
    {
        return Ok(value);
    }
    py.import("json")?.call_method1("loads", (text,))
}

/// A document as a dict, or None.
pub(super) fn document_or_none(py: Python<'_>, found: Option<Document>) -> PyResult<Bound<'_, PyAny>> {
    found.map_or_else(|| Ok(py.None().into_bound(py)), |found| document(py, found))
}

/// A moment as an aware datetime in UTC.
pub(super) fn moment(py: Python<'_>, at: SystemTime) -> PyResult<Bound<'_, PyAny>> {
    let since_1970 = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    let utc = PyTzInfo::utc(py)?.to_owned();
    PyDateTime::from_timestamp(py, since_1970, Some(&utc)).map(Bound::into_any)
}

/// A moment, or None.
pub(super) fn moment_or_none(py: Python<'_>, at: Option<SystemTime>) -> PyResult<Bound<'_, PyAny>> {
    at.map_or_else(|| Ok(py.None().into_bound(py)), |at| moment(py, at))
}

/// A value that was read already.
pub(super) fn json<'py>(py: Python<'py>, value: &serde_json::Value) -> PyResult<Bound<'py, PyAny>> {
    Value(py).deserialize(value).map_err(|error| PyValueError::new_err(error.to_string()))
}

/// Are there numbers (or strings of digits) that an u64 or an exact f64 might not hold?
fn has_long_number(text: &[u8]) -> bool {
    const SAFE_DIGITS: usize = 17;
    let mut run = 0;
    text.iter().any(|byte| {
        run = if byte.is_ascii_digit() { run + 1 } else { 0 };
        run > SAFE_DIGITS
    })
}

/// Builds one value.
#[derive(Clone, Copy)]
struct Value<'py>(Python<'py>);

/// A member's name.
struct Key<'py>(Python<'py>);

fn failed<E: serde::de::Error>(error: PyErr) -> E {
    E::custom(error)
}

impl<'de, 'py> DeserializeSeed<'de> for Value<'py> {
    type Value = Bound<'py, PyAny>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, 'py> Visitor<'de> for Value<'py> {
    type Value = Bound<'py, PyAny>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
        Ok(self.0.None().into_bound(self.0))
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Self::Value, E> {
        value.into_bound_py_any(self.0).map_err(failed)
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Self::Value, E> {
        value.into_bound_py_any(self.0).map_err(failed)
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Self::Value, E> {
        value.into_bound_py_any(self.0).map_err(failed)
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Self::Value, E> {
        value.into_bound_py_any(self.0).map_err(failed)
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Self::Value, E> {
        Ok(PyString::new(self.0, value).into_any())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let list = PyList::empty(self.0);
        while let Some(item) = items.next_element_seed(self)? {
            list.append(item).map_err(A::Error::custom)?;
        }
        Ok(list.into_any())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let dict = PyDict::new(self.0);
        while let Some(key) = members.next_key_seed(Key(self.0))? {
            let value = members.next_value_seed(self)?;
            dict.set_item(key, value).map_err(A::Error::custom)?;
        }
        Ok(dict.into_any())
    }
}

impl<'de, 'py> DeserializeSeed<'de> for Key<'py> {
    type Value = Bound<'py, PyString>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'py> Visitor<'_> for Key<'py> {
    type Value = Bound<'py, PyString>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member's name")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(PyString::new(self.0, name))
    }
}
