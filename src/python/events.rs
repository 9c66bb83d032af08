//! Live events as a stream for Python. Its life goes on while Python does something else: a socket wants to be read.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::engine::Engine;
use super::stream::{Flow, Item};
use super::values::event;
use crate::api::events::{Events, Follow};
use crate::client::Session;
use crate::error::Error;
use crate::model::Event;
use crate::notify::Taken;

/// One stream.
struct Live(Events);

/// Begins one. Its life ends when it is closed, or dropped.
pub(super) fn begin(session: &Session, follow: Follow) -> Result<Arc<dyn Flow>, Error> {
    let (events, life) = session.events(follow)?;
    if let Some(engine) = Engine::current() {
        engine.keep_going(life);
    }
    Ok(Arc::new(Live(events)))
}

impl Flow for Live {
    fn next(self: Arc<Self>) -> BoxFuture<'static, Result<Option<Vec<Item>>, Error>> {
        async move {
            match self.0.take().await? {
                Taken::Events(events) => Ok(Some(events.into_iter().map(item).collect())),
                Taken::Over => Ok(None),
            }
        }
        .boxed()
    }

    fn refused(&self) -> Vec<(String, Vec<String>)> {
        let refused = self.0.refused().into_iter();
        refused.map(|topic| (topic.name, topic.refused.unwrap_or_default().missing)).collect()
    }

    fn close(&self) {
        self.0.close();
    }
}

fn item(told: Event) -> Item {
    Box::new(|py| event(py, told))
}
