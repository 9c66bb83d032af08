//! The token endpoint: who gets one, and how refusals read.

use gcrec::sim::{Options, Simulator};
use serde_json::{Value, json};

use crate::sim_raw::{Caller, GRANT, basic, manual, send};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

async fn ask_with(sim: &Simulator, authorization: Option<&str>, body: &str) -> (u16, Value) {
    let mut headers = vec![FORM];
    headers.extend(authorization.map(|value| ("authorization", value)));
    let answer = send(sim, "POST", "/oauth/token", &headers, body).await.unwrap();
    assert!(answer.header("ININ-Correlation-Id").is_some());
    (answer.status, answer.json())
}

#[tokio::test]
async fn a_token_is_given_by_basic_or_by_form() {
    let sim = manual(Options { token_lifetime: 900.5, ..Options::default() }).await;
    let (id, secret) = (sim.client_id(), sim.client_secret());
    let (status, body) = ask_with(&sim, Some(&basic(id, secret)), GRANT).await;
    assert_eq!((status, &body["token_type"], &body["expires_in"]), (200, &json!("bearer"), &json!(900)));
    let scopes = "conversation:read conversation:recording:read conversation:recording:write conversation:write";
    assert_eq!(body["scope"], scopes);
    // The id form-encoded, as the standard has it; the scheme in any case; a scope asked for.
    let encoded = basic(&id.replace('-', "%2D"), secret).replace("Basic", "bAsIc");
    assert_eq!(ask_with(&sim, Some(&encoded), &format!("{GRANT}&scope=conversation%3Aread")).await.0, 200);
    let form = format!("{GRANT}&client_id={id}&client_secret={secret}");
    assert_eq!(ask_with(&sim, None, &form).await.0, 200);
}

#[tokio::test]
async fn a_token_request_that_cannot_be_granted_is_refused_in_oauths_words() {
    let sim = manual(Options::default()).await;
    let right = basic(sim.client_id(), sim.client_secret());
    let wrong = basic(sim.client_id(), "wrong");
    for (authorization, body, status, error) in [
        (Some(wrong.as_str()), GRANT, 401, "invalid_client"),
        (None, GRANT, 401, "invalid_client"),
        (None, &format!("{GRANT}&client_id={}", sim.client_id()), 401, "invalid_client"),
        (Some(&right), "grant_type=password", 400, "unsupported_grant_type"),
        (Some(&right), "", 400, "invalid_request"),
        (Some(&right), "{\"grant_type\": \"client_credentials\"}", 400, "invalid_request"),
        (Some(&right), "grant_type=client_credentials&grant_type=x", 400, "invalid_request"),
        (Some("Basic ???"), GRANT, 400, "invalid_request"),
    ] {
        let (given, answer) = ask_with(&sim, authorization, body).await;
        assert_eq!((given, answer["error"].as_str()), (status, Some(error)), "{body}");
        assert_eq!(answer["description"], answer["error_description"]);
        assert!(!answer.to_string().contains(sim.client_secret()));
    }
}

#[tokio::test]
async fn past_the_limit_the_answer_says_which_and_when_to_come_again() {
    for in_header in [true, false] {
        let options = Options { rate_limit: Some(2), retry_after_header: in_header, ..Options::default() };
        let sim = manual(options).await;
        let caller = Caller::new(&sim).await;
        // Answers to what is not there count too, and tell the rate.
        let lost = caller.call("GET", "/api/v2/nowhere", "").await;
        assert_eq!((lost.status, lost.header("inin-ratelimit-count")), (404, Some("1")));
        caller.call("GET", "/api/v2/tokens/me", "").await;
        sim.advance(1.5).unwrap();
        let refused = caller.call("GET", "/api/v2/tokens/me", "").await;
        let headers = ["retry-after", "inin-ratelimit-allowed", "inin-ratelimit-count", "inin-ratelimit-reset"];
        let retry_after = in_header.then_some("59");
        assert_eq!(headers.map(|name| refused.header(name)), [retry_after, Some("2"), Some("2"), Some("59")]);
        let body = refused.json();
        let (code, message) = if in_header {
            ("too.many.requests", "Rate limit exceeded the maximum [2] requests within [60] seconds")
        } else {
            ("too.many.requests.retry.after", "Rate limit exceeded the maximum. Retry the request in [59] seconds")
        };
        assert_eq!((refused.status, &body["code"], &body["message"]), (429, &json!(code), &json!(message)));
        let limit = json!({"key": "client.credentials.token.rate.per.minute", "namespace": "platform.api", "value": 2});
        assert_eq!(body["limit"], limit);
        assert_eq!(refused.header("content-type"), Some("application/json"));
    }
}

#[tokio::test]
async fn a_body_over_the_vendors_limit_is_too_large() {
    let sim = manual(Options::default()).await;
    let caller = Caller::new(&sim).await;
    let path = format!("/api/v2/conversations/{}/recordingstate", sim.calls()[0]);
    let body = |length: usize| format!("{{\"recordingState\": \"PAUSED\"{}}}", " ".repeat(length - 28));
    assert_eq!(body(512_000).len(), 512_000);
    assert_eq!(caller.call("PATCH", &path, &body(512_000)).await.status, 202);
    let refused = caller.call("PATCH", &path, &body(512_001)).await;
    assert_eq!((refused.status, &refused.json()["code"]), (413, &json!("request.entity.too.large")));
}
