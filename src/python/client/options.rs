//! What a client is told by Python, checked; and the session that is made from it.

use std::path::PathBuf;
use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::PyList;

use super::ClientHandle;
use crate::api::{Acting, Told};
use crate::auth::ClientCredentials;
use crate::config::environment::{self, endpoint_at};
use crate::config::{ApiChoice, CallOptions, ClientConfig, Environment, Identity, Place};
use crate::config::{at_least_one, rate, seconds, settle};
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
    /// A user is to log in.
    Login,
}

/// The options as Python's class hands them over.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(in crate::python) struct PyOptions {
    base_url: Option<String>,
    region: Option<String>,
    login_url: Option<String>,
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
    /// Checks everything; no request is sent and no file is written. From the environment comes what was not passed, for
    /// [`Source::Environment`].
    pub(in crate::python) fn checked(
        self,
        source: Source,
    ) -> Result<(ClientConfig, Source, CallOptions, Duration), Error> {
        let options = CallOptions::new(self.timeout, self.max_retries)?;
        let settle = settle(self.settle)?;
        let parts = [self.client_id.as_deref(), self.client_secret.as_deref(), self.access_token.as_deref()];
        let given = parts.iter().any(Option::is_some);
        let identity = match (source, parts) {
            (Source::Login, [Some(client_id), None, None]) => Some(Identity::User { client_id: client_id.to_owned() }),
            (Source::Login, _) => {
                return Err(Error::Config(
                    "A user logs in through the client_id alone: without client_secret= and access_token=.".into(),
                ));
            }
            (Source::Environment, _) if !given => None,
            (_, [id, secret, token]) => Some(Identity::new(id, secret, token)?),
        };
        let place = Place::told(self.base_url.as_deref(), self.region.as_deref(), self.login_url.as_deref())?;
        let token_cache = match self.token_cache {
            TokenCache::Whether(false) => None,
            TokenCache::Whether(true) => Some(environment::token_cache(&Environment)?),
            TokenCache::Where(path) => Some(path),
        };
        let (api, ca_bundle): (ApiChoice, _) = (self.api.parse()?, self.ca_bundle);
        let acting = match (source, identity) {
            (Source::Environment, identity) => {
                Told { place, identity, api, ca_bundle, token_cache }.complete(&Environment)?
            }
            (_, Some(identity)) => {
                let place =
                    place.ok_or_else(|| Error::Config("Pass base_url= or region=, or use from_env().".into()))?;
                let api = match source {
                    Source::Login => environment::api_of_a_login(&Environment, api),
                    _ => api,
                };
                let endpoint = endpoint_at(&Environment, place, api, ca_bundle)?;
                Acting { endpoint, identity, token_cache }
            }
            (_, None) => return Err(Error::Config("There is nothing to log in with.".into())),
        };
        let Acting { mut endpoint, identity, token_cache } = acting;
        endpoint.connect_timeout = seconds("connect_timeout", self.connect_timeout)?;
        endpoint.proxy = self.proxy.map(Secret::new);
        match &identity {
            Identity::Token(token) => drop(AccessToken::new(token.expose())?),
            Identity::Client { id, secret } => drop(ClientCredentials::new(id, secret.expose())?),
            // What there is to check is checked where it is kept.
            Identity::User { .. } => {}
        }
        let config = ClientConfig {
            endpoint,
            identity,
            rate: rate(self.rate_limit)?,
            max_connections: at_least_one("max_connections", self.max_connections)?,
            token_cache,
        };
        let source = if source == Source::Environment && given { Source::Arguments } else { source };
        Ok((config, source, options, settle))
    }
}

impl ClientHandle {
    /// The same client with other options for its calls; `others` are the names of options that cannot differ.
    pub(super) fn changed(
        &self,
        timeout: Option<f64>,
        max_retries: Option<i64>,
        settle_after: Option<f64>,
        others: &Bound<'_, PyList>,
    ) -> Result<Self, Error> {
        if let Ok(other) = others.get_item(0) {
            return Err(Error::Config(format!(
                "{other} belongs to what copies of a client share: make another client for it."
            )));
        }
        let timeout = timeout.map_or(Ok(self.options.timeout), |timeout| seconds("timeout", timeout))?;
        let retries = max_retries.unwrap_or_else(|| self.options.max_retries.into());
        let options = CallOptions { timeout, ..CallOptions::new(1.0, retries)? };
        Ok(Self { shared: self.shared.clone(), options, settle: settle_after.map_or(Ok(self.settle), settle)? })
    }
}
