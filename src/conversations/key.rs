//! Which conversation on which server, in few bytes.

use std::hash::{DefaultHasher, Hash, Hasher};

/// The ids of the published API are UUIDs: 16 bytes, not 36 and an allocation. The server is hashed: a process talks to a
/// handful of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Uuid { origin: u32, id: [u8; 16] },
    Text { origin: u32, id: Box<str> },
}

impl Key {
    pub(super) fn new(origin: &str, id: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        origin.hash(&mut hasher);
        #[expect(clippy::cast_possible_truncation, reason = "half a hash is one too")]
        let origin = hasher.finish() as u32;
        uuid(id).map_or_else(|| Self::Text { origin, id: id.into() }, |id| Self::Uuid { origin, id })
    }
}

/// Only in the one spelling that we would write: another spelling may be another id to a server.
fn uuid(id: &str) -> Option<[u8; 16]> {
    let bytes = id.as_bytes();
    if bytes.len() != 36 {
        return None;
    }
    let (mut uuid, mut at) = ([0; 16], 0);
    for (n, byte) in bytes.iter().enumerate() {
        let digit = match (n, byte) {
            (8 | 13 | 18 | 23, b'-') => continue,
            (8 | 13 | 18 | 23, _) => return None,
            (_, b'0'..=b'9') => byte - b'0',
            (_, b'a'..=b'f') => byte - b'a' + 10,
            _ => return None,
        };
        uuid[at / 2] |= if at % 2 == 0 { digit << 4 } else { digit };
        at += 1;
    }
    Some(uuid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_ids_are_one_only_if_they_are_spelt_alike() {
        let lower = "2f6e1a34-8c5b-4a7e-9d10-b1c2d3e4f506";
        assert_eq!(uuid(lower).unwrap()[..3], [0x2f, 0x6e, 0x1a]);
        let others = [lower.to_uppercase(), lower.replacen('-', "0", 1), lower.replace('2', "3"), "x".into()];
        for other in others {
            assert_ne!(Key::new("a", lower), Key::new("a", &other), "{other}");
        }
        assert_ne!(Key::new("a", lower), Key::new("b", lower));
        assert_eq!(Key::new("a", lower), Key::new("a", lower));
    }
}
