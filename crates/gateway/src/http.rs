//! HTTP: readings in, and how the gateway is.
//!
//! ```text
//! POST /readings          signed readings, one or a CBOR sequence (application/cose)
//! POST /sources/DEVICE    a message of a source that cannot sign; `?adapter=senml` says how to read it
//! GET  /health            200 where readings are taken, 503 where not
//! GET  /status            counts and what waits (JSON); for whoever has a credential
//! GET  /metrics           the same for Prometheus
//! ```
//! Credentials are those of MQTT: Basic, or Bearer with a password that the gateway made. `readings` and
//! `sources/DEVICE` count as topics. An answer of 200 means that everything is on the disk.

mod readings;
mod status;

use core::{
    pin::Pin,
    task::{Context, Poll},
};
use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::DefaultBodyLimit,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
    serve::Listener,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
};

use crate::{
    clients::{Client, Clients, Denied},
    intake::Intake,
    limits::{HTTP_BODY_BYTES_MAX, HTTP_CONNECTIONS_MAX, HTTP_REQUESTS_MAX, HTTP_SECONDS_MAX},
    mqtt,
    refusal::Refusal,
    state::State,
    stop::stopped,
};

/// What requests need.
#[derive(Clone, Debug)]
pub struct Served {
    /// The way in.
    pub intake: Arc<Intake>,
    /// Who may send.
    pub clients: Arc<Clients>,
    /// Connections over MQTT.
    pub mqtt: Arc<mqtt::Server>,
    /// How batches do.
    pub state: Arc<State>,
}

/// An error, as JSON with a reason by which it is counted.
pub(crate) struct Problem(StatusCode, &'static str, String);

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self(status, reason, message) = self;
        let body = Json(json!({"error": {"reason": reason, "message": message}}));
        let mut response = (status, body).into_response();
        if status == StatusCode::UNAUTHORIZED {
            let ask = header::HeaderValue::from_static("Basic realm=\"gateway\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, ask);
        }
        response
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let status = StatusCode::from_u16(refusal.status());
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self(status, refusal.reason(), refusal.to_string())
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        let status = match denied {
            Denied::Wrong => StatusCode::UNAUTHORIZED,
            Denied::Blocked => StatusCode::TOO_MANY_REQUESTS,
        };
        Self(status, "credential", denied.to_string())
    }
}

impl Served {
    /// Whose request it is.
    pub(crate) async fn client(&self, headers: &HeaderMap) -> Result<Arc<Client>, Problem> {
        let value = headers.get(header::AUTHORIZATION);
        let value = value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        if let Some(token) = value.strip_prefix("Bearer ") {
            return Ok(self.clients.by_token(token.trim().as_bytes())?);
        }
        let pair = value
            .strip_prefix("Basic ")
            .and_then(|text| STANDARD.decode(text.trim()).ok());
        let pair = pair.map(zeroize::Zeroizing::new);
        let pair = pair.as_ref().and_then(|pair| {
            let colon = pair.iter().position(|byte| *byte == b':')?;
            let (user, password) = pair.split_at_checked(colon)?;
            Some((core::str::from_utf8(user).ok()?, password.get(1..)?))
        });
        match pair {
            Some((user, password)) => Ok(self.clients.by_password(user, password).await?),
            None => Err(Denied::Wrong.into()),
        }
    }
}

/// The routes.
pub fn router(served: Served) -> Router {
    let room = Arc::new(Semaphore::new(HTTP_REQUESTS_MAX));
    let bounded = move |request: axum::extract::Request, next: axum::middleware::Next| {
        let room = room.clone();
        async move {
            let Ok(_permit) = room.try_acquire() else {
                return Problem::from(Refusal::Busy("HTTP_REQUESTS_MAX")).into_response();
            };
            let wait = Duration::from_secs(HTTP_SECONDS_MAX);
            match tokio::time::timeout(wait, next.run(request)).await {
                Ok(response) => response,
                Err(_) => Problem::from(Refusal::Busy("HTTP_SECONDS_MAX")).into_response(),
            }
        }
    };
    Router::new()
        .route("/readings", post(readings::signed))
        .route("/sources/{device}", post(readings::source))
        .route("/health", get(status::health))
        .route("/status", get(status::status))
        .route("/metrics", get(status::metrics))
        .layer(DefaultBodyLimit::max(HTTP_BODY_BYTES_MAX))
        .layer(axum::middleware::from_fn(bounded))
        .with_state(served)
}

/// Serves until `stop` is said.
pub async fn serve(served: Served, listener: TcpListener, mut stop: watch::Receiver<bool>) {
    let until = async move { stopped(&mut stop).await };
    let listener = Bounded {
        listener,
        room: Arc::new(Semaphore::new(HTTP_CONNECTIONS_MAX)),
    };
    let server = axum::serve(listener, router(served)).with_graceful_shutdown(until);
    if let Err(e) = server.await {
        tracing::warn!(error = %e, "HTTP ended");
    }
}

/// A listener that takes so many connections at a time.
struct Bounded {
    listener: TcpListener,
    room: Arc<Semaphore>,
}

/// A connection with its place.
struct Placed {
    stream: TcpStream,
    _place: Option<OwnedSemaphorePermit>,
}

impl Listener for Bounded {
    type Io = Placed;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        // The semaphore is never closed.
        let place = self.room.clone().acquire_owned().await.ok();
        let (stream, peer) = Listener::accept(&mut self.listener).await;
        let _ = stream.set_nodelay(true);
        let placed = Placed {
            stream,
            _place: place,
        };
        (placed, peer)
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

impl AsyncRead for Placed {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Placed {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
