//! Blocks to put in.

use std::sync::Arc;

use alloy_consensus::{
    SignableTransaction as _, TxEip1559, TxType, transaction::RlpEcdsaEncodableTx as _,
};
use alloy_primitives::{Address, B256, Bytes, Log, Signature, TxKind, U256, keccak256};
use commonhold_primitives::{
    Account, Block, BlockHash, Finalised, Receipt, StateKey, StateValue, block::blank_header,
    consensus::ConsensusContext, extra::Extra, receipt,
};
use commonware_consensus::types::{Epoch, Round, View};
use commonware_cryptography::{Digest as _, Signer as _, ed25519::PrivateKey, sha256};
use commonware_storage::mmr::Location;
use commonware_utils::non_empty_range;

/// A transaction to be.
#[derive(Clone, Debug)]
pub struct Sent {
    pub from: Address,
    pub nonce: u64,
    pub to: Option<Address>,
    pub logs: Vec<Log>,
}

pub fn who(n: u64) -> Address {
    Address::from_word(keccak256(n.to_be_bytes()))
}

pub fn topic(n: u64) -> B256 {
    keccak256((n + 1_000_000).to_be_bytes())
}

/// Numbers that look random and are the same every time.
pub struct Numbers(pub u64);

impl Numbers {
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

fn raw(sent: &Sent) -> Bytes {
    let tx = TxEip1559 {
        chain_id: 7,
        nonce: sent.nonce,
        gas_limit: 21_000,
        max_fee_per_gas: 1_000_000_000,
        max_priority_fee_per_gas: 1,
        to: sent.to.map_or(TxKind::Create, TxKind::Call),
        value: U256::from_be_slice(&sent.from[..6]) + U256::from(sent.nonce),
        ..TxEip1559::default()
    };
    // The index does not check signatures; these only have to be as incompressible as real ones.
    let (r, s) = (
        keccak256(tx.signature_hash()),
        keccak256(keccak256(tx.signature_hash())),
    );
    let signature = Signature::new(
        U256::from_be_bytes(r.0),
        U256::from_be_bytes(s.0) >> 1,
        true,
    );
    let mut out = Vec::new();
    tx.eip2718_encode(&signature, &mut out);
    out.into()
}

fn extra(number: u64) -> Extra {
    Extra {
        context: ConsensusContext {
            round: Round::new(Epoch::zero(), View::new(number)),
            leader: PrivateKey::from_seed(1).public_key(),
            parent: (View::new(number.saturating_sub(1)), BlockHash::EMPTY),
        },
        millis: 0,
        ops_root: sha256::Digest::EMPTY,
        range: non_empty_range!(Location::new(0), Location::new(1)),
        ceremony: None,
        sealing: None,
    }
}

pub fn genesis(seed: u8) -> Block {
    let mut header = blank_header(B256::repeat_byte(seed));
    header.base_fee_per_gas = Some(0);
    Block::seal(header, extra(0), Vec::new(), None, None)
}

pub fn finalised(number: u64, sent: &[Sent]) -> Finalised {
    let mut gas = 0;
    let receipts: Vec<Receipt> = sent
        .iter()
        .map(|one| {
            gas += 21_000;
            Receipt {
                tx_type: TxType::Eip1559,
                success: true,
                cumulative_gas_used: gas,
                logs: one.logs.clone(),
            }
        })
        .collect();
    let mut header = blank_header(B256::repeat_byte(1));
    header.number = number;
    header.parent_hash = keccak256(number.to_be_bytes());
    header.state_root = keccak256((number + 1).to_be_bytes());
    header.timestamp = 1_700_000_000 + number;
    header.gas_used = gas;
    header.base_fee_per_gas = Some(0);
    header.receipts_root = receipt::receipts_root(&receipts);
    header.logs_bloom = receipt::logs_bloom(&receipts);
    let mut witness: Vec<_> = sent
        .iter()
        .flat_map(|one| {
            let account = Account {
                nonce: one.nonce,
                balance: U256::from(10).pow(U256::from(20)) - U256::from(one.nonce * 77),
                ..Account::default()
            };
            let to = one.to.unwrap_or_default();
            [
                (
                    StateKey::Account(one.from),
                    Some(StateValue::Account(account)),
                ),
                (StateKey::Account(to), None),
                (
                    StateKey::Slot(to, U256::from(number)),
                    Some(StateValue::Slot(U256::from(3))),
                ),
                (
                    StateKey::Code(B256::repeat_byte(4)),
                    Some(StateValue::Code(vec![1, 2].into())),
                ),
            ]
        })
        .take(if sent.len() > 100 { 0 } else { usize::MAX })
        .collect();
    witness.sort_by_key(|(key, _)| *key);
    witness.dedup_by_key(|(key, _)| *key);
    Finalised {
        block: Block::seal(
            header,
            extra(number),
            sent.iter().map(raw).collect(),
            None,
            None,
        ),
        senders: sent.iter().map(|one| one.from).collect(),
        receipts: Arc::new(receipts),
        witness: Arc::new(witness),
    }
}

/// A chain of small blocks with transfers, creations and logs.
pub fn chain(blocks: u64, seed: u64) -> Vec<Vec<Sent>> {
    let mut numbers = Numbers(seed);
    let mut nonces = [0u64; 6];
    (0..blocks)
        .map(|_| {
            (0..numbers.below(5))
                .map(|_| {
                    let from = numbers.below(6);
                    let nonce = nonces[usize::try_from(from).unwrap()];
                    nonces[usize::try_from(from).unwrap()] += 1;
                    let to = (numbers.below(8) > 0).then(|| who(numbers.below(8)));
                    let logs = (0..numbers.below(4))
                        .map(|_| {
                            let topics = (0..numbers.below(5)).map(|_| topic(numbers.below(3)));
                            let (topics, at) = (topics.collect(), who(numbers.below(4)));
                            Log::new_unchecked(at, topics, vec![7].into())
                        })
                        .collect();
                    Sent {
                        from: who(from),
                        nonce,
                        to,
                        logs,
                    }
                })
                .collect()
        })
        .collect()
}
