//! The published API as the simulator speaks it: a conversation, its secure pause, and each refusal.

use gcrec::sim::{Action, Fault, NewCall, Options, Route, Simulator, State};
use serde_json::{Value, json};

use crate::sim_raw::{Answer, Caller, assert_is_error, manual, send};

/// A simulator in which commands act at once, and a call in that state.
async fn one(state: State) -> (Simulator, String) {
    let sim = manual(Options { propagation: (0.0, 0.0), ..Options::default() }).await;
    let id = sim.add_call(NewCall { state, ..NewCall::default() }).unwrap();
    (sim, id)
}

/// `recordingState` and `securePause` of a conversation.
fn top(body: &Value) -> (&str, Option<bool>) {
    (body["recordingState"].as_str().unwrap(), body["securePause"].as_bool())
}

#[tokio::test]
async fn a_pause_and_a_resume_are_accepted_now_and_true_later() {
    let sim = manual(Options { propagation: (2.0, 2.0), ..Options::default() }).await;
    let id = sim.add_call(NewCall { state: State::Recording, ..NewCall::default() }).unwrap();
    let caller = Caller::new(&sim).await;
    let accepted = caller.set_recording_state(&id, "PAUSED").await;
    assert_eq!(
        (accepted.status, accepted.body.as_slice(), accepted.header("content-length")),
        (202, &b""[..], Some("0"))
    );
    assert!(accepted.header("ININ-Correlation-Id").is_some());
    assert_eq!(top(&caller.conversation(&id).await.json()), ("ACTIVE", Some(false)));
    sim.advance(2.0).unwrap();
    assert_eq!(top(&caller.conversation(&id).await.json()), ("PAUSED", Some(true)));
    // What changes nothing is answered the same.
    assert_eq!(caller.set_recording_state(&id, "PAUSED").await.status, 202);
    assert_eq!(caller.set_recording_state(&id, "ACTIVE").await.status, 202);
    sim.advance(2.0).unwrap();
    assert_eq!(top(&caller.conversation(&id).await.json()), ("ACTIVE", Some(false)));
    let done: Vec<_> = sim.commands(&id).unwrap().into_iter().map(|command| (command.action, command.at)).collect();
    assert_eq!(done, [(Action::Pause, 2.0), (Action::Resume, 4.0)]);
    assert_eq!(sim.commands(&id).unwrap()[0].request_id, accepted.header("ININ-Correlation-Id").unwrap());
}

#[tokio::test]
async fn a_pause_of_what_is_not_recorded_changes_nothing() {
    let (sim, id) = one(State::Stopped).await;
    let caller = Caller::new(&sim).await;
    for word in ["PAUSED", "ACTIVE"] {
        assert_eq!(caller.set_recording_state(&id, word).await.status, 202);
    }
    assert_eq!((sim.commands(&id).unwrap(), sim.state(&id).unwrap()), (vec![], State::Stopped));
    assert_eq!(top(&caller.conversation(&id).await.json()), ("NONE", Some(false)));
}

