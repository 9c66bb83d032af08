//! The tutorial's four functions. Each checks its arguments and gives an [`Operation`]; the faces are Python's.
//!
//! What comes from the environment may be None (`os.getenv`): that is told like an empty one, with the variable's name.

use std::ffi::CString;
use std::path::PathBuf;

use pyo3::exceptions::PyUserWarning;
use pyo3::prelude::*;

use super::clients::Server;
use super::convert::{document, document_or_none};
use super::engine::Engine;
use super::errors::raised;
use super::operation::Operation;
use crate::auth::ClientCredentials;
use crate::client::Session;
use crate::config::{CallOptions, Environment, mismatch_of};
use crate::error::Error;
use crate::model::{AccessToken, Action, ConversationId};
use crate::wire::platform::permissions::{self, Endpoint};

/// What every call says besides its own arguments.
struct Common {
    server: Server,
    options: CallOptions,
}

impl Common {
    fn new(
        base_url: Option<&str>,
        timeout: f64,
        max_retries: i64,
        api: &str,
        ca_bundle: Option<PathBuf>,
    ) -> Result<Self, Error> {
        let server = Server { base_url: base_url.unwrap_or_default().to_owned(), api: api.parse()?, ca_bundle };
        Ok(Self { server, options: CallOptions::new(timeout, max_retries)? })
    }

    /// Tells of a wire that the host does not have, at the line that calls the function.
    fn warn(&self, py: Python<'_>) -> PyResult<()> {
        warn_of_mismatch(py, mismatch_of(&Environment, self.server.api, &self.server.base_url))
    }

    fn session(self, engine: &Engine, token: AccessToken) -> Result<Session, Error> {
        Ok(engine.clients.get(self.server)?.session(token, self.options))
    }
}

/// A warning for whoever called the Python function that called this.
pub(super) fn warn_of_mismatch(py: Python<'_>, words: Option<String>) -> PyResult<()> {
    let Some(words) = words else { return Ok(()) };
    // Our own words, without a NUL.
    let words = CString::new(words).unwrap_or_default();
    PyErr::warn(py, &py.get_type::<PyUserWarning>(), &words, 2)
}

/// What the endpoints of the published API take: method, path, permissions (any one will do), operations that use it.
#[pyfunction]
pub(super) fn _permissions() -> Vec<(String, &'static str, Vec<&'static str>, Vec<&'static str>)> {
    let row = |endpoint: &&Endpoint| {
        (endpoint.method().to_string(), endpoint.template, endpoint.any_of.to_vec(), endpoint.operations.to_vec())
    };
    permissions::ALL.iter().map(row).collect()
}

#[pyfunction]
pub(super) fn get_access_token(
    py: Python<'_>,
    client_id: Option<&str>,
    client_secret: Option<&str>,
    base_url: Option<&str>,
    timeout: f64,
    max_retries: i64,
    api: &str,
    ca_bundle: Option<PathBuf>,
) -> PyResult<Operation> {
    let checked = || {
        let credentials = ClientCredentials::new(client_id.unwrap_or_default(), client_secret.unwrap_or_default())?;
        Ok((credentials, Common::new(base_url, timeout, max_retries, api, ca_bundle)?))
    };
    let (credentials, common) = checked().map_err(|error: Error| raised(py, &error))?;
    common.warn(py)?;
    Ok(Operation::new(
        move |engine| Ok(engine.clients.get(common.server)?.token(&credentials, common.options)),
        |py, grant| Ok(grant.token.secret().expose().into_pyobject(py)?.into_any()),
    ))
}

#[pyfunction]
pub(super) fn get_active_voice_call(
    py: Python<'_>,
    access_token: Option<&str>,
    base_url: Option<&str>,
    timeout: f64,
    max_retries: i64,
    api: &str,
    ca_bundle: Option<PathBuf>,
) -> PyResult<Operation> {
    let checked = || {
        let token = AccessToken::new(access_token.unwrap_or_default())?;
        Ok((token, Common::new(base_url, timeout, max_retries, api, ca_bundle)?))
    };
    let (token, common) = checked().map_err(|error: Error| raised(py, &error))?;
    common.warn(py)?;
    Ok(Operation::new(move |engine| Ok(common.session(engine, token)?.active_voice_call()), document_or_none))
}

#[pyfunction]
pub(super) fn control_recording(
    py: Python<'_>,
    access_token: Option<&str>,
    base_url: Option<&str>,
    conversation_id: &str,
    action: &str,
    timeout: f64,
    max_retries: i64,
    api: &str,
    ca_bundle: Option<PathBuf>,
) -> PyResult<Operation> {
    let checked = || {
        let (action, id) =
            (Action::parse(action, &Action::OF_THE_TUTORIAL)?, conversation_id.parse::<ConversationId>()?);
        let token = AccessToken::new(access_token.unwrap_or_default())?;
        Ok((action, id, token, Common::new(base_url, timeout, max_retries, api, ca_bundle)?))
    };
    let (action, id, token, common) = checked().map_err(|error: Error| raised(py, &error))?;
    common.warn(py)?;
    Ok(Operation::new(move |engine| Ok(common.session(engine, token)?.control(&id, action)), document))
}

#[pyfunction]
pub(super) fn check_recording_status(
    py: Python<'_>,
    access_token: Option<&str>,
    base_url: Option<&str>,
    conversation_id: &str,
    timeout: f64,
    max_retries: i64,
    api: &str,
    ca_bundle: Option<PathBuf>,
) -> PyResult<Operation> {
    let checked = || {
        let id = conversation_id.parse::<ConversationId>()?;
        let token = AccessToken::new(access_token.unwrap_or_default())?;
        Ok((id, token, Common::new(base_url, timeout, max_retries, api, ca_bundle)?))
    };
    let (id, token, common) = checked().map_err(|error: Error| raised(py, &error))?;
    common.warn(py)?;
    Ok(Operation::new(move |engine| Ok(common.session(engine, token)?.newest_recording(&id)), document_or_none))
}
