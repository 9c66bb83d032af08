//! What Python plans first and begins later, once: a pause block, the work on many conversations.

use std::mem;

/// A plan, or what became of it.
pub(super) enum Once<Plan, Begun> {
    Planned(Box<Plan>),
    Begun(Begun),
    /// Used up, or being begun.
    Over,
}

impl<Plan, Begun> Once<Plan, Begun> {
    /// What is to be begun; None if that was taken before, and then what lives of it is left alone.
    pub(super) fn take_plan(&mut self) -> Option<Box<Plan>> {
        match mem::replace(self, Self::Over) {
            Self::Planned(plan) => Some(plan),
            other => {
                *self = other;
                None
            }
        }
    }
}
