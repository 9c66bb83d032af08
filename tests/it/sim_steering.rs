//! `/simulation/`: what other processes see and may do, and who may not.

use gcrec::sim::{Action, Fault, NewCall, Options, Route, SimRequest, Simulator, State, Steering};
use serde_json::{Value, json};

use crate::sim_raw::{Caller, ask_token, manual, send};

/// Steers over HTTP, as another process does.
async fn steer(sim: &Simulator, steering: &Steering) -> Result<Value, String> {
    let (method, path, body) = steering.to_request();
    let body = body.map(|body| body.to_string()).unwrap_or_default();
    let answer = send(sim, method.as_str(), &path, &[], &body).await.unwrap();
    Steering::read_answer(answer.status, &answer.body).map_err(|error| error.code().to_owned())
}

#[tokio::test]
async fn the_door_and_the_handle_do_the_same() {
    let sim = manual(Options { propagation: (0.0, 0.0), ..Options::default() }).await;
    let caller = Caller::new(&sim).await;
    let new = NewCall { id: Some("a/b".into()), state: State::Recording, ..NewCall::default() };
    assert_eq!(steer(&sim, &Steering::AddCall(new)).await, Ok(json!({ "id": "a/b" })));
    assert_eq!(caller.control("a%2Fb", "stop").await.status, 202);
    let call = steer(&sim, &Steering::Call("a/b".into())).await.unwrap();
    assert_eq!((&call["id"], &call["active"], &call["state"]), (&json!("a/b"), &json!(true), &json!("stopped")));
    assert_eq!(call["commands"], json!(sim.commands("a/b").unwrap()));
    assert_eq!(call["recordings"][0]["status"], "ended");
    assert_eq!(Ok(call), sim.apply(Steering::Call("a/b".into())).map_err(|error| error.to_string()));

    let ask = async |steering| steer(&sim, &steering).await;
    assert_eq!(ask(Steering::ByHand { id: "a/b".into(), action: Action::Start }).await, Ok(json!({})));
    assert_eq!(ask(Steering::Hold { id: "a/b".into(), on: true }).await, Ok(json!({})));
    let call = ask(Steering::Call("a/b".into())).await.unwrap();
    assert_eq!((&call["state"], &call["held"], &call["policy"]), (&json!("held"), &json!(true), &json!(false)));
    assert_eq!(call["commands"][1]["request_id"], "");
    assert_eq!(ask(Steering::Transfer("a/b".into())).await, Ok(json!({})));
    assert_eq!(sim.state("a/b").unwrap(), State::Recording);

    let fault = Fault { status_code: Some(500), times: None, ..Fault::on(Route::Any) };
    assert_eq!(steer(&sim, &Steering::Fail(fault.clone())).await, Ok(json!({})));
    assert_eq!(caller.list().await.status, 500);
    let state = steer(&sim, &Steering::State).await.unwrap();
    assert_eq!(state["faults"], json!([fault]));
    assert_eq!((&state["calls"], &state["clock"]), (&json!(sim.calls()), &json!("manual")));
    assert_eq!((&state["base_url"], &state["client_id"]), (&json!(sim.base_url()), &json!(sim.client_id())));
    assert_eq!(steer(&sim, &Steering::ClearFaults).await, Ok(json!({ "cleared": 1 })));

    assert_eq!(steer(&sim, &Steering::Advance(2.5)).await, Ok(json!({ "now": 2.5 })));
    assert_eq!(steer(&sim, &Steering::Revoke { refresh_tokens: false }).await, Ok(json!({ "revoked": 1 })));
    assert_eq!(caller.list().await.status, 401);
    assert_eq!(steer(&sim, &Steering::EndCall("a/b".into())).await, Ok(json!({})));
    assert!(!sim.calls().contains(&"a/b".to_owned()));
    let requests = steer(&sim, &Steering::Requests).await.unwrap();
    assert_eq!(serde_json::from_value::<Vec<SimRequest>>(requests).unwrap(), sim.requests());
}

