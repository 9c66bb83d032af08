//! Bodies that do not arrive as they should.

use std::io;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;

use crate::clock::SharedClock;

/// Between two bytes of a slow body. Real time on any clock: a client's patience is measured in it.
const PACE: Duration = Duration::from_millis(50);

/// Half of the body, then the connection closes.
pub(super) fn truncated(mut bytes: Bytes) -> Body {
    bytes.truncate(bytes.len() / 2);
    Body::from_stream(stream::unfold(Some(bytes), |half| async {
        if let Some(half) = half {
            return Some((Ok(half), None));
        }
        // The first half leaves while this waits; an error at once would take it along.
        tokio::task::yield_now().await;
        Some((Err(io::Error::other("cut off by a fault")), None))
    }))
}

/// One byte after the other.
pub(super) fn slow(bytes: Bytes, clock: SharedClock) -> Body {
    Body::from_stream(stream::unfold((bytes, clock), |(mut bytes, clock)| async move {
        if bytes.is_empty() {
            return None;
        }
        clock.sleep_until(clock.now() + PACE).await;
        let byte = bytes.split_to(1);
        Some((Ok::<_, io::Error>(byte), (bytes, clock)))
    }))
}
