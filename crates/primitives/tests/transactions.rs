//! What is a transaction of this network and what is not.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use alloy_consensus::{SignableTransaction as _, TxEip1559, TxEip4844, TxLegacy};
use alloy_eips::eip2718::Encodable2718 as _;
use alloy_primitives::{Bytes, Signature, TxKind, U256};
use alloy_signer::SignerSync as _;
use alloy_signer_local::PrivateKeySigner;
use commonhold_primitives::{
    limits::TRANSACTION_BYTES_MAX,
    transaction::{Envelope, TransactionError, recover},
};

const CHAIN: u64 = 49_152;

fn signer() -> PrivateKeySigner {
    PrivateKeySigner::from_slice(&[7; 32]).unwrap()
}

fn eip1559(chain_id: u64) -> TxEip1559 {
    TxEip1559 {
        chain_id,
        gas_limit: 21_000,
        to: TxKind::Call([1; 20].into()),
        ..Default::default()
    }
}

fn signed(chain_id: u64) -> Vec<u8> {
    let tx = eip1559(chain_id);
    let signature = signer().sign_hash_sync(&tx.signature_hash()).unwrap();
    Envelope::from(tx.into_signed(signature)).encoded_2718()
}

#[test]
fn a_signed_transaction_names_its_sender() {
    let raw: Bytes = signed(CHAIN).into();
    let transaction = recover(raw.clone(), CHAIN).unwrap();
    assert_eq!(transaction.sender(), signer().address());
    assert_eq!(transaction.raw(), &raw);
    assert_eq!(transaction.hash(), alloy_primitives::keccak256(&raw));
}

#[test]
fn another_networks_transaction_is_refused() {
    let refused = recover(signed(1).into(), CHAIN).unwrap_err();
    assert_eq!(
        refused,
        TransactionError::WrongChain {
            got: 1,
            want: CHAIN
        }
    );
}

#[test]
fn a_legacy_transaction_without_chain_id_is_refused() {
    let tx = TxLegacy {
        gas_limit: 21_000,
        to: TxKind::Call([1; 20].into()),
        ..Default::default()
    };
    let signature = signer().sign_hash_sync(&tx.signature_hash()).unwrap();
    let raw = Envelope::from(tx.into_signed(signature)).encoded_2718();
    let refused = recover(raw.into(), CHAIN).unwrap_err();
    assert_eq!(
        refused,
        TransactionError::WrongChain {
            got: 0,
            want: CHAIN
        }
    );
}

#[test]
fn a_signature_in_the_upper_half_is_refused() {
    let tx = eip1559(CHAIN);
    let low = signer().sign_hash_sync(&tx.signature_hash()).unwrap();
    let order = U256::from_be_bytes(alloy_primitives::hex!(
        "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"
    ));
    let high = Signature::new(low.r(), order - low.s(), !low.v());
    let raw = Envelope::from(tx.into_signed(high)).encoded_2718();
    assert_eq!(
        recover(raw.into(), CHAIN).unwrap_err(),
        TransactionError::Signature
    );
}

#[test]
fn zero_signatures_are_refused() {
    let none = Signature::new(U256::ZERO, U256::ZERO, false);
    let raw = Envelope::from(eip1559(CHAIN).into_signed(none)).encoded_2718();
    assert_eq!(
        recover(raw.into(), CHAIN).unwrap_err(),
        TransactionError::Signature
    );
}

#[test]
fn blob_transactions_are_refused() {
    let tx = TxEip4844 {
        chain_id: CHAIN,
        ..Default::default()
    };
    let signature = signer().sign_hash_sync(&tx.signature_hash()).unwrap();
    let raw = Envelope::from(tx.into_signed(signature)).encoded_2718();
    assert_eq!(
        recover(raw.into(), CHAIN).unwrap_err(),
        TransactionError::Unsupported(3)
    );
}

#[test]
fn malformed_bytes_are_refused() {
    let whole = signed(CHAIN);
    for raw in [
        vec![],
        vec![0xff; 40],
        whole[..whole.len() - 1].to_vec(),
        [whole, vec![0]].concat(),
    ] {
        assert!(matches!(
            recover(raw.into(), CHAIN),
            Err(TransactionError::Malformed(_))
        ));
    }
    let long = vec![2; TRANSACTION_BYTES_MAX + 1];
    let refused = recover(long.into(), CHAIN).unwrap_err();
    assert_eq!(
        refused,
        TransactionError::TooLong(TRANSACTION_BYTES_MAX + 1)
    );
}
