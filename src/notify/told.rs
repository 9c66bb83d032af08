//! What was told of a call, and what is new against that.

use std::collections::HashMap;

use crate::model::{Happening, State};
use crate::wire::platform::{Person, Picture};

/// What was told of one call so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    seen: bool,
    state: Option<State>,
    legs: HashMap<(String, String), Leg>,
    ended: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Leg {
    connected: bool,
    held: bool,
}

/// Something to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct News {
    pub(super) happening: Happening,
    pub(super) person: Option<Person>,
    pub(super) before: Option<State>,
}

/// What the first look at a call may tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum First {
    /// It was noticed by an event: it is new, or what it is now is news.
    Noticed,
    /// It was looked for, and was there before: only its recording is told, so that a pause that is on is known.
    Found,
    /// It was asked for by its id: also that it is over.
    Named,
}

impl Told {
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// Was anything told after which its end has to be told?
    pub(super) fn is_owed(&self) -> bool {
        self.seen && !self.ended
    }

    /// What is new in `picture`; from now on it is told. A verdict that is unknown is no news, and forgets nothing.
    pub(super) fn news(&mut self, picture: &Picture, first: First) -> Vec<News> {
        let before = self.state;
        let first = (!std::mem::replace(&mut self.seen, true)).then_some(first);
        let of = |happening, person: Option<&Person>| News { happening, person: person.cloned(), before };
        if !picture.active {
            let known = first.is_none() || first == Some(First::Named);
            self.state = Some(State::Stopped);
            let news = !std::mem::replace(&mut self.ended, true) && known;
            return if news { vec![of(Happening::CallEnded, None)] } else { Vec::new() };
        }
        self.ended = false;
        let mut news = self.legs(picture, first.is_none() || first == Some(First::Noticed), &of);
        let happening = |it: Happening| news.iter().any(|news: &News| news.happening == it);
        let recording = match (before, picture.state) {
            (before, now) if before == Some(now) => None,
            (_, State::Unknown) => return news,
            // Off hold: that says it.
            (Some(State::Held), State::Recording) if happening(Happening::CallConnected) => None,
            (Some(State::Held), State::Recording) | (Some(State::Paused), State::Recording | State::Held) => {
                Some(Happening::RecordingResumed)
            }
            (_, State::Recording) => Some(Happening::RecordingStarted),
            (_, State::Paused) => Some(Happening::RecordingPaused),
            (_, State::Held) if happening(Happening::CallHeld) => None,
            (_, State::Held) => Some(Happening::CallHeld),
            (None, State::Stopped) => None,
            (Some(_), State::Stopped) => Some(Happening::RecordingStopped),
        };
        self.state = Some(picture.state);
        news.extend(recording.map(|happening| of(happening, recorded(picture))));
        news
    }

    /// Who was connected, and who was put on hold. In a call with users only they count: its customer and its machines
    /// are connected before anybody can hear them.
    fn legs(&mut self, picture: &Picture, tell: bool, of: &impl Fn(Happening, Option<&Person>) -> News) -> Vec<News> {
        let users = picture.people.iter().any(|person| person.user_id.is_some());
        let mut news = Vec::new();
        for person in picture.people.iter().filter(|person| !users || person.user_id.is_some()) {
            let now = Leg { connected: person.connected, held: person.held };
            let was = self.legs.insert(person.leg.clone(), now).unwrap_or_default();
            let happening = match (was, now) {
                (was, Leg { held: true, .. }) if !was.held => Happening::CallHeld,
                (was, Leg { connected: true, held: false }) if !was.connected || was.held => Happening::CallConnected,
                _ => continue,
            };
            if tell {
                news.push(of(happening, Some(person)));
            }
        }
        news
    }
}

/// Whose recording it is: the agent's, if there is one.
fn recorded(picture: &Picture) -> Option<&Person> {
    let live = || picture.people.iter().filter(|person| person.live);
    let users = || live().filter(|person| person.user_id.is_some());
    users().find(|person| person.recorded).or_else(|| users().next()).or_else(|| live().find(|person| person.recorded))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(id: &str, connected: bool, held: bool) -> Person {
        Person {
            leg: (id.into(), "1".into()),
            user_id: (id != "customer").then(|| format!("user of {id}")),
            queue_id: None,
            live: connected,
            connected,
            held,
            recorded: true,
        }
    }

    fn picture(state: State, held: bool) -> Picture {
        let people = vec![person("customer", true, false), person("agent", true, held)];
        Picture { state, active: true, telling: true, people }
    }

    fn names(news: &[News]) -> Vec<&'static str> {
        news.iter().map(|news| news.happening.name()).collect()
    }

    #[test]
    fn each_change_is_told_once_and_by_one_name() {
        use State::{Held, Paused, Recording, Stopped, Unknown};
        let mut told = Told::default();
        for (state, held, expected) in [
            (Stopped, false, vec!["CallConnected"]),
            (Recording, false, vec!["RecordingStarted"]),
            (Recording, false, vec![]),
            (Paused, false, vec!["RecordingPaused"]),
            (Unknown, false, vec![]),
            (Paused, false, vec![]),
            (Recording, false, vec!["RecordingResumed"]),
            (Held, true, vec!["CallHeld"]),
            (Paused, true, vec!["RecordingPaused"]),
            (Held, true, vec!["RecordingResumed"]),
            (Recording, false, vec!["CallConnected"]),
            (Recording, true, vec!["CallHeld"]),
            (Recording, false, vec!["CallConnected"]),
            (Held, false, vec!["CallHeld"]),
            (Recording, false, vec!["RecordingResumed"]),
            (Stopped, false, vec!["RecordingStopped"]),
        ] {
            let news = told.news(&picture(state, held), First::Noticed);
            assert_eq!(names(&news), expected, "{state} {held}");
        }
        let over = Picture { active: false, ..picture(State::Stopped, false) };
        assert_eq!(names(&told.news(&over, First::Noticed)), ["CallEnded"]);
        assert!(told.news(&over, First::Noticed).is_empty() && told.ended());
    }

    #[test]
    fn what_was_there_before_is_told_only_as_far_as_it_is_recorded() {
        let first = |state, how| names(&Told::default().news(&picture(state, false), how)).join(" ");
        assert_eq!(first(State::Paused, First::Found), "RecordingPaused");
        assert_eq!(first(State::Stopped, First::Found), "");
        assert_eq!(first(State::Recording, First::Noticed), "CallConnected RecordingStarted");
        let over = Picture { active: false, ..picture(State::Stopped, false) };
        assert!(Told::default().news(&over, First::Noticed).is_empty());
        assert_eq!(names(&Told::default().news(&over, First::Named)), ["CallEnded"]);
    }

    #[test]
    fn a_second_agent_is_connected_too() {
        let mut told = Told::default();
        told.news(&picture(State::Recording, false), First::Noticed);
        let mut handed_on = picture(State::Recording, false);
        handed_on.people[1] = person("agent", false, false);
        handed_on.people.push(person("second", true, false));
        let news = told.news(&handed_on, First::Noticed);
        assert_eq!(names(&news), ["CallConnected"]);
        assert_eq!(news[0].person.as_ref().unwrap().user_id.as_deref(), Some("user of second"));
    }
}
