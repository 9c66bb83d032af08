//! The verdict, rule by rule (RULES of proof, section 1).

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn read(conversation: &Value) -> Result<Reading, Flaw> {
    let raw = Document::parse(&Bytes::from(conversation.to_string()))?;
    Ok(Legs::read(&raw)?.of_a_call()?.verdict(raw))
}

/// A conversation with these legs.
fn legs(legs: &[Value]) -> Value {
    let participants: Vec<_> = legs.iter().map(|leg| json!({ "purpose": "agent", "calls": [leg] })).collect();
    json!({ "id": "c", "participants": participants })
}

/// A live leg with these fields.
fn leg(fields: &Value) -> Value {
    let mut leg = json!({ "state": "connected" });
    leg.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    leg
}

fn state_of(fields: &Value) -> State {
    read(&legs(&[leg(fields)])).unwrap().state
}

#[test]
fn rule_1_1_without_a_live_leg_it_is_over_and_stopped() {
    for over in [
        json!({ "id": "c", "participants": [] }),
        legs(&[json!({ "state": "disconnected", "recording": true, "recordingState": "active" })]),
        legs(&[json!({ "state": "terminated" }), json!({ "state": "DISCONNECTED" })]),
    ] {
        let reading = read(&over).unwrap();
        assert_eq!((reading.active, reading.state), (Some(false), State::Stopped), "{over}");
    }
    let unknown_word = read(&legs(&[json!({ "state": "teleporting" })])).unwrap();
    assert_eq!((unknown_word.active, unknown_word.state), (Some(true), State::Stopped));
}

#[test]
fn what_has_no_participants_is_no_conversation_that_ended() {
    for other in
        [json!({}), json!({ "id": "c" }), json!({ "id": "c", "participants": null }), json!({ "message": "x" })]
    {
        assert_eq!(read(&other).unwrap_err(), Flaw::new("", "has no participants"), "{other}");
    }
}

#[test]
fn an_answer_that_leaves_the_calls_out_is_no_call_that_ended() {
    let people = |calls: &Value| json!({ "id": "c", "participants": [{ "purpose": "agent" }, { "calls": calls }] });
    assert_eq!(read(&people(&Value::Null)).unwrap_err(), Flaw::new("participants", "have no calls"));
    assert_eq!(read(&people(&json!([]))).unwrap().active, Some(false));
}

#[test]
fn rule_1_2_an_active_recorder_is_recording_whatever_secure_pause_says() {
    let two = json!({
        "recording": true, "recordingState": "paused", "securePause": true,
        "recordersState": { "adhocState": "PAUSED", "customerExperienceState": "ACTIVE" },
    });
    assert_eq!(state_of(&two), State::Recording);
    assert_eq!(state_of(&json!({ "recording": true, "recordingState": "active" })), State::Recording);
    assert_eq!(
        state_of(&json!({ "recording": true, "recordingState": "ACTIVE", "securePause": false })),
        State::Recording
    );
    let secure = json!({ "recording": true, "recordingState": "active", "securePause": true });
    assert_eq!(state_of(&secure), State::Paused);
    let other_leg = legs(&[leg(&secure), leg(&json!({ "recording": true, "recordingState": "active" }))]);
    assert_eq!(read(&other_leg).unwrap().state, State::Recording);
}

#[test]
fn rule_1_3_a_word_that_we_do_not_know_proves_nothing() {
    for fields in [
        json!({ "recordingState": "warming" }),
        json!({ "recordingState": null }),
        json!({ "recordingState": "paused", "securePause": true, "recordersState": { "snippetState": "outdated_sdk_version" } }),
    ] {
        assert_eq!(state_of(&fields), State::Unknown, "{fields}");
    }
    let mut above = legs(&[leg(&json!({ "recordingState": "none" }))]);
    above["recordingState"] = "WARMING".into();
    assert_eq!(read(&above).unwrap().state, State::Unknown);
}

