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

/// Somebody who takes part in a call, without name and number.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Participant {
    /// The participant's id.
    pub id: Option<String>,
    /// `customer`, `agent`, `ivr`, or the server's own word.
    pub purpose: Option<String>,
    /// The state of the participant's connection.
    pub state: Option<String>,
}
