//! Simulation (`eth_simulateV1`): blocks of calls upon a block, one on the other, none of them real.
//!
//! As in geth and reth: blocks that are left out between numbers are filled in, times go on by twelve
//! seconds, all calls share [`CALL_GAS_MAX`]. Without validation calls cost nothing unless the base
//! fee is pretended, and need no right nonce. With validation they are what transactions are, upon this
//! network's constant base fee. A simulated header has no state root.

mod codes;
mod envelope;
mod plan;

use std::cmp::Ordering;

use alloy_consensus::{EthereumReceipt, Header};
use alloy_eips::eip2718::Encodable2718 as _;
use alloy_primitives::{Address, B256, Bytes, Log};
use alloy_rpc_types_eth::{
    TransactionRequest,
    simulate::{SimBlock, SimulatePayload},
};
use commonhold_primitives::{
    Receipt, StateKey,
    block::blank_header,
    receipt::{logs_bloom, receipts_root, transactions_root},
    transaction::Envelope,
};
use revm::{ExecuteEvm as _, InspectEvm as _, context_interface::result::ExecutionResult};

use crate::{
    block::record_parent,
    call::{CallError, CallRequest, Resumable, outcome, request_keys, unpriced},
    limits::CALL_GAS_MAX,
    machine::{Env, Machine},
    overlay::{Overlay, Store as _, commit},
    transfers::Transfers,
    view::View,
};

pub use codes::SimulationError;
use codes::{pretence, refuse, transaction_error};
use envelope::unsigned;
use plan::plan;

/// A simulated block.
#[derive(Clone, Debug)]
pub struct SimulatedBlock {
    /// Its header.
    pub header: Header,
    /// The header's hash.
    pub hash: B256,
    /// The calls as transactions that nobody signed (signature 0), with who calls.
    pub transactions: Vec<(Envelope, Address)>,
    /// What each call gave.
    pub calls: Vec<SimulatedCall>,
}

/// What a simulated call gave.
#[derive(Clone, Debug)]
pub struct SimulatedCall {
    /// What it returned or reverted with.
    pub output: Bytes,
    /// What it logged.
    pub logs: Vec<Log>,
    /// Gas it used.
    pub gas_used: u64,
    /// Gas it used before refunds.
    pub max_used_gas: u64,
    /// How it failed, if it did.
    pub error: Option<CallError>,
}

impl Machine {
    /// Simulates `payload` upon the block `parent`, whose state the overlay holds.
    pub fn simulate(
        &self,
        parent: &Header,
        overlay: &mut Overlay,
        payload: &SimulatePayload,
    ) -> Resumable<Result<Vec<SimulatedBlock>, SimulationError>> {
        overlay.note(StateKey::Account(parent.beneficiary));
        for call in payload
            .block_state_calls
            .iter()
            .flat_map(|block| &block.calls)
        {
            request_keys(&CallRequest::from(call.clone()), &mut |key| {
                overlay.note(key)
            });
        }
        if overlay.lacks() {
            return Resumable::Need(overlay.take_missing());
        }
        let run = Simulation {
            machine: self,
            payload,
            gas: CALL_GAS_MAX,
        };
        let blocks = run.blocks(parent, &mut View::new(overlay));
        if overlay.lacks() {
            return Resumable::Need(overlay.take_missing());
        }
        Resumable::Done(blocks)
    }
}

struct Simulation<'a> {
    machine: &'a Machine,
    payload: &'a SimulatePayload,
    gas: u64,
}

