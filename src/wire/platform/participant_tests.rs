//! Whom a command is for, case by case.

use bytes::Bytes;
use serde_json::{Value, json};

use super::*;
use crate::error::ErrorKind;

fn party(id: &str, purpose: &str, call: &Value) -> Value {
    json!({ "id": id, "purpose": purpose, "calls": [call] })
}

fn agent(id: &str, user: &str, call: &Value) -> Value {
    json!({ "id": id, "purpose": "agent", "userId": user, "calls": [call] })
}

fn connected(at: &str) -> Value {
    json!({ "state": "connected", "connectedTime": at })
}

fn over() -> Value {
    json!({ "state": "disconnected", "connectedTime": "2026-01-01T00:00:00Z" })
}

fn recorded(at: &str, recorder: &str) -> Value {
    json!({ "state": "connected", "connectedTime": at, "recordersState": { recorder: "ACTIVE" } })
}

/// As in most calls: the customer, an IVR and a queue that are done, and an agent.
fn plain() -> Vec<Value> {
    vec![
        party("customer", "customer", &connected("2026-01-01T00:00:00Z")),
        party("ivr", "ivr", &over()),
        party("queue", "acd", &over()),
        agent("agent", "u1", &connected("2026-01-01T00:00:09Z")),
    ]
}

fn ask(parties: &[Value], command: &Command, who: Option<&Who>) -> Result<Aim, Error> {
    let id = "c".parse().unwrap();
    let raw = Document::parse(&Bytes::from(json!({ "participants": parties }).to_string())).unwrap();
    aim(&id, command, &raw, who)
}

fn start() -> Command {
    Action::Start.into()
}

fn named(id: &str) -> Command {
    Command::new(Action::Start, Some(id), "participant").unwrap()
}

fn at(id: &str) -> Aim {
    Aim::At(id.parse().unwrap())
}

fn missed(outcome: Result<Aim, Error>) -> Missed {
    match outcome {
        Err(Error::Participant(error)) => error.missed,
        other => panic!("{other:?}"),
    }
}

#[test]
fn it_is_the_agents_and_nobody_need_be_asked() {
    assert_eq!(ask(&plain(), &start(), None).unwrap(), at("agent"));
    let mut transferred = plain();
    transferred[3] = agent("agent", "u1", &over());
    transferred.push(agent("next", "u2", &connected("2026-01-01T00:01:00Z")));
    assert_eq!(ask(&transferred, &start(), None).unwrap(), at("next"));
}

#[test]
fn a_user_without_the_word_is_one_and_a_machine_with_a_user_is_none() {
    let odd = [json!({ "id": "p", "purpose": "manager", "userId": "u", "calls": [connected("x")] })];
    assert_eq!(ask(&odd, &start(), None).unwrap(), at("p"));
    let queue = [json!({ "id": "p", "purpose": "ACD", "userId": "u", "calls": [connected("x")] })];
    assert_eq!(missed(ask(&queue, &start(), None)), Missed::Nobody);
}

#[test]
fn of_several_it_is_the_callers_own_or_else_the_last_to_connect() {
    let two = [
        agent("second", "u2", &connected("2026-01-01T00:00:09.5Z")),
        agent("first", "u1", &connected("2026-01-01T00:00:09Z")),
    ];
    assert_eq!(ask(&two, &start(), None).unwrap(), Aim::AskWho);
    assert_eq!(ask(&two, &start(), Some(&Who::Client)).unwrap(), at("second"));
    assert_eq!(ask(&two, &start(), Some(&Who::User("u1".into()))).unwrap(), at("first"));
    assert_eq!(ask(&two, &start(), Some(&Who::User("supervisor".into()))).unwrap(), at("second"));
}

#[test]
fn a_stop_is_for_who_is_recorded() {
    let recorder = |recorder: &str| {
        vec![
            agent("first", "u1", &recorded("2026-01-01T00:00:01Z", recorder)),
            agent("second", "u2", &connected("2026-01-01T00:00:09Z")),
        ]
    };
    let stop = |recorder: &str| Command::new(Action::Stop, None, recorder).unwrap();
    let client = Some(&Who::Client);
    assert_eq!(ask(&recorder("adhocState"), &stop("participant"), client).unwrap(), at("first"));
    assert_eq!(ask(&recorder("adhocState"), &stop("snippet"), client).unwrap(), at("second"));
    assert_eq!(ask(&recorder("snippetState"), &stop("snippet"), client).unwrap(), at("first"));
    assert_eq!(ask(&recorder("adhocState"), &start(), client).unwrap(), at("second"));
}

#[test]
fn who_has_not_answered_is_nobody_yet() {
    for word in TO_COME.iter().chain(&OVER) {
        let alone = [agent("agent", "u1", &json!({ "state": word }))];
        assert_eq!(missed(ask(&alone, &start(), None)), Missed::Nobody, "{word}");
    }
    let unknown_word = [agent("agent", "u1", &json!({ "state": "teleporting" }))];
    assert_eq!(ask(&unknown_word, &start(), None).unwrap(), at("agent"));
}

#[test]
fn whoever_is_named_must_be_there_and_recordable() {
    assert_eq!(ask(&plain(), &named("agent"), None).unwrap(), at("agent"));
    assert_eq!(missed(ask(&plain(), &named("other"), None)), Missed::Unknown);
    for machine in ["customer", "ivr", "queue"] {
        assert_eq!(missed(ask(&plain(), &named(machine), None)), Missed::NotRecordable);
    }
    let left = [agent("agent", "u1", &over())];
    let error = ask(&left, &named("agent"), None).unwrap_err();
    assert_eq!((error.kind(), error.sent()), (ErrorKind::Participant, crate::error::Sent::No));
    assert_eq!(missed(Err(error)), Missed::Gone);
}

#[test]
fn an_id_that_no_path_can_carry_is_nobodys() {
    let odd = [agent("..", "u1", &connected("x"))];
    assert_eq!(missed(ask(&odd, &start(), None)), Missed::Nobody);
}
