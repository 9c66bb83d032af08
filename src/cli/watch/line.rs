//! What is told of one thing that happened, as a line for people or for programs.

use serde::Serialize;

use crate::api::Outcome;
use crate::api::watch::Told;
use crate::cli::console::{Console, Tone};
use crate::cli::documents::OutcomeDocument;
use crate::cli::foreign::{brief, json, printable};
use crate::error::Error;
use crate::model::moment::utc;
use crate::model::{CallEvent, Event, Gap, PauseAlarm, SeenBy, State};

/// As Python's `to_dict()` has it.
#[derive(Serialize)]
#[serde(untagged)]
enum Document<'a> {
    Call {
        event: &'static str,
        conversation_id: &'a str,
        participant_id: Option<&'a str>,
        user_id: Option<&'a str>,
        queue_id: Option<&'a str>,
        at: String,
        state: &'static str,
        before: Option<&'static str>,
        seen_by: &'static str,
    },
    Gap {
        event: &'static str,
        conversation_id: Option<&'a str>,
        at: String,
        since: String,
        until: String,
        reason: &'static str,
    },
    Alarm {
        event: &'static str,
        conversation_id: &'a str,
        participant_id: Option<&'a str>,
        user_id: Option<&'a str>,
        queue_id: Option<&'a str>,
        at: String,
        state: &'static str,
        seen_by: &'static str,
        paused_at: String,
        lasted: f64,
        confirmed: bool,
    },
    Resume {
        event: &'static str,
        at: String,
        #[serde(flatten)]
        outcome: Box<OutcomeDocument<'a>>,
    },
}

/// For programs.
pub(super) fn for_programs(told: &Told) -> String {
    json(&match told {
        Told::Event(Event::Call(call)) => Document::Call {
            event: call.happening.name(),
            conversation_id: &call.conversation_id,
            participant_id: call.participant_id.as_deref(),
            user_id: call.user_id.as_deref(),
            queue_id: call.queue_id.as_deref(),
            at: utc(call.at),
            state: call.state.word(),
            before: call.before.map(State::word),
            seen_by: call.seen_by.word(),
        },
        Told::Event(Event::Gap(gap)) => Document::Gap {
            event: "EventsGap",
            conversation_id: gap.conversation_id.as_deref(),
            at: utc(gap.until),
            since: utc(gap.since),
            until: utc(gap.until),
            reason: gap.reason.word(),
        },
        Told::Event(Event::Alarm(alarm)) => Document::Alarm {
            event: "PauseAlarm",
            conversation_id: &alarm.conversation_id,
            participant_id: alarm.participant_id.as_deref(),
            user_id: alarm.user_id.as_deref(),
            queue_id: alarm.queue_id.as_deref(),
            at: utc(alarm.at),
            state: State::Paused.word(),
            seen_by: alarm.seen_by.word(),
            paused_at: utc(alarm.paused_at),
            lasted: alarm.lasted.as_secs_f64(),
            confirmed: alarm.confirmed,
        },
        Told::Resume { outcome, at } => {
            Document::Resume { event: "Resume", at: utc(*at), outcome: Box::new(outcome.into()) }
        }
    })
}

/// For people.
pub(super) fn for_people(told: &Told, console: &Console) -> String {
    match told {
        Told::Event(Event::Call(call)) => {
            line(&utc(call.at), call.happening.name(), Some(&call.conversation_id), &of_call(call))
        }
        Told::Event(Event::Gap(gap)) => console
            .tinted(Tone::Quiet, &line(&utc(gap.until), "EventsGap", gap.conversation_id.as_deref(), &of_gap(gap))),
        Told::Event(Event::Alarm(alarm)) => console
            .tinted(Tone::Bad, &line(&utc(alarm.at), "PauseAlarm", Some(&alarm.conversation_id), &of_alarm(alarm))),
        Told::Resume { outcome, at } => {
            let tone = if outcome.kind.is_done() { Tone::Good } else { Tone::Bad };
            console.tinted(tone, &line(&utc(*at), "Resume", Some(&outcome.conversation_id), &of_resume(outcome)))
        }
    }
}

fn line(at: &str, name: &str, conversation: Option<&str>, words: &str) -> String {
    // All that is told of whatever may hold words of others.
    let (id, words) = (printable(conversation.unwrap_or("-")), printable(words));
    format!("{at}  {name:<16}  {id:<36}  {words}")
}

fn of_call(call: &CallEvent) -> String {
    let state = call.state.word();
    let change = match call.before {
        Some(before) if before != call.state => format!("{before} -> {state}"),
        _ => state.to_owned(),
    };
    let read = if call.seen_by == SeenBy::Read { " (found by a read)" } else { "" };
    format!("{change}{read}{}", of_whom(call.user_id.as_deref(), call.queue_id.as_deref()))
}

fn of_gap(gap: &Gap) -> String {
    let length = gap.until.duration_since(gap.since).unwrap_or_default().as_secs_f64();
    format!("{}: nothing was heard for {length:.1} s, since {}", gap.reason.word(), utc(gap.since))
}

fn of_alarm(alarm: &PauseAlarm) -> String {
    let read = if alarm.seen_by == SeenBy::Read { " at the latest (found by a read)" } else { "" };
    let doubt = if alarm.confirmed { "" } else { "; it cannot be read now" };
    let whom = of_whom(alarm.user_id.as_deref(), alarm.queue_id.as_deref());
    format!("paused for {:.1} s, since {}{read}{doubt}{whom}", alarm.lasted.as_secs_f64(), utc(alarm.paused_at))
}

fn of_resume(outcome: &Outcome) -> String {
    let why = outcome.error.as_ref().map(Error::to_string).unwrap_or_default();
    match &outcome.proof {
        Some(proof) => format!("{}: {}, commands sent: {}", outcome.kind, proof.state, proof.commands_sent),
        None => format!("{}: {}", outcome.kind, brief(&why)),
    }
}

fn of_whom(user: Option<&str>, queue: Option<&str>) -> String {
    let one = |name: &str, id: Option<&str>| id.map(|id| format!("  {name} {id}")).unwrap_or_default();
    format!("{}{}", one("user", user), one("queue", queue))
}
