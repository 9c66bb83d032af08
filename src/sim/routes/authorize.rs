//! `/oauth/authorize`: the page on which a user logs in and lets the client act for them (RFC 6749 section 4.1; PKCE, RFC
//! 7636). It asks for no password: whoever opens it says who they are.
//!
//! What is wrong with the client or with the address of return is told on the page itself and never sent anywhere; all
//! else goes back to the client, as the standard has it.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION};
use http::{HeaderValue, StatusCode};
use url::{Host, Url, form_urlencoded};

use super::exchange::{Access, Ask, exchange};
use crate::sim::core::Core;
use crate::sim::directory::{ORGANIZATION, Person};
use crate::sim::faults::Route;
use crate::sim::logins::Login;
use crate::sim::reply::Reply;
use crate::sim::world::World;

/// What goes from the address of the page into its form, and from there to the answer.
const CARRIED: [&str; 6] =
    ["client_id", "response_type", "redirect_uri", "code_challenge", "code_challenge_method", "state"];
/// Of a S256 challenge, which is 32 bytes in base64url.
const CHALLENGE_LENGTH: usize = 43;
const POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// The parameters of a request: those of its body, then those of its address.
struct Parameters<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

/// What the client asks for, once it may be answered to.
struct Wish<'a> {
    back: Url,
    state: &'a str,
}

/// What is told to the client instead of a code: the standard's word, and more if there is more to say.
struct Refusal(&'static str, &'static str);

/// The page.
pub(super) async fn show(State(core): State<Arc<Core>>, request: Request) -> Response {
    exchange(&core, Route::Any, Access::Open, request, |world, ask| {
        let given = Parameters::of(ask);
        Ok(wish(world, &given).map_or_else(stranger, |wish| match challenge(&given) {
            Ok(_) => page(StatusCode::OK, "Log in", &form(&world.directory.users, &given)),
            Err(refusal) => wish.refused(&refusal),
        }))
    })
    .await
}

/// What the user decided there.
pub(super) async fn decide(State(core): State<Arc<Core>>, request: Request) -> Response {
    exchange(&core, Route::Any, Access::Open, request, |world, ask| {
        let given = Parameters::of(ask);
        Ok(match wish(world, &given) {
            Err(words) => stranger(words),
            Ok(wish) => match allow(world, &given) {
                Ok(given) => wish.answered(&[("code", &given)]),
                Err(refusal) => wish.refused(&refusal),
            },
        })
    })
    .await
}

/// Gives the code, or says why there is none.
fn allow(world: &mut World, given: &Parameters<'_>) -> Result<String, Refusal> {
    let challenge = challenge(given)?;
    if given.value("decision") == "deny" {
        return Err(Refusal("access_denied", ""));
    }
    let user = match given.value("user") {
        "" => world.directory.users.first(),
        named => world.directory.find_user(named),
    };
    let user = user.ok_or(Refusal("access_denied", "There is no such user."))?.id;
    let redirect_uri = given.value("redirect_uri").to_owned();
    let now = world.now();
    Ok(world.tokens.log_in(now, Login { user, redirect_uri, challenge }))
}

/// Whom to answer, and where; in words, why nobody may be.
fn wish<'a>(world: &World, given: &'a Parameters<'_>) -> Result<Wish<'a>, &'static str> {
    if given.value("client_id") != world.tokens.client_id() {
        return Err("The client_id is unknown.");
    }
    let back = Url::parse(given.value("redirect_uri")).ok().filter(is_here);
    // An address that nobody vouches for is not repeated either.
    let words =
        "The redirect_uri is none of this client: it must be http or https on this machine, without a fragment.";
    let back = back.ok_or(words)?;
    Ok(Wish { back, state: given.value("state") })
}

/// PKCE's challenge, if the client sent one.
fn challenge(given: &Parameters<'_>) -> Result<Option<String>, Refusal> {
    if given.value("response_type") != "code" {
        return Err(Refusal("unsupported_response_type", "response_type must be code."));
    }
    let challenge = given.value("code_challenge");
    match (challenge, given.value("code_challenge_method")) {
        ("", "") => Ok(None),
        (challenge, "S256") if is_challenge(challenge) => Ok(Some(challenge.to_owned())),
        (_, "S256") => Err(Refusal("invalid_request", "code_challenge must be a SHA-256 in base64url.")),
        _ => Err(Refusal("invalid_request", "code_challenge_method must be S256.")),
    }
}

