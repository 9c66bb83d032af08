//! The open commands of a conversation that nobody uses, in 16 bytes: bulk work leaves a hundred thousand of them behind.

use std::time::Duration;

use super::open::{Ended, OpenCommands, Sent};
use crate::model::Action;

/// What is kept of a conversation.
pub(super) enum Kept {
    /// One command whose attempt has ended: almost always.
    One(One),
    /// Anything else.
    Several(Box<OpenCommands>),
}

/// Times are rounded up: a command is open a moment longer, never shorter.
pub(super) struct One {
    ended_at: u64,
    settle: u32,
    action: Action,
    answered: bool,
    seen: bool,
}

impl Kept {
    pub(super) fn new(mut open: OpenCommands) -> Self {
        if let [Sent { action, ended: Some(Ended { at, answered, seen }), settle, .. }] = open.sent[..]
            && let Ok(ended_at) = u64::try_from(at.as_nanos())
            && let Ok(settle) = u32::try_from(settle.as_nanos().div_ceil(MILLISECOND))
        {
            return Self::One(One { ended_at, settle, action, answered, seen: seen.is_some() });
        }
        open.sent.shrink_to_fit();
        Self::Several(Box::new(open))
    }

    /// Was any still open at `now`?
    pub(super) fn any_at(&self, now: Duration) -> bool {
        match self {
            Self::One(one) => one.sent().is_open(now, Duration::ZERO),
            Self::Several(open) => open.any_at(now),
        }
    }

    /// As it was.
    pub(super) fn open(self) -> OpenCommands {
        match self {
            // Nobody is under way with it, so nobody knows its number.
            Self::One(one) => OpenCommands { sent: vec![one.sent()], last_serial: 0 },
            Self::Several(open) => *open,
        }
    }
}

impl One {
    fn sent(&self) -> Sent {
        let Self { action, answered, seen, .. } = *self;
        let at = Duration::from_nanos(self.ended_at);
        // When it was seen does not matter any more: whoever looks from now on asks later.
        let ended = Some(Ended { at, answered, seen: seen.then_some(at) });
        Sent { serial: 0, action, ended, settle: Duration::from_millis(self.settle.into()) }
    }
}

const MILLISECOND: u128 = 1_000_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversations::{Fate, Key};

    #[test]
    fn a_hundred_thousand_take_a_few_megabytes() {
        assert_eq!((size_of::<Kept>(), size_of::<Key>()), (16, 24));
    }

    #[test]
    fn what_is_kept_is_what_was_there_and_never_closes_earlier() {
        for fate in [Fate::Answered, Fate::Unknown] {
            let (mut open, settle) = (OpenCommands::default(), Duration::from_micros(1_500));
            let serial = open.sending(Action::Stop, settle);
            open.ended(serial, fate, Duration::from_nanos(77));
            let kept = Kept::new(open);
            assert!(matches!(kept, Kept::One(_)) && kept.any_at(settle));
            let open = kept.open();
            assert!(open.is_open(Action::Stop, Duration::ZERO, settle));
            assert_eq!(open.is_unknown(Action::Stop, Duration::ZERO, settle), fate == Fate::Unknown);
            assert!(!open.any_at(Duration::from_millis(3)));
        }
    }

    #[test]
    fn several_are_all_kept() {
        let mut open = OpenCommands::default();
        for action in [Action::Pause, Action::Resume] {
            let serial = open.sending(action, Duration::from_secs(1));
            open.ended(serial, Fate::Answered, Duration::ZERO);
        }
        let open = Kept::new(open).open();
        assert!([Action::Pause, Action::Resume].iter().all(|it| open.is_open(*it, Duration::ZERO, Duration::ZERO)));
    }
}
