//! Recordings on demand, by participant; several recorders in one call; and the other ways to a secure pause.

use gcrec::sim::{Action, Fault, NewCall, Options, Route, Simulator, State};
use serde_json::{Value, json};

use crate::sim_raw::{Answer, Caller, manual};

fn assert_is_error(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.json()["code"].as_str()), (status, Some(code)), "{}", answer.json());
}

/// A simulator in which commands act at once, with a user's calls.
async fn instant(options: Options) -> Simulator {
    manual(Options { propagation: (0.0, 0.0), calls: 0, ..options }).await
}

fn add(sim: &Simulator, new: NewCall) -> String {
    sim.add_call(NewCall { user: Some("Agent One".into()), ..new }).unwrap()
}

fn user<'a>(sim: &'a Simulator, name: &str) -> Caller<'a> {
    Caller { sim, token: sim.user_token(name).unwrap() }
}

/// The participants of a purpose.
async fn participants(caller: &Caller<'_>, id: &str, purpose: &str) -> Vec<Value> {
    let body = caller.conversation(id).await.json();
    body["participants"].as_array().unwrap().iter().filter(|one| one["purpose"] == purpose).cloned().collect()
}

/// The id of the one who is there.
async fn agent(caller: &Caller<'_>, id: &str) -> String {
    let agents = participants(caller, id, "agent").await;
    agents.iter().find(|one| one["endTime"].is_null()).unwrap()["id"].as_str().unwrap().to_owned()
}

/// What `recordersState` says of the first agent: ad hoc, of both sides, snippet.
async fn recorders(caller: &Caller<'_>, id: &str) -> [String; 3] {
    let agents = participants(caller, id, "agent").await;
    let state = &agents[0]["calls"][0]["recordersState"];
    ["adhocState", "agentExperienceState", "snippetState"].map(|name| state[name].as_str().unwrap().to_owned())
}

async fn set(caller: &Caller<'_>, id: &str, participant: &str, body: Value) -> Answer {
    let path = format!("/api/v2/conversations/calls/{id}/participants/{participant}");
    caller.call("PATCH", &path, &body.to_string()).await
}

async fn record(caller: &Caller<'_>, id: &str, participant: &str, kind: &str, on: bool) -> Answer {
    let path = format!("/api/v2/conversations/calls/{id}/participants/{participant}/snippet/record");
    caller.call("POST", &path, &json!({ "type": kind, "record": on }).to_string()).await
}

async fn put(caller: &Caller<'_>, id: &str, media: &str, word: &str) -> Answer {
    let path = format!("/api/v2/conversations/{media}/{id}/recordingstate");
    caller.call("PUT", &path, &json!({ "recordingState": word }).to_string()).await
}

/// What an object would hold, as an array.
const ARRAY: &str = "[true, null, null, null, null, null, null, null]";

#[tokio::test]
async fn a_participants_recorder_is_started_and_stopped_and_a_command_is_true_later() {
    let sim = manual(Options { propagation: (2.0, 2.0), ..Options::default() }).await;
    let (caller, id) = (Caller::new(&sim).await, add(&sim, NewCall::default()));
    let agent = agent(&caller, &id).await;
    let answer = set(&caller, &id, &agent, json!({ "recording": true })).await;
    assert_eq!((answer.status, answer.body.len()), (202, 0));
    assert_eq!(recorders(&caller, &id).await, ["NONE", "NONE", "NONE"]);
    sim.advance(2.0).unwrap();
    assert_eq!(recorders(&caller, &id).await, ["ACTIVE", "NONE", "NONE"]);
    // The other path does the same; what changes nothing is answered the same, and leaves no trace.
    let path = format!("/api/v2/conversations/{id}/participants/{agent}");
    for body in [r#"{"recording": true}"#, r#"{"recording": false}"#, "{}", r#"{"muted": true}"#] {
        assert_eq!(caller.call("PATCH", &path, body).await.status, 202, "{body}");
    }
    for body in [r#"{"recording": "true"}"#, r#"{"state": "asleep"}"#, r#"{"wrapup": 3}"#, r#"{"held": 1}"#, ARRAY] {
        assert_eq!(caller.call("PATCH", &path, body).await.status, 400, "{body}");
    }
    sim.advance(2.0).unwrap();
    assert_eq!(recorders(&caller, &id).await, ["NONE", "NONE", "NONE"]);
    let done: Vec<_> = sim.commands(&id).unwrap().iter().map(|command| command.action).collect();
    assert_eq!(done, [Action::Start, Action::Stop]);
    assert_eq!(caller.statuses(&id).await, ["ended"]);
}

