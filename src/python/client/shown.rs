//! What a client shows of itself, and what its pickle may name. Never a secret.

use std::sync::atomic::Ordering;

use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::ClientHandle;
use super::options::Source;
use crate::config::{ClientConfig, Identity, Region};

impl ClientHandle {
    /// Where it leads, over which wire, for whom, and in which pace.
    pub(super) fn shown(&self) -> String {
        let ClientConfig { endpoint, identity, rate, max_connections, .. } = &self.shared.config;
        let rate = match (rate, self.shared.config.assumed_rate()) {
            (Some(rate), _) => format!("{rate} a minute"),
            (None, Some(assumed)) => format!("learned, {assumed} a minute at first"),
            (None, None) => "learned".into(),
        };
        let region = Region::of_host(endpoint.base_url.host()).map(|region| format!(", region={:?}", region.name));
        let login = (endpoint.login_url != endpoint.base_url).then(|| format!(", login_url={}", endpoint.login_url));
        format!(
            "{}{}{}, api={:?}{}, timeout={}, settle={}, rate_limit: {rate}, max_connections={max_connections}{}{}",
            endpoint.base_url,
            region.unwrap_or_default(),
            login.unwrap_or_default(),
            endpoint.api.to_string(),
            if matches!(identity, Identity::User { .. }) { ", for a user" } else { "" },
            self.options.timeout.as_secs_f64(),
            self.settle.as_secs_f64(),
            if self.shared.journal().is_some() { ", journaled" } else { "" },
            if self.shared.closed.load(Ordering::Acquire) { ", closed" } else { "" },
        )
    }

    /// The options with which `from_env` makes it again in another process.
    pub(super) fn named_sources<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let words = match self.shared.source {
            Source::Environment if self.shared.journal().is_none() => None,
            Source::Environment => Some("this client has a journal, which belongs to this process"),
            Source::Arguments => {
                Some("this client was given literal secrets, and a pickle may not hold them: make it with from_env()")
            }
            Source::Login => Some(
                "this client's user logged in here, and a pickle may not hold a login: make it with from_env(), which \
                 finds the one that is kept",
            ),
        };
        if let Some(words) = words {
            return Err(py.import("pickle")?.getattr("PicklingError")?.call1((words,)).map(PyErr::from_value)?);
        }
        let ClientConfig { endpoint, rate, max_connections, .. } = &self.shared.config;
        let options = PyDict::new(py);
        options.set_item("base_url", endpoint.base_url.as_str())?;
        options.set_item("login_url", endpoint.login_url.as_str())?;
        options.set_item("api", endpoint.api.to_string())?;
        options.set_item("timeout", self.options.timeout.as_secs_f64())?;
        options.set_item("connect_timeout", endpoint.connect_timeout.as_secs_f64())?;
        options.set_item("max_retries", self.options.max_retries)?;
        options.set_item("settle", self.settle.as_secs_f64())?;
        options.set_item("rate_limit", rate)?;
        options.set_item("max_connections", max_connections)?;
        if let Some((_, bundle)) = endpoint.extra_trust.iter().find(|(source, _)| source == "ca_bundle") {
            options.set_item("ca_bundle", bundle)?;
        }
        if let Some(path) = &self.shared.config.token_cache {
            options.set_item("token_cache", path)?;
        }
        Ok(options)
    }
}
