//! The notification service through the door, on a manual clock: what is said, to whom, at which instant.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt};
use gcrec::clock::{Clock, ManualClock};
use gcrec::sim::{Door, DoorSocket, Ending, Notifications, Options, Simulator, Steering};
use http::{HeaderMap, Method, StatusCode, header};
use serde_json::{Value, json};

use crate::sim_raw::{GRANT, basic};

const CHANNELS: &str = "/api/v2/notifications/channels";

/// A simulator behind its door, its clock, and a token.
pub(crate) struct House {
    pub(crate) sim: Simulator,
    door: Door,
    clock: Arc<ManualClock>,
    bearer: String,
}

impl House {
    pub(crate) fn new(options: &Options) -> Self {
        let clock = Arc::new(ManualClock::new(0));
        let (sim, door) = Simulator::in_process(options, clock.clone()).unwrap();
        let mut house = Self { sim, door, clock, bearer: String::new() };
        house.bearer = basic(house.sim.client_id(), house.sim.client_secret());
        let (_, token) = house.ask(Method::POST, "/oauth/token", GRANT);
        house.bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
        house
    }

    pub(crate) fn ask(&self, method: Method, path: &str, body: &str) -> (u16, Value) {
        let content_type = if body == GRANT { "application/x-www-form-urlencoded" } else { "application/json" };
        let headers = HeaderMap::from_iter([
            (header::AUTHORIZATION, self.bearer.parse().unwrap()),
            (header::CONTENT_TYPE, content_type.parse().unwrap()),
        ]);
        let asked = self.door.ask(method, path, headers, Bytes::from(body.to_owned()));
        let (status, _, body): (StatusCode, _, _) = asked.now_or_never().unwrap().unwrap();
        (status.as_u16(), serde_json::from_slice(&body).unwrap_or_default())
    }

    /// A channel that is subscribed to these topics.
    pub(crate) fn channel(&self, topics: &[&str]) -> Value {
        let (status, channel) = self.ask(Method::POST, CHANNELS, "null");
        assert_eq!(status, 200);
        if !topics.is_empty() {
            assert_eq!(self.subscribe(&channel, Method::POST, topics).0, 200);
        }
        channel
    }

    fn subscribe(&self, channel: &Value, method: Method, topics: &[&str]) -> (u16, Value) {
        self.ask(method, &subscriptions(channel), &body(topics))
    }

    pub(crate) fn connect(&self, channel: &Value) -> Option<DoorSocket> {
        let uri = channel["connectUri"].as_str().unwrap();
        let path = uri.strip_prefix("wss://simulator.invalid").unwrap();
        self.door.connect(path).now_or_never().unwrap()
    }

    /// The agent and the queue of the first call.
    fn agent_and_queue(&self) -> (String, String) {
        let (_, conversation) = self.ask(Method::GET, &format!("/api/v2/conversations/{}", self.sim.calls()[0]), "");
        let participants = conversation["participants"].as_array().unwrap();
        let agent = participants.iter().find(|participant| participant["purpose"] == "agent").unwrap();
        let state = self.sim.apply(Steering::State).unwrap();
        let queue = state["directory"]["queues"][0]["id"].as_str().unwrap();
        (agent["userId"].as_str().unwrap().to_owned(), queue.to_owned())
    }

