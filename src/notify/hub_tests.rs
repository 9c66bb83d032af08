//! What the followers of one channel are told of what the server decides.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

/// How many topics it was told are refused, and how often.
#[derive(Default)]
struct Told {
    times: AtomicUsize,
    refused: AtomicUsize,
}

impl Listener for Told {
    fn heard(&self, _: &str, _: &Value, _: SystemTime) {}
    fn garbled(&self, _: SystemTime) {}
    fn decided(&self, _: usize, refused: Vec<Topic>) {
        self.times.fetch_add(1, Ordering::Relaxed);
        self.refused.store(refused.len(), Ordering::Relaxed);
    }
    fn interrupted(&self, _: SystemTime, _: SystemTime, _: GapReason) {}
    fn failed(&self, _: &Error) {}
}

impl Told {
    fn so_far(&self) -> (usize, usize) {
        (self.times.load(Ordering::Relaxed), self.refused.load(Ordering::Relaxed))
    }
}

fn join(hub: &Hub, topics: impl IntoIterator<Item = String>) -> (Arc<Told>, (Membership, Life)) {
    let told = Arc::new(Told::default());
    let life = || std::future::pending().boxed();
    (told.clone(), hub.join(topics.into_iter().collect(), told, life))
}

fn decide(hub: &Hub, asked: &[String], refused: bool, only: bool) {
    let answer = |name: &String| Topic { name: name.clone(), refused: refused.then(Refused::default) };
    hub.decide(asked, asked.iter().map(answer).collect(), only);
}

#[test]
fn who_follows_what_others_follow_already_is_told_too() {
    let hub = Hub::default();
    let (_, _first) = join(&hub, ["v2.a".to_owned()]);
    decide(&hub, &hub.wanted(), false, true);
    assert!(!hub.owes_word());
    let (second, _second) = join(&hub, ["v2.a".to_owned()]);
    assert!(hub.undecided().is_empty() && hub.owes_word());
    decide(&hub, &[], false, false);
    assert_eq!((second.so_far(), hub.owes_word()), ((1, 0), false));
}

#[test]
fn what_has_no_room_is_refused_and_takes_nobodys_place() {
    let hub = Hub::default();
    let (first, _first) = join(&hub, (1..MOST_TOPICS).map(|n| format!("v2.users.{n}")));
    decide(&hub, &hub.wanted(), false, true);
    let before = hub.wanted();
    let (second, _second) = join(&hub, ["v2.a".to_owned(), "v2.b".to_owned(), "v2.c".to_owned()]);
    let more = hub.undecided();
    assert_eq!(more.len(), 1);
    decide(&hub, &more, false, false);
    assert_eq!((first.so_far(), second.so_far()), ((1, 0), (1, 2)));
    assert!(before.iter().all(|topic| hub.wanted().contains(topic)) && hub.wanted().len() == MOST_TOPICS);
}

#[test]
fn what_is_refused_on_a_new_channel_is_told() {
    let hub = Hub::default();
    let (told, _membership) = join(&hub, ["v2.a".to_owned()]);
    for (refused, expected) in [(false, (1, 0)), (false, (1, 0)), (true, (2, 1)), (true, (2, 1)), (false, (3, 0))] {
        decide(&hub, &hub.wanted(), refused, true);
        assert_eq!(told.so_far(), expected);
    }
}
