//! What is told of a server's certificate: who issued it, and until when it holds.
//!
//! Of DER (X.690) and X.509 (RFC 5280) as much as leads there. That the certificate is to be trusted is for the TLS stack
//! to say: it has said so before anything is read here.

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OBJECT_ID: u8 = 0x06;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// The attributes `commonName` and `organizationName`, by their object ids.
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const ORGANIZATION: &[u8] = &[0x55, 0x04, 0x0a];

/// Of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The name of who issued it.
    pub issuer: String,
    /// When it ends: `2099-12-31T00:00:00Z`.
    pub expires: String,
}

impl Certificate {
    /// Reads it; None where it is not in a form that we know.
    pub(super) fn read(der: &[u8]) -> Option<Self> {
        let (certificate, _) = expect(der, SEQUENCE)?;
        let (mut body, _) = expect(certificate, SEQUENCE)?;
        if let Some((_, rest)) = expect(body, VERSION) {
            body = rest;
        }
        let (_, _, body) = element(body)?; // the serial number
        let (_, body) = expect(body, SEQUENCE)?; // the signature's algorithm
        let (issuer, body) = expect(body, SEQUENCE)?;
        let (validity, _) = expect(body, SEQUENCE)?;
        let (_, _, until) = element(validity)?;
        let (kind, until, _) = element(until)?;
        Some(Self { issuer: name(issuer)?, expires: time(kind, until)? })
    }
}

/// The first element: its tag, its content, and what comes after it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, length], rest) = der.split_first_chunk()?;
    let (length, rest) = if length < 0x80 {
        (usize::from(length), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
        let length =
            digits.iter().try_fold(0_usize, |sum, digit| sum.checked_mul(256)?.checked_add((*digit).into()))?;
        (length, rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

fn expect(der: &[u8], wanted: u8) -> Option<(&[u8], &[u8])> {
    element(der).filter(|(tag, ..)| *tag == wanted).map(|(_, content, rest)| (content, rest))
}

/// The common name, or else the organisation's.
fn name(mut parts: &[u8]) -> Option<String> {
    let (mut common, mut organization) = (None, None);
    while let Some((part, rest)) = expect(parts, SET) {
        parts = rest;
        let (attribute, _) = expect(part, SEQUENCE)?;
        let (id, value) = expect(attribute, OBJECT_ID)?;
        let (_, text, _) = element(value)?;
        let text = String::from_utf8_lossy(text).into_owned();
        match id {
            COMMON_NAME => common = Some(text),
            ORGANIZATION => organization = Some(text),
            _ => {}
        }
    }
    common.or(organization)
}

/// Digits that end in `Z`, with two or four for the year.
fn time(kind: u8, digits: &[u8]) -> Option<String> {
    let text = str::from_utf8(digits).ok()?.strip_suffix('Z')?;
    let (century, text) = match kind {
        // RFC 5280 section 4.1.2.5.1.
        UTC_TIME => (if text.get(..2)? < "50" { "20" } else { "19" }, text),
        GENERALIZED_TIME => (text.get(..2)?, text.get(2..)?),
        _ => return None,
    };
    let part = |at: usize| text.get(at..at + 2);
    let (date, time) = ([part(0)?, part(2)?, part(4)?].join("-"), [part(6)?, part(8)?, part(10)?].join(":"));
    Some(format!("{century}{date}T{time}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        let content = parts.concat();
        [&[tag, u8::try_from(content.len()).unwrap()], content.as_slice()].concat()
    }

    fn certificate(attribute: &[u8], kind: u8, until: &[u8]) -> Vec<u8> {
        let attribute = wrapped(SEQUENCE, &[&wrapped(OBJECT_ID, &[attribute]), &wrapped(0x0c, &[b"Some CA"])]);
        let issuer = wrapped(SEQUENCE, &[&wrapped(SET, &[&attribute])]);
        let validity = wrapped(SEQUENCE, &[&wrapped(UTC_TIME, &[b"000101000000Z"]), &wrapped(kind, &[until])]);
        let version = wrapped(VERSION, &[&[2, 1, 2]]);
        let body = wrapped(SEQUENCE, &[&version, &[2, 1, 9], &wrapped(SEQUENCE, &[]), &issuer, &validity]);
        wrapped(SEQUENCE, &[&body])
    }

    #[test]
    fn the_issuer_and_the_end_are_read() {
        for (attribute, kind, until, expires) in [
            (COMMON_NAME, UTC_TIME, "491231235959Z", "2049-12-31T23:59:59Z"),
            (ORGANIZATION, UTC_TIME, "500101000000Z", "1950-01-01T00:00:00Z"),
            (COMMON_NAME, GENERALIZED_TIME, "20991231000000Z", "2099-12-31T00:00:00Z"),
        ] {
            let read = Certificate::read(&certificate(attribute, kind, until.as_bytes())).unwrap();
            assert_eq!((read.issuer.as_str(), read.expires.as_str()), ("Some CA", expires));
        }
    }

    #[test]
    fn what_is_no_certificate_is_none() {
        let whole = certificate(COMMON_NAME, UTC_TIME, b"491231235959Z");
        for end in 0..whole.len() {
            assert_eq!(Certificate::read(&whole[..end]), None);
        }
        assert_eq!(Certificate::read(&certificate(COMMON_NAME, UTC_TIME, b"491231235959+0100")), None);
        assert_eq!(Certificate::read(&[0x30, 0x89, 1, 2, 3, 4, 5, 6, 7, 8, 9]), None);
    }
}
