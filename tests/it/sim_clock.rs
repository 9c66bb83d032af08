//! Time and chance: propagation, order, schedules, and runs that repeat exactly.

use gcrec::sim::{Action, Fault, Options, Route, Schedule, SimError, SimRequest, Simulator, State};

use crate::sim_raw::{Answer, Caller, manual, soon};

#[tokio::test]
async fn a_command_acts_at_its_instant_though_nobody_looks_until_later() {
    let sim = manual(Options { propagation: (0.25, 4.0), seed: 5, ..Options::default() }).await;
    let caller = Caller::new(&sim).await;
    for id in sim.calls() {
        for action in ["start", "stop", "start"] {
            assert_eq!(caller.control(&id, action).await.status, 202);
        }
    }
    sim.advance(1_000.0).unwrap();
    let mut delays = Vec::new();
    for id in sim.calls() {
        let done = sim.commands(&id).unwrap();
        assert_eq!(
            done.iter().map(|command| command.action).collect::<Vec<_>>(),
            [Action::Start, Action::Stop, Action::Start]
        );
        assert!(done.is_sorted_by(|one, next| one.at <= next.at));
        assert!(done.iter().all(|command| (0.25..=4.0).contains(&command.at)));
        assert_eq!(sim.state(&id).unwrap(), State::Recording);
        delays.push(done[0].at.to_bits());
    }
    assert!(delays[0] != delays[1] && delays[1] != delays[2]);
}

/// A run with everything in it that is drawn from the seed.
async fn run(seed: u64) -> (Vec<SimRequest>, Vec<Answer>) {
    let schedule = Some(Schedule { appear_every: (1.0, 3.0), last: (2.0, 9.0) });
    let sim = manual(Options { seed, propagation: (0.0, 3.0), schedule, ..Options::default() }).await;
    let fault = Fault { status_code: Some(503), probability: 0.4, times: None, ..Fault::on(Route::Control) };
    sim.fail(fault).unwrap();
    let caller = Caller::new(&sim).await;
    let mut answers = Vec::new();
    for _ in 0..8 {
        answers.push(caller.list().await);
        for id in sim.calls() {
            answers.push(caller.control(&id, "start").await);
            answers.push(caller.status(&id).await);
        }
        sim.advance(1.0).unwrap();
    }
    (sim.requests(), answers)
}

#[tokio::test]
async fn the_same_seed_gives_the_same_run_to_the_byte() {
    let (requests, answers) = run(11).await;
    assert_eq!((&requests, &answers), (&run(11).await.0, &run(11).await.1));
    assert_ne!(requests, run(12).await.0);
    assert!(answers.iter().any(|answer| answer.status == 503) && answers.iter().any(|answer| answer.status == 202));
    assert!(answers[0].headers().contains(&("date".into(), "Thu, 01 Jan 2026 00:00:00 GMT".into())));
}

#[tokio::test]
async fn scheduled_calls_appear_and_end_beside_the_others_which_stay() {
    let schedule = Some(Schedule { appear_every: (10.0, 10.0), last: (15.0, 15.0) });
    let sim = manual(Options { calls: 1, schedule, ..Options::default() }).await;
    let caller = Caller::new(&sim).await;
    let first = sim.calls();
    assert_eq!(first.len(), 1);
    sim.advance(10.0).unwrap();
    let second = sim.calls()[1].clone();
    assert_eq!(caller.control(&second, "start").await.status, 202);
    sim.advance(14.999).unwrap();
    assert_eq!(sim.calls().len(), 3);
    assert_eq!(caller.statuses(&second).await, ["recording"]);
    sim.advance(0.001).unwrap();
    assert_eq!(caller.status(&second).await.status, 404);
    assert_eq!(sim.state(&second).unwrap(), State::Stopped);
    sim.advance(100_000.0).unwrap();
    assert_eq!(sim.calls()[0], first[0]);
    assert_eq!(sim.calls().len(), 2);
}

#[tokio::test]
async fn a_real_clock_is_not_moved_by_hand() {
    let sim = Simulator::start(Options::default()).await.unwrap();
    let error = sim.advance(1.0).unwrap_err();
    assert!(matches!(error, SimError::RealClock) && error.to_string().contains("clock=\"manual\""));
    let sim = manual(Options::default()).await;
    for seconds in [-1.0, f64::NAN, f64::INFINITY, 1e300] {
        assert!(sim.advance(seconds).unwrap_err().to_string().starts_with("advance must be"));
    }
}

#[tokio::test]
async fn on_a_real_clock_the_state_follows_in_real_time() {
    let sim = Simulator::start(Options { propagation: (0.02, 0.02), ..Options::default() }).await.unwrap();
    let caller = Caller::new(&sim).await;
    let id = sim.calls()[0].clone();
    assert_eq!(caller.control(&id, "start").await.status, 202);
    soon(async { while caller.statuses(&id).await.is_empty() {} }).await;
    assert_eq!(caller.statuses(&id).await, ["recording"]);
    let (accepted, done) = (&sim.requests()[1], &sim.commands(&id).unwrap()[0]);
    assert!((done.at - accepted.at - 0.02).abs() < 1e-6);
}
