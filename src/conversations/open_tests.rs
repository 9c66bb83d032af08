//! Open commands, rule by rule (RULES of proof, section 2).

use proptest::prelude::*;

use super::*;

const SETTLE: Duration = Duration::from_secs(10);

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Commands that have ended so, one a second from second 0 on.
fn ended(commands: &[(Action, Fate)]) -> OpenCommands {
    let mut open = OpenCommands::default();
    for (second, (action, fate)) in (0..).zip(commands) {
        let serial = open.sending(*action, SETTLE);
        open.ended(serial, *fate, at(second));
    }
    open
}

fn undo_recording(open: &OpenCommands, now: u64) -> bool {
    open.may_undo(Target::Recording, &[Action::Start, Action::Resume], SETTLE, at(now))
}

#[test]
fn a_command_is_open_from_its_sending_until_settle_after_its_attempt_ended() {
    let mut open = OpenCommands::default();
    let serial = open.sending(Action::Stop, SETTLE);
    assert!(undo_recording(&open, 1_000));
    open.ended(serial, Fate::Unknown, at(1_000));
    assert!(undo_recording(&open, 1_009));
    assert!(!undo_recording(&open, 1_010));
}

#[test]
fn what_was_certainly_not_sent_is_never_open() {
    assert!(!undo_recording(&ended(&[(Action::Stop, Fate::NotSent)]), 0));
}

#[test]
fn an_answered_command_closes_when_its_effect_is_read() {
    let mut open = ended(&[(Action::Pause, Fate::Answered)]);
    assert!(undo_recording(&open, 1));
    open.observed(State::Paused, at(1), at(2));
    assert!(!undo_recording(&open, 3));
}

/// The answer that told of it came at 2: of a read that began before that, nobody knows.
#[test]
fn what_is_known_now_says_nothing_of_an_older_read() {
    let mut open = ended(&[(Action::Pause, Fate::Answered)]);
    open.observed(State::Paused, at(1), at(2));
    assert!(undo_recording(&open, 1));
}

/// A look began at 5, another command was sent at 20, and then the look is answered.
#[test]
fn a_later_command_does_not_make_an_older_look_forget_what_was_open() {
    let mut open = ended(&[(Action::Stop, Fate::Answered)]);
    let serial = open.sending(Action::Start, SETTLE);
    open.ended(serial, Fate::Answered, at(20));
    assert!(undo_recording(&open, 5));
    assert!(!undo_recording(&open, 20));
}

/// Recording, paused and recording again, or recording still: from one look nobody knows.
#[test]
fn a_state_from_before_both_is_no_effect_of_the_later() {
    let mut open = ended(&[(Action::Pause, Fate::Answered), (Action::Resume, Fate::Answered)]);
    open.observed(State::Recording, at(2), at(2));
    assert!(open.may_undo(Target::Paused, &[Action::Pause], SETTLE, at(3)));
    open.observed(State::Paused, at(3), at(3));
    open.observed(State::Recording, at(4), at(4));
    assert!(!open.may_undo(Target::Paused, &[Action::Pause], SETTLE, at(5)));
}

#[test]
fn an_effect_that_was_read_before_the_answer_closes_nothing() {
    let mut open = OpenCommands::default();
    let serial = open.sending(Action::Pause, SETTLE);
    open.observed(State::Paused, at(0), at(0));
    open.ended(serial, Fate::Answered, at(1));
    open.observed(State::Paused, at(0), at(0)); // a read that began before
    assert!(undo_recording(&open, 2));
}

#[test]
fn a_command_of_unknown_fate_closes_by_time_only() {
    let mut open = ended(&[(Action::Pause, Fate::Unknown)]);
    open.observed(State::Paused, at(1), at(1));
    assert!(undo_recording(&open, 9));
}

#[test]
fn of_two_of_a_kind_nobody_knows_whose_effect_was_read() {
    let mut open = ended(&[(Action::Pause, Fate::Unknown), (Action::Pause, Fate::Answered)]);
    open.observed(State::Paused, at(2), at(2));
    assert!(undo_recording(&open, 3));
}

#[test]
fn an_effect_does_not_count_while_the_reversing_command_is_unanswered() {
    let mut open = ended(&[(Action::Pause, Fate::Answered)]);
    open.observed(State::Paused, at(1), at(1));
    let serial = open.sending(Action::Resume, SETTLE);
    assert!(undo_recording(&open, 2));
    open.ended(serial, Fate::Unknown, at(2));
    assert!(undo_recording(&open, 3));
    let mut answered = ended(&[(Action::Pause, Fate::Answered)]);
    answered.observed(State::Paused, at(1), at(1));
    let serial = answered.sending(Action::Resume, SETTLE);
    answered.ended(serial, Fate::Answered, at(2));
    assert!(!undo_recording(&answered, 3));
}

#[test]
fn what_undoes_what_is_the_rules_table() {
    for (action, undone) in [
        (Action::Start, &[Target::Stopped][..]),
        (Action::Stop, &[Target::Recording, Target::Paused]),
        (Action::Pause, &[Target::Recording]),
        (Action::Resume, &[Target::Paused]),
    ] {
        let open = ended(&[(action, Fate::Unknown)]);
        for target in Target::ALL {
            assert_eq!(open.may_undo(target, &[], SETTLE, at(1)), undone.contains(&target), "{action} {target}");
        }
    }
}

#[test]
fn the_longer_of_the_two_settles_counts() {
    let mut open = OpenCommands::default();
    let serial = open.sending(Action::Stop, at(2));
    open.ended(serial, Fate::Unknown, at(0));
    assert!(!open.may_undo(Target::Recording, &[], at(1), at(2)));
    assert!(open.may_undo(Target::Recording, &[], at(5), at(4)));
}

fn any_action() -> impl Strategy<Value = Action> {
    prop::sample::select(Action::ALL.to_vec())
}

fn any_fate() -> impl Strategy<Value = Fate> {
    prop::sample::select(vec![Fate::NotSent, Fate::Answered, Fate::Unknown])
}

proptest! {
    /// Whatever is read meanwhile: a command of unknown fate is open for `settle`, and nothing is open after that.
    #[test]
    fn reads_never_close_what_may_still_land(
        commands in prop::collection::vec((any_action(), any_fate()), 1..6),
        reads in prop::collection::vec((prop::sample::select(State::ALL.to_vec()), 0..30_u64), 0..12),
    ) {
        let mut open = ended(&commands);
        let last = commands.len() as u64 - 1;
        for (state, second) in &reads {
            open.observed(*state, at(last + second), at(last + second));
        }
        for target in Target::ALL {
            let unknown = (0..).zip(&commands).any(|(second, (action, fate))| {
                *fate == Fate::Unknown && target.undone_by().contains(action) && last < second + 10
            });
            if unknown {
                prop_assert!(open.may_undo(target, &[], SETTLE, at(last)));
            }
            prop_assert!(!open.may_undo(target, &[], SETTLE, at(last + 10)));
        }
    }

    /// With no read at all, exactly what may have been sent is open.
    #[test]
    fn unread_commands_are_open_unless_they_were_not_sent(
        commands in prop::collection::vec((any_action(), any_fate()), 1..6),
    ) {
        let open = ended(&commands);
        let last = commands.len() as u64 - 1;
        for target in Target::ALL {
            let expected = (0..).zip(&commands).any(|(second, (action, fate))| {
                *fate != Fate::NotSent && target.undone_by().contains(action) && last < second + 10
            });
            prop_assert_eq!(open.may_undo(target, &[], SETTLE, at(last)), expected);
        }
    }
}
