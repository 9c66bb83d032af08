//! The life of one stream: has its topics followed, reads what has to be read, cleans up.

use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, Either, select};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};

use super::{channel_life, listing};
use crate::api::subject::{LONGEST_ATTEMPT, Subject, may_pass};
use crate::client::{Budget, Session, Terms};
use crate::error::{Error, ErrorKind};
use crate::limit::Priority;
use crate::model::ConversationId;
use crate::notify::{Follower, Following, Life, Membership};
use crate::wire::platform::Known;
use crate::wire::platform::notifications;

/// So many calls are read at a time: after a gap there may be hundreds.
const READS: usize = 16;
/// A read that failed is made again after this, then twice as long, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// Calls of which no topic tells are read so often.
const UNHEARD: Duration = Duration::from_secs(5);
/// So long the last one on a channel has for cleaning up; the channel ends by itself, later.
const FOR_CLEANING: Duration = Duration::from_secs(2);

/// From the first wish to the end.
pub(super) async fn run(session: Session, follower: Arc<Follower>) {
    let hub = session.hub().clone();
    let (membership, life) = hub.join(follower.following().topics(), follower.clone(), || channel_life(&session));
    follow(&session, &follower, &membership, life).await;
    if let Some(lease) = membership.leave() {
        let terms = Terms {
            priority: Priority::Listing,
            budget: Budget::until(session.clock().now() + FOR_CLEANING),
            max_retries: 0,
        };
        if session.run_on(notifications::unsubscribe(&lease.channel), &terms).await.is_ok() {
            hub.keep(lease);
        } else {
            tracing::debug!(target: "gcrec.events", "the topics of a channel were left to end by themselves");
        }
    }
}

/// One thing that came about.
enum Turn {
    /// The channel cannot be had.
    Lost,
    Read(Box<Outcome>),
    Listed(Result<Vec<String>, Error>),
    Work,
}

struct Outcome {
    id: String,
    version: u64,
    known: Result<(Known, std::time::SystemTime), Error>,
}

async fn follow(session: &Session, follower: &Arc<Follower>, membership: &Membership, mut life: Life) {
    let mut reads: FuturesUnordered<BoxFuture<'static, Outcome>> = FuturesUnordered::new();
    let mut listing: Option<BoxFuture<'static, Result<Vec<String>, Error>>> = None;
    let mut look_again: Option<Duration> = None;
    while !follower.is_over() {
        let (unheard, now) = (follower.unheard(), session.clock().now());
        look_again = (!unheard.is_empty()).then(|| look_again.unwrap_or(now + UNHEARD));
        if look_again.is_some_and(|at| at <= now) {
            follower.look_again(unheard);
            look_again = Some(now + UNHEARD);
        }
        membership.want(follower.carriers());
        while reads.len() < READS
            && let Some((id, version)) = follower.next_to_read()
        {
            reads.push(read(session.clone(), follower.clone(), id, version).boxed());
        }
        if listing.is_none() && follower.wants_list() {
            listing = Some(list(session.clone(), follower.following().clone()).boxed());
        }
        let turn = {
            let read = pin!(async {
                match reads.next().await {
                    Some(outcome) => outcome,
                    None => pending().await,
                }
            });
            let listed = pin!(async {
                match &mut listing {
                    Some(listing) => listing.await,
                    None => pending().await,
                }
            });
            let work = pin!(async {
                let due = pin!(async {
                    match look_again {
                        Some(at) => session.clock().sleep_until(at).await,
                        None => pending().await,
                    }
                });
                let _ = select(pin!(follower.work()), due).await;
            });
            match select(select(&mut life, read), select(work, listed)).await {
                Either::Left((Either::Left(_), _)) => Turn::Lost,
                Either::Left((Either::Right((outcome, _)), _)) => Turn::Read(Box::new(outcome)),
                Either::Right((Either::Left(_), _)) => Turn::Work,
                Either::Right((Either::Right((listed, _)), _)) => Turn::Listed(listed),
            }
        };
        match turn {
            Turn::Work => {}
            Turn::Read(outcome) => take(follower, *outcome),
            Turn::Listed(listed) => {
                listing = None;
                match listed {
                    Ok(ids) => follower.listed(ids),
                    Err(error) => {
                        let kind = error.kind().name();
                        tracing::warn!(
                            target: "gcrec.events",
                            kind,
                            "the calls that are followed cannot be listed ({kind}): what each was like before its first \
                             event is not known"
                        );
                    }
                }
            }
            Turn::Lost => {
                // Whoever lived it has said why; this is for the case that it panicked.
                follower.fail(Error::Events("The channel of the notification service was lost.".into()));
            }
        }
    }
}

fn take(follower: &Follower, outcome: Outcome) {
    let Outcome { id, version, known } = outcome;
    match known {
        Ok((known, at)) => follower.read(&id, version, known, at),
        Err(error) if error.kind() == ErrorKind::NotFound && !follower.following().conversations.contains(&id) => {
            tracing::warn!(target: "gcrec.events", "a call of which an event told cannot be read: 404");
            follower.forget(&id);
        }
        Err(error) => follower.fail(error),
    }
}

/// Looks for all calls, however often that fails for a reason that may pass: a server that was away may not be there yet.
async fn list(session: Session, following: Following) -> Result<Vec<String>, Error> {
    let mut pause = FIRST_PAUSE;
    loop {
        match listing::calls(session.clone(), following.clone()).await {
            Err(error) if may_pass(&error) => {
                let kind = error.kind().name();
                tracing::warn!(target: "gcrec.events", kind, "the calls that are followed cannot be listed now ({kind})");
                session.clock().sleep_until(session.clock().now() + pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            listed => return listed,
        }
    }
}

/// Reads one call, however often that fails for a reason that may pass: until then what it shows is not known.
async fn read(session: Session, follower: Arc<Follower>, id: String, version: u64) -> Outcome {
    let known = async {
        let mut told = false;
        let parsed = id.parse::<ConversationId>()?;
        let subject = Subject::new(&session, &parsed);
        let mut pause = FIRST_PAUSE;
        loop {
            // What is waited for the limiter does not count: hundreds may be read after a gap.
            let budget = Budget::patient(subject.now() + LONGEST_ATTEMPT);
            let terms = Terms { priority: Priority::FirstRead, budget, max_retries: session.options.max_retries };
            match subject.look_on(&terms).await {
                Ok(seen) => {
                    let known = Known::read(&seen.reading.raw).map_err(|flaw| {
                        Error::Events(format!(
                            "A call that is followed cannot be read: {} {}.",
                            flaw.field, flaw.reason
                        ))
                    })?;
                    return Ok((known, seen.at));
                }
                Err(error) if may_pass(&error) || error.kind() == ErrorKind::Decode => {
                    // One answer that is none ends no stream of others.
                    if error.kind() == ErrorKind::Decode && !std::mem::replace(&mut told, true) {
                        follower.unreadable(&id, session.clock().wall());
                    }
                    let kind = error.kind().name();
                    tracing::warn!(target: "gcrec.events", kind, "a read of a call that is followed failed ({kind})");
                    let wish = subject.wish(&error).unwrap_or_default();
                    subject.clock().sleep_until(subject.now() + pause.max(wish)).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                Err(error) => return Err(error),
            }
        }
    };
    let known = known.await;
    Outcome { id, version, known }
}
