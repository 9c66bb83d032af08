//! The way into a simulator without sockets: a request is a value, and so is its answer.
//!
//! The same router and the same world as behind the sockets. Nothing in here needs a runtime, so that client and
//! simulator can run in one thread, on one clock, under a schedule that a seed fixes.

use std::fmt;
use std::pin::pin;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::response::Response;
use bytes::Bytes;
use futures_util::future::{Either, select};
use http::{HeaderMap, Method, Request, StatusCode, Uri};
use tower_service::Service;

use super::door_socket::{DoorSocket, Doorway};
use super::line::Cut;

/// A door of one simulator. Clones are doors of the same.
#[derive(Clone)]
pub struct Door {
    router: Router,
}

impl Door {
    pub(super) fn new(router: Router) -> Self {
        Self { router }
    }

    /// One request on a connection of its own. It arrives when the future is first polled. None: the connection died,
    /// before the answer or in the middle of it.
    pub fn ask(
        &self,
        method: Method,
        path_and_query: &str,
        headers: HeaderMap,
        body: Bytes,
    ) -> impl Future<Output = Option<(StatusCode, HeaderMap, Bytes)>> + Send + use<> {
        let mut router = self.router.clone();
        let uri = Uri::try_from(path_and_query);
        async move {
            let Ok(uri) = uri else {
                // As a server of HTTP does that cannot read the request line.
                return Some((StatusCode::BAD_REQUEST, HeaderMap::new(), Bytes::new()));
            };
            let mut request = Request::new(Body::from(body));
            *request.method_mut() = method;
            *request.uri_mut() = uri;
            *request.headers_mut() = headers;
            let (head, body) = pass(&mut router, request).await?.into_parts();
            let body = to_bytes(body, usize::MAX).await.ok()?;
            Some((head.status, head.headers, body))
        }
    }

    /// Opens the socket of a notification channel, by the path of its `connectUri`. None: it was refused, or died.
    pub fn connect(&self, path: &str) -> impl Future<Output = Option<DoorSocket>> + Send + use<> {
        let mut router = self.router.clone();
        let uri = Uri::try_from(path);
        async move {
            let doorway = Doorway::default();
            let mut request = Request::new(Body::empty());
            *request.uri_mut() = uri.ok()?;
            request.extensions_mut().insert(doorway.clone());
            pass(&mut router, request).await?;
            doorway.socket()
        }
    }
}

/// None: the connection died.
async fn pass(router: &mut Router, mut request: Request<Body>) -> Option<Response> {
    let cut = Cut::default();
    request.extensions_mut().insert(cut.clone());
    let answered = pin!(router.call(request));
    match select(answered, pin!(cut.pulled())).await {
        Either::Left((Ok(response), _)) => Some(response),
        Either::Left((Err(never), _)) => match never {},
        Either::Right(_) => None,
    }
}

impl fmt::Debug for Door {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Door").finish_non_exhaustive()
    }
}
