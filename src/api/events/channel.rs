//! The life of the one channel of an identity: opened, kept open, opened anew after any break.
//!
//! A channel outlives its sockets, with what is followed on it, so a broken socket is opened anew on the same channel
//! first. If that fails, another channel is made. Either way everything is subscribed to anew, and only then the gap ends.

use std::time::{Duration, SystemTime};

use super::line::{End, Line};
use crate::api::subject::may_pass;
use crate::client::{Budget, Session, Terms};
use crate::error::Error;
use crate::limit::Priority;
use crate::model::GapReason;
use crate::notify::{Hub, Lease};
use crate::transport::Socket;
use crate::wire::platform::notifications;

/// What is shown of the address of a socket.
const SOCKET: &str = "/channels/{id} (the socket of the notification service)";
/// A channel lives so long unless the server says otherwise.
const LIFE: Duration = Duration::from_secs(24 * 60 * 60);
/// It is replaced after this part of its life.
const RENEW_AFTER: f64 = 23.0 / 24.0;
/// The first pause between attempts; each further one is twice as long, up to the longest, and shortened by chance.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
const LARGEST_EXPONENT: u32 = 7;
/// Where the channel can be had, and is cut at once again, the pause is that after so many failures at most.
const FEW: u32 = 2;
/// A socket that was open for so long was a good one.
const GOOD: Duration = Duration::from_secs(1);

/// Since when nobody listens, and why.
#[derive(Clone, Copy, Debug)]
pub(super) struct Interruption {
    pub(super) since: SystemTime,
    pub(super) reason: GapReason,
}

/// Until it cannot be had any more; whoever follows something hears why.
pub(super) async fn live(session: Session, hub: Hub) {
    let mut lease = hub.lease(session.clock().now());
    let (mut interruption, mut ever, mut failures) = (None, false, 0);
    loop {
        let reused = lease.is_some();
        let end = match open(&session, &mut lease).await {
            Ok((lease, socket)) => {
                hub.opened(lease.clone());
                let mut line = Line::new(&session, &hub, lease, socket, &mut interruption);
                let end = line.serve().await;
                ever |= line.was_followed;
                if line.was_followed {
                    // It can be had: whatever cuts it again and again is not made worse by coming back.
                    failures = if line.lasted() >= GOOD { 0 } else { failures.min(FEW) };
                }
                let (since, was_followed) = (line.last_sign, line.was_followed);
                let reason = end.reason();
                if was_followed {
                    interruption.get_or_insert(Interruption { since, reason });
                }
                end
            }
            Err(error) => End::Failed(error),
        };
        hub.closed(!matches!(end, End::Gap(GapReason::Broken | GapReason::Closing | GapReason::Silent)));
        match end {
            End::Failed(error) if reused => {
                tracing::info!(target: "gcrec.events", "another channel is made: {}", error.kind().name());
                lease = None;
            }
            End::Failed(error) if ever && may_pass(&error) => {
                let kind = error.kind().name();
                tracing::warn!(target: "gcrec.events", kind, "no channel can be had now ({kind}): it is tried again");
                lease = None;
            }
            End::Failed(error) => return hub.failed(&error),
            End::Gap(GapReason::Renewed) | End::Gone => lease = None,
            End::Gap(reason) => {
                tracing::info!(target: "gcrec.events", "the socket is opened anew ({})", reason.word());
            }
        }
        let clock = session.clock();
        // At once the first time: what is missed meanwhile is what counts.
        if failures > 0 {
            let longest = (FIRST_PAUSE * 2_u32.pow(failures.min(LARGEST_EXPONENT))).min(LONGEST_PAUSE);
            clock.sleep_until(clock.now() + longest.mul_f64(0.5 + clock.chance() / 2.0)).await;
        }
        failures += 1;
    }
}

/// A socket on the channel that there is, or on a new one.
async fn open<'a>(session: &Session, lease: &'a mut Option<Lease>) -> Result<(&'a Lease, Socket), Error> {
    let terms = terms(session);
    let lease = if let Some(lease) = lease {
        lease
    } else {
        let channel = session.run_on(notifications::open(), &terms).await?;
        let now = session.clock().now();
        let life = channel.expires.and_then(|at| at.duration_since(session.clock().wall()).ok()).unwrap_or(LIFE);
        lease.insert(Lease { channel, renew_at: now + life.min(LIFE).mul_f64(RENEW_AFTER) })
    };
    let socket = session.client().socket(&lease.channel.uri, SOCKET, terms.budget.deadline()).await?;
    Ok((lease, socket))
}

/// Behind all that acts and proves. What is waited for the limiter does not count.
pub(super) fn terms(session: &Session) -> Terms {
    let budget = Budget::patient(session.clock().now() + session.options.timeout);
    Terms { priority: Priority::Listing, budget, max_retries: session.options.max_retries }
}
