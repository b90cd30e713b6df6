//! Executing a final block again, for traces.
//!
//! The block's witness is the state that it read: nothing else is needed.

use std::sync::Arc;

use alloy_primitives::B256;
use alloy_rpc_types_trace::geth::{
    CallConfig, CallFrame, GethDebugBuiltInTracerType, GethDebugTracingOptions, GethTrace,
};
use commonhold_execution::{CallError, Env, Machine, Overlay, Resumable};
use commonhold_index::Entry;
use commonhold_primitives::{Transaction, transaction};

use crate::{
    backend::Backend,
    context::Context,
    error::{Fault, Outcome},
};

/// A block with all that is needed to execute it.
#[derive(Clone)]
pub(crate) struct Replay {
    env: Env,
    overlay: Overlay,
    raw: Arc<Entry>,
}

impl Replay {
    pub(crate) fn of<B: Backend>(context: &Context<B>, entry: Arc<Entry>) -> Outcome<Self> {
        let number = entry.number();
        let machine = context.node.machine();
        let mut overlay = match number {
            0 => return Err(Fault::refused("the genesis block executed nothing")),
            1 => {
                let writes = machine.genesis_writes(context.node.genesis());
                Overlay::with_writes(writes.map_err(|e| Fault::Internal(e.to_string()))?)
            }
            _ => Overlay::default(),
        };
        let witness = context.index().witness(number)?.ok_or_else(|| {
            Fault::refused(format!(
                "what block {number} read is not kept any more: traces reach back \
                 WITNESS_BLOCKS_KEPT ({}) blocks",
                commonhold_index::limits::WITNESS_BLOCKS_KEPT
            ))
        })?;
        for (key, value) in witness.iter() {
            overlay.insert_read(*key, value.clone());
        }
        Ok(Self {
            env: Env::of(&entry.header),
            overlay,
            raw: entry,
        })
    }

    /// Runs `trace` over the block's transactions, on a thread that may be busy.
    async fn run<B, T, F>(self, context: &Context<B>, trace: F) -> Outcome<T>
    where
        B: Backend,
        T: Send + 'static,
        F: Fn(&Machine, &Env, &[Arc<Transaction>], &mut Overlay) -> Resumable<Result<T, CallError>>
            + Send
            + 'static,
    {
        let permit = context.calls.acquire().await;
        let machine = context.node.machine().clone();
        let ran = tokio::task::spawn_blocking(move || {
            let transactions = self
                .raw
                .transactions
                .iter()
                .map(|raw| transaction::recover(raw.clone(), machine.chain_id()).map(Arc::new))
                .collect::<Result<Vec<_>, _>>()
                .map_err(|e| Fault::Internal(e.to_string()))?;
            let mut overlay = self.overlay;
            loop {
                match trace(&machine, &self.env, &transactions, &mut overlay) {
                    Resumable::Done(done) => return done.map_err(Fault::from),
                    // The block did not read it: a tracer looks at more than execution does.
                    Resumable::Need(keys) => {
                        for key in keys {
                            overlay.insert_read(key, None);
                        }
                    }
                }
            }
        })
        .await;
        drop(permit);
        ran.map_err(|e| Fault::Internal(e.to_string()))?
    }

    /// Traces one transaction.
    pub(crate) async fn transaction<B: Backend>(
        self,
        context: &Context<B>,
        index: usize,
        options: GethDebugTracingOptions,
    ) -> Outcome<GethTrace> {
        self.run(context, move |machine, env, transactions, overlay| {
            machine.trace_block_transaction(env, transactions, index, overlay, &options)
        })
        .await
    }

    /// Traces all transactions.
    pub(crate) async fn block<B: Backend>(
        self,
        context: &Context<B>,
        options: GethDebugTracingOptions,
    ) -> Outcome<Vec<GethTrace>> {
        self.run(context, move |machine, env, transactions, overlay| {
            machine.trace_block(env, transactions, overlay, &options)
        })
        .await
    }
}

/// The calls of a final transaction. `None`: no such transaction.
pub(crate) async fn calls<B: Backend>(
    context: &Context<B>,
    hash: &B256,
) -> Outcome<Option<CallFrame>> {
    let Some((entry, index)) = context.index().find(hash)? else {
        return Ok(None);
    };
    let options = GethDebugTracingOptions::default()
        .with_tracer(GethDebugBuiltInTracerType::CallTracer.into())
        .with_call_config(CallConfig::default());
    match Replay::of(context, entry)?
        .transaction(context, index, options)
        .await?
    {
        GethTrace::CallTracer(frame) => Ok(Some(frame)),
        _ => Err(Fault::Internal("the call tracer gave another trace".into())),
    }
}
