//! Live events as a stream for Python. Its life goes on while Python does something else: a socket wants to be read.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use pyo3::prelude::*;
use pyo3::types::PyString;

use super::engine::Engine;
use super::errors::raised;
use super::stream::{Flow, Item};
use super::values::event;
use crate::api::events::{Events, Follow};
use crate::client::Session;
use crate::config::Api;
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
        refused(&self.0)
    }

    fn close(&self) {
        self.0.close();
    }

    fn cut_off(&self) {
        self.0.cut_off();
    }

    fn is_cut_off(&self) -> bool {
        self.0.is_cut_off()
    }
}

/// The topics that the server refuses, each with the permissions that are missing.
pub(super) fn refused(events: &Events) -> Vec<(String, Vec<String>)> {
    let refused = events.refused().into_iter();
    refused.map(|topic| (topic.name, topic.refused.unwrap_or_default().missing)).collect()
}

/// What is to be followed, as Python says it: conversations, queues and users.
pub(super) fn follow(py: Python<'_>, api: Api, [calls, queues, users]: [&Bound<'_, PyAny>; 3]) -> PyResult<Follow> {
    let (queues, users, calls) = (ids("queues", queues)?, ids("users", users)?, ids("conversations", calls)?);
    let follow = || -> Result<_, Error> {
        let conversations = calls.iter().map(|id| id.parse()).collect::<Result<_, _>>()?;
        let follow = Follow { conversations, queues, users };
        follow.check(api)?;
        Ok(follow)
    };
    follow().map_err(|error| raised(py, &error))
}

/// The ids in an iterable. A string is one too, and hardly meant so.
fn ids(name: &str, given: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    let refuse = || {
        let error = Error::Config(format!("{name} must be an iterable of ids: strings, such as a list has them."));
        raised(given.py(), &error)
    };
    if given.is_instance_of::<PyString>() {
        return Err(refuse());
    }
    given.try_iter().map_err(|_| refuse())?.map(|id| id?.extract::<String>().map_err(|_| refuse())).collect()
}

pub(super) fn item(told: Event) -> Item {
    Box::new(|py| event(py, told))
}
