//! One process of ours: what it knows of its own commands, its journal, and the work that its clients do.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use gcrec::api::pause::PauseOptions;
use gcrec::api::{Recovery, Wish as Wanted, take_over};
use gcrec::auth::Tokens;
use gcrec::client::{Client, Session};
use gcrec::clock::Clock;
use gcrec::config::{CONNECT_TIMEOUT, CallOptions, Endpoint, MAX_CONNECTIONS};
use gcrec::conversations::Conversations;
use gcrec::error::Error;
use gcrec::journal::Journal;
use gcrec::limit::{Limiter, Limits};
use gcrec::model::{AccessToken, ConversationId};
use tokio::sync::oneshot;

use super::executor::Owner;
use super::fate::seconds;
use super::ledger::Outcome;
use super::network::{Network, Ways};
use super::plan::{self, Plan, Work};

/// What all of a process's clients share. Clones are the same process.
#[derive(Clone)]
pub(super) struct Process {
    pub(super) index: usize,
    ways: Ways,
    client: Client,
    limiter: Option<Limiter>,
    conversations: Conversations,
    token: AccessToken,
    options: CallOptions,
    settle: f64,
    pub(super) journal: Journal,
}

impl Process {
    /// A process that begins, with the journal at `path`.
    pub(super) fn begin(index: usize, ways: &Ways, plan: &Plan, token: &str, path: &Path) -> Self {
        let endpoint = Endpoint {
            base_url: "https://simulator.invalid".parse().unwrap(),
            login_url: "https://simulator.invalid".parse().unwrap(),
            api: plan.api,
            connect_timeout: CONNECT_TIMEOUT,
            extra_trust: Vec::new(),
            use_proxies: false,
            proxy: None,
        };
        let network = Network { ways: ways.clone(), process: index };
        let limits = Limits { rate: plan.rate, assumed: None, max_in_flight: MAX_CONNECTIONS };
        let journal = Journal::open_inline(path, ways.clock.clone()).unwrap();
        let conversations = Conversations::default();
        take_over(&journal, &conversations).now_or_never().unwrap().unwrap();
        Self {
            index,
            client: Client::with(endpoint, Box::new(network), ways.clock.clone()),
            limiter: plan.rate.map(|_| Limiter::new(limits, ways.clock.clone())),
            conversations,
            token: AccessToken::new(token).unwrap(),
            options: CallOptions { timeout: seconds(plan.timeout), max_retries: plan.retries },
            settle: plan.settle,
            journal,
            ways: ways.clone(),
        }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.journal.path().to_owned()
    }

    /// Each wish asks under a name of its own, so that its rows can be told from the others'.
    fn session(&self, op: usize) -> Session {
        let label = self.ways.ledger.lock().ops[op].label.clone();
        let tokens = Tokens::fixed(self.token.clone(), self.ways.clock.clone());
        let session =
            Session::new(self.client.clone(), tokens, self.limiter.clone(), self.conversations.clone(), label);
        session.with(self.options, seconds(self.settle), Some(self.journal.clone()))
    }

    /// One client: a wish after the other.
    pub(super) async fn client(self, wishes: Vec<plan::Wish>, begun: impl Fn(usize, usize)) {
        for (place, wish) in wishes.into_iter().enumerate() {
            let clock = &self.ways.clock;
            clock.sleep_until(clock.now() + seconds(wish.gap)).await;
            let op = self.ways.ledger.lock().begin(self.index, wish.call, &wish.work);
            begun(place, op);
            let (over, wait) = oneshot::channel::<()>();
            let this = self.clone();
            let owner = Owner { process: Some(self.index), op: Some(op), outlives: false };
            self.ways.spawner.spawn(owner, async move {
                let outcome = this.work(op, &wish).await;
                this.ways.ledger.lock().finish(op, outcome);
                drop(over);
            });
            // An error: it is over, or was dropped.
            let _ = wait.await;
        }
    }

    async fn work(&self, op: usize, wish: &plan::Wish) -> Outcome {
        let outcome = match &wish.work {
            Work::Block { .. } => self.block(op, wish).await,
            Work::Recover => self.recover(op).await,
            _ => self.ask(op, wish).await,
        };
        outcome.unwrap_or_else(Outcome::Failed)
    }

    async fn ask(&self, op: usize, wish: &plan::Wish) -> Result<Outcome, Error> {
        let (session, id) = (self.session(op), self.id(wish.call));
        match wish.work {
            Work::Command(action) => session.command(&id, action.into())?.await.map(Outcome::Receipt),
            Work::Ensure { target, timeout, resume_paused } => {
                let wanted = Wanted { target, timeout: seconds(timeout), resume_paused };
                session.ensure(&id, wanted)?.await.map(|proof| Outcome::Proof(Box::new(proof)))
            }
            Work::Wait { target, timeout } => {
                session.wait_until(&id, target, seconds(timeout)).await.map(Outcome::Status)
            }
            Work::Look | Work::Recover | Work::Block { .. } => session.status(&id).await.map(Outcome::Status),
        }
    }

    /// As the one who left a pause behind, if only one did; else by force.
    async fn recover(&self, op: usize) -> Result<Outcome, Error> {
        let pending = self.journal.pending().await.unwrap();
        let mut owners: Vec<_> =
            pending.into_iter().filter(|row| row.block.is_some()).map(|row| row.client_id).collect();
        owners.dedup();
        let force = owners.len() > 1;
        if let Some(owner) = owners.pop().filter(|_| !force) {
            self.ways.ledger.lock().ops[op].label = owner;
        }
        let recovery = Recovery { max_age: Duration::from_secs(3_600), force };
        self.session(op).recover(&self.journal, recovery).await.map(Outcome::Recovered)
    }

    async fn block(&self, op: usize, wish: &plan::Wish) -> Result<Outcome, Error> {
        let Work::Block { timeout, watch, max_seconds, resume_timeout, body } = wish.work else { unreachable!() };
        let options = PauseOptions {
            timeout: seconds(timeout),
            watch: seconds(watch),
            max_seconds: max_seconds.map(seconds),
            resume_timeout: seconds(resume_timeout),
            reason: None,
        };
        let (handle, life) = self.session(op).paused(&self.id(wish.call), options)?;
        let handle = Arc::new(handle);
        self.ways.ledger.lock().ops[op].handle = Arc::downgrade(&handle);
        self.ways.spawner.spawn(Owner { process: Some(self.index), op: Some(op), outlives: true }, life);
        handle.entered().await?;
        {
            let mut ledger = self.ways.ledger.lock();
            let entered = ledger.tell(&format!("op{op}'s body runs"));
            ledger.ops[op].entered = Some((entered, handle.known()));
        }
        let clock = &self.ways.clock;
        clock.sleep_until(clock.now() + seconds(body)).await;
        {
            let mut ledger = self.ways.ledger.lock();
            let left = ledger.tell(&format!("op{op}'s body is over"));
            ledger.ops[op].left = Some(left);
        }
        handle.leave();
        let left = handle.left().await;
        Ok(Outcome::Left(left, handle.known()))
    }

    fn id(&self, call: usize) -> ConversationId {
        self.ways.calls[call].parse().unwrap()
    }
}
