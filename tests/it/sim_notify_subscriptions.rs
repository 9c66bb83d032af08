//! What a channel may be subscribed to, and what is said where it may not.

use gcrec::sim::{Notifications, Options};
use http::Method;
use serde_json::{Value, json};

use crate::sim_notify::House;

const CHANNELS: &str = "/api/v2/notifications/channels";
const CALLS: &str = "v2.users.a.conversations.calls";

fn body(topics: &[&str]) -> String {
    topics.iter().map(|topic| json!({ "id": topic })).collect::<Value>().to_string()
}

fn ids(listing: &Value) -> Vec<&str> {
    listing["entities"].as_array().unwrap().iter().map(|entity| entity["id"].as_str().unwrap()).collect()
}

/// A channel's subscriptions.
struct Desk {
    house: House,
    path: String,
}

impl Desk {
    fn new(options: &Options) -> Self {
        let house = House::new(options);
        let channel = house.channel(&[]);
        Self { house, path: format!("{CHANNELS}/{}/subscriptions", channel["id"].as_str().unwrap()) }
    }

    fn ask(&self, method: Method, query: &str, topics: &[&str]) -> (u16, Value) {
        self.house.ask(method, &format!("{}{query}", self.path), &body(topics))
    }

    fn has(&self) -> Vec<String> {
        ids(&self.house.ask(Method::GET, &self.path, "").1).into_iter().map(str::to_owned).collect()
    }
}

#[test]
fn topics_are_added_replaced_listed_and_removed() {
    let desk = Desk::new(&Options::default());
    let (first, second) = ("v2.users.a.conversations", "v2.routing.queues.b.conversations");
    let (status, answer) = desk.ask(Method::POST, "", &[first]);
    let uri = format!("{}/{first}", desk.path);
    assert_eq!((status, answer), (200, json!({ "entities": [{ "id": first, "selfUri": uri }] })));
    assert_eq!(desk.ask(Method::POST, "", &[second, first]).0, 200);
    assert_eq!(desk.has(), [first, second]);
    assert_eq!(ids(&desk.ask(Method::PUT, "", &[CALLS]).1), [CALLS]);
    assert_eq!((desk.has(), desk.house.sim.channels()[0].topics.clone()), (vec![CALLS.into()], vec![CALLS.into()]));
    let (status, answer) = desk.ask(Method::DELETE, "", &[]);
    assert_eq!((status, answer, desk.has()), (200, Value::Null, vec![]));
}

#[test]
fn every_topic_of_the_brief_is_known() {
    let desk = Desk::new(&Options::default());
    let both =
        ["acd", "user", "customer", "flow", "voicemail"].map(|who| [format!("{who}.start"), format!("{who}.end")]);
    let sides = both.into_iter().flatten().chain(["acw", "attributes", "wrapup"].map(str::to_owned));
    let details: Vec<_> = sides.map(|side| format!("v2.detail.events.conversation.c.{side}")).collect();
    let mut all: Vec<_> = details.iter().map(String::as_str).collect();
    all.extend(["v2.users.a.conversations.c.recordings", "v2.routing.queues.q.conversations.calls", CALLS]);
    assert_eq!(desk.ask(Method::POST, "", &all).0, 200);
    assert_eq!(desk.has(), all);
}

#[test]
fn a_topic_that_is_none_is_refused_with_all_that_came_with_it() {
    let desk = Desk::new(&Options::default());
    let (status, answer) = desk.ask(Method::POST, "", &[CALLS, "v2.nonsense"]);
    assert_eq!((status, &answer["code"]), (400, &json!("notification.invalid.topic")));
    assert_eq!(answer["messageParams"]["topic"], "v2.nonsense");
    assert!(desk.has().is_empty());
    let (status, answer) = desk.ask(Method::POST, "?ignoreErrors=true", &[CALLS, "v2.nonsense"]);
    assert_eq!((status, desk.has()), (200, vec![CALLS.to_owned()]));
    let told: Vec<_> = answer["entities"].as_array().unwrap().iter().map(|entity| &entity["state"]).collect();
    assert_eq!(told, ["Permitted", "Rejected"]);
    assert!(answer["entities"][1]["rejectionReason"].is_string());
    assert!(answer["entities"][1].get("missingPermissions").is_none());
}

