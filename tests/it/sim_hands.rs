//! Other hands and other lives of a call: holds, transfers, policies, an agent at the screen, commands that come late.

use gcrec::sim::{Action, Fault, NewCall, Options, Reset, Route, SimError, Simulator, State};

use crate::sim_raw::{Caller, manual};

fn add(sim: &Simulator, state: State, policy: bool) -> String {
    sim.add_call(NewCall { state, policy, ..NewCall::default() }).unwrap()
}

fn actions(sim: &Simulator, id: &str) -> Vec<Action> {
    sim.commands(id).unwrap().into_iter().map(|command| command.action).collect()
}

#[tokio::test]
async fn what_an_agent_presses_acts_in_order_with_what_the_api_was_answered() {
    let sim = manual(Options { propagation: (0.5, 3.0), seed: 4, ..Options::default() }).await;
    let (caller, id) = (Caller::new(&sim).await, add(&sim, State::Recording, false));
    for _ in 0..10 {
        assert_eq!(caller.set_recording_state(&id, "PAUSED").await.status, 202);
        sim.by_hand(&id, Action::Resume).unwrap();
    }
    assert_eq!(sim.commands(&id).unwrap(), []);
    sim.advance(30.0).unwrap();
    assert_eq!(actions(&sim, &id), [Action::Pause, Action::Resume].repeat(10));
    let done = sim.commands(&id).unwrap();
    assert!(done.iter().all(|command| command.request_id.is_empty() == (command.action == Action::Resume)));
    sim.by_hand(&id, Action::Stop).unwrap();
    sim.by_hand(&id, Action::Stop).unwrap();
    sim.advance(30.0).unwrap();
    assert_eq!((sim.state(&id).unwrap(), sim.commands(&id).unwrap().len()), (State::Stopped, 21));
}

#[tokio::test]
async fn a_hold_is_the_truth_at_once_and_the_tutorials_wire_has_no_word_for_it() {
    let sim = manual(Options::default()).await;
    let (caller, id) = (Caller::new(&sim).await, add(&sim, State::Recording, false));
    sim.hold(&id, true).unwrap();
    assert_eq!((sim.state(&id).unwrap(), caller.statuses(&id).await), (State::Held, vec!["recording".to_owned()]));
    assert_eq!(caller.control(&id, "start").await.status, 409);
    sim.hold(&id, false).unwrap();
    assert_eq!(sim.state(&id).unwrap(), State::Recording);

    let sim = manual(Options { suppress_hold: false, ..Options::default() }).await;
    let id = add(&sim, State::Recording, false);
    sim.hold(&id, true).unwrap();
    assert_eq!(sim.state(&id).unwrap(), State::Recording);
}

