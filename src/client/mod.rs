//! The spine: the only loop through which a request leaves.

mod habit;
mod session;
mod terms;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use http::{HeaderValue, Method, StatusCode};

use crate::auth::{Held, Tokens};
use crate::clock::SharedClock;
use crate::config::{Api, BaseUrl, CallOptions, Endpoint};
use crate::conversations::Conversations;
use crate::error::{ApiError, Call, DecodeError, Error, ErrorKind, QueueError, Sent, TransportError, TransportKind};
use crate::exchange::{Authorization, Effect, Progress, Quota, Request, Response, correlation_id};
use crate::limit::{Heard, Limiter, Permit, Priority};
use crate::log::Attempt;
use crate::model::{AccessToken, Flaw};
use crate::retry;
use crate::transport::{Failure, Http, Socket, Transport};
use crate::wire::{Halt, Plan, Step, problem};

pub(crate) use habit::Habit;
pub use session::{SETTLE, Session};
pub use terms::{Budget, Terms};

/// One server, and the pool of connections to it. Cheap to clone.
#[derive(Clone)]
pub struct Client(Arc<Core>);

struct Core {
    base_url: BaseUrl,
    login_url: BaseUrl,
    api: Api,
    transport: Box<dyn Transport>,
    clock: SharedClock,
}

/// Who asks, and in which pace. A request that names its own credentials needs neither.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asker {
    pub(crate) tokens: Option<Arc<Tokens>>,
    pub(crate) limiter: Option<Limiter>,
}

impl Client {
    /// A client over HTTP. All clients of a process share one clock: what one sent, another must be able to date.
    pub fn new(endpoint: Endpoint, clock: SharedClock) -> Result<Self, Error> {
        let transport = Box::new(Http::new(&endpoint)?);
        Ok(Self::with(endpoint, transport, clock))
    }

    /// A client over any transport and clock.
    pub fn with(endpoint: Endpoint, transport: Box<dyn Transport>, clock: SharedClock) -> Self {
        let Endpoint { base_url, login_url, api, .. } = endpoint;
        Self(Arc::new(Core { base_url, login_url, api, transport, clock }))
    }

    /// The clock that it runs on.
    pub fn clock(&self) -> &SharedClock {
        &self.0.clock
    }

    /// Where it leads.
    pub fn base_url(&self) -> &BaseUrl {
        &self.0.base_url
    }

    /// Where one logs in.
    pub fn login_url(&self) -> &BaseUrl {
        &self.0.login_url
    }

    /// Which wire it speaks.
    pub fn api(&self) -> Api {
        self.0.api
    }

    /// The same client, acting for who holds `token`, in no pace of its own.
    pub fn session(&self, token: AccessToken, options: CallOptions) -> Session {
        let tokens = Tokens::fixed(token, self.0.clock.clone());
        let session = Session::new(self.clone(), tokens, None, Conversations::default(), String::new());
        session.with(options, SETTLE, None)
    }

    /// Can it open sockets?
    pub(crate) fn has_sockets(&self) -> bool {
        self.0.transport.has_sockets()
    }

    /// Opens the socket at an address that the server named, until the deadline. `path` is what errors show of it.
    pub(crate) async fn socket(&self, uri: &str, path: &str, deadline: Duration) -> Result<Socket, Error> {
        let late = self.0.clock.sleep_until(deadline);
        let failure = match select(self.0.transport.open(uri), late).await {
            Either::Left((Ok(socket), _)) => return Ok(socket),
            Either::Left((Err(failure), _)) => failure,
            Either::Right(_) => Failure::Broken {
                kind: TransportKind::RequestTimeout,
                sent: Sent::Maybe,
                reason: "the timeout passed before the socket was open".into(),
                source: None,
            },
        };
        let call = Call { attempts: 1, ..Call::new(Method::GET, path.to_owned(), false) };
        match failure {
            Failure::Broken { kind, sent, reason, source } => {
                Err(Error::Transport(Box::new(TransportError { kind, call, sent, reason, source })))
            }
            Failure::Unreadable { reason, .. } => Err(unreadable(None, Flaw::new("", reason))),
        }
    }

