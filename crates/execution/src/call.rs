//! Read-only calls: what a transaction would do, without one.

use alloy_eips::{eip2930::AccessList, eip7702::SignedAuthorization};
use alloy_primitives::{Address, Bytes, Log, TxKind, U256};
use alloy_rpc_types_eth::{BlockOverrides, TransactionRequest, state::StateOverride};
use commonhold_primitives::StateKey;
use revm::{
    ExecuteEvm as _,
    context::{BlockEnv, TxEnv},
    context_interface::{
        either::Either,
        result::{ExecutionResult, HaltReason, Output},
    },
};

use crate::{
    limits::CALL_GAS_MAX,
    machine::{Env, Machine},
    overlay::{Overlay, Store as _},
    view::View,
};

/// What a read-only run gives: an outcome, or the entries to load before it is tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resumable<T> {
    /// The outcome.
    Done(T),
    /// Insert these into the overlay and call again.
    Need(Vec<StateKey>),
}

/// A call. Whatever is left out is chosen so that the call is possible.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallRequest {
    /// Who calls; the zero address if nobody.
    pub from: Option<Address>,
    /// Whom; none creates a contract.
    pub to: Option<Address>,
    /// Gas; at most [`CALL_GAS_MAX`] is given.
    pub gas: Option<u64>,
    /// Price of gas. Where no price is given, the call costs nothing.
    pub gas_price: Option<u128>,
    /// Highest price of gas (EIP-1559).
    pub max_fee_per_gas: Option<u128>,
    /// Highest tip (EIP-1559).
    pub max_priority_fee_per_gas: Option<u128>,
    /// Value sent along.
    pub value: U256,
    /// Input.
    pub input: Bytes,
    /// The caller's nonce; ignored except by a simulation.
    pub nonce: Option<u64>,
    /// Access list (EIP-2930).
    pub access_list: Option<AccessList>,
    /// Authorisations (EIP-7702).
    pub authorization_list: Vec<SignedAuthorization>,
    /// Accounts to pretend for the call.
    pub state_overrides: StateOverride,
    /// Properties of the block to pretend for the call.
    pub block_overrides: BlockOverrides,
}

impl From<TransactionRequest> for CallRequest {
    fn from(request: TransactionRequest) -> Self {
        Self {
            from: request.from,
            to: request.to.and_then(|kind| kind.into_to()),
            gas: request.gas,
            gas_price: request.gas_price,
            max_fee_per_gas: request.max_fee_per_gas,
            max_priority_fee_per_gas: request.max_priority_fee_per_gas,
            value: request.value.unwrap_or_default(),
            input: request.input.into_input().unwrap_or_default(),
            nonce: request.nonce,
            access_list: request.access_list,
            authorization_list: request.authorization_list.unwrap_or_default(),
            ..Self::default()
        }
    }
}

/// What a call gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallResult {
    /// Its return data; for a creation, the code deployed.
    pub output: Bytes,
    /// Gas it used, as a receipt would say.
    pub gas_used: u64,
    /// What it logged.
    pub logs: Vec<Log>,
    /// The contract it created.
    pub created: Option<Address>,
}

/// Why a call gave nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// It reverted with this data.
    #[error("execution reverted")]
    Revert {
        /// What it reverted with: an ABI-encoded error, as a rule.
        data: Bytes,
        /// Gas it used.
        gas_used: u64,
    },
    /// It failed: out of gas, invalid instruction and the like.
    #[error("{reason}")]
    Halt {
        /// Why.
        reason: String,
        /// Gas it used.
        gas_used: u64,
    },
    /// No transaction could be like this: not enough balance, fees that contradict each other.
    #[error("{0}")]
    Invalid(String),
    /// The request contradicts itself.
    #[error("{0}")]
    Parameters(String),
    /// A precompile cannot be moved as the request pretends.
    #[error("{0}")]
    Move(Misplaced),
}

/// Why a precompile cannot be moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misplaced {
    /// There is none.
    #[error("account {0} is not a precompile")]
    NoPrecompile(Address),
    /// It is moved to where it is.
    #[error("precompile {0} is moved to itself")]
    Itself(Address),
    /// The place is pretended to be something else.
    #[error("account {0} is already overridden")]
    Taken(Address),
}

impl Machine {
    /// Calls `request` in the block `env` upon the state of `overlay`, which is left as it was but for
    /// entries that were read.
    pub fn call(
        &self,
        env: &Env,
        overlay: &mut Overlay,
        request: &CallRequest,
    ) -> Resumable<Result<CallResult, CallError>> {
        self.read_only(env, overlay, request, |env, view| {
            let tx = self.request_env(request, &env)?;
            let rules = self.rules().lenient(unpriced(&tx), CALL_GAS_MAX);
            let mut vm = self.vm(call_block(&env, &tx), rules, view, ());
            let ran = vm
                .transact(tx)
                .map_err(|e| CallError::Invalid(e.to_string()))?;
            outcome(ran.result)
        })
    }

