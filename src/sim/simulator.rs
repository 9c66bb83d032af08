//! The handle that tests, the command and Python hold.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::watch;

use super::calls::NewCall;
use super::core::{Core, Time};
use super::directory::{Named, Person};
use super::door::Door;
use super::error::SimError;
use super::faults::Fault;
use super::log::SimRequest;
use super::notify::SimChannel;
use super::options::{ClockKind, Options, Settings};
use super::queue::SimCommand;
use super::recording::{Action, State};
use super::steering::Steering;
use super::tls::Tls;
use super::{routes, server};
use crate::clock::{ManualClock, SharedClock};

/// Where a simulator without sockets is said to be. The name can never be one on a network.
const NOWHERE: &str = "https://simulator.invalid";

/// A simulator that is running. Clones are the same simulator; it stops when it is told to or the last one is dropped.
#[derive(Clone)]
pub struct Simulator {
    core: Arc<Core>,
    client_id: Arc<str>,
    client_secret: Arc<str>,
    stopping: Arc<watch::Sender<bool>>,
}

impl Simulator {
    /// Starts a simulator on 127.0.0.1. It serves on the tokio runtime that this is awaited on.
    pub async fn start(options: Options) -> Result<Self, SimError> {
        let settings = options.check()?;
        let tls = options.tls.then(Tls::new).transpose()?;
        let (listener, port) = server::listen(options.port).await?;
        let scheme = if options.tls { "https" } else { "http" };
        let (acceptor, ca_pem) = tls.map(|tls| (tls.acceptor, tls.ca_pem)).unzip();
        let time = match options.clock {
            ClockKind::Real => Time::Real,
            ClockKind::Manual => Time::Manual(Arc::new(ManualClock::new(settings.seed))),
        };
        let simulator = Self::new(&settings, time, format!("{scheme}://127.0.0.1:{port}"), ca_pem);
        let Self { core, stopping, .. } = &simulator;
        let router = routes::router(core.clone());
        let serving = server::serve(listener, acceptor, router, core.real.clone(), stopping.subscribe());
        #[expect(clippy::disallowed_methods, reason = "a server runs beside whoever started it")]
        drop(tokio::spawn(serving));
        Ok(simulator)
    }

    /// A simulator without sockets, on a clock that is given (`options.clock`, `tls` and `port` say nothing here), and
    /// the door to it. No runtime is needed to poll what the door gives.
    pub fn in_process(options: &Options, clock: SharedClock) -> Result<(Self, Door), SimError> {
        let simulator = Self::new(&options.check()?, Time::Shared(clock), NOWHERE.into(), None);
        let door = Door::new(routes::router(simulator.core.clone()));
        Ok((simulator, door))
    }

    fn new(settings: &Settings, time: Time, base_url: String, ca_pem: Option<String>) -> Self {
        let core = Arc::new(Core::new(settings, time, base_url, ca_pem));
        let (client_id, client_secret) = {
            let world = core.world();
            (world.tokens.client_id().into(), world.tokens.client_secret().into())
        };
        Self { core, client_id, client_secret, stopping: Arc::new(watch::Sender::new(false)) }
    }

    /// Closes the port and all connections; when it returns, they are closed. Stopping twice is fine.
    pub async fn stop(&self) {
        self.stopping.send_replace(true);
        self.stopping.closed().await;
    }

    /// Where it listens, such as `http://127.0.0.1:49152`.
    pub fn base_url(&self) -> &str {
        &self.core.base_url
    }

    /// The id of its one OAuth client.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The secret of its one OAuth client.
    pub fn client_secret(&self) -> &str {
        &self.client_secret
    }

    /// The certificate authority to trust, as PEM; None without TLS.
    pub fn ca_pem(&self) -> Option<&str> {
        self.core.ca_pem.as_deref()
    }

    /// The clock that it lives by, for a client that shall live by the same.
    pub fn clock(&self) -> SharedClock {
        self.core.clock.clone()
    }

    /// Its own clock, if that is a manual one.
    pub fn manual_clock(&self) -> Option<Arc<ManualClock>> {
        self.core.manual_clock()
    }

    /// A way in without sockets, beside those.
    pub fn door(&self) -> Door {
        Door::new(routes::router(self.core.clone()))
    }

    /// The ids of the active calls, in the order of their appearance.
    pub fn calls(&self) -> Vec<String> {
        self.core.world().active_ids()
    }

