//! What is answered.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};

use super::Authorization;

/// Where servers put the id of an exchange, the vendor's own header first.
const CORRELATION_HEADERS: [&str; 3] = ["inin-correlation-id", "x-correlation-id", "x-request-id"];

/// A whole HTTP answer.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status code.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, decompressed.
    pub body: Bytes,
}

impl Response {
    /// The header with the server's id for this exchange; [`correlation_id`] makes it fit to be shown.
    pub fn correlation(&self) -> Option<&HeaderValue> {
        CORRELATION_HEADERS.iter().find_map(|name| self.headers.get(*name))
    }
}

/// The id of an exchange, without the secrets that a server may have put there.
pub fn correlation_id(header: Option<&HeaderValue>, asked_with: &Authorization) -> Option<String> {
    let mut id = header?.to_str().ok()?.to_owned();
    asked_with.scrub(&mut id);
    Some(id)
}