    /// Runs a plan that asks for nobody, within the options' time and repeats.
    pub(crate) async fn run_alone<P: Plan>(&self, plan: P, options: CallOptions) -> Result<P::Output, Error> {
        let budget = Budget::until(self.0.clock.now() + options.timeout);
        let terms = Terms { priority: Priority::Command, budget, max_retries: options.max_retries };
        self.run(plan, &Asker::default(), &terms).await
    }

    /// Runs a plan to its end.
    pub(crate) async fn run<P: Plan>(&self, plan: P, asker: &Asker, terms: &Terms) -> Result<P::Output, Error> {
        self.trace(plan, asker, terms).await.map(|(output, _)| output)
    }

    /// The same, with what is known of the last answer.
    pub(crate) async fn trace<P: Plan>(
        &self,
        mut plan: P,
        asker: &Asker,
        terms: &Terms,
    ) -> Result<(P::Output, Option<Seen>), Error> {
        let (mut last, mut seen) = (None, None);
        loop {
            let mut request = match plan.step(last.take()) {
                Ok(Step::Done(result)) => return Ok((result, seen)),
                Ok(Step::Send(request)) => request,
                Err(Halt::Failed(error)) => return Err(error),
                Err(Halt::Unreadable(flaw)) => return Err(unreadable(seen, flaw)),
            };
            let mut call = Call::new(request.method.clone(), request.path.clone(), request.effect == Effect::Command);
            let outcome = self.deliver(&mut request, &mut call, asker, terms).await;
            if let Ok(response) = &outcome {
                let (status, correlation) = (response.status, response.correlation().cloned());
                seen = Some(Seen { call, status, correlation, authorization: request.authorization });
            }
            last = Some(outcome);
        }
    }

    /// One request, repeated by the retry rule, and once more with a new token if the server refused the first.
    async fn deliver(
        &self,
        request: &mut Request,
        call: &mut Call,
        asker: &Asker,
        terms: &Terms,
    ) -> Result<Response, Error> {
        let tokens = asker.tokens.as_deref().filter(|_| matches!(request.authorization, Authorization::Caller));
        let (mut repeats, mut renewed) = (0, false);
        loop {
            let permit = match &asker.limiter {
                Some(limiter) => Some(turn(limiter, call, terms).await?),
                None => None,
            };
            // After the wait: a token that was taken before it may be refused by now, for all who waited.
            let held = match tokens {
                Some(tokens) => Some(self.held(tokens, call, terms).await?),
                None => None,
            };
            let serial = held.as_ref().map(|held| held.serial);
            if let Some(Held { token, .. }) = held {
                request.authorization = Authorization::Bearer(token);
            }
            call.attempts += 1;
            let began = self.0.clock.now();
            let outcome = self.attempt(request, call, permit, terms.budget.deadline()).await;
            let took = self.0.clock.now().saturating_sub(began);
            let attempt = Attempt { request, api: self.0.api, number: call.attempts, took };
            let error = match outcome {
                Ok(response) => {
                    attempt.answered(&response);
                    return Ok(response);
                }
                Err(error) => error,
            };
            if let (Some(tokens), Some(serial), Some(401)) = (tokens, serial, error.status_code())
                && !std::mem::replace(&mut renewed, true)
                && tokens.refused(serial)
            {
                attempt.repeated(&error, None);
                continue;
            }
            if !retry::may_repeat(request.effect, &error) || repeats >= terms.max_retries {
                attempt.failed(&error);
                return Err(error);
            }
            call.arrived_before |= error.sent() != Sent::No;
            let pause = retry::pause(&error, repeats, self.0.clock.chance());
            let now = self.0.clock.now();
            let left = terms.budget.left(now);
            // After a 429 the limiter has everybody wait: who does not count that goes back into the line.
            let in_line = asker.limiter.is_some() && terms.budget.is_patient() && error.kind() == ErrorKind::RateLimit;
            if pause >= left && !in_line {
                attempt.failed(&error);
                return Err(gave_up(error, left));
            }
            repeats += 1;
            attempt.repeated(&error, (!in_line).then_some(pause));
            if !in_line {
                self.0.clock.sleep_until(now + pause).await;
            }
        }
    }

    /// The token to use now, unless the time passes first.
    async fn held(&self, tokens: &Tokens, call: &Call, terms: &Terms) -> Result<Held, Error> {
        let token = std::pin::pin!(tokens.get());
        match select(token, self.0.clock.sleep_until(terms.budget.deadline())).await {
            Either::Left((outcome, _)) => outcome,
            Either::Right(_) => Err(Error::Transport(Box::new(TransportError {
                kind: TransportKind::RequestTimeout,
                call: call.clone(),
                sent: Sent::No,
                reason: "the timeout passed before there was an access token".into(),
                source: None,
            }))),
        }
    }

