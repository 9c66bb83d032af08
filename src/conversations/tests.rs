//! What a process knows of its own commands, and for how long.

use std::sync::Arc;

use futures_util::FutureExt;

use super::*;
use crate::clock::{ManualClock, SharedClock};
use crate::model::Target;

const SETTLE: Duration = Duration::from_secs(10);

fn id(text: &str) -> ConversationId {
    text.parse().unwrap()
}

#[test]
fn an_open_command_is_remembered_after_everybody_left_and_forgotten_once_it_is_closed() {
    let manual = Arc::new(ManualClock::new(0));
    let clock: SharedClock = manual.clone();
    let all = Conversations::default();
    let undone =
        |all: &Conversations| all.get("a", &id("x")).open().may_undo(Target::Recording, &[], SETTLE, clock.now());
    {
        let conversation = all.get("a", &id("x"));
        conversation.sending(Action::Stop, SETTLE, &clock).ended(Fate::Unknown);
    }
    assert!(undone(&all));
    assert!(!all.get("b", &id("x")).open().may_undo(Target::Recording, &[], SETTLE, clock.now()));
    manual.advance(SETTLE);
    assert!(!undone(&all));
}

#[test]
fn a_command_that_is_dropped_on_its_way_has_an_unknown_fate() {
    let clock: SharedClock = Arc::new(ManualClock::new(0));
    let all = Conversations::default();
    let conversation = all.get("a", &id("x"));
    drop(conversation.sending(Action::Pause, SETTLE, &clock));
    assert!(conversation.open().is_unknown(Action::Pause, SETTLE, clock.now()));
}

#[test]
fn one_command_at_a_time_is_under_way_whatever_the_client() {
    let all = Conversations::default();
    let (one, two, other) = (all.get("a", &id("x")), all.get("a", &id("x")), all.get("a", &id("y")));
    let turn = one.turn().now_or_never().unwrap();
    assert!(two.turn().now_or_never().is_none());
    assert!(other.turn().now_or_never().is_some());
    drop(turn);
    assert!(two.turn().now_or_never().is_some());
}

#[test]
fn a_hundred_thousand_conversations_leave_only_what_is_open() {
    let manual = Arc::new(ManualClock::new(0));
    let clock: SharedClock = manual.clone();
    let all = Conversations::default();
    for n in 0..100_000 {
        let conversation = all.get("a", &id(&n.to_string()));
        conversation.sending(Action::Stop, SETTLE, &clock).ended(Fate::Answered);
        manual.advance(Duration::from_millis(10));
    }
    // 1,000 of them are open at any time; a sweep comes when there are twice as many.
    assert!(all.lock().idle.len() < 4_000, "{}", all.lock().idle.len());
    assert!(all.lock().used.is_empty());
}
