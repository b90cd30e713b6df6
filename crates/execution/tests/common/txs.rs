//! People and what they sign.

use std::sync::Arc;

use alloy_consensus::{SignableTransaction, TxEip1559, TxEip2930, TxEip7702, TxLegacy};
use alloy_eips::{
    eip2718::Encodable2718 as _,
    eip2930::{AccessList, AccessListItem},
    eip7702::{Authorization, SignedAuthorization},
};
use alloy_primitives::{Address, B256, Bytes, Signature, TxKind, U256};
use alloy_signer::SignerSync as _;
use alloy_signer_local::PrivateKeySigner;
use commonhold_primitives::{
    Transaction,
    transaction::{self, Envelope},
};

use super::CHAIN;

pub fn signer(n: u8) -> PrivateKeySigner {
    PrivateKeySigner::from_slice(&[n; 32]).unwrap()
}

pub fn who(n: u8) -> Address {
    signer(n).address()
}

/// What the tests vary of a transaction.
#[derive(Clone, Debug)]
pub struct Tx {
    pub from: u8,
    pub kind: u8,
    pub nonce: u64,
    pub to: TxKind,
    pub value: u128,
    pub gas: u64,
    pub fee: u128,
    pub tip: u128,
    pub input: Bytes,
    pub access: Vec<(Address, Vec<U256>)>,
    pub authorisations: Vec<SignedAuthorization>,
}

impl Default for Tx {
    fn default() -> Self {
        Self {
            from: 1,
            kind: 2,
            nonce: 0,
            to: TxKind::Call(who(9)),
            value: 0,
            gas: 21_000,
            fee: 0,
            tip: 0,
            input: Bytes::new(),
            access: Vec::new(),
            authorisations: Vec::new(),
        }
    }
}

fn sign<T: SignableTransaction<Signature>>(from: u8, tx: T) -> Envelope
where
    Envelope: From<alloy_consensus::Signed<T>>,
{
    let signature = signer(from).sign_hash_sync(&tx.signature_hash()).unwrap();
    tx.into_signed(signature).into()
}

impl Tx {
    pub fn sign(self) -> Arc<Transaction> {
        let Self {
            from,
            nonce,
            to,
            gas,
            fee,
            tip,
            input,
            ..
        } = self;
        let value = U256::from(self.value);
        let access_list = AccessList(
            self.access
                .into_iter()
                .map(|(address, slots)| AccessListItem {
                    address,
                    storage_keys: slots.into_iter().map(B256::from).collect(),
                })
                .collect(),
        );
        let envelope = match self.kind {
            0 => {
                let chain_id = Some(CHAIN);
                sign(
                    from,
                    TxLegacy {
                        chain_id,
                        nonce,
                        gas_price: fee,
                        gas_limit: gas,
                        to,
                        value,
                        input,
                    },
                )
            }
            1 => {
                let chain_id = CHAIN;
                sign(
                    from,
                    TxEip2930 {
                        chain_id,
                        nonce,
                        gas_price: fee,
                        gas_limit: gas,
                        to,
                        value,
                        access_list,
                        input,
                    },
                )
            }
            2 => sign(
                from,
                TxEip1559 {
                    chain_id: CHAIN,
                    nonce,
                    gas_limit: gas,
                    max_fee_per_gas: fee,
                    max_priority_fee_per_gas: tip,
                    to,
                    value,
                    access_list,
                    input,
                },
            ),
            _ => sign(
                from,
                TxEip7702 {
                    chain_id: CHAIN,
                    nonce,
                    gas_limit: gas,
                    max_fee_per_gas: fee,
                    max_priority_fee_per_gas: tip,
                    to: *to.to().unwrap(),
                    value,
                    access_list,
                    authorization_list: self.authorisations,
                    input,
                },
            ),
        };
        Arc::new(transaction::recover(envelope.encoded_2718().into(), CHAIN).unwrap())
    }
}

pub fn authorise(from: u8, nonce: u64, address: Address) -> SignedAuthorization {
    let authorisation = Authorization {
        chain_id: U256::from(CHAIN),
        address,
        nonce,
    };
    let signature = signer(from)
        .sign_hash_sync(&authorisation.signature_hash())
        .unwrap();
    authorisation.into_signed(signature)
}
