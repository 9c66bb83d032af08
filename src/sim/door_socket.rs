//! The client's end of a notification channel's socket, where there are no sockets.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use futures_util::Stream;
use futures_util::stream::{BoxStream, unfold};

use super::notify::{Ear, Ending, Feed, Frame};

/// A stream of the texts that the server sends; polling it is what lets the server go on. It ends when the server ends
/// it. Dropping it closes it.
pub struct DoorSocket {
    ear: Ear,
    frames: BoxStream<'static, Frame>,
    ending: Option<Ending>,
}

/// Where a feed is put by whoever opened it, and found by whoever came through the door.
#[derive(Clone, Default)]
pub(super) struct Doorway(Arc<Mutex<Option<Feed>>>);

impl Doorway {
    pub(super) fn put(&self, feed: Feed) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(feed);
    }

    pub(super) fn socket(&self) -> Option<DoorSocket> {
        let feed = self.0.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        let ear = feed.ear();
        let frames = unfold(Some(feed), |feed| async {
            let mut feed = feed?;
            match feed.next().await {
                text @ Frame::Text(_) => Some((text, Some(feed))),
                end @ Frame::End(_) => Some((end, None)),
            }
        });
        Some(DoorSocket { ear, frames: Box::pin(frames), ending: None })
    }
}

impl DoorSocket {
    /// Says something to the server.
    pub fn send(&self, text: &str) {
        self.ear.hear(text);
    }

    /// How the server ended it; None while it is open.
    pub fn ending(&self) -> Option<Ending> {
        self.ending
    }
}

impl Stream for DoorSocket {
    type Item = String;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<String>> {
        match ready!(self.frames.as_mut().poll_next(context)) {
            Some(Frame::Text(text)) => Poll::Ready(Some(text)),
            Some(Frame::End(ending)) => {
                self.ending = Some(ending);
                Poll::Ready(None)
            }
            None => Poll::Ready(None),
        }
    }
}

impl fmt::Debug for DoorSocket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("DoorSocket").field("ending", &self.ending).finish_non_exhaustive()
    }
}
