//! Where the browser comes back to: a listener on this machine that takes one answer, and then is gone (RFC 8252
//! section 7.3). No other room of the client listens.
//!
//! Whatever runs on this machine, and every page in the browser, can knock here: what is not the answer is sent away.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener as StdListener};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::{BoxFuture, Either, FutureExt, pending, select};
use futures_util::stream::FuturesUnordered;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::clock::SharedClock;
use crate::error::Error;

/// The path that the browser comes back to.
const PATH: &str = "/callback";
/// More of a request is not read: a code is short.
const LARGEST_HEAD: usize = 16 * 1024;
/// Browsers connect in advance and say nothing: such a connection is let go after this long.
const SILENCE: Duration = Duration::from_secs(10);
const BREATH: Duration = Duration::from_millis(100);
/// More at a time are not listened to.
const MOST_CONNECTIONS: usize = 64;

/// The place that a browser comes back to, before it does.
#[derive(Debug)]
pub struct Callback {
    v4: StdListener,
    /// `localhost` may mean this one to a browser. It is not there on every machine.
    v6: Option<StdListener>,
    port: u16,
}

impl Callback {
    /// Takes the port; 0 takes a free one.
    pub fn listen(port: u16) -> Result<Self, Error> {
        let refused = |error: io::Error| {
            Error::Config(format!(
                "Port {port} of this machine cannot be listened on ({error}): choose another with redirect_port=, and \
                 have the OAuth client know it as a redirect URI."
            ))
        };
        let listen = |address: SocketAddr| {
            let listener = StdListener::bind(address)?;
            listener.set_nonblocking(true)?;
            Ok(listener)
        };
        let v4 = listen((Ipv4Addr::LOCALHOST, port).into()).map_err(refused)?;
        let port = v4.local_addr().map_err(refused)?.port();
        let v6 = match listen((Ipv6Addr::LOCALHOST, port).into()) {
            Ok(listener) => Some(listener),
            // Somebody else would get what the browser takes there.
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(refused(error)),
            Err(_) => None,
        };
        Ok(Self { v4, v6, port })
    }

    /// What the server is told that the browser is to come back to.
    pub fn redirect_uri(&self) -> String {
        format!("http://localhost:{}{PATH}", self.port)
    }

    /// Waits until the browser comes back; gives the query of its address. Call it on a runtime.
    pub async fn wait(self, clock: &SharedClock) -> Result<String, Error> {
        let broken = |error: io::Error| Error::Config(format!("The port for the browser cannot be used: {error}."));
        let v4 = TcpListener::from_std(self.v4).map_err(broken)?;
        let v6 = self.v6.map(TcpListener::from_std).transpose().map_err(broken)?;
        let mut guests: FuturesUnordered<BoxFuture<'_, Option<String>>> = FuturesUnordered::new();
        // So that it is never empty, and never at its end.
        guests.push(pending().boxed());
        loop {
            let knock = async {
                match &v6 {
                    Some(v6) => select(Box::pin(v4.accept()), Box::pin(v6.accept())).await.factor_first().0,
                    None => v4.accept().await,
                }
            };
            let knocked = match select(guests.next(), Box::pin(knock)).await {
                Either::Left((Some(Some(query)), _)) => return Ok(query),
                Either::Left(_) => continue,
                Either::Right((knocked, _)) => knocked,
            };
            match knocked {
                Ok((stream, _)) if guests.len() <= MOST_CONNECTIONS => {
                    guests.push(received(stream, self.port, clock).boxed());
                }
                // Too many: let go.
                Ok(_) => {}
                // No file descriptor is left, perhaps: it is tried again, and not at once.
                Err(_) => clock.sleep_until(clock.now() + BREATH).await,
            }
        }
    }
}

/// One connection: the query of an answer, or None.
async fn received(mut stream: TcpStream, port: u16, clock: &SharedClock) -> Option<String> {
    let end = clock.sleep_until(clock.now() + SILENCE);
    let talk = async {
        let head = head(&mut stream).await?;
        let (answer, query) = judge(&head, port);
        stream.write_all(answer.as_bytes()).await.ok()?;
        stream.shutdown().await.ok()?;
        query
    };
    match select(Box::pin(talk), end).await {
        Either::Left((query, _)) => query,
        Either::Right(_) => None,
    }
}

