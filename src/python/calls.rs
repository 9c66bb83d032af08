//! The active calls as a stream for Python.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use futures_util::lock::Mutex;
use pyo3::IntoPyObjectExt;

use super::stream::{Flow, Item};
use super::values::PyConversation;
use crate::api::ActiveCalls;
use crate::error::Error;
use crate::model::{CallSource, Conversation};

/// Nothing goes on between two askings: what is asked for is done by whoever asks.
pub(super) struct Calls {
    finder: Mutex<ActiveCalls>,
    source: Arc<OnceLock<CallSource>>,
    over: AtomicBool,
}

impl Calls {
    pub(super) fn new(calls: ActiveCalls) -> Self {
        Self { source: calls.source(), finder: Mutex::new(calls), over: AtomicBool::new(false) }
    }
}

impl Flow for Calls {
    fn next(self: Arc<Self>) -> BoxFuture<'static, Result<Option<Vec<Item>>, Error>> {
        async move {
            let mut calls = self.finder.lock().await;
            let some = calls.next().await?;
            self.over.store(calls.is_over(), Ordering::Release);
            Ok(some.map(|some| some.into_iter().map(item).collect()))
        }
        .boxed()
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    fn source(&self) -> Option<&'static str> {
        self.source.get().map(|source| source.word())
    }
}

fn item(call: Conversation) -> Item {
    Box::new(|py| PyConversation(call).into_bound_py_any(py))
}
