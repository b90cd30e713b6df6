//! Cells give back what was put in, and refuse what was never put in.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, U256, keccak256};
use commonhold_primitives::{Account, StateKey, StateValue};
use commonhold_state::{Cell, CellError, cell};
use proptest::prelude::*;

fn address() -> impl Strategy<Value = Address> {
    any::<[u8; 20]>().prop_map(Address::from)
}

/// Balances up to the supply that a genesis document may allocate.
fn balance() -> impl Strategy<Value = U256> {
    any::<[u8; 22]>().prop_map(|bytes| U256::from_be_slice(&bytes))
}

proptest! {
    #[test]
    fn accounts_come_back(at in address(), nonce in any::<u64>(), balance in balance(), code in any::<Option<[u8; 32]>>()) {
        let code_hash = code.map_or(KECCAK256_EMPTY, B256::from);
        let account = StateValue::Account(Account { nonce, balance, code_hash });
        let key = StateKey::Account(at);
        let cells = cell::encode(&key, Some(&account)).unwrap();
        prop_assert_eq!(cells.len(), 1);
        prop_assert_eq!(cells[0].0, cell::key(&key));
        prop_assert_eq!(cell::decode(&key, cells[0].1.as_ref().unwrap()).unwrap(), account);
    }

    #[test]
    fn slots_come_back(at in address(), slot in any::<[u8; 32]>(), value in any::<[u8; 32]>()) {
        let value = U256::from_be_bytes(value);
        prop_assume!(!value.is_zero());
        let key = StateKey::Slot(at, U256::from_be_bytes(slot));
        let cells = cell::encode(&key, Some(&StateValue::Slot(value))).unwrap();
        let found = cell::decode(&key, cells[0].1.as_ref().unwrap()).unwrap();
        prop_assert_eq!(found, StateValue::Slot(value));
    }

    #[test]
    fn code_comes_back(code in prop::collection::vec(any::<u8>(), 1..24_576)) {
        let key = StateKey::Code(keccak256(&code));
        let value = StateValue::Code(Bytes::from(code));
        let cells = cell::encode(&key, Some(&value)).unwrap();
        prop_assert_eq!(cells[0].0, cell::key(&key));
        let data: Vec<Cell> = cells.into_iter().map(|(_, cell)| cell.unwrap()).collect();
        prop_assert_eq!(usize::from(cell::code_cells_after(&data[0]).unwrap()), data.len() - 1);
        prop_assert_eq!(cell::decode_code(&data).unwrap(), value);
        if data.len() > 1 {
            prop_assert!(cell::decode_code(&data[..data.len() - 1]).is_err());
        }
    }

    #[test]
    fn any_bytes_decode_or_are_refused(bytes in any::<[u8; 32]>(), more in any::<[u8; 32]>(), at in address()) {
        let mut all = [0u8; 64];
        all[..32].copy_from_slice(&bytes);
        all[32..].copy_from_slice(&more);
        let cell = Cell::new(all);
        for key in [StateKey::Account(at), StateKey::Slot(at, U256::ZERO)] {
            if let Ok(value) = cell::decode(&key, &cell) {
                // One value has one cell.
                let again = cell::encode(&key, Some(&value)).unwrap();
                if again[0].1.is_some() {
                    prop_assert_eq!(again[0].1.as_ref(), Some(&cell));
                }
            }
        }
    }
}

#[test]
fn keys_do_not_collide_across_kinds() {
    let at = Address::repeat_byte(7);
    let keys = [
        cell::key(&StateKey::Account(at)),
        cell::key(&StateKey::Slot(at, U256::ZERO)),
        cell::key(&StateKey::Slot(at, U256::from(1))),
        cell::key(&StateKey::Code(B256::ZERO)),
        cell::code_key(&B256::ZERO, 1),
    ];
    for (i, a) in keys.iter().enumerate() {
        for b in &keys[i + 1..] {
            assert_ne!(a, b);
        }
    }
}

#[test]
fn a_balance_beyond_the_supply_is_refused() {
    let account = Account {
        nonce: 1,
        balance: U256::MAX,
        code_hash: B256::repeat_byte(1),
    };
    let key = StateKey::Account(Address::ZERO);
    let refused = cell::encode(&key, Some(&StateValue::Account(account)));
    assert_eq!(refused, Err(CellError::TooLarge("account")));
}

#[test]
fn absence_deletes_and_a_zero_slot_is_absent() {
    let slot = StateKey::Slot(Address::ZERO, U256::from(1));
    for value in [None, Some(StateValue::Slot(U256::ZERO))] {
        assert_eq!(cell::encode(&slot, value.as_ref()).unwrap()[0].1, None);
    }
}
