//! The commands of ours that may still act on one conversation (RULES of proof, section 2). Pure: time is handed in.

use std::time::Duration;

use crate::model::{Action, State, Target};

/// A command is remembered so much longer than it is open: a look that began before it closed may yet be answered.
const LONGEST_LOOK: Duration = Duration::from_secs(60);

/// What is known of a command once its attempt has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Certainly not sent, or refused: it never acts.
    NotSent,
    /// The server took it.
    Answered,
    /// The bytes may have arrived, and no answer came.
    Unknown,
}

/// A command that was sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent {
    pub(super) serial: u32,
    pub(super) action: Action,
    /// None while its attempt goes on.
    pub(super) ended: Option<Ended>,
    /// How long its sender thinks that it may take to land.
    pub(super) settle: Duration,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Ended {
    pub(super) at: Duration,
    pub(super) answered: bool,
    /// Since when it is known to have acted: it was answered, and its effect was read while it was the only open one of
    /// its kind.
    pub(super) seen: Option<Duration>,
}

/// The commands that were sent to one conversation, as long as they may be open.
#[derive(Debug, Default)]
pub struct OpenCommands {
    /// Oldest first. Almost always none or one.
    pub(super) sent: Vec<Sent>,
    pub(super) last_serial: u32,
}

impl OpenCommands {
    /// A command is about to be sent.
    pub(super) fn sending(&mut self, action: Action, settle: Duration) -> u32 {
        self.last_serial = self.last_serial.wrapping_add(1);
        self.sent.push(Sent { serial: self.last_serial, action, ended: None, settle });
        self.last_serial
    }

    /// Its attempt ended.
    pub(super) fn ended(&mut self, serial: u32, fate: Fate, now: Duration) {
        self.forget_old(now);
        match fate {
            Fate::NotSent => self.sent.retain(|sent| sent.serial != serial),
            Fate::Answered | Fate::Unknown => {
                let ended = Ended { at: now, answered: fate == Fate::Answered, seen: None };
                if let Some(sent) = self.sent.iter_mut().find(|sent| sent.serial == serial) {
                    sent.ended = Some(ended);
                }
            }
        }
    }

    /// A process that is gone sent this; since `now` we know of it, and know no more.
    pub fn inherited(&mut self, action: Action, settle: Duration, now: Duration) {
        let serial = self.sending(action, settle);
        self.ended(serial, Fate::Unknown, now);
    }

    /// A read that began at `began` and was answered at `now` gave `state`. An answered command whose effect this is has
    /// acted, if it is the only open one of its kind; unless an earlier one that reverses it may still act: then the state
    /// may be the one from before both.
    pub fn observed(&mut self, state: State, began: Duration, now: Duration) {
        let (effects, reversed_by): (&[Action], &[Action]) = match state {
            State::Recording => (&[Action::Start, Action::Resume], Target::Recording.undone_by()),
            State::Held => (&[Action::Resume], Target::Recording.undone_by()),
            State::Paused => (&[Action::Pause], Target::Paused.undone_by()),
            State::Stopped => (&[Action::Stop], Target::Stopped.undone_by()),
            State::Unknown => (&[], &[]),
        };
        for action in effects {
            let mut of_kind = self
                .sent
                .iter()
                .enumerate()
                .filter(|(_, sent)| sent.action == *action && sent.is_open(began, sent.settle));
            let (Some((place, _)), None) = (of_kind.next(), of_kind.next()) else { continue };
            let mut before = self.sent[..place].iter().filter(|sent| reversed_by.contains(&sent.action));
            if before.any(|sent| sent.may_act(began, sent.settle)) {
                continue;
            }
            if let Some(ended) = self.sent[place].ended.as_mut().filter(|it| it.answered && it.at <= began) {
                ended.seen.get_or_insert(now);
            }
        }
    }

    /// Could a command of ours still make `target` untrue? `by` is the kind of command that brings the target about: while
    /// the last one of it is unanswered, nobody knows whether it overtook what it reverses, and an effect that was read
    /// may have been the older one's. `now` is the moment for which that is asked: when the read began that shows it.
    pub fn may_undo(&self, target: Target, by: &[Action], settle: Duration, now: Duration) -> bool {
        self.may_act(target.undone_by(), by, settle, now)
    }

    /// Could one of these still act, while `by` is what reverses them?
    pub fn may_act(&self, actions: &[Action], by: &[Action], settle: Duration, now: Duration) -> bool {
        self.any_open(actions, self.is_unsure(by, settle, now), settle, now)
    }

    /// Is a command of this kind open?
    pub fn is_open(&self, action: Action, settle: Duration, now: Duration) -> bool {
        self.any_open(&[action], false, settle, now)
    }

    /// May a command of this kind, whose fate nobody knows, still act? Another of it has to wait.
    pub fn is_unknown(&self, action: Action, settle: Duration, now: Duration) -> bool {
        let unknown = |sent: &Sent| sent.action == action && !sent.ended.is_some_and(|ended| ended.answered);
        self.sent.iter().any(|sent| unknown(sent) && sent.is_open(now, settle))
    }

    /// When the last of these closes by time, if any is open and no more under way.
    pub fn closes_at(&self, actions: &[Action], settle: Duration) -> Option<Duration> {
        let ends = |sent: &Sent| sent.ended.map(|ended| ended.at + settle.max(sent.settle));
        self.sent.iter().filter(|sent| actions.contains(&sent.action)).filter_map(ends).max()
    }

    fn is_unsure(&self, by: &[Action], settle: Duration, now: Duration) -> bool {
        let last = self.sent.iter().rev().find(|sent| by.contains(&sent.action));
        last.is_some_and(|last| last.is_open(now, settle) && !last.ended.is_some_and(|ended| ended.answered))
    }

    fn any_open(&self, actions: &[Action], seen_too: bool, settle: Duration, now: Duration) -> bool {
        let open = |sent: &Sent| if seen_too { sent.is_open(now, settle) } else { sent.may_act(now, settle) };
        self.sent.iter().any(|sent| actions.contains(&sent.action) && open(sent))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sent.is_empty()
    }

    /// Was any still open at `now`?
    pub(super) fn any_at(&self, now: Duration) -> bool {
        self.sent.iter().any(|sent| sent.is_open(now, sent.settle))
    }

    /// When the last attempt ended.
    pub(super) fn last_change(&self) -> Option<Duration> {
        self.sent.iter().filter_map(|sent| sent.ended).map(|ended| ended.at).max()
    }

    fn forget_old(&mut self, now: Duration) {
        self.sent.retain(|sent| sent.is_open(now.saturating_sub(LONGEST_LOOK), sent.settle));
    }
}

impl Sent {
    pub(super) fn is_open(&self, now: Duration, settle: Duration) -> bool {
        self.ended.is_none_or(|ended| now < ended.at + settle.max(self.settle))
    }

    /// Open, and not known by `now` to have acted.
    fn may_act(&self, now: Duration, settle: Duration) -> bool {
        let acted = self.ended.and_then(|ended| ended.seen).is_some_and(|seen| seen < now);
        !acted && self.is_open(now, settle)
    }
}

#[cfg(test)]
#[path = "open_tests.rs"]
mod tests;
