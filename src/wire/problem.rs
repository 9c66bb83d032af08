//! What a server says when it says no: the shapes of both wires and of OAuth, read with tolerance.

use std::time::{Duration, SystemTime};

use http::{StatusCode, header};
use serde_json::Value;

use crate::error::Problem;
use crate::exchange::{Authorization, Response, correlation_id};
use crate::secret::without_numbers;

/// Longer words are cut: an error is one sentence.
const LONGEST_MESSAGE: usize = 400;

/// Reads an answer outside 2xx. `now` is the time of day, for a Retry-After date in an answer without a date of its own.
pub fn problem(response: &Response, asked_with: &Authorization, now: SystemTime) -> Problem {
    // Once as text; once as names and values, for echoes that JSON escapes hide.
    let mut text = String::from_utf8_lossy(&response.body).into_owned();
    asked_with.scrub(&mut text);
    let mut body: Value = serde_json::from_str(&text).unwrap_or_default();
    scrub(&mut body, asked_with);
    let word = |name: &str| body.get(name).and_then(Value::as_str).filter(|w| !w.is_empty());
    let params = ["messageParams", "message_params"].iter().find_map(|name| body.get(*name)).cloned();
    let header = |name: header::HeaderName| response.headers.get(name)?.to_str().ok();
    let mut redirect = header(header::LOCATION).filter(|_| response.status.is_redirection()).and_then(origin_of);
    if let Some(target) = &mut redirect {
        asked_with.scrub(target);
    }
    let said = message(word, &response.body);
    Problem {
        code: word("code").or_else(|| word("error")).map(shortened),
        message_params: params.unwrap_or_default(),
        details: body.get("details").cloned().unwrap_or_default(),
        errors: body.get("errors").cloned().unwrap_or_default(),
        limit: body.get("limit").cloned().unwrap_or_default(),
        entity_id: word("entityId").map(str::to_owned),
        context_id: word("contextId").map(str::to_owned),
        correlation_id: correlation_id(response.correlation(), asked_with),
        retry_after: header(header::RETRY_AFTER)
            .and_then(|wish| {
                let said_at = header(header::DATE).and_then(|date| httpdate::parse_http_date(date).ok());
                retry_after(wish, said_at.unwrap_or(now))
            })
            .or_else(|| (response.status == StatusCode::TOO_MANY_REQUESTS).then(|| wish_in_words(&said)).flatten()),
        redirect,
        message: said,
    }
}

fn message<'a>(word: impl Fn(&str) -> Option<&'a str>, body: &[u8]) -> String {
    let names = ["message", "messageWithParams", "error_description", "description", "error"];
    let words = names.into_iter().find_map(word);
    match words {
        Some(words) => shortened(words),
        None if is_markup(body) => "an HTML page, not the API's own words".into(),
        None => String::new(),
    }
}

/// Retry-After as seconds or as an HTTP date; None where it cannot be read.
fn retry_after(wish: &str, said_at: SystemTime) -> Option<Duration> {
    let wish = wish.trim();
    // Digits, and a fraction if they must: Rust would read "inf" and "1e3" as numbers too.
    if wish.starts_with(|c: char| c.is_ascii_digit()) && wish.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        let seconds = wish.parse().ok()?;
        // Beyond what a Duration holds it is as good as forever.
        return Some(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX));
    }
    let until = httpdate::parse_http_date(wish).ok()?;
    Some(until.duration_since(said_at).unwrap_or(Duration::ZERO))
}

/// What the published API says where it sends no Retry-After: "Retry the request in [3] seconds".
fn wish_in_words(message: &str) -> Option<Duration> {
    let (_, after) = message.split_once("Retry the request in [")?;
    let (seconds, _) = after.split_once(']')?;
    Some(Duration::from_secs(seconds.trim().parse::<u32>().ok()?.into()))
}

