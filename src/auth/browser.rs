//! The browser that a user logs in with.

use std::thread;
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::sync::oneshot;

use crate::clock::SharedClock;

/// A browser that runs in the terminal comes back when it is closed: one that has not failed by then is at work.
const PATIENCE: Duration = Duration::from_secs(3);

/// Opens the address in the user's browser (`BROWSER` is honoured); false if there is none.
pub async fn open(address: &str, clock: &SharedClock) -> bool {
    let address = address.to_owned();
    let (tell, told) = oneshot::channel();
    thread::spawn(move || tell.send(webbrowser::open(&address).is_ok()));
    match select(told, clock.sleep_until(clock.now() + PATIENCE)).await {
        Either::Left((opened, _)) => opened.unwrap_or(false),
        Either::Right(_) => true,
    }
}