    /// One request, once, until the deadline.
    async fn attempt(
        &self,
        request: &Request,
        call: &Call,
        permit: Option<Permit>,
        deadline: Duration,
    ) -> Result<Response, Error> {
        let progress = Progress::default();
        let exchange = self.0.transport.send(request, &progress);
        let outcome = match select(exchange, self.0.clock.sleep_until(deadline)).await {
            Either::Left((outcome, _)) => outcome,
            Either::Right(((), exchange)) => {
                drop(exchange); // cancels the request
                progress.refusal().ok_or_else(|| Failure::Broken {
                    kind: TransportKind::RequestTimeout,
                    sent: progress.sent(request.body.is_some()),
                    reason: "the timeout passed before the whole answer had come".into(),
                    source: None,
                })
            }
        };
        let quota = outcome.as_ref().ok().and_then(|response| Quota::read(&response.headers));
        let result = self.judge(request, call.clone(), outcome);
        if let Some(permit) = permit {
            let refusal = result.as_ref().err().filter(|error| error.status_code() == Some(429));
            permit.heard(&Heard { quota, refused: refusal.is_some(), pause: refusal.and_then(retry::retry_after) });
        }
        result
    }

    /// What came of an attempt, as a result.
    fn judge(&self, request: &Request, call: Call, outcome: Result<Response, Failure>) -> Result<Response, Error> {
        match outcome {
            Ok(response) if response.status.is_success() => Ok(response),
            Ok(response) => Err(Error::Api(Box::new(ApiError {
                call,
                status: response.status,
                problem: problem(&response, &request.authorization, self.0.clock.wall()),
                needs: request.needs,
                gave_up: String::new(),
            }))),
            Err(Failure::Broken { kind, sent, reason, source }) => {
                Err(Error::Transport(Box::new(TransportError { kind, call, sent, reason, source })))
            }
            Err(Failure::Unreadable { response, reason }) => {
                let (status, correlation) = (response.status, response.correlation().cloned());
                let seen = Seen { call, status, correlation, authorization: request.authorization.clone() };
                Err(unreadable(Some(seen), Flaw::new("", reason)))
            }
        }
    }
}

/// Shows where it leads and over which wire.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({}, api={})", self.0.base_url, self.0.api)
    }
}

/// Waits for the limiter's word.
async fn turn(limiter: &Limiter, call: &Call, terms: &Terms) -> Result<Permit, Error> {
    match limiter.acquire(terms.priority, terms.budget.turn_by()).await {
        Ok(permit) => {
            terms.budget.waited(permit.waited());
            Ok(permit)
        }
        Err(too_long) => Err(Error::Queue(Box::new(QueueError { call: call.clone(), queue: too_long.queue }))),
    }
}

/// What is kept of a success: for a receipt, or for an error that finds it unreadable.
pub(crate) struct Seen {
    call: Call,
    status: StatusCode,
    correlation: Option<HeaderValue>,
    authorization: Authorization,
}

impl Seen {
    pub(crate) fn attempts(&self) -> u32 {
        self.call.attempts
    }

    pub(crate) fn status_code(&self) -> u16 {
        self.status.as_u16()
    }

    pub(crate) fn correlation_id(&self) -> Option<String> {
        correlation_id(self.correlation.as_ref(), &self.authorization)
    }
}

fn unreadable(seen: Option<Seen>, Flaw { field, reason }: Flaw) -> Error {
    let Some(Seen { call, status, correlation, authorization }) = seen else {
        return Error::Config("A plan read an answer before it asked.".into());
    };
    let correlation_id = correlation_id(correlation.as_ref(), &authorization);
    Error::Decode(Box::new(DecodeError { call, status_code: status.as_u16(), correlation_id, field, reason }))
}

/// Says why an error that could be tried again was not.
fn gave_up(mut error: Error, left: Duration) -> Error {
    if let Error::Api(answer) = &mut error {
        answer.gave_up =
            format!("the wait does not fit into the {:.1} s that are left of the timeout", left.as_secs_f64());
    }
    error
}
