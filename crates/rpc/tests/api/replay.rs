//! Traces of final transactions, Otterscan's questions, and the network's own methods.

use alloy_primitives::{Address, Bytes, hex};
use commonhold_primitives::stamp::{Claim, Stamp};
use serde_json::{Value, json};

use crate::support::{Node, signer};

/// Code that calls `to` with all the value it got.
fn forwarder(to: Address) -> Vec<u8> {
    let mut code = hex!("5f5f5f5f3473").to_vec();
    code.extend_from_slice(to.as_slice());
    code.extend_from_slice(&hex!("5af100"));
    code
}

#[test]
fn a_transaction_is_traced_as_it_ran() {
    let node = Node::start();
    let inner = node.deploy(0, &hex!("60075f5500"));
    let outer = node.deploy(0, &forwarder(inner));
    let hash = node.transact(0, Some(outer), 5, Bytes::new());
    // What happens later does not change what happened then.
    node.transact(0, Some(outer), 6, Bytes::new());
    let tracer = json!({ "tracer": "callTracer" });
    let trace = node.call("debug_traceTransaction", json!([hash, tracer]));
    assert_eq!(trace["to"], json!(outer.to_string().to_lowercase()));
    let call = &trace["calls"][0];
    assert_eq!(
        (&call["type"], &call["value"]),
        (&json!("CALL"), &json!("0x5"))
    );
    let receipt = node.call("eth_getTransactionReceipt", json!([hash]));
    assert_eq!(trace["gasUsed"], receipt["gasUsed"]);
    let steps = node.call("debug_traceTransaction", json!([hash]));
    assert!(steps["structLogs"].as_array().unwrap().len() > 5);
    assert_eq!(steps["failed"], false);
    let number = receipt["blockNumber"].clone();
    let all = node.call("debug_traceBlockByNumber", json!([number, tracer]));
    assert_eq!(all, json!([{ "txHash": hash, "result": trace }]));
    let by_hash = node.call(
        "debug_traceBlockByHash",
        json!([receipt["blockHash"], tracer]),
    );
    assert_eq!(by_hash, all);
    let called = json!([{ "to": outer, "from": signer(0).address() }, "latest", tracer]);
    assert_eq!(
        node.call("debug_traceCall", called)["calls"][0]["type"],
        "CALL"
    );
    let operations = node.call("ots_getInternalOperations", json!([hash]));
    assert_eq!(operations[0]["type"], 0);
    assert_eq!(operations[0]["value"], "0x5");
    let entries = node.call("ots_traceTransaction", json!([hash]));
    assert_eq!(entries[1]["depth"], 1);
    let (code, _, _) = node.error("debug_traceTransaction", json!([format!("0x{:064x}", 1)]));
    assert_eq!(code, -32000);
}

/// The first block starts from the genesis document, which no witness holds.
#[test]
fn the_first_block_is_traced() {
    let node = Node::start();
    let hash = node.transact(0, Some(Address::repeat_byte(9)), 5, Bytes::new());
    let trace = node.call(
        "debug_traceTransaction",
        json!([hash, { "tracer": "callTracer" }]),
    );
    assert_eq!(trace["value"], "0x5");
    let (code, _, _) = node.error("debug_traceBlockByNumber", json!(["0x0"]));
    assert_eq!(code, -32000);
}

