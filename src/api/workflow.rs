//! The tutorial's complete working example: eight steps, each change proven by observation instead of a fixed sleep.

use std::time::Duration;

use super::subject::Subject;
use crate::auth::ClientCredentials;
use crate::client::{Client, Session};
use crate::config::CallOptions;
use crate::error::{Error, ErrorKind, ProofError, ProofKind};
use crate::limit::Priority;
use crate::model::{Action, ConversationId, Document, Reading, State};
use crate::retry;

/// The first look after a command comes this soon; each further pause is longer by `GROWTH`, up to `LONGEST_PAUSE`.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const GROWTH: f64 = 1.3;
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
/// However little patience is left, a look has this long to be answered.
const SHORTEST_LOOK: Duration = Duration::from_secs(1);
/// A change must show within this time.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// The steps, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Get a token.
    Authenticate,
    /// Find an active voice conversation.
    FindCall,
    /// Send the start command.
    Start,
    /// Wait until the recording shows.
    AwaitStart,
    /// Read the status.
    CheckStatus,
    /// Send the stop command.
    Stop,
    /// Wait until the recording has ended.
    AwaitStop,
    /// Read the final status.
    FinalStatus,
}

impl Step {
    /// All steps, in order.
    pub const ALL: [Self; 8] = [
        Self::Authenticate,
        Self::FindCall,
        Self::Start,
        Self::AwaitStart,
        Self::CheckStatus,
        Self::Stop,
        Self::AwaitStop,
        Self::FinalStatus,
    ];

    /// Its number, from 1.
    pub fn number(self) -> usize {
        self as usize + 1
    }

    /// What it does, for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Authenticate => "Authenticate",
            Self::FindCall => "Find an active voice conversation",
            Self::Start => "Start the recording",
            Self::AwaitStart => "Wait until it records",
            Self::CheckStatus => "Check the status",
            Self::Stop => "Stop the recording",
            Self::AwaitStop => "Wait until it has stopped",
            Self::FinalStatus => "Final status",
        }
    }

    /// Its name, for machines.
    pub fn name(self) -> &'static str {
        match self {
            Self::Authenticate => "authenticate",
            Self::FindCall => "find_call",
            Self::Start => "start",
            Self::AwaitStart => "await_start",
            Self::CheckStatus => "check_status",
            Self::Stop => "stop",
            Self::AwaitStop => "await_stop",
            Self::FinalStatus => "final_status",
        }
    }
}

/// A step that is done, told as soon as it is.
#[derive(Clone, Debug)]
pub struct Report {
    /// Which step.
    pub step: Step,
    /// What came of it, in a sentence without secrets.
    pub detail: String,
    /// How long it took.
    pub elapsed: Duration,
    /// The conversation, once it is known.
    pub conversation_id: Option<String>,
    /// Did the server accept a command in this step?
    pub accepted: bool,
}

/// How the workflow ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Start and stop were both observed.
    Verified {
        /// Of which conversation.
        conversation_id: String,
    },
    /// There was no call to act on.
    NoActiveCall,
    /// The call ended meanwhile; if it was to stop, that stopped it.
    CallEnded {
        /// Which conversation.
        conversation_id: String,
        /// What was waited for.
        target: State,
    },
    /// A change did not show in time.
    NotProven {
        /// Of which conversation.
        conversation_id: String,
        /// What was waited for.
        target: State,
        /// What was seen last; None where the server answered 404, or not at all.
        last_seen: Option<State>,
        /// Was the command accepted (or not needed), and not refused as one that would change nothing?
        accepted: bool,
    },
}

/// Runs the eight steps; `tell` hears of each as it is done. A named conversation is used as it is, without step 2's search.
pub async fn run(
    client: &Client,
    credentials: &ClientCredentials,
    conversation: Option<ConversationId>,
    options: CallOptions,
    mut tell: impl FnMut(Report) + Send,
) -> Result<Ending, Error> {
    let mut began = client.clock().now();
    let mut done = |step, detail: String, conversation_id: Option<&ConversationId>, accepted| {
        let now = client.clock().now();
        let conversation_id = conversation_id.map(|id| id.as_str().to_owned());
        tell(Report { step, detail, elapsed: now.saturating_sub(began), conversation_id, accepted });
        began = now;
    };

    let grant = client.token(credentials, options).await?;
    done(Step::Authenticate, lifetime(grant.expires_in), None, false);
    let session = client.session(grant.token, options);

    let named = conversation.is_some();
    let Some(id) = find(&session, conversation).await? else { return Ok(Ending::NoActiveCall) };
    // A server's id is somebody else's text on this terminal.
    let found = format!("conversation {}{}", id.as_str().escape_debug(), if named { ", as named" } else { "" });
    done(Step::FindCall, found, Some(&id), false);

    let conversation_id = id.as_str().to_owned();
    for (action, send, wait, look, target) in [
        (Action::Start, Step::Start, Step::AwaitStart, Step::CheckStatus, State::Recording),
        (Action::Stop, Step::Stop, Step::AwaitStop, Step::FinalStatus, State::Stopped),
    ] {
        let sent = command(&session, &id, action, target).await?;
        let accepted = !matches!(sent, Sent::Refused);
        done(send, sent.words(action, target), Some(&id), matches!(sent, Sent::Accepted));
        let Observation { seen, polls, elapsed } = observe(&session, &id, target).await?;
        match seen {
            Seen::State(state) if state == target => {}
            Seen::CallEnded => {
                done(wait, "the call is no longer active".into(), Some(&id), false);
                return Ok(Ending::CallEnded { conversation_id, target });
            }
            Seen::State(state) => {
                return Ok(Ending::NotProven { conversation_id, target, last_seen: Some(state), accepted });
            }
            Seen::Nothing => return Ok(Ending::NotProven { conversation_id, target, last_seen: None, accepted }),
        }
        let shown = format!("{target}, seen {:.2} s after the command ({polls} looks)", elapsed.as_secs_f64());
        done(wait, shown, Some(&id), false);
        let newest = session.newest_recording(&id).await?;
        done(look, describe(newest.as_ref()), Some(&id), false);
    }
    Ok(Ending::Verified { conversation_id })
}

