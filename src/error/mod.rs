//! Every failure, ordered by what the server may have done.

mod api;
mod decode;
mod kind;
mod login;
mod needs;
mod participant;
mod proof;
mod queue;
mod transport;

use http::Method;

pub use api::{ApiError, Problem};
pub use decode::DecodeError;
pub use kind::ErrorKind;
pub use login::LoginFault;
pub use needs::Needs;
pub use participant::{Missed, ParticipantError};
pub use proof::{Interval, ProofError, ProofKind};
pub use queue::QueueError;
pub use transport::{TransportError, TransportKind};

/// May the server have acted on the request?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// Certainly not: it was never reached, or it refused.
    No,
    /// The bytes may have arrived, and no trustworthy answer came.
    Maybe,
    /// It said that it acted, in an answer that could not be read further.
    Yes,
}

/// Which request failed, and how often it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The HTTP method.
    pub method: Method,
    /// The path below the base URL, percent-encoded, without the query.
    pub path: String,
    /// Is it a command, which changes a recording?
    pub command: bool,
    /// Requests sent so far, repeats included.
    pub attempts: u32,
    /// May an attempt before the last one have arrived?
    pub arrived_before: bool,
    /// Did it only look, for a command that was not sent?
    pub for_a_command: bool,
}

impl Call {
    /// A request that was not sent yet.
    pub fn new(method: Method, path: String, command: bool) -> Self {
        Self { method, path, command, attempts: 0, arrived_before: false, for_a_command: false }
    }

    /// What is known in all, from what is known of the last attempt.
    fn sent(&self, last: Sent) -> Sent {
        let last = if self.for_a_command { Sent::No } else { last };
        if last == Sent::No && self.arrived_before { Sent::Maybe } else { last }
    }
}

/// Every way in which gcrec fails. One failure may end the work of many: it can be cloned.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Settings that cannot work; refused before any request.
    #[error("{0}")]
    Config(String),
    /// An action other than those of the wire; refused before any request.
    #[error("{0}")]
    InvalidAction(String),
    /// A conversation id that no path can carry; refused before any request.
    #[error("{0}")]
    InvalidId(String),
    /// The server answered, and what was looked for is not there.
    #[error("{0}")]
    NotThere(String),
    /// No whole answer came.
    #[error(transparent)]
    Transport(Box<TransportError>),
    /// The server answered with anything but success.
    #[error(transparent)]
    Api(Box<ApiError>),
    /// The server answered with success, in a form that cannot be read.
    #[error(transparent)]
    Decode(Box<DecodeError>),
    /// The limiter's line is too long for the time that is left.
    #[error(transparent)]
    Queue(Box<QueueError>),
    /// Nobody could be meant by a command.
    #[error(transparent)]
    Participant(Box<ParticipantError>),
    /// What was wanted could not be proven.
    #[error(transparent)]
    Proof(Box<ProofError>),
    /// The journal cannot do its duty.
    #[error("{0}")]
    Journal(Box<JournalFault>),
    /// A user's login did not come about, or is over.
    #[error("{0}")]
    Login(Box<LoginFault>),
    /// Live events cannot be had, though the server was there.
    #[error("{0}")]
    Events(String),
}

