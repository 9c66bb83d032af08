//! Tells a request that a connection is being made for it.
//!
//! The HTTP stack makes connections inside the task that waits for the answer, so a task-local names the request. If a
//! connection of the pool becomes free first, the stack takes that one and goes on connecting in a task of its own: seen
//! from there the task-local is gone, and the request does not wait for this connection any more.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use tower_layer::Layer;
use tower_service::Service;

use crate::exchange::Progress;

tokio::task_local! {
    static WAITING: Progress;
}

/// Runs `exchange` as what `progress` is told about.
pub(super) async fn watched<F: Future>(progress: Progress, exchange: F) -> F::Output {
    WAITING.scope(progress, exchange).await
}

/// Wraps whatever makes connections.
#[derive(Clone, Copy)]
pub(super) struct Watch;

/// A maker of connections that tells about it.
#[derive(Clone)]
pub(super) struct Watched<S>(S);

impl<S> Layer<S> for Watch {
    type Service = Watched<S>;

    fn layer(&self, maker: S) -> Watched<S> {
        Watched(maker)
    }
}

impl<S, T> Service<T> for Watched<S>
where
    S: Service<T>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, target: T) -> Self::Future {
        let mut connection = Box::pin(self.0.call(target));
        let waiting = WAITING.try_with(Progress::clone).ok();
        if let Some(progress) = &waiting {
            progress.connecting();
        }
        Box::pin(poll_fn(move |context| {
            let made = connection.as_mut().poll(context);
            let waited_for = WAITING.try_with(|_| ()).is_ok();
            if let Some(progress) = waiting.as_ref().filter(|_| !waited_for || matches!(made, Poll::Ready(Ok(_)))) {
                progress.connected();
            }
            made
        }))
    }
}
