//! What became of one of many. Its error is a Python exception from the beginning, so that it is always the same object.

use std::hash::{DefaultHasher, Hash, Hasher};

use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyValueError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::kinds::{PyProof, PyReceipt};
use super::{plain, shown};
use crate::api::{Outcome, OutcomeKind};
use crate::model::{Proof, Receipt};
use crate::python::errors::raised;

/// What became of one conversation.
#[pyclass(frozen, module = "gcrec", name = "Outcome")]
pub(in crate::python) struct PyOutcome {
    conversation_id: String,
    kind: OutcomeKind,
    proof: Option<Proof>,
    receipt: Option<Receipt>,
    error: Option<Py<PyAny>>,
}

impl PyOutcome {
    pub(in crate::python) fn of(py: Python<'_>, outcome: Outcome) -> Self {
        let Outcome { conversation_id, kind, proof, receipt, error, .. } = outcome;
        let error = error.map(|error| raised(py, &error).into_value(py).into_any());
        Self { conversation_id, kind, proof, receipt, error }
    }

    fn parts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let parts = [self.conversation_id(py)?, self.kind(py)?, self.proof(py)?, self.receipt(py)?, self.error(py)?];
        PyTuple::new(py, parts)
    }

    fn fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let fields = PyDict::new(py);
        for (name, value) in ["conversation_id", "kind", "proof", "receipt", "error"].into_iter().zip(self.parts(py)?) {
            fields.set_item(name, value)?;
        }
        Ok(fields)
    }
}

#[pymethods]
impl PyOutcome {
    #[getter]
    fn conversation_id<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        (&self.conversation_id).into_bound_py_any(py)
    }

    #[getter]
    fn kind<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        pyo3::types::PyString::intern(py, self.kind.word()).into_bound_py_any(py)
    }

    #[getter]
    fn proof<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.proof.clone().map(PyProof).into_bound_py_any(py)
    }

    #[getter]
    fn receipt<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.receipt.clone().map(PyReceipt).into_bound_py_any(py)
    }

    #[getter]
    fn error<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        (&self.error).into_bound_py_any(py)
    }

    /// The fields and their values; nested ones as dicts too, the error with its type, its words and its facts.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let fields = self.fields(py)?;
        for (name, value) in &fields.copy()? {
            fields.set_item(name, plain(value)?)?;
        }
        if let Some(error) = &self.error {
            let error = error.bind(py);
            let facts = PyDict::new(py);
            facts.set_item("type", error.get_type().name()?)?;
            for name in ["kind", "message"] {
                facts.set_item(name, error.getattr(name)?)?;
            }
            for name in error.getattr("_defaults")?.try_iter()? {
                let name = name?;
                facts.set_item(&name, error.getattr(name.cast::<pyo3::types::PyString>()?)?)?;
            }
            fields.set_item("error", facts)?;
        }
        Ok(fields)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        shown("Outcome", &self.fields(py)?)
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        let py = other.py();
        let Ok(other) = other.cast::<Self>() else { return Ok(false) };
        let other = other.get();
        let alike = self.conversation_id == other.conversation_id
            && self.kind == other.kind
            && self.proof == other.proof
            && self.receipt == other.receipt;
        // Exceptions are compared by what they say: as objects each is equal to itself alone.
        let said =
            |error: &Option<Py<PyAny>>| error.as_ref().map(|it| it.bind(py).call_method0("__reduce__")).transpose();
        if alike { said(&self.error)?.into_bound_py_any(py)?.eq(said(&other.error)?) } else { Ok(false) }
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (&self.conversation_id, self.kind).hash(&mut hasher);
        hasher.finish()
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        Ok((py.get_type::<Self>().getattr("_load")?, self.parts(py)?))
    }

    #[staticmethod]
    fn _load(
        conversation_id: String,
        kind: &str,
        proof: Option<Bound<'_, PyProof>>,
        receipt: Option<Bound<'_, PyReceipt>>,
        error: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let kind = OutcomeKind::of_word(kind).ok_or_else(|| PyValueError::new_err("this is no pickled value"))?;
        let (proof, receipt) = (proof.map(|it| it.get().0.clone()), receipt.map(|it| it.get().0.clone()));
        Ok(Self { conversation_id, kind, proof, receipt, error })
    }

    /// An error that was raised knows of frames, and they may know of this.
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.error)
    }
}
