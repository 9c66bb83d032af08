//! Where a command goes, how patiently, and what is written down of it: what every command that uses the network is told.
//!
//! Who acts comes from the environment only: a command line is shown to every user of the machine.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use clap::Args as ClapArgs;

use super::console::Console;
use super::error_report::in_a_shell;
use crate::api::{Acting, Told, journal_fault, take_over};
use crate::client::{SETTLE, Session};
use crate::clock::SystemClock;
use crate::config::environment;
use crate::config::{
    ApiChoice, CallOptions, ClientConfig, Endpoint, Environment, MAX_CONNECTIONS, Place, TIMEOUT, mismatch, seconds,
};
use crate::conversations::Conversations;
use crate::error::{Error, JournalFault, Sent};
use crate::journal::{Journal, JournalError};

/// A session, as the command line and the environment say.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Connection")]
pub(super) struct Connection {
    /// The server, if not the one of GENESYS_BASE_URL
    #[arg(long, value_name = "URL", conflicts_with = "region")]
    base_url: Option<String>,
    /// The region of Genesys Cloud instead, by its AWS name, its domain or its URL
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// Where one logs in, if a gateway has that elsewhere
    #[arg(long, value_name = "URL")]
    login_url: Option<String>,
    /// The API that is spoken: auto (by the host, or GCREC_API), events or platform
    #[arg(long, value_name = "API", default_value = "auto", value_parser = ApiChoice::from_str)]
    api: ApiChoice,
    /// Bound on the whole (in bulk: on each), repeats and waits included [default: 30; of a target: 15]
    #[arg(long, value_name = "SECONDS", value_parser = duration)]
    timeout: Option<Duration>,
    /// Requests a minute [default: learned from the server]
    #[arg(long, value_name = "N", value_parser = positive)]
    rate_limit: Option<f64>,
    /// A command may act this long after it was sent; nothing is proven against it before [default: 10]
    #[arg(long, value_name = "SECONDS", value_parser = duration)]
    settle: Option<Duration>,
    /// More certificates to trust: a PEM file, or a folder of them
    #[arg(long, value_name = "PATH")]
    ca_bundle: Option<PathBuf>,
    // Its value needs a `=`, or it would swallow the id after it.
    /// Keep the token for the next command, in FILE or in the user's cache folder
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    token_cache: Option<OsString>,
}

/// The same for commands that change something.
#[derive(Debug, ClapArgs)]
pub(super) struct Journaled {
    #[command(flatten)]
    pub(super) connection: Connection,
    /// Write down each command before it is sent, and what became of it
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
}

impl Connection {
    /// The session. Nothing is sent yet.
    pub(super) fn open(&self) -> Result<Session, Error> {
        self.session(self.told()?.complete(&Environment)?)
    }

    /// What was said on the command line. Who acts is never said there.
    pub(super) fn told(&self) -> Result<Told, Error> {
        let token_cache = match &self.token_cache {
            Some(file) if file.is_empty() => Some(environment::token_cache(&Environment)?),
            file => file.as_ref().map(PathBuf::from),
        };
        let place = Place::told(self.base_url.as_deref(), self.region.as_deref(), self.login_url.as_deref())?;
        Ok(Told { place, identity: None, api: self.api, ca_bundle: self.ca_bundle.clone(), token_cache })
    }

    /// The session of one who is known.
    pub(super) fn session(&self, acting: Acting) -> Result<Session, Error> {
        let Acting { endpoint, identity, token_cache } = acting;
        tell_of_mismatch(&endpoint);
        let rate = self.rate_limit;
        let config = ClientConfig { endpoint, identity, rate, max_connections: MAX_CONNECTIONS, token_cache };
        let session = Session::open(&config, Arc::new(SystemClock::new()), Conversations::default())?;
        let options = CallOptions { timeout: self.within(TIMEOUT), ..CallOptions::default() };
        Ok(session.with(options, self.settle.unwrap_or(SETTLE), None))
    }

    /// The bound that was given, or else this one.
    pub(super) fn within(&self, otherwise: Duration) -> Duration {
        self.timeout.unwrap_or(otherwise)
    }
}

impl Journaled {
    /// The session, with its journal if one was named. What `check` refuses leaves no file behind.
    pub(super) async fn open(&self, check: impl FnOnce(&Session) -> Result<(), Error>) -> Result<Session, Error> {
        let session = self.connection.open()?;
        check(&session)?;
        self.journaled(session).await
    }

    /// This session with its journal, if one was named. What others left behind in it is open from now on.
    pub(super) async fn journaled(&self, session: Session) -> Result<Session, Error> {
        let Some(path) = &self.journal else { return Ok(session) };
        let journal = opened(path)?;
        take_over(&journal, session.conversations()).await?;
        Ok(session.with(session.options, session.settle, Some(journal)))
    }
}

/// Tells of a wire that the host does not have.
pub(super) fn tell_of_mismatch(endpoint: &Endpoint) {
    if let Some(words) = mismatch(endpoint.api, &endpoint.base_url) {
        Console::system().note(&format!("warning: {}", in_a_shell(&words)));
    }
}

/// The journal at this path, which is this process's now.
pub(super) fn opened(path: &Path) -> Result<Journal, Error> {
    Journal::open(path).map_err(|error| journal_fault(&error, Sent::No))
}

/// A journal that cannot be used, as an error of the crate: no command has left.
pub(super) fn of_journal(error: &JournalError, hint: &str) -> Error {
    Error::Journal(Box::new(JournalFault { message: error.to_string(), hint: hint.into(), sent: Sent::No }))
}

/// A time that was typed.
pub(super) fn duration(text: &str) -> Result<Duration, Error> {
    seconds("it", text.parse().unwrap_or(f64::NAN))
        .map_err(|_| Error::Config("it must be a positive number of seconds".into()))
}

fn positive(text: &str) -> Result<f64, Error> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite() && *number > 0.0);
    number.ok_or_else(|| Error::Config("it must be a positive number".into()))
}
