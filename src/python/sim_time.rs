//! Clients that live in a simulator with a manual clock, without sockets: its time passes while somebody waits.
//!
//! A call on such a client does not wait in real time. When everything that could go on has gone on, the clock is moved to
//! the next moment that anybody waits for: hours in no time, and the same each time. While nobody waits (a test's own
//! code runs) time stands still, until `advance()`.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, Sink, Stream, StreamExt};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use tokio::sync::Notify;
use tokio::task::yield_now;

use super::engine::Engine;
use crate::clock::{Clock, ManualClock, SharedClock, SystemClock};
use crate::conversations::Conversations;
use crate::error::{Sent, TransportKind};
use crate::exchange::{Progress, Request, Response};
use crate::sim::{Door, DoorSocket, Simulator};
use crate::transport::{Failure, Socket, Transport};

/// A task that yields comes back after all that could go on have. One wakes the next: so many times in a row means that
/// all wait for the clock, or for Python.
const ROUNDS: usize = 32;
/// How long Python is waited for in real time before looking again.
const PATIENCE: Duration = Duration::from_millis(1);

/// The time of one simulator.
pub(super) struct SimTime {
    pub(super) clock: Arc<ManualClock>,
    /// What clients of this world know of their commands: its clock dates them.
    pub(super) conversations: Conversations,
    door: Door,
    /// Calls that somebody waits for.
    waiting: AtomicUsize,
    begun: Notify,
}

impl SimTime {
    /// None where the simulator's time is real.
    pub(super) fn of(simulator: &Simulator) -> Option<Arc<Self>> {
        Some(Arc::new(Self {
            clock: simulator.manual_clock()?,
            conversations: Conversations::default(),
            door: simulator.door(),
            waiting: AtomicUsize::new(0),
            begun: Notify::new(),
        }))
    }

    pub(super) fn shared_clock(&self) -> SharedClock {
        self.clock.clone()
    }

    pub(super) fn transport(&self) -> Box<dyn Transport> {
        Box::new(DoorTransport(self.door.clone()))
    }

    /// `work` of somebody who waits: time may pass from its first poll to its end, and not a moment longer. While Python is
    /// on its way here or back, the rest of the world would go on without it.
    pub(super) async fn passing<T>(world: Option<Arc<Self>>, work: impl Future<Output = T>) -> T {
        let _waiting = world.map(Waiting::begin);
        work.await
    }

    /// Lets time pass, for as long as the simulator is there.
    pub(super) fn begin(self: &Arc<Self>, engine: &'static Engine) {
        let this = Arc::downgrade(self);
        engine.keep_going(async move {
            let real = SystemClock::new();
            while let Some(time) = this.upgrade() {
                if time.waiting.load(SeqCst) == 0 {
                    // Looked at again soon, so that the last client's end is noticed.
                    let soon = real.sleep_until(real.now() + Duration::from_millis(50));
                    futures_util::future::select(Box::pin(time.begun.notified()), soon).await;
                    continue;
                }
                quiet().await;
                if time.waiting.load(SeqCst) > 0 && time.clock.advance_to_next().is_none() {
                    real.sleep_until(real.now() + PATIENCE).await;
                }
            }
        });
    }

    /// Time passes until then, everything that is due on the way in its order.
    pub(super) async fn advance(self: Arc<Self>, by: Duration) {
        let until = self.clock.now() + by;
        loop {
            quiet().await;
            match self.clock.next().filter(|next| *next <= until) {
                Some(_) => drop(self.clock.advance_to_next()),
                None => break,
            }
        }
        self.clock.advance(until.saturating_sub(self.clock.now()));
        quiet().await;
    }
}

/// Resolves when nothing can go on without the clock or Python.
async fn quiet() {
    for _ in 0..ROUNDS {
        yield_now().await;
    }
}

/// Somebody waits.
struct Waiting(Arc<SimTime>);

impl Waiting {
    fn begin(time: Arc<SimTime>) -> Self {
        time.waiting.fetch_add(1, SeqCst);
        time.begun.notify_one();
        Self(time)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, SeqCst);
    }
}

/// The simulator's door as a way for requests.
struct DoorTransport(Door);

impl Transport for DoorTransport {
    fn send<'a>(&'a self, request: &'a Request, progress: &'a Progress) -> BoxFuture<'a, Result<Response, Failure>> {
        let broken = |reason: &str| Failure::Broken {
            kind: TransportKind::Broken,
            sent: Sent::Maybe,
            reason: reason.to_owned(),
            source: None,
        };
        async move {
            let path = request
                .query
                .as_deref()
                .map_or_else(|| request.path.clone(), |query| format!("{}?{query}", request.path));
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(request.content_type));
            if let Some(authorization) = request.authorization.header() {
                let value = HeaderValue::try_from(authorization.expose());
                headers.insert(AUTHORIZATION, value.map_err(|_| broken("the credentials do not fit into a header"))?);
            }
            progress.departed();
            let body = request.body.clone().unwrap_or_default();
            let answer = self.0.ask(request.method.clone(), &path, headers, body).await;
            let (status, headers, body) = answer.ok_or_else(|| broken("the connection broke before an answer came"))?;
            Ok(Response { status, headers, body })
        }
        .boxed()
    }

    fn has_sockets(&self) -> bool {
        true
    }

    fn open<'a>(&'a self, uri: &'a str) -> BoxFuture<'a, Result<Socket, Failure>> {
        let path = uri.splitn(4, '/').nth(3).map(|path| format!("/{path}")).unwrap_or_default();
        async move {
            let socket = self.0.connect(&path).await.ok_or_else(|| Failure::Broken {
                kind: TransportKind::Broken,
                sent: Sent::Maybe,
                reason: "the socket was refused".to_owned(),
                source: None,
            })?;
            Ok(Box::pin(DoorTexts(socket)) as Socket)
        }
        .boxed()
    }
}

/// A socket of the door, as the client wants it.
struct DoorTexts(DoorSocket);

impl Stream for DoorTexts {
    type Item = Result<String, String>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(context).map(|text| text.map(Ok))
    }
}

/// Nothing is ever in the way.
impl Sink<String> for DoorTexts {
    type Error = String;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), String>> {
        Poll::Ready(Ok(()))
    }

    fn start_send(self: Pin<&mut Self>, text: String) -> Result<(), String> {
        self.0.send(&text);
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), String>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), String>> {
        Poll::Ready(Ok(()))
    }
}

impl fmt::Debug for DoorTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DoorTransport")
    }
}
