//! What happened inside a call or a transaction, in the forms of geth's `debug_trace…`: struct logs,
//! and the call, prestate, flat-call and four-byte tracers. What a trace records is bounded; one that
//! goes beyond ends with an error.

use std::sync::Arc;

use alloy_rpc_types_trace::geth::{GethDebugTracingOptions, GethTrace};
use commonhold_primitives::Transaction;
use revm::{
    ExecuteEvm as _, InspectEvm as _, Inspector,
    context::TxEnv,
    context_interface::{ContextTr, context::ContextError},
    interpreter::Interpreter,
};
use revm_inspectors::tracing::{
    DebugInspector, TraceLimitBehavior, TraceLimits, TransactionContext,
};

use crate::{
    block::record_parent,
    call::{CallError, CallRequest, Resumable, call_block, unpriced},
    limits::{CALL_GAS_MAX, TRACE_BYTES_MAX},
    machine::{Env, Machine, Vm},
    overlay::{Overlay, Store as _, commit},
    transaction::tx_env,
    view::View,
};

/// Bytes of a recorded step beside its stack and memory, about.
const STEP_BYTES: u64 = 256;
const TOO_LONG: &str = "the trace exceeds TRACE_BYTES_MAX";

impl Machine {
    /// Traces a call.
    pub fn trace(
        &self,
        env: &Env,
        overlay: &mut Overlay,
        request: &CallRequest,
        options: &GethDebugTracingOptions,
    ) -> Resumable<Result<GethTrace, CallError>> {
        self.read_only(env, overlay, request, |env, view| {
            let tx = self.request_env(request, &env)?;
            let rules = self.rules().lenient(unpriced(&tx), CALL_GAS_MAX);
            let mut vm = self.vm(call_block(&env, &tx), rules, view, tracer(options)?);
            record(&mut vm, tx, None)
        })
    }

    /// Traces the transaction at `index` of a block. The overlay holds the state before the block.
    pub fn trace_block_transaction(
        &self,
        env: &Env,
        transactions: &[Arc<Transaction>],
        index: usize,
        overlay: &mut Overlay,
        options: &GethDebugTracingOptions,
    ) -> Resumable<Result<GethTrace, CallError>> {
        let none = || CallError::Parameters("the block has no such transaction".into());
        match self.trace_range(env, transactions, index, overlay, options) {
            Resumable::Done(traces) => {
                Resumable::Done(traces.and_then(|mut traces| traces.pop().ok_or_else(none)))
            }
            Resumable::Need(keys) => Resumable::Need(keys),
        }
    }

    /// Traces all transactions of a block. The overlay holds the state before the block.
    pub fn trace_block(
        &self,
        env: &Env,
        transactions: &[Arc<Transaction>],
        overlay: &mut Overlay,
        options: &GethDebugTracingOptions,
    ) -> Resumable<Result<Vec<GethTrace>, CallError>> {
        self.trace_range(env, transactions, usize::MAX, overlay, options)
    }

    fn trace_range(
        &self,
        env: &Env,
        transactions: &[Arc<Transaction>],
        only: usize,
        overlay: &mut Overlay,
        options: &GethDebugTracingOptions,
    ) -> Resumable<Result<Vec<GethTrace>, CallError>> {
        for key in self.prefetch(env, transactions) {
            overlay.note(key);
        }
        if overlay.lacks() {
            return Resumable::Need(overlay.take_missing());
        }
        let traces = self.replay(env, transactions, only, overlay, options);
        if overlay.lacks() {
            return Resumable::Need(overlay.take_missing());
        }
        Resumable::Done(traces)
    }

