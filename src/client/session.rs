//! A client, whom it acts for, and what all who act for the same share.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::FutureExt;

use super::{Asker, Budget, Client, Habit, Seen, Terms};
use crate::auth::{ClientCredentials, LoginPlace, TokenFile, Tokens, UserLogin};
use crate::clock::SharedClock;
use crate::config::{CallOptions, ClientConfig, Identity};
use crate::conversations::Conversations;
use crate::error::Error;
use crate::journal::Journal;
use crate::limit::{Limiter, Limits, Priority};
use crate::model::{AccessToken, Who};
use crate::notify::Hub;
use crate::wire::{self, Plan, Wire};

/// An effect is awaited this long, and a command that we sent may land this long after its attempt, unless told otherwise.
pub const SETTLE: Duration = Duration::from_secs(10);

/// What one identity at one server uses together. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Session {
    shared: Arc<Shared>,
    pub(crate) options: CallOptions,
    pub(crate) settle: Duration,
    pub(crate) journal: Option<Journal>,
}

#[derive(Debug)]
struct Shared {
    client: Client,
    asker: Asker,
    conversations: Conversations,
    /// How long effects take at this server.
    habit: Habit,
    /// Who acts, for the journal: the client id, never a token.
    identity: String,
    /// Whom the server takes us for, once that is known.
    who: OnceLock<Who>,
    /// The login of the user that it acts for, if it is one who logs in.
    login: Option<Arc<UserLogin>>,
    /// Who follows what on its one channel.
    hub: Hub,
}

impl Session {
    /// The session of an identity at a server. It reads the environment, for proxies; nothing is sent yet.
    pub fn open(config: &ClientConfig, clock: SharedClock, conversations: Conversations) -> Result<Self, Error> {
        let client = Client::new(config.endpoint.clone(), clock)?;
        Self::over(client, config, conversations)
    }

    /// The same over a client that there is already.
    pub fn over(client: Client, config: &ClientConfig, conversations: Conversations) -> Result<Self, Error> {
        let clock = client.clock().clone();
        let limits =
            Limits { rate: config.rate, assumed: config.assumed_rate(), max_in_flight: config.max_connections };
        let mut login = None;
        let (tokens, identity) = match &config.identity {
            Identity::Token(token) => (Tokens::fixed(AccessToken::new(token.expose())?, clock.clone()), String::new()),
            Identity::Client { id, secret } => {
                let credentials = ClientCredentials::new(id, secret.expose())?;
                let (base_url, login_url) = (config.endpoint.base_url.as_str(), config.endpoint.login_url.as_str());
                let file =
                    config.token_cache.clone().map(|path| TokenFile::new(path, base_url, login_url, id)).transpose()?;
                let asking = client.clone();
                let ask = move || {
                    let (client, plan) = (asking.clone(), credentials.plan());
                    async move { client.run_alone(plan, CallOptions::default()).await }.boxed()
                };
                (Tokens::asked_for(ask, file, clock.clone()), id.clone())
            }
            Identity::User { client_id } => {
                let place = LoginPlace {
                    base_url: config.endpoint.base_url.as_str().to_owned(),
                    login_url: config.endpoint.login_url.as_str().to_owned(),
                    api: config.endpoint.api.to_string(),
                    client_id: client_id.clone(),
                };
                let user = Arc::new(UserLogin::new(place, config.token_cache.clone(), clock.clone())?);
                login = Some(user.clone());
                let asking = client.clone();
                let ask = move |refused| {
                    let (client, user) = (asking.clone(), user.clone());
                    let send = move |plan| async move { client.run_alone(plan, CallOptions::default()).await };
                    async move { user.fresh(refused, send).await }.boxed()
                };
                (Tokens::of_login(ask, clock.clone()), client_id.clone())
            }
        };
        let session = Self::of(client, tokens, Some(Limiter::new(limits, clock)), conversations, identity, login);
        if matches!(config.identity, Identity::Client { .. }) {
            // By its grant: nobody need be asked.
            let _ = session.shared.who.set(Who::Client);
        }
        Ok(session)
    }

    /// Acts with what `tokens` gives, in the pace of `limiter` if there is one. `conversations` is what this process
    /// knows of its own commands, whatever the client.
    pub fn new(
        client: Client,
        tokens: Tokens,
        limiter: Option<Limiter>,
        conversations: Conversations,
        identity: String,
    ) -> Self {
        Self::of(client, tokens, limiter, conversations, identity, None)
    }