#[test]
fn otterscan_finds_what_it_needs() {
    let node = Node::start();
    let from = signer(0).address();
    let contract = node.deploy(0, &hex!("5f5ffd"));
    let mut hashes = Vec::new();
    for _ in 0..5 {
        hashes.push(node.transact(0, Some(contract), 0, Bytes::from(vec![1; 40])));
    }
    assert!(node.call("ots_getApiLevel", json!([])).as_u64().unwrap() >= 8);
    assert_eq!(node.call("ots_hasCode", json!([contract, "latest"])), true);
    assert_eq!(node.call("ots_hasCode", json!([from, "latest"])), false);
    let details = node.call("ots_getBlockDetails", json!([2]));
    assert_eq!(details["block"]["transactionCount"], 1);
    assert_eq!(details["totalFees"], "0x0");
    let page = node.call("ots_getBlockTransactions", json!([2, 0, 10]));
    assert_eq!(page["fullblock"]["transactions"][0]["input"], "0x01010101");
    assert!(page["receipts"][0]["logs"].is_null());
    assert_eq!(
        node.call("ots_getTransactionError", json!([hashes[0]])),
        "0x"
    );
    let nonce = node.call("ots_getTransactionBySenderAndNonce", json!([from, 3]));
    assert_eq!(nonce, json!(hashes[2]));
    let creator = node.call("ots_getContractCreator", json!([contract]));
    assert_eq!(creator["creator"], json!(from.to_string().to_lowercase()));
    assert!(node.call("ots_getContractCreator", json!([from])).is_null());
    let newest = node.call("ots_searchTransactionsBefore", json!([contract, 0, 2]));
    let found = |page: &Value| -> Vec<Value> {
        page["txs"]
            .as_array()
            .unwrap()
            .iter()
            .map(|tx| tx["hash"].clone())
            .collect()
    };
    assert_eq!(found(&newest), [json!(hashes[4]), json!(hashes[3])]);
    assert_eq!(
        (&newest["firstPage"], &newest["lastPage"]),
        (&json!(true), &json!(false))
    );
    assert!(newest["receipts"][0]["timestamp"].is_u64());
    let oldest = node.call("ots_searchTransactionsAfter", json!([contract, 0, 2]));
    assert_eq!(oldest["txs"].as_array().unwrap().len(), 2);
    assert_eq!(
        (&oldest["firstPage"], &oldest["lastPage"]),
        (&json!(false), &json!(true))
    );
}

#[test]
fn a_tag_means_the_newest_block_with_a_certificate() {
    let node = Node::start();
    for _ in 0..3 {
        node.chain.mine();
    }
    let newest = || node.call("commonhold_getCertificate", json!(["latest"]))["number"].clone();
    assert_eq!(newest(), "0x3");
    // The head has none yet, and none follows it.
    node.chain.mine();
    assert_eq!(newest(), "0x3");
    let (code, message, _) = node.error("commonhold_getCertificate", json!(["0x4"]));
    assert_eq!(code, -32001, "{message}");
}

#[test]
fn stamps_carry_their_own_proof() {
    let node = Node::start();
    let hash = node.transact(0, Some(Address::repeat_byte(9)), 5, Bytes::new());
    let (code, message, _) = node.error("commonhold_getStamp", json!([hash]));
    assert_eq!(code, -32001, "{message}");
    node.chain.mine();
    node.chain.mine();
    let stamp: Stamp =
        serde_json::from_value(node.call("commonhold_getStamp", json!([hash]))).unwrap();
    // Block 1 has no certificate; block 3 has one that covers it.
    assert_eq!(stamp.descendants.len(), 2);
    let Claim::Transaction { index, raw, .. } = &stamp.claim else {
        panic!()
    };
    assert_eq!(
        (*index, alloy_primitives::keccak256(raw).to_string()),
        (0, hash)
    );
    let certificate = node.call("commonhold_getCertificate", json!(["0x1"]));
    assert_eq!(certificate["certificate"], json!(stamp.certificate));
    let state: Stamp = serde_json::from_value(node.call(
        "commonhold_getStateProof",
        json!([Address::ZERO, ["0x1", "0x2"]]),
    ))
    .unwrap();
    let Claim::State { entries } = &state.claim else {
        panic!()
    };
    assert_eq!(entries.len(), 2);
    assert_eq!(
        node.call("commonhold_networkKey", json!([]))
            .as_str()
            .unwrap()
            .len(),
        194
    );
    assert_eq!(node.call("commonhold_members", json!([]))[0]["name"], "one");
    let genesis = node.call("commonhold_genesis", json!([]));
    assert_eq!(genesis["document"]["chainId"], 31_337);
    assert_eq!(node.call("commonhold_status", json!([]))["block"], 3);
    let limits = node.call("commonhold_limits", json!([]));
    assert_eq!(limits["rpc"]["BATCH_ENTRIES_MAX"], 200);
}
