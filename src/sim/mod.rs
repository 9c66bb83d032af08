//! The simulator of Genesys Cloud: a second, independent reading of its wires.
//!
//! It shares nothing with the client but the [`crate::clock`]: a field name that both got wrong from one place would
//! pass every test. Reading order: `recording`, `recorders`, `queue`, `call`, `calls` (what a call is and how commands act
//! on it), `directory` and `tokens` (who there is, and who may ask), `world` (all of it together, without I/O), `routes` (a
//! file an endpoint), `view` and `conversation` (a body), `server` (sockets) and `door` (none), `simulator` (the handle).

mod analytics;
mod annotations;
mod body;
mod call;
mod call_conversation;
mod calls;
mod casting;
mod change;
mod conversation;
mod core;
mod dice;
mod directory;
mod door;
mod door_socket;
mod error;
mod evidence;
mod failure;
mod faults;
mod handoff;
mod line;
mod log;
mod logins;
mod moment;
mod notify;
mod options;
mod parties;
mod queue;
mod rate;
mod recorders;
mod recording;
mod reply;
mod routes;
mod server;
mod simulator;
mod steering;
mod tls;
mod tokens;
mod view;
mod world;

pub use calls::NewCall;
pub use directory::{Named, Person};
pub use door::Door;
pub use door_socket::DoorSocket;
pub use error::SimError;
pub use faults::{Fault, Reset, RetryAfter, Route};
pub use log::SimRequest;
pub use notify::{Ending, Notifications, SimChannel};
pub use options::{ClockKind, Options, PERMISSIONS, SCOPES, Schedule};
pub use queue::SimCommand;
pub use recording::{Action, State};
pub use simulator::Simulator;
pub use steering::Steering;
