//! No whole answer came: not connected, TLS, too slow, cut off.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use super::{Call, ErrorKind, Sent};

/// What broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransportKind {
    /// No connection could be made.
    Connect,
    /// Connecting took too long.
    ConnectTimeout,
    /// The call took too long.
    RequestTimeout,
    /// The server's certificate is not trusted, or TLS failed otherwise.
    Tls,
    /// The connection was reset, or ended before the whole answer had come.
    Broken,
}

impl From<TransportKind> for ErrorKind {
    fn from(kind: TransportKind) -> Self {
        match kind {
            TransportKind::Connect => Self::Connect,
            TransportKind::ConnectTimeout => Self::ConnectTimeout,
            TransportKind::RequestTimeout => Self::RequestTimeout,
            TransportKind::Tls => Self::Tls,
            TransportKind::Broken => Self::Transport,
        }
    }
}

/// A request that got no whole answer.
#[derive(Clone, Debug)]
pub struct TransportError {
    /// What broke.
    pub kind: TransportKind,
    /// Which request.
    pub call: Call,
    /// May the server have acted?
    pub sent: Sent,
    /// What happened, in words.
    pub reason: String,
    /// The failure below, if there is one.
    pub source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl TransportError {
    /// The number of the operating system's error at the bottom, if it was one.
    pub fn os_error(&self) -> Option<i32> {
        let mut below = self.source();
        while let Some(error) = below {
            if let Some(code) = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::raw_os_error) {
                return Some(code);
            }
            below = error.source();
        }
        None
    }

    pub(super) fn sent(&self) -> Sent {
        self.call.sent(self.sent)
    }

    pub(super) fn hint(&self) -> String {
        let fate = match self.sent() {
            Sent::No => "Nothing was sent.",
            _ if self.call.command => {
                "The server may have acted: check the recording's status before sending a command again."
            }
            _ => "An answer may be had by asking again.",
        };
        let mend = match self.kind {
            TransportKind::Connect | TransportKind::ConnectTimeout => {
                "Check the base URL, the network and the proxy settings (HTTPS_PROXY, NO_PROXY)."
            }
            TransportKind::Tls => {
                "If a private CA signs this server, name its PEM file with ca_bundle= or REQUESTS_CA_BUNDLE; \
                 verification cannot be turned off."
            }
            TransportKind::RequestTimeout if self.sent() == Sent::No => {
                "Raise timeout=, or find out why no connection comes about."
            }
            TransportKind::RequestTimeout | TransportKind::Broken => "",
        };
        format!("{fate} {mend}").trim_end().to_owned()
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Call { method, path, attempts, .. } = &self.call;
        write!(f, "{method} {path} failed: {}", self.reason)?;
        if *attempts > 1 { write!(f, " (after {attempts} attempts).") } else { f.write_str(".") }
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|e| e as _)
    }
}
