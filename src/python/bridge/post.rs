//! The way of results out of the runtime: many results, one courier.
//!
//! A courier sent out for the first of several results takes the core from whoever is about to deliver the next: two
//! changes of threads for every call. So a loop that has something to hear is noted here, and the courier leaves when the
//! runtime has done all that is due, after one more look at the sockets.

use std::sync::{Arc, Mutex};

use tokio::runtime::Runtime;
use tokio::sync::Notify;
use tokio::task;

use super::loop_queue::LoopQueue;
use crate::python::engine::{Counted, lock};

/// Loops that have something to hear.
#[derive(Clone, Default)]
pub(in crate::python) struct Post(Arc<Inner>);

#[derive(Default)]
struct Inner {
    /// With what keeps the runtime turning until they have heard.
    addressees: Mutex<Vec<(Arc<LoopQueue>, Counted)>>,
    bell: Notify,
}

impl Post {
    /// Has `runtime` answer the bell.
    pub(in crate::python) fn serve(&self, runtime: &Runtime) {
        drop(runtime.spawn(dispatch(self.clone())));
    }

    /// Notes a loop. Call it from inside the runtime.
    pub(in crate::python) fn add(&self, addressee: Arc<LoopQueue>, busy: Counted) {
        lock(&self.0.addressees).push((addressee, busy));
        self.0.bell.notify_one();
    }
}

async fn dispatch(post: Post) {
    loop {
        post.0.bell.notified().await;
        task::yield_now().await;
        let addressees = std::mem::take(&mut *lock(&post.0.addressees));
        for (addressee, _busy) in addressees {
            addressee.send_courier();
        }
    }
}
