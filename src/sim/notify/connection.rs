//! One open socket, without I/O: what waits to be sent on it, when it beats, when and how it ends.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::Notify;

use super::event;
use super::options::Rules;
use crate::sim::moment::Moment;

/// Who does not read for so long that this much waits is cut off: memory has an end.
const LONGEST_WAIT: usize = 100_000;

/// How a socket ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// In order, with a close frame.
    Closed,
    /// Without a word.
    Cut,
}

/// What is next on a connection.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    Text(String),
    End(Ending),
    /// Nothing before then, unless something happens.
    Wait(Moment),
}

#[derive(Debug)]
pub(super) struct Connection {
    pub channel: String,
    /// Tells the feed that something is here for it.
    pub signal: Arc<Notify>,
    waiting: VecDeque<String>,
    heartbeat: Moment,
    /// When whoever steers wants it closed.
    closes: Option<Moment>,
    /// The closing that was announced.
    announced: Option<Moment>,
    ending: Option<Ending>,
}

impl Connection {
    pub(super) fn new(channel: String, now: Moment, rules: &Rules) -> Self {
        Self {
            channel,
            signal: Arc::new(Notify::new()),
            waiting: VecDeque::new(),
            heartbeat: now + rules.heartbeat,
            closes: None,
            announced: None,
            ending: None,
        }
    }

    /// Whether it is open at a moment; `expires` is the end of its channel.
    pub(super) fn open_at(&self, moment: Moment, expires: Moment) -> bool {
        moment < self.end(expires) && self.ending.is_none()
    }

    pub(super) fn push(&mut self, text: String) {
        if self.waiting.len() < LONGEST_WAIT {
            self.waiting.push_back(text);
        } else {
            self.waiting.clear();
            self.ending = Some(Ending::Cut);
        }
        self.signal.notify_one();
    }

    /// Ends it: at once, or after all that waits.
    pub(super) fn end_with(&mut self, ending: Ending) {
        if ending == Ending::Cut {
            self.waiting.clear();
        }
        self.ending = Some(ending);
        self.signal.notify_one();
    }

    pub(super) fn is_cut(&self) -> bool {
        self.ending == Some(Ending::Cut)
    }

    /// Announces that it will be closed, and closes it then.
    pub(super) fn close_at(&mut self, moment: Moment) {
        self.closes = Some(moment);
        self.announced = Some(moment);
        self.push(event::closing());
    }

    /// What is to be done now. `expires` is the end of its channel, None where that has ended.
    pub(super) fn next(&mut self, now: Moment, expires: Option<Moment>, rules: &Rules, mute: bool) -> Next {
        if let Some(text) = self.waiting.pop_front() {
            return Next::Text(text);
        }
        if let Some(ending) = self.ending {
            return Next::End(ending);
        }
        let end = self.end(expires.unwrap_or(now));
        while self.heartbeat <= now && self.heartbeat < end {
            self.heartbeat += rules.heartbeat;
            if !mute {
                return Next::Text(event::heartbeat());
            }
        }
        let notice = end.saturating_sub(rules.notice());
        let announced = self.announced == Some(end);
        if expires.is_some() && !announced && notice <= now {
            self.announced = Some(end);
            return Next::Text(event::closing());
        }
        if end <= now {
            return Next::End(Ending::Closed);
        }
        Next::Wait(self.heartbeat.min(if announced { end } else { notice }))
    }

    fn end(&self, expires: Moment) -> Moment {
        self.closes.map_or(expires, |closes| closes.min(expires))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::sim::notify::Notifications;

    fn rules() -> Rules {
        Notifications { channel_lifetime: 200.0, ..Notifications::default() }.check().unwrap()
    }

    fn at(seconds: u64) -> Moment {
        Duration::from_secs(1_000 + seconds)
    }

    /// What comes until it has to wait, and until when.
    fn all(connection: &mut Connection, now: u64, expires: u64) -> (Vec<Next>, Option<u64>) {
        let mut came = Vec::new();
        loop {
            match connection.next(at(now), Some(at(expires)), &rules(), false) {
                Next::Wait(until) => return (came, Some(until.as_secs() - 1_000)),
                Next::End(ending) => {
                    came.push(Next::End(ending));
                    return (came, None);
                }
                text @ Next::Text(_) => came.push(text),
            }
        }
    }

    #[test]
    fn it_beats_and_tells_of_its_end_before_it_comes() {
        let mut connection = Connection::new("c".into(), at(0), &rules());
        let (beat, closing) = (|| Next::Text(event::heartbeat()), || Next::Text(event::closing()));
        assert_eq!(all(&mut connection, 0, 200), (vec![], Some(30)));
        assert_eq!(all(&mut connection, 65, 200), (vec![beat(), beat()], Some(90)));
        assert_eq!(all(&mut connection, 139, 200), (vec![beat(), beat()], Some(140)));
        assert_eq!(all(&mut connection, 140, 200), (vec![closing()], Some(150)));
        // Subscribed to something again: it lives on, and tells of its end anew.
        assert_eq!(all(&mut connection, 199, 399), (vec![beat(), beat()], Some(210)));
        assert_eq!(all(&mut connection, 338, 399).1, Some(339));
        assert_eq!(all(&mut connection, 345, 399), (vec![closing()], Some(360)));
        let ended = vec![beat(), beat(), Next::End(Ending::Closed)];
        assert_eq!(all(&mut connection, 1_000, 399), (ended, None));
    }

    #[test]
    fn what_waits_is_sent_before_a_close_and_lost_by_a_cut() {
        let rules = rules();
        let mut connection = Connection::new("c".into(), at(0), &rules);
        connection.push("one".into());
        connection.end_with(Ending::Closed);
        assert_eq!(connection.next(at(0), None, &rules, false), Next::Text("one".into()));
        assert_eq!(connection.next(at(0), None, &rules, false), Next::End(Ending::Closed));
        let mut connection = Connection::new("c".into(), at(0), &rules);
        connection.push("one".into());
        connection.end_with(Ending::Cut);
        assert_eq!(connection.next(at(0), Some(at(9)), &rules, false), Next::End(Ending::Cut));
    }

    #[test]
    fn who_never_reads_is_cut_off() {
        let rules = rules();
        let mut connection = Connection::new("c".into(), at(0), &rules);
        for _ in 0..=LONGEST_WAIT {
            connection.push(String::new());
        }
        assert_eq!(connection.next(at(0), Some(at(9)), &rules, false), Next::End(Ending::Cut));
    }
}
