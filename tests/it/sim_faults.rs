//! Each fault, as it looks on the wire and as what it did to the call.

use gcrec::sim::{Fault, Options, Reset, RetryAfter, Route, SimError, Simulator, State};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::sim_raw::{Caller, End, address, ask_token, manual, noted, parse, read_all, read_until, request};

async fn immediate() -> Simulator {
    manual(Options { propagation: (0.0, 0.0), ..Options::default() }).await
}

fn control() -> Fault {
    Fault::on(Route::Control)
}

#[tokio::test]
async fn a_status_comes_in_place_of_the_answer_and_without_effect() {
    let sim = immediate().await;
    let (caller, id) = (Caller::new(&sim).await, sim.calls()[0].clone());
    sim.fail(Fault { status_code: Some(500), ..control() }).unwrap();
    let failed = caller.control(&id, "start").await;
    assert_eq!((failed.status, &failed.json()["code"]), (500, &json!("internal.server.error")));
    assert!(failed.header("ININ-Correlation-Id").is_some());
    assert_eq!(sim.state(&id).unwrap(), State::Stopped);
    assert_eq!(caller.control(&id, "start").await.status, 202);

    sim.fail(Fault { status_code: Some(502), effect: true, ..control() }).unwrap();
    assert_eq!(caller.control(&id, "stop").await.status, 502);
    assert_eq!(sim.state(&id).unwrap(), State::Stopped);
    assert_eq!(sim.commands(&id).unwrap().len(), 2);
}

#[tokio::test]
async fn retry_after_is_sent_as_it_was_written() {
    let sim = immediate().await;
    let caller = Caller::new(&sim).await;
    let date = "Thu, 01 Jan 2026 00:00:07 GMT";
    let text = |text: &str| RetryAfter::Text(text.into());
    for (wish, sent) in [
        (RetryAfter::Seconds(3.into()), "3"),
        (RetryAfter::Seconds(serde_json::Number::from_f64(0.5).unwrap()), "0.5"),
        (text(date), date),
        (text("soon"), "soon"),
    ] {
        sim.fail(Fault { status_code: Some(429), retry_after: Some(wish), ..Fault::on(Route::Calls) }).unwrap();
        let answer = caller.list().await;
        assert_eq!((answer.status, answer.header("retry-after")), (429, Some(sent)));
    }
}

#[tokio::test]
async fn success_may_come_without_a_body_and_a_redirect_names_a_place() {
    let sim = immediate().await;
    let (caller, id) = (Caller::new(&sim).await, sim.calls()[0].clone());
    sim.fail(Fault { status_code: Some(202), effect: true, ..control() }).unwrap();
    let empty = caller.control(&id, "start").await;
    assert_eq!((empty.status, empty.body.as_slice(), empty.header("content-length")), (202, &b""[..], Some("0")));
    assert_eq!(sim.state(&id).unwrap(), State::Recording);
    sim.fail(Fault { status_code: Some(204), ..control() }).unwrap();
    assert_eq!(caller.control(&id, "stop").await.header("content-length"), None);
    sim.fail(Fault { status_code: Some(302), ..control() }).unwrap();
    assert_eq!(caller.control(&id, "stop").await.header("location"), Some("/moved"));
}