impl Simulation<'_> {
    fn blocks(
        mut self,
        parent: &Header,
        view: &mut View<'_>,
    ) -> Result<Vec<SimulatedBlock>, SimulationError> {
        let mut header = parent.clone();
        let mut hash = parent.hash_slow();
        let mut done = Vec::new();
        for block in plan(parent, &self.payload.block_state_calls)? {
            let simulated = self.block(&header, hash, view, &block)?;
            if view.overlay().lacks() {
                break;
            }
            view.set_hash(simulated.header.number, simulated.hash);
            header = simulated.header.clone();
            hash = simulated.hash;
            done.push(simulated);
        }
        Ok(done)
    }

    fn block(
        &mut self,
        parent: &Header,
        parent_hash: B256,
        view: &mut View<'_>,
        block: &SimBlock,
    ) -> Result<SimulatedBlock, SimulationError> {
        let overrides = block.block_overrides.clone().unwrap_or_default();
        let base_fee = if self.payload.validation {
            parent.base_fee_per_gas.unwrap_or(0)
        } else {
            0
        };
        let env = Env {
            number: parent.number,
            timestamp_ms: 0,
            gas_limit: parent.gas_limit,
            base_fee,
            beneficiary: parent.beneficiary,
            prevrandao: B256::ZERO,
            parent_hash,
        };
        let env = view.pretend_block(&env, &overrides);
        let state = block.state_overrides.clone().unwrap_or_default();
        view.pretend(&state, |address| self.machine.is_precompile(address))
            .map_err(pretence)?;
        record_parent(&env, view);
        let mut run = BlockRun {
            env,
            used: 0,
            transactions: vec![],
            calls: vec![],
            receipts: vec![],
        };
        for call in &block.calls {
            self.call(&mut run, view, call)?;
            if view.overlay().lacks() {
                break;
            }
        }
        Ok(run.seal())
    }

    fn call(
        &mut self,
        run: &mut BlockRun,
        view: &mut View<'_>,
        call: &TransactionRequest,
    ) -> Result<(), SimulationError> {
        let mut request = CallRequest::from(call.clone());
        let left = run.env.gas_limit.saturating_sub(run.used);
        let gas = request.gas.unwrap_or(left);
        if gas > left {
            return refuse(
                codes::BLOCK_GAS,
                format!("block gas limit reached: {left} < {gas}"),
            );
        }
        request.gas = Some(gas.min(self.gas));
        let nonce = view
            .account(request.from.unwrap_or_default())
            .map_or(0, |account| account.nonce);
        request.nonce = Some(request.nonce.unwrap_or(nonce));
        if call.blob_versioned_hashes.is_some() {
            return refuse(codes::PARAMETERS, "blob transactions are not supported");
        }
        let mut tx = self
            .machine
            .request_env(&request, &run.env)
            .map_err(pretence)?;
        if request.gas_price.is_none() && tx.tx_type < 2 {
            tx.tx_type = 2;
            tx.gas_priority_fee = Some(0);
        }
        let envelope = unsigned(&tx);
        let rules = self.machine.rules();
        let rules = if self.payload.validation {
            check_nonce(tx.nonce, nonce)?;
            rules.up_to(CALL_GAS_MAX)
        } else {
            // revm refuses the highest nonce even where nonces are not checked.
            tx.nonce = 0;
            rules.lenient(unpriced(&tx), CALL_GAS_MAX)
        };
        let caller = tx.caller;
        let ran = if self.payload.trace_transfers {
            let inspector = Transfers::default();
            self.machine
                .vm(run.env.block(), rules, &mut *view, inspector)
                .inspect_tx(tx)
        } else {
            self.machine
                .vm(run.env.block(), rules, &mut *view, ())
                .transact(tx)
        };
        let ran = ran.map_err(transaction_error)?;
        commit(view, ran.state);
        self.gas = self.gas.saturating_sub(ran.result.tx_gas_used());
        run.finish(envelope, caller, ran.result);
        Ok(())
    }
}

/// A block in the making.
struct BlockRun {
    env: Env,
    used: u64,
    transactions: Vec<(Envelope, Address)>,
    calls: Vec<SimulatedCall>,
    receipts: Vec<Receipt>,
}

impl BlockRun {
    fn finish(&mut self, envelope: Envelope, caller: Address, result: ExecutionResult) {
        let gas = *result.gas();
        self.used = self.used.saturating_add(gas.tx_gas_used());
        let (output, logs, error) = match outcome(result) {
            Ok(done) => (done.output, done.logs, None),
            Err(CallError::Revert { data, gas_used }) => {
                let error = CallError::Revert {
                    data: data.clone(),
                    gas_used,
                };
                (data, Vec::new(), Some(error))
            }
            Err(error) => (Bytes::new(), Vec::new(), Some(error)),
        };
        self.receipts.push(EthereumReceipt {
            tx_type: envelope.tx_type(),
            success: error.is_none(),
            cumulative_gas_used: self.used,
            logs: logs.clone(),
        });
        self.calls.push(SimulatedCall {
            output,
            logs,
            gas_used: gas.tx_gas_used(),
            max_used_gas: gas.total_gas_spent().max(gas.floor_gas()),
            error,
        });
        self.transactions.push((envelope, caller));
    }

    fn seal(self) -> SimulatedBlock {
        let raw: Vec<Bytes> = self
            .transactions
            .iter()
            .map(|(envelope, _)| envelope.encoded_2718().into())
            .collect();
        let header = Header {
            parent_hash: self.env.parent_hash,
            beneficiary: self.env.beneficiary,
            transactions_root: transactions_root(&raw),
            receipts_root: receipts_root(&self.receipts),
            logs_bloom: logs_bloom(&self.receipts),
            number: self.env.number,
            gas_limit: self.env.gas_limit,
            gas_used: self.used,
            timestamp: self.env.timestamp_ms.div_euclid(1_000),
            base_fee_per_gas: Some(self.env.base_fee),
            state_root: B256::ZERO,
            ..blank_header(self.env.prevrandao)
        };
        let hash = header.hash_slow();
        SimulatedBlock {
            header,
            hash,
            transactions: self.transactions,
            calls: self.calls,
        }
    }
}

/// Nonces are checked before prices.
fn check_nonce(nonce: u64, state: u64) -> Result<(), SimulationError> {
    match nonce.cmp(&state) {
        Ordering::Less => refuse(
            codes::NONCE_TOO_LOW,
            format!("err: nonce too low: {nonce} < {state}"),
        ),
        Ordering::Greater => refuse(
            codes::NONCE_TOO_HIGH,
            format!("err: nonce too high: {nonce} > {state}"),
        ),
        Ordering::Equal if nonce == u64::MAX => refuse(codes::INTERNAL, "err: nonce has max value"),
        Ordering::Equal => Ok(()),
    }
}