#[tokio::test]
async fn each_recorder_of_a_call_goes_its_own_way_and_a_pause_is_of_all_but_snippets() {
    let sim = instant(Options::default()).await;
    let (caller, id) = (Caller::new(&sim).await, add(&sim, NewCall { policy: true, ..NewCall::default() }));
    let agent = agent(&caller, &id).await;
    set(&caller, &id, &agent, json!({ "recording": true })).await;
    assert_eq!(recorders(&caller, &id).await, ["ACTIVE", "ACTIVE", "NONE"]);
    caller.set_recording_state(&id, "PAUSED").await;
    assert_eq!(
        (recorders(&caller, &id).await, sim.state(&id).unwrap()),
        (["PAUSED", "PAUSED", "NONE"].map(String::from), State::Paused)
    );
    // Begun in the pause, it is not part of it.
    assert_eq!(record(&caller, &id, &agent, "snippet", true).await.json(), "ACTIVE");
    assert_eq!(recorders(&caller, &id).await, ["PAUSED", "PAUSED", "ACTIVE"]);
    assert_eq!(
        (sim.state(&id).unwrap(), caller.statuses(&id).await),
        (State::Recording, ["recording", "paused", "paused"].map(String::from).to_vec())
    );
    caller.set_recording_state(&id, "PAUSED").await;
    assert_eq!(recorders(&caller, &id).await, ["PAUSED", "PAUSED", "ACTIVE"]);
    let body = caller.conversation(&id).await.json();
    assert_eq!((&body["recordingState"], &body["securePause"]), (&json!("PAUSED"), &json!(true)));
    sim.hold(&id, true).unwrap();
    caller.set_recording_state(&id, "ACTIVE").await;
    assert_eq!(recorders(&caller, &id).await, ["PAUSED", "PAUSED", "ACTIVE"]);
    assert_eq!(record(&caller, &id, &agent, "snippet", false).await.json(), "NONE");
    assert_eq!(sim.state(&id).unwrap(), State::Held);
    sim.hold(&id, false).unwrap();
    // No command ends a policy's.
    set(&caller, &id, &agent, json!({ "recording": false })).await;
    assert_eq!(
        (recorders(&caller, &id).await, sim.state(&id).unwrap()),
        (["NONE", "ACTIVE", "NONE"].map(String::from), State::Recording)
    );
}

