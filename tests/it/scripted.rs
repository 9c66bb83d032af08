//! A transport that answers by a script, and a clock that jumps to the next sleeper: hours of waiting in no time.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use gcrec::client::{Client, Session};
use gcrec::clock::{Clock, ManualClock};
use gcrec::config::{Api, CONNECT_TIMEOUT, CallOptions, Endpoint};
use gcrec::error::{Sent, TransportKind};
use gcrec::exchange::{Progress, Request, Response};
use gcrec::model::AccessToken;
use gcrec::transport::{Failure, Transport};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

/// What comes of one request.
pub(crate) enum Act {
    Answer(u16, Vec<(&'static str, String)>, &'static str),
    Break(TransportKind, Sent),
    /// The head of a refusal, and then nothing.
    Stall(u16),
    Hang,
}

/// A bare answer.
pub(crate) fn answer(status: u16, body: &'static str) -> Act {
    Act::Answer(status, Vec::new(), body)
}

/// An answer that asks to wait.
pub(crate) fn wait(status: u16, retry_after: &str) -> Act {
    Act::Answer(status, vec![("retry-after", retry_after.to_owned())], "")
}

/// The request `method path` and when it was sent.
pub(crate) type Seen = (String, Duration);

#[derive(Debug)]
struct Script {
    acts: Arc<Mutex<VecDeque<Act>>>,
    seen: Arc<Mutex<Vec<Seen>>>,
    clock: Arc<ManualClock>,
}

impl std::fmt::Debug for Act {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Act")
    }
}

impl Transport for Script {
    fn send<'a>(&'a self, request: &'a Request, progress: &'a Progress) -> BoxFuture<'a, Result<Response, Failure>> {
        self.seen.lock().unwrap().push((format!("{} {}", request.method, request.path), self.clock.now()));
        let act = self.acts.lock().unwrap().pop_front().expect("a request beyond the script");
        Box::pin(async move {
            match act {
                Act::Answer(status, headers, body) => {
                    progress.departed();
                    let headers: HeaderMap = headers
                        .into_iter()
                        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(&value).unwrap()))
                        .collect();
                    Ok(Response {
                        status: StatusCode::from_u16(status).unwrap(),
                        headers,
                        body: Bytes::from_static(body.as_bytes()),
                    })
                }
                Act::Break(kind, sent) => {
                    Err(Failure::Broken { kind, sent, reason: "as scripted".into(), source: None })
                }
                Act::Stall(status) => {
                    progress.departed();
                    progress.refused(StatusCode::from_u16(status).unwrap(), &HeaderMap::new());
                    std::future::pending().await
                }
                Act::Hang => std::future::pending().await,
            }
        })
    }
}

/// A client over a script.
pub(crate) struct Stage {
    pub(crate) client: Client,
    pub(crate) clock: Arc<ManualClock>,
    seen: Arc<Mutex<Vec<Seen>>>,
    acts: Arc<Mutex<VecDeque<Act>>>,
}

impl Stage {
    pub(crate) fn new(acts: impl IntoIterator<Item = Act>) -> Self {
        let clock = Arc::new(ManualClock::new(7));
        let acts = Arc::new(Mutex::new(acts.into_iter().collect()));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let script = Script { acts: Arc::clone(&acts), seen: Arc::clone(&seen), clock: Arc::clone(&clock) };
        let endpoint = Endpoint {
            base_url: "https://a.example".parse().unwrap(),
            login_url: "https://a.example".parse().unwrap(),
            api: Api::Events,
            connect_timeout: CONNECT_TIMEOUT,
            extra_trust: Vec::new(),
            use_proxies: true,
            proxy: None,
        };
        let client = Client::with(endpoint, Box::new(script), clock.clone());
        Self { client, clock, seen, acts }
    }

    pub(crate) fn session(&self, timeout: f64, max_retries: i64) -> Session {
        let token = AccessToken::new("token").unwrap();
        self.client.session(token, CallOptions::new(timeout, max_retries).unwrap())
    }

    /// Drives `work` to its end; when nothing can go on, time jumps to the next sleeper.
    pub(crate) fn drive<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = Box::pin(work);
        loop {
            if let Some(value) = (&mut work).now_or_never() {
                return value;
            }
            self.clock.advance_to_next().expect("nothing can ever happen again");
        }
    }

    /// The requests so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// How many acts were not played.
    pub(crate) fn left(&self) -> usize {
        self.acts.lock().unwrap().len()
    }
}