#[test]
fn rule_1_4_a_secure_pause_on_the_conversation_or_on_every_recorded_leg() {
    let paused = json!({ "recording": true, "recordingState": "paused", "securePause": true });
    assert_eq!(state_of(&paused), State::Paused);
    let mut above = legs(&[leg(&json!({ "recording": true, "recordingState": "PAUSED" }))]);
    above["securePause"] = true.into();
    assert_eq!(read(&above).unwrap().state, State::Paused);
    let both = legs(&[leg(&paused), leg(&json!({ "recordingState": "none", "securePause": false })), leg(&paused)]);
    assert_eq!(read(&both).unwrap().state, State::Paused);
    let one_of_two =
        legs(&[leg(&paused), leg(&json!({ "recording": true, "recordingState": "paused", "securePause": false }))]);
    assert_eq!(read(&one_of_two).unwrap().state, State::Held);
}

#[test]
fn rule_1_5_paused_without_a_secure_pause_is_a_hold() {
    let told =
        read(&legs(&[leg(&json!({ "recording": true, "recordingState": "paused", "securePause": false }))])).unwrap();
    assert_eq!((told.state, told.basis), (State::Held, Basis::SecurePause));
    let older = read(&legs(&[leg(&json!({ "recording": true, "recordingState": "paused", "held": true }))])).unwrap();
    assert_eq!((older.state, older.basis), (State::Held, Basis::RecordingState));
    let other_leg_held =
        legs(&[leg(&json!({ "recording": true, "recordingState": "paused" })), leg(&json!({ "held": true }))]);
    assert_eq!(read(&other_leg_held).unwrap().state, State::Held);
}

#[test]
fn rule_1_6_paused_with_no_secure_pause_anywhere_and_nobody_on_hold_is_a_pause() {
    let reading =
        read(&legs(&[leg(&json!({ "recording": true, "recordingState": "paused", "held": false }))])).unwrap();
    assert_eq!((reading.state, reading.basis), (State::Paused, Basis::RecordingState));
}

#[test]
fn rule_1_7_else_it_is_stopped_unless_half_of_a_recording_shows() {
    assert_eq!(state_of(&json!({})), State::Stopped);
    assert_eq!(
        state_of(&json!({ "recording": false, "recordingState": "none", "securePause": false })),
        State::Stopped
    );
    assert_eq!(state_of(&json!({ "recording": true })), State::Unknown);
    assert_eq!(state_of(&json!({ "recording": false, "recordingState": "active" })), State::Unknown);
}

#[test]
fn a_wrong_type_is_a_flaw_and_shows_nothing_of_the_body() {
    for fields in [
        json!({ "securePause": "false" }),
        json!({ "recording": 1 }),
        json!({ "recordingState": 5 }),
        json!({ "held": "yes" }),
    ] {
        let flaw = read(&legs(&[leg(&fields)])).unwrap_err();
        assert!(!flaw.reason.contains("false") && !flaw.reason.contains("yes"), "{flaw:?}");
    }
}

#[test]
fn a_policys_recording_is_told_from_one_on_demand() {
    let of = |recorders: Value| {
        let fields = json!({ "recording": true, "recordingState": "active", "recordersState": recorders });
        read(&legs(&[leg(&fields)])).unwrap().by_policy
    };
    assert!(of(json!({ "adhocState": "NONE", "customerExperienceState": "ACTIVE" })));
    assert!(!of(json!({ "adhocState": "ACTIVE", "customerExperienceState": "ACTIVE" })));
    assert!(!read(&legs(&[leg(&json!({ "recording": true, "recordingState": "active" }))])).unwrap().by_policy);
}

