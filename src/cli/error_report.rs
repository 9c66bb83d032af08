//! An error as the command tells it: a sentence and a hint, or JSON.

use serde_json::{Value, json};

use super::console::Console;
use super::foreign::{brief, printable};
use super::{exit, foreign};
use crate::api::Report;
use crate::error::{Error, ErrorKind, Sent};

/// What the library calls by Python's names, as it is typed in a shell.
const IN_A_SHELL: [(&str, &str); 18] = [
    ("conversations=, queues= or users=", "conversations, --queue or --user"),
    ("participant= and recorder=", "--participant and --recorder"),
    (", or Client.login()", ""),
    ("`gcrec login` or Client.login()", "`gcrec login`"),
    ("base_url= or region=", "--base-url or --region"),
    ("login_url= goes with base_url=", "--login-url goes with --base-url"),
    ("region=", "--region "),
    ("login_url=", "--login-url"),
    ("ca_bundle=", "--ca-bundle"),
    ("rate_limit=", "--rate-limit"),
    ("redirect_port=", "--redirect-port"),
    ("login_timeout=", "--login-timeout"),
    ("resume_paused=True", "--resume-paused"),
    ("max_retries= and timeout=", "--timeout"),
    ("timeout=", "--timeout"),
    ("api=\"events\"", "--api events"),
    ("api=\"platform\"", "--api platform"),
    ("control_many() or ensure_many()", "`gcrec bulk`"),
];

/// Tells `error` to people, and to machines if `json` is wanted; gives the exit code.
pub(super) fn end(console: &mut Console, error: &Error, json: bool) -> u8 {
    if json {
        console.data(&foreign::json(&json!({"error": as_json(error)})));
    }
    tell(console, error);
    exit::of_error(error)
}

/// Tells `error` to people.
pub(super) fn tell(console: &mut Console, error: &Error) {
    let mut hint = hint(error);
    if hint.is_empty() && exit::of_error(error) == exit::USAGE {
        hint = "`gcrec COMMAND --help` tells what a command needs.".into();
    }
    console.complain(&in_a_shell(&error.to_string()), &hint);
}

/// `error` for machines.
pub(super) fn as_json(error: &Error) -> Value {
    let mut document = json!({"kind": error.kind().name(), "message": in_a_shell(&error.to_string()),
        "hint": hint(error), "retryable": error.retryable(), "maybe_sent": error.sent() != Sent::No,
        "status_code": error.status_code(), "attempts": error.attempts()});
    if let Error::Proof(proof) = error {
        document["conversation_id"] = proof.conversation_id.as_str().into();
        document["target"] = proof.target.into();
        document["last_seen"] = proof.last_seen.into();
    }
    document
}

/// What became of many, for people. Its reasons hold words of others.
pub(super) fn report(report: &Report) -> String {
    let text = in_a_shell(&report.to_string());
    let lines: Vec<_> = text.lines().map(|line| printable(&brief(line)).into_owned()).collect();
    lines.join("\n")
}

fn hint(error: &Error) -> String {
    match error.kind() {
        // Its own names a function.
        ErrorKind::Authentication if error.hint().contains("get_access_token()") => {
            "The token is missing, wrong or expired, or its scopes do not suffice: get a new one.".into()
        }
        _ => in_a_shell(&error.hint()),
    }
}

/// A sentence of the library's, as it is said in a shell.
pub(super) fn in_a_shell(text: &str) -> String {
    IN_A_SHELL.iter().fold(text.to_owned(), |text, (python, shell)| text.replace(python, shell))
}
