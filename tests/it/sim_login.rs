//! Users who log in: the page, its codes, their tokens, and what those may do.

use gcrec::sim::{Options, Simulator};
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use crate::sim_raw::{Answer, Caller, basic, manual, send};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const BACK: &str = "http://localhost:8085/cb?kept=1";
/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const PKCE: [(&str, &str); 2] = [("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];

fn form(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// What a client sends its user to the page with; a later value takes the place of an earlier one.
fn asked(sim: &Simulator, more: &[(&str, &str)]) -> String {
    let mut pairs =
        vec![("client_id", sim.client_id()), ("response_type", "code"), ("redirect_uri", BACK), ("state", "a&b <c>")];
    pairs.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
    pairs.extend(more);
    form(&pairs)
}

/// Where a browser is sent after the form.
async fn decided(sim: &Simulator, query: &str, decision: &[(&str, &str)]) -> Url {
    let body = form(&[decision, &[]].concat());
    let answer = send(sim, "POST", "/oauth/authorize", &[FORM], &format!("{query}&{body}")).await.unwrap();
    assert_eq!((answer.status, answer.header("cache-control")), (302, Some("no-store")));
    Url::parse(answer.header("location").unwrap()).unwrap()
}

fn value(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(given, _)| given == name).map(|(_, value)| value.into_owned())
}

async fn code(sim: &Simulator, more: &[(&str, &str)]) -> String {
    value(&decided(sim, &asked(sim, more), &[("decision", "allow")]).await, "code").unwrap()
}

async fn token(sim: &Simulator, secret: Option<&str>, pairs: &[(&str, &str)]) -> (u16, Value) {
    let basic = secret.map(|secret| basic(sim.client_id(), secret));
    let mut headers = vec![FORM];
    headers.extend(basic.as_deref().map(|value| ("authorization", value)));
    let answer = send(sim, "POST", "/oauth/token", &headers, &form(pairs)).await.unwrap();
    (answer.status, answer.json())
}

async fn exchanged(sim: &Simulator) -> Value {
    let code = code(sim, &[]).await;
    let pairs = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", BACK)];
    let (status, body) = token(sim, Some(sim.client_secret()), &pairs).await;
    assert_eq!(status, 200);
    body
}

fn word<'a>(body: &'a Value, name: &str) -> &'a str {
    body[name].as_str().unwrap()
}

async fn with(sim: &Simulator, token: &str, method: &str, path: &str) -> Answer {
    Caller { sim, token: token.to_owned() }.call(method, path, "").await
}

#[tokio::test]
async fn the_page_carries_what_it_was_given_and_lets_choose_who_one_is() {
    let sim = manual(Options::default()).await;
    let path = format!("/oauth/authorize?{}", asked(&sim, &PKCE));
    let page = send(&sim, "GET", &path, &[], "").await.unwrap();
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let html = String::from_utf8(page.body).unwrap();
    for user in sim.users() {
        let option = format!("<option value=\"{}\">{} ({})</option>", user.id, user.name, user.email);
        assert!(html.contains(&option), "{option}");
    }
    for part in [
        "<form method=\"post\" action=\"authorize\">",
        "name=\"state\" value=\"a&amp;b &lt;c&gt;\"",
        &format!("name=\"code_challenge\" value=\"{CHALLENGE}\""),
        "<button id=\"allow\" type=\"submit\" name=\"decision\" value=\"allow\">",
        "<button id=\"deny\" type=\"submit\" name=\"decision\" value=\"deny\">",
    ] {
        assert!(html.contains(part), "{part}");
    }
    assert_eq!(sim.requests()[0].path, "/oauth/authorize");
}

