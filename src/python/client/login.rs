//! A user's login for Python: begun, told of, and finished, so that Python's own code can speak to the user in between.

use std::future::pending;
use std::sync::Mutex;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use super::{ClientHandle, checked};
use crate::api::Login;
use crate::client::Session;
use crate::config::{Environment, environment, seconds};
use crate::error::Error;
use crate::python::engine::{Engine, Inside, lock};
use crate::python::operation::Operation;

/// A login that has begun.
#[pyclass(frozen, module = "gcrec._gcrec")]
pub(in crate::python) struct LoginHandle {
    /// None once it was finished.
    login: Mutex<Option<Login>>,
    #[pyo3(get)]
    address: String,
}

#[pymethods]
impl LoginHandle {
    /// Takes the port that the browser comes back to.
    #[staticmethod]
    fn begin(py: Python<'_>, client: &ClientHandle, redirect_port: i64, login_timeout: f64) -> PyResult<Self> {
        let inside = Inside::enter()?;
        let engine = Engine::entered(py, &inside)?;
        let begin = || {
            let port = u16::try_from(redirect_port).map_err(|_| {
                Error::Config(format!("redirect_port must be a port, from 0 to 65535, not {redirect_port}."))
            })?;
            let longest = seconds("login_timeout", login_timeout)?;
            client.session(engine)?.begin_login(port, longest)
        };
        let login = checked(py, begin())?;
        Ok(Self { address: login.address().to_owned(), login: Mutex::new(Some(login)) })
    }

    /// Sends the user's browser to the address; gives whether there is one that a person here would see.
    fn open_browser(&self) -> PyResult<Operation> {
        let opened = self.with(Login::open_browser)?;
        let work = async move { Ok(environment::has_browser(&Environment) && opened.await) };
        Ok(Operation::new(move |_| Ok(work), |py, opened| Ok(opened.into_pyobject(py)?.to_owned().into_any())))
    }

    /// Waits for the browser to come back, and logs in.
    fn finish(&self) -> PyResult<Operation> {
        let login = lock(&self.login).take().ok_or_else(used)?;
        Ok(Operation::new(move |_| Ok(login.finish(pending())), |py, ()| Ok(py.None().into_bound(py))))
    }
}

impl LoginHandle {
    fn with<T>(&self, use_it: impl FnOnce(&Login) -> T) -> PyResult<T> {
        lock(&self.login).as_ref().map(use_it).ok_or_else(used)
    }
}

fn used() -> PyErr {
    PyRuntimeError::new_err("a login can be used only once")
}

impl ClientHandle {
    /// Its session on this engine.
    fn session(&self, engine: &'static Engine) -> Result<Session, Error> {
        Ok(self.shared.session(engine)?.with(self.options, self.settle, None))
    }
}
