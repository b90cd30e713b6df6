//! The HTTP server: one origin for JSON-RPC, WebSocket, REST and the web app.

mod accept;
mod body;
mod guard;
mod measure;
mod patience;
mod routes;

use std::{future::Future, sync::Arc, time::Duration};

use alloy_primitives::B256;
use axum::Router;
use jsonrpsee::{
    core::{RegisterMethodError, middleware::RpcServiceBuilder, traits::IdProvider},
    server::{
        BatchRequestConfig, PingConfig, ServerConfig, ServerHandle, TowerService, stop_channel,
    },
    types::SubscriptionId,
};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, broadcast},
};

use crate::{
    backend::Backend,
    context::Context,
    limits::{
        BATCH_ENTRIES_MAX, BODY_SECONDS_MAX, CONNECTIONS_MAX, CONNECTIONS_PER_IP_MAX, FORWARDS_MAX,
        HEADER_SECONDS_MAX, LINGER_SECONDS_MAX, REPLICAS_AT_ONCE_MAX, REQUEST_BYTES_MAX,
        RESPONSE_BYTES_MAX, SEND_SECONDS_MAX, SUBSCRIPTION_QUEUE_MAX,
        SUBSCRIPTIONS_PER_CONNECTION_MAX, UPLOADS_MAX, WEBSOCKETS_MAX,
    },
    methods,
    metrics::Metrics,
};
pub(crate) use accept::Activity;
use guard::Guard;
use measure::MeasureLayer;

type RpcMiddleware = tower::layer::util::Stack<MeasureLayer, tower::layer::util::Identity>;
pub(crate) type JsonRpc = TowerService<RpcMiddleware, tower::layer::util::Identity>;

/// How the server serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Names by which clients may call the node, besides localhost and loopback addresses. Without
    /// this check a web page could reach a node behind its visitor's firewall (DNS rebinding).
    pub hosts: Vec<String>,
    /// Origins of web pages elsewhere that may use the node, such as an explorer's. None by default.
    pub origins: Vec<String>,
    /// Connections open at a time.
    pub connections_max: usize,
    /// Connections open at a time from one address that is not loopback.
    pub connections_per_ip_max: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            hosts: Vec::new(),
            origins: Vec::new(),
            connections_max: CONNECTIONS_MAX,
            connections_per_ip_max: CONNECTIONS_PER_IP_MAX,
        }
    }
}

/// How long the server waits for a client.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    /// For a request's header.
    pub(crate) header: Duration,
    /// For a JSON body.
    pub(crate) body: Duration,
    /// For the client to take in what is sent.
    pub(crate) send: Duration,
    /// For the client to close a connection that the server has closed.
    pub(crate) linger: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            header: Duration::from_secs(HEADER_SECONDS_MAX),
            body: Duration::from_secs(BODY_SECONDS_MAX),
            send: Duration::from_secs(SEND_SECONDS_MAX),
            linger: Duration::from_secs(LINGER_SECONDS_MAX),
        }
    }
}

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A method is registered twice.
    #[error("the JSON-RPC methods are inconsistent: {0}")]
    Methods(#[from] RegisterMethodError),
    /// The listener has no address.
    #[error("the listener is unusable: {0}")]
    Listener(#[from] std::io::Error),
}

/// Subscription ids are unguessable quantities: nobody can end another's subscription.
#[derive(Debug)]
struct HexIds;

impl IdProvider for HexIds {
    fn next_id(&self) -> SubscriptionId<'static> {
        format!("{:#x}", rand::random::<u128>() | (1 << 120)).into()
    }
}

/// What the routes share.
pub(crate) struct Shared<B> {
    pub(crate) context: Arc<Context<B>>,
    pub(crate) json_rpc: JsonRpc,
    pub(crate) guard: Guard,
    pub(crate) websockets: Arc<Semaphore>,
    pub(crate) uploads: Semaphore,
    pub(crate) forwards: Arc<Semaphore>,
    pub(crate) replicas: Arc<Semaphore>,
    /// JSON-RPC stops when this is dropped.
    _running: ServerHandle,
}

