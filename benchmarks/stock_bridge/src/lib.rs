//! The bridge that gcrec does not use: `pyo3_async_runtimes::tokio::future_into_py`, with that library's own runtime.
//!
//! gcrec's bridge is private and has no call that does nothing, so both sides are measured with the same real call: the
//! same Rust future of the same core, to the same server. What differs is the way of its result into asyncio. Where
//! that leaves a difference, it favours this side: it is given one client for all calls, and looks for it nowhere.

use gcrec::client::Client;
use gcrec::config::environment::{Environment, endpoint};
use gcrec::config::{ApiChoice, CallOptions};
use gcrec::error::Error;
use gcrec::model::{AccessToken, Action, ConversationId, Document};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3_async_runtimes::tokio::future_into_py;

#[pymodule]
mod gcrec_stock_bridge {
    #[pymodule_export]
    use super::Stock;
}

/// One client of gcrec's core.
#[pyclass(frozen)]
struct Stock(Client);

#[pymethods]
impl Stock {
    #[new]
    fn new(base_url: &str) -> PyResult<Self> {
        let client = base_url
            .parse()
            .and_then(|base_url| endpoint(&Environment, base_url, ApiChoice::Auto, None))
            .and_then(Client::new);
        Ok(Self(client.map_err(raised)?))
    }

    fn control_recording<'py>(
        &self,
        py: Python<'py>,
        access_token: &str,
        conversation_id: &str,
        action: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        let id: ConversationId = conversation_id.parse().map_err(raised)?;
        let action: Action = action.parse().map_err(raised)?;
        let options = CallOptions::new(30.0, 3).map_err(raised)?;
        let token = AccessToken::new(access_token).map_err(raised)?;
        let call = self.0.session(token, options).control(&id, action);
        future_into_py(py, async move { call.await.map(Answer).map_err(raised) })
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn raised(error: Error) -> PyErr {
    PyRuntimeError::new_err(error.to_string())
}

/// A document that becomes a dict.
struct Answer(Document);

impl<'py> IntoPyObject<'py> for Answer {
    type Target = PyAny;
    type Output = Bound<'py, PyAny>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import(pyo3::intern!(py, "json"))?.call_method1(pyo3::intern!(py, "loads"), (self.0.text(),))
    }
}
