//! Finding calls: one by one as they are found, from whichever list the one who asks may see.
//!
//! A search over an organisation lags, its rows move from page to page while calls begin and end, and its rows may repeat.
//! So each row counts once, is read before it is told, and pages that shifted are gone through again.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use futures_util::future::join_all;

use crate::client::{Budget, Session, Terms};
use crate::error::Error;
use crate::limit::Priority;
use crate::model::{CallSource, Conversation, ConversationId};
use crate::wire::{Page, PageOf, Row};

/// A search looks this many days back, unless told otherwise, and can look this far at most.
pub const DAYS: u32 = 7;
const MOST_DAYS: u32 = 31;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// A search looks a little ahead, as this machine's clock may be slow.
const AHEAD: Duration = Duration::from_secs(60 * 60);
/// Rows of a page: what the API allows, and what is worth a request where few are wanted.
const PAGE: usize = 100;
const SMALL_PAGE: usize = 10;
/// So many calls are read at once: few at first, so that the first is soon there.
const FIRST_READS: usize = 4;
const MOST_READS: usize = 16;
/// Pages are gone through again while that brings calls that had moved, but not for ever.
const MOST_PASSES: u32 = 3;

/// What active calls are wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    limit: Option<usize>,
    days: u32,
}

impl Wanted {
    /// Checks what a user gave: at most so many, and for a search, begun so many days ago at most.
    pub fn new(limit: Option<i64>, days: i64) -> Result<Self, Error> {
        let limit = limit.map(|limit| {
            usize::try_from(limit).map_err(|_| Error::Config(format!("limit must not be negative, as {limit} is.")))
        });
        let days = u32::try_from(days).ok().filter(|days| (1..=MOST_DAYS).contains(days));
        let days = days.ok_or_else(|| Error::Config(format!("days must be from 1 to {MOST_DAYS}.")))?;
        Ok(Self { limit: limit.transpose()?, days })
    }

    /// Any one.
    pub(super) fn one() -> Self {
        Self { limit: Some(1), ..Self::default() }
    }
}

impl Default for Wanted {
    fn default() -> Self {
        Self { limit: None, days: DAYS }
    }
}

/// The active calls, as they are found.
#[derive(Debug)]
pub struct ActiveCalls {
    session: Session,
    /// How many more are wanted.
    left: usize,
    source: Arc<OnceLock<CallSource>>,
    pages: Pages,
    rows: VecDeque<Row>,
    /// Those that are not looked at again.
    seen: HashSet<String>,
    reads: usize,
    /// What a batch came upon, for the next one.
    trouble: Option<Error>,
}

/// How far the pages are gone through.
#[derive(Debug)]
struct Pages {
    size: usize,
    days: u32,
    /// Fixed when the first page is asked for: all pages are of one search.
    began: Option<(SystemTime, SystemTime)>,
    /// None: all were gone through.
    next: Option<u32>,
    pass: u32,
    /// The highest page of the first pass.
    last: u32,
    /// Did this pass bring anything?
    news: bool,
}

impl Session {
    /// The active voice calls. Nothing is asked before the first is wanted.
    pub fn active_calls(&self, wanted: Wanted) -> ActiveCalls {
        let left = wanted.limit.unwrap_or(usize::MAX);
        ActiveCalls {
            session: self.clone(),
            left,
            source: Arc::default(),
            pages: Pages {
                size: left.clamp(SMALL_PAGE, PAGE),
                days: wanted.days,
                began: None,
                next: Some(1),
                pass: 1,
                last: 1,
                news: false,
            },
            rows: VecDeque::new(),
            seen: HashSet::new(),
            reads: FIRST_READS,
            trouble: None,
        }
    }

