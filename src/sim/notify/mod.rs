//! The notification service: channels, what they are subscribed to, and what comes down their sockets.
//!
//! Reading order: `topic` (what can be subscribed to), `channel`, `connection` (an open socket, without I/O),
//! `channels` (all of them; a part of the world), `event` (what is said), `feed` (a connection that waits on the clock).
//!
//! An event goes to whoever is connected at its instant. Nothing is kept for who is not: so the vendor has it.

mod channel;
mod channels;
mod connection;
mod event;
mod feed;
mod options;
mod topic;

pub(super) use channel::Channel;
pub use channel::SimChannel;
pub(super) use channels::{Channels, Trouble, Verdict};
pub use connection::Ending;
pub(super) use feed::{Ear, Feed, Frame};
pub use options::Notifications;
pub(super) use options::Rules;
pub(super) use topic::{TOPICS, Template, Topic};
