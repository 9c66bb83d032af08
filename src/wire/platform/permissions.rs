//! What each endpoint of the published API takes of whoever asks: the one table of it.
//!
//! From the official Python SDK's documents (257.1.0). Any one of an endpoint's permissions will do; one without any
//! needs a token and no more. Whoever is refused is told what is written here.

use http::Method;

use crate::error::Needs;

/// An endpoint, what it takes, and which of gcrec's operations use it.
#[derive(Debug)]
pub struct Endpoint {
    verb: Verb,
    /// Its path, with names for its variable parts.
    pub template: &'static str,
    /// Any one of these permissions.
    pub any_of: &'static [&'static str],
    /// The operations that send it, as users type them.
    pub operations: &'static [&'static str],
}

#[derive(Clone, Copy, Debug)]
enum Verb {
    Get,
    Patch,
    Post,
    Put,
    Delete,
}

impl Endpoint {
    /// The HTTP method.
    pub fn method(&self) -> Method {
        match self.verb {
            Verb::Get => Method::GET,
            Verb::Patch => Method::PATCH,
            Verb::Post => Method::POST,
            Verb::Put => Method::PUT,
            Verb::Delete => Method::DELETE,
        }
    }

    /// The same for a request.
    pub fn needs(&self) -> Needs {
        if self.any_of.is_empty() { Needs::Token } else { Needs::AnyOf(self.any_of) }
    }
}

/// Reads a conversation.
pub const CONVERSATION: Endpoint = Endpoint {
    verb: Verb::Get,
    template: "/api/v2/conversations/{id}",
    any_of: &["conversation:communication:view"],
    operations: &[
        "active_calls",
        "conversation",
        "status",
        "start",
        "stop",
        "ensure",
        "wait_until",
        "paused",
        "events",
    ],
};

/// Pauses and resumes anybody's recording.
pub const RECORDING_STATE: Endpoint = Endpoint {
    verb: Verb::Patch,
    template: "/api/v2/conversations/{id}/recordingstate",
    any_of: &["conversation:recording:pauseOthers"],
    operations: &["pause", "resume", "ensure", "paused"],
};

/// Starts and stops a participant's recording on demand.
pub const PARTICIPANT: Endpoint = Endpoint {
    verb: Verb::Patch,
    template: "/api/v2/conversations/calls/{id}/participants/{participantId}",
    any_of: &["conversation:participant:wrapup", "conversation:call:record", "conversation:communication:disconnect"],
    operations: &["start", "stop", "ensure"],
};

/// Starts and stops an ad-hoc or a snippet recorder.
pub const SNIPPET: Endpoint = Endpoint {
    verb: Verb::Post,
    template: "/api/v2/conversations/calls/{id}/participants/{participantId}/snippet/record",
    any_of: &["conversation:recording:snippetRecord"],
    operations: &["start", "stop", "ensure"],
};

/// Finds conversations, whoever is on them.
pub const SEARCH: Endpoint = Endpoint {
    verb: Verb::Post,
    template: "/api/v2/analytics/conversations/details/query",
    any_of: &["analytics:conversationDetail:view", "analytics:agentConversationDetail:view"],
    operations: &["active_calls", "events"],
};

/// Lists the calls of the user who asks.
pub const OWN_CALLS: Endpoint =
    Endpoint { verb: Verb::Get, template: "/api/v2/conversations/calls", any_of: &[], operations: &["active_calls"] };

/// Lists what was recorded of a conversation.
pub const RECORDINGS: Endpoint = Endpoint {
    verb: Verb::Get,
    template: "/api/v2/conversations/{id}/recordings",
    any_of: &[
        "recording:recording:view",
        "recording:recordingSegment:view",
        "recording:snippetRecording:view",
        "recording:screenRecording:view",
    ],
    operations: &["recordings", "pauses"],
};

/// Says which user asks.
pub const WHO: Endpoint = Endpoint {
    verb: Verb::Get,
    template: "/api/v2/users/me",
    any_of: &[],
    operations: &["start", "stop", "active_calls"],
};

/// Makes a channel of the notification service. It takes no permission: each topic has its own, which the server names.
pub const CHANNELS: Endpoint = Endpoint {
    verb: Verb::Post,
    template: "/api/v2/notifications/channels",
    any_of: &[],
    operations: &["events", "paused"],
};

/// Follows topics, and nothing else.
pub const SET_TOPICS: Endpoint = Endpoint { verb: Verb::Put, ..ADD_TOPICS };

/// Follows more topics.
pub const ADD_TOPICS: Endpoint = Endpoint {
    verb: Verb::Post,
    template: "/api/v2/notifications/channels/{id}/subscriptions",
    any_of: &[],
    operations: &["events", "paused"],
};

/// Follows nothing any more.
pub const DROP_TOPICS: Endpoint = Endpoint { verb: Verb::Delete, operations: &["events"], ..ADD_TOPICS };

/// All of them.
pub const ALL: [&Endpoint; 12] = [
    &CONVERSATION,
    &RECORDING_STATE,
    &PARTICIPANT,
    &SNIPPET,
    &SEARCH,
    &OWN_CALLS,
    &RECORDINGS,
    &WHO,
    &CHANNELS,
    &SET_TOPICS,
    &ADD_TOPICS,
    &DROP_TOPICS,
];
