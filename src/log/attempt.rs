//! One request, once: what is told of it.
//!
//! The path is the template, never the real one: an id of a conversation leads to its recording.

use std::time::Duration;

use percent_encoding::percent_decode_str;

use crate::config::Api;
use crate::error::Error;
use crate::exchange::{Request, Response, correlation_id};

/// So many hexadecimal digits are a UUID or the id of a trace; there are longer ones, but not much.
const ID_DIGITS: std::ops::RangeInclusive<usize> = 32..=64;
/// Shorter parts of a path are found in any id by chance.
const SHORTEST_PART: usize = 6;

/// An attempt that is over.
pub(crate) struct Attempt<'a> {
    pub(crate) request: &'a Request,
    pub(crate) api: Api,
    /// Counted from 1.
    pub(crate) number: u32,
    pub(crate) took: Duration,
}

/// One event, at a level that the macro has to know.
macro_rules! tell {
    ($level:ident, $attempt:expr, $outcome:expr, $status_code:expr, $correlation_id:expr, $after:expr) => {{
        let (attempt, outcome, elapsed_ms) = ($attempt, $outcome, $attempt.milliseconds());
        let (method, path_template) = (attempt.request.method.as_str(), attempt.request.template);
        let correlation_id = $correlation_id.filter(|id| attempt.may_show(id));
        let named = correlation_id.as_ref().map(|id| format!(", correlation id {id}")).unwrap_or_default();
        let status_code: Option<u16> = $status_code;
        tracing::$level!(
            target: "gcrec.http",
            method,
            path_template,
            status_code,
            attempt = attempt.number,
            elapsed_ms,
            correlation_id,
            wire = %attempt.api,
            "{method} {path_template} {outcome} in {elapsed_ms} ms (attempt {}, wire {}{named}){}",
            attempt.number,
            attempt.api,
            $after,
        );
    }};
}

impl Attempt<'_> {
    /// It succeeded.
    pub(crate) fn answered(&self, response: &Response) {
        if tracing::enabled!(target: "gcrec.http", tracing::Level::DEBUG) {
            let id = correlation_id(response.correlation(), &self.request.authorization);
            let status = response.status.as_u16();
            tell!(debug, self, format!("answered {status}"), Some(status), id, "");
        }
    }

    /// It failed, and the error is the caller's to handle.
    pub(crate) fn failed(&self, error: &Error) {
        if tracing::enabled!(target: "gcrec.http", tracing::Level::DEBUG) {
            let id = error.correlation_id().map(str::to_owned);
            tell!(debug, self, outcome(error), error.status_code(), id, "");
        }
    }

    /// It failed, and another follows: after that long, or in its turn.
    pub(crate) fn repeated(&self, error: &Error, pause: Option<Duration>) {
        let after = match pause {
            Some(pause) => format!("; it is repeated after {:.2} s", pause.as_secs_f64()),
            None => "; it is repeated".into(),
        };
        let id = error.correlation_id().map(str::to_owned);
        tell!(warn, self, outcome(error), error.status_code(), id, after);
    }

    fn milliseconds(&self) -> f64 {
        (self.took.as_secs_f64() * 1e4).round() / 10.0
    }

    /// Is this the id of an exchange, and nothing else? The header is the server's to fill, and gateways put there what
    /// they are given: a token, somebody's number, the conversation.
    fn may_show(&self, id: &str) -> bool {
        let digits = id.bytes().filter(u8::is_ascii_hexdigit).count();
        ID_DIGITS.contains(&digits)
            && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
            && id.len() <= *ID_DIGITS.end()
            && !self.names_a_part_of_the_path(id)
    }

    fn names_a_part_of_the_path(&self, id: &str) -> bool {
        let id = id.to_ascii_lowercase();
        let pairs = self.request.path.split('/').zip(self.request.template.split('/'));
        pairs.filter(|(_, name)| name.starts_with('{')).any(|(part, _)| {
            let part = percent_decode_str(part).decode_utf8_lossy().to_ascii_lowercase();
            id == part || (part.len() >= SHORTEST_PART && id.contains(&part))
        })
    }
}

fn outcome(error: &Error) -> String {
    match error.status_code() {
        Some(status) => format!("answered {status}"),
        None => format!("failed ({})", error.kind().name()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::{Authorization, Effect};
    use http::Method;

    fn shown(id: &str) -> bool {
        let request = Request {
            method: Method::GET,
            path: "/api/v2/conversations/2F6E1A34-8c5b-4a7e-9d10-b1c2d3e4f506/parts/p1/sip%3Abob%40x".into(),
            template: "/api/v2/conversations/{id}/parts/{part}/{name}",
            query: None,
            authorization: Authorization::Caller,
            content_type: "application/json",
            body: None,
            effect: Effect::Read,
            needs: crate::error::Needs::Token,
            origin: crate::exchange::Origin::Api,
        };
        Attempt { request: &request, api: Api::Events, number: 1, took: Duration::ZERO }.may_show(id)
    }

    #[test]
    fn ids_of_exchanges_are_shown() {
        for id in ["8d0c2f8e-6f1f-4c53-9a5f-1b6f0f1a2b3c", "4BF92F3577B34DA6A3CE929D0E0E4736"] {
            assert!(shown(id), "{id}");
        }
    }

    #[test]
    fn what_may_be_a_number_a_call_or_a_secret_is_not() {
        for id in [
            "",
            "+15551234567",
            "15551234567",
            "tel-5551234",
            "tel:+15551234567",
            "sip:bob@x",
            "p1",
            "corr-1",
            "tok-7Yb2mQ9xLr4WvK1p7Yb2mQ9xLr4WvK1p",
            "[redacted]",
            "2f6e1a34-8c5b-4a7e-9d10-b1c2d3e4f506",
            "2f6e1a34-8c5b-4a7e-9d10-b1c2d3e4f506-0",
            &"a".repeat(65),
        ] {
            assert!(!shown(id), "{id}");
        }
    }
}
