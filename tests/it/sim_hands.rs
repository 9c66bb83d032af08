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
