//! What a block did comes back as it was kept.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::sync::Arc;

use alloy_consensus::{EthereumReceipt, TxType};
use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, Log, U256};
use commonhold_primitives::{
    Account, Block, BlockHash, Finalised, StateKey, StateValue, block::blank_header,
    consensus::ConsensusContext, extra::Extra,
};
use commonware_consensus::types::{Epoch, Round, View};
use commonware_cryptography::{Digest as _, Signer as _, ed25519::PrivateKey, sha256};
use commonware_storage::mmr::Location;
use commonware_utils::non_empty_range;

fn finalised() -> Finalised {
    let context = ConsensusContext {
        round: Round::new(Epoch::zero(), View::new(1)),
        leader: PrivateKey::from_seed(1).public_key(),
        parent: (View::zero(), BlockHash::EMPTY),
    };
    let ops_root = sha256::Digest::from([0; 32]);
    let range = non_empty_range!(Location::new(0), Location::new(1));
    let extra = Extra {
        context,
        millis: 0,
        ops_root,
        range,
        ceremony: None,
        sealing: None,
    };
    let raws = vec![Bytes::from(vec![2, 1]), Bytes::from(vec![1, 1])];
    let log = Log::new_unchecked(Address::repeat_byte(3), vec![B256::ZERO], vec![1, 2].into());
    let at = Address::repeat_byte(5);
    let account = Account {
        nonce: 3,
        balance: U256::from(9),
        code_hash: KECCAK256_EMPTY,
    };
    Finalised {
        block: Block::seal(blank_header(B256::ZERO), extra, raws, None, None),
        senders: vec![Address::repeat_byte(1), Address::repeat_byte(2)],
        receipts: Arc::new(vec![
            EthereumReceipt {
                tx_type: TxType::Eip1559,
                success: true,
                cumulative_gas_used: 21_000,
                logs: vec![log],
            },
            EthereumReceipt {
                tx_type: TxType::Legacy,
                success: false,
                cumulative_gas_used: 60_000,
                logs: vec![],
            },
        ]),
        witness: Arc::new(vec![
            (StateKey::Account(at), Some(StateValue::Account(account))),
            (StateKey::Account(Address::ZERO), None),
            (
                StateKey::Slot(at, U256::from(1)),
                Some(StateValue::Slot(U256::MAX)),
            ),
            (StateKey::Slot(at, U256::from(2)), None),
            (
                StateKey::Code(B256::repeat_byte(4)),
                Some(StateValue::Code(vec![0, 1].into())),
            ),
        ]),
    }
}

#[test]
fn an_outcome_comes_back() {
    let kept = finalised();
    let found = Finalised::from_parts(kept.block.clone(), &kept.outcome()).unwrap();
    assert_eq!(found.senders, kept.senders);
    assert_eq!(found.receipts, kept.receipts);
    assert_eq!(found.witness, kept.witness);
}

#[test]
fn an_outcome_of_another_block_is_refused() {
    let mut other = finalised();
    other.senders.pop();
    let bytes = other.outcome();
    assert!(Finalised::from_parts(finalised().block, &bytes).is_err());
    let whole = finalised().outcome();
    let longer = [whole.as_ref(), &[0]].concat();
    assert!(Finalised::from_parts(finalised().block, &longer).is_err());
    for cut in 0..whole.len() {
        let part = whole.get(..cut).unwrap();
        assert!(
            Finalised::from_parts(finalised().block, part).is_err(),
            "cut at {cut}"
        );
    }
}
