//! How the server serves who has a token: whether anything is recorded, how much of the rate is left, how fast it is.

use std::time::Duration;

use super::Check;
use super::time::Time;
use crate::client::Session;
use crate::config::Api;
use crate::error::{Error, ErrorKind};
use crate::limit::Priority;
use crate::wire::checkup::{Pulse, pulse};
use crate::wire::platform::checkup::Recent;

/// So many reads are timed.
const READS: usize = 5;
const FOR_THE_READS: Duration = Duration::from_secs(5);
/// A read that takes longer makes every proof slow.
const SLOW: Duration = Duration::from_secs(1);
/// Less of the rate is no headroom.
const HEADROOM: f64 = 0.1;
/// The days that the search goes back.
pub(super) const DAYS: u32 = 7;

/// Is any call recorded at all? Trunks and policies decide that, and no command of ours.
pub(super) fn recording(found: Option<&Result<Recent, Error>>, api: Api) -> Check {
    const NAME: &str = "recording";
    match found {
        _ if api == Api::Events => {
            Check::skipped(NAME, "The tutorial's API lists no past calls: `gcrec status ID` tells of one.")
        }
        Some(Ok(Recent { calls: 0, .. })) => {
            Check::skipped(NAME, format!("There was no voice call within {DAYS} days: it cannot be told."))
        }
        Some(Ok(Recent { calls, recorded: 0, .. })) => Check::warning(
            NAME,
            format!("None of the newest {calls} voice calls (within {DAYS} days) was recorded."),
            "Perhaps no trunk records: see to the trunk's media settings (record calls) and to the recording policies. \
             Where nothing is recorded there is nothing to pause.",
        ),
        Some(Ok(Recent { calls, recorded, .. })) => {
            Check::ok(NAME, format!("{recorded} of the newest {calls} voice calls (within {DAYS} days) were recorded."))
        }
        Some(Err(error)) if error.kind() == ErrorKind::PermissionDenied => {
            Check::skipped(NAME, "Past calls may not be searched for: it cannot be told.")
        }
        Some(Err(error)) => Check::skipped(NAME, format!("Past calls could not be searched for: {error}")),
        None => Check::skipped(NAME, "The search took too long."),
    }
}

/// What was measured by a few reads.
#[derive(Debug, Default)]
pub(super) struct Measured {
    times: Vec<Duration>,
    last: Option<Result<Pulse, Error>>,
}

/// Times a few reads, one after the other.
pub(super) async fn measure(session: &Session, first: Option<Pulse>, time: &Time) -> Measured {
    let mut measured = Measured { times: Vec::new(), last: first.map(Ok) };
    let reads = async {
        for _ in 0..READS {
            let began = time.clock.now();
            let answer = session.run(pulse(session.client().api()), Priority::FirstRead).await;
            let goes_on = answer.is_ok();
            if goes_on {
                measured.times.push(time.clock.now().saturating_sub(began));
            }
            measured.last = Some(answer);
            if !goes_on {
                break;
            }
        }
    };
    time.within(FOR_THE_READS, reads).await;
    measured
}

/// How much of the rate is left.
pub(super) fn rate(measured: &Measured) -> Check {
    const NAME: &str = "rate_limit";
    match &measured.last {
        Some(Ok(Pulse { quota: Some(quota), .. })) => {
            let (allowed, left) = (quota.allowed, quota.allowed.saturating_sub(quota.count));
            let reset = quota.reset.as_secs();
            let says = format!("{left} of {allowed} requests are left, for {reset} s.");
            if f64::from(left) < f64::from(allowed) * HEADROOM {
                let mend = "Others use the same token or OAuth client: give gcrec a client of its own, or send less \
                            (rate_limit=).";
                return Check::warning(NAME, says, mend);
            }
            Check::ok(NAME, says)
        }
        Some(Ok(_)) => Check::ok(NAME, "The server tells no limit (no inin-ratelimit headers)."),
        Some(Err(error)) if error.kind() == ErrorKind::RateLimit => Check::error(NAME, error),
        Some(Err(_)) | None => Check::skipped(NAME, "No read was answered."),
    }
}

/// How fast it answers.
pub(super) fn latency(measured: &Measured) -> Check {
    const NAME: &str = "latency";
    let mut times = measured.times.clone();
    times.sort();
    let Some(median) = times.get(times.len() / 2) else {
        return match &measured.last {
            Some(Err(error)) => Check::skipped(NAME, format!("No read was answered: {error}")),
            _ => Check::skipped(NAME, "No read was answered in time."),
        };
    };
    let says = format!("{:.1} ms, the median of {} reads.", median.as_secs_f64() * 1000.0, times.len());
    if *median > SLOW {
        let mend =
            "Run it nearer to the region, or look at the proxy: a pause is proven by reads, and as slow as they are.";
        return Check::warning(NAME, says, mend);
    }
    Check::ok(NAME, says)
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;
    use crate::model::Document;

    #[test]
    fn what_is_recorded_is_counted() {
        let verdict =
            |calls, recorded| recording(Some(&Ok(Recent { calls, recorded, id: None })), Api::Platform).verdict;
        assert_eq!((verdict(0, 0), verdict(3, 0), verdict(3, 1)), (Verdict::Skipped, Verdict::Warning, Verdict::Ok));
        assert_eq!(recording(None, Api::Events).verdict, Verdict::Skipped);
    }

    #[test]
    fn the_median_counts() {
        let latency = |times: &[u64]| {
            latency(&Measured { times: times.iter().copied().map(Duration::from_millis).collect(), last: None })
        };
        assert_eq!(latency(&[5000, 20, 30]).says, "30.0 ms, the median of 3 reads.");
        assert_eq!(latency(&[5000, 2000, 30]).verdict, Verdict::Warning);
        assert_eq!(latency(&[]).verdict, Verdict::Skipped);
    }

    #[test]
    fn a_server_that_tells_no_limit_has_none_that_we_know() {
        let last = Some(Ok(Pulse { quota: None, said: Document::empty() }));
        assert_eq!(rate(&Measured { times: Vec::new(), last }).verdict, Verdict::Ok);
    }
}
