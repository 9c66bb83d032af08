//! How a simulator is inspected and steered, as a value: what `Simulator` does in its own process and what travels to
//! `/simulation/` of another are the same thing.

use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::calls::NewCall;
use super::error::SimError;
use super::faults::Fault;
use super::recording::Action;

/// Everything under `/simulation/` begins so.
pub(super) const PREFIX: &str = "/simulation/";

/// All but the unreserved characters of RFC 3986.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One thing to ask of a simulator.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Steering {
    /// The whole in short: address, credentials, clock, ids of active calls, faults.
    State,
    /// The request log.
    Requests,
    /// All about one call.
    Call(String),
    /// A call begins.
    AddCall(NewCall),
    /// A call ends.
    EndCall(String),
    /// The agent of a call puts it on hold, or takes it back.
    Hold {
        /// Which call.
        id: String,
        /// On hold, or off.
        on: bool,
    },
    /// Another agent takes over a call: whom its agent consulted, who is in its conference, or else a new one.
    Transfer(String),
    /// The agent of a call asks another one, while the customer waits on hold.
    Consult(String),
    /// Another agent joins a call: whom its agent consulted, or else a new one.
    Conference(String),
    /// The agent of a call gives a command on the vendor's screen.
    ByHand {
        /// Which call.
        id: String,
        /// Which command.
        action: Action,
    },
    /// Something shall go wrong.
    Fail(Fault),
    /// Nothing shall go wrong any more.
    ClearFaults,
    /// A token of a user, by id, name or email, as if they had logged in.
    UserToken(String),
    /// The notification channels: id, topics, whether somebody is connected.
    Channels,
    /// All sockets of notification channels are cut, without a word.
    DropSockets,
    /// All sockets are told that they will be closed, and are.
    CloseSockets {
        /// Seconds from the announcement to the end.
        notice: f64,
    },
    /// Sockets give no sign of life any more, or do so again.
    MuteHeartbeat {
        /// Mute, or not any more.
        on: bool,
    },
    /// Events are lost though sockets are open, or come again.
    StallSockets {
        /// Stalled, or not any more.
        on: bool,
    },
    /// No token is good any more.
    Revoke {
        /// Nor any refresh token.
        refresh_tokens: bool,
    },
    /// Time passes, in seconds; manual clocks only.
    Advance(f64),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AdvanceBody {
    seconds: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct UserTokenBody {
    user: String,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RevokeBody {
    #[serde(default)]
    refresh_tokens: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SwitchBody {
    on: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoticeBody {
    notice: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ByHandBody {
    action: Action,
}

impl Steering {
    /// The method, the path and the JSON body that ask another process for this.
    pub fn to_request(&self) -> (Method, String, Option<Value>) {
        let call = |id: &str| format!("{PREFIX}calls/{}", utf8_percent_encode(id, SEGMENT));
        let act = |id: &str, action: &str| format!("{}/{action}", call(id));
        let at = |name: &str| format!("{PREFIX}{name}");
        match self {
            Self::State => (Method::GET, at("state"), None),
            Self::Requests => (Method::GET, at("requests"), None),
            Self::Call(id) => (Method::GET, call(id), None),
            Self::AddCall(new) => (Method::POST, at("calls"), Some(json!(new))),
            Self::EndCall(id) => (Method::DELETE, call(id), None),
            Self::Hold { id, on } => (Method::POST, act(id, "hold"), Some(json!(SwitchBody { on: *on }))),
            Self::Transfer(id) => (Method::POST, act(id, "transfer"), None),
            Self::Consult(id) => (Method::POST, act(id, "consult"), None),
            Self::Conference(id) => (Method::POST, act(id, "conference"), None),
            Self::ByHand { id, action } => {
                (Method::POST, act(id, "by_hand"), Some(json!(ByHandBody { action: *action })))
            }
            Self::Fail(fault) => (Method::POST, at("faults"), Some(json!(fault))),
            Self::ClearFaults => (Method::DELETE, at("faults"), None),
            Self::UserToken(user) => (Method::POST, at("tokens"), Some(json!(UserTokenBody { user: user.clone() }))),
            Self::Revoke { refresh_tokens } => {
                (Method::POST, at("revoke"), Some(json!(RevokeBody { refresh_tokens: *refresh_tokens })))
            }
            Self::Channels => (Method::GET, at("channels"), None),
            Self::DropSockets => (Method::POST, at("sockets/drop"), None),
            Self::CloseSockets { notice } => {
                (Method::POST, at("sockets/close"), Some(json!(NoticeBody { notice: *notice })))
            }
            Self::MuteHeartbeat { on } => (Method::POST, at("sockets/mute"), Some(json!(SwitchBody { on: *on }))),
            Self::StallSockets { on } => (Method::POST, at("sockets/stall"), Some(json!(SwitchBody { on: *on }))),
            Self::Advance(seconds) => (Method::POST, at("advance"), Some(json!(AdvanceBody { seconds: *seconds }))),
        }
    }

    /// What a request asks for; `path` as it was received.
    pub fn from_request(method: &Method, path: &str, body: &[u8]) -> Result<Self, SimError> {
        let unknown = || SimError::UnknownSteering(format!("{method} {path}"));
        let rest = path.strip_prefix(PREFIX).ok_or_else(unknown)?;
        let segments: Vec<&str> = rest.split('/').collect();
        match (method.as_str(), segments.as_slice()) {
            ("GET", ["state"]) => Ok(Self::State),
            ("GET", ["requests"]) => Ok(Self::Requests),
            ("POST", ["calls"]) => Ok(Self::AddCall(if body.is_empty() { NewCall::default() } else { read(body)? })),
            ("GET", ["calls", id]) => Ok(Self::Call(decode(id)?)),
            ("DELETE", ["calls", id]) | ("POST", ["calls", id, "end"]) => Ok(Self::EndCall(decode(id)?)),
            ("POST", ["calls", id, "hold"]) => {
                let on = body.is_empty() || read::<SwitchBody>(body)?.on;
                Ok(Self::Hold { id: decode(id)?, on })
            }
            ("POST", ["calls", id, "retrieve"]) => Ok(Self::Hold { id: decode(id)?, on: false }),
            ("POST", ["calls", id, "transfer"]) => Ok(Self::Transfer(decode(id)?)),
            ("POST", ["calls", id, "consult"]) => Ok(Self::Consult(decode(id)?)),
            ("POST", ["calls", id, "conference"]) => Ok(Self::Conference(decode(id)?)),
            ("POST", ["calls", id, "by_hand"]) => {
                Ok(Self::ByHand { id: decode(id)?, action: read::<ByHandBody>(body)?.action })
            }
            ("POST", ["faults"]) => Ok(Self::Fail(read(body)?)),
            ("DELETE", ["faults"]) => Ok(Self::ClearFaults),
            ("POST", ["tokens"]) => Ok(Self::UserToken(read::<UserTokenBody>(body)?.user)),
            ("POST", ["revoke"]) => {
                let RevokeBody { refresh_tokens } = if body.is_empty() { RevokeBody::default() } else { read(body)? };
                Ok(Self::Revoke { refresh_tokens })
            }
            ("GET", ["channels"]) => Ok(Self::Channels),
            ("POST", ["sockets", "drop"]) => Ok(Self::DropSockets),
            ("POST", ["sockets", "close"]) => Ok(Self::CloseSockets { notice: read::<NoticeBody>(body)?.notice }),
            ("POST", ["sockets", "mute"]) => Ok(Self::MuteHeartbeat { on: read::<SwitchBody>(body)?.on }),
            ("POST", ["sockets", "stall"]) => Ok(Self::StallSockets { on: read::<SwitchBody>(body)?.on }),
            ("POST", ["advance"]) => Ok(Self::Advance(read::<AdvanceBody>(body)?.seconds)),
            _ => Err(unknown()),
        }
    }

    /// What another process answered, as [`Simulator::apply`](super::Simulator::apply) would have.
    pub fn read_answer(status: u16, body: &[u8]) -> Result<Value, SimError> {
        let value: Value = read(body)?;
        if (200..300).contains(&status) {
            return Ok(value);
        }
        let word = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        Err(SimError::Refused {
            code: word("error").unwrap_or_else(|| status.to_string()),
            message: word("message").unwrap_or_else(|| format!("the simulator answered {status}")),
        })
    }
}

fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, SimError> {
    serde_json::from_slice(body).map_err(|error| SimError::InvalidSteering(error.to_string()))
}

fn decode(segment: &str) -> Result<String, SimError> {
    let id = percent_decode_str(segment).decode_utf8();
    id.map(Into::into).map_err(|_| SimError::InvalidId(segment.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::{Route, State};

    #[test]
    fn every_steering_survives_the_journey() {
        let id = || "a/b ü%2F?#".repeat(50);
        let all = [
            Steering::State,
            Steering::Requests,
            Steering::Call(id()),
            Steering::AddCall(NewCall {
                id: Some(id()),
                state: State::Paused,
                queue: Some(id()),
                user: Some(id()),
                policy: true,
                ivr: true,
            }),
            Steering::EndCall(id()),
            Steering::Hold { id: id(), on: true },
            Steering::Hold { id: id(), on: false },
            Steering::Transfer(id()),
            Steering::Consult(id()),
            Steering::Conference(id()),
            Steering::ByHand { id: id(), action: Action::Resume },
            Steering::Fail(Fault { slow: true, times: None, ..Fault::on(Route::Any) }),
            Steering::ClearFaults,
            Steering::UserToken(id()),
            Steering::Revoke { refresh_tokens: false },
            Steering::Revoke { refresh_tokens: true },
            Steering::Channels,
            Steering::DropSockets,
            Steering::CloseSockets { notice: 0.5 },
            Steering::MuteHeartbeat { on: true },
            Steering::StallSockets { on: false },
            Steering::Advance(1.5),
        ];
        for steering in all {
            let (method, path, body) = steering.to_request();
            let body = body.map(|body| body.to_string()).unwrap_or_default();
            assert_eq!(Steering::from_request(&method, &path, body.as_bytes()).unwrap(), steering);
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_in_words() {
        let ask = |method: &Method, path, body: &str| Steering::from_request(method, path, body.as_bytes());
        let hold = |on| Steering::Hold { id: "a".into(), on };
        let refusal = |method: &Method, path, body| ask(method, path, body).unwrap_err().to_string();
        assert!(ask(&Method::POST, "/simulation/calls/a%2Fb/end", "").unwrap() == Steering::EndCall("a/b".into()));
        let revoke = Steering::Revoke { refresh_tokens: false };
        assert_eq!(ask(&Method::POST, "/simulation/revoke", "").unwrap(), revoke);
        assert!(ask(&Method::POST, "/simulation/calls", "").unwrap() == Steering::AddCall(NewCall::default()));
        assert!(ask(&Method::POST, "/simulation/calls/a/hold", "").unwrap() == hold(true));
        assert!(ask(&Method::POST, "/simulation/calls/a/retrieve", "").unwrap() == hold(false));
        assert!(refusal(&Method::POST, "/simulation/calls/x/by_hand", r#"{"action": "press"}"#).contains("press"));
        assert!(refusal(&Method::POST, "/simulation/calls/x/explode", "").contains("/calls/x/explode"));
        assert!(refusal(&Method::PUT, "/simulation/state", "").contains("PUT"));
        assert!(refusal(&Method::POST, "/simulation/calls", r#"{"colour": "q"}"#).contains("unknown field `colour`"));
        assert!(refusal(&Method::POST, "/simulation/advance", "{}").contains("seconds"));
        assert!(refusal(&Method::GET, "/simulation/calls/%FF", "").contains("%FF"));
    }

    #[test]
    fn a_refusal_from_afar_keeps_its_code_and_words() {
        let (status, body) = SimError::DuplicateId("x".into()).answer();
        let error = Steering::read_answer(status.as_u16(), body.to_string().as_bytes()).unwrap_err();
        assert_eq!(error.code(), "duplicate_id");
        assert_eq!(error.to_string(), SimError::DuplicateId("x".into()).to_string());
        assert_eq!(Steering::read_answer(200, b"{}").unwrap(), json!({}));
    }
}
