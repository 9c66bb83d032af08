//! Text messages both ways: a WebSocket (RFC 6455), through the same proxy, trust and timeouts as the requests.

use std::pin::Pin;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::{Ready, ready};
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use http::header::{CONNECTION, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error as Broken, Message};
use url::Url;

use super::{Failure, LARGEST_BODY};
use crate::clock::unguessable;
use crate::config::BaseUrl;
use crate::error::{Sent, TransportKind};

/// What comes in and goes out, text by text; the end of the stream is the end of the socket. Errors are words.
pub trait Texts: Stream<Item = Result<String, String>> + Sink<String, Error = String> + Send {}

impl<T: Stream<Item = Result<String, String>> + Sink<String, Error = String> + Send> Texts for T {}

/// An open socket. Dropping it closes it.
pub type Socket = Pin<Box<dyn Texts>>;

/// Opens the socket at `uri`, which a server of `base_url` named. The address itself lets anybody in who knows it: no word
/// of it is shown, and no token is sent to it.
pub(super) async fn open(client: &reqwest::Client, base_url: &BaseUrl, uri: &str) -> Result<Socket, Failure> {
    let url = address(uri, base_url).map_err(Failure::unsendable)?;
    let response = client.get(url).headers(handshake()?).send().await.map_err(|e| Failure::of(e, Sent::Maybe))?;
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Err(broken(format!("HTTP {} came where a WebSocket was to begin", response.status().as_u16())));
    }
    // The accept key is not checked: it guards against caches that replay a 101, and TLS has none of those in between.
    let stream = response.upgrade().await.map_err(|e| Failure::of(e, Sent::Maybe))?;
    let limits = WebSocketConfig::default().max_message_size(Some(LARGEST_BODY)).max_frame_size(Some(LARGEST_BODY));
    let socket = WebSocketStream::from_raw_socket(stream, Role::Client, Some(limits)).await;
    Ok(Box::pin(
        socket
            .with(|text: String| -> Ready<Result<Message, Broken>> { ready(Ok(Message::text(text))) })
            .sink_map_err(|error| error.to_string())
            .filter_map(|message| ready(text_of(message))),
    ))
}

/// Pings are answered below this; what is no text is passed over.
fn text_of(message: Result<Message, Broken>) -> Option<Result<String, String>> {
    match message {
        Ok(Message::Text(text)) => Some(Ok(text.as_str().to_owned())),
        Ok(_) => None,
        Err(error) => Some(Err(error.to_string())),
    }
}

/// As the HTTP stack wants it. Without TLS only where all else goes without it: on this machine.
fn address(uri: &str, base_url: &BaseUrl) -> Result<Url, &'static str> {
    let plain = match uri.split_once("://") {
        Some(("wss", rest)) => format!("https://{rest}"),
        Some(("ws", rest)) if !base_url.is_https() => format!("http://{rest}"),
        _ => return Err("the server named a socket that is not wss://"),
    };
    let url = Url::parse(&plain).map_err(|_| "the server named a socket whose address cannot be read")?;
    if url.scheme() == "http" && plain.parse::<BaseUrl>().is_err() && !here(&url) {
        return Err("the server named a ws:// socket that is not on this machine");
    }
    Ok(url)
}

/// Is it on this machine? A base URL that is not https must be; its query does not matter here.
fn here(url: &Url) -> bool {
    let mut bare = url.clone();
    bare.set_query(None);
    bare.set_fragment(None);
    bare.as_str().parse::<BaseUrl>().is_ok()
}

fn handshake() -> Result<HeaderMap, Failure> {
    let mut nonce = [0; 16];
    unguessable(&mut nonce).ok_or_else(|| Failure::unsendable("this machine gives no random numbers"))?;
    let key = HeaderValue::try_from(STANDARD.encode(nonce)).map_err(|_| Failure::unsendable("no header value"))?;
    let fixed = |name: HeaderName, value| (name, HeaderValue::from_static(value));
    let headers = [
        fixed(CONNECTION, "Upgrade"),
        fixed(UPGRADE, "websocket"),
        fixed(SEC_WEBSOCKET_VERSION, "13"),
        (SEC_WEBSOCKET_KEY, key),
    ];
    Ok(headers.into_iter().collect())
}

fn broken(reason: String) -> Failure {
    Failure::Broken { kind: TransportKind::Broken, sent: Sent::Maybe, reason, source: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_is_never_less_safe_than_the_requests() {
        let (cloud, here) = ("https://api.mypurecloud.com", "http://127.0.0.1:8080");
        for (base_url, uri, allowed) in [
            (cloud, "wss://streaming.mypurecloud.com/channels/a?b=c", true),
            (cloud, "ws://streaming.mypurecloud.com/channels/a", false),
            (cloud, "ws://127.0.0.1/channels/a", false),
            (cloud, "https://streaming.mypurecloud.com/channels/a", false),
            (cloud, "", false),
            (here, "ws://127.0.0.1:8080/channels/a?b=c", true),
            (here, "ws://streaming.mypurecloud.com/channels/a", false),
        ] {
            assert_eq!(address(uri, &base_url.parse().unwrap()).is_ok(), allowed, "{uri}");
        }
    }
}
