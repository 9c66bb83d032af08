//! What became of all.

use std::path::PathBuf;
use std::sync::Mutex;

use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};

use super::outcome::PyOutcome;
use super::{plain, shown};
use crate::api::{Outcome, OutcomeKind, Report};
use crate::error::{Error, JournalFault, Sent};
use crate::journal::{Entries, JournalError, Reader, RunId};
use crate::python::engine::lock;
use crate::python::errors::raised;

const FIELDS: [&str; 8] =
    ["operation", "dry_run", "complete", "counts", "total", "elapsed", "first_failures", "slowest"];

/// What became of all, in numbers, and in a text.
#[pyclass(frozen, module = "gcrec", name = "BulkReport")]
pub(in crate::python) struct PyBulkReport {
    operation: String,
    dry_run: bool,
    complete: bool,
    counts: Vec<u64>,
    elapsed: f64,
    first_failures: Py<PyTuple>,
    slowest: Vec<(String, f64)>,
    text: String,
    /// The journal, and the number of the run in it.
    run: Option<(PathBuf, String)>,
}

type Parts = (String, bool, bool, Vec<u64>, f64, Py<PyTuple>, Vec<(String, f64)>, String, Option<(PathBuf, String)>);

impl PyBulkReport {
    pub(in crate::python) fn of(py: Python<'_>, report: &Report, run: Option<(PathBuf, RunId)>) -> PyResult<Self> {
        let failures = report.first_failures.iter().cloned();
        let failures =
            failures.map(|outcome| Bound::new(py, PyOutcome::of(py, outcome))).collect::<PyResult<Vec<_>>>()?;
        Ok(Self {
            operation: report.operation.clone(),
            dry_run: report.dry_run,
            complete: report.complete,
            counts: OutcomeKind::ALL.map(|kind| report.count(kind)).to_vec(),
            elapsed: report.elapsed.as_secs_f64(),
            first_failures: PyTuple::new(py, failures)?.unbind(),
            slowest: report.slowest.iter().map(|(id, elapsed)| (id.clone(), elapsed.as_secs_f64())).collect(),
            text: report.to_string(),
            run: run.map(|(path, run)| (path, run.to_string())),
        })
    }

    fn parts(&self, py: Python<'_>) -> Parts {
        (
            self.operation.clone(),
            self.dry_run,
            self.complete,
            self.counts.clone(),
            self.elapsed,
            self.first_failures.clone_ref(py),
            self.slowest.clone(),
            self.text.clone(),
            self.run.clone(),
        )
    }

    fn fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let values: [Bound<'py, PyAny>; FIELDS.len()] = [
            (&self.operation).into_bound_py_any(py)?,
            self.dry_run.into_bound_py_any(py)?,
            self.complete.into_bound_py_any(py)?,
            self.counts(py)?.into_any(),
            self.total().into_bound_py_any(py)?,
            self.elapsed.into_bound_py_any(py)?,
            self.first_failures.bind(py).clone().into_any(),
            self.slowest(py)?.into_any(),
        ];
        let fields = PyDict::new(py);
        for (name, value) in FIELDS.into_iter().zip(values) {
            fields.set_item(name, value)?;
        }
        Ok(fields)
    }
}

#[pymethods]
impl PyBulkReport {
    #[getter]
    fn operation(&self) -> &str {
        &self.operation
    }

    #[getter]
    fn dry_run(&self) -> bool {
        self.dry_run
    }

    #[getter]
    fn complete(&self) -> bool {
        self.complete
    }

    #[getter]
    fn counts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let counts = PyDict::new(py);
        for (kind, count) in OutcomeKind::ALL.into_iter().zip(&self.counts) {
            counts.set_item(kind.word(), count)?;
        }
        Ok(counts)
    }

    #[getter]
    fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    #[getter]
    fn elapsed(&self) -> f64 {
        self.elapsed
    }

    #[getter]
    fn first_failures(&self, py: Python<'_>) -> Py<PyTuple> {
        self.first_failures.clone_ref(py)
    }

    #[getter]
    fn slowest<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.slowest.clone())
    }

    /// All outcomes, from the journal, in constant memory: the last of each conversation. They hold neither proof, receipt
    /// nor error: see the entries of the journal for what it knows.
    fn outcomes(&self, py: Python<'_>) -> PyResult<PyOutcomes> {
        let failed = |error: JournalError| raised(py, &journal_error(&error));
        let Some((path, run)) = &self.run else {
            let words = "Only a run with a journal keeps all outcomes: pass journal=.".to_owned();
            return Err(raised(py, &Error::Config(words)));
        };
        let reader = Reader::open(path).map_err(failed)?;
        let runs = reader.runs().map_err(failed)?;
        let run =
            runs.into_iter().find(|it| it.id.to_string() == *run).ok_or_else(|| failed(JournalError::NoSuchRow))?;
        Ok(PyOutcomes(Mutex::new(reader.last_entries_of(run.id))))
    }

    /// The fields and their values; nested ones as dicts too.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let fields = self.fields(py)?;
        let failures = self.first_failures.bind(py).iter().map(plain).collect::<PyResult<Vec<_>>>()?;
        fields.set_item("first_failures", PyList::new(py, failures)?)?;
        Ok(fields)
    }

    fn __str__(&self) -> &str {
        &self.text
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let fields = self.fields(py)?;
        // A thousand of them are no sight: they are counted.
        fields.del_item("first_failures")?;
        shown("BulkReport", &fields)
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        let py = other.py();
        let Ok(other) = other.cast::<Self>() else { return Ok(false) };
        self.parts(py).into_bound_py_any(py)?.eq(other.get().parts(py))
    }

    fn __hash__(&self) -> u64 {
        self.total()
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (Parts,))> {
        Ok((py.get_type::<Self>().getattr("_load")?, (self.parts(py),)))
    }

    #[staticmethod]
    fn _load(parts: Parts) -> Self {
        let (operation, dry_run, complete, counts, elapsed, first_failures, slowest, text, run) = parts;
        Self { operation, dry_run, complete, counts, elapsed, first_failures, slowest, text, run }
    }
}

/// The outcomes of a run, read from its journal.
#[pyclass(frozen, module = "gcrec._gcrec", name = "Outcomes")]
pub(in crate::python) struct PyOutcomes(Mutex<Entries>);

#[pymethods]
impl PyOutcomes {
    fn __iter__(this: Bound<'_, Self>) -> Bound<'_, Self> {
        this
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<PyOutcome>> {
        let next = py.detach(|| lock(&self.0).next()).transpose();
        let next = next.map_err(|error| raised(py, &journal_error(&error)))?;
        Ok(next.map(|entry| PyOutcome::of(py, Outcome::new(entry.conversation_id, entry.outcome.into()))))
    }
}

/// A journal that cannot be read.
fn journal_error(error: &JournalError) -> Error {
    Error::Journal(Box::new(JournalFault { message: error.to_string(), hint: String::new(), sent: Sent::No }))
}
