//! What a checkup asks of the published API: whether calls are recorded at all, and how many channels there are.

use std::time::SystemTime;

use bytes::Bytes;
use http::Method;
use serde_json::json;

use super::super::Ask;
use super::permissions::{CHANNELS, SEARCH};
use super::request;
use crate::exchange::Request;
use crate::model::{ConversationId, Document, Flaw, moment};

/// The newest calls, so many at most.
const NEWEST: usize = 50;

/// The newest voice calls of some days.
#[derive(Debug, Default)]
pub struct Recent {
    /// So many were found.
    pub calls: usize,
    /// Of so many the search says that something was recorded.
    pub recorded: usize,
    /// One of them; one that was recorded, if there is one.
    pub id: Option<ConversationId>,
}

/// Looks for calls that began in this time, whether they have ended or not.
pub fn recent((from, until): (SystemTime, SystemTime)) -> Ask<Recent> {
    let voice = json!({"type": "dimension", "dimension": "mediaType", "value": "voice"});
    let body = json!({
        "interval": format!("{}/{}", moment::utc(from), moment::utc(until)),
        "segmentFilters": [{"type": "and", "predicates": [voice]}],
        "order": "desc",
        "orderBy": "conversationStart",
        "paging": {"pageSize": NEWEST, "pageNumber": 1},
    });
    let request = Request { body: Some(Bytes::from(body.to_string())), ..request(&SEARCH, SEARCH.template.into()) };
    Ask::new(request, |answer| Ok(read(&Document::parse(&answer?.body)?)?))
}

/// How many channels of the notification service whoever asks has.
pub fn channels() -> Ask<usize> {
    let request = Request { method: Method::GET, ..request(&CHANNELS, CHANNELS.template.into()) };
    Ask::new(request, |answer| Ok(Document::parse(&answer?.body)?.objects("entities")?.len()))
}

fn read(answer: &Document) -> Result<Recent, Flaw> {
    let mut recent = Recent::default();
    for call in answer.objects("conversations")? {
        let sessions = call.list_of("participants").into_iter().flat_map(|participant| participant.list_of("sessions"));
        let recorded = sessions.into_iter().any(|session| session.member("recording") == Some(true.into()));
        let id = call.string("conversationId").and_then(|id| id.parse().ok());
        if recent.id.is_none() || (recorded && recent.recorded == 0) {
            recent.id = id.or(recent.id);
        }
        recent.calls += 1;
        recent.recorded += usize::from(recorded);
    }
    Ok(recent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(body: &'static str) -> Recent {
        read(&Document::parse(&Bytes::from_static(body.as_bytes())).unwrap()).unwrap()
    }

    #[test]
    fn a_recorded_call_is_preferred() {
        let recent = found(
            r#"{"conversations": [
                {"conversationId": "a", "participants": [{"sessions": [{"recording": false}]}]},
                {"conversationId": "b", "participants": [{"sessions": [{}, {"recording": true}]}]},
                {"conversationId": "c", "participants": [{"sessions": [{"recording": true}]}]}
            ], "totalHits": 3}"#,
        );
        assert_eq!((recent.calls, recent.recorded), (3, 2));
        assert_eq!(recent.id.unwrap().as_str(), "b");
    }

    #[test]
    fn only_true_is_true_and_nothing_is_nothing() {
        let recent = found(r#"{"conversations": [{"participants": [{"sessions": [{"recording": "true"}]}]}]}"#);
        assert_eq!((recent.calls, recent.recorded, recent.id), (1, 0, None));
        assert_eq!(found(r#"{"totalHits": 0}"#).calls, 0);
    }
}
