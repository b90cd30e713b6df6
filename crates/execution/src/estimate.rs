//! How much gas a transaction needs.
//!
//! A transaction may use less gas than it must be given (refunds, and the 64th that a caller keeps),
//! so the least amount that succeeds is searched for, as geth and reth do: from the highest amount
//! possible down, by bisection, until the bounds are within 1.5 %.

use alloy_primitives::U256;
use commonhold_primitives::limits::TRANSACTION_GAS_MAX;
use revm::{
    ExecuteEvm as _,
    context::TxEnv,
    context_interface::{
        JournalTr as _,
        result::{ExecutionResult, HaltReason, ResultGas},
    },
};

use crate::{
    call::{CallError, CallRequest, Resumable, call_block, outcome, unpriced},
    machine::{Env, Machine, Vm},
    overlay::{Overlay, Store},
    view::View,
};

/// Gas of a transfer to an account without code.
const TRANSFER_GAS: u64 = 21_000;
/// What a call that sends value hands on beyond what it is charged.
const STIPEND: u64 = 2_300;
/// The bounds may differ by this many thousandths.
const TOLERANCE: u64 = 15;

impl Machine {
    /// The gas that `request` needs as a transaction in the block `env`.
    pub fn estimate(
        &self,
        env: &Env,
        overlay: &mut Overlay,
        request: &CallRequest,
    ) -> Resumable<Result<u64, CallError>> {
        self.read_only(env, overlay, request, |env, view| {
            self.search(&env, view, request)
        })
    }

    fn search(
        &self,
        env: &Env,
        view: &mut View<'_>,
        request: &CallRequest,
    ) -> Result<u64, CallError> {
        let tx = self.request_env(request, env)?;
        let mut high = env.gas_limit.min(TRANSACTION_GAS_MAX);
        if let Some(gas) = request.gas.filter(|gas| *gas >= TRANSFER_GAS) {
            high = high.min(gas);
        }
        high = high.min(allowance(view, &tx)?);
        let rules = self.rules().lenient(unpriced(&tx), high);
        let mut vm = self.vm(call_block(env, &tx), rules, view, ());
        let bare = tx.data.is_empty() && tx.kind.is_call() && tx.authorization_list.is_empty();
        if bare && codeless(&mut vm, &tx) && high >= TRANSFER_GAS {
            let tx = TxEnv {
                gas_limit: TRANSFER_GAS,
                ..tx.clone()
            };
            if vm.transact(tx).is_ok_and(|ran| ran.result.is_success()) {
                return Ok(TRANSFER_GAS);
            }
        }
        let used = match ran(&mut vm, &tx, high)? {
            ExecutionResult::Success { gas, .. } => gas,
            ExecutionResult::Halt {
                reason: HaltReason::OutOfGas(_),
                gas,
                ..
            } => {
                let reason = format!("gas required exceeds allowance ({high})");
                return Err(CallError::Halt {
                    reason,
                    gas_used: gas.tx_gas_used(),
                });
            }
            failed => {
                return Err(outcome(failed)
                    .err()
                    .unwrap_or(CallError::Invalid(String::new())));
            }
        };
        if vm.ctx.journaled_state.database.overlay().lacks() {
            // Asked for and tried again: the search would be in vain.
            return Ok(high);
        }
        let mut low = used.tx_gas_used().saturating_sub(1);
        // Most transactions need what they use before refunds, and what callers keep.
        let likely = likely(used);
        if likely < high {
            if suffices(&mut vm, &tx, likely) {
                high = likely
            } else {
                low = likely
            }
        }
        while low.saturating_add(1) < high {
            if high.saturating_sub(low).saturating_mul(1_000) < high.saturating_mul(TOLERANCE) {
                break;
            }
            // Most transactions need little more than they use: lean to the low side.
            let middle = low.midpoint(high).min(low.saturating_mul(2));
            if suffices(&mut vm, &tx, middle) {
                high = middle
            } else {
                low = middle
            }
        }
        Ok(high)
    }
}

/// What the sender's balance can pay for.
fn allowance(view: &View<'_>, tx: &TxEnv) -> Result<u64, CallError> {
    if tx.gas_price == 0 {
        return Ok(u64::MAX);
    }
    let balance = view
        .account(tx.caller)
        .map_or(U256::ZERO, |account| account.balance);
    let left = balance
        .checked_sub(tx.value)
        .ok_or_else(|| CallError::Invalid("insufficient funds for transfer".into()))?;
    Ok(left
        .checked_div(U256::from(tx.gas_price))
        .unwrap_or_default()
        .saturating_to())
}

fn codeless<DB: Store>(vm: &mut Vm<DB>, tx: &TxEnv) -> bool {
    let to = tx.kind.to().copied().unwrap_or_default();
    let account = vm.ctx.journaled_state.db_mut().basic(to);
    account.is_ok_and(|account| account.is_none_or(|account| account.is_empty_code_hash()))
}

fn ran<DB: Store>(
    vm: &mut Vm<DB>,
    tx: &TxEnv,
    gas_limit: u64,
) -> Result<ExecutionResult, CallError> {
    let ran = vm.transact(TxEnv {
        gas_limit,
        ..tx.clone()
    });
    ran.map(|ran| ran.result)
        .map_err(|e| CallError::Invalid(e.to_string()))
}

/// Too little gas fails in many ways, also before the transaction starts.
fn suffices<DB: Store>(vm: &mut Vm<DB>, tx: &TxEnv, gas: u64) -> bool {
    ran(vm, tx, gas).is_ok_and(|result| result.is_success())
}

fn likely(used: ResultGas) -> u64 {
    let highest = used.total_gas_spent().max(used.floor_gas());
    highest
        .saturating_add(STIPEND)
        .saturating_mul(64)
        .div_euclid(63)
}
