//! Bodies on their way out and in.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};

use super::failure::BodyFailure;
use crate::exchange::Progress;

/// A body that tells when it is taken to be sent: only a connection that stands takes it.
pub(super) struct Watched {
    bytes: Option<Bytes>,
    progress: Progress,
}

impl Watched {
    pub(super) fn new(bytes: Bytes, progress: Progress) -> Self {
        Self { bytes: Some(bytes), progress }
    }
}

impl Body for Watched {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.progress.departed();
        Poll::Ready(self.bytes.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}

/// Reads a body to its end, or to the largest that is taken; gives what arrived, and why it is not whole.
pub(super) async fn read(mut response: reqwest::Response, largest: usize) -> (Bytes, Option<BodyFailure>) {
    let mut first = Bytes::new();
    let mut all = BytesMut::new();
    // What is announced as too large is not waited for.
    if response.content_length().is_some_and(|length| length > largest as u64) {
        return (first, Some(BodyFailure::TooLarge));
    }
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if first.len() + all.len() + chunk.len() > largest => {
                return (whole(first, all), Some(BodyFailure::TooLarge));
            }
            // One chunk is the rule: it is passed on uncopied.
            Ok(Some(chunk)) if first.is_empty() && all.is_empty() => first = chunk,
            Ok(Some(chunk)) => {
                all.extend_from_slice(&std::mem::take(&mut first));
                all.extend_from_slice(&chunk);
            }
            Ok(None) => return (whole(first, all), None),
            Err(error) => return (whole(first, all), Some(BodyFailure::of(error))),
        }
    }
}

fn whole(first: Bytes, all: BytesMut) -> Bytes {
    if all.is_empty() { first } else { all.freeze() }
}