/// Serves `node` on `listener` until `stop` is ready, then lets go of all connections.
///
/// # Errors
/// Only at the start; a connection's failure is its own.
pub async fn serve<B: Backend>(
    listener: TcpListener,
    node: B,
    config: Config,
    stop: impl Future<Output = ()> + Send,
) -> Result<(), ServeError> {
    let metrics = Arc::new(Metrics::new());
    let pending = broadcast::Sender::new(usize::try_from(SUBSCRIPTION_QUEUE_MAX).unwrap_or(1));
    let pump = tokio::spawn(pump(node.clone(), pending.clone()));
    let context = Arc::new(Context::new(node, metrics.clone(), pending));
    let following = context.finalities.clone().follow(context.node.head());
    let following = tokio::spawn(following);
    let router = assemble(context, &config, metrics.clone())?;
    accept::until(listener, router, &config, metrics, stop).await?;
    pump.abort();
    following.abort();
    Ok(())
}

/// What [`serve`] serves, without connections: for who brings requests in another way. Nobody is told
/// of transactions that wait, or how long blocks took to be final.
///
/// # Errors
/// Where the methods are inconsistent.
pub fn service<B: Backend>(node: B, config: &Config) -> Result<Router, ServeError> {
    let metrics = Arc::new(Metrics::new());
    let context = Context::new(node, metrics.clone(), broadcast::Sender::new(1));
    assemble(Arc::new(context), config, metrics)
}

fn assemble<B: Backend>(
    context: Arc<Context<B>>,
    config: &Config,
    metrics: Arc<Metrics>,
) -> Result<Router, ServeError> {
    let pool = context.node.pool().clone();
    let module = methods::module(context.clone())?;
    let names = Arc::new(module.method_names().collect());
    let (stop_handle, running) = stop_channel();
    let json_rpc = jsonrpsee::server::Server::builder()
        .set_config(json_rpc_config())
        .set_rpc_middleware(RpcServiceBuilder::new().layer(MeasureLayer::new(metrics, names, pool)))
        .to_service_builder()
        .build(module, stop_handle);
    let shared = Arc::new(Shared {
        context,
        json_rpc,
        guard: Guard::new(config),
        websockets: Arc::new(Semaphore::new(WEBSOCKETS_MAX)),
        uploads: Semaphore::new(UPLOADS_MAX),
        forwards: Arc::new(Semaphore::new(FORWARDS_MAX)),
        replicas: Arc::new(Semaphore::new(REPLICAS_AT_ONCE_MAX)),
        _running: running,
    });
    Ok(routes::router(shared))
}

fn json_rpc_config() -> ServerConfig {
    ServerConfig::builder()
        .max_request_body_size(REQUEST_BYTES_MAX)
        .max_response_body_size(RESPONSE_BYTES_MAX)
        .max_subscriptions_per_connection(SUBSCRIPTIONS_PER_CONNECTION_MAX)
        .set_batch_request_config(BatchRequestConfig::Limit(BATCH_ENTRIES_MAX))
        .set_message_buffer_capacity(SUBSCRIPTION_QUEUE_MAX)
        .set_id_provider(HexIds)
        // Connections are counted by the accept loop; this one counts requests too.
        .max_connections(u32::MAX >> 4)
        .enable_ws_ping(PingConfig::new())
        .build()
}

/// Passes hashes of new transactions on to whoever listens.
async fn pump<B: Backend>(node: B, pending: broadcast::Sender<B256>) {
    use futures::StreamExt as _;
    let Some(mut hashes) = node.pool().subscribe() else {
        tracing::warn!(
            "the pool has no room for the RPC to listen: no news of pending transactions"
        );
        return;
    };
    while let Some(hash) = hashes.next().await {
        // Nobody may be listening; that is fine.
        let _ = pending.send(hash);
    }
}
