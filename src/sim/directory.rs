//! Who works in the simulated organisation, and which queue they answer: the people that the login page offers, and that
//! calls name.

use serde_json::{Value, json};
use uuid::Uuid;

use super::dice::{Dice, Purpose};

/// What the organisation is called.
pub(super) const ORGANIZATION: &str = "Simulator";
const DIVISION: &str = "Home";

const PEOPLE: [(&str, &str); 3] = [
    ("Agent One", "agent.one@simulator.invalid"),
    ("Agent Two", "agent.two@simulator.invalid"),
    ("Agent Three", "agent.three@simulator.invalid"),
];
const QUEUES: [&str; 1] = ["Support"];

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The user's id.
    pub id: Uuid,
    /// What the user is called.
    pub name: String,
    /// The address by which the user logs in.
    pub email: String,
}

/// Something that has an id and a name, and no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its id.
    pub id: Uuid,
    /// What it is called.
    pub name: String,
}

/// The organisation. It does not change while a simulator runs.
#[derive(Debug, Clone)]
pub(super) struct Directory {
    pub organization: Uuid,
    /// The one division, to which everything belongs.
    pub division: Named,
    pub users: Vec<Person>,
    pub queues: Vec<Named>,
}

impl Directory {
    pub(super) fn new(seed: u64) -> Self {
        let mut ids = Dice::new(seed, Purpose::Directory);
        Self {
            organization: ids.uuid(),
            users: PEOPLE.map(|(name, email)| Person { id: ids.uuid(), name: name.into(), email: email.into() }).into(),
            queues: QUEUES.map(|name| Named { id: ids.uuid(), name: name.into() }).into(),
            division: Named { id: ids.uuid(), name: DIVISION.into() },
        }
    }

    pub(super) fn user(&self, id: Uuid) -> Option<&Person> {
        self.users.iter().find(|person| person.id == id)
    }

    /// A user by id, name or email, as people type them.
    pub(super) fn find_user(&self, word: &str) -> Option<&Person> {
        let is = |person: &Person| {
            is_id(person.id, word) || person.name.eq_ignore_ascii_case(word) || person.email.eq_ignore_ascii_case(word)
        };
        self.users.iter().find(|person| is(person))
    }

    /// A queue by id or name.
    pub(super) fn find_queue(&self, word: &str) -> Option<&Named> {
        self.queues.iter().find(|queue| is_id(queue.id, word) || queue.name.eq_ignore_ascii_case(word))
    }

    /// For whoever steers.
    pub(super) fn show(&self) -> Value {
        let user = |person: &Person| json!({ "id": person.id.to_string(), "name": person.name, "email": person.email });
        let queue = |queue: &Named| json!({ "id": queue.id.to_string(), "name": queue.name });
        json!({
            "organization": { "id": self.organization.to_string(), "name": ORGANIZATION },
            "users": self.users.iter().map(user).collect::<Vec<_>>(),
            "queues": self.queues.iter().map(queue).collect::<Vec<_>>(),
        })
    }
}

fn is_id(id: Uuid, word: &str) -> bool {
    Uuid::try_parse(word).is_ok_and(|given| given == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_and_queues_are_found_by_what_they_are_called() {
        let directory = Directory::new(0);
        let [first, second, _] = directory.users.as_slice() else { panic!("three users") };
        for word in [first.id.to_string().as_str(), "agent one", "Agent.One@simulator.invalid"] {
            assert_eq!(directory.find_user(word), Some(first), "{word}");
        }
        assert_eq!(directory.user(second.id), Some(second));
        assert_eq!((directory.find_user(""), directory.user(Uuid::nil())), (None, None));
        let queue = &directory.queues[0];
        assert_eq!(directory.find_queue("support"), Some(queue));
        assert_eq!(directory.find_queue(&queue.id.to_string()), Some(queue));
        assert_eq!(directory.find_queue("sales"), None);
    }

    #[test]
    fn the_seed_fixes_the_organisation() {
        assert_eq!(Directory::new(1).users, Directory::new(1).users);
        assert_ne!(Directory::new(1).users, Directory::new(2).users);
    }
}