/// What came of a command.
enum Sent {
    /// Nothing was sent: what it is for holds already.
    NotNeeded,
    Accepted,
    /// 409.
    Refused,
}

impl Sent {
    fn words(&self, action: Action, target: State) -> String {
        match self {
            Self::NotNeeded => format!("skipped: it is {target} already"),
            Self::Accepted => format!("{action} accepted; not yet proven"),
            Self::Refused => format!("the server says that {action} would change nothing"),
        }
    }
}

/// Sends the command, unless what it is for holds already. A 409 is no failure here: what holds is observed next.
async fn command(session: &Session, id: &ConversationId, action: Action, target: State) -> Result<Sent, Error> {
    match look(session, id).await? {
        Some(reading) if reading.state == target => return Ok(Sent::NotNeeded),
        Some(reading) => refuse_what_is_others(&reading, id, target)?,
        None => {}
    }
    match session.control(id, action).await {
        Ok(_) => Ok(Sent::Accepted),
        Err(error) if error.kind() == ErrorKind::RecordingConflict => Ok(Sent::Refused),
        Err(error) => Err(error),
    }
}

async fn find(session: &Session, named: Option<ConversationId>) -> Result<Option<ConversationId>, Error> {
    if named.is_some() {
        return Ok(named);
    }
    session.active_voice_call_id().await?.map(|id| id.parse()).transpose()
}

/// A secure pause is not ours to end (somebody may be hearing a card number), and a policy's recording cannot be ended.
fn refuse_what_is_others(reading: &Reading, id: &ConversationId, target: State) -> Result<(), Error> {
    let kind = match reading.state {
        _ if reading.active.is_none() => return Ok(()), // the tutorial's wire, which knows neither
        State::Paused => ProofKind::AlreadyPaused,
        _ if target == State::Stopped && reading.by_policy => ProofKind::Policy,
        _ => return Ok(()),
    };
    let seen = Some(reading.state.word());
    Err(Error::Proof(Box::new(ProofError::new(kind, id.as_str(), target.word(), seen))))
}

/// What is recorded; None after a 404, which proves nothing.
async fn look(session: &Session, id: &ConversationId) -> Result<Option<Reading>, Error> {
    let terms = session.terms(Priority::FirstRead);
    match Subject::new(session, id).look_on(&terms).await {
        Ok(seen) => Ok(Some(seen.reading)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

async fn is_gone(session: &Session, id: &ConversationId) -> Result<bool, Error> {
    match session.conversation(id).await {
        Ok(_) => Ok(false),
        Err(Error::NotThere(_)) => Ok(true),
        Err(error) => Err(error),
    }
}

struct Observation {
    seen: Seen,
    polls: u32,
    elapsed: Duration,
}

enum Seen {
    State(State),
    /// The server says so; or a 404, of a call that is not among the active ones any more.
    CallEnded,
    /// A 404 that proves nothing.
    Nothing,
}

/// Looks until `target` shows, the call ends, or patience does, with one last look then. A look that fails in a way that
/// can pass is followed by another: one bad answer is no reason to leave a recording unobserved.
async fn observe(session: &Session, id: &ConversationId, target: State) -> Result<Observation, Error> {
    let clock = session.clock();
    let began = clock.now();
    let (mut pause, mut polls, mut seen, mut existed) = (FIRST_PAUSE, 0, Seen::Nothing, false);
    loop {
        let left = PATIENCE.saturating_sub(clock.now().saturating_sub(began));
        let session = session.within(left.max(SHORTEST_LOOK));
        polls += 1;
        let mut wish = None;
        match look(&session, id).await {
            Ok(Some(Reading { active: Some(false), .. })) => seen = Seen::CallEnded,
            Ok(Some(reading)) => seen = Seen::State(reading.state),
            Ok(None) if existed && is_gone(&session, id).await? => seen = Seen::CallEnded,
            Ok(None) => seen = Seen::Nothing,
            Err(error) if error.retryable() => wish = retry::retry_after(&error),
            Err(error) => return Err(error),
        }
        existed |= matches!(seen, Seen::State(_));
        let elapsed = clock.now().saturating_sub(began);
        let over = match seen {
            Seen::State(state) => state == target,
            Seen::CallEnded => true,
            Seen::Nothing => false,
        };
        if over || left.is_zero() {
            return Ok(Observation { seen, polls, elapsed });
        }
        let next = wish.unwrap_or(pause).min(PATIENCE.saturating_sub(elapsed));
        clock.sleep_until(clock.now() + next).await;
        pause = pause.mul_f64(GROWTH).min(LONGEST_PAUSE);
    }
}

fn lifetime(expires_in: Option<Duration>) -> String {
    match expires_in {
        Some(time) => format!("token valid for {} s", time.as_secs()),
        None => "token received".into(),
    }
}

fn describe(newest: Option<&Document>) -> String {
    match newest.and_then(|recording| recording.string("status")) {
        Some(status) => format!("the server says {status:?}"),
        None => "the server shows no recording".into(),
    }
}