    /// One conversation. On the tutorial's wire it is looked for among the active calls.
    pub fn conversation(
        &self,
        id: &ConversationId,
    ) -> impl Future<Output = Result<Conversation, Error>> + Send + use<> {
        let (found, id) = (self.run(self.wire().conversation(id), Priority::FirstRead), id.clone());
        async move {
            found.await?.ok_or_else(|| {
                let id = id.as_str().escape_debug();
                Error::NotThere(format!(
                    "Conversation {id} is not there, or not among the active voice calls any more."
                ))
            })
        }
    }
}

impl ActiveCalls {
    /// Where they come from, once that is known.
    pub fn source(&self) -> Arc<OnceLock<CallSource>> {
        self.source.clone()
    }

    /// Some more of them, at least one; None: that was all. Dropped half-way, it loses none.
    pub async fn next(&mut self) -> Result<Option<Vec<Conversation>>, Error> {
        if let Some(trouble) = self.trouble.take() {
            return Err(trouble);
        }
        while !self.is_over() {
            if self.rows.is_empty() && !self.turn_page().await? {
                break;
            }
            let found = self.take().await?;
            if !found.is_empty() {
                self.left -= found.len();
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Is it certain that there are no more? Then nobody need ask.
    pub fn is_over(&self) -> bool {
        self.left == 0 || (self.rows.is_empty() && self.pages.next.is_none() && self.trouble.is_none())
    }

    /// All that are left.
    pub async fn collect(mut self) -> Result<Vec<Conversation>, Error> {
        let mut all = Vec::new();
        while let Some(some) = self.next().await? {
            all.extend(some);
        }
        Ok(all)
    }

    /// Reads the next page; false: there is none.
    async fn turn_page(&mut self) -> Result<bool, Error> {
        let Some(number) = self.pages.next else { return Ok(false) };
        let terms = if self.pages.began.is_none() { self.session.terms(Priority::Listing) } else { self.patient() };
        let source = self.find_source(&terms).await?;
        let began = self.pages.began.unwrap_or_else(|| self.pages.interval(self.session.clock().wall()));
        let page = PageOf { source, number, size: self.pages.size, began };
        let Page { rows, next } = self.session.run_on(self.session.wire().active_calls(&page), &terms).await?;
        self.pages.began = Some(began);
        let before = self.seen.len();
        for row in rows {
            if self.seen.insert(row.id().to_owned()) && !matches!(row, Row::Ended(_)) {
                self.rows.push_back(row);
            }
        }
        self.pages.turned(number, next, self.seen.len() > before);
        Ok(true)
    }

    async fn find_source(&self, terms: &Terms) -> Result<CallSource, Error> {
        if let Some(source) = self.source.get() {
            return Ok(*source);
        }
        let source = self.session.wire().call_source(&self.session.who(terms).await?);
        if source != CallSource::Communications {
            let word = source.word();
            tracing::info!(target: "gcrec", source = word, "the active calls come from: {word}");
        }
        Ok(*self.source.get_or_init(|| source))
    }

    /// Takes rows from the front, and reads those that may have ended.
    async fn take(&mut self) -> Result<Vec<Conversation>, Error> {
        let mut found = Vec::new();
        while let Some(Row::Call(_)) = self.rows.front()
            && found.len() < self.left
            && let Some(Row::Call(call)) = self.rows.pop_front()
        {
            found.push(*call);
        }
        if !found.is_empty() {
            return Ok(found);
        }
        let ids = self.rows.iter().take(self.reads.min(self.left)).map_while(|row| match row {
            Row::Found(id) => Some(id.clone()),
            Row::Call(_) | Row::Ended(_) => None,
        });
        let ids: Vec<_> = ids.collect();
        let (session, terms) = (&self.session, self.patient());
        let reads = ids.iter().map(|id| session.run_on(session.wire().conversation(id), &terms));
        let answers = join_all(reads).await;
        // Only now: whoever drops this half-way, finds the rows where they were.
        for (row, answer) in self.rows.drain(..ids.len()).collect::<Vec<_>>().into_iter().zip(answers).rev() {
            match answer {
                Ok(call) => found.extend(call.filter(Conversation::is_active)),
                Err(error) => {
                    self.rows.push_front(row);
                    self.trouble = Some(error);
                }
            }
        }
        found.reverse();
        self.reads = (self.reads * 2).min(MOST_READS);
        match self.trouble.take_if(|_| found.is_empty()) {
            Some(error) => Err(error),
            None => Ok(found),
        }
    }

    /// For one request of many: the wait for the limiter does not count.
    fn patient(&self) -> Terms {
        let budget = Budget::patient(self.session.clock().now() + self.session.options.timeout);
        Terms { priority: Priority::Listing, budget, max_retries: self.session.options.max_retries }
    }
}

impl Pages {
    /// The time in which calls that still go on may have begun.
    fn interval(&self, now: SystemTime) -> (SystemTime, SystemTime) {
        let until = now + AHEAD;
        let from = now.checked_sub(DAY * self.days).unwrap_or(SystemTime::UNIX_EPOCH);
        (from.max(until.checked_sub(DAY * MOST_DAYS).unwrap_or(from)), until)
    }

    /// Page `number` was read. One that brings nothing new ends a first pass: some server would repeat it for ever.
    fn turned(&mut self, number: u32, next: Option<u32>, news: bool) {
        self.news |= news;
        if self.pass == 1 {
            (self.next, self.last) = (next.filter(|_| news), number);
        } else {
            self.next = next.filter(|next| *next <= self.last + 1);
        }
        if self.next.is_none() && number > 1 && self.news && self.pass < MOST_PASSES {
            // A call that ended meanwhile moved the rows after it up, over the edge of a page that had been read.
            (self.next, self.pass, self.news) = (Some(1), self.pass + 1, false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages() -> Pages {
        Pages { size: PAGE, days: DAYS, began: None, next: Some(1), pass: 1, last: 1, news: false }
    }

    /// The numbers of the pages that are read of a server that has `last` pages, of which these bring news in these passes.
    fn read(last: u32, news: &[(u32, u32)]) -> Vec<u32> {
        let (mut pages, mut read) = (pages(), Vec::new());
        while let Some(number) = pages.next {
            read.push(number);
            let next = (number < last).then_some(number + 1);
            pages.turned(number, next, news.contains(&(pages.pass, number)));
            assert!(read.len() < 100);
        }
        read
    }

    #[test]
    fn several_pages_are_gone_through_again_until_nothing_is_new() {
        assert_eq!(read(1, &[(1, 1)]), [1]);
        assert_eq!(read(1, &[]), [1]);
        assert_eq!(read(2, &[(1, 1), (1, 2)]), [1, 2, 1, 2]);
        assert_eq!(read(2, &[(1, 1), (1, 2), (2, 1), (3, 2)]), [1, 2, 1, 2, 1, 2]);
    }

    #[test]
    fn a_server_that_repeats_its_page_for_ever_is_left() {
        assert_eq!(read(u32::MAX, &[(1, 1)]), [1, 2, 1, 2, 3]);
    }

    #[test]
    fn no_search_is_longer_than_the_api_allows() {
        let now = SystemTime::UNIX_EPOCH + DAY * 20_000;
        let (from, until) = Pages { days: MOST_DAYS, ..pages() }.interval(now);
        assert_eq!(until, now + AHEAD);
        assert_eq!(until.duration_since(from).unwrap(), DAY * MOST_DAYS);
        assert_eq!(pages().interval(now).0, now - DAY * DAYS);
    }

    #[test]
    fn what_cannot_be_wanted_is_refused() {
        for (limit, days) in [(Some(-1), 7), (None, 0), (None, 32), (None, -1)] {
            assert!(matches!(Wanted::new(limit, days), Err(Error::Config(_))), "{limit:?} {days}");
        }
        assert!(Wanted::new(Some(0), 31).is_ok());
    }
}
