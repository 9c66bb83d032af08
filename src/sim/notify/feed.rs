//! A connection that waits: for the clock, for the world's next change, for somebody who makes one.
//!
//! It knows nothing of sockets, so that the server's and the door's are the same. Whoever holds it asks for the next
//! frame and hands in what the client said.

use std::pin::pin;
use std::sync::Arc;

use futures_util::future::select;

use super::connection::{Ending, Next};
use crate::sim::core::Core;
use crate::sim::world::World;

/// What goes to the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sim) enum Frame {
    Text(String),
    End(Ending),
}

/// The server's end of a channel's socket. When it is dropped, the channel is not connected any more.
pub(in crate::sim) struct Feed {
    core: Arc<Core>,
    connection: Option<u64>,
}

/// The way of a client's texts to its connection.
#[derive(Clone)]
pub(in crate::sim) struct Ear {
    core: Arc<Core>,
    connection: Option<u64>,
}

impl Feed {
    /// Not connected yet.
    pub(in crate::sim) fn new(core: Arc<Core>) -> Self {
        Self { core, connection: None }
    }

    /// Whether there is such a channel; then this is its connection.
    pub(in crate::sim) fn connect(&mut self, world: &mut World, channel: &str) -> bool {
        self.connection = world.connect(channel);
        self.connection.is_some()
    }

    pub(in crate::sim) fn ear(&self) -> Ear {
        Ear { core: self.core.clone(), connection: self.connection }
    }

    /// The next frame, when it is there. Dropping this future loses nothing.
    pub(in crate::sim) async fn next(&mut self) -> Frame {
        let end = Frame::End(Ending::Closed);
        let Some(number) = self.connection else { return end };
        loop {
            let (until, signal) = {
                let mut world = self.core.world();
                let now = world.now();
                let until = match world.channels.next(now, number) {
                    Next::Text(text) => return Frame::Text(text),
                    Next::End(ending) => return Frame::End(ending),
                    Next::Wait(until) => until,
                };
                let Some(signal) = world.channels.signal(number) else { return end };
                (world.next_due().map_or(until, |due| due.min(until)), signal)
            };
            select(pin!(signal.notified()), pin!(self.core.wait_until(until))).await;
        }
    }

    /// Resolves when the connection is to be cut: for who is in the middle of sending to a client that does not read.
    pub(in crate::sim) async fn cut(&self) {
        loop {
            let signal = self.connection.and_then(|number| {
                let world = self.core.world();
                world.channels.signal(number).filter(|_| !world.channels.is_cut(number))
            });
            match signal {
                Some(signal) => signal.notified().await,
                None => return,
            }
        }
    }
}

impl Ear {
    pub(in crate::sim) fn hear(&self, text: &str) {
        if let Some(number) = self.connection {
            self.core.world().channels.hear(number, text);
        }
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        if let Some(number) = self.connection {
            self.core.world().disconnect(number);
        }
    }
}
