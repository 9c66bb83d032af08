//! What a stream is about, and what is said where the server refuses all of it.

use std::collections::BTreeSet;

use crate::wire::platform::Picture;
use crate::wire::platform::notifications::{Topic, queue, user};

/// So many refused topics are named in an error.
const NAMED: usize = 5;

/// What a stream is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Following {
    /// Conversations, by id.
    pub conversations: BTreeSet<String>,
    /// Queues, by id: all their calls.
    pub queues: BTreeSet<String>,
    /// Users, by id: all their calls.
    pub users: BTreeSet<String>,
}

impl Following {
    /// The topics that carry it, as far as they are known before anything is read.
    pub fn topics(&self) -> BTreeSet<String> {
        self.queues.iter().map(|id| queue(id)).chain(self.users.iter().map(|id| user(id))).collect()
    }

    /// Does anybody on the call have to do with it?
    pub(super) fn concerns(&self, picture: &Picture) -> bool {
        let among = |all: &BTreeSet<String>, id: &Option<String>| {
            id.as_ref().is_some_and(|id| all.iter().any(|one| one.eq_ignore_ascii_case(id)))
        };
        let mut live = picture.people.iter().filter(|person| person.live);
        live.any(|person| among(&self.queues, &person.queue_id) || among(&self.users, &person.user_id))
    }
}

/// Which topics are refused, and what whoever asks would need for them.
pub(super) fn nothing_left(refused: &[Topic]) -> String {
    let one = |Topic { name, refused }: &Topic| {
        let name = name.escape_debug();
        let refused = refused.clone().unwrap_or_default();
        match (refused.missing.is_empty(), refused.reason) {
            (false, _) => format!("{name} (missing: {})", refused.missing.join(", ").escape_debug()),
            (true, Some(reason)) => format!("{name} ({})", reason.escape_debug()),
            (true, None) => name.to_string(),
        }
    };
    let named: Vec<_> = refused.iter().take(NAMED).map(one).collect();
    let more = if refused.len() > NAMED { format!(" and {} more", refused.len() - NAMED) } else { String::new() };
    format!("The server refuses all topics that were to be followed: {}{more}.", named.join("; "))
}
