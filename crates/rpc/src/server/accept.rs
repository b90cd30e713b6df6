//! Accepting connections. Where there are too many, the one that has idled longest gives way, so that
//! clients that connect and say nothing cannot keep others out.

use std::{
    collections::HashMap,
    future::Future,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{Router, body::Body, extract::Request, response::Response};
use hyper::{
    body::{Body as _, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use parking_lot::Mutex;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    task::{AbortHandle, JoinSet},
};
use tower::ServiceExt as _;

use super::{Config, Times, guard::Local, patience::Patience};
use crate::{
    limits::{HEADER_BYTES_MAX, HEADERS_MAX},
    metrics::{Counted, Metrics},
};

/// How long to wait after the system refused a connection (no file descriptors left, say).
const REFUSED_PAUSE: Duration = Duration::from_millis(50);

struct Slot {
    ip: IpAddr,
    /// Milliseconds from the server's start until the last request ended; `u64::MAX` while one runs.
    idle_since: Arc<AtomicU64>,
    abort: AbortHandle,
}

/// Connections that are open.
struct Open {
    begun: Instant,
    slots: Mutex<HashMap<u64, Slot>>,
}

impl Open {
    fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(0)
    }
    fn of_ip(&self, ip: IpAddr) -> usize {
        self.slots
            .lock()
            .values()
            .filter(|slot| slot.ip == ip)
            .count()
    }
    /// Closes the connection that has idled longest.
    fn make_room(&self) -> bool {
        let mut slots = self.slots.lock();
        let idle = slots
            .iter()
            .map(|(id, slot)| (slot.idle_since.load(Ordering::Relaxed), *id))
            .filter(|(since, _)| *since != u64::MAX)
            .min();
        let Some(slot) = idle.and_then(|(_, id)| slots.remove(&id)) else {
            return false;
        };
        slot.abort.abort();
        true
    }
}

/// Serves connections until `stop` is ready.
pub(super) async fn until(
    listener: TcpListener,
    router: Router,
    config: &Config,
    metrics: Arc<Metrics>,
    stop: impl Future<Output = ()> + Send,
) -> std::io::Result<()> {
    let open = Arc::new(Open {
        begun: Instant::now(),
        slots: Mutex::default(),
    });
    let mut tasks = JoinSet::new();
    let mut next = 0u64;
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            _ = tasks.join_next(), if !tasks.is_empty() => continue,
            accepted = listener.accept() => accepted,
        };
        let (stream, ip) = match accepted {
            Ok((stream, from)) => (stream, from.ip().to_canonical()),
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                open.make_room();
                tokio::time::sleep(REFUSED_PAUSE).await;
                continue;
            }
        };
        if !ip.is_loopback() && open.of_ip(ip) >= config.connections_per_ip_max {
            metrics.refuse("connections_per_ip");
            continue;
        }
        if open.slots.lock().len() >= config.connections_max && !open.make_room() {
            metrics.refuse("connections");
            continue;
        }
        next = next.wrapping_add(1);
        let activity = Activity::new(open.clone());
        let idle_since = activity.idle_since.clone();
        let connection = connection(stream, router.clone(), activity, metrics.clone());
        // The slot is there before the connection can end and take it away.
        let mut slots = open.slots.lock();
        let gone = Gone {
            open: open.clone(),
            id: next,
        };
        let abort = tasks.spawn(async move {
            let _gone = gone;
            connection.await;
        });
        slots.insert(
            next,
            Slot {
                ip,
                idle_since,
                abort,
            },
        );
    }
    tasks.shutdown().await;
    Ok(())
}

struct Gone {
    open: Arc<Open>,
    id: u64,
}

impl Drop for Gone {
    fn drop(&mut self) {
        self.open.slots.lock().remove(&self.id);
    }
}

/// What a connection is doing: while it waits for its client it may be closed to make room.
#[derive(Clone)]
pub(crate) struct Activity {
    open: Arc<Open>,
    idle_since: Arc<AtomicU64>,
}

impl Activity {
    fn new(open: Arc<Open>) -> Self {
        let idle_since = Arc::new(AtomicU64::new(open.now()));
        Self { open, idle_since }
    }
    /// The node works for the client now.
    pub(crate) fn busy(&self) {
        self.idle_since.store(u64::MAX, Ordering::Relaxed);
    }
    fn idle(&self) {
        self.idle_since.store(self.open.now(), Ordering::Relaxed);
    }
}

async fn connection(stream: TcpStream, router: Router, activity: Activity, metrics: Arc<Metrics>) {
    let _counted = Counted::new(&metrics.connections);
    let Ok(local) = stream.local_addr() else {
        return;
    };
    let _ = stream.set_nodelay(true);
    talk(stream, local, router, Times::default(), activity).await;
}

/// HTTP over one connection, until it ends.
async fn talk<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    local: SocketAddr,
    router: Router,
    times: Times,
    activity: Activity,
) {
    let io = TokioIo::new(Patience::new(stream, times.send, times.linger));
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let (router, activity) = (router.clone(), activity.clone());
        async move {
            let mut request: Request = request.map(Body::new);
            request.extensions_mut().insert(Local(local));
            request.extensions_mut().insert(activity.clone());
            // What comes with a body is not begun before the body is there.
            if request.body().is_end_stream() {
                activity.busy();
            }
            let upgrade = request.headers().contains_key(hyper::header::UPGRADE);
            let response: Result<Response, std::convert::Infallible> =
                router.oneshot(request).await;
            let streams = response
                .as_ref()
                .is_ok_and(|r| r.body().size_hint().exact().is_none());
            if !upgrade && !streams {
                activity.idle();
            }
            response
        }
    });
    let served = http1::Builder::new()
        // Without a timer the time limit is silently off.
        .timer(TokioTimer::new())
        .header_read_timeout(times.header)
        .max_header_size(HEADER_BYTES_MAX)
        .max_headers(HEADERS_MAX)
        .serve_connection(io, service)
        .with_upgrades()
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended");
    }
}

#[cfg(test)]
mod tests;