#[tokio::test]
async fn the_token_endpoint_fails_in_oauths_words() {
    let sim = immediate().await;
    for (status, error) in [(401, "invalid_client"), (429, "invalid_request"), (500, "server_error")] {
        sim.fail(Fault { status_code: Some(status), ..Fault::on(Route::Token) }).unwrap();
        let answer = ask_token(&sim).await.unwrap();
        assert_eq!((answer.status, &answer.json()["error"]), (status, &json!(error)));
    }
    assert_eq!(ask_token(&sim).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_connection_dies_before_or_after_the_effect() {
    let sim = immediate().await;
    let (caller, id) = (Caller::new(&sim).await, sim.calls()[0].clone());
    sim.fail(Fault { reset: Some(Reset::Before), ..control() }).unwrap();
    assert_eq!(caller.try_control(&id, "start").await, None);
    assert_eq!(sim.state(&id).unwrap(), State::Stopped);
    sim.fail(Fault { reset: Some(Reset::After), ..control() }).unwrap();
    assert_eq!(caller.try_control(&id, "start").await, None);
    assert_eq!(sim.state(&id).unwrap(), State::Recording);
    let statuses: Vec<_> = sim.requests().iter().map(|request| request.status_code).collect();
    assert_eq!(statuses, [Some(200), None, None]);
}

#[tokio::test]
async fn a_reset_is_a_reset_and_not_an_orderly_close() {
    let sim = immediate().await;
    sim.fail(Fault { reset: Some(Reset::Before), ..Fault::on(Route::Any) }).unwrap();
    let mut stream = TcpStream::connect(address(&sim)).await.unwrap();
    stream.write_all(request(address(&sim), "GET", "/", &[], "").as_bytes()).await.unwrap();
    assert_eq!(read_all(&mut stream).await, (Vec::new(), End::Reset));
}

#[tokio::test]
async fn a_truncated_answer_promises_all_and_sends_half() {
    let sim = immediate().await;
    let (caller, id) = (Caller::new(&sim).await, sim.calls()[0].clone());
    sim.fail(Fault { truncate: true, ..control() }).unwrap();
    let answer = caller.control(&id, "start").await;
    let promised: usize = answer.header("content-length").unwrap().parse().unwrap();
    assert_eq!((answer.status, answer.body.len(), answer.end), (202, promised / 2, End::Closed));
    assert!(answer.body.starts_with(b"{\"id\""));
    assert_eq!(sim.state(&id).unwrap(), State::Recording);
}

#[tokio::test]
async fn garbage_is_html_under_the_right_status() {
    let sim = immediate().await;
    let (caller, id) = (Caller::new(&sim).await, sim.calls()[0].clone());
    sim.fail(Fault { garbage: true, times: Some(2), ..Fault::on(Route::Any) }).unwrap();
    for (answer, status) in [(caller.control(&id, "start").await, 202), (caller.list().await, 200)] {
        assert_eq!((answer.status, answer.header("content-type")), (status, Some("text/html; charset=utf-8")));
        assert!(serde_json::from_slice::<serde_json::Value>(&answer.body).is_err());
    }
    assert_eq!(sim.state(&id).unwrap(), State::Recording);
}

#[tokio::test]
async fn a_slow_answer_trickles() {
    let sim = immediate().await;
    let (caller, id) = (Caller::new(&sim).await, sim.calls()[0].clone());
    sim.fail(Fault { slow: true, ..Fault::on(Route::Status) }).unwrap();
    let mut stream = TcpStream::connect(address(&sim)).await.unwrap();
    let bearer = format!("Bearer {}", caller.token);
    let path = format!("/api/v2/recordings/conversations/{id}");
    let asked = request(address(&sim), "GET", &path, &[("authorization", &bearer)], "");
    stream.write_all(asked.as_bytes()).await.unwrap();
    let mut received = Vec::new();
    let reads = read_until(&mut stream, &mut received, b"\r\n\r\n{\"i").await;
    // The head, and each byte of the body by itself.
    assert!(reads >= 3, "{reads}");
    let answer = parse(&received, End::Closed);
    assert_eq!((answer.status, answer.header("content-length")), (200, Some("12")));
}

#[tokio::test]
async fn a_delay_waits_on_the_simulators_clock_and_the_effect_does_not() {
    let sim = immediate().await;
    let (caller, id) = (Caller::new(&sim).await, sim.calls()[0].clone());
    sim.fail(Fault { delay: Some(30.0), ..control() }).unwrap();
    let (answer, ()) = tokio::join!(caller.control(&id, "start"), async {
        noted(&sim, 2).await;
        assert_eq!(sim.state(&id).unwrap(), State::Recording);
        sim.advance(29.999).unwrap();
        assert_eq!(caller.list().await.status, 200);
        assert_eq!(sim.requests()[1].status_code, None);
        sim.advance(0.001).unwrap();
    });
    assert_eq!(answer.status, 202);
    assert_eq!(sim.requests()[1].status_code, Some(202));
}

#[tokio::test]
async fn a_command_may_be_accepted_and_never_act() {
    let sim = immediate().await;
    let (caller, id) = (Caller::new(&sim).await, sim.calls()[0].clone());
    sim.fail(Fault { never: true, times: Some(2), ..control() }).unwrap();
    assert_eq!(caller.control(&id, "stop").await.status, 409);
    assert_eq!(caller.control(&id, "start").await.status, 202);
    sim.advance(1_000.0).unwrap();
    assert_eq!((sim.state(&id).unwrap(), sim.commands(&id).unwrap().len()), (State::Stopped, 0));
    assert_eq!(caller.control(&id, "start").await.status, 202);
    assert_eq!(sim.state(&id).unwrap(), State::Recording);
}

#[tokio::test]
async fn faults_strike_their_route_until_used_up_or_cleared() {
    let sim = immediate().await;
    let (caller, id) = (Caller::new(&sim).await, sim.calls()[0].clone());
    let statuses = async || {
        let calls = [caller.list().await, caller.status(&id).await, caller.control(&id, "start").await];
        [ask_token(&sim).await.unwrap().status, calls[0].status, calls[1].status, calls[2].status]
    };
    sim.fail(Fault { status_code: Some(500), times: None, ..Fault::on(Route::Status) }).unwrap();
    sim.fail(Fault { status_code: Some(503), times: Some(1), ..Fault::on(Route::Calls) }).unwrap();
    assert_eq!(statuses().await, [200, 503, 500, 202]);
    assert_eq!(statuses().await, [200, 200, 500, 409]);
    sim.fail(Fault { status_code: Some(504), times: None, ..Fault::on(Route::Any) }).unwrap();
    assert_eq!(statuses().await, [504, 504, 500, 504]);
    sim.clear_faults();
    assert_eq!(statuses().await, [200, 200, 200, 409]);
}

#[tokio::test]
async fn a_fault_that_makes_no_sense_is_refused_and_changes_nothing() {
    let sim = immediate().await;
    assert!(matches!(sim.fail(control()), Err(SimError::InvalidFault(_))));
    assert!(sim.fail(Fault { truncate: true, slow: true, ..control() }).unwrap_err().to_string().contains("both"));
    assert_eq!(Caller::new(&sim).await.control(&sim.calls()[0], "start").await.status, 202);
}
