//! The writes that a genesis document asks for: block 1 starts from them.
//!
//! Storage may be allocated to an account that has neither code nor nonce, but should not be: a
//! contract created there later finds it (this machine does not know the rule of EIP-7610 against it;
//! without such an allocation the case cannot arise).

use std::collections::BTreeMap;

use alloy_eips::eip2935::{HISTORY_STORAGE_ADDRESS, HISTORY_STORAGE_CODE};
use alloy_primitives::{Address, Bytes, KECCAK256_EMPTY, Log, U256, keccak256};
use commonhold_module::{BlockInfo, Fault, Host, Outcome};
use commonhold_primitives::{Account, Genesis, StateKey, StateValue, system::MODULE_CODE};

use crate::{machine::Machine, overlay::Entries};

/// Why a genesis document founds no state.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GenesisError {
    /// The document is for another network than the machine.
    #[error("the genesis document is for chain {got}, the machine for {want}")]
    Chain {
        /// The document's chain id.
        got: u64,
        /// The machine's.
        want: u64,
    },
    /// The document gives code or storage to an address that belongs to a module.
    #[error("the genesis document allocates code or storage to the module at {0}")]
    Module(Address),
    /// A module refuses the document.
    #[error("the module at {0} refuses the genesis document: {1}")]
    Refused(Address, Fault),
}

impl Machine {
    /// The state that the document founds, in the order of the keys: its allocations, the EIP-2935
    /// contract, the modules' accounts (nonce 1, the code `MODULE_CODE`) and what the modules store.
    ///
    /// # Errors
    /// Where the document is for another network, or a module refuses it.
    pub fn genesis_writes(&self, genesis: &Genesis) -> Result<Entries, GenesisError> {
        if genesis.chain_id != self.chain_id() {
            return Err(GenesisError::Chain {
                got: genesis.chain_id,
                want: self.chain_id(),
            });
        }
        let mut state = Founding {
            genesis,
            entries: BTreeMap::new(),
        };
        for (address, account) in &genesis.alloc {
            state.account(*address, account.nonce, account.balance, &account.code);
            for (slot, value) in &account.storage {
                state.slot(*address, (*slot).into(), (*value).into());
            }
        }
        let balance = |address: Address| {
            genesis
                .alloc
                .get(&address)
                .map_or(U256::ZERO, |a| a.balance)
        };
        let history = HISTORY_STORAGE_ADDRESS;
        state.account(history, 1, balance(history), &HISTORY_STORAGE_CODE);
        let code = Bytes::from_static(MODULE_CODE);
        for address in self.registry().addresses() {
            if genesis
                .alloc
                .get(&address)
                .is_some_and(|a| !a.code.is_empty() || !a.storage.is_empty())
            {
                return Err(GenesisError::Module(address));
            }
            state.account(address, 1, balance(address), &code);
        }
        for address in self.registry().addresses() {
            let Some(module) = self.registry().get(&address) else {
                continue;
            };
            module
                .genesis(&mut state, genesis)
                .map_err(|e| GenesisError::Refused(address, e))?;
        }
        Ok(state
            .entries
            .into_iter()
            .map(|(key, value)| (key, Some(value)))
            .collect())
    }
}

/// The host of the modules' founding: no gas is counted, and nobody hears what they log.
struct Founding<'a> {
    genesis: &'a Genesis,
    entries: BTreeMap<StateKey, StateValue>,
}

impl Founding<'_> {
    fn account(&mut self, address: Address, nonce: u64, balance: U256, code: &Bytes) {
        let code_hash = if code.is_empty() {
            KECCAK256_EMPTY
        } else {
            keccak256(code)
        };
        let account = Account {
            nonce,
            balance,
            code_hash,
        };
        if !code.is_empty() {
            self.entries
                .insert(StateKey::Code(code_hash), StateValue::Code(code.clone()));
        }
        if !account.is_empty() {
            self.entries
                .insert(StateKey::Account(address), StateValue::Account(account));
        }
    }

    fn slot(&mut self, address: Address, slot: U256, value: U256) {
        let key = StateKey::Slot(address, slot);
        if value.is_zero() {
            self.entries.remove(&key);
        } else {
            self.entries.insert(key, StateValue::Slot(value));
        }
    }
}

impl Host for Founding<'_> {
    fn block(&self) -> BlockInfo {
        BlockInfo {
            chain_id: self.genesis.chain_id,
            number: 0,
            timestamp: self.genesis.timestamp,
        }
    }

    fn charge(&mut self, _: u64) -> Outcome<()> {
        Ok(())
    }

    fn gas_left(&self) -> u64 {
        u64::MAX
    }

    fn sload(&mut self, address: Address, slot: U256) -> Outcome<U256> {
        Ok(match self.entries.get(&StateKey::Slot(address, slot)) {
            Some(StateValue::Slot(value)) => *value,
            _ => U256::ZERO,
        })
    }

    fn sstore(&mut self, address: Address, slot: U256, value: U256) -> Outcome<()> {
        self.slot(address, slot, value);
        Ok(())
    }

    fn emit(&mut self, _: Log) -> Outcome<()> {
        Ok(())
    }
}
