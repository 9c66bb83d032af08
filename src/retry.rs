//! When a request is sent again, and after how long. Pure: the loop is in `client/mod.rs`.

use std::time::Duration;

use crate::error::{Error, ErrorKind, Sent};
use crate::exchange::Effect;

/// After a broken connection or a 5xx the first repeat comes after at most this.
const FIRST_PAUSE: f64 = 0.1;
/// Powers of two beyond this make no sense in a call.
const LARGEST_EXPONENT: u32 = 10;

/// May this request be sent again after this failure? A command only if it certainly was not acted on.
pub(crate) fn may_repeat(effect: Effect, error: &Error) -> bool {
    error.retryable() && (effect == Effect::Read || error.sent() == Sent::No)
}

/// How long to wait before the next attempt: the server's wish, else an exponential backoff with full jitter.
/// `repeat` counts from 0; `chance` is at least 0 and below 1.
pub(crate) fn pause(error: &Error, repeat: u32, chance: f64) -> Duration {
    if let Some(wish) = retry_after(error) {
        return wish;
    }
    let power = f64::from(2_u32.pow(repeat.min(LARGEST_EXPONENT)));
    let longest = if error.kind() == ErrorKind::RateLimit { power } else { power * FIRST_PAUSE };
    Duration::from_secs_f64(longest * chance)
}

/// The server's wish, if it had one.
pub(crate) fn retry_after(error: &Error) -> Option<Duration> {
    match error {
        Error::Api(error) if matches!(error.status.as_u16(), 429 | 503) => error.problem.retry_after,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{ApiError, Call, Problem, TransportError, TransportKind};
    use http::{Method, StatusCode};
    use proptest::prelude::*;

    fn call() -> Call {
        Call { attempts: 1, ..Call::new(Method::POST, "/x".into(), true) }
    }

    fn answered(status: u16, retry_after: Option<u64>) -> Error {
        let problem = Problem { retry_after: retry_after.map(Duration::from_secs), ..Problem::default() };
        let status = StatusCode::from_u16(status).unwrap();
        Error::Api(Box::new(ApiError {
            call: call(),
            status,
            problem,
            needs: crate::error::Needs::Token,
            gave_up: String::new(),
        }))
    }

    fn broken(kind: TransportKind, sent: Sent) -> Error {
        Error::Transport(Box::new(TransportError { kind, call: call(), sent, reason: String::new(), source: None }))
    }

    #[test]
    fn a_command_is_repeated_only_if_it_certainly_was_not_acted_on() {
        let command = |error: &Error| may_repeat(Effect::Command, error);
        assert!(command(&answered(429, None)) && command(&answered(503, Some(1))));
        assert!(
            command(&broken(TransportKind::Connect, Sent::No))
                && command(&broken(TransportKind::ConnectTimeout, Sent::No))
        );
        for status in [500, 502, 503, 504, 302, 400, 401, 403, 404, 409] {
            assert!(!command(&answered(status, None)), "{status}");
        }
        assert!(
            !command(&broken(TransportKind::Broken, Sent::Maybe))
                && !command(&broken(TransportKind::Broken, Sent::Yes))
        );
    }

    #[test]
    fn a_read_is_repeated_when_that_can_help() {
        let read = |error: &Error| may_repeat(Effect::Read, error);
        assert!(read(&broken(TransportKind::Broken, Sent::Maybe)) && !read(&broken(TransportKind::Tls, Sent::No)));
        for (status, repeated) in
            [(429, true), (500, true), (502, true), (503, true), (504, true), (501, false), (404, false), (302, false)]
        {
            assert_eq!(read(&answered(status, None)), repeated, "{status}");
        }
    }

    proptest! {
        #[test]
        fn a_wish_is_kept_to_the_letter_and_a_backoff_has_its_bound(repeat in 0_u32..40, chance in 0.0..1.0, wish in 0_u64..1000) {
            prop_assert_eq!(pause(&answered(429, Some(wish)), repeat, chance), Duration::from_secs(wish));
            let bound = 2_f64.powi(i32::try_from(repeat.min(10)).unwrap());
            prop_assert!(pause(&answered(429, None), repeat, chance).as_secs_f64() <= bound);
            prop_assert!(pause(&answered(500, None), repeat, chance).as_secs_f64() <= bound * 0.1 + 1e-9);
        }
    }
}
