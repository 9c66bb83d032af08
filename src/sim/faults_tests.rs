//! Which faults make sense, and when they strike.

use super::*;

fn refusal(fault: &Fault) -> String {
    fault.check().unwrap_err().to_string()
}

#[test]
fn a_fault_says_one_thing() {
    let on = || Fault::on(Route::Control);
    assert!(refusal(&on()).contains("needs one of"));
    assert!(refusal(&Fault { truncate: true, garbage: true, ..on() }).contains("both truncate and garbage"));
    assert!(refusal(&Fault { status_code: Some(500), never: true, ..on() }).contains("both status_code and never"));
    assert!(refusal(&Fault { status_code: Some(99), ..on() }).contains("from 200 to 599"));
    assert!(refusal(&Fault { delay: Some(1.0), effect: true, ..on() }).contains("effect goes with status_code"));
    assert!(refusal(&Fault { delay: Some(-1.0), ..on() }).contains("delay must be"));
    assert!(refusal(&Fault { slow: true, times: Some(0), ..on() }).contains("times must be"));
    assert!(refusal(&Fault { slow: true, probability: f64::NAN, ..on() }).contains("probability must be"));
    assert!(refusal(&Fault { slow: true, probability: 0.0, ..on() }).contains("probability must be"));
    assert!(refusal(&Fault { never: true, ..Fault::on(Route::Status) }).contains("route=\"control\""));
    let retry_after = |text: &str| Some(RetryAfter::Text(text.into()));
    assert!(refusal(&Fault { slow: true, retry_after: retry_after("1"), ..on() }).contains("goes with status_code"));
    assert!(refusal(&Fault { status_code: Some(429), retry_after: retry_after("1\n"), ..on() }).contains("header"));
    let late = |fault: Fault| refusal(&Fault { late: Some(1.0), ..fault });
    assert!(late(Fault { reset: Some(Reset::Before), ..on() }).contains("late goes with"));
    assert!(late(Fault { status_code: Some(504), ..on() }).contains("late goes with"));
    assert!(late(Fault { delay: Some(1.0), ..on() }).contains("late goes with"));
    assert!(late(Fault { never: true, ..on() }).contains("late goes with"));
    assert!(late(on()).contains("needs one of"));
    let lost = |route| Fault { reset: Some(Reset::After), ..Fault::on(route) };
    assert!(late(lost(Route::Any)).contains("route=\"control\""));
    assert!(refusal(&Fault { late: Some(-1.0), ..lost(Route::Control) }).contains("late must be"));
    let sensible = [
        Fault { late: Some(8.0), ..lost(Route::Control) },
        Fault { late: Some(0.0), status_code: Some(504), effect: true, ..on() },
        Fault { delay: Some(1.0), slow: true, ..on() },
        Fault { status_code: Some(503), effect: true, retry_after: retry_after("soon"), delay: Some(0.0), ..on() },
        Fault { reset: Some(Reset::After), times: None, probability: 0.1, ..on() },
        Fault { never: true, ..on() },
    ];
    assert!(sensible.iter().all(|fault| fault.check().is_ok()));
}

#[test]
fn a_fault_strikes_as_often_as_asked_and_only_on_its_route() {
    let mut faults = Faults::new(0);
    faults.add(Fault { slow: true, times: Some(2), ..Fault::on(Route::Control) }).unwrap();
    faults.add(Fault { garbage: true, times: None, ..Fault::on(Route::Any) }).unwrap();
    assert!(faults.strike(Route::Status).unwrap().garbage);
    assert!(faults.strike(Route::Control).unwrap().slow);
    assert!(faults.strike(Route::Control).unwrap().slow);
    assert!(faults.strike(Route::Control).unwrap().garbage);
    assert_eq!(faults.clear(), 1);
    assert!(faults.strike(Route::Control).is_none());
}

#[test]
fn chances_are_fixed_by_the_seed_and_a_miss_uses_nothing_up() {
    let draw = |seed| {
        let mut faults = Faults::new(seed);
        faults.add(Fault { slow: true, times: Some(10), probability: 0.3, ..Fault::on(Route::Calls) }).unwrap();
        (0..500).map(|_| faults.strike(Route::Calls).is_some()).collect::<Vec<_>>()
    };
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
    assert_eq!(draw(1).iter().filter(|struck| **struck).count(), 10);
}

#[test]
fn a_fault_travels_as_json_under_the_names_that_users_type() {
    let fault: Fault = serde_json::from_str(r#"{"route": "*", "reset": "before"}"#).unwrap();
    assert_eq!(fault, Fault { reset: Some(Reset::Before), ..Fault::default() });
    assert_eq!(fault.times, Some(1));
    let fault: Fault = serde_json::from_str(r#"{"route": "token", "times": null, "retry_after": 2}"#).unwrap();
    assert_eq!((fault.times, fault.retry_after.unwrap().header().unwrap()), (None, HeaderValue::from_static("2")));
    assert!(serde_json::from_str::<Fault>(r#"{"status": 500}"#).unwrap_err().to_string().contains("unknown field"));
}