fn is_challenge(text: &str) -> bool {
    text.len() == CHALLENGE_LENGTH && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// Whether an address is on this machine: codes of a simulator go nowhere else.
fn is_here(url: &Url) -> bool {
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        None => false,
    };
    loopback && matches!(url.scheme(), "http" | "https") && url.fragment().is_none() && url.username().is_empty()
}

impl<'a> Parameters<'a> {
    fn of(ask: &Ask<'a>) -> Self {
        Self(form_urlencoded::parse(ask.body).chain(form_urlencoded::parse(ask.query.as_bytes())).collect())
    }

    /// A parameter, empty if it is missing.
    fn value(&self, name: &str) -> &str {
        self.0.iter().find(|(given, _)| given == name).map_or("", |(_, value)| value)
    }
}

impl Wish<'_> {
    fn refused(self, Refusal(error, words): &Refusal) -> Reply {
        self.answered(&[("error", *error), ("error_description", *words)])
    }

    /// Sends the user's browser back to the client.
    fn answered(mut self, answer: &[(&str, &str)]) -> Reply {
        let said = answer.iter().copied().chain([("state", self.state)]).filter(|(_, value)| !value.is_empty());
        self.back.query_pairs_mut().extend_pairs(said);
        let reply = Reply::empty(StatusCode::FOUND).with(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // A URL is visible ASCII: there is nothing to go wrong.
        match HeaderValue::try_from(self.back.as_str()) {
            Ok(back) => reply.with(LOCATION, back),
            Err(_) => reply,
        }
    }
}

/// The page for a client that cannot be answered.
fn stranger(words: &'static str) -> Reply {
    page(StatusCode::BAD_REQUEST, "Cannot log in", &format!("<p>{words}</p>"))
}

fn page(status: StatusCode, title: &str, content: &str) -> Reply {
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>{title} - {ORGANIZATION}</title></head>\n\
         <body>\n<h1>{title}</h1>\n{content}\n</body>\n</html>\n"
    );
    Reply::html(status, page)
        .with(CACHE_CONTROL, HeaderValue::from_static("no-store"))
        .with(CONTENT_SECURITY_POLICY, POLICY)
}

/// The form, which goes to where the page came from, under whatever path a gateway put it.
fn form(users: &[Person], given: &Parameters<'_>) -> String {
    let hidden = |name: &&str| {
        let value = escaped(given.value(name));
        format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">\n")
    };
    let option = |user: &Person| {
        format!("<option value=\"{}\">{} ({})</option>\n", user.id, escaped(&user.name), escaped(&user.email))
    };
    let hidden: String = CARRIED.iter().filter(|name| !given.value(name).is_empty()).map(hidden).collect();
    let options: String = users.iter().map(option).collect();
    format!(
        "<p>A program of this machine asks to act for you in Genesys Cloud (simulated).</p>\n\
         <form method=\"post\" action=\"authorize\">\n{hidden}\
         <p><label for=\"user\">User</label> <select id=\"user\" name=\"user\">\n{options}</select></p>\n\
         <p><button id=\"allow\" type=\"submit\" name=\"decision\" value=\"allow\">Allow</button>\n\
         <button id=\"deny\" type=\"submit\" name=\"decision\" value=\"deny\">Deny</button></p>\n</form>"
    )
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(character),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_go_back_to_this_machine_only() {
        let here = |url: &str| Url::parse(url).is_ok_and(|url| is_here(&url));
        for url in ["http://localhost:8085/", "https://127.0.0.1/cb?a=b", "http://[::1]:1/", "http://app.localhost/"] {
            assert!(here(url), "{url}");
        }
        for url in [
            "https://example.com/",
            "http://localhost.example.com/",
            "http://localhost@example.com/",
            "http://user@localhost/",
            "http://localhost/#fragment",
            "ftp://localhost/",
            "javascript:alert(1)",
            "/relative",
            "",
        ] {
            assert!(!here(url), "{url}");
        }
    }

    #[test]
    fn nothing_of_the_address_becomes_markup() {
        assert_eq!(escaped("\"><script>'&"), "&quot;&gt;&lt;script&gt;&#39;&amp;");
    }
}
