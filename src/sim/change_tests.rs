//! What whoever listens is told, and when.

use std::time::Duration;

use serde_json::Value;

use crate::sim::calls::{Calls, NewCall, Order};
use crate::sim::directory::Directory;
use crate::sim::moment::{Moment, iso};
use crate::sim::queue::{Aim, Fate};
use crate::sim::recording::{Action, State};
use crate::sim::{Options, Schedule};

use super::Change;

const START: Moment = Duration::from_secs(1_767_225_600);

fn at(seconds: u64) -> Moment {
    START + Duration::from_secs(seconds)
}

fn calls(options: &Options) -> Calls {
    Calls::new(&options.check().unwrap(), START, &Directory::new(0))
}

fn word<'a>(body: &'a Value, name: &str) -> &'a str {
    body[name].as_str().unwrap()
}

/// When, of which conversation, and its state, which both bodies say.
fn told(changes: &[Change]) -> Vec<(u64, &str, &str)> {
    changes.iter().map(tell).collect()
}

fn tell(change: &Change) -> (u64, &str, &str) {
    let state = word(&change.conversation, "recordingState");
    assert_eq!(state.to_lowercase(), word(&change.call_conversation, "recordingState"));
    (change.at.checked_sub(START).unwrap().as_secs(), word(&change.conversation, "id"), state)
}

#[test]
fn each_change_is_told_once_as_it_was_at_its_instant_and_in_the_order_of_time() {
    let mut calls = calls(&Options { calls: 0, propagation: (2.0, 2.0), ..Options::default() });
    let new = |id: &str| NewCall { id: Some(id.into()), state: State::Recording, ..NewCall::default() };
    calls.listen(START, true);
    for id in ["a", "b"] {
        calls.add(START, new(id)).unwrap();
    }
    for (second, id, action) in [(1, "b", Action::Pause), (2, "a", Action::Pause), (2, "b", Action::Resume)] {
        let order = Order { action, aim: Aim::Call, request_id: None, fate: Fate::InOrder, must_change: false };
        assert_eq!(calls.next_due(), [None, Some(at(3))][usize::from(second > 1)]);
        calls.command(at(second), id, order).unwrap();
    }
    // Changes nothing, and is told to nobody.
    calls.find(at(3), "a").unwrap().hold(at(3), false);
    calls.find(at(9), "a").unwrap().end(at(9));
    let changes = calls.take_changes(at(20));
    assert_eq!(
        told(&changes),
        [
            (0, "a", "ACTIVE"),
            (0, "b", "ACTIVE"),
            (3, "b", "PAUSED"),
            (4, "a", "PAUSED"),
            (4, "b", "ACTIVE"),
            (9, "a", "NONE")
        ]
    );
    assert_eq!(changes[5].conversation["endTime"], iso(at(9)));
    assert_eq!(changes[3].conversation["endTime"], Value::Null);
    assert_eq!((calls.take_changes(at(30)).len(), calls.next_due()), (0, None));
}

#[test]
fn users_see_themselves_come_and_go() {
    let directory = Directory::new(0);
    let [one, two, three] = [0, 1, 2].map(|place| directory.users[place].id);
    let mut calls = Calls::new(&Options { calls: 0, ..Options::default() }.check().unwrap(), START, &directory);
    // The call that ended an hour ago had the first.
    let id = calls.add(START, NewCall { user: Some(one.to_string()), ..NewCall::default() }).unwrap();
    calls.listen(at(1), true);
    calls.bring(at(2), &id, |call, next| call.consult(at(2), next));
    calls.bring(at(3), &id, |call, next| call.transfer(at(3), next));
    calls.bring(at(4), &id, |call, next| call.conference(at(4), next));
    calls.find(at(5), &id).unwrap().hold(at(5), true);
    let users: Vec<_> = calls.take_changes(at(6)).into_iter().map(|change| change.users).collect();
    assert_eq!(users[..2], [vec![one, two], vec![two, one]]);
    assert!(users[2].contains(&two) && users[2].len() == 2 && users[2] == users[3]);
    assert!([one, three].contains(&users[2][1]));
}

#[test]
fn nothing_is_told_of_what_happened_before_somebody_listened() {
    let schedule = Some(Schedule { appear_every: (5.0, 5.0), last: (3.0, 3.0) });
    let mut calls = calls(&Options { calls: 1, schedule, ..Options::default() });
    calls.tick(at(12));
    calls.listen(at(12), true);
    assert_eq!(calls.next_due(), Some(at(13)));
    calls.tick(at(16));
    let changes = calls.take_changes(at(16));
    assert_eq!(changes.iter().map(|change| change.at).collect::<Vec<_>>(), [at(13), at(15)]);
    assert_eq!(calls.next_due(), Some(at(18)));
    calls.listen(at(17), false);
    calls.tick(at(40));
    assert_eq!(calls.take_changes(at(40)).len(), 0);
}
