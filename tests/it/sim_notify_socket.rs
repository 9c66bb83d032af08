//! The sockets of notification channels as clients see them: real ones, on a manual clock.

use futures_util::{SinkExt, StreamExt};
use gcrec::sim::{Fault, Options, Reset, Route, Simulator};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::sim_raw::{Caller, GRANT, address, manual, noted, send, soon};

const CHANNELS: &str = "/api/v2/notifications/channels";

struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    /// Where the channel's `connectUri` leads, without a token; the status where that is refused, None where it dies.
    async fn open(uri: &str) -> Result<Self, Option<u16>> {
        let (host, path) = uri.strip_prefix("ws://").unwrap().split_once('/').unwrap();
        let socket = TcpSocket::new_v4().unwrap();
        // Little, so that a server soon notices who does not read.
        socket.set_recv_buffer_size(4_096).unwrap();
        let mut stream = socket.connect(host.parse().unwrap()).await.unwrap();
        let request = format!(
            "GET /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match soon(stream.read_u8()).await {
                Ok(byte) => head.push(byte),
                Err(_) => return Err(None),
            }
        }
        let head = String::from_utf8(head).unwrap();
        match head.split(' ').nth(1).unwrap().parse().unwrap() {
            101 => {
                // The answer to the key above, by RFC 6455.
                assert!(head.to_lowercase().contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="));
                Ok(Self(WebSocketStream::from_raw_socket(stream, Role::Client, None).await))
            }
            status => Err(Some(status)),
        }
    }

    async fn next(&mut self) -> Option<Result<Message, Error>> {
        soon(self.0.next()).await
    }

    async fn event(&mut self) -> Value {
        match self.next().await {
            Some(Ok(Message::Text(text))) => serde_json::from_str(&text).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    async fn ping(&mut self) -> Value {
        self.0.send(Message::text(r#"{"message":"ping"}"#)).await.unwrap();
        self.event().await
    }
}

async fn channel(caller: &Caller<'_>, topics: &[String]) -> (String, String) {
    let made = caller.call("POST", CHANNELS, "null").await.json();
    let id = made["id"].as_str().unwrap().to_owned();
    let body: Value = topics.iter().map(|topic| serde_json::json!({ "id": topic })).collect();
    let subscribed = caller.call("POST", &format!("{CHANNELS}/{id}/subscriptions"), &body.to_string()).await;
    assert_eq!(subscribed.status, 200);
    (id, made["connectUri"].as_str().unwrap().to_owned())
}

/// The topic of everything that happens in the one queue.
fn everything(sim: &Simulator) -> String {
    let state = sim.apply(gcrec::sim::Steering::State).unwrap();
    format!("v2.routing.queues.{}.conversations.calls", state["directory"]["queues"][0]["id"].as_str().unwrap())
}

/// Waits until the server knows that nobody is connected any more.
async fn left(sim: &Simulator) {
    soon(async {
        while sim.channels()[0].connected {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn events_come_over_a_socket_when_the_clock_is_moved_and_when_something_is_done() {
    let sim = manual(Options { propagation: (2.0, 2.0), ..Options::default() }).await;
    let caller = Caller::new(&sim).await;
    let (id, uri) = channel(&caller, &[everything(&sim)]).await;
    assert_eq!(uri, format!("ws://{}/channels/{id}", address(&sim)));
    let mut socket = Socket::open(&uri).await.unwrap();
    assert!(sim.channels()[0].connected);
    let call = sim.calls()[0].clone();
    assert_eq!(caller.control(&call, "start").await.status, 202);
    assert_eq!(caller.set_recording_state(&call, "PAUSED").await.status, 202);
    sim.advance(2.0).unwrap();
    let (started, paused) = (socket.event().await, socket.event().await);
    assert_eq!(
        (&started["eventBody"]["recordingState"], &paused["eventBody"]["recordingState"]),
        (&"active".into(), &"paused".into())
    );
    sim.end_call(&call).unwrap();
    assert_eq!(socket.event().await["eventBody"]["participants"][0]["state"], "terminated");
    sim.advance(28.0).unwrap();
    assert_eq!(socket.event().await["eventBody"]["message"], "WebSocket Heartbeat");
    assert_eq!(socket.ping().await["eventBody"]["message"], "pong");
}

#[tokio::test]
async fn a_cut_is_a_reset_and_a_close_is_announced() {
    let sim = manual(Options::default()).await;
    let caller = Caller::new(&sim).await;
    let (_, uri) = channel(&caller, &[]).await;
    let mut socket = Socket::open(&uri).await.unwrap();
    sim.drop_sockets();
    assert!(matches!(socket.next().await, Some(Err(_))));
    left(&sim).await;

    let mut socket = Socket::open(&uri).await.unwrap();
    sim.close_sockets(60.0).unwrap();
    assert_eq!(socket.event().await["topicName"], "v2.system.socket_closing");
    sim.advance(30.0).unwrap();
    assert_eq!(socket.event().await["eventBody"]["message"], "WebSocket Heartbeat");
    sim.advance(30.0).unwrap();
    match socket.next().await {
        Some(Ok(Message::Close(Some(frame)))) => assert_eq!(frame.code, CloseCode::Normal),
        other => panic!("{other:?}"),
    }
    assert!(socket.next().await.is_none());
}

/// Though the server is in the middle of sending to it.
#[tokio::test]
async fn a_client_that_does_not_read_can_be_cut_off_too() {
    let sim = manual(Options::default()).await;
    let caller = Caller::new(&sim).await;
    let (_, uri) = channel(&caller, &[everything(&sim)]).await;
    let socket = Socket::open(&uri).await.unwrap();
    let call = sim.calls()[0].clone();
    // More than the system's buffers on both sides can take.
    for time in 0..2_000 {
        sim.hold(&call, time % 2 == 0).unwrap();
        tokio::task::yield_now().await;
    }
    sim.drop_sockets();
    left(&sim).await;
    drop(socket);
}

#[tokio::test]
async fn a_client_that_goes_leaves_the_channel_and_another_takes_it() {
    let sim = manual(Options::default()).await;
    let caller = Caller::new(&sim).await;
    let (_, uri) = channel(&caller, &[everything(&sim)]).await;
    let mut first = Socket::open(&uri).await.unwrap();
    let mut second = Socket::open(&uri).await.unwrap();
    assert!(matches!(first.next().await, Some(Ok(Message::Close(_)))));
    sim.end_call(&sim.calls()[0]).unwrap();
    assert_eq!(second.event().await["version"], "2");
    second.0.close(None).await.unwrap();
    left(&sim).await;
    let third = Socket::open(&uri).await.unwrap();
    drop(third);
    left(&sim).await;
}

#[tokio::test]
async fn stopping_ends_sockets_too() {
    let sim = manual(Options::default()).await;
    let caller = Caller::new(&sim).await;
    let (_, uri) = channel(&caller, &[]).await;
    let mut socket = Socket::open(&uri).await.unwrap();
    assert_eq!(socket.ping().await["eventBody"]["message"], "pong");
    soon(sim.stop()).await;
    assert!(matches!(socket.next().await, Some(Err(_)) | None));
}

#[tokio::test]
async fn a_socket_of_no_channel_is_refused_and_faults_strike_here_too() {
    let sim = manual(Options::default()).await;
    let caller = Caller::new(&sim).await;
    let (id, uri) = channel(&caller, &[]).await;
    let nowhere = uri.replace("streaming-0-", "streaming-1-");
    assert_eq!(Socket::open(&nowhere).await.err(), Some(Some(404)));
    assert_eq!(send(&sim, "GET", &format!("/channels/{id}"), &[], "").await.unwrap().status, 400);
    sim.fail(Fault { status_code: Some(503), ..Fault::on(Route::Channels) }).unwrap();
    assert_eq!(Socket::open(&uri).await.err(), Some(Some(503)));
    sim.fail(Fault { reset: Some(Reset::After), ..Fault::on(Route::Channels) }).unwrap();
    assert_eq!(Socket::open(&uri).await.err(), Some(None));
    left(&sim).await;
    assert!(Socket::open(&uri).await.is_ok());
    noted(&sim, 8).await;
    let last = sim.requests().pop().unwrap();
    assert_eq!((last.path, last.status_code), (format!("/channels/{id}"), Some(101)));
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a client that we did not write")]
async fn over_tls_the_socket_is_a_secure_one() {
    let sim = manual(Options { tls: true, ..Options::default() }).await;
    let ca = reqwest::Certificate::from_pem(sim.ca_pem().unwrap().as_bytes()).unwrap();
    let client = reqwest::Client::builder().tls_certs_only([ca]).no_proxy().http1_only().build().unwrap();
    let form = ("content-type", "application/x-www-form-urlencoded");
    let asked = client.post(format!("{}/oauth/token", sim.base_url())).header(form.0, form.1).body(GRANT);
    let token = asked.basic_auth(sim.client_id(), Some(sim.client_secret())).send().await.unwrap();
    let token: Value = serde_json::from_slice(&token.bytes().await.unwrap()).unwrap();
    let made =
        client.post(format!("{}{CHANNELS}", sim.base_url())).bearer_auth(token["access_token"].as_str().unwrap());
    let made: Value = serde_json::from_slice(&made.send().await.unwrap().bytes().await.unwrap()).unwrap();
    let uri = made["connectUri"].as_str().unwrap();
    assert!(uri.starts_with(&format!("wss://{}/channels/", address(&sim))));
    let mut request = client.get(uri.replacen("wss", "https", 1));
    for (name, value) in [("connection", "Upgrade"), ("upgrade", "websocket"), ("sec-websocket-version", "13")] {
        request = request.header(name, value);
    }
    let answer = request.header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==").send().await.unwrap();
    let upgraded = answer.upgrade().await.unwrap();
    let mut socket = WebSocketStream::from_raw_socket(upgraded, Role::Client, None).await;
    sim.advance(30.0).unwrap();
    assert!(soon(socket.next()).await.unwrap().unwrap().into_text().unwrap().contains("WebSocket Heartbeat"));
}
