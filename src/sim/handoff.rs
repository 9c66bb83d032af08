//! How a connection that stopped speaking HTTP goes on in the task that served it, so that it ends when that task does.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

/// What is done on the connection from now on.
pub(super) type Work = BoxFuture<'static, ()>;

/// Whoever handles a request finds it among the request's extensions.
#[derive(Clone, Default)]
pub(super) struct Handoff(Arc<Mutex<Option<oneshot::Receiver<Work>>>>);

impl Handoff {
    /// Promises work for the time after the answer. A sender that is dropped takes the promise back.
    pub(super) fn promise(&self) -> oneshot::Sender<Work> {
        let (sender, receiver) = oneshot::channel();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(receiver);
        sender
    }

    /// Does what was promised, if anything was.
    pub(super) async fn go_on(&self) {
        let promised = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(promised) = promised
            && let Ok(work) = promised.await
        {
            work.await;
        }
    }
}
