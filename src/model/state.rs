//! What is being recorded now: the verdict.

use std::fmt;

/// The recording state of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Something is being recorded.
    Recording,
    /// A secure pause is on.
    Paused,
    /// Nothing is recorded.
    Stopped,
    /// The server said a word that we do not know; proves nothing.
    Unknown,
}

impl State {
    /// The verdict over the statuses of all items of the tutorial's status endpoint, the newest and the older ones.
    pub fn of_statuses<'a>(statuses: impl IntoIterator<Item = Option<&'a str>>) -> Self {
        let mut verdict = Self::Stopped;
        for status in statuses {
            match status {
                Some("recording") => return Self::Recording,
                Some("paused") if verdict == Self::Stopped => verdict = Self::Paused,
                Some("paused" | "ended") => {}
                _ => verdict = Self::Unknown,
            }
        }
        verdict
    }

    /// The state in one word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Recording => "recording",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_counts_in_the_order_of_the_rules() {
        let verdict = |words: &[&'static str]| State::of_statuses(words.iter().map(|w| Some(*w)));
        assert_eq!(verdict(&[]), State::Stopped);
        assert_eq!(verdict(&["ended", "ended"]), State::Stopped);
        assert_eq!(verdict(&["ended", "paused"]), State::Paused);
        assert_eq!(verdict(&["paused", "warming"]), State::Unknown);
        assert_eq!(verdict(&["warming", "paused"]), State::Unknown);
        assert_eq!(verdict(&["paused", "warming", "recording"]), State::Recording);
        assert_eq!(State::of_statuses([None]), State::Unknown);
    }
}