#[test]
fn a_topic_that_is_forbidden_names_what_is_missing() {
    let permissions = vec!["recording:recording:view".to_owned()];
    let desk = Desk::new(&Options { permissions, ..Options::default() });
    let (status, answer) = desk.ask(Method::POST, "", &[CALLS]);
    assert_eq!((status, &answer["code"]), (403, &json!("missing.permissions")));
    assert!(answer["message"].as_str().unwrap().ends_with("conversation:communication:view"));
    let both = [CALLS, "v2.users.a.conversations.c.recordings"];
    let (_, answer) = desk.ask(Method::PUT, "?ignoreErrors=true", &both);
    let entity = &answer["entities"][0];
    assert_eq!(entity["state"], "Rejected");
    assert_eq!(entity["missingPermissions"], json!(["conversation:communication:view"]));
    assert_eq!(desk.has(), [both[1]]);
}

#[test]
fn more_topics_than_a_channel_may_have_are_refused() {
    let notifications = Notifications { max_topics: 2, ..Notifications::default() };
    let desk = Desk::new(&Options { notifications, ..Options::default() });
    let topics = ["v2.users.a.conversations", "v2.users.b.conversations", "v2.users.c.conversations"];
    assert_eq!(desk.ask(Method::POST, "", &topics[..2]).0, 200);
    let (status, answer) = desk.ask(Method::POST, "?ignoreErrors=true", &topics[2..]);
    assert_eq!((status, &answer["code"]), (400, &json!("notification.subscription.too.many.subscriptions")));
    assert_eq!(desk.ask(Method::PUT, "", &topics).0, 400);
    assert_eq!(desk.has(), topics[..2]);
    // What it has already is not one more; what takes the place of all others is counted alone.
    assert_eq!(desk.ask(Method::POST, "", &[topics[0], topics[0]]).0, 200);
    assert_eq!(desk.ask(Method::PUT, "", &topics[1..]).0, 200);
}

#[test]
fn a_thousand_topics_are_within_the_limits() {
    let desk = Desk::new(&Options::default());
    let id = |number| format!("v2.users.01234567-0123-0123-0123-{number:012}.conversations.calls");
    let topics: Vec<_> = (0..1_001).map(id).collect();
    let topics: Vec<_> = topics.iter().map(String::as_str).collect();
    assert_eq!(desk.ask(Method::PUT, "", &topics[1..]).0, 200);
    assert_eq!(desk.ask(Method::POST, "", &topics[..1]).0, 400);
    assert_eq!(desk.has().len(), 1_000);
}

#[test]
fn what_cannot_be_read_and_what_is_not_there_is_refused() {
    let desk = Desk::new(&Options::default());
    let ask = |path: &str, body: &str| desk.house.ask(Method::POST, path, body);
    let array = r#"[["v2.users.a.conversations"]]"#;
    for body in ["", "null", "{}", "[1]", array, r#"[{"id": 1}]"#, r#"{"id": "v2.users.a.conversations"}"#] {
        assert_eq!(ask(&desk.path, body).0, 400, "{body}");
    }
    assert_eq!(ask(&format!("{}?ignoreErrors=perhaps", desk.path), "[]").1["code"], "invalid.value");
    let unknown = format!("{CHANNELS}/streaming-0-nothing/subscriptions");
    assert_eq!((ask(&unknown, "[]").0, ask(&unknown, "[]").1["code"].clone()), (404, json!("not.found")));
    assert_eq!(desk.house.ask(Method::DELETE, &unknown, "").0, 404);
    assert_eq!(desk.house.ask(Method::HEAD, &format!("{CHANNELS}/streaming-0-nothing"), "").0, 404);
}

#[test]
fn the_topics_that_there_are_say_what_they_take() {
    let desk = Desk::new(&Options::default());
    let topics =
        |query: &str| desk.house.ask(Method::GET, &format!("/api/v2/notifications/availabletopics{query}"), "").1;
    let plain = topics("");
    assert!(ids(&plain).contains(&"v2.users.{id}.conversations.calls"));
    assert_eq!(plain["entities"][0].as_object().unwrap().len(), 1);
    let told = topics("?expand=requiresPermissions,topicParameters&expand=visibility&expand=schema");
    let calls =
        told["entities"].as_array().unwrap().iter().find(|it| it["id"] == "v2.users.{id}.conversations.calls").unwrap();
    let expected = json!({
        "id": "v2.users.{id}.conversations.calls",
        "requiresPermissions": ["conversation:communication:view"],
        "topicParameters": ["id"],
        "visibility": "Public",
    });
    assert_eq!(calls, &expected);
    assert_eq!(topics("?expand=everything")["code"], "invalid.value");
}
