//! Who hears the events of this process: our own targets, and nobody else's. (h2 tells whole headers, tokens included.)

use std::sync::Once;

use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record as Values};
use tracing::subscriber::{Interest, set_global_default};
use tracing::{Event, Metadata, Subscriber, callsite};

use super::levels;
use crate::clock::{Clock, SystemClock};
use crate::log::{Record, TARGETS};
use crate::python::engine::Engine;

/// Begins to listen, or does so at other levels. Call it with the GIL held.
pub(super) fn listen() {
    static ONCE: Once = Once::new();
    // The only one to be set in this library, which is nobody's dependency.
    ONCE.call_once(|| drop(set_global_default(Listener { clock: SystemClock::new() })));
    callsite::rebuild_interest_cache();
}

/// Puts events into the queue of their process.
struct Listener {
    clock: SystemClock,
}

fn is_ours(event: &Metadata<'_>) -> bool {
    let parent = TARGETS[0];
    event.target().strip_prefix(parent).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

impl Subscriber for Listener {
    fn register_callsite(&self, event: &'static Metadata<'static>) -> Interest {
        // Never `always`: a place that registers while levels change would keep the old answer.
        if is_ours(event) && !event.is_span() { Interest::sometimes() } else { Interest::never() }
    }

    fn enabled(&self, event: &Metadata<'_>) -> bool {
        is_ours(event) && levels::wanted(event)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(levels::most())
    }

    fn event(&self, event: &Event<'_>) {
        if let Some(engine) = Engine::current() {
            engine.logs.add(Record::of(event, self.clock.wall()));
        }
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Values<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
