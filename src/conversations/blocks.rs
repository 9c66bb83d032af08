//! The pause blocks of one conversation in this process, whatever the client: the last one to leave resumes.

use crate::journal::{Journal, RowId};
use crate::model::{Basis, State};

/// Who is inside, and whose pause it is.
#[derive(Debug, Default)]
pub struct Blocks {
    /// Blocks whose body runs.
    pub inside: usize,
    /// The pause that blocks of this process set, and have to lift. None: somebody else's, or none.
    pub ours: Option<OurPause>,
}

/// A pause that a block of this process sent, accepted or of unknown fate.
#[derive(Clone, Debug)]
pub struct OurPause {
    /// What was read before it.
    pub before: (State, Basis),
    /// The row that stands for it, in the journal of the client that sent it.
    pub row: Option<(Journal, RowId)>,
}