    fn replay(
        &self,
        env: &Env,
        transactions: &[Arc<Transaction>],
        only: usize,
        overlay: &mut Overlay,
        options: &GethDebugTracingOptions,
    ) -> Result<Vec<GethTrace>, CallError> {
        let mut view = View::new(overlay);
        record_parent(env, &mut view);
        let mut vm = self.vm(env.block(), self.rules(), &mut view, tracer(options)?);
        let mut traces = Vec::new();
        for (index, transaction) in transactions.iter().enumerate() {
            let tx = tx_env(transaction, self.is_free());
            if only == usize::MAX || only == index {
                let place = TransactionContext {
                    block_hash: None,
                    tx_index: Some(index),
                    tx_hash: Some(transaction.hash()),
                };
                traces.push(record(&mut vm, tx, Some(place))?);
            } else {
                let ran = vm.transact(tx).map_err(invalid)?;
                commit(&mut vm.ctx.journaled_state.database, ran.state);
            }
            if only == index || vm.ctx.journaled_state.database.overlay().lacks() {
                break;
            }
        }
        Ok(traces)
    }
}

fn invalid(why: impl ToString) -> CallError {
    CallError::Invalid(why.to_string())
}

type Tracer = (DebugInspector, Budget);

fn tracer(options: &GethDebugTracingOptions) -> Result<Tracer, CallError> {
    let bytes = usize::try_from(TRACE_BYTES_MAX).unwrap_or(usize::MAX);
    let limits = TraceLimits::default()
        .set_max_recorded_bytes(Some(bytes))
        .set_behavior(TraceLimitBehavior::Halt);
    let steps = options
        .tracer
        .as_ref()
        .is_none_or(|tracer| tracer.as_str().is_empty());
    let budget = Budget {
        steps,
        stack: steps && options.config.is_stack_enabled(),
        memory: steps && options.config.is_memory_enabled(),
        left: TRACE_BYTES_MAX,
    };
    let inspector = match DebugInspector::new(options.clone()) {
        Ok(DebugInspector::CallTracer(t, c)) => {
            DebugInspector::CallTracer(t.with_limits(limits), c)
        }
        Ok(DebugInspector::PreStateTracer(t, c)) => {
            DebugInspector::PreStateTracer(t.with_limits(limits), c)
        }
        Ok(DebugInspector::FlatCallTracer(t)) => {
            DebugInspector::FlatCallTracer(t.with_limits(limits))
        }
        Ok(DebugInspector::Default(t, c)) => DebugInspector::Default(t.with_limits(limits), c),
        Ok(small @ (DebugInspector::FourByte(_) | DebugInspector::Noop(_))) => small,
        Ok(_) => return Err(CallError::Parameters("unsupported tracer".into())),
        Err(e) => return Err(CallError::Parameters(e.to_string())),
    };
    Ok((inspector, budget))
}

/// Runs a transaction under the tracer, keeps what it did, and gives the trace.
fn record(
    vm: &mut Vm<&mut View<'_>, Tracer>,
    tx: TxEnv,
    place: Option<TransactionContext>,
) -> Result<GethTrace, CallError> {
    let ran = vm.inspect_tx(tx.clone()).map_err(invalid)?;
    let (inspector, _) = &mut vm.inspector;
    let mut before = &*vm.ctx.journaled_state.database;
    let trace = inspector
        .get_result(place, &tx, &vm.ctx.block, &ran, &mut before)
        .map_err(invalid)?;
    inspector.fuse().map_err(invalid)?;
    commit(&mut vm.ctx.journaled_state.database, ran.state);
    Ok(trace)
}

/// Counts what struct logs record and ends the run where it is too much.
struct Budget {
    steps: bool,
    stack: bool,
    memory: bool,
    left: u64,
}

impl<CTX: ContextTr> Inspector<CTX> for Budget {
    fn step(&mut self, interpreter: &mut Interpreter, context: &mut CTX) {
        if !self.steps {
            return;
        }
        let words = if self.stack {
            interpreter.stack.len()
        } else {
            0
        };
        let memory = if self.memory {
            interpreter.memory.len()
        } else {
            0
        };
        let bytes = words.saturating_mul(32).saturating_add(memory);
        let bytes = STEP_BYTES.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        match self.left.checked_sub(bytes) {
            Some(left) => self.left = left,
            None => {
                if context.error().is_ok() {
                    *context.error() = Err(ContextError::Custom(TOO_LONG.into()));
                }
                interpreter.halt_fatal();
            }
        }
    }
}
