//! The transaction that a simulated call would be.

use alloy_consensus::{SignableTransaction, Signed, TxEip1559, TxEip2930, TxEip7702, TxLegacy};
use alloy_primitives::{Signature, U256};
use commonhold_primitives::transaction::Envelope;
use revm::context::TxEnv;

/// The transaction that a call would be, with the signature 0.
pub(super) fn unsigned(tx: &TxEnv) -> Envelope {
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
    Envelope: From<Signed<T>>,
{
    tx.into_signed(Signature::new(U256::ZERO, U256::ZERO, false))
        .into()
}
