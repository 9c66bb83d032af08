//! The simulator without sockets, on a shared clock, polled by a test without a runtime.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use gcrec::clock::ManualClock;
use gcrec::sim::{Door, Fault, Options, Reset, Route, SimError, Simulator, State};
use http::{HeaderMap, Method, StatusCode, header};
use serde_json::Value;

use crate::sim_raw::{GRANT, basic};

type Answer = Option<(StatusCode, HeaderMap, Bytes)>;

/// A simulator behind its door, its clock, and a token.
struct House {
    sim: Simulator,
    door: Door,
    clock: Arc<ManualClock>,
    bearer: String,
}

impl House {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::new(0));
        let options = Options { propagation: (2.0, 2.0), ..Options::default() };
        let (sim, door) = Simulator::in_process(&options, clock.clone()).unwrap();
        let mut house = Self { sim, door, clock, bearer: String::new() };
        house.bearer = basic(house.sim.client_id(), house.sim.client_secret());
        let (status, _, body) = house.ask(Method::POST, "/oauth/token", GRANT).now_or_never().unwrap().unwrap();
        assert_eq!(status, StatusCode::OK);
        let body: Value = serde_json::from_slice(&body).unwrap();
        house.bearer = format!("Bearer {}", body["access_token"].as_str().unwrap());
        house
    }

    fn ask(&self, method: Method, path: &str, body: &'static str) -> impl Future<Output = Answer> + Send + use<> {
        let headers = HeaderMap::from_iter([(header::AUTHORIZATION, self.bearer.parse().unwrap())]);
        self.door.ask(method, path, headers, Bytes::from_static(body.as_bytes()))
    }

    fn control(&self, body: &'static str) -> impl Future<Output = Answer> + Send + use<> {
        let path = format!("/api/v2/recordings/conversations/{}/events", self.sim.calls()[0]);
        self.ask(Method::POST, &path, body)
    }

    fn state(&self) -> State {
        self.sim.state(&self.sim.calls()[0]).unwrap()
    }
}

const START: &str = r#"{"type": "start"}"#;

#[test]
fn a_command_through_the_door_acts_when_the_shared_clock_says_so() {
    let house = House::new();
    let (status, headers, body) = house.control(START).now_or_never().unwrap().unwrap();
    assert_eq!(status, StatusCode::ACCEPTED);
    assert_eq!(headers[header::DATE], "Thu, 01 Jan 2026 00:00:00 GMT");
    assert_eq!(headers[header::CONTENT_LENGTH], body.len().to_string().as_str());
    assert_eq!(serde_json::from_slice::<Value>(&body).unwrap()["type"], "start");
    house.clock.advance(Duration::from_millis(1_999));
    assert_eq!(house.state(), State::Stopped);
    house.clock.advance(Duration::from_millis(1));
    assert_eq!(house.state(), State::Recording);
    assert!(matches!(house.sim.advance(1.0), Err(SimError::SharedClock)));
    let seen = house.sim.requests();
    assert_eq!(seen.iter().map(|request| request.status_code).collect::<Vec<_>>(), [Some(200), Some(202)]);
}

#[test]
fn a_request_arrives_when_it_is_first_polled() {
    let house = House::new();
    let unsent = house.control(START);
    assert_eq!(house.sim.requests().len(), 1);
    drop(unsent);
    assert_eq!(house.sim.requests().len(), 1);
}

#[test]
fn faults_strike_here_too_and_wait_on_the_shared_clock() {
    let house = House::new();
    let fail = |fault| house.sim.fail(fault).unwrap();
    let on = || Fault::on(Route::Control);
    fail(Fault { reset: Some(Reset::Before), ..on() });
    assert!(house.control(START).now_or_never().unwrap().is_none());
    fail(Fault { truncate: true, ..on() });
    let mut halved = Box::pin(house.control(START));
    // The first half leaves before the connection dies.
    assert!((&mut halved).now_or_never().is_none());
    assert!(halved.now_or_never().unwrap().is_none());

    fail(Fault { reset: Some(Reset::After), delay: Some(5.0), ..on() });
    let mut dying = Box::pin(house.control(r#"{"type": "stop"}"#));
    assert!((&mut dying).now_or_never().is_none());
    house.clock.advance(Duration::from_secs(5));
    assert!(dying.now_or_never().unwrap().is_none());
    assert_eq!(house.sim.commands(&house.sim.calls()[0]).unwrap().len(), 2);

    fail(Fault { slow: true, ..on() });
    let mut slow = Box::pin(house.control("{}"));
    let mut steps = 0;
    let (status, ..) = loop {
        match (&mut slow).now_or_never() {
            Some(answer) => break answer.unwrap(),
            None => steps += usize::from(house.clock.advance_to_next().is_some()),
        }
    };
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(steps > 100, "{steps}");
}

#[test]
fn doors_are_of_one_house_and_a_path_that_is_none_is_refused() {
    let house = House::new();
    let (status, ..) = house.ask(Method::GET, "no path", "").now_or_never().unwrap().unwrap();
    assert_eq!((status, house.sim.requests().len()), (StatusCode::BAD_REQUEST, 1));
    let other = house.door.clone();
    let headers = HeaderMap::new();
    let (status, ..) = other.ask(Method::GET, "/nowhere", headers, Bytes::new()).now_or_never().unwrap().unwrap();
    assert_eq!((status, house.sim.requests().len()), (StatusCode::NOT_FOUND, 2));
}
