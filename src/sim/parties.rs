//! Who is on a call, and who was.

use uuid::Uuid;

use super::moment::Moment;

/// A participant with its one leg.
#[derive(Debug, Clone)]
pub(super) struct Party {
    /// The participant's id.
    pub id: Uuid,
    /// The id of its leg: a communication, as Genesys Cloud calls it.
    pub leg: Uuid,
    pub joined: Moment,
    /// When it left a call that went on; None of who stayed to the end.
    pub left: Option<Moment>,
}

#[derive(Debug)]
pub(super) struct Parties {
    pub customer: Party,
    /// The agent who is on the call, or was at its end.
    pub agent: Party,
    /// Agents who handed the call on, in that order.
    pub before: Vec<Party>,
}

impl Party {
    pub(super) fn new([id, leg]: [Uuid; 2], joined: Moment) -> Self {
        Self { id, leg, joined, left: None }
    }
}

impl Parties {
    /// Another agent takes over.
    pub(super) fn hand_on(&mut self, next: Party) {
        let left = Some(next.joined);
        let last = std::mem::replace(&mut self.agent, next);
        self.before.push(Party { left, ..last });
    }
}