    fn of(
        client: Client,
        tokens: Tokens,
        limiter: Option<Limiter>,
        conversations: Conversations,
        identity: String,
        login: Option<Arc<UserLogin>>,
    ) -> Self {
        let who = OnceLock::new();
        let asker = Asker { tokens: Some(Arc::new(tokens)), limiter };
        let (habit, hub) = (Habit::default(), Hub::default());
        let shared = Arc::new(Shared { client, asker, conversations, habit, identity, who, login, hub });
        Self { shared, options: CallOptions::default(), settle: SETTLE, journal: None }
    }

    /// The clock that its client runs on.
    pub fn clock(&self) -> &SharedClock {
        self.shared.client.clock()
    }

    /// The wire that it speaks.
    pub fn wire(&self) -> &'static dyn Wire {
        wire::of(self.shared.client.api())
    }

    /// The server.
    pub fn client(&self) -> &Client {
        &self.shared.client
    }

    /// What this process knows of its own commands.
    pub fn conversations(&self) -> &Conversations {
        &self.shared.conversations
    }

    /// The pace, if there is one.
    pub fn limiter(&self) -> Option<&Limiter> {
        self.shared.asker.limiter.as_ref()
    }

    /// How long effects take at this server.
    pub(crate) fn habit(&self) -> &Habit {
        &self.shared.habit
    }

    /// Who follows what on its one channel of the notification service.
    pub(crate) fn hub(&self) -> &Hub {
        &self.shared.hub
    }

    /// Who acts.
    pub fn identity(&self) -> &str {
        &self.shared.identity
    }

    /// The login of the user that it acts for, if it is one who logs in.
    pub(crate) fn login(&self) -> Option<&Arc<UserLogin>> {
        self.shared.login.as_ref()
    }

    /// The tokens that it acts with.
    pub(crate) fn tokens(&self) -> Option<&Tokens> {
        self.shared.asker.tokens.as_deref()
    }

    /// Whom the server takes us for. Of a token that was given only the server knows: it is asked once.
    pub(crate) async fn who(&self, terms: &Terms) -> Result<Who, Error> {
        if let Some(who) = self.shared.who.get() {
            return Ok(who.clone());
        }
        let Some(ask) = self.wire().who() else { return Ok(Who::Client) };
        let who = self.run_on(ask, terms).await?;
        Ok(self.shared.who.get_or_init(|| who).clone())
    }

    /// The journal, if there is one.
    pub fn journal(&self) -> Option<&Journal> {
        self.journal.as_ref()
    }

    /// The same session with other options.
    #[must_use]
    pub fn with(&self, options: CallOptions, settle: Duration, journal: Option<Journal>) -> Self {
        Self { shared: self.shared.clone(), options, settle, journal }
    }

    /// The same session with another bound on each call.
    #[must_use]
    pub fn within(&self, timeout: Duration) -> Self {
        Self { options: CallOptions { timeout, ..self.options }, ..self.clone() }
    }

    /// The terms of a single call that begins now.
    pub(crate) fn terms(&self, priority: Priority) -> Terms {
        let budget = Budget::until(self.clock().now() + self.options.timeout);
        Terms { priority, budget, max_retries: self.options.max_retries }
    }

    /// Runs a plan; the future owns all that it needs. The time begins to count when the future is first polled.
    pub(crate) fn run<P: Plan + 'static>(
        &self,
        plan: P,
        priority: Priority,
    ) -> impl Future<Output = Result<P::Output, Error>> + Send + use<P> {
        let session = self.clone();
        async move {
            let terms = session.terms(priority);
            session.run_on(plan, &terms).await
        }
    }

    /// Runs a plan on terms of its caller's.
    pub(crate) async fn run_on<P: Plan>(&self, plan: P, terms: &Terms) -> Result<P::Output, Error> {
        self.shared.client.run(plan, &self.shared.asker, terms).await
    }

    /// The same, with what is known of the last answer.
    pub(crate) async fn trace_on<P: Plan>(&self, plan: P, terms: &Terms) -> Result<(P::Output, Option<Seen>), Error> {
        self.shared.client.trace(plan, &self.shared.asker, terms).await
    }
}