#[tokio::test]
async fn whoever_allows_it_is_who_the_token_speaks_for() {
    let sim = manual(Options { token_lifetime: 600.0, ..Options::default() }).await;
    let second = &sim.users()[1];
    let back = decided(&sim, &asked(&sim, &PKCE), &[("user", &second.id.to_string()), ("decision", "allow")]).await;
    assert!(back.as_str().starts_with(BACK));
    assert_eq!(value(&back, "state").as_deref(), Some("a&b <c>"));
    let pairs = [
        ("grant_type", "authorization_code"),
        ("client_id", sim.client_id()),
        ("code", &value(&back, "code").unwrap()),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
    ];
    let (status, body) = token(&sim, None, &pairs).await;
    assert_eq!((status, &body["token_type"], &body["expires_in"]), (200, &json!("bearer"), &json!(600)));
    let access = word(&body, "access_token");
    let me = with(&sim, access, "GET", "/api/v2/users/me").await.json();
    assert_eq!((&me["id"], &me["email"]), (&json!(second.id.to_string()), &json!(second.email)));
    assert_eq!((&me["state"], &me["username"]), (&json!("active"), &json!(second.email)));
    let again = token(&sim, None, &pairs).await;
    assert_eq!((again.0, word(&again.1, "error")), (400, "invalid_grant"));
    // A code that comes twice is in two hands: what the first had got is worth nothing now.
    assert_eq!(with(&sim, access, "GET", "/api/v2/users/me").await.status, 401);
}

#[tokio::test]
async fn what_is_wrong_goes_back_to_the_client_or_nowhere() {
    let sim = manual(Options::default()).await;
    for (more, error) in [
        (("response_type", "token"), "unsupported_response_type"),
        (("code_challenge", CHALLENGE), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("code_challenge_method", "S256"), "invalid_request"),
    ] {
        let asked = asked(&sim, &[more]);
        let answer = send(&sim, "GET", &format!("/oauth/authorize?{asked}"), &[], "").await.unwrap();
        let shown = Url::parse(answer.header("location").unwrap()).unwrap();
        for back in [shown, decided(&sim, &asked, &[]).await] {
            assert_eq!(value(&back, "error").as_deref(), Some(error));
            assert_eq!(value(&back, "state").as_deref(), Some("a&b <c>"));
        }
    }
    for decision in [("decision", "deny"), ("user", "nobody")] {
        let back = decided(&sim, &asked(&sim, &[]), &[decision]).await;
        assert_eq!((value(&back, "error").as_deref(), value(&back, "code")), (Some("access_denied"), None));
    }
    for more in [("client_id", "other"), ("redirect_uri", "https://evil.invalid/"), ("redirect_uri", "")] {
        let asked = asked(&sim, &[more]);
        for (method, path, body) in
            [("GET", format!("/oauth/authorize?{asked}"), ""), ("POST", "/oauth/authorize".into(), asked.as_str())]
        {
            let answer = send(&sim, method, &path, &[FORM], body).await.unwrap();
            assert_eq!((answer.status, answer.header("location")), (400, None));
            assert!(!String::from_utf8(answer.body).unwrap().contains("evil"));
        }
    }
}

#[tokio::test]
async fn an_exchange_that_cannot_be_is_refused_in_oauths_words() {
    let sim = manual(Options::default()).await;
    let secret = Some(sim.client_secret());
    let id = ("client_id", sim.client_id());
    let other = "x".repeat(43);
    let back = ("redirect_uri", BACK);
    for (challenge, secret, pairs, status, error) in [
        (&PKCE[..], None, vec![id, back, ("code_verifier", &other)], 400, "invalid_grant"),
        (&PKCE, None, vec![id, back, ("code_verifier", "short")], 400, "invalid_request"),
        (&PKCE, None, vec![id, back], 401, "invalid_client"),
        (&PKCE, None, vec![back, ("code_verifier", VERIFIER)], 401, "invalid_client"),
        (&PKCE, secret, vec![back], 400, "invalid_grant"),
        (&PKCE, Some("wrong"), vec![back, ("code_verifier", VERIFIER)], 401, "invalid_client"),
        (&[], None, vec![id, back, ("code_verifier", VERIFIER)], 400, "invalid_grant"),
        (&[], secret, vec![("redirect_uri", "http://localhost:8085/cb")], 400, "invalid_grant"),
        (&[], secret, vec![], 400, "invalid_request"),
    ] {
        let code = code(&sim, challenge).await;
        let pairs = [&[("grant_type", "authorization_code"), ("code", code.as_str())], pairs.as_slice()].concat();
        let (given, body) = token(&sim, secret, &pairs).await;
        assert_eq!((given, word(&body, "error")), (status, error), "{pairs:?}");
        assert_eq!(body["description"], body["error_description"]);
    }
    let code = code(&sim, &[]).await;
    sim.advance(60.0).unwrap();
    let pairs = [("grant_type", "authorization_code"), ("code", &code), back];
    assert_eq!(word(&token(&sim, secret, &pairs).await.1, "error"), "invalid_grant");
}

