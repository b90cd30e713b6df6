//! Counting calls, sharing one budget of time between the calls of a batch, and answering a sender only
//! when its transactions are in the pool's journal: once for a batch, not once for each call of it.

use std::{collections::HashSet, future::Future, sync::Arc, time::Instant};

use commonhold_pool::Pool;
use jsonrpsee::{
    BatchResponseBuilder, MethodResponse,
    core::middleware::{Batch, BatchEntry, Notification, RpcServiceT},
    types::{ErrorObject, Request},
};

use crate::{
    limits::{BATCH_MILLIS_MAX, RESPONSE_BYTES_MAX},
    metrics::Metrics,
};

#[derive(Clone)]
pub(crate) struct MeasureLayer {
    metrics: Arc<Metrics>,
    names: Arc<HashSet<&'static str>>,
    pool: Pool,
}

impl MeasureLayer {
    pub(crate) const fn new(
        metrics: Arc<Metrics>,
        names: Arc<HashSet<&'static str>>,
        pool: Pool,
    ) -> Self {
        Self {
            metrics,
            names,
            pool,
        }
    }
}

/// Whether a call's answer acknowledges a transaction.
fn acknowledges(method: &str) -> bool {
    method.starts_with("eth_sendRawTransaction")
}

impl<S> tower::Layer<S> for MeasureLayer {
    type Service = Measure<S>;
    fn layer(&self, inner: S) -> Measure<S> {
        Measure {
            inner,
            layer: self.clone(),
        }
    }
}

#[derive(Clone)]
pub(crate) struct Measure<S> {
    inner: S,
    layer: MeasureLayer,
}

impl<S> RpcServiceT for Measure<S>
where
    S: RpcServiceT<
            MethodResponse = MethodResponse,
            BatchResponse = MethodResponse,
            NotificationResponse = MethodResponse,
        > + Clone
        + Send
        + Sync
        + 'static,
{
    type MethodResponse = MethodResponse;
    type NotificationResponse = MethodResponse;
    type BatchResponse = MethodResponse;

    fn call<'a>(&self, request: Request<'a>) -> impl Future<Output = MethodResponse> + Send + 'a {
        let pool = acknowledges(request.method_name()).then(|| self.layer.pool.clone());
        let answer = self.counted(request);
        async move {
            let answer = answer.await;
            if let Some(pool) = pool {
                pool.saved().await;
            }
            answer
        }
    }

    fn batch<'a>(&self, batch: Batch<'a>) -> impl Future<Output = MethodResponse> + Send + 'a {
        let service = self.clone();
        async move {
            let mut acknowledged = false;
            let answer = service.each(batch, &mut acknowledged).await;
            if acknowledged {
                service.layer.pool.saved().await;
            }
            answer
        }
    }

    fn notification<'a>(
        &self,
        notification: Notification<'a>,
    ) -> impl Future<Output = MethodResponse> + Send + 'a {
        self.inner.notification(notification)
    }
}

impl<S> Measure<S>
where
    S: RpcServiceT<
            MethodResponse = MethodResponse,
            BatchResponse = MethodResponse,
            NotificationResponse = MethodResponse,
        > + Clone
        + Send
        + Sync
        + 'static,
{
    /// One call, counted and timed.
    fn counted<'a>(
        &self,
        request: Request<'a>,
    ) -> impl Future<Output = MethodResponse> + Send + 'a {
        let name = self
            .layer
            .names
            .get(request.method_name())
            .copied()
            .unwrap_or("unknown");
        let (inner, metrics) = (self.inner.clone(), self.layer.metrics.clone());
        async move {
            let begun = Instant::now();
            let response = inner.call(request).await;
            metrics.call(name, begun.elapsed(), response.is_success());
            response
        }
    }

    /// The calls of a batch, one after another, within one budget of time.
    async fn each(&self, batch: Batch<'_>, acknowledged: &mut bool) -> MethodResponse {
        let begun = Instant::now();
        let limit = usize::try_from(RESPONSE_BYTES_MAX).unwrap_or(usize::MAX);
        let mut answers = BatchResponseBuilder::new_with_limit(limit);
        let mut notified = false;
        for entry in batch {
            let answer = match entry {
                Ok(BatchEntry::Call(request)) => {
                    if begun.elapsed().as_millis() > u128::from(BATCH_MILLIS_MAX) {
                        MethodResponse::error(request.id.into_owned(), out_of_time())
                    } else {
                        *acknowledged |= acknowledges(request.method_name());
                        self.counted(request).await
                    }
                }
                Ok(BatchEntry::Notification(notification)) => {
                    self.inner.notification(notification).await;
                    notified = true;
                    continue;
                }
                Err(error) => {
                    let (error, id) = error.into_parts();
                    MethodResponse::error(id, error)
                }
            };
            if let Err(too_long) = answers.append(answer) {
                return too_long;
            }
        }
        if answers.is_empty() && notified {
            return MethodResponse::notification();
        }
        MethodResponse::from_batch(answers.finish())
    }
}

fn out_of_time() -> ErrorObject<'static> {
    let why = format!("the batch exceeds BATCH_MILLIS_MAX ({BATCH_MILLIS_MAX}): send fewer calls");
    ErrorObject::owned(-32005, why, None::<()>)
}
