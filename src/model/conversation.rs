//! A conversation, as far as its recording is concerned. Names and numbers stay in `raw`.

use serde::{Deserialize, Serialize};

use super::Document;

/// A call. What a server does not say, or says in a form that we do not know, is None.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Conversation {
    /// Its id.
    pub id: String,
    /// `active` or `ended`, or the server's own word.
    pub state: Option<String>,
    /// What it is made of: `voice`.
    pub media: Option<String>,
    /// `inbound` or `outbound`.
    pub direction: Option<String>,
    /// When it began, as the server wrote it.
    pub started_at: Option<String>,
    /// Who takes part, in the server's order.
    pub participants: Vec<Participant>,
    /// The server's own words.
    pub raw: Document,
}

impl Conversation {
    /// What `state` says of a call that goes on.
    pub const ACTIVE: &str = "active";
    /// What `state` says of one that is over.
    pub const ENDED: &str = "ended";

    /// Does it go on?
    pub fn is_active(&self) -> bool {
        self.state.as_deref() == Some(Self::ACTIVE)
    }
}

/// Somebody who takes part in a call, without name and number.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Participant {
    /// The participant's id.
    pub id: Option<String>,
    /// `customer`, `agent`, `ivr`, or the server's own word.
    pub purpose: Option<String>,
    /// The state of the participant's connection.
    pub state: Option<String>,
    /// Who that is, in the organisation's directory: an agent has one, a customer has none.
    #[serde(default)]
    pub user_id: Option<String>,
    /// Through which queue the call came to them, or which queue that is.
    #[serde(default)]
    pub queue_id: Option<String>,
}
