//! What a watch has told so far, and the exit code of that.

use std::collections::BTreeSet;

use crate::api::watch::Told;
use crate::cli::exit;
use crate::error::{Error, ErrorKind};
use crate::model::Event;

/// The sums.
#[derive(Debug, Default)]
pub(super) struct Tally {
    changes: u64,
    gaps: u64,
    alarms: u64,
    resumed: u64,
    /// Alarms are acted upon.
    resumes: bool,
    /// Conversations whose resume is under way.
    pub(super) under_way: BTreeSet<String>,
    /// The code of the first resume that failed.
    failed: Option<u8>,
}

impl Tally {
    pub(super) fn new(resumes: bool) -> Self {
        Self { resumes, ..Self::default() }
    }

    pub(super) fn add(&mut self, told: &Told) {
        match told {
            Told::Event(Event::Call(_)) => self.changes += 1,
            Told::Event(Event::Gap(_)) => self.gaps += 1,
            Told::Event(Event::Alarm(alarm)) => {
                self.alarms += 1;
                if self.resumes {
                    self.under_way.insert(alarm.conversation_id.clone());
                }
            }
            Told::Resume { outcome, .. } => {
                self.under_way.remove(&outcome.conversation_id);
                match &outcome.error {
                    None => self.resumed += 1,
                    Some(error) if is_over(error) => {}
                    Some(error) => {
                        self.failed.get_or_insert(exit::of_error(error));
                    }
                }
            }
        }
    }

    /// 1 if a pause lasted too long. Where such pauses are resumed: 0 if all were, 4 if that could not be proven.
    pub(super) fn exit_code(&self) -> u8 {
        match self.failed {
            Some(code) => code,
            None if !self.under_way.is_empty() => exit::NOT_PROVEN,
            None if self.alarms > 0 && !self.resumes => exit::FAILED,
            None => exit::DONE,
        }
    }

    /// In a sentence.
    pub(super) fn sentence(&self) -> String {
        let of = |count: u64, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
        let resumed = if self.resumes { format!(", {} resumed", self.resumed) } else { String::new() };
        let (changes, gaps, alarms) = (of(self.changes, "change"), of(self.gaps, "gap"), of(self.alarms, "alarm"));
        format!("{changes}, {gaps}, {alarms}{resumed}.")
    }
}

/// Is there no pause any more, and nothing left to do?
fn is_over(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::ConversationEnded | ErrorKind::NotRecording)
}