fn scrub(value: &mut Value, asked_with: &Authorization) {
    match value {
        Value::String(text) => {
            asked_with.scrub(text);
            without_numbers(text);
        }
        Value::Array(list) => list.iter_mut().for_each(|v| scrub(v, asked_with)),
        Value::Object(map) => {
            *map = std::mem::take(map)
                .into_iter()
                .map(|(mut name, mut value)| {
                    asked_with.scrub(&mut name);
                    scrub(&mut value, asked_with);
                    (name, value)
                })
                .collect();
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST_MESSAGE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn is_markup(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"<")
}

/// Scheme, host and port of an absolute redirect target; path and query may hold anything.
fn origin_of(location: &str) -> Option<String> {
    let url = url::Url::parse(location).ok()?;
    url.has_host().then(|| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::AccessToken;
    use bytes::Bytes;
    use http::HeaderMap;

    fn read(headers: &[(&'static str, &str)], body: &str) -> Problem {
        answered(StatusCode::FOUND, headers, body)
    }

    fn answered(status: StatusCode, headers: &[(&'static str, &str)], body: &str) -> Problem {
        let headers: HeaderMap = headers.iter().map(|(k, v)| (k.parse().unwrap(), v.parse().unwrap())).collect();
        let response = Response { status, headers, body: Bytes::from(body.to_owned()) };
        let asked_with = Authorization::Bearer(AccessToken::new("s3cr3t-token").unwrap());
        problem(&response, &asked_with, SystemTime::UNIX_EPOCH)
    }

    #[test]
    fn genesys_errors_and_oauth_errors_are_read() {
        let genesys = read(
            &[("ININ-Correlation-Id", "c1")],
            r#"{"message": "No", "code": "not.found", "contextId": "x", "details": [1]}"#,
        );
        assert_eq!((genesys.message.as_str(), genesys.code.as_deref()), ("No", Some("not.found")));
        assert_eq!((genesys.correlation_id.as_deref(), genesys.context_id.as_deref()), (Some("c1"), Some("x")));
        let oauth = read(&[], r#"{"error": "invalid_client", "description": "unknown client"}"#);
        assert_eq!((oauth.message.as_str(), oauth.code.as_deref()), ("unknown client", Some("invalid_client")));
    }

    #[test]
    fn an_error_body_is_read_whole() {
        let body = r#"{"messageWithParams": "The limit {key} is met", "status": 429, "entityId": "e1",
            "limit": {"key": "client.credentials.token.rate.per.minute", "namespace": "platform.api", "value": 300},
            "errors": [{"code": "x"}]}"#;
        let problem = read(&[], body);
        assert_eq!((problem.message.as_str(), problem.entity_id.as_deref()), ("The limit {key} is met", Some("e1")));
        assert_eq!((&problem.limit["value"], &problem.errors[0]["code"]), (&300.into(), &"x".into()));
    }

    #[test]
    fn a_wish_in_words_is_read_where_no_header_has_it() {
        let limited = StatusCode::TOO_MANY_REQUESTS;
        let body = r#"{"message": "Rate limit exceeded the maximum. Retry the request in [17] seconds"}"#;
        let seconds = |problem: Problem| problem.retry_after.map(|wish| wish.as_secs());
        assert_eq!(seconds(answered(limited, &[], body)), Some(17));
        assert_eq!(seconds(answered(limited, &[("retry-after", "3")], body)), Some(3));
        assert_eq!(seconds(answered(StatusCode::SERVICE_UNAVAILABLE, &[], body)), None);
        for junk in ["Retry the request in [] seconds", "Retry the request in [-1] seconds", "in [7] seconds"] {
            assert_eq!(seconds(answered(limited, &[], &format!(r#"{{"message": "{junk}"}}"#))), None, "{junk}");
        }
    }

    #[test]
    fn an_echoed_secret_is_removed_everywhere() {
        let echo = r#"{"message": "bad s3cr3t-token", "details": [{"s3cr3t-token": "s3cr3\u0074-token"}], "messageParams": {"t": "s3cr3t-token"}}"#;
        assert!(!format!("{:?}", read(&[("x-request-id", "s3cr3t-token")], echo)).contains("s3cr3t"));
    }

    #[test]
    fn a_callers_number_in_the_servers_words_is_removed() {
        let echo = r#"{"message": "caller +4989123456 (tel:030 1234) oops", "details": [{"number": "+1 202-555-0143"}], "code": "x"}"#;
        let told = format!("{:?}", read(&[], echo));
        assert!(!told.contains("89123456") && !told.contains("1234") && !told.contains("0143"), "{told}");
        assert!(told.contains("caller [number]"), "{told}");
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_measured_by_the_answers_own_clock() {
        let wish = |headers: &[(&'static str, &str)]| read(headers, "").retry_after.map(|d| d.as_secs_f64());
        assert_eq!(wish(&[("retry-after", "7")]), Some(7.0));
        assert_eq!(wish(&[("retry-after", "0.5")]), Some(0.5));
        let (date, later) = ("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:40 GMT");
        assert_eq!(wish(&[("retry-after", later), ("date", date)]), Some(3.0));
        assert_eq!(wish(&[("retry-after", date), ("date", later)]), Some(0.0));
        for junk in ["soon", "-1", "", "NaN"] {
            assert_eq!(wish(&[("retry-after", junk)]), None, "{junk}");
        }
    }

    #[test]
    fn a_redirect_shows_its_host_and_nothing_else() {
        assert_eq!(
            read(&[("location", "https://u:p@other.example/x?y")], "").redirect.as_deref(),
            Some("https://other.example")
        );
        assert_eq!(read(&[("location", "/elsewhere")], "").redirect, None);
    }
}
