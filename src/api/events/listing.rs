//! Which calls are there already: looked for when a stream begins and after each gap, in the queues and of the users that
//! are followed.

use std::time::Duration;

use super::channel::terms;
use crate::api::calls::{AHEAD, DAY, DAYS, PAGE};
use crate::client::Session;
use crate::error::Error;
use crate::model::CallSource;
use crate::notify::Following;
use crate::wire::platform::calls_of;
use crate::wire::{Page, PageOf};

/// So many queues and users are named in one search.
const NAMED: usize = 100;

/// The ids of calls that may be concerned: the search lags, so each has to be read.
pub(super) async fn calls(session: Session, following: Following) -> Result<Vec<String>, Error> {
    let queues = following.queues.iter().map(|id| (true, id.as_str()));
    let all: Vec<_> = queues.chain(following.users.iter().map(|id| (false, id.as_str()))).collect();
    let mut found = Vec::new();
    for some in all.chunks(NAMED) {
        let of = |kind| some.iter().filter(|(queue, _)| *queue == kind).map(|(_, id)| *id).collect::<Vec<_>>();
        search(&session, &of(true), &of(false), &mut found).await?;
    }
    Ok(found)
}

async fn search(session: &Session, queues: &[&str], users: &[&str], found: &mut Vec<String>) -> Result<(), Error> {
    let now = session.clock().wall();
    let long_ago = DAY.checked_mul(DAYS).unwrap_or(Duration::ZERO);
    let began = (now.checked_sub(long_ago).unwrap_or(now), now + AHEAD);
    let mut next = Some(1);
    while let Some(number) = next {
        let page = PageOf { source: CallSource::Analytics, number, size: PAGE, began };
        let Page { rows, next: after } = session.run_on(calls_of(&page, queues, users), &terms(session)).await?;
        found.extend(rows.iter().map(|row| row.id().to_owned()));
        next = after;
    }
    Ok(())
}
