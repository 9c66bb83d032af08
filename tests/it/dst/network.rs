//! The way between a client and the simulator, on which anything may happen.
//!
//! Once its bytes have left, a request is a task of the world: it arrives, in its time and if nothing happens to it,
//! whatever its client does meanwhile.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use fastrand::Rng;
use futures_util::future::BoxFuture;
use gcrec::clock::{Clock, ManualClock};
use gcrec::error::{Sent, TransportKind};
use gcrec::exchange::{Effect, Progress, Request, Response};
use gcrec::model::Action;
use gcrec::sim::{Door, Fault, Route, Simulator, State};
use gcrec::transport::{Failure, Transport};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use tokio::sync::oneshot;

use super::executor::{Owner, Spawner};
use super::fate::{Arrival, End, Fate};
use super::ledger::{Attempt, Shared, View};
use super::plan::Net;

type Answer = Result<Response, Failure>;

/// What all processes share: the server, the clock, and what is drawn for each request.
#[derive(Clone)]
pub(super) struct Ways {
    pub(super) sim: Simulator,
    pub(super) door: Door,
    pub(super) clock: Arc<ManualClock>,
    pub(super) spawner: Spawner,
    pub(super) ledger: Shared,
    pub(super) net: Arc<Net>,
    pub(super) dice: Arc<Mutex<Rng>>,
    pub(super) calls: Arc<[String]>,
    /// Faults that may still happen to commands.
    pub(super) budget: Arc<Mutex<u32>>,
    /// Earlier answers to reads, for stale ones.
    pub(super) snapshots: Arc<Mutex<Vec<Snapshot>>>,
}

pub(super) struct Snapshot {
    at: Duration,
    call: usize,
    answer: Response,
}

/// One process's way to the server.
pub(super) struct Network {
    pub(super) ways: Ways,
    pub(super) process: usize,
}

/// A request on its way.
struct Packet {
    ways: Ways,
    fate: Fate,
    method: http::Method,
    path: String,
    headers: HeaderMap,
    body: Bytes,
    op: Option<usize>,
    call: Option<usize>,
    /// Where it stands among the attempts, if it is a command.
    attempt: Option<usize>,
}

impl Transport for Network {
    fn send<'a>(&'a self, request: &'a Request, progress: &'a Progress) -> BoxFuture<'a, Answer> {
        Box::pin(self.exchange(request, progress))
    }
}

impl Network {
    async fn exchange(&self, request: &Request, progress: &Progress) -> Answer {
        let ways = &self.ways;
        let op = ways.ledger.lock().current;
        let action = (request.effect == Effect::Command).then(|| action(request));
        let call = ways.calls.iter().position(|id| request.path.contains(id.as_str()));
        let fate = ways.draw(action, call);
        progress.connecting();
        ways.sleep(fate.connects).await;
        if fate.end == End::NoConnection {
            ways.note(&format!("op{} finds no connection", shown(op)));
            return Err(broken(TransportKind::Connect, Sent::No));
        }
        progress.connected();
        progress.departed();
        let attempt = action.zip(op).zip(call).map(|((action, op), call)| self.departs(op, call, action, &fate));
        let _ended = attempt.map(|attempt| Ended { ledger: ways.ledger.clone(), attempt });
        let (tell, hear) = oneshot::channel();
        let packet = Packet {
            ways: ways.clone(),
            fate,
            method: request.method.clone(),
            path: request
                .query
                .as_deref()
                .map_or_else(|| request.path.clone(), |query| format!("{}?{query}", request.path)),
            headers: headers(request),
            body: request.body.clone().unwrap_or_default(),
            op,
            call,
            attempt,
        };
        ways.spawner.spawn(Owner { op, outlives: true, ..Owner::default() }, packet.travel(tell));
        match hear.await {
            Ok(answer) => answer,
            // Silence: the client's own patience ends it.
            Err(_) => std::future::pending().await,
        }
    }

    fn departs(&self, op: usize, call: usize, action: Action, fate: &Fate) -> usize {
        let mut ledger = self.ways.ledger.lock();
        let departed = ledger.tell(&format!("op{op} sends {action} to call {call}: {fate:?}"));
        ledger.attempts.push(Attempt {
            op,
            process: self.process,
            call,
            action,
            departed,
            ended: None,
            request_id: None,
            refused: false,
            answered: false,
            conflict: false,
        });
        ledger.attempts.len() - 1
    }
}

impl Ways {
    pub(super) fn draw(&self, action: Option<Action>, call: Option<usize>) -> Fate {
        let mut dice = self.dice.lock().unwrap();
        match action {
            Some(action) => {
                let mut budget = self.budget.lock().unwrap();
                let fate = Fate::of_command(&mut dice, &self.net, *budget > 0);
                *budget -= u32::from(fate.is_fault());
                let paused =
                    || call.is_some_and(|call| self.sim.state(&self.calls[call]).is_ok_and(|it| it == State::Paused));
                if self.net.conflicts && action == Action::Pause && !fate.is_fault() && paused() {
                    return Fate { arrival: Arrival::Nothing, end: End::Status(409, None), ..fate };
                }
                fate
            }
            None => Fate::of_read(&mut dice, &self.net),
        }
    }

    async fn sleep(&self, time: Duration) {
        self.clock.sleep_until(self.clock.now() + time).await;
    }

    fn note(&self, line: &str) {
        self.ledger.lock().tell(line);
    }

    fn stale(&self, call: usize, age: Duration) -> Option<Response> {
        let until = self.clock.now().saturating_sub(age);
        let snapshots = self.snapshots.lock().unwrap();
        let found = snapshots.iter().rev().find(|snapshot| snapshot.call == call && snapshot.at <= until)?;
        let oldest = self.clock.now().saturating_sub(Duration::from_secs_f64(self.net.stale));
        (found.at >= oldest).then(|| found.answer.clone())
    }
}

