//! Sockets: accepts connections and serves each in its own task, until told to stop.

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::pin::pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use futures_util::future::{Either, select};
use http::Request;
use http_body::Body as HttpBody;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tower_service::Service;

use super::error::SimError;
use super::handoff::Handoff;
use super::line::{Cut, Line};
use crate::clock::SharedClock;

/// After an `accept` that failed, mostly for want of file descriptors.
const BREATH: Duration = Duration::from_millis(10);

/// Listens on loopback.
pub(super) async fn listen(port: u16) -> Result<(TcpListener, u16), SimError> {
    let failed = |source| SimError::Bind { port, source };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(failed)?;
    let port = listener.local_addr().map_err(failed)?.port();
    Ok((listener, port))
}

/// Serves until `stopping` changes or its sender is gone. When `stopping` is dropped, port and connections are free.
pub(super) async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    clock: SharedClock,
    mut stopping: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = {
            let (accept, stop) = (pin!(listener.accept()), pin!(stopping.changed()));
            match select(stop, accept).await {
                Either::Left(_) => break,
                Either::Right((accepted, _)) => accepted,
            }
        };
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok((stream, _)) => drop(connections.spawn(connection(stream, tls.clone(), router.clone()))),
            Err(_) => clock.sleep_until(clock.now() + BREATH).await,
        }
    }
    drop(listener);
    connections.shutdown().await;
}

async fn connection(stream: TcpStream, tls: Option<TlsAcceptor>, router: Router) {
    // Small answers must not wait for more; a socket that refuses is slower and no worse.
    let _ = stream.set_nodelay(true);
    let cut = Cut::default();
    let line = Line::new(stream, cut.clone());
    match tls {
        None => speak(line, cut, router).await,
        Some(tls) => {
            // A handshake that fails is the client's to report.
            if let Ok(line) = tls.accept(line).await {
                speak(line, cut, router).await;
            }
        }
    }
}

async fn speak(line: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, cut: Cut, router: Router) {
    let handoff = Handoff::default();
    let service = TowerToHyperService::new(Tagged { router, cut: cut.clone(), handoff: handoff.clone() });
    let builder = Builder::new(TokioExecutor::new());
    let served = pin!(builder.serve_connection_with_upgrades(TokioIo::new(line), service));
    let pulled = pin!(cut.pulled());
    // However it ends, the client has seen it; dropping the loser drops the socket.
    if let Either::Left(_) = select(served, pulled).await {
        handoff.go_on().await;
    }
}

/// The router, which gives each request the cord of its connection, and a way to go on with it.
#[derive(Clone)]
struct Tagged {
    router: Router,
    cut: Cut,
    handoff: Handoff,
}

impl<B> Service<Request<B>> for Tagged
where
    B: HttpBody<Data = bytes::Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = <Router as Service<Request<Body>>>::Future;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        request.extensions_mut().insert(self.cut.clone());
        request.extensions_mut().insert(self.handoff.clone());
        self.router.call(request.map(Body::new))
    }
}
