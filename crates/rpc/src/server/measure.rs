//! Counting calls, and sharing one budget of time between the calls of a batch.

use std::{collections::HashSet, future::Future, sync::Arc, time::Instant};

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
}

impl MeasureLayer {
    pub(crate) const fn new(metrics: Arc<Metrics>, names: Arc<HashSet<&'static str>>) -> Self {
        Self { metrics, names }
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

    fn batch<'a>(&self, batch: Batch<'a>) -> impl Future<Output = MethodResponse> + Send + 'a {
        let service = self.clone();
        async move {
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
                            service.call(request).await
                        }
                    }
                    Ok(BatchEntry::Notification(notification)) => {
                        service.notification(notification).await;
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

    fn notification<'a>(
        &self,
        notification: Notification<'a>,
    ) -> impl Future<Output = MethodResponse> + Send + 'a {
        self.inner.notification(notification)
    }
}

fn out_of_time() -> ErrorObject<'static> {
    let why = format!("the batch exceeds BATCH_MILLIS_MAX ({BATCH_MILLIS_MAX}): send fewer calls");
    ErrorObject::owned(-32005, why, None::<()>)
}
