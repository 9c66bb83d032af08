//! Golden bodies: what the wire looks like, bound to client and simulator from both sides.

use std::fs;
use std::path::Path;

use gcrec::error::Error;
use gcrec::model::{Action, ConversationId, State};

use crate::scripted::{Stage, answer};

/// The golden body of that name.
pub(crate) fn body(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire").join(format!("{name}.json"));
    fs::read_to_string(path).unwrap()
}

fn stage(status: u16, name: &str) -> Stage {
    Stage::new([answer(status, Box::leak(body(name).into_boxed_str()))])
}

fn id() -> ConversationId {
    "6f1c2a34-0b5d-4e6f-8a7b-9c0d1e2f3a4b".parse().unwrap()
}

#[test]
fn the_client_reads_every_golden_body() {
    let calls = stage(200, "active_calls");
    let call = calls.drive(calls.session(1.0, 0).active_voice_call()).unwrap().unwrap();
    assert_eq!(call.string("id").as_deref(), Some(id().as_str()));

    let accepted = stage(202, "accepted");
    let answer = accepted.drive(accepted.session(1.0, 0).control(&id(), Action::Start)).unwrap();
    assert_eq!(answer.string("type").as_deref(), Some("start"));

    let recordings = stage(200, "recordings");
    assert_eq!(recordings.drive(recordings.session(1.0, 0).state(&id())).unwrap(), Some(State::Recording));

    let error = stage(404, "error");
    let Err(Error::Api(error)) = error.drive(error.session(1.0, 0).control(&id(), Action::Start)) else {
        panic!("no error")
    };
    assert_eq!(error.problem.code.as_deref(), Some("not.found"));
    assert!(error.problem.message.starts_with("The conversation"));
    assert!(error.problem.context_id.is_some());
}
