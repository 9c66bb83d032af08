//! The pause blocks that live in this process. It may end inside them, in a daemon thread or where nobody called
//! `__exit__`: then nothing lifts the pause, and that must not pass in silence.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use pyo3::exceptions::PyUserWarning;
use pyo3::prelude::*;

use super::engine::lock;
use crate::api::pause::Observer;
use crate::model::ConversationId;

/// So many calls are named in the warning; the log names all.
const NAMED: usize = 10;

/// All of them, in the order in which they began.
#[derive(Clone, Default)]
pub(super) struct LiveBlocks(Arc<Mutex<Live>>);

#[derive(Default)]
struct Live {
    begun: u64,
    blocks: BTreeMap<u64, (ConversationId, Observer)>,
}

/// A block, until this is dropped.
pub(super) struct Listed {
    all: LiveBlocks,
    number: u64,
}

impl LiveBlocks {
    /// Remembers a block for as long as the result lives.
    pub(super) fn list(&self, id: ConversationId, observer: Observer) -> Listed {
        let mut live = lock(&self.0);
        live.begun += 1;
        let number = live.begun;
        live.blocks.insert(number, (id, observer));
        Listed { all: self.clone(), number }
    }

    /// The process ends, and nothing moves any more: tells of the pauses that it leaves behind, to the log and, as nobody
    /// may listen to that, as a warning.
    pub(super) fn tell_left_behind(&self, py: Python<'_>) {
        let live = lock(&self.0);
        let mut ids: Vec<_> =
            live.blocks.values().filter(|(_, observer)| observer.may_be_paused()).map(|(id, _)| id.clone()).collect();
        drop(live);
        ids.sort_by(|one, other| one.as_str().cmp(other.as_str()));
        ids.dedup();
        for id in &ids {
            let id = id.as_str().escape_debug();
            tracing::error!(
                target: "gcrec.pause",
                "conversation {id} may still be paused: the process ended inside its pause block"
            );
        }
        if ids.is_empty() {
            return;
        }
        let named: Vec<_> = ids.iter().take(NAMED).map(|id| id.as_str().escape_debug().to_string()).collect();
        let more = if ids.len() > NAMED { format!(" and {} more", ids.len() - NAMED) } else { String::new() };
        let words = format!(
            "the process ends inside a pause block, and may leave paused: {}{more}. Resume by hand, or run `gcrec recover` \
             if there is a journal.",
            named.join(", ")
        );
        // A nul is escaped, so there is none.
        let Ok(words) = std::ffi::CString::new(words) else { return };
        if let Err(error) = PyErr::warn(py, &py.get_type::<PyUserWarning>(), &words, 1) {
            error.write_unraisable(py, None); // warnings are errors here
        }
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        lock(&self.all.0).blocks.remove(&self.number);
    }
}
