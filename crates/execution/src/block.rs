//! Blocks: from an overlay, a block's environment and transactions to receipts and writes.
//!
//! A run ends in one of three ways: it is done, it needs entries of the state, or the block is
//! invalid. After a need, give the entries to the overlay and run again with the progress that was
//! handed back: finished transactions are kept, the one that missed starts anew.

use std::sync::Arc;

use alloy_consensus::{EthereumReceipt, Transaction as _};
use alloy_primitives::U256;
use commonhold_primitives::{Receipt, StateKey, StateValue, Transaction};
use revm::{ExecuteEvm as _, context_interface::result::InvalidTransaction, state::EvmState};

use crate::{
    limits::{
        LOOKAHEAD_GAS_MAX, LOOKAHEAD_STEP_GAS_MAX, LOOKAHEAD_TRANSACTIONS_MAX, PIECE_GAS,
        REPEATED_GAS_MAX, TRANSACTION_ROUNDS_MAX,
    },
    machine::{Env, Machine, Vm},
    overlay::{Overlay, Store, commit, history_slot},
    transaction::{named, overtips, tx_env},
};

/// What to do about a transaction that cannot be part of the block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A proposer leaves it out.
    Build,
    /// A verifier refuses the block.
    Verify,
}

/// Why a transaction is not part of a block.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A later block may have room for it.
    #[error("exceeds the gas left in the block")]
    Full,
    /// The state does not admit it: its nonce, its sender's balance, its form.
    #[error("{0}")]
    Invalid(String),
    /// It asks for too many entries one after another. Entries in its access list are loaded at once.
    #[error("reads too many entries one after another: name them in an access list")]
    Winding,
}

/// How far a run has come.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// The state as the run knows it. Entries it needs are inserted here.
    pub overlay: Overlay,
    next: usize,
    rounds: u32,
    repeated: u64,
    ahead: u64,
    included: Vec<usize>,
    skipped: Vec<(usize, Refusal)>,
    receipts: Vec<Receipt>,
    gas_used: u64,
}

impl Progress {
    /// A run at its beginning.
    pub fn new(overlay: Overlay) -> Self {
        Self {
            overlay,
            ..Self::default()
        }
    }

    /// How many of the transactions it has come past.
    pub const fn passed(&self) -> usize {
        self.next
    }
}

/// How a run ended.
#[derive(Clone, Debug)]
pub enum Step {
    /// All transactions ran.
    Done(Executed),
    /// The run goes on when these entries are in the progress' overlay; where there are none, it stopped
    /// between two transactions, [`PIECE_GAS`] after it began, for whoever runs it to look at the time.
    Need {
        /// Where to go on.
        progress: Progress,
        /// What is needed, in order, without repetition.
        keys: Vec<StateKey>,
    },
    /// A transaction cannot be part of the block.
    Invalid {
        /// Its index.
        index: usize,
        /// What is wrong.
        why: String,
    },
}

/// The outcome of a block.
#[derive(Clone, Debug)]
pub struct Executed {
    /// Indices of the transactions that are part of the block, in order.
    pub included: Vec<usize>,
    /// Indices of those left out, with the reason.
    pub skipped: Vec<(usize, Refusal)>,
    /// One receipt for each transaction included.
    pub receipts: Vec<Receipt>,
    /// Gas of all transactions included.
    pub gas_used: u64,
    /// What was read and written.
    pub overlay: Overlay,
}

