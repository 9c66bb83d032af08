//! Finding conversations: the analytics' search and details, what goes on right now, and a user's own list.

use std::collections::BTreeSet;
use std::slice::from_ref;

use gcrec::sim::{NewCall, Options, Schedule, Simulator, State};
use serde_json::{Value, json};

use crate::sim_raw::{Answer, Caller, manual};

const QUERY: &str = "/api/v2/analytics/conversations/details/query";
const ACTIVITY: &str = "/api/v2/analytics/conversations/activity/query";
/// The manual clock begins at the end of the one and the beginning of the other.
const DAYS: &str = "2025-12-31T00:00:00.000Z/2026-01-02T00:00:00.000Z";

async fn search(caller: &Caller<'_>, more: Value) -> Answer {
    let mut body = json!({ "interval": DAYS });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    caller.call("POST", QUERY, &body.to_string()).await
}

/// One filter, over one predicate.
fn filter(dimension: &str, operator: Option<&str>, value: Option<&str>) -> Value {
    let mut predicate = json!({ "type": "dimension", "dimension": dimension });
    for (name, word) in [("operator", operator), ("value", value)] {
        if let Some(word) = word {
            predicate[name] = word.into();
        }
    }
    json!([{ "type": "and", "predicates": [predicate] }])
}

fn ids(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.json());
    let found = answer.json()["conversations"].as_array().cloned().unwrap_or_default();
    found.iter().map(|one| one["conversationId"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn filters_find_what_they_say() {
    let sim = manual(Options::default()).await;
    let caller = Caller::new(&sim).await;
    let user = Some("Agent Two".to_owned());
    let recorded = sim.add_call(NewCall { user, state: State::Recording, ivr: true, ..NewCall::default() }).unwrap();
    let mut live: Vec<_> = sim.calls();
    live.sort();
    let found = |answer: Answer| {
        let mut found = ids(&answer);
        assert_eq!(answer.json()["totalHits"], found.len());
        found.sort();
        found
    };
    let all = found(search(&caller, json!({})).await);
    assert_eq!(all.len(), 5);
    let by = |kind: &'static str, filter: Value| search(&caller, json!({ kind: filter }));
    assert_eq!(found(by("conversationFilters", filter("conversationEnd", Some("notExists"), None)).await), live);
    let ended = found(by("conversationFilters", filter("conversationEnd", Some("exists"), None)).await);
    assert_eq!((ended.len(), live.contains(&ended[0])), (1, false));
    assert_eq!(
        found(by("conversationFilters", filter("conversationId", None, Some(&recorded))).await),
        from_ref(&recorded)
    );
    assert_eq!(found(by("segmentFilters", filter("mediaType", None, Some("voice"))).await), all);
    assert_eq!(found(by("segmentFilters", filter("mediaType", Some("matches"), Some("chat"))).await), [""; 0]);
    assert_eq!(found(by("segmentFilters", filter("purpose", None, Some("ivr"))).await).len(), 5);
    let two = &sim.users()[1].id.to_string();
    assert_eq!(found(by("segmentFilters", filter("userId", None, Some(two))).await).len(), 2);
    // All predicates of one filter speak of one segment; those of two may speak of two.
    let of = |dimension: &str, value: &str| json!({ "dimension": dimension, "value": value });
    let pair = [of("userId", two), of("recording", "true")];
    let one_filter = json!([{ "type": "and", "predicates": pair }]);
    assert_eq!(found(by("segmentFilters", one_filter).await), from_ref(&recorded));
    let either = json!([{ "type": "or", "clauses": [{ "type": "and", "predicates": pair }], "predicates": [of("purpose", "nobody")] }]);
    assert_eq!(found(by("segmentFilters", either).await), from_ref(&recorded));
    let contrary = [of("purpose", "customer"), of("purpose", "agent")];
    assert_eq!(found(by("segmentFilters", json!([{ "type": "and", "predicates": contrary }])).await), [""; 0]);
    let apart: Vec<_> = contrary.iter().map(|one| json!({ "type": "and", "predicates": [one] })).collect();
    assert_eq!(found(by("segmentFilters", json!(apart)).await), all);
}

#[tokio::test]
async fn an_interval_finds_what_began_on_its_days() {
    let sim = manual(Options { calls: 0, ..Options::default() }).await;
    sim.advance(86_400.0).unwrap();
    let caller = Caller::new(&sim).await;
    let id = sim.add_call(NewCall::default()).unwrap();
    let within = |interval: &'static str| search(&caller, json!({ "interval": interval }));
    assert_eq!(ids(&within("2026-01-02T20:00:00.000Z/2026-01-02T21:00:00.000Z").await), [id]);
    assert_eq!(ids(&within("2026-01-01T00:00:00.000Z/2026-01-02T00:00:00.000Z").await), [""; 0]);
    let nothing = within("2026-01-03T00:00:00.000Z/2026-01-04T00:00:00.000Z").await;
    assert_eq!(nothing.json(), json!({ "totalHits": 0 }));
}

#[tokio::test]
async fn pages_follow_each_other_in_the_order_that_is_asked_for() {
    let sim = manual(Options { calls: 7, ..Options::default() }).await;
    let caller = Caller::new(&sim).await;
    let page = |number: usize, order: &'static str| {
        let paging = json!({ "pageSize": 3, "pageNumber": number });
        search(&caller, json!({ "paging": paging, "order": order, "orderBy": "conversationStart" }))
    };
    let mut all = Vec::new();
    for (number, rows) in [(1, 3), (2, 3), (3, 2), (4, 0)] {
        let answer = page(number, "asc").await;
        assert_eq!((answer.json()["totalHits"].as_u64(), ids(&answer).len()), (Some(8), rows));
        all.extend(answer.json()["conversations"].as_array().cloned().unwrap_or_default());
    }
    assert!(all.is_sorted_by_key(|one| one["conversationStart"].as_str().unwrap().to_owned()));
    let last = all[7]["conversationId"].as_str().unwrap();
    assert_eq!((ids(&page(1, "desc").await)[0].as_str(), ids(&search(&caller, json!({})).await).len()), (last, 8));
}

#[tokio::test]
async fn rows_repeat_and_totals_grow_only_when_asked_for_and_nothing_is_missed() {
    let sim = manual(Options { calls: 10, search_repeats: 2, ..Options::default() }).await;
    let caller = Caller::new(&sim).await;
    let (mut seen, mut totals) = (Vec::new(), Vec::new());
    for number in 1.. {
        let answer = search(&caller, json!({ "paging": { "pageSize": 4, "pageNumber": number } })).await;
        seen.extend(ids(&answer));
        let total = answer.json()["totalHits"].as_u64().unwrap();
        totals.push(total);
        if number * 4 >= total {
            break;
        }
    }
    assert_eq!(totals, [11, 13, 15, 17, 19]);
    assert_eq!((seen.len(), seen.iter().collect::<BTreeSet<_>>().len()), (19, 11));
    assert_eq!(seen[2..4], seen[4..6]);
}

#[tokio::test]
async fn the_search_lags_when_asked_to() {
    let schedule = Some(Schedule { appear_every: (10.0, 10.0), last: (5.0, 5.0) });
    let sim = manual(Options { calls: 0, search_lag: 3.0, schedule, ..Options::default() }).await;
    let caller = Caller::new(&sim).await;
    let live = json!({ "conversationFilters": filter("conversationEnd", Some("notExists"), None) });
    // One lives from the tenth second to the fifteenth.
    for (step, found) in [(12.0, 0), (1.0, 1), (4.0, 1), (1.0, 0)] {
        sim.advance(step).unwrap();
        assert_eq!(ids(&search(&caller, live.clone()).await).len(), found, "{step}");
    }
}

#[tokio::test]
async fn a_query_that_makes_no_sense_is_refused() {
    let sim = manual(Options::default()).await;
    let caller = Caller::new(&sim).await;
    for more in [
        json!({ "interval": null }),
        json!({ "interval": "yesterday" }),
        json!({ "interval": "2026-01-02/2026-01-01" }),
        json!({ "interval": "2026-01-01/2026-03-01" }),
        json!({ "paging": { "pageSize": 100 } }),
        json!({ "paging": { "pageSize": 101, "pageNumber": 1 } }),
        json!({ "paging": { "pageSize": 10, "pageNumber": 0 } }),
        json!({ "segmentFilters": filter("shoeSize", None, Some("43")) }),
        json!({ "segmentFilters": filter("conversationEnd", Some("exists"), None) }),
        json!({ "conversationFilters": filter("conversationEnd", Some("perhaps"), None) }),
        json!({ "conversationFilters": filter("conversationId", None, None) }),
        json!({ "conversationFilters": [{ "type": "and" }] }),
        json!({ "conversationFilters": [{ "type": "and", "predicates": [{ "type": "metric", "metric": "tTalk" }] }] }),
        json!({ "surveyFilters": [{}] }),
        json!({ "orderBy": "name" }),
        json!({ "limit": 3 }),
    ] {
        let answer = search(&caller, more.clone()).await;
        let code = answer.json()["code"].as_str().unwrap().to_owned();
        assert!(answer.status == 400 && ["bad.request", "invalid.value"].contains(&code.as_str()), "{more}");
    }
    for body in ["{}", r#"["2026-01-01T00:00:00Z/2026-01-02T00:00:00Z"]"#] {
        assert_eq!(caller.call("POST", QUERY, body).await.status, 400, "{body}");
    }
}

#[tokio::test]
async fn details_are_had_by_id() {
    let sim = manual(Options::default()).await;
    let caller = Caller::new(&sim).await;
    let [first, second, _] = <[String; 3]>::try_from(sim.calls()).unwrap();
    let caller = &caller;
    let get = |query: String| async move {
        caller.call("GET", &format!("/api/v2/analytics/conversations/{query}"), "").await
    };
    assert_eq!(ids(&get(format!("details?id={first},unknown,{second}")).await), [first.clone(), second.clone()]);
    assert_eq!(ids(&get(format!("details?id={second}&id={first}")).await).len(), 2);
    assert_eq!(get("details?id=unknown".into()).await.json(), json!({}));
    assert_eq!(get("details".into()).await.status, 400);
    assert_eq!(get(format!("{first}/details")).await.json()["conversationId"], first.as_str());
    assert_eq!(get("unknown/details".into()).await.status, 404);
}

#[tokio::test]
async fn who_talks_is_told_by_queue_user_or_not_at_all() {
    let sim = manual(Options::default()).await;
    let caller = Caller::new(&sim).await;
    sim.conference(&sim.calls()[0]).unwrap();
    let caller = &caller;
    let ask = |body: Value| async move { caller.call("POST", ACTIVITY, &body.to_string()).await };
    let talking = json!([{ "metric": "oInteracting", "details": true }]);
    let whole = ask(json!({ "metrics": talking })).await.json();
    assert_eq!((&whole["results"][0]["data"][0]["count"], &whole["results"][0]["group"]), (&json!(4), &json!({})));
    let by_user = ask(json!({ "metrics": talking, "groupBy": ["userId", "mediaType"] })).await.json();
    let counts: Vec<_> =
        by_user["results"].as_array().unwrap().iter().map(|one| one["data"][0]["count"].as_u64().unwrap()).collect();
    assert_eq!((counts.len(), counts.iter().sum::<u64>()), (3, 4));
    let entity = &by_user["results"][0]["entities"][0];
    assert!(sim.calls().iter().any(|id| entity["conversationId"] == id.as_str()) && entity["mediaType"] == "voice");
    let two = sim.users()[1].id.to_string();
    let filter = json!({ "type": "and", "predicates": [{ "dimension": "userId", "value": two }] });
    let waiting = json!([{ "metric": "oWaiting", "details": true }]);
    let answer = ask(json!({ "metrics": waiting, "groupBy": ["queueId"], "filter": filter })).await.json();
    assert_eq!(answer["results"][0]["data"], json!([{ "metric": "oWaiting", "count": 0 }]));
    assert!(answer["results"][0]["entities"].is_null());
    for body in [
        json!({}),
        json!({ "metrics": talking, "groupBy": ["shoeSize"] }),
        json!({ "metrics": [{ "metric": "oEating" }] }),
    ] {
        assert_eq!(ask(body).await.status, 400);
    }
}

fn user<'a>(sim: &'a Simulator, name: &str) -> Caller<'a> {
    Caller { sim, token: sim.user_token(name).unwrap() }
}

