//! Who is on a call, and who was.

use std::iter::once;

use uuid::Uuid;

use super::directory::{Named, Person};
use super::moment::Moment;

/// What a participant is in a call, in the vendor's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Customer,
    /// The flow that answered.
    Ivr,
    /// The queue in which the customer waited.
    Acd,
    Agent,
}

/// A participant with its one leg.
#[derive(Debug, Clone)]
pub(super) struct Party {
    /// The participant's id.
    pub id: Uuid,
    /// The id of its leg: a communication, as Genesys Cloud calls it.
    pub leg: Uuid,
    pub purpose: Purpose,
    pub name: String,
    pub address: String,
    /// The user that an agent is.
    pub user: Option<Uuid>,
    pub joined: Moment,
    /// When and how it left a call that went on; None of who stayed to the end.
    pub left: Option<(Moment, Leaving)>,
}

/// How a participant left a call that went on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leaving {
    /// It handed the customer on.
    Transfer,
    /// It handed the customer on to whom it had consulted.
    ConsultTransfer,
    /// It left the others of a conference to themselves.
    Conference,
}

#[derive(Debug)]
pub(super) struct Parties {
    pub queue: Named,
    pub customer: Party,
    /// Who left while the call went on, in that order: flow and queue, then agents.
    pub before: Vec<Party>,
    /// The agent who leads the call, or did at its end.
    pub agent: Party,
    /// Agents who are on the call beside that one, in the order of their joining.
    pub others: Vec<Party>,
}

impl Purpose {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Ivr => "ivr",
            Self::Acd => "acd",
            Self::Agent => "agent",
        }
    }
}

impl Party {
    pub(super) fn new([id, leg]: [Uuid; 2], joined: Moment, purpose: Purpose, name: &str, address: &str) -> Self {
        let (name, address) = (name.into(), address.into());
        Self { id, leg, purpose, name, address, user: None, joined, left: None }
    }

    pub(super) fn customer(ids: [Uuid; 2], joined: Moment) -> Self {
        // Of the numbers that are set aside for fiction.
        Self::new(ids, joined, Purpose::Customer, "Customer", "tel:+12025550143")
    }

    pub(super) fn agent(ids: [Uuid; 2], joined: Moment, person: &Person) -> Self {
        let party = Self::new(ids, joined, Purpose::Agent, &person.name, &format!("sip:{}", person.email));
        Self { user: Some(person.id), ..party }
    }

    /// The same, once it has left.
    pub(super) fn gone(self, at: Moment, how: Leaving) -> Self {
        Self { left: Some((at, how)), ..self }
    }
}

impl Parties {
    /// Everybody, in about the order in which they came.
    pub(super) fn all(&self) -> impl Iterator<Item = &Party> {
        once(&self.customer).chain(&self.before).chain(self.agents())
    }

    /// The agents who are on the call, the one who leads it first.
    pub(super) fn agents(&self) -> impl Iterator<Item = &Party> {
        once(&self.agent).chain(&self.others)
    }

    /// The user ids of agents who are on the call, and of those who left at that moment: they see themselves go.
    pub(super) fn users(&self, at: Moment) -> Vec<Uuid> {
        let leaving = self.before.iter().filter(|party| party.left.is_some_and(|(left, _)| left == at));
        self.agents().chain(leaving).filter_map(|party| party.user).collect()
    }

    /// The agent who leads leaves the call to the next, or to whoever else is on it. Gives who that is then.
    pub(super) fn hand_on(&mut self, at: Moment, next: Party, how: Leaving) -> Uuid {
        let next = if self.others.is_empty() { next } else { self.others.remove(0) };
        let last = std::mem::replace(&mut self.agent, next);
        self.before.push(last.gone(at, how));
        self.agent.id
    }
}
