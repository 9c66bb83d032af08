//! The pause blocks of one conversation in this process, whatever the client: the last one to leave resumes.

use std::sync::Arc;

use crate::journal::{Journal, RowId};
use crate::model::{Basis, State};

/// Who is inside, and whose pause it is.
#[derive(Debug, Default)]
pub struct Blocks {
    /// Who has been let in. A block that ends in any way, also by being dropped, is not inside any more.
    door: Arc<()>,
    /// The pause that blocks of this process set, and have to lift. None: somebody else's, or none.
    pub ours: Option<OurPause>,
}

/// A block that is inside, for as long as this lives.
#[derive(Debug)]
pub struct Inside(#[expect(dead_code, reason = "counted, not read")] Arc<()>);

impl Blocks {
    /// Lets a block in.
    pub fn enter(&self) -> Inside {
        Inside(self.door.clone())
    }

    /// Is any block inside?
    pub fn anybody(&self) -> bool {
        Arc::strong_count(&self.door) > 1
    }
}

/// A pause that a block of this process sent, accepted or of unknown fate.
#[derive(Clone, Debug)]
pub struct OurPause {
    /// What was read before it.
    pub before: (State, Basis),
    /// The row that stands for it, in the journal of the client that sent it.
    pub row: Option<(Journal, RowId)>,
}
