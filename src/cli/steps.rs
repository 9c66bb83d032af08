//! The eight steps as they are shown, to people or to machines.

use serde_json::{Value, json};

use super::console::{Console, Tone};
use super::{error_report, exit};
use crate::api::workflow::{Ending, Report, Step};
use crate::error::Error;

/// Shows the steps as they are done and how it all ended.
pub(super) struct Steps<'a> {
    console: &'a mut Console,
    /// For machines: one JSON document at the end, and nothing before.
    json: bool,
    done: Vec<Report>,
}

/// However it ends, by an error or by Ctrl-C: a recording that was started and not stopped is told.
impl Drop for Steps<'_> {
    fn drop(&mut self) {
        let did = |step| self.done.iter().any(|report| report.step == step);
        if did(Step::Start) && !did(Step::AwaitStop) {
            self.console.note("note: the recording was started, and its stop was not observed: it may go on.");
        }
    }
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
            let Report { step, detail, elapsed } = &report;
            let time = self.console.tinted(Tone::Quiet, &format!("{:>7.1} ms", elapsed.as_secs_f64() * 1e3));
            let line = format!("{}/{}  {:<35} {time}  {detail}", step.number(), Step::ALL.len(), step.title());
            self.console.data(&line);
        }
        self.done.push(report);
    }

    /// It is over; gives the exit code.
    pub(super) fn finish(self, outcome: &Result<Ending, Error>) -> u8 {
        let code = match outcome {
            Ok(ending) => exit::of_ending(ending),
            Err(error) => exit::of_error(error),
        };
        if self.json {
            self.console.data(&document(&self.done, outcome, code).to_string());
        } else if let Ok(ending) = outcome {
            let tone = if code == exit::DONE { Tone::Good } else { Tone::Bad };
            let (sentence, hint) = words(ending);
            if code == exit::DONE {
                let line = self.console.tinted(tone, &sentence);
                self.console.data(&line);
            } else {
                self.console.complain(&sentence, hint);
            }
        }
        if let Err(error) = outcome {
            error_report::tell(self.console, error);
        }
        code
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
        Ending::NotProven { conversation_id, target, last_seen } => {
            let seen = last_seen.map_or_else(|| "nothing (404)".to_owned(), |state| state.to_string());
            (
                format!("Not proven: {conversation_id} did not show as {target} in time; seen last: {seen}."),
                "The command was accepted and may still take effect: check the status before sending it again.",
            )
        }
    }
}

fn document(done: &[Report], outcome: &Result<Ending, Error>, code: u8) -> Value {
    let steps: Vec<_> = done
        .iter()
        .map(|Report { step, detail, elapsed }| {
            json!({"number": step.number(), "step": step.name(), "detail": detail, "seconds": elapsed.as_secs_f64()})
        })
        .collect();
    let (name, conversation, error) = match outcome {
        Ok(Ending::Verified { conversation_id }) => ("verified", Some(conversation_id), None),
        Ok(Ending::NoActiveCall) => ("no_active_call", None, None),
        Ok(Ending::CallEnded { conversation_id, .. }) => ("call_ended", Some(conversation_id), None),
        Ok(Ending::NotProven { conversation_id, .. }) => ("not_proven", Some(conversation_id), None),
        Err(error) => ("failed", None, Some(error_report::as_json(error))),
    };
    json!({"ok": code == exit::DONE, "outcome": name, "conversation_id": conversation, "steps": steps, "error": error})
}