#[test]
fn a_stop_is_for_the_recorder_that_is_on_demand() {
    let of = |recorders: Value| {
        let fields = json!({ "recording": true, "recordingState": "active", "recordersState": recorders });
        let reading = read(&legs(&[leg(&fields)])).unwrap();
        (reading.by_policy, reading.stoppable)
    };
    assert_eq!(of(json!({ "adhocState": "ACTIVE", "snippetState": "ACTIVE" })), (false, Recorder::Participant));
    assert_eq!(of(json!({ "adhocState": "NONE", "snippetState": "active" })), (false, Recorder::Snippet));
    assert_eq!(of(json!({ "snippetState": "ACTIVE", "agentExperienceState": "ACTIVE" })), (false, Recorder::Snippet));
    assert_eq!(of(json!({ "snippetState": "NONE", "agentExperienceState": "ACTIVE" })), (true, Recorder::Participant));
    let word_that_we_do_not_know = json!({ "adhocState": "WARMING", "customerExperienceState": "ACTIVE" });
    assert_eq!(of(word_that_we_do_not_know), (false, Recorder::Participant));
}

fn word() -> impl Strategy<Value = Option<&'static str>> {
    prop::option::of(prop::sample::select(vec!["active", "paused", "none", "ACTIVE", "PAUSED", "NONE", "odd"]))
}

fn any_leg() -> impl Strategy<Value = Value> {
    let flag = || prop::option::of(any::<bool>());
    let state = prop::sample::select(vec!["connected", "alerting", "disconnected", "odd"]);
    (state, flag(), word(), flag(), flag(), word(), word()).prop_map(
        |(state, recording, recording_state, secure_pause, held, adhoc, policy)| {
            let mut leg = json!({ "state": state });
            let mut put = |name: &str, value: Option<Value>| {
                if let Some(value) = value {
                    leg[name] = value;
                }
            };
            put("recording", recording.map(Into::into));
            put("recordingState", recording_state.map(Into::into));
            put("securePause", secure_pause.map(Into::into));
            put("held", held.map(Into::into));
            let mut recorders = json!({});
            for (name, word) in [("adhocState", adhoc), ("customerExperienceState", policy)] {
                if let Some(word) = word {
                    recorders[name] = word.into();
                }
            }
            put("recordersState", (recorders != json!({})).then_some(recorders));
            leg
        },
    )
}

proptest! {
    /// Whatever a server says: what would be dangerous to get wrong never comes out.
    #[test]
    fn no_verdict_hides_a_recording(all in prop::collection::vec(any_leg(), 0..4), secure in prop::option::of(any::<bool>())) {
        let mut conversation = legs(&all);
        if let Some(secure) = secure {
            conversation["securePause"] = secure.into();
        }
        let reading = read(&conversation).unwrap();
        let live = || all.iter().filter(|leg| leg["state"] != "disconnected");
        let is = |leg: &Value, name: &str, word: &str| leg[name].as_str().is_some_and(|text| text.eq_ignore_ascii_case(word));
        let recorder = live().any(|leg| ["adhocState", "customerExperienceState"].iter().any(|name| is(&leg["recordersState"], name, "active")));
        let plain = live().any(|leg| leg["recording"] == true && is(leg, "recordingState", "active") && leg["securePause"] != true);
        prop_assert_eq!(reading.active, Some(live().next().is_some()));
        prop_assert_eq!(reading.state == State::Recording, recorder || plain);
        if reading.state == State::Paused && secure != Some(true) {
            // Every recorded leg is in a secure pause; or, where the server knows of none, the word is the only one.
            let recorded = |leg: &&Value| leg["recording"] == true || is(leg, "recordingState", "paused") || is(leg, "recordingState", "active");
            prop_assert!(
                live().filter(recorded).all(|leg| leg["securePause"] == true)
                    || live().all(|leg| leg["securePause"].is_null() && leg["held"] != true)
            );
        }
        if reading.state == State::Stopped {
            prop_assert!(live().all(|leg| !is(leg, "recordingState", "active") && !is(leg, "recordingState", "paused")));
        }
    }
}
