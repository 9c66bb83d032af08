//! What a client is told by Python, checked; and the session that is made from it.

use std::path::PathBuf;
use std::time::Duration;

use pyo3::prelude::*;

use crate::auth::ClientCredentials;
use crate::config::environment::{self, endpoint, refuse_regions};
use crate::config::{CallOptions, ClientConfig, Environment, Identity, at_least_one, rate, seconds, settle};
use crate::error::Error;
use crate::model::AccessToken;
use crate::secret::Secret;

/// Where a client came from: what its pickle may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::python) enum Source {
    /// Everything that is secret came from the environment.
    Environment,
    /// Something was passed.
    Arguments,
}

/// The options as Python's class hands them over.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(in crate::python) struct PyOptions {
    base_url: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    access_token: Option<String>,
    api: String,
    timeout: f64,
    connect_timeout: f64,
    max_retries: i64,
    rate_limit: Option<f64>,
    settle: f64,
    max_connections: i64,
    ca_bundle: Option<PathBuf>,
    proxy: Option<String>,
    token_cache: TokenCache,
}

/// Whether, or where, tokens are kept.
#[derive(FromPyObject)]
enum TokenCache {
    Whether(bool),
    Where(PathBuf),
}

impl PyOptions {
    /// Checks everything; no request is sent and no file is touched.
    pub(in crate::python) fn checked(
        self,
        from_env: bool,
    ) -> Result<(ClientConfig, Source, CallOptions, Duration), Error> {
        let options = CallOptions::new(self.timeout, self.max_retries)?;
        let settle = settle(self.settle)?;
        let given = [&self.client_id, &self.client_secret, &self.access_token].iter().any(|part| part.is_some());
        let identity = if given || !from_env {
            Identity::new(self.client_id.as_deref(), self.client_secret.as_deref(), self.access_token.as_deref())
        } else {
            environment::identity(&Environment)
        };
        let base_url = match self.base_url {
            Some(base_url) => base_url,
            None if from_env => environment::base_url(&Environment)?,
            None => return Err(Error::Config("Pass base_url=, or use from_env().".into())),
        };
        let identity = identity?;
        let mut endpoint = endpoint(&Environment, base_url.parse()?, self.api.parse()?, self.ca_bundle)?;
        refuse_regions(&endpoint)?;
        endpoint.connect_timeout = seconds("connect_timeout", self.connect_timeout)?;
        endpoint.proxy = self.proxy.map(Secret::new);
        let token_cache = match self.token_cache {
            TokenCache::Whether(false) => None,
            TokenCache::Whether(true) => Some(environment::token_cache(&Environment)?),
            TokenCache::Where(path) => Some(path),
        };
        match &identity {
            Identity::Token(token) => drop(AccessToken::new(token.expose())?),
            Identity::Client { id, secret } => drop(ClientCredentials::new(id, secret.expose())?),
        }
        let config = ClientConfig {
            endpoint,
            identity,
            rate: rate(self.rate_limit)?,
            max_connections: at_least_one("max_connections", self.max_connections)?,
            token_cache,
        };
        let source = if from_env && !given { Source::Environment } else { Source::Arguments };
        Ok((config, source, options, settle))
    }
}
