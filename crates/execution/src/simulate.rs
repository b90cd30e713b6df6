//! Simulation (`eth_simulateV1`): blocks of calls upon a block, one on the other, none of them real.
//!
//! As in geth and reth: blocks that are left out between numbers are filled in, times go on by twelve
//! seconds, all calls share [`CALL_GAS_MAX`]. Without validation calls cost nothing unless the base
//! fee is pretended, and need no right nonce. With validation they are what transactions are, upon this
//! network's constant base fee. A simulated header has no state root.

use std::cmp::Ordering;

use alloy_consensus::{
    EthereumReceipt, Header, SignableTransaction, TxEip1559, TxEip2930, TxEip7702, TxLegacy,
};
use alloy_eips::eip2718::Encodable2718 as _;
use alloy_primitives::{Address, B256, Bytes, Log, Signature, U256};
use alloy_rpc_types_eth::{
    BlockOverrides, TransactionRequest,
    simulate::{SimBlock, SimulatePayload},
};
use commonhold_primitives::{
    Receipt, StateKey,
    block::blank_header,
    receipt::{logs_bloom, receipts_root, transactions_root},
    transaction::Envelope,
};
use revm::{
    ExecuteEvm as _, InspectEvm as _,
    context::TxEnv,
    context_interface::result::{EVMError, ExecutionResult, InvalidTransaction},
};

use crate::{
    block::record_parent,
    call::{CallError, CallRequest, Misplaced, Resumable, outcome, request_keys, unpriced},
    limits::{CALL_GAS_MAX, SIMULATED_BLOCKS_MAX},
    machine::{Env, Machine},
    overlay::{Missing, Overlay, Store as _, commit},
    transfers::Transfers,
    view::View,
};

/// Seconds between simulated blocks.
const BLOCK_SECONDS: u64 = 12;

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

/// Why a simulation gave nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SimulationError {
    /// The JSON-RPC error code that the specification gives it.
    pub code: i32,
    /// What is wrong.
    pub message: String,
}

