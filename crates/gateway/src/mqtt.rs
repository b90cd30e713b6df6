//! MQTT 5 and 3.1.1, for those who publish.
//!
//! A library without I/O of its own (`mqtt-protocol-core`) keeps the protocol's state; this module reads
//! and writes the sockets, and acknowledges a message when it is on the disk. Nothing is handed out:
//! subscriptions are refused, nothing is retained, last wills are nobody's.
//!
//! - Acknowledgements come in the order of the messages. QoS 2 is acknowledged (PUBREC) when the message
//!   is on the disk; what comes again is a duplicate by its content.
//! - What is refused for good is acknowledged as refused: by a reason code in MQTT 5, and like any other in
//!   3.1.1, which has no word for it. What is refused for now ends the connection, so that the client
//!   sends it again; a full store is told an MQTT 5 client as 0x97.
//! - A second connection of a user with the same client identifier ends the first (0x8E). With another
//!   identifier it is refused (0x97) and counted when the user has as many connections as it may. An
//!   identifier that another user is connected with is refused (0x85) and counted.
//! - Sessions: what a session is to remember is which client has one; the rest is known by the content of
//!   messages. It survives the gateway's end.
//!
//! rumqttd was looked at first: it acknowledges a message when it is in its log in memory, before anybody
//! else sees it, which is the one thing that a gateway must not do.

mod answer;
mod connection;
mod greeting;
mod messages;
mod seats;

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
};
use tokio_rustls::TlsAcceptor;
use tracing::{debug, warn};

use crate::{
    clients::Clients,
    intake::Intake,
    limits::{CONNECTIONS_MAX, GREETING_SECONDS_MAX, STRANGERS_MAX},
    stop::stopped,
};
use seats::Seats;

/// What happened to connections.
#[derive(Debug, Default)]
pub struct Happened {
    /// Connections that were let in.
    pub connections: AtomicU64,
    /// Connections that a newer one with the same identifier ended.
    pub taken_over: AtomicU64,
    /// Connections refused because their credential was in use elsewhere.
    pub credential_in_use: AtomicU64,
    /// Connections refused because another user has their identifier.
    pub identifier_in_use: AtomicU64,
    /// Connections that broke the protocol.
    pub protocol_errors: AtomicU64,
    /// Subscriptions refused.
    pub subscriptions: AtomicU64,
}

pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// All connections.
#[derive(Debug)]
pub struct Server {
    intake: Arc<Intake>,
    clients: Arc<Clients>,
    seats: Seats,
    room: Arc<Semaphore>,
    strangers: Arc<Semaphore>,
    /// What happened.
    pub happened: Happened,
}

impl Server {
    /// A server that gives what comes to `intake`.
    pub fn new(intake: Arc<Intake>, clients: Arc<Clients>) -> Arc<Self> {
        Arc::new(Self {
            intake,
            clients,
            seats: Seats::default(),
            room: Arc::new(Semaphore::new(CONNECTIONS_MAX)),
            strangers: Arc::new(Semaphore::new(STRANGERS_MAX)),
            happened: Happened::default(),
        })
    }

    /// Connections that are open.
    pub fn connected(&self) -> usize {
        self.seats.len()
    }

    /// Takes connections until `stop` is said, and ends those that are open then.
    pub async fn serve(
        self: Arc<Self>,
        listener: TcpListener,
        tls: Option<TlsAcceptor>,
        mut stop: watch::Receiver<bool>,
    ) {
        let mut connections = tokio::task::JoinSet::new();
        loop {
            tokio::select! {
                () = stopped(&mut stop) => break,
                Some(_) = connections.join_next(), if !connections.is_empty() => {}
                accepted = listener.accept() => match accepted {
                    Ok((stream, peer)) => {
                        let (Ok(room), Ok(stranger)) = (
                            self.room.clone().try_acquire_owned(),
                            self.strangers.clone().try_acquire_owned(),
                        ) else {
                            warn!(%peer, "too many connections");
                            continue;
                        };
                        let (server, tls, stop) = (self.clone(), tls.clone(), stop.clone());
                        connections.spawn(async move {
                            server.connected_by(stream, peer, tls, stranger, stop).await;
                            drop(room);
                        });
                    }
                    Err(e) => {
                        // No file descriptors, say: it passes.
                        warn!(error = %e, "a connection could not be taken");
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                },
            }
        }
        drop(listener);
        while connections.join_next().await.is_some() {}
    }

    async fn connected_by(
        self: Arc<Self>,
        stream: TcpStream,
        peer: SocketAddr,
        tls: Option<TlsAcceptor>,
        stranger: tokio::sync::OwnedSemaphorePermit,
        stop: watch::Receiver<bool>,
    ) {
        let _ = stream.set_nodelay(true);
        match tls {
            None => connection::serve(&self, stream, peer, stranger, stop).await,
            Some(tls) => {
                let wait = Duration::from_secs(GREETING_SECONDS_MAX);
                match tokio::time::timeout(wait, tls.accept(stream)).await {
                    Ok(Ok(stream)) => connection::serve(&self, stream, peer, stranger, stop).await,
                    Ok(Err(e)) => debug!(%peer, error = %e, "no TLS"),
                    Err(_) => debug!(%peer, "no TLS in time"),
                }
            }
        }
    }
}
