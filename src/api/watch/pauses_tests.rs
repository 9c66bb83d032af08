//! What the rules say of pauses that last too long, moment by moment.

use super::*;
use crate::model::SeenBy;

const BEGAN: SystemTime = SystemTime::UNIX_EPOCH;

/// Pauses that may last two minutes, and the time.
struct Trial {
    pauses: Pauses,
    now: Duration,
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

impl Trial {
    fn new(longest: Option<u64>) -> Self {
        Self { pauses: Pauses::new(longest.map(seconds)), now: seconds(1000) }
    }

    fn at(&mut self, second: u64) -> &mut Self {
        self.now = seconds(1000 + second);
        self
    }

    fn wall(&self) -> SystemTime {
        BEGAN + self.now
    }

    fn tell(&mut self, happening: Happening, state: State, seconds_ago: u64) {
        let event = CallEvent {
            happening,
            conversation_id: "c".into(),
            participant_id: None,
            user_id: Some(happening.name().into()),
            queue_id: None,
            at: self.wall() - seconds(seconds_ago),
            state,
            before: None,
            seen_by: SeenBy::Event,
        };
        let (now, wall) = (self.now, self.wall());
        self.pauses.told(&event, now, wall);
    }

    fn pause(&mut self) {
        self.tell(Happening::RecordingPaused, State::Paused, 0);
    }

    fn due(&self) -> Option<u64> {
        self.pauses.due().map(|at| at.as_secs() - 1000)
    }

    fn look(&mut self) -> Option<Due> {
        let mut all = self.pauses.take_due(self.now);
        assert!(all.len() < 2);
        all.pop()
    }

    fn looked(&mut self, due: &Due, shown: Shown) -> Option<PauseAlarm> {
        let (now, wall) = (self.now, self.wall());
        self.pauses.looked(due, shown, now, wall)
    }
}

#[test]
fn a_pause_that_lasts_too_long_is_told_once() {
    let mut trial = Trial::new(Some(120));
    trial.pause();
    assert_eq!(trial.due(), Some(120));
    assert_eq!(trial.at(119).look(), None);
    let due = trial.at(120).look().unwrap();
    assert_eq!((trial.look(), trial.due()), (None, None));
    let alarm = trial.at(121).looked(&due, Shown::Paused).unwrap();
    assert_eq!((alarm.lasted, alarm.paused_at, alarm.confirmed), (seconds(121), BEGAN + seconds(1000), true));
    trial.tell(Happening::CallConnected, State::Paused, 0);
    assert_eq!((trial.at(900).look(), trial.due()), (None, None));
}

#[test]
fn a_pause_that_is_over_in_time_is_not() {
    for (happening, state) in [
        (Happening::RecordingResumed, State::Recording),
        (Happening::RecordingResumed, State::Held),
        (Happening::RecordingStopped, State::Stopped),
        (Happening::CallEnded, State::Stopped),
        (Happening::CallEnded, State::Unknown),
    ] {
        let mut trial = Trial::new(Some(120));
        trial.pause();
        trial.at(119).tell(happening, state, 0);
        assert_eq!((trial.due(), trial.at(500).look()), (None, None), "{} {state}", happening.name());
    }
}

#[test]
fn a_word_that_is_not_known_ends_no_pause() {
    let mut trial = Trial::new(Some(120));
    trial.pause();
    trial.at(60).tell(Happening::CallConnected, State::Unknown, 0);
    assert_eq!(trial.due(), Some(120));
}

#[test]
fn a_second_pause_counts_anew_and_an_answer_about_the_first_says_nothing_of_it() {
    let mut trial = Trial::new(Some(120));
    trial.pause();
    let due = trial.at(120).look().unwrap();
    trial.tell(Happening::RecordingResumed, State::Recording, 0);
    trial.at(130).pause();
    assert_eq!(trial.looked(&due, Shown::Paused), None);
    assert_eq!(trial.due(), Some(250));
}

#[test]
fn a_read_without_the_pause_raises_nothing_and_is_made_again() {
    let mut trial = Trial::new(Some(120));
    trial.pause();
    let due = trial.at(120).look().unwrap();
    assert_eq!(trial.looked(&due, Shown::NotPaused), None);
    assert_eq!(trial.due(), Some(125));
    let due = trial.at(125).look().unwrap();
    assert!(trial.looked(&due, Shown::Paused).is_some());
}

#[test]
fn what_cannot_be_read_is_told_as_that() {
    let mut trial = Trial::new(Some(120));
    trial.pause();
    let due = trial.at(120).look().unwrap();
    assert!(!trial.looked(&due, Shown::Nothing).unwrap().confirmed);
}

#[test]
fn a_slow_reader_shortens_no_pause_and_the_pause_says_whose_it_is() {
    let mut trial = Trial::new(Some(120));
    trial.at(50).tell(Happening::CallConnected, State::Paused, 50);
    trial.tell(Happening::RecordingPaused, State::Paused, 50);
    assert_eq!(trial.due(), Some(120));
    let due = trial.at(200).look().unwrap();
    let alarm = trial.looked(&due, Shown::Paused).unwrap();
    assert_eq!((alarm.lasted, alarm.user_id.as_deref()), (seconds(200), Some("RecordingPaused")));
}

#[test]
fn without_a_bound_there_is_no_alarm() {
    let mut trial = Trial::new(None);
    trial.pause();
    assert_eq!((trial.due(), trial.at(100_000).look()), (None, None));
}
