//! A wish that did not come true, or cannot be shown to have.

use std::fmt;
use std::time::{Duration, SystemTime};

use super::{Error, ErrorKind, Sent};

/// What stands in the way of the proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofKind {
    /// It did not show in time, or what shows proves nothing.
    NotProven,
    /// A secure pause is on, and nobody allowed to end it.
    AlreadyPaused,
    /// There is no recording to pause.
    NotRecording,
    /// The recording was made by a policy, which no command ends.
    Policy,
    /// The call ended first.
    ConversationEnded,
    /// The call was recorded during the block.
    PauseBroken,
    /// The block lasted longer than its `max_seconds`.
    PauseTooLong,
    /// The call may still be paused.
    ResumeNotProven,
}

impl ProofKind {
    pub(super) fn kind(self) -> ErrorKind {
        match self {
            Self::NotProven => ErrorKind::NotProven,
            Self::AlreadyPaused => ErrorKind::AlreadyPaused,
            Self::NotRecording => ErrorKind::NotRecording,
            Self::Policy => ErrorKind::PolicyRecording,
            Self::ConversationEnded => ErrorKind::ConversationEnded,
            Self::PauseBroken => ErrorKind::PauseBroken,
            Self::PauseTooLong => ErrorKind::PauseTooLong,
            Self::ResumeNotProven => ErrorKind::ResumeNotProven,
        }
    }
}

/// A time in which the call was recorded although it should not have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// The recording was seen.
    pub from: SystemTime,
    /// The pause was seen again; None if it was not.
    pub until: Option<SystemTime>,
}

/// What was wanted, and what was seen instead.
#[derive(Clone, Debug)]
pub struct ProofError {
    /// What stands in the way.
    pub kind: ProofKind,
    /// Of which conversation.
    pub conversation_id: String,
    /// What was wanted.
    pub target: &'static str,
    /// What was seen last; None if no answer could be had.
    pub last_seen: Option<&'static str>,
    /// Commands that were sent for it.
    pub commands_sent: u32,
    /// May a command of ours still act, or have acted unseen?
    pub maybe_sent: bool,
    /// How long it was tried.
    pub waited: Duration,
    /// The times in which the call was recorded during a block.
    pub broken: Vec<Interval>,
    /// The failure that kept us from knowing more.
    pub cause: Option<Error>,
}

impl ProofError {
    /// An error of which nothing more is known than this.
    pub fn new(kind: ProofKind, conversation_id: &str, target: &'static str, last_seen: Option<&'static str>) -> Self {
        Self {
            kind,
            conversation_id: conversation_id.to_owned(),
            target,
            last_seen,
            commands_sent: 0,
            maybe_sent: false,
            waited: Duration::ZERO,
            broken: Vec::new(),
            cause: None,
        }
    }

    pub(super) fn sent(&self) -> Sent {
        if self.maybe_sent { Sent::Maybe } else { Sent::No }
    }

    pub(super) fn hint(&self) -> String {
        match (&self.kind, &self.cause) {
            // What kept us from looking is what has to be mended.
            (ProofKind::NotProven, Some(cause)) if !self.maybe_sent => cause.hint(),
            _ => self.words().to_owned(),
        }
    }

    fn words(&self) -> &'static str {
        match self.kind {
            ProofKind::NotProven if self.maybe_sent => {
                "A command was sent and may still act: look at the status before you rely on either."
            }
            ProofKind::NotProven => "Nothing was changed.",
            ProofKind::AlreadyPaused => {
                "Somebody may be hearing a card number. Resume the call first, or pass resume_paused=True to end the \
                 pause."
            }
            ProofKind::NotRecording => "Only what is recorded can be paused or resumed: start the recording first.",
            ProofKind::Policy => {
                "No command ends it; a secure pause (paused()) keeps what must not be recorded out of it."
            }
            ProofKind::ConversationEnded => "There is nothing left to record or to pause.",
            ProofKind::PauseBroken => {
                "Have these parts of the recording looked at: they may hold what the pause was for."
            }
            ProofKind::PauseTooLong => "The recording was resumed while the block still ran.",
            ProofKind::ResumeNotProven => {
                "The call may still be paused: resume it by hand, or run `gcrec recover` if there is a journal."
            }
        }
    }
}

impl fmt::Display for ProofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { conversation_id: id, target, waited, commands_sent, .. } = self;
        let id = id.escape_debug();
        let seen = self.last_seen.unwrap_or("nothing");
        match self.kind {
            ProofKind::ResumeNotProven if waited.is_zero() => {
                write!(f, "Conversation {id} may still be paused: the proof of its resume was abandoned")?;
            }
            ProofKind::NotProven | ProofKind::ResumeNotProven => {
                let seconds = waited.as_secs_f64();
                write!(
                    f,
                    "Conversation {id} was not proven {target} in {seconds:.1} s, with {commands_sent} commands sent: \
                     {seen} was seen last"
                )?;
            }
            ProofKind::AlreadyPaused => write!(f, "Conversation {id} is securely paused, and was to be {target}")?,
            ProofKind::NotRecording => write!(f, "Conversation {id} is not recorded, and was to be {target}")?,
            ProofKind::Policy => write!(f, "Conversation {id} is recorded by a policy, and was to be {target}")?,
            ProofKind::ConversationEnded => write!(f, "Conversation {id} ended before it was {target}")?,
            ProofKind::PauseBroken => {
                write!(f, "Conversation {id} was recorded {} times during its secure pause", self.broken.len())?;
            }
            ProofKind::PauseTooLong => {
                write!(f, "The secure pause of conversation {id} was ended after its max_seconds, before its block")?;
            }
        }
        if let Some(cause) = &self.cause {
            write!(f, " ({})", cause.to_string().trim_end_matches('.'))?;
        }
        f.write_str(".")
    }
}

impl std::error::Error for ProofError {}
