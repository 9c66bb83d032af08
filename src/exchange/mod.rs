//! One HTTP exchange as values: what is asked, who asks, what is answered, and how far an attempt has come.
//!
//! The wires make and read these, the transport carries them; neither knows the other.

mod authorization;
mod progress;
mod quota;
mod request;
mod response;

pub use authorization::Authorization;
pub use progress::Progress;
pub use quota::Quota;
pub use request::{Effect, Origin, Request};
pub use response::{Response, correlation_id};
