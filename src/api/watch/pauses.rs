//! The secure pauses that are on, and which of them last too long. Pure: time is handed in.
//!
//! A pause counts from the moment in which it was noticed, for no field of the published API says when it began. Before
//! an alarm is raised the call is to be read: while nobody listens a pause may have ended without a word.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use crate::model::{CallEvent, Happening, PauseAlarm, State};

/// Where a read shows no pause, and nothing told of its end, the next look is after this.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// A look that is due.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Due {
    pub(super) conversation_id: String,
    /// Which pause of the call: it may have ended when the answer comes, and another begun.
    number: u64,
}

/// What a look showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    Paused,
    /// Anything else that is known.
    NotPaused,
    /// It could not be read, or the server said a word that we do not know.
    Nothing,
}

/// All pauses that are on, as far as was told.
#[derive(Debug, Default)]
pub(super) struct Pauses {
    /// None: they may last as long as they like.
    longest: Option<Duration>,
    open: BTreeMap<String, OpenPause>,
    next: u64,
}

#[derive(Debug)]
struct OpenPause {
    number: u64,
    /// What told of it.
    event: CallEvent,
    since: Duration,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// It may go on until then.
    Until(Duration),
    /// It is being read.
    Looking,
    Raised,
}

impl Pauses {
    pub(super) fn new(longest: Option<Duration>) -> Self {
        Self { longest, ..Self::default() }
    }

    /// A change was told, at `event.at`; it is now `wall`, and `now` on the clock that never jumps.
    pub(super) fn told(&mut self, event: &CallEvent, now: Duration, wall: SystemTime) {
        match event.state {
            State::Paused => self.paused(event, now, wall),
            State::Recording | State::Held | State::Stopped => {
                self.open.remove(&event.conversation_id);
            }
            // That says nothing of the pause, unless the call is over.
            State::Unknown if event.happening == Happening::CallEnded => {
                self.open.remove(&event.conversation_id);
            }
            State::Unknown => {}
        }
    }

    fn paused(&mut self, event: &CallEvent, now: Duration, wall: SystemTime) {
        if let Some(open) = self.open.get_mut(&event.conversation_id) {
            // In one breath with the pause others may be told, such as a connection. Only the pause says whose it is.
            if event.happening == Happening::RecordingPaused && open.event.happening != Happening::RecordingPaused {
                open.event = event.clone();
            }
            return;
        }
        // Whoever takes the events may be slow.
        let since = now.saturating_sub(wall.duration_since(event.at).unwrap_or_default());
        let stage = match self.longest {
            Some(longest) => Stage::Until(since + longest),
            None => Stage::Raised,
        };
        self.next += 1;
        let open = OpenPause { number: self.next, event: event.clone(), since, stage };
        self.open.insert(event.conversation_id.clone(), open);
    }

    /// When the next look is due.
    pub(super) fn due(&self) -> Option<Duration> {
        let until = |open: &OpenPause| match open.stage {
            Stage::Until(at) => Some(at),
            Stage::Looking | Stage::Raised => None,
        };
        self.open.values().filter_map(until).min()
    }

    /// The looks that are due now. Each is given once.
    pub(super) fn take_due(&mut self, now: Duration) -> Vec<Due> {
        let mut all = Vec::new();
        for (id, open) in &mut self.open {
            if matches!(open.stage, Stage::Until(at) if at <= now) {
                open.stage = Stage::Looking;
                all.push(Due { conversation_id: id.clone(), number: open.number });
            }
        }
        all
    }

    /// What a look showed. Gives the alarm, if there is reason for one.
    pub(super) fn looked(&mut self, due: &Due, shown: Shown, now: Duration, wall: SystemTime) -> Option<PauseAlarm> {
        let open = self.open.get_mut(&due.conversation_id).filter(|open| open.number == due.number)?;
        if shown == Shown::NotPaused {
            // Its end is told soon. If it is not, the read was too old, or the pause is back.
            open.stage = Stage::Until(now + LOOK_AGAIN);
            return None;
        }
        open.stage = Stage::Raised;
        let CallEvent { participant_id, user_id, queue_id, at, seen_by, .. } = open.event.clone();
        Some(PauseAlarm {
            conversation_id: due.conversation_id.clone(),
            participant_id,
            user_id,
            queue_id,
            paused_at: at,
            seen_by,
            lasted: now.saturating_sub(open.since),
            at: wall,
            confirmed: shown == Shown::Paused,
        })
    }
}

#[cfg(test)]
#[path = "pauses_tests.rs"]
mod tests;
