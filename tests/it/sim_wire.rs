//! The tutorial's wire as the simulator speaks it: each endpoint, each status.

use gcrec::sim::{NewCall, Options, Simulator, State};
use serde_json::json;

use crate::sim_raw::{self, Answer, Caller, ask_token, manual, send};

/// An error of this wire, where nothing below it is told.
fn assert_is_error(answer: &Answer, status: u16, code: &str) {
    sim_raw::assert_is_error(answer, status, code);
    let body = answer.json();
    assert!(body["messageParams"].is_object() && body["details"] == json!([]) && body["errors"] == json!([]));
}

#[tokio::test]
async fn the_tutorials_workflow_from_token_to_ended() {
    let sim = manual(Options { propagation: (2.0, 2.0), ..Options::default() }).await;
    let caller = Caller::new(&sim).await;
    let id = caller.list().await.json()["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(caller.statuses(&id).await, Vec::<String>::new());

    let accepted = caller.control(&id, "start").await;
    assert_eq!(accepted.status, 202);
    assert_eq!((&accepted.json()["conversationId"], &accepted.json()["type"]), (&json!(id), &json!("start")));
    sim.advance(1.999).unwrap();
    assert_eq!(caller.statuses(&id).await, Vec::<String>::new());
    sim.advance(0.001).unwrap();
    assert_eq!(caller.statuses(&id).await, ["recording"]);

    assert_eq!(caller.control(&id, "stop").await.status, 202);
    assert_eq!(caller.statuses(&id).await, ["recording"]);
    sim.advance(5.0).unwrap();
    assert_eq!(caller.statuses(&id).await, ["ended"]);

    assert_eq!(caller.control(&id, "start").await.status, 202);
    sim.advance(2.0).unwrap();
    assert_eq!(caller.statuses(&id).await, ["recording", "ended"]);
    let items = caller.status(&id).await.json()["items"].clone();
    assert_eq!(items[1]["startTime"], "2026-01-01T00:00:02.000Z");
    assert_eq!(items[1]["endTime"], "2026-01-01T00:00:04.000Z");
    assert_eq!((&items[0]["startTime"], items[0].get("endTime")), (&json!("2026-01-01T00:00:09.000Z"), None));
    assert_eq!(items[0]["conversationId"], id);
    assert_ne!(items[0]["id"], items[1]["id"]);
}

#[tokio::test]
async fn the_listing_holds_active_voice_calls_and_honours_its_filters() {
    let sim = manual(Options { calls: 2, ..Options::default() }).await;
    let caller = Caller::new(&sim).await;
    let items = caller.list().await.json()["items"].clone();
    let ids: Vec<_> = items.as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert_eq!(ids, sim.calls());
    assert_eq!((&items[0]["type"], &items[0]["state"]), (&json!("voice"), &json!("active")));
    assert!(items[0]["startTime"].as_str().unwrap().ends_with('Z'));
    let purposes: Vec<_> = items[0]["participants"].as_array().unwrap().iter().map(|party| &party["purpose"]).collect();
    assert_eq!(purposes, ["customer", "agent"]);

    let count = async |query: &str| {
        let answer = caller.call("GET", &format!("/api/v2/communications{query}"), "").await;
        answer.json()["items"].as_array().unwrap().len()
    };
    assert_eq!(count("?state=active&types=chat").await, 0);
    assert_eq!(count("?types=chat,voice&state=active").await, 2);
    assert_eq!(count("?state=ended").await, 1);
    assert_eq!(count("").await, 3);
    for id in sim.calls() {
        sim.end_call(&id).unwrap();
    }
    assert_eq!(caller.list().await.json(), json!({ "items": [] }));
}

#[tokio::test]
async fn a_command_that_changes_nothing_conflicts_even_before_the_first_acts() {
    let sim = manual(Options::default()).await;
    let caller = Caller::new(&sim).await;
    let id = &sim.calls()[0];
    assert_is_error(&caller.control(id, "stop").await, 409, "conflict");
    assert_eq!(caller.control(id, "start").await.status, 202);
    assert_eq!(sim.state(id).unwrap(), State::Stopped);
    assert_is_error(&caller.control(id, "start").await, 409, "conflict");
    assert_eq!(caller.control(id, "stop").await.status, 202);
    assert_is_error(&caller.control(id, "stop").await, 409, "conflict");
    sim.advance(1.0).unwrap();
    let done: Vec<_> = sim.commands(id).unwrap().into_iter().map(|command| command.request_id).collect();
    let accepted: Vec<_> = sim.requests().into_iter().filter(|request| request.status_code == Some(202)).collect();
    assert_eq!(done, accepted.into_iter().map(|request| request.request_id).collect::<Vec<_>>());
}

#[tokio::test]
async fn bad_commands_and_calls_that_are_not_there() {
    let sim = manual(Options::default()).await;
    let caller = Caller::new(&sim).await;
    let id = sim.calls()[0].clone();
    let events = format!("/api/v2/recordings/conversations/{id}/events");
    for body in ["", "{", "[]", "{}", r#"{"type": "pause"}"#, r#"{"type": 1}"#, r#"{"type": "START"}"#] {
        assert_is_error(&caller.call("POST", &events, body).await, 400, "bad.request");
    }
    assert_is_error(&caller.call("POST", &events, &" ".repeat(100_000)).await, 400, "bad.request");
    assert_is_error(&caller.status("%FF").await, 400, "bad.request");

    let all = caller.call("GET", "/api/v2/communications?state=ended", "").await.json();
    let ended = all["items"][0]["id"].as_str().unwrap();
    for id in ["no-such-call", ended] {
        assert_is_error(&caller.status(id).await, 404, "conversation.not.found");
        assert_is_error(&caller.control(id, "start").await, 404, "conversation.not.found");
    }
    sim.end_call(&id).unwrap();
    assert_is_error(&caller.status(&id).await, 404, "conversation.not.found");
}

#[tokio::test]
async fn unknown_paths_and_wrong_methods() {
    let sim = manual(Options::default()).await;
    let caller = Caller::new(&sim).await;
    let item = format!("/api/v2/recordings/conversations/{}", sim.calls()[0]);
    for path in ["/", "/api/v2/conversations/", "/api/v2/recordings/conversations/", "/oauth"] {
        assert_is_error(&caller.call("GET", path, "").await, 404, "not.found");
    }
    for (method, path) in [("GET", "/oauth/token"), ("POST", "/api/v2/communications"), ("DELETE", item.as_str())] {
        let answer = caller.call(method, path, "").await;
        assert_is_error(&answer, 405, "method.not.allowed");
        assert!(answer.header("allow").is_some(), "{path}");
    }
}

#[tokio::test]
async fn without_a_good_token_everything_is_401() {
    let sim = manual(Options { token_lifetime: 10.0, ..Options::default() }).await;
    let caller = Caller::new(&sim).await;
    let id = sim.calls()[0].clone();
    assert_eq!(caller.list().await.status, 200);
    sim.advance(10.0).unwrap();
    assert_is_error(&caller.list().await, 401, "bad.credentials");
    let caller = Caller::new(&sim).await;
    sim.revoke_tokens();
    assert_is_error(&caller.control(&id, "start").await, 401, "bad.credentials");
    let stranger = Caller { sim: &sim, token: "guess".into() };
    assert_is_error(&stranger.status(&id).await, 401, "bad.credentials");
    let bare = send(&sim, "GET", "/api/v2/communications", &[], "").await.unwrap();
    assert_is_error(&bare, 401, "authentication.required");
}

#[tokio::test]
async fn a_missing_scope_is_named() {
    let all = Options::default().scopes;
    let id_of = |sim: &Simulator| sim.calls()[0].clone();
    for missing in ["conversation:read", "conversation:recording:read", "conversation:recording:write"] {
        let scopes = all.iter().filter(|scope| *scope != missing).cloned().collect();
        let sim = manual(Options { scopes, ..Options::default() }).await;
        let caller = Caller::new(&sim).await;
        let id = id_of(&sim);
        let answers = [caller.list().await, caller.status(&id).await, caller.control(&id, "start").await];
        let refused: Vec<_> = answers.iter().filter(|answer| answer.status == 403).collect();
        assert_eq!(refused.len(), 1);
        assert_is_error(refused[0], 403, "missing.any.permissions");
        assert!(refused[0].json()["message"].as_str().unwrap().ends_with(missing));
    }
}

#[tokio::test]
async fn past_the_rate_limit_a_token_waits_for_its_window() {
    let sim = manual(Options { rate_limit: Some(2), rate_window: 10.0, ..Options::default() }).await;
    let (caller, other) = (Caller::new(&sim).await, Caller::new(&sim).await);
    let headers = |answer: &Answer| {
        ["allowed", "count", "reset"].map(|name| answer.header(&format!("inin-ratelimit-{name}")).unwrap().to_owned())
    };
    assert_eq!(headers(&caller.list().await), ["2", "1", "10"]);
    sim.advance(3.5).unwrap();
    assert_eq!(headers(&caller.list().await), ["2", "2", "7"]);
    let refused = caller.control(&sim.calls()[0], "start").await;
    assert_is_error(&refused, 429, "too.many.requests");
    assert_eq!((refused.header("retry-after"), headers(&refused)), (Some("7"), ["2", "2", "7"].map(str::to_owned)));
    assert!(refused.json()["message"].as_str().unwrap().contains("[2] requests within [10] seconds"));
    assert_eq!(other.list().await.status, 200);
    assert_eq!(ask_token(&sim).await.unwrap().status, 200);
    sim.advance(6.5).unwrap();
    assert_eq!(caller.list().await.status, 200);
    assert_eq!(sim.state(&sim.calls()[0]).unwrap(), State::Stopped);
}

#[tokio::test]
async fn without_a_limit_the_headers_say_a_million() {
    let sim = manual(Options::default()).await;
    let answer = Caller::new(&sim).await.list().await;
    assert_eq!(answer.header("inin-ratelimit-allowed"), Some("1000000"));
    assert_eq!(answer.header("inin-ratelimit-count"), Some("1"));
}

#[tokio::test]
async fn an_id_is_one_segment_whatever_is_in_it() {
    let sim = manual(Options { calls: 0, propagation: (0.0, 0.0), ..Options::default() }).await;
    let caller = Caller::new(&sim).await;
    let long = "ä/".repeat(250);
    for id in ["a/b", "ü", "a b?c#d%2Fe", "../..", "{id}", "events", long.as_str()] {
        sim.add_call(NewCall { id: Some(id.into()), ..NewCall::default() }).unwrap();
        let encoded = percent_encoding::utf8_percent_encode(id, percent_encoding::NON_ALPHANUMERIC).to_string();
        assert_eq!(caller.control(&encoded, "start").await.status, 202, "{id}");
        assert_eq!(caller.status(&encoded).await.json()["items"][0]["conversationId"], id);
        assert_eq!(sim.state(id).unwrap(), State::Recording);
    }
    let listed = caller.list().await.json()["items"].as_array().unwrap().len();
    assert_eq!(listed, 7);
}

#[tokio::test]
async fn a_call_may_be_added_recording_or_paused() {
    let sim = manual(Options { calls: 0, ..Options::default() }).await;
    let caller = Caller::new(&sim).await;
    for (state, word) in [(State::Recording, "recording"), (State::Paused, "paused")] {
        let id = sim.add_call(NewCall { state, ..NewCall::default() }).unwrap();
        assert_eq!((caller.statuses(&id).await, sim.state(&id).unwrap()), (vec![word.to_owned()], state));
        assert_eq!(caller.control(&id, "start").await.status, 409);
        assert_eq!(caller.control(&id, "stop").await.status, 202);
        assert_eq!(sim.commands(&id).unwrap(), []);
    }
}
