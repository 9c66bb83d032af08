//! What went wrong on the way, told from reqwest's errors by their types, never by their words.

use std::error::Error as StdError;
use std::sync::Arc;
use std::{fmt, io};

use super::LARGEST_BODY;
use crate::error::{Sent, TransportKind};
use crate::exchange::Response;

type Source = Arc<dyn StdError + Send + Sync>;

/// Why no whole answer came of one attempt.
#[derive(Debug)]
pub enum Failure {
    /// The way broke.
    Broken {
        /// What broke.
        kind: TransportKind,
        /// May the server have acted?
        sent: Sent,
        /// What happened, in words.
        reason: String,
        /// The failure below.
        source: Option<Source>,
    },
    /// A success came, with a body that cannot be taken.
    Unreadable {
        /// The success, as far as it came.
        response: Box<Response>,
        /// What is wrong with the body.
        reason: String,
    },
}

/// Why a body is not whole.
pub(super) enum BodyFailure {
    CutOff(reqwest::Error),
    TooLarge,
    NotDecompressed,
}

impl BodyFailure {
    pub(super) fn of(error: reqwest::Error) -> Self {
        if is_decompression(&error) { Self::NotDecompressed } else { Self::CutOff(error.without_url()) }
    }

    /// As the failure of an answer that began with success.
    pub(super) fn after(self, response: Response) -> Failure {
        let reason = match self {
            Self::CutOff(error) => {
                return Failure::Broken {
                    kind: TransportKind::Broken,
                    sent: Sent::Yes,
                    reason: format!("the answer was cut off ({})", deepest(&error)),
                    source: Some(Arc::new(error)),
                };
            }
            Self::TooLarge => format!("is larger than {} MiB", LARGEST_BODY / (1024 * 1024)),
            Self::NotDecompressed => "cannot be decompressed".into(),
        };
        Failure::Unreadable { response: Box::new(response), reason }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken { reason, .. } => f.write_str(reason),
            Self::Unreadable { reason, .. } => write!(f, "the body {reason}"),
        }
    }
}

impl Failure {
    /// Nothing of the request left.
    pub(super) fn unsendable(reason: &str) -> Self {
        Self::Broken { kind: TransportKind::Broken, sent: Sent::No, reason: reason.to_owned(), source: None }
    }

    /// The request failed before its answer began.
    pub(super) fn of(error: reqwest::Error, sent: Sent) -> Self {
        let error = error.without_url();
        let sent = if error.is_connect() || error.is_builder() { Sent::No } else { sent };
        let kind = match (error.is_connect(), error.is_timeout()) {
            (true, true) => TransportKind::ConnectTimeout,
            (true, false) if is_tls(&error) => TransportKind::Tls,
            (true, false) => TransportKind::Connect,
            (false, true) => TransportKind::RequestTimeout,
            (false, false) => TransportKind::Broken,
        };
        let what = match kind {
            TransportKind::Connect => "no connection could be made",
            TransportKind::ConnectTimeout => "connecting took too long",
            TransportKind::Tls => "no trusted TLS connection could be made",
            TransportKind::RequestTimeout => "the answer took too long",
            TransportKind::Broken => "the connection broke before an answer came",
        };
        Self::Broken { kind, sent, reason: format!("{what} ({})", deepest(&error)), source: Some(Arc::new(error)) }
    }
}

/// The words of the failure at the bottom, which are the ones that tell.
pub(super) fn deepest(error: &dyn StdError) -> String {
    chain(error).last().map_or_else(String::new, ToString::to_string)
}

fn chain<'a>(error: &'a dyn StdError) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(error.source(), |&e| below(e))
}

/// An I/O error names as its source what is below the error that it holds: one held by another would be passed over.
fn below<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(held) => Some(held),
        None => error.source(),
    }
}

fn is_tls(error: &reqwest::Error) -> bool {
    // rustls reports itself as an I/O error of this kind; its own type is not ours to name.
    chain(error).filter_map(|e| e.downcast_ref::<io::Error>()).any(|e| e.kind() == io::ErrorKind::InvalidData)
}

/// reqwest calls every failure of a body a decoding one. A decompressor complains about data; a connection that dies
/// does so with the operating system's number, at an unexpected end, or without any I/O error (HTTP/2).
fn is_decompression(error: &reqwest::Error) -> bool {
    let complains = |e: &io::Error| {
        matches!(e.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput) && e.raw_os_error().is_none()
    };
    let in_the_framing = chain(error).any(<dyn StdError>::is::<hyper::Error>);
    !in_the_framing && chain(error).filter_map(|e| e.downcast_ref::<io::Error>()).any(complains)
}