#[tokio::test]
async fn a_transferred_conversation_has_both_agents_and_the_new_one_is_recorded() {
    let (sim, id) = one(State::Paused).await;
    let caller = Caller::new(&sim).await;
    let before = caller.conversation(&id).await.json();
    sim.advance(5.0).unwrap();
    sim.transfer(&id).unwrap();
    let body = caller.conversation(&id).await.json();
    let parties = body["participants"].as_array().unwrap();
    let seen: Vec<_> = parties
        .iter()
        .map(|party| (&party["purpose"], &party["calls"][0]["state"], party["endTime"].is_null()))
        .collect();
    let (customer, agent) = (json!("customer"), json!("agent"));
    let (on, off) = (json!("connected"), json!("disconnected"));
    assert_eq!(seen, [(&customer, &on, true), (&agent, &off, false), (&agent, &on, true)]);
    assert_eq!(parties[1]["id"], before["participants"][1]["id"]);
    assert_ne!(parties[1]["id"], parties[2]["id"]);
    assert_ne!(parties[1]["calls"][0]["id"], parties[2]["calls"][0]["id"]);
    assert_eq!(
        (&parties[1]["calls"][0]["recording"], &parties[2]["calls"][0]["recording"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(top(&body), ("ACTIVE", Some(false)));
    // The tutorial's wire shows who is there now.
    let items = caller.list().await.json()["items"].clone();
    let listed = items.as_array().unwrap().iter().find(|item| item["id"] == id.as_str()).unwrap();
    assert_eq!(listed["participants"][1]["id"], parties[2]["id"]);
}

#[tokio::test]
async fn an_ended_conversation_is_known_and_takes_no_command() {
    let (sim, id) = one(State::Paused).await;
    let caller = Caller::new(&sim).await;
    sim.end_call(&id).unwrap();
    let answer = caller.conversation(&id).await;
    let body = answer.json();
    assert_eq!((answer.status, top(&body)), (200, ("NONE", Some(false))));
    assert_eq!(body["endTime"], "2026-01-01T00:00:00.000Z");
    let legs = body["participants"].as_array().unwrap().iter().map(|party| &party["calls"][0]["state"]);
    assert!(legs.eq([&json!("terminated"), &json!("terminated")]));
    assert_is_error(&caller.set_recording_state(&id, "ACTIVE").await, 400, "conversation.error.call.disconnected");
    assert_is_error(&caller.conversation("unknown").await, 404, "conversation.not.found");
    assert_is_error(&caller.set_recording_state("unknown", "ACTIVE").await, 404, "conversation.not.found");
}

#[tokio::test]
async fn what_is_no_recording_state_is_an_invalid_value() {
    let (sim, id) = one(State::Recording).await;
    let caller = Caller::new(&sim).await;
    let path = format!("/api/v2/conversations/{id}/recordingstate");
    for body in [
        r#"{"recordingState": "NONE"}"#,
        r#"{"recordingState": "paused"}"#,
        r#"{"recordingState": true}"#,
        r#"{"state": "PAUSED"}"#,
        "[]",
    ] {
        assert_is_error(&caller.call("PATCH", &path, body).await, 400, "invalid.value");
    }
    for body in ["", "{", "PAUSED"] {
        assert_is_error(&caller.call("PATCH", &path, body).await, 400, "bad.request");
    }
    let bearer = format!("Bearer {}", caller.token);
    for (media, status) in [("text/plain", 415), ("application/json; charset=utf-8", 202)] {
        let headers = [("authorization", bearer.as_str()), ("content-type", media)];
        let answer = send(&sim, "PATCH", &path, &headers, r#"{"recordingState": "PAUSED"}"#).await.unwrap();
        assert_eq!(answer.status, status, "{media}");
    }
    for (method, path) in [("PUT", path), ("DELETE", format!("/api/v2/conversations/{id}"))] {
        assert_is_error(&caller.call(method, &path, "").await, 405, "method.not.allowed");
    }
}

#[tokio::test]
async fn permissions_are_the_roles_and_scopes_count_on_the_other_wire() {
    for (permissions, missing) in [
        (vec!["conversation:communication:view"], "conversation:recording:pauseOthers"),
        (vec![], "conversation:communication:view"),
    ] {
        let permissions = permissions.into_iter().map(str::to_owned).collect();
        let sim = manual(Options { permissions, ..Options::default() }).await;
        let (caller, id) = (Caller::new(&sim).await, sim.calls()[0].clone());
        let answers = [caller.set_recording_state(&id, "PAUSED").await, caller.conversation(&id).await];
        let refused = answers.iter().rfind(|answer| answer.status == 403).unwrap();
        assert_is_error(refused, 403, "missing.any.permissions");
        assert!(refused.json()["message"].as_str().unwrap().ends_with(missing));
        assert_eq!(caller.list().await.status, 200);
    }
    let sim = manual(Options { scopes: vec![], ..Options::default() }).await;
    let (caller, id) = (Caller::new(&sim).await, sim.calls()[0].clone());
    assert_eq!((caller.list().await.status, caller.conversation(&id).await.status), (403, 200));
}

#[tokio::test]
async fn without_a_good_token_or_past_the_limit_it_is_as_documented() {
    let sim = manual(Options { rate_limit: Some(1), rate_window: 30.0, ..Options::default() }).await;
    let (caller, id) = (Caller::new(&sim).await, sim.calls()[0].clone());
    let headers = |answer: &Answer| {
        ["allowed", "count", "reset"].map(|name| answer.header(&format!("inin-ratelimit-{name}")).unwrap().to_owned())
    };
    assert_eq!(headers(&caller.conversation(&id).await), ["1", "1", "30"]);
    let refused = caller.set_recording_state(&id, "PAUSED").await;
    assert_is_error(&refused, 429, "too.many.requests");
    assert_eq!((refused.header("retry-after"), headers(&refused)[2].as_str()), (Some("30"), "30"));
    sim.revoke_tokens();
    assert_is_error(&caller.conversation(&id).await, 401, "bad.credentials");
    let sim = manual(Options::default()).await;
    let caller = Caller::new(&sim).await;
    let accepted = caller.set_recording_state(&sim.calls()[0], "PAUSED").await;
    assert_eq!(headers(&accepted), ["1000000", "1", "60"]);
}

#[tokio::test]
async fn faults_on_control_and_status_strike_this_wire_too() {
    let (sim, id) = one(State::Recording).await;
    let caller = Caller::new(&sim).await;
    for (route, statuses) in [(Route::Control, [500, 200]), (Route::Status, [202, 500])] {
        sim.fail(Fault { status_code: Some(500), ..Fault::on(route) }).unwrap();
        let answers = [caller.set_recording_state(&id, "PAUSED").await, caller.conversation(&id).await];
        assert_eq!([answers[0].status, answers[1].status], statuses);
    }
    assert_eq!(sim.state(&id).unwrap(), State::Paused);
    sim.fail(Fault { never: true, ..Fault::on(Route::Control) }).unwrap();
    assert_eq!(caller.set_recording_state(&id, "ACTIVE").await.status, 202);
    assert_eq!(sim.state(&id).unwrap(), State::Paused);
}
