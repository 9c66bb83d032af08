//! Who comes into calls: customers, the flow and the queue they came through, and the users of the directory in turn.

use std::time::Duration;

use uuid::Uuid;

use super::calls::NewCall;
use super::dice::{self, Dice};
use super::directory::{Directory, Named, Person};
use super::error::SimError;
use super::moment::Moment;
use super::parties::{Leaving, Parties, Party, Purpose};

/// How long the flow talks to a customer.
const FLOW: Duration = Duration::from_secs(5);
/// How long a customer has waited when an agent takes the call: the flow, then the queue.
pub(super) const WAITING: Duration = Duration::from_secs(15);

#[derive(Debug)]
pub(super) struct Casting {
    directory: Directory,
    turn: usize,
    legs: Dice,
}

/// Whom a call shall have.
#[derive(Debug, Default)]
pub(super) struct Wish {
    pub user: Option<Person>,
    pub queue: Option<Named>,
    /// Whether it came through flow and queue.
    pub through: bool,
}

impl Casting {
    pub(super) fn new(seed: u64, directory: &Directory) -> Self {
        Self { directory: directory.clone(), turn: 0, legs: Dice::new(seed, dice::Purpose::Legs) }
    }

    /// What a new call asks for, if the directory has it.
    pub(super) fn wish(&self, new: &NewCall) -> Result<Wish, SimError> {
        let unknown = |name, word: &str| SimError::InvalidOption {
            name,
            reason: format!("must be one of the simulator's, by id or name, not {word:?}"),
        };
        let user = new.user.as_deref().map(|word| self.directory.find_user(word).ok_or_else(|| unknown("user", word)));
        let queue =
            new.queue.as_deref().map(|word| self.directory.find_queue(word).ok_or_else(|| unknown("queue", word)));
        Ok(Wish { user: user.transpose()?.cloned(), queue: queue.transpose()?.cloned(), through: new.ivr })
    }

    /// Customer and agent of a call that begins, and what lies between them.
    pub(super) fn parties(&mut self, ids: &mut Dice, started: Moment, wish: &Wish) -> Parties {
        let mut draw = || [ids.uuid(), self.legs.uuid()];
        let (agent, customer) = (draw(), draw());
        let queue = wish.queue.clone().or_else(|| self.directory.queues.first().cloned());
        let queue = queue.unwrap_or_else(|| Named { id: Uuid::nil(), name: String::new() });
        let (answered, taken) = (started + FLOW, started + WAITING);
        let before = if wish.through {
            let address = "sip:flow@simulator.invalid";
            vec![
                Party::new(draw(), started, Purpose::Ivr, "Welcome", address).gone(answered, Leaving::Transfer),
                Party::new(draw(), answered, Purpose::Acd, &queue.name, address).gone(taken, Leaving::Transfer),
            ]
        } else {
            Vec::new()
        };
        let joined = if wish.through { taken } else { started };
        let person = wish.user.clone().unwrap_or_else(|| self.next(&[]));
        Parties {
            queue,
            customer: Party::customer(customer, started),
            before,
            agent: Party::agent(agent, joined, &person),
            others: Vec::new(),
        }
    }

    /// One more agent, whose turn it is and who is not on the call yet, as long as there is such a user.
    pub(super) fn another(&mut self, now: Moment, parties: &Parties) -> Party {
        let ids = [self.legs.uuid(), self.legs.uuid()];
        let there: Vec<_> = parties.agents().filter_map(|agent| agent.user).collect();
        Party::agent(ids, now, &self.next(&there))
    }

    fn next(&mut self, there: &[Uuid]) -> Person {
        let users = &self.directory.users;
        let free = (self.turn..self.turn + users.len()).find(|turn| !there.contains(&users[turn % users.len()].id));
        let turn = free.unwrap_or(self.turn);
        self.turn = turn + 1;
        let person = turn.checked_rem(users.len()).map(|place| users[place].clone());
        // A directory has users; if it had none, calls would have an agent without a name.
        person.unwrap_or_else(|| Person { id: Uuid::nil(), name: String::new(), email: String::new() })
    }
}
