//! Finding the calls of a whole organisation: a search over conversation details. What it finds lags by seconds.

use bytes::Bytes;
use serde_json::json;

use super::super::{Ask, Page, PageOf, Row};
use super::permissions::SEARCH;
use super::request;
use crate::exchange::Request;
use crate::model::{ConversationId, Document, Flaw, moment};

/// A search that has more pages than this never ends.
const LAST_PAGE: u32 = 1_000;

/// Asks for one page of the voice calls that have not ended.
pub(super) fn page(page: &PageOf) -> Ask<Page> {
    let PageOf { number, size, .. } = *page;
    // It changes nothing: a search that is a POST because it is long.
    let request = Request { body: Some(Bytes::from(body(page))), ..request(&SEARCH, SEARCH.template.into()) };
    Ask::new(request, move |answer| {
        // Where nothing is found the list is left out. How many there are in all moves while one reads, and is passed over.
        let found = Document::parse(&answer?.body)?.objects("conversations")?;
        let next = (found.len() >= size).then_some(number + 1);
        if next.is_some_and(|next| next > LAST_PAGE) {
            return Err(Flaw::new("conversations", format!("goes on after {LAST_PAGE} pages")).into());
        }
        let rows = found.iter().enumerate().map(|(n, one)| row(one).map_err(|flaw| flaw.within(&place(n))));
        Ok(Page { rows: rows.collect::<Result<_, _>>()?, next })
    })
}

fn place(n: usize) -> String {
    format!("conversations[{n}]")
}

fn row(one: &Document) -> Result<Row, Flaw> {
    let id: Option<String> = one.optional("conversationId", "a string")?;
    let id: ConversationId = id
        .and_then(|id| id.parse().ok())
        .ok_or_else(|| Flaw::new("conversationId", "is missing, or cannot be the id of a conversation"))?;
    let end: Option<String> = one.optional("conversationEnd", "a string")?;
    Ok(if end.is_some() { Row::Ended(id) } else { Row::Found(id) })
}

fn body(page: &PageOf) -> String {
    let (from, until) = page.began;
    json!({
        "interval": format!("{}/{}", moment::utc(from), moment::utc(until)),
        "conversationFilters": [{"type": "and", "predicates": [
            {"type": "dimension", "dimension": "conversationEnd", "operator": "notExists"},
        ]}],
        "segmentFilters": [{"type": "and", "predicates": [
            {"type": "dimension", "dimension": "mediaType", "value": "voice"},
        ]}],
        "paging": {"pageSize": page.size, "pageNumber": page.number},
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use http::{HeaderMap, StatusCode};

    use super::*;
    use crate::exchange::Response;
    use crate::model::CallSource;
    use crate::wire::{Halt, Plan, Step};

    fn read(number: u32, rows: usize) -> Result<Page, Halt> {
        let began = (SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH);
        let mut plan = page(&PageOf { source: CallSource::Analytics, number, size: 10, began });
        assert!(matches!(plan.step(None), Ok(Step::Send(_))));
        let rows: Vec<_> = (0..rows).map(|n| json!({"conversationId": n.to_string()})).collect();
        let body = json!({ "conversations": rows }).to_string().into();
        match plan.step(Some(Ok(Response { status: StatusCode::OK, headers: HeaderMap::new(), body })))? {
            Step::Done(page) => Ok(page),
            Step::Send(_) => panic!("it asks again"),
        }
    }

    #[test]
    fn a_page_that_is_full_has_one_after_it_and_none_goes_on_for_ever() {
        assert_eq!((read(1, 10).unwrap().next, read(1, 9).unwrap().next), (Some(2), None));
        assert!(read(LAST_PAGE, 9).is_ok());
        assert!(matches!(read(LAST_PAGE, 10), Err(Halt::Unreadable(flaw)) if flaw.field == "conversations"));
    }
}