    /// Sets up a view as `request` pretends it and gives it to `run`; asks for what that lacks.
    pub(crate) fn read_only<T>(
        &self,
        env: &Env,
        overlay: &mut Overlay,
        request: &CallRequest,
        run: impl FnOnce(Env, &mut View<'_>) -> Result<T, CallError>,
    ) -> Resumable<Result<T, CallError>> {
        let mut view = View::new(overlay);
        request_keys(request, &mut |key| view.note(key));
        view.note(StateKey::Account(env.beneficiary));
        if let Err(e) = view.pretend(&request.state_overrides, |address| {
            self.is_precompile(address)
        }) {
            return Resumable::Done(Err(e));
        }
        let env = view.pretend_block(env, &request.block_overrides);
        if view.overlay().lacks() {
            return Resumable::Need(view.overlay().take_missing());
        }
        let result = run(env, &mut view);
        if view.overlay().lacks() {
            return Resumable::Need(view.overlay().take_missing());
        }
        Resumable::Done(result)
    }

    /// `request` as revm wants it.
    pub(crate) fn request_env(&self, request: &CallRequest, env: &Env) -> Result<TxEnv, CallError> {
        let dynamic =
            request.max_fee_per_gas.is_some() || request.max_priority_fee_per_gas.is_some();
        if dynamic && request.gas_price.is_some() {
            let why = "both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified";
            return Err(CallError::Parameters(why.into()));
        }
        let tip = request.max_priority_fee_per_gas.unwrap_or(0);
        let base = u128::from(env.base_fee);
        let highest = match request.max_fee_per_gas {
            Some(fee) if fee < tip => {
                let why =
                    format!("max priority fee per gas higher than max fee per gas: {tip} > {fee}");
                return Err(CallError::Invalid(why));
            }
            Some(fee) => fee,
            None if tip > 0 => base.saturating_add(tip),
            None => request.gas_price.unwrap_or(0),
        };
        let (gas_price, tip) = if self.is_free() {
            (0, 0)
        } else {
            (highest, tip)
        };
        let tx_type = match request {
            _ if !request.authorization_list.is_empty() => 4,
            _ if dynamic => 2,
            CallRequest {
                access_list: Some(_),
                ..
            } => 1,
            _ => 0,
        };
        let authorisations = request.authorization_list.iter().cloned();
        Ok(TxEnv {
            tx_type,
            caller: request.from.unwrap_or_default(),
            gas_limit: request.gas.unwrap_or(CALL_GAS_MAX).min(CALL_GAS_MAX),
            gas_price,
            kind: request.to.map_or(TxKind::Create, TxKind::Call),
            value: request.value,
            data: request.input.clone(),
            nonce: request.nonce.unwrap_or(0),
            chain_id: Some(self.chain_id()),
            access_list: request.access_list.clone().unwrap_or_default(),
            gas_priority_fee: (tx_type == 2 || tx_type == 4).then_some(tip),
            blob_hashes: Vec::new(),
            max_fee_per_blob_gas: 0,
            authorization_list: authorisations.map(Either::Left).collect(),
        })
    }
}

/// The block of a call. An unpriced one sees the base fee 0, as in geth: contracts may rely on their
/// caller's paying at least the base fee.
pub(crate) fn call_block(env: &Env, tx: &TxEnv) -> BlockEnv {
    let base_fee = if unpriced(tx) { 0 } else { env.base_fee };
    Env { base_fee, ..*env }.block()
}

/// Whether a call costs nothing, so that the block's base fee does not bind it.
pub(crate) fn unpriced(tx: &TxEnv) -> bool {
    tx.gas_price == 0
}

/// The entries that a request names.
pub(crate) fn request_keys(request: &CallRequest, note: &mut impl FnMut(StateKey)) {
    note(StateKey::Account(request.from.unwrap_or_default()));
    if let Some(to) = request.to {
        note(StateKey::Account(to));
    }
    for item in request.access_list.iter().flat_map(|list| &list.0) {
        note(StateKey::Account(item.address));
        for slot in &item.storage_keys {
            note(StateKey::Slot(item.address, (*slot).into()));
        }
    }
}

/// What a run means to the caller.
pub(crate) fn outcome(result: ExecutionResult) -> Result<CallResult, CallError> {
    let gas_used = result.tx_gas_used();
    match result {
        ExecutionResult::Success { logs, output, .. } => {
            let created = match &output {
                Output::Create(_, address) => *address,
                Output::Call(_) => None,
            };
            Ok(CallResult {
                output: output.into_data(),
                gas_used,
                logs,
                created,
            })
        }
        ExecutionResult::Revert { output, .. } => Err(CallError::Revert {
            data: output,
            gas_used,
        }),
        ExecutionResult::Halt { reason, .. } => Err(CallError::Halt {
            reason: describe(&reason),
            gas_used,
        }),
    }
}

/// A halt in the words that Ethereum clients know.
pub(crate) fn describe(reason: &HaltReason) -> String {
    match reason {
        HaltReason::OutOfGas(_) => "out of gas".into(),
        HaltReason::OpcodeNotFound | HaltReason::InvalidFEOpcode => "invalid opcode".into(),
        HaltReason::InvalidJump => "invalid jump destination".into(),
        HaltReason::StackOverflow => "stack limit reached 1024".into(),
        HaltReason::StackUnderflow => "stack underflow".into(),
        HaltReason::StateChangeDuringStaticCall | HaltReason::CallNotAllowedInsideStatic => {
            "write protection".into()
        }
        HaltReason::CallTooDeep => "max call depth exceeded".into(),
        HaltReason::OutOfFunds => "insufficient balance for transfer".into(),
        HaltReason::CreateCollision => "contract address collision".into(),
        HaltReason::CreateContractSizeLimit => "max code size exceeded".into(),
        HaltReason::CreateInitCodeSizeLimit => "max initcode size exceeded".into(),
        HaltReason::CreateContractStartingWithEF => "invalid code: must not begin with 0xef".into(),
        HaltReason::NonceOverflow => "nonce uint64 overflow".into(),
        other => format!("{other:?}"),
    }
}
