//! HTTP as bytes on a socket, for tests that must see what the simulator really sends.

use std::io::ErrorKind;
use std::time::Duration;

use base64::Engine;
use gcrec::sim::{ClockKind, Options, Simulator};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What came back on one connection.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// How the connection ended.
    pub(crate) end: End,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum End {
    Closed,
    Reset,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(given, _)| given.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), Some("application/json"));
        serde_json::from_slice(&self.body).unwrap()
    }

    /// All header names and values, for comparing whole answers.
    pub(crate) fn headers(&self) -> &[(String, String)] {
        &self.headers
    }
}

/// An error in the form that both wires share.
pub(crate) fn assert_is_error(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status);
    let body = answer.json();
    assert_eq!((&body["code"], &body["status"]), (&json!(code), &json!(status)));
    assert_eq!(body["contextId"].as_str(), answer.header("ININ-Correlation-Id"));
    assert!(body["message"].as_str().is_some_and(|words| !words.is_empty()));
}

/// A simulator whose clock stands still, with what differs from the defaults.
pub(crate) async fn manual(options: Options) -> Simulator {
    Simulator::start(Options { clock: ClockKind::Manual, ..options }).await.unwrap()
}

pub(crate) fn address(sim: &Simulator) -> &str {
    sim.base_url().split_once("://").unwrap().1
}

/// A wait that should be short. Its bound keeps a broken simulator from hanging the tests, and is no part of them.
#[expect(clippy::disallowed_methods, reason = "bounds a test that went wrong; none that goes right waits for it")]
pub(crate) async fn soon<T>(wait: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), wait).await.expect("the simulator did not answer")
}

/// Waits until the simulator has noted so many requests.
pub(crate) async fn noted(sim: &Simulator, count: usize) {
    soon(async {
        while sim.requests().len() < count {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// Reads until what was received ends so; gives the number of reads.
pub(crate) async fn read_until(stream: &mut TcpStream, received: &mut Vec<u8>, end: &[u8]) -> usize {
    let mut reads = 0;
    while !received.ends_with(end) {
        assert_ne!(soon(stream.read_buf(received)).await.unwrap(), 0);
        reads += 1;
    }
    reads
}

/// Sends a request and reads until the connection ends; None if it ended without a byte.
pub(crate) async fn send(
    sim: &Simulator,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Option<Answer> {
    let mut stream = TcpStream::connect(address(sim)).await.unwrap();
    stream.write_all(request(address(sim), method, path, headers, body).as_bytes()).await.unwrap();
    let (bytes, end) = read_all(&mut stream).await;
    (!bytes.is_empty()).then(|| parse(&bytes, end))
}

pub(crate) fn request(host: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> String {
    let mut lines = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n");
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        lines.extend(["host: ", host, "\r\n"]);
    }
    for (name, value) in headers {
        lines.extend([*name, ": ", *value, "\r\n"]);
    }
    format!("{lines}content-length: {}\r\n\r\n{body}", body.len())
}

pub(crate) async fn read_all(stream: &mut TcpStream) -> (Vec<u8>, End) {
    let mut bytes = Vec::new();
    match soon(stream.read_to_end(&mut bytes)).await {
        Ok(_) => (bytes, End::Closed),
        Err(error) if error.kind() == ErrorKind::ConnectionReset => (bytes, End::Reset),
        Err(error) => panic!("{error}"),
    }
}

pub(crate) fn parse(bytes: &[u8], end: End) -> Answer {
    let split = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = std::str::from_utf8(&bytes[..split]).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines.map(|line| line.split_once(": ").unwrap()).map(|(name, value)| (name.into(), value.into()));
    Answer { status, headers: headers.collect(), body: bytes[split + 4..].to_vec(), end }
}

pub(crate) fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{id}:{secret}")))
}

pub(crate) const GRANT: &str = "grant_type=client_credentials";

pub(crate) async fn ask_token(sim: &Simulator) -> Option<Answer> {
    let basic = basic(sim.client_id(), sim.client_secret());
    let headers = [("authorization", basic.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    send(sim, "POST", "/oauth/token", &headers, GRANT).await
}

/// A caller with a token.
pub(crate) struct Caller<'a> {
    pub(crate) sim: &'a Simulator,
    pub(crate) token: String,
}

impl<'a> Caller<'a> {
    pub(crate) async fn new(sim: &'a Simulator) -> Self {
        let token = ask_token(sim).await.unwrap().json()["access_token"].as_str().unwrap().to_owned();
        Self { sim, token }
    }

    /// None if the connection died without an answer.
    pub(crate) async fn try_call(&self, method: &str, path: &str, body: &str) -> Option<Answer> {
        let bearer = format!("Bearer {}", self.token);
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        send(self.sim, method, path, &headers, body).await
    }

    pub(crate) async fn call(&self, method: &str, path: &str, body: &str) -> Answer {
        self.try_call(method, path, body).await.unwrap()
    }

    pub(crate) async fn list(&self) -> Answer {
        self.call("GET", "/api/v2/communications?state=active&types=voice", "").await
    }

    pub(crate) async fn try_control(&self, id: &str, action: &str) -> Option<Answer> {
        let body = json!({ "type": action }).to_string();
        self.try_call("POST", &format!("/api/v2/recordings/conversations/{id}/events"), &body).await
    }

    pub(crate) async fn try_set_recording_state(&self, id: &str, word: &str) -> Option<Answer> {
        let body = json!({ "recordingState": word }).to_string();
        self.try_call("PATCH", &format!("/api/v2/conversations/{id}/recordingstate"), &body).await
    }

    pub(crate) async fn set_recording_state(&self, id: &str, word: &str) -> Answer {
        self.try_set_recording_state(id, word).await.unwrap()
    }

    pub(crate) async fn conversation(&self, id: &str) -> Answer {
        self.call("GET", &format!("/api/v2/conversations/{id}"), "").await
    }

    pub(crate) async fn control(&self, id: &str, action: &str) -> Answer {
        self.try_control(id, action).await.unwrap()
    }

    pub(crate) async fn status(&self, id: &str) -> Answer {
        self.call("GET", &format!("/api/v2/recordings/conversations/{id}"), "").await
    }

    /// The statuses of a call's recordings, newest first.
    pub(crate) async fn statuses(&self, id: &str) -> Vec<String> {
        let answer = self.status(id).await;
        assert_eq!(answer.status, 200);
        let items = answer.json()["items"].as_array().unwrap().clone();
        items.iter().map(|item| item["status"].as_str().unwrap().to_owned()).collect()
    }
}