    fn set_recording_state(&self, word: &str) {
        let path = format!("/api/v2/conversations/{}/recordingstate", self.sim.calls()[0]);
        assert_eq!(self.ask(Method::PATCH, &path, &json!({ "recordingState": word }).to_string()).0, 202);
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

fn subscriptions(channel: &Value) -> String {
    format!("{CHANNELS}/{}/subscriptions", channel["id"].as_str().unwrap())
}

fn body(topics: &[&str]) -> String {
    topics.iter().map(|topic| json!({ "id": topic })).collect::<Value>().to_string()
}

/// What has come by now.
pub(crate) fn came(socket: &mut DoorSocket) -> Vec<Value> {
    let mut came = Vec::new();
    while let Some(Some(text)) = socket.next().now_or_never() {
        came.push(serde_json::from_str(&text).unwrap());
    }
    came
}

fn texts(came: &[Value]) -> Vec<&str> {
    came.iter().map(|it| it["eventBody"]["message"].as_str().unwrap_or(it["topicName"].as_str().unwrap())).collect()
}

fn recording_states(came: &[Value]) -> Vec<(&str, bool)> {
    let state = |event: &Value| {
        let body = event["eventBody"].clone();
        (body["recordingState"].as_str().unwrap().to_lowercase(), body["securePause"].as_bool().unwrap())
    };
    let known = |word: String| *["none", "active", "paused"].iter().find(|known| **known == word).unwrap();
    came.iter().map(state).map(|(word, pause)| (known(word), pause)).collect()
}

fn two_seconds() -> Options {
    Options { propagation: (2.0, 2.0), ..Options::default() }
}

#[test]
fn each_change_is_told_at_its_own_instant_also_when_many_are_settled_at_once() {
    let house = House::new(&two_seconds());
    let (agent, queue) = house.agent_and_queue();
    let channel = house.channel(&[&format!("v2.routing.queues.{queue}.conversations.calls")]);
    let id = house.sim.calls()[0].clone();
    house.sim.by_hand(&id, gcrec::sim::Action::Start).unwrap();
    house.advance(5);
    let mut socket = house.connect(&channel).unwrap();
    assert_eq!(came(&mut socket), Vec::<Value>::new());
    house.set_recording_state("PAUSED");
    house.advance(1);
    assert_eq!(came(&mut socket), Vec::<Value>::new());
    house.set_recording_state("ACTIVE");
    // Both are due by now, and a hold in between is told between them.
    house.advance(1);
    house.sim.hold(&id, true).unwrap();
    house.advance(8);
    house.sim.end_call(&id).unwrap();
    let came = came(&mut socket);
    assert_eq!(recording_states(&came), [("paused", true), ("paused", true), ("paused", false), ("none", false)]);
    let held =
        |event: &Value| event["eventBody"]["participants"].as_array().unwrap().iter().any(|it| it["held"] == true);
    assert_eq!(came.iter().map(held).collect::<Vec<_>>(), [false, true, true, false]);
    let event = &came[0];
    assert_eq!(event["topicName"], format!("v2.routing.queues.{queue}.conversations.calls"));
    assert_eq!((&event["version"], &event["eventBody"]["id"]), (&json!("2"), &json!(id)));
    assert_eq!(event["metadata"]["CorrelationId"].as_str().unwrap().len(), 36);
    let participants = event["eventBody"]["participants"].as_array().unwrap();
    let participant = participants.iter().find(|it| it["purpose"] == "agent").unwrap();
    assert_eq!((&participant["user"]["id"], &participant["securePause"]), (&json!(agent), &json!(true)));
    assert_eq!(participant["user"].as_object().unwrap().keys().collect::<Vec<_>>(), ["id", "name"]);
    assert_eq!(participant["recordersState"]["adhocState"], "PAUSED");
}

/// Nobody polls: the socket's own reader sleeps until something is due.
#[test]
fn a_reader_sleeps_until_a_change_is_due_and_is_woken_by_who_makes_one() {
    let house = House::new(&two_seconds());
    let (agent, _) = house.agent_and_queue();
    let channel = house.channel(&[&format!("v2.users.{agent}.conversations")]);
    let mut socket = house.connect(&channel).unwrap();
    house.sim.by_hand(&house.sim.calls()[0], gcrec::sim::Action::Start).unwrap();
    let mut event = Box::pin(socket.next());
    assert!((&mut event).now_or_never().is_none());
    assert_eq!(house.clock.advance_to_next(), Some(Duration::from_secs(2)));
    let event: Value = serde_json::from_str(&event.now_or_never().unwrap().unwrap()).unwrap();
    let body = &event["eventBody"];
    assert_eq!((&body["recordingState"], &body["securePause"]), (&json!("ACTIVE"), &json!(false)));
    let participants = body["participants"].as_array().unwrap();
    let participant = participants.iter().find(|it| it["purpose"] == "agent").unwrap();
    let leg = &participant["calls"][0];
    assert_eq!((&leg["recordingState"], &leg["recording"]), (&json!("active"), &json!(true)));
    assert!(
        participant.get("startTime").is_none() && leg.get("recordingId").is_none() && body.get("selfUri").is_none()
    );

    // Asleep until the heartbeat, it hears of what is to happen before.
    let mut next = Box::pin(socket.next());
    assert!((&mut next).now_or_never().is_none());
    house.set_recording_state("PAUSED");
    assert!((&mut next).now_or_never().is_none());
    assert_eq!(house.clock.advance_to_next(), Some(Duration::from_secs(4)));
    assert!(next.now_or_never().unwrap().unwrap().contains("PAUSED"));
    let mut next = Box::pin(socket.next());
    assert!((&mut next).now_or_never().is_none());
    house.sim.end_call(&house.sim.calls()[0]).unwrap();
    assert!(next.now_or_never().unwrap().unwrap().contains("terminated"));
}

#[test]
fn only_who_subscribed_hears_and_each_topic_once() {
    let house = House::new(&two_seconds());
    let (agent, queue) = house.agent_and_queue();
    let (all, single) =
        (format!("v2.users.{agent}?conversations&conversations.calls"), format!("v2.users.{agent}.conversations"));
    let of_queue = format!("v2.routing.queues.{queue}.conversations");
    let mut first = house.connect(&house.channel(&[&all, &single, &of_queue])).unwrap();
    let mut other = house.connect(&house.channel(&["v2.users.nobody.conversations"])).unwrap();
    house.sim.by_hand(&house.sim.calls()[0], gcrec::sim::Action::Start).unwrap();
    house.advance(2);
    let heard = came(&mut first);
    assert_eq!(texts(&heard), [single.as_str(), &format!("{single}.calls"), &of_queue]);
    assert!(came(&mut other).is_empty());
    // The second call is another agent's, of the same queue.
    house.sim.end_call(&house.sim.calls()[1]).unwrap();
    assert_eq!(texts(&came(&mut first)), [of_queue.as_str()]);
}

#[test]
fn a_recording_that_is_there_is_told_to_its_agent_once() {
    let house = House::new(&two_seconds());
    let (agent, call) = (house.agent_and_queue().0, house.sim.calls()[0].clone());
    let topic = format!("v2.users.{agent}.conversations.{call}.recordings");
    let mut socket = house.connect(&house.channel(&[&topic])).unwrap();
    for action in [gcrec::sim::Action::Start, gcrec::sim::Action::Pause, gcrec::sim::Action::Stop] {
        house.sim.by_hand(&call, action).unwrap();
        house.advance(2);
    }
    house.sim.end_call(&call).unwrap();
    let (heard, path) = (came(&mut socket), format!("/api/v2/conversations/{call}/recordingmetadata"));
    assert_eq!(texts(&heard), [topic.as_str()]);
    let recording = house.ask(Method::GET, &path, "").1[0]["id"].clone();
    let body = json!({ "id": recording, "conversationId": call, "fileState": "AVAILABLE" });
    assert_eq!(heard[0]["eventBody"], body);
}

#[test]
fn what_happens_while_nobody_is_connected_is_lost() {
    let house = House::new(&two_seconds());
    let (_, queue) = house.agent_and_queue();
    let channel = house.channel(&[&format!("v2.routing.queues.{queue}.conversations.calls")]);
    let calls = house.sim.calls();
    let mut socket = house.connect(&channel).unwrap();
    house.sim.end_call(&calls[0]).unwrap();
    drop(socket);
    house.sim.end_call(&calls[1]).unwrap();
    assert!(!house.sim.channels()[0].connected);
    socket = house.connect(&channel).unwrap();
    assert!(house.sim.channels()[0].connected);
    assert!(came(&mut socket).is_empty());
    house.sim.end_call(&calls[2]).unwrap();
    assert_eq!(came(&mut socket)[0]["eventBody"]["id"], calls[2].as_str());
}

#[test]
fn what_happened_before_a_topic_was_subscribed_to_is_not_told() {
    let house = House::new(&two_seconds());
    let (_, queue) = house.agent_and_queue();
    let topic = format!("v2.routing.queues.{queue}.conversations.calls");
    let channel = house.channel(&[]);
    let mut socket = house.connect(&channel).unwrap();
    house.sim.by_hand(&house.sim.calls()[0], gcrec::sim::Action::Start).unwrap();
    house.advance(3);
    assert_eq!(house.subscribe(&channel, Method::POST, &[&topic]).0, 200);
    house.sim.end_call(&house.sim.calls()[0]).unwrap();
    assert_eq!(recording_states(&came(&mut socket)), [("none", false)]);
    // Nor what happens after it is not subscribed to any more.
    assert_eq!(house.subscribe(&channel, Method::PUT, &[]).0, 200);
    house.sim.end_call(&house.sim.calls()[0]).unwrap();
    assert!(came(&mut socket).is_empty());
}

#[test]
fn a_socket_beats_and_answers_pings_unless_it_is_muted() {
    let house = House::new(&Options::default());
    let mut socket = house.connect(&house.channel(&[])).unwrap();
    house.advance(29);
    assert!(came(&mut socket).is_empty());
    house.advance(1);
    assert_eq!(
        came(&mut socket),
        [json!({"topicName": "channel.metadata", "eventBody": {"message": "WebSocket Heartbeat"}})]
    );
    socket.send(r#"{"message":"ping"}"#);
    socket.send("nonsense");
    assert_eq!(texts(&came(&mut socket)), ["pong"]);
    house.sim.mute_heartbeat(true);
    house.advance(90);
    assert!(came(&mut socket).is_empty());
    house.sim.mute_heartbeat(false);
    house.advance(30);
    assert_eq!(texts(&came(&mut socket)), ["WebSocket Heartbeat"]);
}

#[test]
fn a_channel_lives_a_day_and_longer_if_it_is_subscribed_to_something_again() {
    let options = Notifications { heartbeat: 1e8, ..Notifications::default() };
    let house = House::new(&Options { notifications: options, token_lifetime: 1e7, ..Options::default() });
    let channel = house.channel(&["v2.users.a.conversations"]);
    assert_eq!(channel["expires"], "2026-01-02T00:00:00.000Z");
    let mut socket = house.connect(&channel).unwrap();
    house.advance(86_300);
    assert_eq!(house.subscribe(&channel, Method::POST, &["v2.users.a.conversations"]).0, 200);
    house.advance(86_340 - 1);
    assert!(came(&mut socket).is_empty());
    // A minute before.
    assert_eq!(house.clock.advance_to_next(), Some(Duration::from_secs(86_300 + 86_340)));
    let closing = came(&mut socket);
    assert_eq!(closing[0]["topicName"], "v2.system.socket_closing");
    assert_eq!(house.clock.advance_to_next(), Some(Duration::from_secs(86_300 + 86_400)));
    assert_eq!(socket.next().now_or_never(), Some(None));
    assert_eq!(socket.ending(), Some(Ending::Closed));
    assert!(house.connect(&channel).is_none() && house.sim.channels().is_empty());
    let path = format!("{CHANNELS}/{}", channel["id"].as_str().unwrap());
    assert_eq!(house.ask(Method::HEAD, &path, "").0, 404);
    assert_eq!(house.ask(Method::GET, &subscriptions(&channel), "").1["code"], "not.found");
}

#[test]
fn a_second_socket_ends_the_first() {
    let house = House::new(&Options::default());
    let channel = house.channel(&[]);
    let mut first = house.connect(&channel).unwrap();
    let mut waiting = Box::pin(first.next());
    assert!((&mut waiting).now_or_never().is_none());
    let mut second = house.connect(&channel).unwrap();
    assert_eq!(waiting.now_or_never(), Some(None));
    assert_eq!(first.ending(), Some(Ending::Closed));
    drop(first);
    assert!(house.sim.channels()[0].connected);
    second.send(r#"{"message": "ping"}"#);
    assert_eq!(texts(&came(&mut second)), ["pong"]);
}

#[test]
fn one_channel_too_many_ends_the_oldest_and_unconnected_ones_first() {
    let options = Notifications { max_channels: 3, ..Notifications::default() };
    let house = House::new(&Options { notifications: options, ..Options::default() });
    let mut made = vec![house.channel(&[])];
    let mut oldest = house.connect(&made[0]).unwrap();
    for _ in 0..2 {
        house.advance(1);
        made.push(house.channel(&[]));
    }
    house.advance(1);
    // Used, and so younger than the third.
    house.subscribe(&made[1], Method::POST, &["v2.users.a.conversations"]);
    house.advance(1);
    made.push(house.channel(&[]));
    let there = |channel: &Value| {
        house.ask(Method::HEAD, &format!("{CHANNELS}/{}", channel["id"].as_str().unwrap()), "").0 == 200
    };
    assert_eq!(made.iter().map(there).collect::<Vec<_>>(), [true, true, false, true]);
    let listed = house.ask(Method::GET, CHANNELS, "").1["entities"].as_array().unwrap().clone();
    let expected = [&made[0], &made[1], &made[3]].map(|channel| (&channel["id"], &channel["connectUri"]));
    assert_eq!(listed.iter().map(|it| (&it["id"], &it["connectUri"])).collect::<Vec<_>>(), expected);

    let sockets: Vec<_> = [&made[1], &made[3]].map(|channel| house.connect(channel).unwrap()).into();
    made.push(house.channel(&[]));
    assert_eq!(oldest.next().now_or_never(), Some(None));
    assert_eq!((oldest.ending(), sockets.len()), (Some(Ending::Closed), 2));
}

#[test]
fn whoever_steers_cuts_closes_and_stalls() {
    let house = House::new(&Options::default());
    let (_, queue) = house.agent_and_queue();
    let topic = format!("v2.routing.queues.{queue}.conversations.calls");
    let channel = house.channel(&[&topic]);
    let mut socket = house.connect(&channel).unwrap();
    let shown = house.sim.apply(Steering::Channels).unwrap();
    assert_eq!(shown, json!([{ "id": channel["id"], "topics": [topic], "connected": true }]));

    house.sim.stall_sockets(true);
    house.sim.end_call(&house.sim.calls()[0]).unwrap();
    house.advance(30);
    assert_eq!(texts(&came(&mut socket)), ["WebSocket Heartbeat"]);
    house.sim.stall_sockets(false);
    house.sim.end_call(&house.sim.calls()[0]).unwrap();
    assert_eq!(texts(&came(&mut socket)), [topic.as_str()]);

    house.sim.end_call(&house.sim.calls()[0]).unwrap();
    house.sim.drop_sockets();
    assert_eq!(socket.next().now_or_never(), Some(None));
    assert_eq!(socket.ending(), Some(Ending::Cut));

    let mut socket = house.connect(&channel).unwrap();
    house.sim.close_sockets(5.0).unwrap();
    assert_eq!(came(&mut socket)[0]["topicName"], "v2.system.socket_closing");
    house.advance(4);
    assert!(socket.next().now_or_never().is_none());
    house.advance(1);
    assert_eq!(socket.next().now_or_never(), Some(None));
    assert_eq!(socket.ending(), Some(Ending::Closed));
    // The channel itself lives on.
    assert!(house.connect(&channel).is_some());
    assert!(house.sim.close_sockets(-1.0).unwrap_err().to_string().starts_with("notice must be"));
    assert!(house.clock.now() > Duration::ZERO);
}
