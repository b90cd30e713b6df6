//! Counting calls, sharing one budget of time between the calls of a batch, and answering a sender only
//! when its transactions are in the pool's journal: once for a batch, not once for each call of it.
//! Where the journal cannot be written, the sender is told that instead of a hash.

use std::{collections::HashSet, future::Future, sync::Arc, time::Instant};

use commonhold_pool::Pool;
use jsonrpsee::{
    BatchResponseBuilder, MethodResponse,
    core::middleware::{Batch, BatchEntry, Notification, RpcServiceT},
    types::{ErrorObject, ErrorObjectOwned, Id, Request},
};

use crate::{
    error::Fault,
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

/// Whether a call's answer acknowledges a transaction that need not be final yet.
fn acknowledges(method: &str) -> bool {
    method == "eth_sendRawTransaction"
}

/// An answer, and the call's id where the answer acknowledges a transaction.
type Given = (MethodResponse, Option<Id<'static>>);

/// Waits until what `given` acknowledges is safe, or takes the word back.
async fn keep_word(pool: &Pool, given: &mut [Given]) {
    let acknowledges = |(_, id): &Given| id.is_some();
    if !given.iter().any(acknowledges) {
        return;
    }
    let Err(error) = pool.saved().await else {
        return;
    };
    let error = ErrorObjectOwned::from(Fault::from(error));
    for (answer, id) in given {
        if let Some(id) = id.take() {
            *answer = MethodResponse::error(id, error.clone());
        }
    }
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
        let service = self.clone();
        async move {
            let mut given = [service.answered(request).await];
            keep_word(&service.layer.pool, &mut given).await;
            let [(answer, _)] = given;
            answer
        }
    }

    fn batch<'a>(&self, batch: Batch<'a>) -> impl Future<Output = MethodResponse> + Send + 'a {
        let service = self.clone();
        async move {
            let (mut given, notified) = service.each(batch).await;
            keep_word(&service.layer.pool, &mut given).await;
            if given.is_empty() && notified {
                return MethodResponse::notification();
            }
            let limit = usize::try_from(RESPONSE_BYTES_MAX).unwrap_or(usize::MAX);
            let mut answers = BatchResponseBuilder::new_with_limit(limit);
            for (answer, _) in given {
                if let Err(too_long) = answers.append(answer) {
                    return too_long;
                }
            }
            MethodResponse::from_batch(answers.finish())
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

    /// One call, and its id where the answer acknowledges something.
    async fn answered(&self, request: Request<'_>) -> Given {
        let id = acknowledges(request.method_name()).then(|| request.id().into_owned());
        let answer = self.counted(request).await;
        let id = id.filter(|_| answer.is_success());
        (answer, id)
    }

    /// The calls of a batch, one after another, within one budget of time and bytes, and whether there
    /// were notifications.
    async fn each(&self, batch: Batch<'_>) -> (Vec<Given>, bool) {
        let begun = Instant::now();
        let limit = usize::try_from(RESPONSE_BYTES_MAX).unwrap_or(usize::MAX);
        let (mut given, mut bytes, mut notified) = (Vec::new(), 0usize, false);
        for entry in batch {
            let answer = match entry {
                Ok(BatchEntry::Call(request)) => {
                    if begun.elapsed().as_millis() > u128::from(BATCH_MILLIS_MAX) {
                        let id = request.id.into_owned();
                        (MethodResponse::error(id, out_of_time()), None)
                    } else {
                        self.answered(request).await
                    }
                }
                Ok(BatchEntry::Notification(notification)) => {
                    self.inner.notification(notification).await;
                    notified = true;
                    continue;
                }
                Err(error) => {
                    let (error, id) = error.into_parts();
                    (MethodResponse::error(id, error), None)
                }
            };
            bytes = bytes.saturating_add(answer.0.as_json().get().len());
            given.push(answer);
            // The rest would be thrown away: the whole is too long already.
            if bytes > limit {
                break;
            }
        }
        (given, notified)
    }
}

fn out_of_time() -> ErrorObject<'static> {
    let why = format!("the batch exceeds BATCH_MILLIS_MAX ({BATCH_MILLIS_MAX}): send fewer calls");
    ErrorObject::owned(-32005, why, None::<()>)
}