impl Machine {
    /// The entries that a block surely touches: its parent's place in the history contract, its
    /// beneficiary, and what the transactions name (senders, recipients, access lists). A block of
    /// plain transfers needs no others.
    pub fn prefetch(&self, env: &Env, transactions: &[Arc<Transaction>]) -> Vec<StateKey> {
        let (history, slot) = history_slot(env.number.saturating_sub(1));
        let mut keys = vec![
            StateKey::Account(env.beneficiary),
            StateKey::Slot(history, slot),
        ];
        for transaction in transactions {
            named(transaction, &mut keys);
        }
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// Runs a block, or goes on with one.
    pub fn run(
        &self,
        env: &Env,
        transactions: &[Arc<Transaction>],
        progress: Progress,
        mode: Mode,
    ) -> Step {
        let mut p = progress;
        if p.overlay.lacks() {
            let keys = p.overlay.take_missing();
            return Step::Need { progress: p, keys };
        }
        record_parent(env, &mut p.overlay);
        let mut vm = self.vm(env.block(), self.rules(), &mut p.overlay, ());
        let begun = p.gas_used;
        while let Some(transaction) = transactions.get(p.next) {
            if p.gas_used.saturating_sub(begun) >= PIECE_GAS {
                let keys = Vec::new();
                return Step::Need { progress: p, keys };
            }
            let verdict = self.one(&mut vm, transaction, p.gas_used, env.gas_limit);
            if vm.ctx.journaled_state.database.lacks() {
                let ran = verdict
                    .as_ref()
                    .map_or(transaction.envelope().gas_limit(), |(r, _)| {
                        r.cumulative_gas_used.saturating_sub(p.gas_used)
                    });
                p.rounds = p.rounds.saturating_add(1);
                p.repeated = p.repeated.saturating_add(ran);
                let patient = p.rounds <= TRANSACTION_ROUNDS_MAX && p.repeated <= REPEATED_GAS_MAX;
                if mode == Mode::Verify || patient {
                    if p.ahead <= LOOKAHEAD_GAS_MAX {
                        let behind = transactions.iter().skip(p.next).skip(1);
                        let gas = look_ahead(&mut vm, self.is_free(), behind);
                        p.ahead = p.ahead.saturating_add(gas);
                    }
                    let keys = vm.ctx.journaled_state.database.take_missing();
                    return Step::Need { progress: p, keys };
                }
                vm.ctx.journaled_state.database.take_missing();
                p.skipped.push((p.next, Refusal::Winding));
            } else {
                match verdict {
                    Ok((receipt, state)) => {
                        commit(&mut vm.ctx.journaled_state.database, state);
                        p.gas_used = receipt.cumulative_gas_used;
                        p.receipts.push(receipt);
                        p.included.push(p.next);
                    }
                    Err(why) if mode == Mode::Build => p.skipped.push((p.next, why)),
                    Err(why) => {
                        return Step::Invalid {
                            index: p.next,
                            why: why.to_string(),
                        };
                    }
                }
            }
            p.rounds = 0;
            p.next = p.next.saturating_add(1);
        }
        let Progress {
            overlay,
            included,
            skipped,
            receipts,
            gas_used,
            ..
        } = p;
        Step::Done(Executed {
            included,
            skipped,
            receipts,
            gas_used,
            overlay,
        })
    }

    /// Runs one transaction. What it returns means nothing while the overlay lacks entries.
    fn one<DB: Store>(
        &self,
        vm: &mut Vm<DB>,
        transaction: &Transaction,
        gas_used: u64,
        gas_limit: u64,
    ) -> Result<(Receipt, EvmState), Refusal> {
        let envelope = transaction.envelope();
        if gas_used
            .checked_add(envelope.gas_limit())
            .is_none_or(|sum| sum > gas_limit)
        {
            return Err(Refusal::Full);
        }
        if self.is_free() && overtips(transaction) {
            return Err(invalid(InvalidTransaction::PriorityFeeGreaterThanMaxFee));
        }
        let ran = vm
            .transact(tx_env(transaction, self.is_free()))
            .map_err(invalid)?;
        let used = ran.result.tx_gas_used();
        let receipt = EthereumReceipt {
            tx_type: envelope.tx_type(),
            success: ran.result.is_success(),
            cumulative_gas_used: gas_used.checked_add(used).ok_or(Refusal::Full)?,
            logs: if ran.result.is_success() {
                ran.result.into_logs()
            } else {
                Vec::new()
            },
        };
        Ok((receipt, ran.state))
    }
}

/// EIP-2935: before its transactions, a block stores its parent's hash in the history contract.
pub(crate) fn record_parent(env: &Env, store: &mut impl Store) {
    if let Some(parent) = env.number.checked_sub(1) {
        let hash = U256::from_be_bytes(env.parent_hash.0);
        let value = (!hash.is_zero()).then_some(StateValue::Slot(hash));
        let (address, slot) = history_slot(parent);
        store.write(StateKey::Slot(address, slot), value);
    }
}

fn invalid(why: impl ToString) -> Refusal {
    Refusal::Invalid(why.to_string())
}

/// Runs transactions behind one that missed and keeps nothing but the notes of what they would read,
/// so that one step loads entries for many of them. Gives the gas of it.
fn look_ahead<'a>(
    vm: &mut Vm<&mut Overlay>,
    free: bool,
    transactions: impl Iterator<Item = &'a Arc<Transaction>>,
) -> u64 {
    vm.ctx.cfg.cfg.disable_nonce_check = true;
    let mut gas = 0u64;
    for transaction in transactions.take(LOOKAHEAD_TRANSACTIONS_MAX) {
        if gas > LOOKAHEAD_STEP_GAS_MAX || vm.ctx.journaled_state.database.is_full() {
            break;
        }
        // What it gives was computed from entries that may be absent: only its gas is of interest.
        let ran = vm.transact(tx_env(transaction, free));
        gas = gas.saturating_add(ran.map_or(0, |ran| ran.result.tx_gas_used()));
    }
    gas
}
