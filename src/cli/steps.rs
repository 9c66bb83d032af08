//! The eight steps as they are shown, to people or to machines.

use serde_json::{Value, json};

use super::console::{Console, Tone};
use super::foreign::printable;
use super::{error_report, exit, foreign, under_way};
use crate::api::workflow::{Ending, Report, Step};
use crate::error::{Error, Sent};

/// Shows the steps as they are done and how it all ended.
pub(super) struct Steps<'a> {
    console: &'a mut Console,
    /// For machines: one JSON document at the end, and nothing before.
    json: bool,
    done: Vec<Report>,
}

impl<'a> Steps<'a> {
    pub(super) fn new(console: &'a mut Console, json: bool) -> Self {
        Self { console, json, done: Vec::new() }
    }

    /// A line before the steps.
    pub(super) fn headline(&mut self, line: &str) {
        if !self.json {
            self.console.data(line);
        }
    }

    /// A step is done.
    pub(super) fn done(&mut self, report: Report) {
        if !self.json {
            let Report { step, detail, elapsed, .. } = &report;
            let time = self.console.tinted(Tone::Quiet, &format!("{:>7.1} ms", elapsed.as_secs_f64() * 1e3));
            let detail = printable(detail); // it may hold an id that the server made
            let line = format!("{}/{}  {:<35} {time}  {detail}", step.number(), Step::ALL.len(), step.title());
            self.console.data(&line);
        }
        self.done.push(report);
        // Ctrl-C may come while the start is on its way.
        under_way::set(self.left_behind(self.is_at_start()));
    }

    /// It is over; gives the exit code.
    pub(super) fn finish(self, outcome: &Result<Ending, Error>) -> u8 {
        under_way::set(None);
        let code = match outcome {
            Ok(ending) => exit::of_ending(ending),
            Err(error) => exit::of_error(error),
        };
        if self.json {
            self.console.data(&foreign::json(&self.document(outcome, code)));
        } else if let Ok(ending) = outcome {
            let tone = if code == exit::DONE { Tone::Good } else { Tone::Bad };
            let (sentence, hint) = words(ending);
            if code == exit::DONE {
                let line = self.console.tinted(tone, &printable(&sentence));
                self.console.data(&line);
            } else {
                self.console.complain(&sentence, hint);
            }
        }
        if let Err(error) = outcome {
            error_report::tell(self.console, error);
        }
        // The start may have arrived, though no answer came.
        let doubtful = self.is_at_start() && outcome.as_ref().is_err_and(|error| error.sent() != Sent::No);
        if let Some(note) = self.left_behind(doubtful) {
            self.console.note(&note);
        }
        code
    }
}

impl Steps<'_> {
    /// Is the start the next step?
    fn is_at_start(&self) -> bool {
        self.done.last().is_some_and(|report| report.step == Step::FindCall)
    }

    /// A recording that was started, or may have been, and was not stopped is told, however it ends.
    fn left_behind(&self, doubtful: bool) -> Option<String> {
        let started = doubtful || self.done.iter().any(|report| report.step == Step::Start && report.accepted);
        let stopped = self.done.iter().any(|report| report.step == Step::AwaitStop);
        let of = self.conversation().map(|id| format!(" of {}", printable(id))).unwrap_or_default();
        (started && !stopped)
            .then(|| format!("note: the recording{of} was started, and its stop was not observed: it may go on."))
    }

    fn conversation(&self) -> Option<&str> {
        self.done.iter().rev().find_map(|report| report.conversation_id.as_deref())
    }

    fn document(&self, outcome: &Result<Ending, Error>, code: u8) -> Value {
        let steps: Vec<_> = self
            .done
            .iter()
            .map(|Report { step, detail, elapsed, .. }| {
                json!({"number": step.number(), "step": step.name(), "detail": detail, "seconds": elapsed.as_secs_f64()})
            })
            .collect();
        let (name, error) = match outcome {
            Ok(Ending::Verified { .. }) => ("verified", None),
            Ok(Ending::NoActiveCall) => ("no_active_call", None),
            Ok(Ending::CallEnded { .. }) => ("call_ended", None),
            Ok(Ending::NotProven { .. }) => ("not_proven", None),
            Err(error) => ("failed", Some(error_report::as_json(error))),
        };
        let failed_step = Step::ALL.get(self.done.len()).filter(|_| code != exit::DONE).map(|step| step.name());
        json!({"ok": code == exit::DONE, "outcome": name, "conversation_id": self.conversation(), "steps": steps,
            "failed_step": failed_step, "error": error})
    }
}

fn words(ending: &Ending) -> (String, &'static str) {
    match ending {
        Ending::Verified { conversation_id } => {
            (format!("Done: the recording of {conversation_id} was started and stopped, and both were observed."), "")
        }
        Ending::NoActiveCall => (
            "There is no active voice call.".into(),
            "Place a test call and try again, or name a conversation with --conversation ID.",
        ),
        Ending::CallEnded { conversation_id, target } => (
            format!("The call {conversation_id} ended while waiting for it to be {target}."),
            "Try again with a call that stays active.",
        ),
        Ending::NotProven { conversation_id, target, last_seen, accepted } => {
            let seen = last_seen.map_or_else(|| "nothing".to_owned(), |state| state.to_string());
            let hint = if *accepted {
                "The command may still take effect: check the status before sending it again."
            } else {
                "The server refused the command as one that would change nothing: look at the call."
            };
            (format!("Not proven: {conversation_id} did not show as {target} in time; seen last: {seen}."), hint)
        }
    }
}