#[tokio::test]
async fn a_user_lists_the_calls_that_they_are_on() {
    let sim = manual(Options { calls: 0, ..Options::default() }).await;
    let new = |name: &str| sim.add_call(NewCall { user: Some(name.into()), ..NewCall::default() }).unwrap();
    let (mine, other) = (new("Agent One"), new("Agent Two"));
    let (one, client) = (user(&sim, "Agent One"), Caller::new(&sim).await);
    let listed = |answer: Answer| {
        let body = answer.json();
        let found: Vec<_> =
            body["entities"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!((&body["total"], &body["pageNumber"]), (&json!(found.len()), &json!(1)));
        found
    };
    for path in ["/api/v2/conversations/calls", "/api/v2/conversations", "/api/v2/conversations?communicationType=Call"]
    {
        assert_eq!(listed(one.call("GET", path, "").await), from_ref(&mine), "{path}");
        let refused = client.call("GET", path, "").await;
        assert_eq!((refused.status, &refused.json()["code"]), (400, &json!("not.a.user")));
    }
    assert_eq!(listed(one.call("GET", "/api/v2/conversations?communicationType=Chat", "").await), [""; 0]);
    // The one who was handed the call has it, who handed it on has not.
    sim.transfer(&mine).unwrap();
    assert_eq!(listed(one.call("GET", "/api/v2/conversations/calls", "").await), [""; 0]);
    let others = [user(&sim, "Agent Two"), user(&sim, "Agent Three")];
    let mut theirs = listed(others[0].call("GET", "/api/v2/conversations/calls", "").await);
    theirs.extend(listed(others[1].call("GET", "/api/v2/conversations/calls", "").await));
    theirs.sort();
    let mut both = vec![mine, other];
    both.sort();
    assert_eq!(theirs, both);
}
