//! What is followed, and what is told of it: bookkeeping without I/O.
//!
//! One identity has one channel of the notification service, whoever follows what on it ([`Hub`]). Each stream of events
//! is a [`Follower`]: it keeps what is known of its calls, tells what changes in them, each change once, and says where
//! something may have been missed. Opening the channel, reading calls and waiting is `api/events/`.
//!
//! | file | what it is |
//! | --- | --- |
//! | `hub.rs` | who follows which topics, and what the server says to that |
//! | `follower.rs` | one stream: what is known, what is to be read, what waits to be taken |
//! | `following.rs` | what a stream is about |
//! | `follower_list.rs` | which calls are there, as far as that was asked for |
//! | `call.rs` | one call in a stream: what is known, and through which topics it was heard |
//! | `told.rs` | what was told of a call, and what is new against that: pure |

mod call;
mod follower;
mod following;
mod hub;
mod state;
mod told;

pub use follower::{Follower, Taken};
pub use following::Following;
pub use hub::{Hub, Listener, Membership};
pub(crate) use hub::{Lease, Life};
