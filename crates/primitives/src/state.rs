//! The world state as the machine sees it: accounts, storage slots and code.
//!
//! How these become fixed-size cells of the authenticated database is the business of
//! `commonhold-state`; nothing above it knows.

use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, U256};

/// One account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Transactions sent (or contracts created, for a contract).
    pub nonce: u64,
    /// Balance in wei. The supply of a genesis document is bounded so that it fits its cell.
    pub balance: U256,
    /// keccak-256 of the account's code; [`KECCAK256_EMPTY`] where it has none.
    pub code_hash: B256,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            nonce: 0,
            balance: U256::ZERO,
            code_hash: KECCAK256_EMPTY,
        }
    }
}

impl Account {
    /// Empty in the sense of EIP-161: such an account is not kept.
    pub fn is_empty(&self) -> bool {
        self.nonce == 0 && self.balance.is_zero() && self.code_hash == KECCAK256_EMPTY
    }
}

/// Names one entry of the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StateKey {
    /// The account at an address.
    Account(Address),
    /// A storage slot of the account at an address.
    Slot(Address, U256),
    /// Code by its keccak-256 hash.
    Code(B256),
}

/// The value of one entry of the state. Absent entries are `None` wherever a value is looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StateValue {
    /// For [`StateKey::Account`].
    Account(Account),
    /// For [`StateKey::Slot`]; never zero (a zero slot is absent).
    Slot(U256),
    /// For [`StateKey::Code`]; never empty.
    Code(Bytes),
}