impl Packet {
    async fn travel(self, tell: oneshot::Sender<Answer>) {
        self.ways.sleep(self.fate.there).await;
        let answer = match self.fate.arrival {
            Arrival::Nothing => None,
            arrival => self.ask(arrival).await,
        };
        let view = self.view(answer.is_some());
        let answer = self.fate.end.of(answer);
        self.ways.sleep(self.fate.back).await;
        let Some(answer) = answer else {
            return; // silence
        };
        let readable = matches!(&answer, Ok(response) if response.status.is_success() && self.fate.end == End::Fine);
        let refused = matches!(&answer, Ok(response) if is_refusal(response));
        let conflict = matches!(&answer, Ok(response) if response.status == StatusCode::CONFLICT);
        let mut ledger = self.ways.ledger.lock();
        if let Some(attempt) = self.attempt {
            ledger.attempts[attempt].refused = refused;
            // A word that comes after the client gave up tells it nothing.
            ledger.attempts[attempt].conflict = conflict && ledger.attempts[attempt].ended.is_none();
        }
        let heard = ledger.tell(&format!("op{} hears {}", shown(self.op), words(&answer)));
        if tell.send(answer).is_ok() {
            if let (Some(view), true) = (view, readable) {
                ledger.views[view].delivered = Some(heard);
            }
            if let Some(attempt) = self.attempt {
                ledger.attempts[attempt].answered = readable;
            }
        }
    }

    /// The server takes it, and what it does and says is true at this instant.
    async fn ask(&self, arrival: Arrival) -> Option<Response> {
        let ways = &self.ways;
        let fault = match arrival {
            Arrival::Nothing | Arrival::InOrder => None,
            Arrival::Never => Some(Fault { never: true, ..Fault::on(Route::Control) }),
            Arrival::Late(late) => Some(Fault {
                status_code: Some(202),
                effect: true,
                late: Some(late.as_secs_f64()),
                ..Fault::on(Route::Control)
            }),
        };
        if let (Some(call), Some(age)) = (self.call, self.fate.stale)
            && let Some(answer) = ways.stale(call, age)
        {
            return Some(answer);
        }
        if let Some(fault) = fault {
            ways.sim.fail(fault).unwrap();
        }
        let asking = ways.door.ask(self.method.clone(), &self.path, self.headers.clone(), self.body.clone());
        let (status, headers, body) = asking.await?;
        let request_id = headers.get("inin-correlation-id").map(|id| id.to_str().unwrap().to_owned());
        if let Some(attempt) = self.attempt {
            let mut ledger = ways.ledger.lock();
            ledger.tell(&format!("the server has op{}'s command: {status}", shown(self.op)));
            ledger.attempts[attempt].request_id = request_id;
        }
        let answer = Response { status, headers, body };
        if let (Some(call), None) = (self.call, self.attempt) {
            let snapshot = Snapshot { at: ways.clock.now(), call, answer: answer.clone() };
            ways.snapshots.lock().unwrap().push(snapshot);
        }
        Some(answer)
    }

    /// Notes what is true while a read is answered.
    fn view(&self, asked: bool) -> Option<usize> {
        let (Some(call), Some(op), None, true) = (self.call, self.op, self.attempt, asked) else { return None };
        let truth = self.ways.sim.state(&self.ways.calls[call]).unwrap();
        let mut ledger = self.ways.ledger.lock();
        let at = ledger.tell(&format!("op{op} looks at call {call}: {truth:?}"));
        ledger.views.push(View { op, at, truth, delivered: None });
        Some(ledger.views.len() - 1)
    }
}

/// Notes when an attempt ends, however it does.
struct Ended {
    ledger: Shared,
    attempt: usize,
}

impl Drop for Ended {
    fn drop(&mut self) {
        let mut ledger = self.ledger.lock();
        let op = ledger.attempts[self.attempt].op;
        let ended = ledger.tell(&format!("op{op}'s attempt ends"));
        ledger.attempts[self.attempt].ended = Some(ended);
    }
}

pub(super) fn broken(kind: TransportKind, sent: Sent) -> Failure {
    Failure::Broken { kind, sent, reason: "so it was drawn".into(), source: None }
}

fn is_refusal(response: &Response) -> bool {
    let wishes = response.headers.contains_key(header::RETRY_AFTER);
    matches!(response.status.as_u16(), 300..500) || (response.status == StatusCode::SERVICE_UNAVAILABLE && wishes)
}

fn action(request: &Request) -> Action {
    let body = String::from_utf8_lossy(request.body.as_deref().unwrap_or_default()).to_ascii_lowercase();
    let words = [
        ("start", Action::Start),
        ("stop", Action::Stop),
        ("\"recording\":true", Action::Start),
        ("\"recording\":false", Action::Stop),
        ("paused", Action::Pause),
        ("active", Action::Resume),
    ];
    words.into_iter().find(|(word, _)| body.contains(word)).unwrap().1
}

fn headers(request: &Request) -> HeaderMap {
    let authorization = request.authorization.header().unwrap();
    HeaderMap::from_iter([
        (header::AUTHORIZATION, HeaderValue::try_from(authorization.expose()).unwrap()),
        (header::CONTENT_TYPE, HeaderValue::from_static(request.content_type)),
    ])
}

fn words(answer: &Answer) -> String {
    match answer {
        Ok(response) => response.status.to_string(),
        Err(Failure::Broken { kind, .. }) => format!("{kind:?}"),
        Err(Failure::Unreadable { .. }) => "words that cannot be read".into(),
    }
}

fn shown(op: Option<usize>) -> String {
    op.map_or_else(|| "?".into(), |op| op.to_string())
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Network of process {}", self.process)
    }
}
