//! Which calls are there: the part of a stream that knows what it has yet to find out.

use super::Follower;

impl Follower {
    /// Are all calls to be looked for that may be concerned? Asked once.
    pub(crate) fn wants_list(&self) -> bool {
        let mut state = self.lock();
        let wants = std::mem::take(&mut state.to_list);
        state.listing |= wants;
        wants
    }

    /// Is all known that is followed, and none of it live?
    pub(crate) fn is_quiet(&self) -> bool {
        let state = self.lock();
        state.begun && !state.to_list && !state.listing && state.calls.values().all(|call| call.ended_at.is_some())
    }

    /// These calls may be concerned.
    pub(crate) fn listed(&self, ids: Vec<String>) {
        let mut state = self.lock();
        state.listing = false;
        for id in ids {
            if !state.calls.contains_key(&id) {
                state.want_read(id);
            }
        }
        drop(state);
        self.work.notify_one();
    }
}
