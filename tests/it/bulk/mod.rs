//! Many conversations: client and simulator in one thread, on a clock that jumps.

mod many;
mod runs;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, stream};
use gcrec::api::{Bulk, BulkOptions, Outcome, Wish};
use gcrec::auth::{ClientCredentials, Tokens};
use gcrec::client::{Client, Session};
use gcrec::clock::ManualClock;
use gcrec::config::{Api, CONNECT_TIMEOUT, CallOptions, Endpoint};
use gcrec::conversations::Conversations;
use gcrec::error::{Error, Sent, TransportKind};
use gcrec::exchange::{Progress, Request, Response};
use gcrec::journal::{Journal, Reader};
use gcrec::limit::{Limiter, Limits};
use gcrec::model::Target;
use gcrec::sim::{Door, Fault, Options, Route, Simulator};
use gcrec::transport::{Failure, Transport};
use http::{HeaderMap, HeaderValue, header};

/// The longest that a command of these simulators takes to act.
pub(super) const PROPAGATION: Duration = Duration::from_secs(3);

/// Requests through the simulator's door.
#[derive(Debug)]
struct Through(Door);

impl Transport for Through {
    fn send<'a>(&'a self, request: &'a Request, progress: &'a Progress) -> BoxFuture<'a, Result<Response, Failure>> {
        let mut headers =
            HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(request.content_type))]);
        if let Some(authorization) = request.authorization.header() {
            headers.insert(header::AUTHORIZATION, HeaderValue::from_str(authorization.expose()).unwrap());
        }
        let path = match &request.query {
            Some(query) => format!("{}?{query}", request.path),
            None => request.path.clone(),
        };
        let answer = self.0.ask(request.method.clone(), &path, headers, request.body.clone().unwrap_or_default());
        Box::pin(async move {
            progress.departed();
            let (status, headers, body) = answer.await.ok_or_else(|| Failure::Broken {
                kind: TransportKind::Broken,
                sent: Sent::Maybe,
                reason: "it died".into(),
                source: None,
            })?;
            Ok(Response { status, headers, body })
        })
    }
}

/// A simulator, its clock, and clients of it.
pub(super) struct House {
    pub(super) sim: Simulator,
    door: Door,
    pub(super) clock: Arc<ManualClock>,
    folder: PathBuf,
}

impl House {
    pub(super) fn new(name: &str, calls: usize) -> Self {
        let clock = Arc::new(ManualClock::new(3));
        let options = Options { calls, propagation: (1.0, PROPAGATION.as_secs_f64()), ..Options::default() };
        let (sim, door) = Simulator::in_process(&options, clock.clone()).unwrap();
        let folder = std::env::temp_dir().join(format!("gcrec-bulk-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self { sim, door, clock, folder: folder.canonicalize().unwrap() }
    }

    pub(super) fn session(&self, api: Api) -> Session {
        self.session_with(api, self.sim.client_secret())
    }

    /// A session as a new process has it: it knows of no command.
    pub(super) fn session_with(&self, api: Api, secret: &str) -> Session {
        let endpoint = Endpoint {
            base_url: "https://a.example".parse().unwrap(),
            login_url: "https://a.example".parse().unwrap(),
            api,
            connect_timeout: CONNECT_TIMEOUT,
            extra_trust: Vec::new(),
            use_proxies: true,
            proxy: None,
        };
        let client = Client::with(endpoint, Box::new(Through(self.door.clone())), self.clock.clone());
        let credentials = ClientCredentials::new(self.sim.client_id(), secret).unwrap();
        let asking = client.clone();
        let ask = move || asking.token(&credentials, CallOptions::default()).boxed();
        let tokens = Tokens::asked_for(ask, None, self.clock.clone());
        let limits = Limits { rate: None, assumed: None, max_in_flight: 64 };
        let limiter = Limiter::new(limits, self.clock.clone());
        Session::new(client, tokens, Some(limiter), Conversations::default(), "me".into())
    }

    pub(super) fn journal(&self) -> Journal {
        Journal::open_inline(&self.folder.join("a.db"), self.clock.clone()).unwrap()
    }

    pub(super) fn reader(&self) -> Reader {
        Reader::open(&self.folder.join("a.db")).unwrap()
    }

    /// Drives it to its end; when nothing can go on, time jumps to the next sleeper.
    pub(super) fn drive<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = Box::pin(work);
        loop {
            if let Some(value) = (&mut work).now_or_never() {
                return value;
            }
            self.clock.advance_to_next().expect("nothing can ever happen again");
        }
    }

    pub(super) fn outcomes(&self, bulk: Result<Bulk, Error>) -> Vec<Outcome> {
        self.drive(bulk.unwrap().map(Result::unwrap).collect())
    }

    pub(super) fn controls(&self) -> usize {
        self.sim.requests().iter().filter(|it| it.method == "POST" && it.path.ends_with("/events")).count()
    }

    pub(super) fn reads(&self) -> usize {
        self.sim.requests().iter().filter(|it| it.method == "GET").count()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

pub(super) fn options(concurrency: usize) -> BulkOptions {
    BulkOptions { concurrency, journal: None, dry_run: false }
}

pub(super) fn journaled(journal: Journal) -> BulkOptions {
    BulkOptions { journal: Some(journal), ..options(8) }
}

pub(super) fn wish(target: Target) -> Wish {
    Wish { target, timeout: Duration::from_secs(15), resume_paused: false }
}

pub(super) fn ids<T: Into<String>>(ids: impl IntoIterator<Item = T>) -> stream::Iter<std::vec::IntoIter<String>> {
    stream::iter(ids.into_iter().map(Into::into).collect::<Vec<_>>())
}

pub(super) fn kinds(outcomes: &[Outcome]) -> Vec<&'static str> {
    let mut kinds: Vec<_> = outcomes.iter().map(|outcome| outcome.kind.word()).collect();
    kinds.sort_unstable();
    kinds
}

pub(super) fn of<'a>(outcomes: &'a [Outcome], id: &str) -> &'a Outcome {
    outcomes.iter().find(|outcome| outcome.conversation_id == id).unwrap()
}

pub(super) fn fault(route: Route) -> Fault {
    Fault { route, ..Fault::default() }
}
