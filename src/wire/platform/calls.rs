//! The calls of the user behind the token: no search, and no permission of its own.

use url::form_urlencoded;

use super::super::{Ask, Page, PageOf, Row};
use super::permissions::OWN_CALLS;
use super::request;
use crate::exchange::Request;
use crate::model::{Conversation, Document, Flaw, Participant};

/// Nobody has so many calls that more pages are of use.
const LAST_PAGE: u32 = 100;

/// Asks for one page of the user's calls. The first is asked for without parameters, as the API documents none; the others
/// only where the server names them.
pub(super) fn page(page: &PageOf) -> Ask<Page> {
    let number = page.number;
    let query = (number > 1).then(|| format!("pageNumber={number}").into());
    let request = Request { query, ..request(&OWN_CALLS, OWN_CALLS.template.into()) };
    Ask::new(request, move |answer| {
        let answer = Document::parse(&answer?.body)?;
        if !answer.member("entities").is_some_and(|entities| entities.is_array()) {
            return Err(Flaw::new("entities", "is missing or no list").into());
        }
        let calls = answer.objects("entities")?.into_iter().enumerate();
        let calls = calls.map(|(n, raw)| call(raw).map_err(|flaw| flaw.within(&format!("entities[{n}]"))));
        let rows = calls.filter_map(Result::transpose).map(|call| call.map(|call| Row::Call(Box::new(call))));
        let next: Option<String> = answer.optional("nextUri", "a string")?;
        Ok(Page { rows: rows.collect::<Result<_, Flaw>>()?, next: next.and_then(|uri| next_page(&uri, number)) })
    })
}

/// The number of the page that comes after this one, if the server's link leads forward.
fn next_page(uri: &str, number: u32) -> Option<u32> {
    let (_, query) = uri.split_once('?')?;
    let (_, next) = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "pageNumber")?;
    next.parse().ok().filter(|next| *next > number && *next <= LAST_PAGE)
}

/// A call of the list; None if nobody is on it any more. Its participants have the fields of their connections themselves.
fn call(raw: Document) -> Result<Option<Conversation>, Flaw> {
    let id: Option<String> = raw.optional("id", "a string")?;
    let id = id.ok_or_else(|| Flaw::new("id", "is missing"))?;
    let mut participants = Vec::new();
    let (mut direction, mut live) = (None, false);
    for (n, one) in raw.objects("participants")?.iter().enumerate() {
        let text = |name| -> Result<Option<String>, Flaw> {
            one.optional(name, "a string").map_err(|flaw| flaw.within(&format!("participants[{n}]")))
        };
        let state = text("state")?;
        live |= super::is_live(state.as_deref());
        direction = direction.or(text("direction")?);
        participants.push(Participant {
            id: text("id")?,
            purpose: text("purpose")?,
            state,
            user_id: named(one, "user"),
            queue_id: named(one, "queue"),
        });
    }
    let began: Vec<String> = raw.list_of("participants").iter().filter_map(|one| one.string("startTime")).collect();
    Ok(live.then_some(Conversation {
        id,
        state: Some(Conversation::ACTIVE.into()),
        media: Some("voice".into()),
        direction,
        started_at: began.into_iter().min(),
        participants,
        raw: raw.presentable("")?,
    }))
}

/// The id of what a participant refers to.
fn named(participant: &Document, what: &str) -> Option<String> {
    Some(participant.member(what)?.get("id")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_followed_only_forward_and_not_for_ever() {
        let next = |uri| next_page(uri, 2);
        assert_eq!(next("/api/v2/conversations/calls?pageSize=25&pageNumber=3"), Some(3));
        for uri in ["", "/x", "/x?pageNumber=2", "/x?pageNumber=1", "/x?pageNumber=-3", "/x?pageNumber=999"] {
            assert_eq!(next(uri), None, "{uri}");
        }
    }
}
