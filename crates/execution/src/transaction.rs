//! Transactions as revm wants them, and the fee rule.

use alloy_consensus::{Transaction as _, TxType};
use alloy_primitives::TxKind;
use commonhold_primitives::{StateKey, Transaction};
use revm::{context::TxEnv, context_interface::either::Either};

/// A transaction as revm wants it. On a free network nothing is taken for gas: whatever the
/// transaction offers, its price is zero.
pub(crate) fn tx_env(transaction: &Transaction, free: bool) -> TxEnv {
    let envelope = transaction.envelope();
    let (gas_price, gas_priority_fee) = if free {
        (0, envelope.max_priority_fee_per_gas().map(|_| 0))
    } else {
        (
            envelope.max_fee_per_gas(),
            envelope.max_priority_fee_per_gas(),
        )
    };
    let authorisations = envelope.authorization_list().unwrap_or_default();
    TxEnv {
        tx_type: envelope.tx_type().into(),
        caller: transaction.sender(),
        gas_limit: envelope.gas_limit(),
        gas_price,
        kind: envelope.kind(),
        value: envelope.value(),
        data: envelope.input().clone(),
        nonce: envelope.nonce(),
        chain_id: envelope.chain_id(),
        access_list: envelope.access_list().cloned().unwrap_or_default(),
        gas_priority_fee,
        blob_hashes: Vec::new(),
        max_fee_per_blob_gas: 0,
        authorization_list: authorisations.iter().cloned().map(Either::Left).collect(),
    }
}

/// What a transaction pays for one unit of gas.
pub fn effective_gas_price(transaction: &Transaction, base_fee: u64, free: bool) -> u128 {
    if free {
        0
    } else {
        transaction.envelope().effective_gas_price(Some(base_fee))
    }
}

/// Whether the transaction offers a tip above what it offers at most, which Ethereum refuses. revm
/// sees only prices that are charged, so a free network checks this itself.
pub(crate) fn overtips(transaction: &Transaction) -> bool {
    let envelope = transaction.envelope();
    envelope
        .max_priority_fee_per_gas()
        .is_some_and(|tip| tip > envelope.max_fee_per_gas())
}

/// The entries that a transaction names.
pub(crate) fn named(transaction: &Transaction, keys: &mut Vec<StateKey>) {
    keys.push(StateKey::Account(transaction.sender()));
    let envelope = transaction.envelope();
    match envelope.kind() {
        TxKind::Call(to) => keys.push(StateKey::Account(to)),
        TxKind::Create => {
            keys.push(StateKey::Account(
                transaction.sender().create(transaction.nonce()),
            ));
        }
    }
    for item in envelope.access_list().into_iter().flat_map(|list| &list.0) {
        keys.push(StateKey::Account(item.address));
        let slots = item.storage_keys.iter();
        keys.extend(slots.map(|slot| StateKey::Slot(item.address, (*slot).into())));
    }
    if envelope.tx_type() == TxType::Eip7702 {
        for authorisation in envelope.authorization_list().unwrap_or_default() {
            keys.push(StateKey::Account(authorisation.address));
        }
    }
}
