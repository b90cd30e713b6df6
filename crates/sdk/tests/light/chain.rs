//! Blocks of a network, and what an honest node answers of them.

use alloy_consensus::{Header, TxType};
use alloy_primitives::{Address, B256, Bytes, U256};
use commonhold_primitives::{Block, Receipt, block::blank_header};
use commonhold_sdk::{Account, Stamp, transaction::Draft};
use serde_json::{Value, json};

use crate::network::Network;

/// When block 0 was: block 42 is that of [`Network::block`].
const BEGUN: u64 = 1_800_000_000 - 42;
pub const GENESIS: B256 = B256::repeat_byte(9);
/// An account that has two slots, and one that it has not.
pub const HOLDER: Address = Address::repeat_byte(0x5a);
pub const HELD: U256 = U256::from_limbs([7, 0, 0, 0]);
pub const EMPTY: U256 = U256::from_limbs([8, 0, 0, 0]);

/// The block of a number, a second after the one before it.
pub fn block(network: &Network, number: u64) -> Block {
    sealed(network, number, BEGUN + number, GENESIS, B256::ZERO)
}

pub fn sealed(network: &Network, number: u64, time: u64, genesis: B256, parent: B256) -> Block {
    let header = Header {
        number,
        timestamp: time,
        state_root: B256::repeat_byte(2),
        ..blank_header(genesis)
    };
    network.seal(parent, header, Vec::new(), &[])
}

/// `commonhold_getCertificate` of a block, as certified by the last of `after`, or by itself.
pub fn answer(network: &Network, block: &Block, after: &[&Block]) -> Value {
    let encoded = |block: &Block| -> Bytes { alloy_rlp::encode(block.header()).into() };
    let descendants: Vec<Bytes> = after.iter().map(|block| encoded(block)).collect();
    json!({
        "number": format!("{:#x}", block.header().number), "hash": block.hash(),
        "header": encoded(block), "descendants": descendants,
        "certificate": network.certify(after.last().copied().unwrap_or(block)),
    })
}

/// A block of two transactions, of which the stamp of one is given.
pub fn receipt_stamp(network: &Network, index: usize) -> Stamp {
    let sender = Account::from_secret(&[1; 32]).unwrap();
    let drafts = [
        Draft::transfer(Address::repeat_byte(5), U256::from(7)),
        Draft::call(HOLDER, Bytes::from_static(&[1, 2, 3, 4])),
    ];
    let log = alloy_primitives::Log::new_unchecked(
        HOLDER,
        vec![B256::repeat_byte(3)],
        Bytes::from_static(&[9]),
    );
    let receipt = |success, logs| Receipt {
        tx_type: TxType::Eip1559,
        success,
        cumulative_gas_used: 21_000,
        logs,
    };
    let receipts = [receipt(false, Vec::new()), receipt(true, vec![log])];
    network.transaction_stamp(&sender, &drafts, &receipts, index)
}

/// Entries of a state in which [`HOLDER`] has [`HELD`] and some more slots.
pub fn state_stamp(network: &Network, asked: &[(Address, Option<U256>)]) -> Stamp {
    let slots = (0..20u64)
        .map(|slot| ((HOLDER, U256::from(100 + slot)), U256::from(slot + 1)))
        .chain([((HOLDER, HELD), U256::from(0xfeed))])
        .collect();
    network.state_stamp(&slots, asked)
}