#[tokio::test]
async fn a_snippets_route_says_in_a_json_string_what_its_recorder_will_be() {
    let sim = manual(Options { propagation: (2.0, 2.0), ..Options::default() }).await;
    let (caller, id) = (Caller::new(&sim).await, add(&sim, NewCall::default()));
    let agent = agent(&caller, &id).await;
    let answer = record(&caller, &id, &agent, "adhoc", true).await;
    assert_eq!((answer.status, answer.body.as_slice()), (200, &br#""ACTIVE""#[..]));
    caller.set_recording_state(&id, "PAUSED").await;
    assert_eq!(record(&caller, &id, &agent, "adhoc", true).await.json(), "PAUSED");
    assert_eq!(record(&caller, &id, &agent, "snippet", false).await.json(), "NONE");
    sim.advance(2.0).unwrap();
    assert_eq!(recorders(&caller, &id).await, ["PAUSED", "NONE", "NONE"]);
    for body in
        [r#"{"record": true}"#, r#"{"type": "SNIPPET", "record": true}"#, r#"{"type": "snippet", "record": "true"}"#]
    {
        let path = format!("/api/v2/conversations/calls/{id}/participants/{agent}/snippet/record");
        assert_is_error(&caller.call("POST", &path, body).await, 400, "bad.request");
    }
}

#[tokio::test]
async fn a_put_says_what_the_state_of_the_call_will_be() {
    let sim = manual(Options { propagation: (2.0, 2.0), ..Options::default() }).await;
    let caller = Caller::new(&sim).await;
    let id = add(&sim, NewCall { state: State::Recording, ..NewCall::default() });
    let answer = put(&caller, &id, "calls", "PAUSED").await;
    assert_eq!((answer.status, answer.body.as_slice()), (200, &br#""PAUSED""#[..]));
    assert_eq!(sim.state(&id).unwrap(), State::Recording);
    assert_eq!(put(&caller, &id, "calls", "ACTIVE").await.json(), "ACTIVE");
    assert_eq!(put(&caller, &add(&sim, NewCall::default()), "calls", "PAUSED").await.json(), "NONE");
    // The answer does not betray that the command is lost.
    sim.fail(Fault { never: true, ..Fault::on(Route::Control) }).unwrap();
    assert_eq!(put(&caller, &id, "calls", "PAUSED").await.json(), "PAUSED");
    sim.advance(9.0).unwrap();
    assert_eq!(sim.state(&id).unwrap(), State::Recording);
    // A call is no e-mail, and chats are gone.
    for media in ["callbacks", "emails", "messages", "videos", "socials", "screenshares", "cobrowsesessions"] {
        assert_is_error(&put(&caller, &id, media, "PAUSED").await, 404, "conversation.not.found");
    }
    assert_is_error(&put(&caller, &id, "chats", "PAUSED").await, 404, "not.found");
    assert_is_error(&put(&caller, "unknown", "calls", "PAUSED").await, 404, "conversation.not.found");
    assert_is_error(&put(&caller, &id, "calls", "NONE").await, 400, "invalid.value");
    sim.end_call(&id).unwrap();
    assert_is_error(&put(&caller, &id, "calls", "PAUSED").await, 400, "conversation.error.call.disconnected");
}

#[tokio::test]
async fn only_agents_who_are_there_are_recorded() {
    let sim = instant(Options::default()).await;
    let (caller, id) = (Caller::new(&sim).await, add(&sim, NewCall { ivr: true, ..NewCall::default() }));
    let first = agent(&caller, &id).await;
    sim.transfer(&id).unwrap();
    let start = json!({ "recording": true });
    for (purpose, code) in [
        ("customer", "bad.request"),
        ("ivr", "conversation.error.call.disconnected"),
        ("acd", "conversation.error.call.disconnected"),
    ] {
        let [one] = <[Value; 1]>::try_from(participants(&caller, &id, purpose).await).unwrap();
        let participant = one["id"].as_str().unwrap();
        assert_is_error(&set(&caller, &id, participant, start.clone()).await, 400, code);
        assert_is_error(&record(&caller, &id, participant, "snippet", true).await, 400, code);
    }
    assert_is_error(&set(&caller, &id, &first, start.clone()).await, 400, "conversation.error.call.disconnected");
    let stranger = set(&caller, &id, "00000000-0000-4000-8000-000000000000", start.clone()).await;
    assert_is_error(&stranger, 404, "conversation.error.not.conversation.participant");
    assert_is_error(&set(&caller, "unknown", &first, start.clone()).await, 404, "conversation.not.found");
    let second = agent(&caller, &id).await;
    for body in [json!({ "recording": "true" }), json!({ "recording": 1 }), json!({ "colour": "red" }), json!([])] {
        assert_is_error(&set(&caller, &id, &second, body).await, 400, "bad.request");
    }
    assert_eq!(sim.commands(&id).unwrap(), []);
    assert_eq!(set(&caller, &id, &second, start).await.status, 202);
    sim.end_call(&id).unwrap();
    let late = set(&caller, &id, &second, json!({ "recording": false })).await;
    assert_is_error(&late, 400, "conversation.error.call.disconnected");
}

#[tokio::test]
async fn a_start_for_an_agent_who_leaves_before_it_acts_is_lost_and_of_the_call_it_is_not() {
    let sim = manual(Options { propagation: (2.0, 2.0), ..Options::default() }).await;
    let (caller, id) = (Caller::new(&sim).await, add(&sim, NewCall::default()));
    set(&caller, &id, &agent(&caller, &id).await, json!({ "recording": true })).await;
    sim.transfer(&id).unwrap();
    sim.advance(2.0).unwrap();
    assert_eq!((sim.state(&id).unwrap(), sim.commands(&id).unwrap()), (State::Stopped, vec![]));
    assert_eq!(caller.control(&id, "start").await.status, 202);
    sim.transfer(&id).unwrap();
    sim.advance(2.0).unwrap();
    assert_eq!(sim.state(&id).unwrap(), State::Recording);
}

#[tokio::test]
async fn the_older_form_is_for_who_takes_part() {
    let sim = instant(Options::default()).await;
    let id = add(&sim, NewCall { state: State::Recording, ..NewCall::default() });
    let path = format!("/api/v2/conversations/calls/{id}");
    let pause = r#"{"recordingState": "PAUSED"}"#;
    let answer = user(&sim, "Agent One").call("PATCH", &path, pause).await;
    assert_eq!((answer.status, &answer.json()["recordingState"]), (202, &json!("PAUSED")));
    let refused = user(&sim, "Agent Two").call("PATCH", &path, pause).await;
    assert_is_error(&refused, 403, "conversation.error.forbidden.not.active.participant");
    let caller = Caller::new(&sim).await;
    assert_eq!(caller.call("PATCH", &path, r#"{"recordingState": "ACTIVE"}"#).await.status, 202);
    assert_eq!(sim.state(&id).unwrap(), State::Recording);
    assert_is_error(&caller.call("PATCH", &path, "{}").await, 400, "invalid.value");
    let unknown = caller.call("PATCH", "/api/v2/conversations/calls/unknown", pause).await;
    assert_is_error(&unknown, 404, "conversation.not.found");
}

#[tokio::test]
async fn where_it_is_asked_for_only_a_user_on_the_call_starts_and_stops() {
    let sim = instant(Options { start_needs_user: true, ..Options::default() }).await;
    let id = add(&sim, NewCall::default());
    let client = Caller::new(&sim).await;
    let participant = agent(&client, &id).await;
    let start = || json!({ "recording": true });
    assert_is_error(&set(&client, &id, &participant, start()).await, 400, "not.a.user");
    let path = format!("/api/v2/conversations/calls/{id}");
    let older = client.call("PATCH", &path, r#"{"recordingState": "PAUSED"}"#).await;
    assert_is_error(&older, 400, "not.a.user");
    let refused = set(&user(&sim, "Agent Two"), &id, &participant, start()).await;
    assert_is_error(&refused, 403, "conversation.error.forbidden.not.active.participant");
    assert_eq!(set(&user(&sim, "Agent One"), &id, &participant, start()).await.status, 202);
    assert_eq!(
        (sim.state(&id).unwrap(), client.set_recording_state(&id, "PAUSED").await.status),
        (State::Recording, 202)
    );
}