impl Error {
    /// Which kind of failure this is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Config(_) => ErrorKind::Config,
            Self::InvalidAction(_) => ErrorKind::InvalidAction,
            Self::InvalidId(_) => ErrorKind::InvalidId,
            Self::Transport(e) => e.kind.into(),
            Self::Api(e) => e.kind(),
            Self::Decode(_) => ErrorKind::Decode,
            Self::NotThere(_) => ErrorKind::NotFound,
            Self::Queue(_) => ErrorKind::RateLimit,
            Self::Participant(_) => ErrorKind::Participant,
            Self::Proof(e) => e.kind.kind(),
            Self::Journal(_) => ErrorKind::Journal,
            Self::Login(_) => ErrorKind::Authentication,
            Self::Events(_) => ErrorKind::Events,
        }
    }

    /// May the server have acted?
    pub fn sent(&self) -> Sent {
        match self {
            Self::Config(_)
            | Self::InvalidAction(_)
            | Self::InvalidId(_)
            | Self::NotThere(_)
            | Self::Events(_)
            | Self::Login(_) => Sent::No,
            Self::Queue(e) => e.call.sent(Sent::No),
            Self::Transport(e) => e.sent(),
            Self::Api(e) => e.sent(),
            Self::Decode(e) => e.call.sent(Sent::Yes),
            Self::Participant(e) => e.sent(),
            Self::Proof(e) => e.sent(),
            Self::Journal(fault) => fault.sent,
        }
    }

    /// Could the same call succeed if it were made again, with nothing changed?
    pub fn retryable(&self) -> bool {
        match self {
            Self::Config(_)
            | Self::InvalidAction(_)
            | Self::InvalidId(_)
            | Self::NotThere(_)
            | Self::Decode(_)
            | Self::Participant(_)
            | Self::Journal(_)
            | Self::Events(_)
            | Self::Login(_) => false,
            Self::Queue(_) => true,
            Self::Proof(e) => e.kind == ProofKind::NotProven,
            Self::Transport(e) => e.kind != TransportKind::Tls,
            Self::Api(e) => e.retryable(),
        }
    }

    /// The status code of the answer, if there was one.
    pub fn status_code(&self) -> Option<u16> {
        match self {
            Self::Api(e) => Some(e.status.as_u16()),
            Self::Decode(e) => Some(e.status_code),
            _ => None,
        }
    }

    /// The server's code for what is wrong, if it had one.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Api(e) => e.problem.code.as_deref(),
            Self::Login(fault) => Some(fault.code()),
            _ => None,
        }
    }

    /// The server's id for the exchange, if there was an answer.
    pub fn correlation_id(&self) -> Option<&str> {
        match self {
            Self::Api(e) => e.problem.correlation_id.as_deref(),
            Self::Decode(e) => e.correlation_id.as_deref(),
            _ => None,
        }
    }

    /// The same failure, of a look that was taken for a command: that certainly was not sent.
    #[must_use]
    pub fn before_its_command(mut self) -> Self {
        if let Some(call) = self.call_mut() {
            call.arrived_before = false;
            call.for_a_command = true;
        }
        self
    }

    /// The same failure, as the end of a wish that had sent a command before: of the request it may be true that nothing
    /// was sent, of the wish it is not.
    #[must_use]
    pub fn after_a_command(mut self) -> Self {
        if let Some(call) = self.call_mut() {
            call.arrived_before = true;
        }
        match &mut self {
            Self::Proof(error) => error.maybe_sent = true,
            Self::Participant(error) => error.maybe_sent = true,
            Self::Journal(fault) if fault.sent == Sent::No => fault.sent = Sent::Maybe,
            _ => {}
        }
        self
    }

    fn call_mut(&mut self) -> Option<&mut Call> {
        match self {
            Self::Transport(e) => Some(&mut e.call),
            Self::Api(e) => Some(&mut e.call),
            Self::Decode(e) => Some(&mut e.call),
            Self::Queue(e) => Some(&mut e.call),
            _ => None,
        }
    }

    /// How many requests were sent, repeats included.
    pub fn attempts(&self) -> u32 {
        match self {
            Self::Transport(e) => e.call.attempts,
            Self::Api(e) => e.call.attempts,
            Self::Decode(e) => e.call.attempts,
            Self::Queue(e) => e.call.attempts,
            _ => 0,
        }
    }

    /// What to do next; empty where the message already says it.
    pub fn hint(&self) -> String {
        match self {
            Self::Config(_) | Self::InvalidAction(_) | Self::InvalidId(_) | Self::NotThere(_) => String::new(),
            Self::Queue(e) => e.hint().to_owned(),
            Self::Participant(e) => e.hint().to_owned(),
            Self::Proof(e) => e.hint(),
            Self::Journal(fault) => fault.hint.clone(),
            Self::Login(fault) => fault.hint().to_owned(),
            Self::Events(_) => {
                "Check the ids, and add the permissions to the role of the OAuth client (or of the user). Reading and \
                 paused() need no events."
                    .into()
            }
            Self::Transport(e) => e.hint(),
            Self::Api(e) => e.hint(),
            Self::Decode(e) => e.hint().to_owned(),
        }
    }
}

/// What is wrong with the journal.
#[derive(Clone, Debug)]
pub struct JournalFault {
    /// What happened.
    pub message: String,
    /// What to do next.
    pub hint: String,
    /// May a command have been sent all the same?
    pub sent: Sent,
}

impl std::fmt::Display for JournalFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}
