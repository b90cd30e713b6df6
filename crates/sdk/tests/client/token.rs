//! Settlement money, as the client asks for it.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolEvent as _;
use commonhold_primitives::system::TOKEN;
use commonhold_sdk::{Kind, limits::LOG_BLOCKS_MAX, token::Movement};
use commonhold_system::token::interface::IToken::Transfer;
use serde_json::{Value, json};

use crate::{account, count, start};

const ANNA: Address = Address::repeat_byte(0xa1);
const BEN: Address = Address::repeat_byte(0xb2);

fn movement(block: u64, from: Address, to: Address, n: u64) -> Movement {
    let (transaction, value) = (B256::repeat_byte(7), U256::from(n));
    Movement {
        block,
        transaction,
        from,
        to,
        value,
    }
}

fn log(moved: &Movement, index: u64) -> Value {
    let (from, to, value) = (moved.from, moved.to, moved.value);
    let data = Transfer { from, to, value }.encode_log_data();
    json!({
        "address": TOKEN, "topics": data.topics(), "data": data.data,
        "blockNumber": U256::from(moved.block), "blockHash": B256::ZERO,
        "transactionHash": moved.transaction, "transactionIndex": "0x0",
        "logIndex": U256::from(index), "removed": false,
    })
}

#[test]
fn a_history_is_walked_back_as_far_as_needed() {
    let (node, client) = start();
    let new = movement(250_000, ANNA, BEN, 3);
    let own = movement(249_999, ANNA, ANNA, 2);
    let old = movement(100_000, BEN, ANNA, 1);
    let logs = |logs: &[Value]| json!({ "result": logs });
    node.instead("eth_blockNumber", json!({ "result": "0x3d090" }));
    // What left, what came: a movement to oneself is in both and told once.
    let both = [log(&own, 4), log(&new, 0)];
    node.instead("eth_getLogs", logs(&both));
    node.instead("eth_getLogs", logs(&[log(&own, 4)]));
    // Nothing for a while, then the rest, of which one is enough.
    node.instead("eth_getLogs", logs(&[]));
    node.instead("eth_getLogs", logs(&[log(&old, 9)]));
    let found = client.token_history(ANNA, 3).unwrap();
    assert_eq!(found, [new, own, old]);
    assert_eq!(count(&node, "eth_getLogs"), 4);
    assert_eq!(250_000 - 2 * LOG_BLOCKS_MAX, 50_000);
}

#[test]
fn what_is_too_much_for_one_answer_is_asked_for_in_parts() {
    let (node, client) = start();
    let moved = movement(1, ANNA, BEN, 3);
    let too_many = json!({ "error": { "code": -32005, "message": "more than LOGS_MAX" } });
    node.instead("eth_blockNumber", json!({ "result": "0x1" }));
    node.instead("eth_getLogs", too_many);
    node.instead("eth_getLogs", json!({ "result": [log(&moved, 0)] }));
    node.instead("eth_getLogs", json!({ "result": [] }));
    assert_eq!(client.token_history(ANNA, 5).unwrap(), [moved]);
}

#[test]
fn a_log_of_something_else_is_an_integrity_failure() {
    let (node, client) = start();
    let mut other = log(&movement(1, ANNA, BEN, 3), 0);
    other["topics"] = json!([B256::ZERO]);
    node.instead("eth_blockNumber", json!({ "result": "0x1" }));
    node.instead("eth_getLogs", json!({ "result": [other] }));
    let error = client.token_history(ANNA, 5).unwrap_err();
    assert_eq!(error.kind(), Kind::Integrity);
}

#[test]
fn refusals_are_told_as_people_write_amounts() {
    let (_node, client) = start();
    let anna = account(1);
    assert_eq!(client.token_balance(anna.address()).unwrap(), U256::ZERO);
    assert_eq!(client.token_supply().unwrap(), U256::ZERO);
    let n = U256::from(12_500_000_000u64);
    let error = client.token_send(&anna, BEN, n).unwrap_err();
    assert_eq!(error.kind(), Kind::Refused);
    let expected = format!("refused: {} has 0, and 12.5 are needed", anna.address());
    assert_eq!(error.to_string(), expected);
    let error = client.propose_issue(&anna, BEN, n, "mine").unwrap_err();
    let expected = format!(
        "refused: not member (caller: {}). The caller acts for no member.",
        anna.address()
    );
    assert_eq!(error.to_string(), expected);
    let error = client.token_send(&anna, TOKEN, n).unwrap_err();
    let expected = format!(
        "refused: erc20 invalid receiver (receiver: {TOKEN}). Nobody can receive here: the zero address, or \
         this contract."
    );
    assert_eq!(error.to_string(), expected);
    assert_eq!(client.issues(0).unwrap().total, 0);
    assert_eq!(client.escrows_paid_by(BEN, 0).unwrap().total, 0);
}
