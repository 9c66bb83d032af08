//! The spine: the only loop through which a request leaves.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use http::{HeaderValue, StatusCode};

use crate::clock::{SharedClock, SystemClock};
use crate::config::{Api, BaseUrl, CallOptions, Endpoint};
use crate::error::{ApiError, Call, DecodeError, Error, Sent, TransportError, TransportKind};
use crate::exchange::{Authorization, Effect, Progress, Request, Response, correlation_id};
use crate::model::{AccessToken, Flaw};
use crate::retry;
use crate::transport::{Failure, Http, Transport};
use crate::wire::{Halt, Plan, Step, problem};

/// One server, and the pool of connections to it. Cheap to clone.
#[derive(Clone)]
pub struct Client(Arc<Core>);

struct Core {
    base_url: BaseUrl,
    api: Api,
    transport: Box<dyn Transport>,
    clock: SharedClock,
}

impl Client {
    /// A client over HTTP, on the machine's own clock.
    pub fn new(endpoint: Endpoint) -> Result<Self, Error> {
        let transport = Box::new(Http::new(&endpoint)?);
        Ok(Self::with(endpoint, transport, Arc::new(SystemClock::new())))
    }

    /// A client over any transport and clock.
    pub fn with(endpoint: Endpoint, transport: Box<dyn Transport>, clock: SharedClock) -> Self {
        let Endpoint { base_url, api, .. } = endpoint;
        Self(Arc::new(Core { base_url, api, transport, clock }))
    }

    /// The clock that it runs on.
    pub fn clock(&self) -> &SharedClock {
        &self.0.clock
    }

    /// The same client, acting for who holds `token`.
    pub fn session(&self, token: AccessToken, options: CallOptions) -> Session {
        Session { client: self.clone(), token, options }
    }

    /// Runs a plan to its end, within the options' time and repeats.
    pub(crate) async fn run<P: Plan>(&self, mut plan: P, options: CallOptions) -> Result<P::Output, Error> {
        let deadline = self.0.clock.now() + options.timeout;
        let (mut last, mut seen) = (None, None);
        loop {
            let request = match plan.step(last.take()) {
                Ok(Step::Done(result)) => return Ok(result),
                Ok(Step::Send(request)) => request,
                Err(Halt::Failed(error)) => return Err(error),
                Err(Halt::Unreadable(flaw)) => return Err(unreadable(seen, flaw)),
            };
            let mut call = Call::new(request.method.clone(), request.path.clone(), request.effect == Effect::Command);
            let outcome = self.deliver(&request, &mut call, deadline, options.max_retries).await;
            if let Ok(response) = &outcome {
                let (status, correlation) = (response.status, response.correlation().cloned());
                seen = Some(Seen { call, status, correlation, authorization: request.authorization });
            }
            last = Some(outcome);
        }
    }

    /// One request, repeated by the retry rule.
    async fn deliver(
        &self,
        request: &Request,
        call: &mut Call,
        deadline: Duration,
        max_retries: u32,
    ) -> Result<Response, Error> {
        loop {
            call.attempts += 1;
            let error = match self.attempt(request, call, deadline).await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            let repeats = call.attempts - 1;
            if !retry::may_repeat(request.effect, &error) || repeats >= max_retries {
                return Err(error);
            }
            call.arrived_before |= error.sent() != Sent::No;
            let pause = retry::pause(&error, repeats, self.0.clock.chance());
            let now = self.0.clock.now();
            if pause >= deadline.saturating_sub(now) {
                return Err(gave_up(error, deadline.saturating_sub(now)));
            }
            self.0.clock.sleep_until(now + pause).await;
        }
    }

    /// One request, once, until the deadline.
    async fn attempt(&self, request: &Request, call: &Call, deadline: Duration) -> Result<Response, Error> {
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
        let call = call.clone();
        match outcome {
            Ok(response) if response.status.is_success() => Ok(response),
            Ok(response) => Err(Error::Api(Box::new(ApiError {
                call,
                status: response.status,
                problem: problem(&response, &request.authorization, self.0.clock.wall()),
                scope: request.scope,
                oauth: request.scope.is_none(),
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

/// A client, whom it acts for, and how long and how often it tries.
#[derive(Clone, Debug)]
pub struct Session {
    client: Client,
    pub(crate) token: AccessToken,
    options: CallOptions,
}

impl Session {
    /// The clock that its client runs on.
    pub fn clock(&self) -> &SharedClock {
        self.client.clock()
    }

    /// The same session with another bound on each call.
    #[must_use]
    pub fn within(&self, timeout: Duration) -> Self {
        Self { options: CallOptions { timeout, ..self.options }, ..self.clone() }
    }

    /// Runs a plan; the future owns all that it needs.
    pub(crate) fn run<P: Plan + 'static>(
        &self,
        plan: P,
    ) -> impl Future<Output = Result<P::Output, Error>> + Send + use<P> {
        let (client, options) = (self.client.clone(), self.options);
        async move { client.run(plan, options).await }
    }
}

/// What is kept of a success, for an error that finds it unreadable.
struct Seen {
    call: Call,
    status: StatusCode,
    correlation: Option<HeaderValue>,
    authorization: Authorization,
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
