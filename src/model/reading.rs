//! One look at a conversation's recording.

use super::{Basis, Document, Recorder, State};

/// What one answer of the server says about a conversation's recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The verdict.
    pub state: State,
    /// Is the call live? None where the wire does not say.
    pub active: Option<bool>,
    /// Which of the server's words the verdict rests on.
    pub basis: Basis,
    /// Is it recorded by a policy, and by nobody on demand?
    pub by_policy: bool,
    /// Which recorder a stop is for: a snippet's, where nothing else was recorded on demand.
    pub stoppable: Recorder,
    /// The server's own words.
    pub raw: Document,
}
