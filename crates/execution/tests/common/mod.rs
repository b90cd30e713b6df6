//! A small world for tests: accounts that sign, a state to load from, a module.
#![allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests; not every test file uses everything"
)]

mod code;
mod tally;
mod txs;

use std::{collections::BTreeMap, sync::Arc};

use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, U256, keccak256};
use alloy_sol_types::SolCall as _;
use commonhold_execution::{
    CallError, CallRequest, CallResult, Env, Executed, Machine, Mode, Overlay, Progress, Resumable,
    Step,
};
use commonhold_module::{Registry, bench};
use commonhold_primitives::{
    Account, Genesis, StateKey, StateValue, Transaction, genesis::Allocation,
};

pub use code::{asm, init, push};
pub use tally::{ITally, TALLY, tally};
pub use txs::{Tx, authorise, signer, who};

pub const CHAIN: u64 = 1_337;
pub const ETHER: u128 = 1_000_000_000_000_000_000;

pub fn machine(free: bool) -> Machine {
    Machine::new(CHAIN, free, Arc::new(Registry::new(vec![tally()]).unwrap()))
}

pub fn genesis(alloc: impl IntoIterator<Item = (Address, Allocation)>) -> Genesis {
    Genesis {
        alloc: alloc.into_iter().collect(),
        ..bench::genesis(4)
    }
}

pub fn rich() -> Allocation {
    Allocation {
        balance: U256::from(ETHER),
        ..Allocation::default()
    }
}

pub fn contract(code: &str) -> Allocation {
    Allocation {
        code: asm(code),
        nonce: 1,
        ..Allocation::default()
    }
}

/// A state, and what happened to it.
#[derive(Clone)]
pub struct World {
    pub machine: Machine,
    pub env: Env,
    pub state: BTreeMap<StateKey, StateValue>,
    /// How often a run asked for entries.
    pub needs: usize,
}

impl World {
    pub fn new(free: bool, alloc: impl IntoIterator<Item = (Address, Allocation)>) -> Self {
        let machine = machine(free);
        let alloc = (1..=4).map(|n| (who(n), rich())).chain(alloc);
        let writes = machine.genesis_writes(&genesis(alloc)).unwrap();
        let state = writes
            .into_iter()
            .map(|(key, value)| (key, value.unwrap()))
            .collect();
        let env = Env {
            number: 1,
            timestamp_ms: 1_700_000_000_500,
            gas_limit: 30_000_000,
            base_fee: if free { 0 } else { 7 },
            beneficiary: Address::repeat_byte(0xbb),
            prevrandao: B256::repeat_byte(0xdd),
            parent_hash: B256::repeat_byte(0xaa),
        };
        Self {
            machine,
            env,
            state,
            needs: 0,
        }
    }

    pub fn load(&self, overlay: &mut Overlay, key: StateKey) {
        overlay.insert_read(key, self.state.get(&key).cloned());
    }

    /// Runs a block as the chain does, without writing to the state.
    pub fn attempt(
        &mut self,
        txs: &[Arc<Transaction>],
        mode: Mode,
    ) -> Result<Executed, (usize, String)> {
        let mut progress = Progress::new(Overlay::default());
        for key in self.machine.prefetch(&self.env, txs) {
            self.load(&mut progress.overlay, key);
        }
        loop {
            match self.machine.run(&self.env, txs, progress, mode) {
                Step::Done(done) => return Ok(done),
                Step::Invalid { index, why } => return Err((index, why)),
                Step::Need { progress: p, keys } => {
                    // It stops without a need for whoever looks at the time.
                    self.needs += usize::from(!keys.is_empty());
                    progress = p;
                    for key in keys {
                        assert!(!progress.overlay.knows(&key), "{key:?} is known");
                        self.load(&mut progress.overlay, key);
                    }
                }
            }
        }
    }

    pub fn apply(&mut self, writes: Vec<(StateKey, Option<StateValue>)>) {
        for (key, value) in writes {
            match value {
                Some(value) => self.state.insert(key, value),
                None => self.state.remove(&key),
            };
        }
        self.env.number += 1;
        self.env.timestamp_ms += 1_000;
        self.env.parent_hash = keccak256(self.env.parent_hash);
    }

    /// Runs and applies a block of which every transaction must be valid.
    pub fn block(&mut self, txs: impl IntoIterator<Item = Tx>) -> Executed {
        let txs: Vec<_> = txs.into_iter().map(Tx::sign).collect();
        let done = self.attempt(&txs, Mode::Verify).unwrap();
        self.apply(done.overlay.clone().into_writes_sorted());
        done
    }

    /// What is wrong with a block of this one transaction.
    pub fn refusal(&mut self, tx: Tx) -> String {
        self.attempt(&[tx.sign()], Mode::Verify).unwrap_err().1
    }

    pub fn account(&self, address: Address) -> Option<Account> {
        match self.state.get(&StateKey::Account(address)) {
            Some(StateValue::Account(account)) => Some(account.clone()),
            _ => None,
        }
    }

    pub fn balance(&self, address: Address) -> U256 {
        self.account(address).map(|a| a.balance).unwrap_or_default()
    }

    pub fn slot(&self, address: Address, slot: u64) -> U256 {
        match self.state.get(&StateKey::Slot(address, U256::from(slot))) {
            Some(StateValue::Slot(value)) => *value,
            _ => U256::ZERO,
        }
    }

    pub fn code(&self, address: Address) -> Bytes {
        let hash = self.account(address).unwrap().code_hash;
        match self.state.get(&StateKey::Code(hash)) {
            Some(StateValue::Code(code)) => code.clone(),
            _ => {
                assert_eq!(hash, KECCAK256_EMPTY);
                Bytes::new()
            }
        }
    }

    /// Loads what is needed until `run` is done.
    pub fn resume<T>(&self, mut run: impl FnMut(&mut Overlay) -> Resumable<T>) -> T {
        let mut overlay = Overlay::default();
        loop {
            match run(&mut overlay) {
                Resumable::Done(done) => return done,
                Resumable::Need(keys) => {
                    assert!(!keys.is_empty());
                    for key in keys {
                        assert!(!overlay.knows(&key), "{key:?} is known");
                        self.load(&mut overlay, key);
                    }
                }
            }
        }
    }

    pub fn call(&self, request: &CallRequest) -> Result<CallResult, CallError> {
        self.resume(|overlay| self.machine.call(&self.env, overlay, request))
    }

    /// The module's count for `who`.
    pub fn tally(&self, who: Address) -> U256 {
        let input = ITally::totalCall { who }.abi_encode().into();
        let request = CallRequest {
            to: Some(TALLY),
            input,
            ..CallRequest::default()
        };
        U256::from_be_slice(&self.call(&request).unwrap().output)
    }
}