fn refuse<T>(code: i32, message: impl Into<String>) -> Result<T, SimulationError> {
    Err(SimulationError {
        code,
        message: message.into(),
    })
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
            return refuse(-38015, format!("block gas limit reached: {left} < {gas}"));
        }
        request.gas = Some(gas.min(self.gas));
        let nonce = view
            .account(request.from.unwrap_or_default())
            .map_or(0, |account| account.nonce);
        request.nonce = Some(request.nonce.unwrap_or(nonce));
        if call.blob_versioned_hashes.is_some() {
            return refuse(-32602, "blob transactions are not supported");
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

/// The blocks to simulate, each with its number and time, gaps filled in.
fn plan(parent: &Header, blocks: &[SimBlock]) -> Result<Vec<SimBlock>, SimulationError> {
    let (mut number, mut time) = (parent.number, parent.timestamp);
    let mut plan = Vec::new();
    for block in blocks {
        let mut block = block.clone();
        let overrides = block.block_overrides.get_or_insert_default();
        let next = number.saturating_add(1);
        let wanted = overrides
            .number
            .map_or(next, |number| number.saturating_to());
        if wanted <= number {
            return refuse(
                -38020,
                format!("block numbers must be in order: {wanted} <= {number}"),
            );
        }
        if wanted.saturating_sub(parent.number) > SIMULATED_BLOCKS_MAX {
            return refuse(-38026, "too many blocks");
        }
        for number in next..wanted {
            time = time.saturating_add(BLOCK_SECONDS);
            let overrides = BlockOverrides {
                number: Some(U256::from(number)),
                time: Some(time),
                ..BlockOverrides::default()
            };
            plan.push(SimBlock::default().with_block_overrides(overrides));
        }
        let at = overrides
            .time
            .unwrap_or_else(|| time.saturating_add(BLOCK_SECONDS));
        if at <= time {
            return refuse(
                -38021,
                format!("block timestamps must be in order: {at} <= {time}"),
            );
        }
        overrides.number = Some(U256::from(wanted));
        overrides.time = Some(at);
        (number, time) = (wanted, at);
        plan.push(block);
    }
    Ok(plan)
}

/// The transaction that a call would be, with the signature 0.
fn unsigned(tx: &TxEnv) -> Envelope {
    let chain_id = tx.chain_id.unwrap_or_default();
    let (nonce, gas_limit, to, value) = (tx.nonce, tx.gas_limit, tx.kind, tx.value);
    let (input, access_list) = (tx.data.clone(), tx.access_list.clone());
    let (max_fee_per_gas, max_priority_fee_per_gas) =
        (tx.gas_price, tx.gas_priority_fee.unwrap_or_default());
    let gas_price = tx.gas_price;
    match tx.tx_type {
        0 => seal(TxLegacy {
            chain_id: Some(chain_id),
            nonce,
            gas_price,
            gas_limit,
            to,
            value,
            input,
        }),
        1 => seal(TxEip2930 {
            chain_id,
            nonce,
            gas_price,
            gas_limit,
            to,
            value,
            access_list,
            input,
        }),
        4 => seal(TxEip7702 {
            chain_id,
            nonce,
            gas_limit,
            max_fee_per_gas,
            max_priority_fee_per_gas,
            to: to.to().copied().unwrap_or_default(),
            value,
            access_list,
            authorization_list: tx
                .authorization_list
                .iter()
                .filter_map(|authorisation| authorisation.as_ref().left().cloned())
                .collect(),
            input,
        }),
        _ => seal(TxEip1559 {
            chain_id,
            nonce,
            gas_limit,
            max_fee_per_gas,
            max_priority_fee_per_gas,
            to,
            value,
            access_list,
            input,
        }),
    }
}

fn seal<T: SignableTransaction<Signature>>(tx: T) -> Envelope
where
    Envelope: From<alloy_consensus::Signed<T>>,
{
    tx.into_signed(Signature::new(U256::ZERO, U256::ZERO, false))
        .into()
}

/// Nonces are checked before prices.
fn check_nonce(nonce: u64, state: u64) -> Result<(), SimulationError> {
    match nonce.cmp(&state) {
        Ordering::Less => refuse(-38010, format!("err: nonce too low: {nonce} < {state}")),
        Ordering::Greater => refuse(-38011, format!("err: nonce too high: {nonce} > {state}")),
        Ordering::Equal if nonce == u64::MAX => refuse(-32603, "err: nonce has max value"),
        Ordering::Equal => Ok(()),
    }
}

/// The codes that the specification gives to what cannot be pretended.
fn pretence(error: CallError) -> SimulationError {
    let code = match error {
        CallError::Move(Misplaced::Itself(_)) => -38022,
        CallError::Move(Misplaced::Taken(_)) => -38023,
        CallError::Move(Misplaced::NoPrecompile(_)) => -32000,
        _ => -32602,
    };
    SimulationError {
        code,
        message: error.to_string(),
    }
}

/// The codes that the specification gives to transactions that cannot be.
fn transaction_error(error: EVMError<Missing, InvalidTransaction>) -> SimulationError {
    let code = match &error {
        EVMError::Transaction(invalid) => match invalid {
            InvalidTransaction::GasPriceLessThanBasefee => -38012,
            InvalidTransaction::CallGasCostMoreThanGasLimit { .. }
            | InvalidTransaction::GasFloorMoreThanGasLimit { .. } => -38013,
            InvalidTransaction::LackOfFundForMaxFee { .. } => -38014,
            InvalidTransaction::CallerGasLimitMoreThanBlock => -38015,
            InvalidTransaction::RejectCallerWithCode => -38024,
            InvalidTransaction::CreateInitCodeSizeLimit => -38025,
            _ => -32602,
        },
        _ => -32603,
    };
    SimulationError {
        code,
        message: format!("err: {error}"),
    }
}
