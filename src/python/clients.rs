//! One client a server and its options, for the life of the process: calls reuse its connections.

use std::path::PathBuf;
use std::sync::Mutex;

use super::engine::lock;
use crate::client::Client;
use crate::clock::SharedClock;
use crate::config::environment::{endpoint, fingerprint};
use crate::config::{ApiChoice, Environment};
use crate::error::Error;

/// Beyond these many servers the one that was used least recently is let go.
const KEPT: usize = 32;

/// What a call says about the server that it wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) base_url: String,
    pub(super) api: ApiChoice,
    pub(super) ca_bundle: Option<PathBuf>,
}

/// The clients of one process, on its one clock.
pub(super) struct Clients {
    clock: SharedClock,
    entries: Mutex<Vec<Entry>>,
}

struct Entry {
    server: Server,
    /// The environment that the client was made in: who sets `REQUESTS_CA_BUNDLE` after an error means the next call.
    environment: u64,
    client: Client,
}

impl Clients {
    pub(super) fn new(clock: SharedClock) -> Self {
        Self { clock, entries: Mutex::default() }
    }

    /// The client for `server`, made if there is none yet. Call with the GIL held: it reads the environment.
    pub(super) fn get(&self, server: Server) -> Result<Client, Error> {
        let environment = fingerprint(&Environment);
        let mut entries = lock(&self.entries);
        if let Some(at) = entries.iter().position(|e| e.environment == environment && e.server == server) {
            entries[..=at].rotate_right(1);
            return Ok(entries[0].client.clone());
        }
        let endpoint = endpoint(&Environment, server.base_url.parse()?, server.api, server.ca_bundle.clone())?;
        let client = Client::new(endpoint, self.clock.clone())?;
        entries.insert(0, Entry { server, environment, client: client.clone() });
        entries.truncate(KEPT);
        Ok(client)
    }
}
