//! What this process knows of its own commands, conversation by conversation, whatever client sent them.
//!
//! A command that we sent may still act after we have looked; most wrong proofs come from forgetting one. So all clients
//! of a process share one [`Conversations`]: it gives commands their turn, one at a time for each conversation, and
//! remembers those that are open ([`OpenCommands`], pure). A conversation that nobody uses is kept only while a command of
//! ours is open, in a few bytes: bulk work passes through a hundred thousand of them.

mod blocks;
mod kept;
mod key;
mod open;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;

use crate::model::{Action, ConversationId};
pub use blocks::{Blocks, Inside, OurPause};
use kept::Kept;
use key::Key;
pub use open::{Fate, OpenCommands};

/// All conversations of one process.
#[derive(Clone, Default)]
pub struct Conversations(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    used: HashMap<Key, Used>,
    idle: HashMap<Key, Kept>,
    /// Commands that a process left behind in a journal, until the first read of their conversation.
    inherited: HashMap<Box<str>, Vec<Action>>,
    /// Sweep when there are more idle ones than this.
    sweep_at: usize,
}

struct Used {
    users: usize,
    live: Arc<Live>,
}

/// Fewer idle conversations are not worth a sweep.
const FEW: usize = 1_024;

#[derive(Default)]
struct Live {
    open: Mutex<OpenCommands>,
    turn: Arc<tokio::sync::Mutex<()>>,
    blocks: Arc<tokio::sync::Mutex<Blocks>>,
}

impl Conversations {
    /// The conversation with this id on this server, for as long as somebody uses it.
    pub fn get(&self, origin: &str, id: &ConversationId) -> Conversation {
        let key = Key::new(origin, id.as_str());
        let mut known = self.lock();
        let live = if let Some(used) = known.used.get_mut(&key) {
            used.users += 1;
            used.live.clone()
        } else {
            let open = Mutex::new(known.idle.remove(&key).map(Kept::open).unwrap_or_default());
            let live = Arc::new(Live { open, ..Live::default() });
            known.used.insert(key.clone(), Used { users: 1, live: live.clone() });
            live
        };
        drop(known);
        Conversation { all: self.clone(), key, live }
    }

    /// A process that is gone left this command behind, and nobody knows its fate.
    pub fn inherit(&self, id: &str, action: Action) {
        self.lock().inherited.entry(id.into()).or_default().push(action);
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Conversations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.lock();
        write!(f, "Conversations({} in use, {} idle)", known.used.len(), known.idle.len())
    }
}

impl Known {
    fn keep(&mut self, key: Key, open: OpenCommands) {
        if self.idle.len() >= self.sweep_at.max(FEW) {
            if let Some(now) = open.last_change() {
                self.idle.retain(|_, idle| idle.any_at(now));
            }
            self.sweep_at = 2 * self.idle.len();
        }
        self.idle.insert(key, Kept::new(open));
    }
}

/// One conversation, in use.
pub struct Conversation {
    all: Conversations,
    key: Key,
    live: Arc<Live>,
}

impl Conversation {
    /// Its open commands. Hold it for a moment, never over an await.
    pub fn open(&self) -> MutexGuard<'_, OpenCommands> {
        self.live.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first read of it by this process began at `began`: from then on what others left behind is open for `settle`.
    pub fn take_over(&self, id: &ConversationId, settle: Duration, began: Duration) {
        let inherited = {
            let mut known = self.all.lock();
            if known.inherited.is_empty() { None } else { known.inherited.remove(id.as_str()) }
        };
        for action in inherited.into_iter().flatten() {
            self.open().inherited(action, settle, began);
        }
    }

    /// Waits until no command is under way to it. While the turn is held none will be.
    pub async fn turn(&self) -> Turn {
        Turn(self.live.turn.clone().lock_owned().await)
    }

    /// Waits until no pause block of this process is entering or leaving, and keeps the others from it.
    pub async fn blocks(&self) -> OwnedMutexGuard<Blocks> {
        self.live.blocks.clone().lock_owned().await
    }

    /// The same, if nobody is entering or leaving now.
    pub fn blocks_now(&self) -> Option<OwnedMutexGuard<Blocks>> {
        self.live.blocks.clone().try_lock_owned().ok()
    }

    /// A command is about to be sent. Until it is told otherwise its fate is unknown: also if whoever sends it is dropped.
    pub fn sending(&self, action: Action, settle: Duration, clock: &crate::clock::SharedClock) -> Sending<'_> {
        let serial = self.open().sending(action, settle);
        Sending { conversation: self, serial, clock: clock.clone(), over: false }
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        let mut known = self.all.lock();
        let Some(used) = known.used.get_mut(&self.key) else { return };
        used.users -= 1;
        if used.users == 0 {
            known.used.remove(&self.key);
            let open = std::mem::take(&mut *self.open());
            if !open.is_empty() {
                known.keep(self.key.clone(), open);
            }
        }
    }
}

impl fmt::Debug for Conversation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Conversation").field(&self.open()).finish()
    }
}

/// Leave to send a command: nobody else in this process has one under way to the same conversation.
#[derive(Debug)]
pub struct Turn(#[expect(dead_code, reason = "held, not read")] OwnedMutexGuard<()>);

/// A command whose attempt has not ended.
pub struct Sending<'a> {
    conversation: &'a Conversation,
    serial: u32,
    clock: crate::clock::SharedClock,
    over: bool,
}

impl Sending<'_> {
    /// The attempt ended so.
    pub fn ended(mut self, fate: Fate) {
        self.over = true;
        self.conversation.open().ended(self.serial, fate, self.clock.now());
    }
}

impl Drop for Sending<'_> {
    fn drop(&mut self) {
        if !self.over {
            self.conversation.open().ended(self.serial, Fate::Unknown, self.clock.now());
        }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
