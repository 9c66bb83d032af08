//! What can be subscribed to: the topics that this simulator knows, and how a subscription names them.
//!
//! Two kinds of names: `v2.users.{id}.conversations.calls`, and several topics of one prefix as one subscription,
//! `v2.users.{id}?conversations&presence`. The vendor's own client library sends the latter, and keeps names within 200
//! characters. Which permission a topic takes is published in `availabletopics` of the real service only: the ones here
//! are those of the reads that show the same (?).

/// Longer names are no topics.
const LONGEST: usize = 200;

/// What an event of a topic shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Body {
    /// A call, its participants flat.
    Call,
    /// A conversation, its calls inside of the participants.
    Conversation,
    /// A recording that is there from now on.
    Recording,
    /// Subscribed to like any other; nothing here comes of it.
    Nothing,
}

/// A kind of topic.
#[derive(Debug)]
pub(in crate::sim) struct Template {
    pub id: &'static str,
    pub description: &'static str,
    /// Takes one of these, of whoever subscribes.
    pub permissions: &'static [&'static str],
    /// Whether users need no permission for what is their own.
    pub free_for_its_user: bool,
    body: Body,
}

const VIEW: &[&str] = &["conversation:communication:view"];
const RECORDING: &[&str] = &["recording:recording:view"];
const DETAIL: &[&str] = &["analytics:conversationDetail:view"];

/// Every topic that exists here.
pub(in crate::sim) const TOPICS: [Template; 18] = [
    of_user("v2.users.{id}.conversations", "The conversations of a user", VIEW, Body::Conversation),
    of_user("v2.users.{id}.conversations.calls", "The calls of a user", VIEW, Body::Call),
    of_user(
        "v2.users.{id}.conversations.{id}.recordings",
        "The recordings of a conversation",
        RECORDING,
        Body::Recording,
    ),
    of_all("v2.routing.queues.{id}.conversations", "The conversations of a queue", VIEW, Body::Conversation),
    of_all("v2.routing.queues.{id}.conversations.calls", "The calls of a queue", VIEW, Body::Call),
    of_detail("v2.detail.events.conversation.{id}.acd.start", "A queue takes a conversation"),
    of_detail("v2.detail.events.conversation.{id}.acd.end", "A queue hands a conversation on"),
    of_detail("v2.detail.events.conversation.{id}.user.start", "A user joins a conversation"),
    of_detail("v2.detail.events.conversation.{id}.user.end", "A user leaves a conversation"),
    of_detail("v2.detail.events.conversation.{id}.customer.start", "A customer joins"),
    of_detail("v2.detail.events.conversation.{id}.customer.end", "A customer leaves"),
    of_detail("v2.detail.events.conversation.{id}.flow.start", "A flow begins"),
    of_detail("v2.detail.events.conversation.{id}.flow.end", "A flow ends"),
    of_detail("v2.detail.events.conversation.{id}.voicemail.start", "A voicemail begins"),
    of_detail("v2.detail.events.conversation.{id}.voicemail.end", "A voicemail ends"),
    of_detail("v2.detail.events.conversation.{id}.acw", "After-call work"),
    of_detail("v2.detail.events.conversation.{id}.attributes", "Attributes of a participant change"),
    of_detail("v2.detail.events.conversation.{id}.wrapup", "A wrap-up code is set"),
];

const fn of_all(
    id: &'static str,
    description: &'static str,
    permissions: &'static [&'static str],
    body: Body,
) -> Template {
    Template { id, description, permissions, free_for_its_user: false, body }
}

/// What happens to the participants, for reports. It tells nothing of recordings.
const fn of_detail(id: &'static str, description: &'static str) -> Template {
    of_all(id, description, DETAIL, Body::Nothing)
}

const fn of_user(
    id: &'static str,
    description: &'static str,
    permissions: &'static [&'static str],
    body: Body,
) -> Template {
    Template { free_for_its_user: true, ..of_all(id, description, permissions, body) }
}

/// One topic, as it was named: what an event says in `topicName`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sim) struct Topic {
    pub name: String,
    place: usize,
}

impl Topic {
    /// The topics of a subscription; None where one of them does not exist.
    pub(in crate::sim) fn read(subscription: &str) -> Option<Vec<Self>> {
        if subscription.len() > LONGEST {
            return None;
        }
        match subscription.split_once('?') {
            None => Some(vec![Self::named(subscription.to_owned())?]),
            Some((prefix, rest)) => rest.split('&').map(|part| Self::named(format!("{prefix}.{part}"))).collect(),
        }
    }

    fn named(name: String) -> Option<Self> {
        let place = TOPICS.iter().position(|template| template.fits(&name))?;
        Some(Self { name, place })
    }

    pub(in crate::sim) fn template(&self) -> &'static Template {
        &TOPICS[self.place]
    }

    /// The user whose topic it is.
    pub(in crate::sim) fn user(&self) -> Option<&str> {
        self.name.strip_prefix("v2.users.")?.split('.').next()
    }

    pub(super) fn body(&self) -> Body {
        self.template().body
    }
}

impl Template {
    fn fits(&self, name: &str) -> bool {
        let (mut own, mut given) = (self.id.split('.'), name.split('.'));
        loop {
            match (own.next(), given.next()) {
                (None, None) => return true,
                (Some("{id}"), Some(id)) if !id.is_empty() && id != "{id}" => {}
                (Some(own), Some(given)) if own == given && own != "{id}" => {}
                _ => return false,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(subscription: &str) -> Option<Vec<String>> {
        Some(Topic::read(subscription)?.into_iter().map(|topic| topic.name).collect())
    }

    #[test]
    fn each_topic_is_read_and_nothing_else() {
        for template in &TOPICS {
            let name = template.id.replace("{id}", "an-id");
            assert_eq!(Topic::read(&name).unwrap()[0].template().id, template.id);
        }
        for none in ["", "v2.users.{id}.conversations", "v2.users..conversations", "v2.users.a", "v2.users.a.presence"]
        {
            assert_eq!(Topic::read(none), None, "{none}");
        }
        assert_eq!(Topic::read("v2.users.a.conversations.calls.more"), None);
        assert_eq!(Topic::read(&format!("v2.users.{}.conversations", "a".repeat(200))), None);
    }

    #[test]
    fn one_subscription_may_name_several_topics_of_one_prefix() {
        let both = ["v2.users.a.conversations".to_owned(), "v2.users.a.conversations.calls".to_owned()];
        assert_eq!(names("v2.users.a?conversations&conversations.calls"), Some(both.to_vec()));
        assert_eq!(names("v2.users.a?conversations&nonsense"), None);
        assert_eq!(names("v2.users.a?"), None);
    }

    #[test]
    fn a_topic_knows_whose_it_is() {
        assert_eq!(Topic::read("v2.users.a.conversations").unwrap()[0].user(), Some("a"));
        assert_eq!(Topic::read("v2.routing.queues.a.conversations").unwrap()[0].user(), None);
    }
}
