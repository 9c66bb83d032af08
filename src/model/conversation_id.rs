//! A conversation's id, as it may stand in a path.

use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::error::Error;

/// All but the unreserved characters of RFC 3986: whatever the id holds stays one path segment.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// An id that one path segment can carry.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ConversationId(String);

impl ConversationId {
    /// The id as the user typed it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id as one encoded path segment.
    pub fn segment(&self) -> String {
        segment(&self.0)
    }
}

/// Any id as one encoded path segment.
pub(super) fn segment(id: &str) -> String {
    utf8_percent_encode(id, SEGMENT).to_string()
}

/// Why no path segment can carry this id; None where one can.
pub(super) fn flaw(id: &str) -> Option<&'static str> {
    match id {
        "" => Some("is empty"),
        "." | ".." => Some("would name another path"),
        _ if id.chars().any(|c| c.is_ascii_control()) => Some("contains control characters"),
        _ => None,
    }
}

impl FromStr for ConversationId {
    type Err = Error;

    fn from_str(id: &str) -> Result<Self, Error> {
        let Some(flaw) = flaw(id) else { return Ok(Self(id.to_owned())) };
        // Not shown: it may be something else in the wrong place.
        Err(Error::InvalidId(format!("The conversation id {flaw}: pass the id of an active conversation.")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ids_that_would_change_the_path_are_refused() {
        for id in ["", ".", "..", "a\nb", "\u{7f}", "\0"] {
            assert!(matches!(id.parse::<ConversationId>(), Err(Error::InvalidId(_))), "{id:?}");
        }
    }

    proptest! {
        #[test]
        fn every_other_id_is_one_segment_that_decodes_to_itself(id in "[^\\x00-\\x1f\\x7f]{1,500}") {
            prop_assume!(id != "." && id != "..");
            let segment = id.parse::<ConversationId>().unwrap().segment();
            prop_assert!(segment.is_ascii() && !segment.contains(['/', '?', '#', ' ', '\\']));
            prop_assert_eq!(percent_encoding::percent_decode_str(&segment).decode_utf8().unwrap(), id);
        }
    }
}