#[tokio::test]
async fn what_cannot_be_done_is_said_with_a_status() {
    let sim = Simulator::start(Options::default()).await.unwrap();
    let unknown = Steering::EndCall("nobody".into());
    assert_eq!(steer(&sim, &unknown).await, Err("unknown_call".into()));
    assert_eq!(steer(&sim, &Steering::Advance(1.0)).await, Err("real_clock".into()));
    assert_eq!(steer(&sim, &Steering::Fail(Fault::default())).await, Err("invalid_fault".into()));
    let twice = Steering::AddCall(NewCall { id: Some(sim.calls()[0].clone()), ..NewCall::default() });
    assert_eq!(steer(&sim, &twice).await, Err("duplicate_id".into()));
    let status = async |method, path, body| send(&sim, method, path, &[], body).await.unwrap().status;
    assert_eq!(status("GET", "/simulation/nothing", "").await, 404);
    assert_eq!(status("POST", "/simulation/faults", "{").await, 400);
    assert_eq!(status("POST", "/simulation/calls/nobody/end", "").await, 404);
    assert_eq!(status("POST", "/simulation/advance", r#"{"seconds": 1}"#).await, 409);
}

#[tokio::test]
async fn web_pages_and_other_machines_are_turned_away() {
    let sim = manual(Options::default()).await;
    let status =
        async |headers: &[(&str, &str)]| send(&sim, "POST", "/simulation/revoke", headers, "").await.unwrap().status;
    let caller = Caller::new(&sim).await;
    assert_eq!(status(&[("host", "attacker.example")]).await, 403);
    assert_eq!(status(&[("host", "127.0.0.1.attacker.example:80")]).await, 403);
    assert_eq!(status(&[("origin", "https://attacker.example")]).await, 403);
    assert_eq!(status(&[("origin", "null")]).await, 403);
    assert_eq!(caller.list().await.status, 200);
    assert_eq!(status(&[("host", "localhost:1234"), ("origin", "http://127.0.0.1:8080")]).await, 200);
    assert_eq!(status(&[("host", "[::1]:1")]).await, 200);
    assert_eq!(caller.list().await.status, 401);
    assert_eq!(send(&sim, "POST", "/simulation/revoke", &[], "{}").await.unwrap().status, 200);
}

#[tokio::test]
async fn the_log_holds_every_request_on_the_wire_and_no_secret() {
    let sim = manual(Options::default()).await;
    let caller = Caller::new(&sim).await;
    sim.advance(1.5).unwrap();
    caller.list().await;
    let leaky = format!("/oauth/token?client_secret={}", sim.client_secret());
    caller.call("POST", &leaky, "").await;
    caller.call("GET", "/nowhere", "").await;
    steer(&sim, &Steering::State).await.unwrap();
    let log: Vec<_> = sim.requests();
    let seen: Vec<_> =
        log.iter().map(|seen| (seen.method.as_str(), seen.path.as_str(), seen.status_code, seen.at)).collect();
    assert_eq!(
        seen,
        [
            ("POST", "/oauth/token", Some(200), 0.0),
            ("GET", "/api/v2/communications?state=active&types=voice", Some(200), 1.5),
            ("POST", "/oauth/token", Some(400), 1.5),
            ("GET", "/nowhere", Some(404), 1.5),
        ]
    );
    let shown = format!("{sim:?} {log:?}");
    assert!(!shown.contains(sim.client_secret()) && !shown.contains(&caller.token));
}

#[tokio::test]
async fn steering_is_not_limited_and_strikes_no_fault() {
    let sim = manual(Options { rate_limit: Some(1), ..Options::default() }).await;
    sim.fail(Fault { status_code: Some(500), times: Some(1), ..Fault::on(Route::Any) }).unwrap();
    for _ in 0..5 {
        steer(&sim, &Steering::State).await.unwrap();
    }
    assert_eq!(ask_token(&sim).await.unwrap().status, 500);
}
