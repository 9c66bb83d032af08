//! For whom and where, when not all of it was said: an argument beats a variable, a variable beats a profile, and a
//! login that is kept comes last.

use std::path::PathBuf;

use crate::auth::{LoginPlace, kept_logins};
use crate::config::environment::{self, Named, endpoint_at};
use crate::config::{ApiChoice, Endpoint, Identity, Place, Sources};
use crate::error::{Error, LoginFault};

/// What was said.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Where.
    pub place: Option<Place>,
    /// For whom.
    pub identity: Option<Identity>,
    /// Over which wire.
    pub api: ApiChoice,
    /// More certificates to trust.
    pub ca_bundle: Option<PathBuf>,
    /// Where tokens and logins are kept.
    pub token_cache: Option<PathBuf>,
}

/// All of it.
#[derive(Clone, Debug)]
pub struct Acting {
    /// Where, and over which wire.
    pub endpoint: Endpoint,
    /// For whom.
    pub identity: Identity,
    /// Where its tokens are kept, if they are.
    pub token_cache: Option<PathBuf>,
}

impl Told {
    /// Takes what was not said from the environment.
    pub fn complete(self, sources: &impl Sources) -> Result<Acting, Error> {
        let named = match &self.identity {
            Some(identity) => Named::Somebody(identity.clone()),
            None => environment::identity(sources)?,
        };
        let place = match &self.place {
            Some(place) => Some(place.clone()),
            None => environment::place(sources)?,
        };
        let (client_id, wanted) = match named {
            Named::Somebody(identity) => {
                let place = match place {
                    None => environment::place_of_files(sources)?,
                    place => place,
                };
                let place = place.ok_or_else(|| missing("GENESYS_BASE_URL (or GENESYS_REGION)"))?;
                let endpoint = endpoint_at(sources, place, self.api, self.ca_bundle)?;
                return Ok(Acting { endpoint, identity, token_cache: self.token_cache });
            }
            Named::Unproven(id, variable) => (Some(id), variable.to_owned()),
            Named::Nobody => {
                let place = if place.is_some() { "" } else { "GENESYS_BASE_URL (or GENESYS_REGION), " };
                let who = "GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET (or GENESYS_ACCESS_TOKEN)";
                (None, format!("{place}{who}; and nobody is logged in by `gcrec login`"))
            }
        };
        match self.find(sources, place.as_ref(), client_id.as_deref())? {
            Some((login, file)) => self.resume(sources, login, file),
            None => Err(missing(&wanted)),
        }
    }

    /// The login that is kept, whatever identity the environment names.
    pub fn kept(self, sources: &impl Sources) -> Result<Acting, Error> {
        let client_id = match &self.identity {
            Some(Identity::User { client_id }) => Some(client_id.clone()),
            _ => None,
        };
        let found = self.find(sources, self.place.as_ref(), client_id.as_deref())?;
        let (login, file) = found.ok_or_else(|| Error::Login(Box::new(LoginFault::Nobody(String::new()))))?;
        self.resume(sources, login, file)
    }

    fn find(
        &self,
        sources: &impl Sources,
        place: Option<&Place>,
        client_id: Option<&str>,
    ) -> Result<Option<(LoginPlace, PathBuf)>, Error> {
        // Without a home folder there is nothing to find.
        let Some(file) = self.token_cache.clone().or_else(|| environment::token_cache(sources).ok()) else {
            return Ok(None);
        };
        let is_there = |login: &LoginPlace| {
            place.is_none_or(|place| {
                login.base_url == place.base_url.as_str() && login.login_url == place.login_url.as_str()
            })
        };
        let is_through = |login: &LoginPlace| client_id.is_none_or(|id| login.client_id == id);
        let found = kept_logins(&file)?.into_iter().find(|login| is_there(login) && is_through(login));
        Ok(found.map(|login| (login, file)))
    }

    fn resume(self, sources: &impl Sources, login: LoginPlace, file: PathBuf) -> Result<Acting, Error> {
        let place = Place::told(Some(&login.base_url), None, Some(&login.login_url))?;
        let place = place.ok_or_else(|| Error::Config("The login that is kept names no server.".into()))?;
        let api = match self.api {
            ApiChoice::Auto if sources.get("GCREC_API").is_none() => login.api.parse()?,
            api => api,
        };
        let endpoint = endpoint_at(sources, place, api, self.ca_bundle)?;
        Ok(Acting { endpoint, identity: Identity::User { client_id: login.client_id }, token_cache: Some(file) })
    }
}

fn missing(names: &str) -> Error {
    Error::Config(format!("Missing from the environment: {names}."))
}