    /// A call begins; gives its id.
    pub fn add_call(&self, new: NewCall) -> Result<String, SimError> {
        self.core.world().add_call(new)
    }

    /// A call ends, and with it its recording. Ending an ended call changes nothing.
    pub fn end_call(&self, id: &str) -> Result<(), SimError> {
        self.core.world().end_call(id)
    }

    /// The agent of a live call puts it on hold, or takes it back.
    pub fn hold(&self, id: &str, on: bool) -> Result<(), SimError> {
        self.core.world().hold(id, on)
    }

    /// Another agent takes over a live call: whom its agent consulted, who is in its conference, or else a new one. Hold
    /// and secure pause were the last one's: the call is recorded again.
    pub fn transfer(&self, id: &str) -> Result<(), SimError> {
        self.core.world().transfer(id)
    }

    /// The agent of a live call asks another one, while the customer waits on hold; a transfer then hands the customer
    /// on to them, a conference lets all talk with all.
    pub fn consult(&self, id: &str) -> Result<(), SimError> {
        self.core.world().consult(id)
    }

    /// Another agent joins a live call: whom its agent consulted, or else a new one.
    pub fn conference(&self, id: &str) -> Result<(), SimError> {
        self.core.world().conference(id)
    }

    /// The agent of a live call gives a command on the vendor's screen. It acts like one of the API, in the same order.
    pub fn by_hand(&self, id: &str, action: Action) -> Result<(), SimError> {
        self.core.world().by_hand(id, action)
    }

    /// The truth now, not what was answered.
    pub fn state(&self, id: &str) -> Result<State, SimError> {
        self.core.world().state(id)
    }

    /// The commands that took effect, oldest first.
    pub fn commands(&self, id: &str) -> Result<Vec<SimCommand>, SimError> {
        self.core.world().commands(id)
    }

    /// What was asked on the wire, oldest first; at most the last 500,000.
    pub fn requests(&self) -> Vec<SimRequest> {
        self.core.world().log.all()
    }

    /// Something shall go wrong.
    pub fn fail(&self, fault: Fault) -> Result<(), SimError> {
        self.core.world().faults.add(fault)
    }

    /// Nothing shall go wrong any more.
    pub fn clear_faults(&self) {
        self.core.world().faults.clear();
    }

    /// The notification channels, oldest first.
    pub fn channels(&self) -> Vec<SimChannel> {
        self.core.world().channels()
    }

    /// Cuts every socket of a notification channel, without a word.
    pub fn drop_sockets(&self) {
        self.core.world().channels.drop_sockets();
    }

    /// Tells every socket that it will be closed, and closes it `notice` seconds later.
    pub fn close_sockets(&self, notice: f64) -> Result<(), SimError> {
        self.apply(Steering::CloseSockets { notice }).map(|_| ())
    }

    /// Sockets give no sign of life any more, or do so again.
    pub fn mute_heartbeat(&self, on: bool) {
        self.core.world().channels.mute_heartbeat(on);
    }

    /// Events are lost though sockets are open and beat, or come again.
    pub fn stall_sockets(&self, on: bool) {
        self.core.world().channels.stall_sockets(on);
    }

    /// The users of the organisation.
    pub fn users(&self) -> Vec<Person> {
        self.core.world().directory.users.clone()
    }

    /// The queues of the organisation.
    pub fn queues(&self) -> Vec<Named> {
        self.core.world().directory.queues.clone()
    }

    /// A token of a user, by id, name or email, as if they had logged in.
    pub fn user_token(&self, user: &str) -> Result<String, SimError> {
        self.core.world().user_token(user)
    }

    /// No token that was issued is good any more; what users' refresh tokens give is.
    pub fn revoke_tokens(&self) {
        self.core.world().tokens.revoke_all(false);
    }

    /// No token that was issued is good any more, and no refresh token: users must log in again.
    pub fn revoke_logins(&self) {
        self.core.world().tokens.revoke_all(true);
    }

    /// Time passes: manual clocks only.
    pub fn advance(&self, seconds: f64) -> Result<(), SimError> {
        self.apply(Steering::Advance(seconds)).map(|_| ())
    }

    /// Does one thing that is given as a value, and gives what `/simulation/` would answer.
    pub fn apply(&self, steering: Steering) -> Result<Value, SimError> {
        self.core.apply(steering)
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Simulator").field("base_url", &self.base_url()).finish_non_exhaustive()
    }
}
