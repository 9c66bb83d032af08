//! Watching as a stream for Python: live events, and alarms among them.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use futures_util::lock::Mutex;

use super::engine::Engine;
use super::events::{item, refused};
use super::stream::{Flow, Item};
use crate::api::events::Events;
use crate::api::watch::{Told, Watch, Watching};
use crate::client::Session;
use crate::error::Error;

struct Live {
    watch: Mutex<Watch>,
    events: Arc<Events>,
}

/// Begins to watch. It ends when it is closed, or dropped.
pub(super) fn begin(session: &Session, wanted: Watching) -> Result<Arc<dyn Flow>, Error> {
    let (watch, life) = session.watch(wanted)?;
    if let Some(engine) = Engine::current() {
        engine.keep_going(life);
    }
    let events = watch.events();
    Ok(Arc::new(Live { watch: Mutex::new(watch), events }))
}

impl Flow for Live {
    fn next(self: Arc<Self>) -> BoxFuture<'static, Result<Option<Vec<Item>>, Error>> {
        async move {
            let told = self.watch.lock().await.next().await?;
            Ok(told.map(|told| told.into_iter().filter_map(shown).collect()))
        }
        .boxed()
    }

    fn refused(&self) -> Vec<(String, Vec<String>)> {
        refused(&self.events)
    }

    fn close(&self) {
        self.events.close();
    }

    fn cut_off(&self) {
        self.events.cut_off();
    }

    fn is_cut_off(&self) -> bool {
        self.events.is_cut_off()
    }
}

/// Nothing is resumed here, so nothing is told of that.
fn shown(told: Told) -> Option<Item> {
    match told {
        Told::Event(event) => Some(item(event)),
        Told::Resume { .. } => None,
    }
}