/// The head of a request.
async fn head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if head.len() >= LARGEST_HEAD || stream.read_buf(&mut head).await.ok()? == 0 {
            return None;
        }
    }
    String::from_utf8(head).ok()
}

/// What a request gets, and the query if it is an answer.
fn judge(head: &str, port: u16) -> (String, Option<String>) {
    let mut lines = head.split("\r\n");
    let mut words = lines.next().unwrap_or_default().split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    // A name that leads here by a trick of somebody's DNS is not ours.
    let host = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("host").then(|| value.trim())
    });
    let ours = ["localhost", "127.0.0.1", "[::1]"].map(|name| format!("{name}:{port}"));
    let is_ours = host.is_some_and(|host| ours.iter().any(|name| name.eq_ignore_ascii_case(host)));
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if !is_ours || path != PATH {
        return (page("404 Not Found", "There is nothing here."), None);
    }
    if method != "GET" {
        return (page("405 Method Not Allowed", "There is nothing here for that."), None);
    }
    let has = |wanted: &str| url::form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == wanted);
    if has("error") {
        (page("200 OK", "The login was not allowed. You may close this window."), Some(query.to_owned()))
    } else if has("code") {
        (page("200 OK", "gcrec has its answer. You may close this window."), Some(query.to_owned()))
    } else {
        (page("400 Bad Request", "This is no answer to a login."), None)
    }
}

/// A page with no script, which leaves no trace: its address holds the code.
fn page(status: &str, words: &str) -> String {
    let body = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>gcrec</title></head>\
         <body><p>{words}</p></body></html>\n"
    );
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
         Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nContent-Security-Policy: default-src 'none'\r\n\
         X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(request: &str) -> (String, Option<String>) {
        let (answer, query) = judge(request, 8085);
        (answer.split(' ').nth(1).unwrap().to_owned(), query)
    }

    #[test]
    fn one_path_of_one_host_is_listened_to() {
        let query = "code=c&state=s";
        let get = |target: &str, host: &str| status(&format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        for host in ["localhost:8085", "LOCALHOST:8085", "127.0.0.1:8085", "[::1]:8085"] {
            assert_eq!(get(&format!("/callback?{query}"), host), ("200".into(), Some(query.into())), "{host}");
        }
        assert_eq!(get("/callback?error=access_denied", "localhost:8085").1.as_deref(), Some("error=access_denied"));
        for (target, host, code) in [
            ("/callback?code=c", "evil.example:8085", "404"),
            ("/callback?code=c", "localhost:80", "404"),
            ("/favicon.ico", "localhost:8085", "404"),
            ("/callback/?code=c", "localhost:8085", "404"),
            ("/callback", "localhost:8085", "400"),
            ("/callback?coder=c", "localhost:8085", "400"),
        ] {
            assert_eq!(get(target, host), (code.into(), None), "{target} {host}");
        }
        assert_eq!(status("POST /callback?code=c HTTP/1.1\r\nHost: localhost:8085\r\n\r\n").0, "405");
        assert_eq!(status("nonsense\r\n\r\n").0, "404");
    }

    #[test]
    fn the_page_does_nothing_and_is_kept_by_nobody() {
        let (page, _) = judge("GET /callback?code=hunter22 HTTP/1.1\r\nHost: localhost:8085\r\n\r\n", 8085);
        for wanted in ["no-store", "no-referrer", "default-src 'none'", "You may close this window."] {
            assert!(page.contains(wanted), "{wanted}");
        }
        assert!(!page.contains("<script") && !page.contains("hunter22"));
    }

    #[test]
    fn a_port_that_is_taken_is_told_with_the_option_that_changes_it() {
        let first = Callback::listen(0).unwrap();
        let error = Callback::listen(first.port).unwrap_err().to_string();
        assert!(error.contains("redirect_port=") && error.contains(&first.port.to_string()), "{error}");
    }
}
