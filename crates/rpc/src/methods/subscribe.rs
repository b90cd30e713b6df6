//! Subscriptions over WebSocket.
//!
//! A subscription follows the head and reads the index: it sees every block once and in order. A
//! client that does not take its messages loses the subscription, and hears why.

use std::{sync::Arc, time::Duration};

use alloy_rpc_types_eth::Filter;
use jsonrpsee::{
    PendingSubscriptionSink, RpcModule, SubscriptionSink,
    core::{RegisterMethodError, SubscriptionError},
    types::{ErrorObjectOwned, Params},
};
use serde::Serialize;
use serde_json::value::to_raw_value;
use tokio::sync::broadcast::error::RecvError;

use super::logs;
use crate::{
    backend::Backend,
    context::Context,
    convert,
    error::{Fault, Outcome},
    limits::SEND_SECONDS_MAX,
    metrics::Counted,
    params::Args,
};

pub(super) fn register<B: Backend>(
    module: &mut RpcModule<Context<B>>,
) -> Result<(), RegisterMethodError> {
    module.register_subscription(
        "eth_subscribe",
        "eth_subscription",
        "eth_unsubscribe",
        |params, pending, context, _| async move { subscribe(context, params, pending).await },
    )?;
    Ok(())
}

enum Kind {
    Heads,
    Logs(Box<Filter>),
    Pending {
        full: bool,
    },
    /// Never says anything: the node serves what is final.
    Syncing,
}

fn read(params: &Params<'_>) -> Outcome<Kind> {
    let mut args = Args::new(params)?;
    let kind: String = args.need("kind")?;
    match kind.as_str() {
        "newHeads" => Ok(Kind::Heads),
        "logs" => {
            let filter: Filter = args.may("filter")?.unwrap_or_default();
            logs::values(&filter).check()?;
            Ok(Kind::Logs(Box::new(filter)))
        }
        "newPendingTransactions" => Ok(Kind::Pending {
            full: args.may("full")?.unwrap_or(false),
        }),
        "syncing" => Ok(Kind::Syncing),
        other => Err(Fault::Params(format!("unknown subscription: {other}"))),
    }
}

async fn subscribe<B: Backend>(
    context: Arc<Context<B>>,
    params: Params<'_>,
    pending: PendingSubscriptionSink,
) -> Result<(), SubscriptionError> {
    let kind = match read(&params) {
        Ok(kind) => kind,
        Err(fault) => {
            pending.reject(ErrorObjectOwned::from(fault)).await;
            return Ok(());
        }
    };
    // Taken before the answer: what happens after the client has its id, it hears of.
    let mut heads = context.node.head();
    let mut waiting = context.pending.subscribe();
    let mut next = heads.borrow_and_update().number.saturating_add(1);
    // Counted before the answer too, or a client that looks at once would not find itself.
    let _counted = Counted::new(&context.metrics.subscriptions);
    let sink = pending.accept().await?;
    loop {
        tokio::select! {
            () = sink.closed() => return Ok(()),
            changed = heads.changed(), if matches!(kind, Kind::Heads | Kind::Logs(_)) => {
                if changed.is_err() {
                    return Ok(());
                }
                let head = heads.borrow_and_update().number;
                while next <= head {
                    tell(&context, &sink, &kind, next).await?;
                    next = next.saturating_add(1);
                }
            }
            hash = waiting.recv(), if matches!(kind, Kind::Pending { .. }) => {
                let hash = match hash {
                    Ok(hash) => hash,
                    Err(RecvError::Lagged(_)) => continue,
                    Err(RecvError::Closed) => return Ok(()),
                };
                let full = matches!(kind, Kind::Pending { full: true });
                match context.node.pool().get(&hash).filter(|_| full) {
                    Some(waiting) => send(&sink, &convert::pending(&waiting)).await?,
                    None if full => {}
                    None => send(&sink, &hash).await?,
                }
            }
        }
    }
}

async fn tell<B: Backend>(
    context: &Context<B>,
    sink: &SubscriptionSink,
    kind: &Kind,
    number: u64,
) -> Result<(), SubscriptionError> {
    let Some(entry) = context.index().block(number).map_err(|e| e.to_string())? else {
        return Ok(());
    };
    match kind {
        Kind::Heads => send(sink, &convert::header(&entry)).await,
        Kind::Logs(filter) => {
            for log in logs::to_json(&logs::values(filter).select(&entry)) {
                send(sink, &log).await?;
            }
            Ok(())
        }
        Kind::Pending { .. } | Kind::Syncing => Ok(()),
    }
}

async fn send(sink: &SubscriptionSink, item: &impl Serialize) -> Result<(), SubscriptionError> {
    let message = to_raw_value(item)?;
    sink.send_timeout(message, Duration::from_secs(SEND_SECONDS_MAX))
        .await
        .map_err(Into::into)
}