#[tokio::test]
async fn a_paused_call_reads_paused_on_the_tutorials_wire_and_a_transfer_ends_that() {
    let sim = manual(Options { propagation: (0.0, 0.0), ..Options::default() }).await;
    let (caller, id) = (Caller::new(&sim).await, add(&sim, State::Paused, false));
    sim.hold(&id, true).unwrap();
    assert_eq!((sim.state(&id).unwrap(), caller.statuses(&id).await), (State::Paused, vec!["paused".to_owned()]));
    sim.transfer(&id).unwrap();
    assert_eq!((sim.state(&id).unwrap(), actions(&sim, &id)), (State::Recording, vec![]));
    let pause = format!("/api/v2/recordings/conversations/{id}/events");
    for word in ["pause", "resume"] {
        assert_eq!(caller.call("POST", &pause, &format!(r#"{{"type": "{word}"}}"#)).await.status, 400);
    }
}

#[tokio::test]
async fn a_policys_recording_is_paused_and_never_stopped() {
    let sim = manual(Options { propagation: (0.0, 0.0), ..Options::default() }).await;
    let (caller, id) = (Caller::new(&sim).await, add(&sim, State::Stopped, true));
    assert_eq!(sim.state(&id).unwrap(), State::Recording);
    assert_eq!(caller.control(&id, "stop").await.status, 409);
    sim.by_hand(&id, Action::Stop).unwrap();
    assert_eq!(sim.state(&id).unwrap(), State::Recording);
    caller.set_recording_state(&id, "PAUSED").await;
    sim.transfer(&id).unwrap();
    assert_eq!((sim.state(&id).unwrap(), actions(&sim, &id)), (State::Recording, vec![Action::Pause]));
    // Of the agent who has left nothing is recorded any more.
    let body = caller.conversation(&id).await.json();
    let recorded = |place: usize| body["participants"][place]["calls"][0]["recording"].as_bool().unwrap();
    assert_eq!([0, 1, 2].map(recorded), [true, false, true]);
}

/// Purpose, name, state and how they left, of everybody.
async fn legs(caller: &Caller<'_>, id: &str) -> Vec<[String; 4]> {
    let body = caller.call("GET", &format!("/api/v2/conversations/calls/{id}"), "").await.json();
    let word = |one: &serde_json::Value, name: &str| one[name].as_str().unwrap_or_default().to_owned();
    let told = |one| ["purpose", "name", "state", "disconnectType"].map(|name| word(one, name));
    body["participants"].as_array().unwrap().iter().map(told).collect()
}

fn leg(told: &str) -> [String; 4] {
    let mut words = told.split(", ").map(str::to_owned);
    std::array::from_fn(|_| words.next().unwrap_or_default())
}

#[tokio::test]
async fn a_consultation_holds_the_customer_and_ends_in_a_transfer_to_who_was_asked() {
    let sim = manual(Options::default()).await;
    let new = NewCall { state: State::Paused, user: Some("Agent One".into()), ivr: true, ..NewCall::default() };
    let (caller, id) = (Caller::new(&sim).await, sim.add_call(new).unwrap());
    let gone = [leg("ivr, Welcome, disconnected, transfer"), leg("acd, Support, disconnected, transfer")];
    sim.consult(&id).unwrap();
    let customer = leg("customer, Customer, connected");
    let (one, two) = (leg("agent, Agent One, connected"), leg("agent, Agent Two, connected"));
    assert_eq!(legs(&caller, &id).await, [customer.clone(), gone[0].clone(), gone[1].clone(), one, two.clone()]);
    let body = caller.conversation(&id).await.json();
    let held = |place: usize| {
        (&body["participants"][place]["calls"][0]["held"], &body["participants"][place]["calls"][0]["confined"])
    };
    let (yes, no) = (serde_json::json!(true), serde_json::json!(false));
    assert_eq!((held(0), held(3), held(4)), ((&no, &yes), (&yes, &no), (&no, &no)));
    sim.by_hand(&id, Action::Resume).unwrap();
    sim.advance(1.0).unwrap();
    assert_eq!(sim.state(&id).unwrap(), State::Held);
    sim.transfer(&id).unwrap();
    let left = leg("agent, Agent One, disconnected, transfer.consult");
    assert_eq!(legs(&caller, &id).await, [customer, gone[0].clone(), gone[1].clone(), left, two]);
    assert_eq!(sim.state(&id).unwrap(), State::Recording);
}

#[tokio::test]
async fn in_a_conference_all_talk_and_who_leads_may_leave() {
    let sim = manual(Options::default()).await;
    let new = NewCall { state: State::Paused, user: Some("Agent One".into()), ..NewCall::default() };
    let (caller, id) = (Caller::new(&sim).await, sim.add_call(new).unwrap());
    sim.consult(&id).unwrap();
    sim.conference(&id).unwrap();
    let agents = |told: Vec<[String; 4]>| told.into_iter().skip(1).map(|[_, name, state, _]| format!("{name} {state}"));
    let on = |name: &str| format!("{name} connected");
    assert!(agents(legs(&caller, &id).await).eq([on("Agent One"), on("Agent Two")]));
    // Nobody is on hold any more, and the pause goes on.
    assert_eq!(sim.state(&id).unwrap(), State::Paused);
    sim.conference(&id).unwrap();
    assert!(agents(legs(&caller, &id).await).eq([on("Agent One"), on("Agent Two"), on("Agent Three")]));
    sim.transfer(&id).unwrap();
    assert_eq!(legs(&caller, &id).await[1], leg("agent, Agent One, disconnected, transfer.conference"));
    assert!(agents(legs(&caller, &id).await).skip(1).eq([on("Agent Two"), on("Agent Three")]));
    assert_eq!(sim.state(&id).unwrap(), State::Recording);
}

#[tokio::test]
async fn a_call_has_who_was_asked_for() {
    let sim = manual(Options::default()).await;
    let (user, queue) = (&sim.users()[2], &sim.queues()[0]);
    for word in [user.id.to_string(), user.name.to_uppercase(), user.email.clone()] {
        let new = NewCall { user: Some(word), queue: Some(queue.name.clone()), ..NewCall::default() };
        let id = sim.add_call(new).unwrap();
        let agent = Caller::new(&sim).await.conversation(&id).await.json()["participants"][1].clone();
        let told = ["userId", "queueId", "queueName"].map(|name| agent[name].as_str().unwrap().to_owned());
        assert_eq!(told, [user.id.to_string(), queue.id.to_string(), "Support".into()]);
    }
    let nobody = || Some("nobody".to_owned());
    for (new, name) in [
        (NewCall { user: nobody(), ..NewCall::default() }, "user"),
        (NewCall { queue: nobody(), ..NewCall::default() }, "queue"),
    ] {
        assert!(sim.add_call(new).unwrap_err().to_string().starts_with(name));
    }
}

#[tokio::test]
async fn what_happens_in_calls_does_not_happen_in_ended_ones() {
    let sim = manual(Options::default()).await;
    let id = add(&sim, State::Recording, false);
    sim.end_call(&id).unwrap();
    let code = |done: Result<(), SimError>| done.unwrap_err().code().to_owned();
    for id in [&id, "unknown"] {
        let wanted = if id == "unknown" { "unknown_call" } else { "ended_call" };
        assert_eq!(code(sim.hold(id, true)), wanted);
        assert_eq!(code(sim.transfer(id)), wanted);
        assert_eq!(code(sim.consult(id)), wanted);
        assert_eq!(code(sim.conference(id)), wanted);
        assert_eq!(code(sim.by_hand(id, Action::Pause)), wanted);
    }
}

#[tokio::test]
async fn a_late_command_arrives_after_its_answer_was_lost_and_after_answered_ones() {
    let sim = manual(Options { propagation: (1.0, 1.0), ..Options::default() }).await;
    let (caller, id) = (Caller::new(&sim).await, add(&sim, State::Recording, false));
    let late = |fault| Fault { late: Some(8.0), ..fault };
    sim.fail(late(Fault { reset: Some(Reset::After), ..Fault::on(Route::Control) })).unwrap();
    assert_eq!(caller.try_set_recording_state(&id, "PAUSED").await, None);
    sim.advance(2.0).unwrap();
    for word in ["PAUSED", "ACTIVE"] {
        assert_eq!(caller.set_recording_state(&id, word).await.status, 202);
    }
    sim.advance(5.999).unwrap();
    assert_eq!(sim.state(&id).unwrap(), State::Recording);
    sim.advance(0.001).unwrap();
    assert_eq!(sim.state(&id).unwrap(), State::Paused);
    let at: Vec<_> = sim.commands(&id).unwrap().iter().map(|command| (command.action, command.at)).collect();
    assert_eq!(at, [(Action::Pause, 3.0), (Action::Resume, 3.0), (Action::Pause, 8.0)]);

    sim.fail(late(Fault { status_code: Some(504), effect: true, ..Fault::on(Route::Control) })).unwrap();
    assert_eq!(caller.control(&id, "stop").await.status, 504);
    sim.advance(7.0).unwrap();
    assert_eq!(sim.state(&id).unwrap(), State::Paused);
    sim.end_call(&id).unwrap();
    sim.advance(2.0).unwrap();
    assert_eq!(sim.commands(&id).unwrap().len(), 3);
}

#[tokio::test]
async fn a_late_command_that_was_refused_never_arrives() {
    let sim = manual(Options { permissions: vec![], ..Options::default() }).await;
    let (caller, id) = (Caller::new(&sim).await, add(&sim, State::Recording, false));
    sim.fail(Fault { late: Some(1.0), reset: Some(Reset::After), ..Fault::on(Route::Control) }).unwrap();
    assert_eq!(caller.try_set_recording_state(&id, "PAUSED").await, None);
    sim.advance(10.0).unwrap();
    assert_eq!(sim.commands(&id).unwrap(), []);
}