#[tokio::test]
async fn refresh_tokens_are_good_once_and_outlive_a_revocation_of_the_others() {
    let sim = manual(Options::default()).await;
    let secret = Some(sim.client_secret());
    let refresh = async |body: &Value, secret| {
        let pairs = [("grant_type", "refresh_token"), ("refresh_token", word(body, "refresh_token"))];
        token(&sim, secret, &pairs).await
    };
    let first = exchanged(&sim).await;
    sim.revoke_tokens();
    assert_eq!(with(&sim, word(&first, "access_token"), "GET", "/api/v2/users/me").await.status, 401);
    assert_eq!(refresh(&first, None).await.0, 401);
    let (status, second) = refresh(&first, secret).await;
    assert_eq!(status, 200);
    assert_ne!((&first["access_token"], &first["refresh_token"]), (&second["access_token"], &second["refresh_token"]));
    assert_eq!(with(&sim, word(&second, "access_token"), "GET", "/api/v2/users/me").await.status, 200);
    let (status, again) = refresh(&first, secret).await;
    assert_eq!((status, word(&again, "error")), (400, "invalid_grant"));
    assert_eq!(refresh(&second, secret).await.0, 400);
    assert_eq!(with(&sim, word(&second, "access_token"), "GET", "/api/v2/users/me").await.status, 401);
    let third = exchanged(&sim).await;
    sim.revoke_logins();
    assert_eq!(refresh(&third, secret).await.0, 400);
}

#[tokio::test]
async fn a_token_tells_whose_it_is_and_ends_itself() {
    let sim = manual(Options::default()).await;
    let caller = Caller::new(&sim).await;
    let info = caller.call("GET", "/api/v2/tokens/me", "null").await.json();
    let client = &info["OAuthClient"];
    assert_eq!(
        (&client["id"], &client["authorizedGrantType"]),
        (&json!(sim.client_id()), &json!("CLIENT-CREDENTIALS"))
    );
    assert_eq!(info["organization"], info["homeOrganization"]);
    assert!(info["authorizedScope"].is_array());
    let refused = caller.call("GET", "/api/v2/users/me", "").await;
    assert_eq!((refused.status, word(&refused.json(), "code")), (400, "not.a.user"));
    let head = caller.call("HEAD", "/api/v2/tokens/me", "").await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    let (one, other) = (sim.user_token("agent two").unwrap(), sim.user_token("Agent.Two@simulator.invalid").unwrap());
    let info = with(&sim, &one, "GET", "/api/v2/tokens/me").await.json();
    assert_eq!(info["OAuthClient"]["authorizedGrantType"], "CODE");
    let gone = with(&sim, &one, "DELETE", "/api/v2/tokens/me").await;
    assert_eq!((gone.status, gone.body.len()), (200, 0));
    assert_eq!(with(&sim, &one, "HEAD", "/api/v2/tokens/me").await.status, 401);
    for token in [other, caller.token] {
        assert_eq!(with(&sim, &token, "GET", "/api/v2/tokens/me").await.status, 200);
    }
    assert_eq!(sim.user_token("nobody").unwrap_err().code(), "unknown_user");
}

#[tokio::test]
async fn the_roles_of_clients_and_users_are_apart() {
    let view = vec!["conversation:communication:view".to_owned()];
    let sim = manual(Options { permissions: Vec::new(), user_permissions: view, ..Options::default() }).await;
    let path = format!("/api/v2/conversations/{}", sim.calls()[0]);
    let user = sim.user_token("Agent One").unwrap();
    assert_eq!(with(&sim, &user, "GET", &path).await.status, 200);
    let refused = Caller::new(&sim).await.call("GET", &path, "").await;
    assert_eq!((refused.status, word(&refused.json(), "code")), (403, "missing.any.permissions"));
}
