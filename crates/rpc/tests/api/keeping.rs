//! A node whose disk refuses the journal of transactions.

use std::thread;

use alloy_primitives::{Address, B256, Bytes};
use commonhold_pool::Pool;
use commonhold_rpc::Backend as _;
use commonware_utils::channel::ring;
use futures::{StreamExt as _, executor::block_on};
use serde_json::{Value, json};

use crate::support::{Node, raw};

const SEND: &str = "eth_sendRawTransaction";

fn transfer(from: u64) -> String {
    raw(from, 0, Some(Address::ZERO), 1, Bytes::new())
}

/// A node that makes no blocks and has a journal that nobody writes, its pool, and what that takes.
fn start() -> (Node, Pool, ring::Receiver<B256>) {
    let node = Node::start();
    // Before the first block nobody has anything.
    node.chain.mine();
    node.chain.set_auto(false);
    let pool = node.chain.pool().clone();
    pool.attach_journal();
    let heard = pool.subscribe().unwrap();
    (node, pool, heard)
}

fn assert_told(error: &Value) {
    assert_eq!(error["code"], -32000, "{error}");
    let message = error["message"].as_str().unwrap();
    assert!(message.starts_with("the node cannot keep transactions safe now"));
    assert!(message.contains("send the same transaction"));
}

#[test]
fn nobody_is_promised_what_the_node_cannot_keep() {
    let (node, pool, mut heard) = start();
    thread::scope(|scope| {
        let asked = scope.spawn(|| node.ask(SEND, json!([transfer(0)])));
        block_on(heard.next()).unwrap();
        pool.refuse_clients();
        assert_told(&asked.join().unwrap()["error"]);
    });
    // Nobody is let in, and what the pool has is not acknowledged by another name.
    for from in [0, 1] {
        assert_told(&node.ask(SEND, json!([transfer(from)]))["error"]);
        assert_told(&node.ask("eth_sendRawTransactionSync", json!([transfer(from)]))["error"]);
    }
    assert_eq!(pool.len(), 1);
    // The rest goes on: the transaction may become final.
    let number = node.chain.mine();
    assert_eq!(
        node.call("eth_blockNumber", json!([])),
        format!("{number:#x}")
    );
    assert!(pool.is_empty());
}

#[test]
fn a_batch_loses_only_its_acknowledgements() {
    let (node, pool, mut heard) = start();
    let call = |id: u64, method: &str, params: Value| json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
    let batch = json!([
        call(1, SEND, json!([transfer(0)])),
        call(2, "eth_chainId", json!([])),
        call(3, SEND, json!(["0x02"])),
        call(4, SEND, json!([transfer(1)])),
    ]);
    let answers = thread::scope(|scope| {
        let asked = scope.spawn(|| node.post(&batch).json());
        block_on(heard.next()).unwrap();
        block_on(heard.next()).unwrap();
        pool.refuse_clients();
        asked.join().unwrap()
    });
    let answers = answers.as_array().unwrap();
    let ids: Vec<_> = answers.iter().map(|answer| &answer["id"]).collect();
    assert_eq!(ids, [1, 2, 3, 4]);
    assert_told(&answers[0]["error"]);
    assert_eq!(
        answers[1]["result"],
        format!("{:#x}", crate::support::CHAIN)
    );
    let wrong = answers[2]["error"]["message"].as_str().unwrap();
    assert!(!wrong.contains("keep"), "{wrong}");
    assert_told(&answers[3]["error"]);
}

#[test]
fn a_late_receipt_does_not_acknowledge_what_is_not_kept() {
    let (node, pool, mut heard) = start();
    thread::scope(|scope| {
        let params = json!([transfer(0), 1]);
        let asked = scope.spawn(|| node.ask("eth_sendRawTransactionSync", params));
        block_on(heard.next()).unwrap();
        pool.refuse_clients();
        assert_told(&asked.join().unwrap()["error"]);
    });
    // A receipt is more than any journal.
    pool.welcome_clients();
    node.chain.set_auto(true);
    let receipt = node.call("eth_sendRawTransactionSync", json!([transfer(1)]));
    assert_eq!(receipt["status"], "0x1");
}
