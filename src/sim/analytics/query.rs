//! The query for details of conversations: which, in which order, and which page of them.

use std::ops::Range;

use serde::Deserialize;
use serde_json::{Value, json};

use super::details::{Details, Heard};
use super::dimensions::{CONVERSATION, SEGMENT};
use super::filter::Filter;
use super::interval::days;
use super::{not_simulated, unreadable};
use crate::sim::call::Call;
use crate::sim::moment::Moment;
use crate::sim::reply::Failure;

/// The most rows of a page: no document says so, but the vendor's servers.
const LARGEST_PAGE: usize = 100;

/// As it is sent.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Body {
    interval: Option<String>,
    #[serde(default)]
    conversation_filters: Vec<Filter>,
    #[serde(default)]
    segment_filters: Vec<Filter>,
    #[serde(default)]
    evaluation_filters: Vec<Value>,
    #[serde(default)]
    survey_filters: Vec<Value>,
    #[serde(default)]
    resolution_filters: Vec<Value>,
    #[serde(default)]
    aggregations: Vec<Value>,
    #[serde(default)]
    order: Order,
    #[serde(default)]
    order_by: OrderBy,
    #[serde(default)]
    paging: Paging,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Order {
    #[default]
    Asc,
    Desc,
    Unordered,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
enum OrderBy {
    #[default]
    ConversationStart,
    ConversationEnd,
    SegmentStart,
    SegmentEnd,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Paging {
    page_size: usize,
    page_number: usize,
}

impl Default for Paging {
    fn default() -> Self {
        Self { page_size: 25, page_number: 1 }
    }
}

/// A query that makes sense.
#[derive(Debug)]
pub(in crate::sim) struct Query {
    days: Range<Moment>,
    body: Body,
}

impl Query {
    pub(in crate::sim) fn read(body: Value) -> Result<Self, Failure> {
        let body: Body = serde_json::from_value(body).map_err(|error| unreadable(&error))?;
        let interval = body.interval.as_deref();
        let days = days(interval.ok_or_else(|| Failure::bad_request("An interval is required.").field("interval"))?)?;
        for (others, name) in [
            (&body.evaluation_filters, "evaluations"),
            (&body.survey_filters, "surveys"),
            (&body.resolution_filters, "resolutions"),
            (&body.aggregations, "aggregations"),
        ] {
            if !others.is_empty() {
                return Err(not_simulated(name));
            }
        }
        body.conversation_filters.iter().try_for_each(|filter| filter.check(CONVERSATION))?;
        body.segment_filters.iter().try_for_each(|filter| filter.check(SEGMENT))?;
        let Paging { page_size, page_number } = body.paging;
        if !(1..=LARGEST_PAGE).contains(&page_size) || page_number == 0 {
            let message = format!("The page size must be from 1 to {LARGEST_PAGE}, the page number 1 or more.");
            return Err(Failure::bad_request(message).field("paging"));
        }
        Ok(Self { days, body })
    }

    /// The answer from calls that were settled, as of `horizon`. So many rows of each page repeat on the next, and as
    /// many more rows are announced with each, as where calls come in while somebody turns the pages.
    pub(in crate::sim) fn answer<'a>(
        &self,
        calls: impl Iterator<Item = &'a Call>,
        horizon: Moment,
        repeats: usize,
    ) -> Value {
        let heard = calls.map(|call| Heard { call, horizon });
        let mut found: Vec<Heard<'_>> = heard.filter(|heard| self.finds(*heard)).collect();
        self.sort(&mut found);
        let Paging { page_size, page_number } = self.body.paging;
        let before = (page_number - 1).saturating_mul(repeats.min(page_size - 1));
        let start = (page_number - 1).saturating_mul(page_size).saturating_sub(before);
        let page: Vec<_> =
            found.iter().skip(start).take(page_size).filter_map(|heard| Details::of(heard.call, horizon)).collect();
        let mut answer = json!({ "totalHits": found.len() + before });
        // As the vendor leaves out what is empty.
        if !page.is_empty() {
            answer["conversations"] = json!(page);
        }
        answer
    }

    fn finds(&self, heard: Heard<'_>) -> bool {
        let started = heard.call.started;
        started <= heard.horizon
            && self.days.contains(&started)
            && self.body.conversation_filters.iter().all(|filter| filter.holds(&|name| heard.conversation(name)))
            && self
                .body
                .segment_filters
                .iter()
                .all(|filter| heard.parties().any(|party| filter.holds(&|name| heard.segment(party, name))))
    }

    fn sort(&self, found: &mut [Heard<'_>]) {
        match self.body.order_by {
            OrderBy::ConversationStart | OrderBy::SegmentStart => found.sort_by_key(|heard| heard.call.started),
            // Calls that go on come last.
            OrderBy::ConversationEnd | OrderBy::SegmentEnd => {
                found.sort_by_key(|heard| (heard.end().is_none(), heard.end()));
            }
        }
        if self.body.order == Order::Desc {
            found.reverse();
        }
    }
}
