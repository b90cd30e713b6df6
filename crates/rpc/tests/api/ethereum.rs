//! The shape of every method that clients rely on.

use alloy_primitives::{Address, Bytes, hex};
use serde_json::{Value, json};

use crate::support::{Node, legacy, raw, signer};

fn number(value: &Value) -> u64 {
    u64::from_str_radix(value.as_str().unwrap().strip_prefix("0x").unwrap(), 16).unwrap()
}

#[test]
fn the_node_says_who_it_is() {
    let node = Node::start();
    assert_eq!(node.call("eth_chainId", json!([])), "0x7a69");
    assert_eq!(node.call("net_version", json!([])), "31337");
    assert_eq!(node.call("net_listening", json!([])), true);
    assert_eq!(node.call("net_peerCount", json!([])), "0x0");
    assert_eq!(node.call("eth_accounts", json!([])), json!([]));
    let version = node.call("web3_clientVersion", json!([]));
    assert!(version.as_str().unwrap().starts_with("commonhold/v"));
    let hash = node.call("web3_sha3", json!(["0x"]));
    assert_eq!(
        hash,
        "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    );
}

#[test]
fn a_transfer_is_found_again_in_every_way() {
    let node = Node::start();
    let to = Address::repeat_byte(9);
    let hash = node.transact(0, Some(to), 5, Bytes::new());
    assert_eq!(node.call("eth_getBalance", json!([to, "latest"])), "0x5");
    let receipt = node.call("eth_getTransactionReceipt", json!([hash]));
    assert_eq!(receipt["gasUsed"], "0x5208");
    assert_eq!(receipt["effectiveGasPrice"], "0x0");
    assert_eq!(receipt["type"], "0x2");
    assert!(receipt["contractAddress"].is_null());
    let block = receipt["blockHash"].clone();
    let by_hash = node.call("eth_getTransactionByHash", json!([hash]));
    let in_number = node.call(
        "eth_getTransactionByBlockNumberAndIndex",
        json!(["0x1", "0x0"]),
    );
    let in_hash = node.call(
        "eth_getTransactionByBlockHashAndIndex",
        json!([block, "0x0"]),
    );
    assert_eq!(by_hash, in_number);
    assert_eq!(by_hash, in_hash);
    let none = node.call(
        "eth_getTransactionByBlockNumberAndIndex",
        json!(["0x1", "0x1"]),
    );
    assert!(none.is_null());
    assert_eq!(
        node.call("eth_getBlockTransactionCountByNumber", json!(["0x1"])),
        "0x1"
    );
    assert_eq!(
        node.call("eth_getBlockTransactionCountByHash", json!([block])),
        "0x1"
    );
    assert_eq!(
        node.call("eth_getBlockReceipts", json!(["latest"])),
        json!([receipt])
    );
    let sent = raw(0, 0, Some(to), 5, Bytes::new());
    assert_eq!(
        node.call("eth_getRawTransactionByHash", json!([hash])),
        json!(sent)
    );
    assert_eq!(
        node.call("debug_getRawTransaction", json!([hash])),
        json!(sent)
    );
    let from = signer(0).address();
    let found = node.call("eth_getTransactionBySenderAndNonce", json!([from, "0x0"]));
    assert_eq!(found, by_hash);
    assert_eq!(
        node.call("eth_getUncleCountByBlockNumber", json!(["latest"])),
        "0x0"
    );
    assert_eq!(
        node.call("eth_getUncleCountByBlockHash", json!([block])),
        "0x0"
    );
    let uncle = node.call(
        "eth_getUncleByBlockNumberAndIndex",
        json!(["latest", "0x0"]),
    );
    assert!(uncle.is_null());
    let header = node.call("erigon_getHeaderByNumber", json!(["0x1"]));
    assert_eq!(header["hash"], block);
    let whole = node.call("eth_getBlockByHash", json!([block, false]));
    assert_eq!(whole["transactions"], json!([hash]));
}

#[test]
fn a_legacy_transfer_keeps_its_price() {
    let node = Node::start();
    let raw = legacy(0, 0, Address::ZERO, Some(crate::support::CHAIN));
    let hash = node.call("eth_sendRawTransaction", json!([raw]));
    let tx = node.call("eth_getTransactionByHash", json!([hash]));
    assert_eq!(
        (&tx["type"], &tx["gasPrice"]),
        (&json!("0x0"), &json!("0x7"))
    );
}

#[test]
fn sending_can_wait_for_the_receipt() {
    let node = Node::start();
    let raw = raw(0, 0, Some(Address::ZERO), 1, Bytes::new());
    let receipt = node.call("eth_sendRawTransactionSync", json!([raw]));
    assert_eq!(receipt["status"], "0x1");
    node.chain.set_auto(false);
    let raw = crate::support::raw(0, 1, Some(Address::ZERO), 1, Bytes::new());
    let (code, message, hash) = node.error("eth_sendRawTransactionSync", json!([raw, 1]));
    assert_eq!(code, 4, "{message}");
    assert_eq!(hash.as_str().unwrap().len(), 66);
}

#[test]
fn calls_and_estimates_see_overrides() {
    let node = Node::start();
    // Returns the word in slot 0.
    let contract = node.deploy(0, &hex!("5f545f5260205ff3"));
    let call = json!({ "to": contract });
    let zero = format!("0x{:064x}", 0);
    assert_eq!(node.call("eth_call", json!([call, "latest"])), json!(zero));
    let seven = format!("0x{:064x}", 7);
    let pretend = json!({ contract.to_string(): { "stateDiff": { zero.as_str(): seven } } });
    assert_eq!(
        node.call("eth_call", json!([call, "latest", pretend])),
        json!(seven)
    );
    // Returns the block's number.
    let clock = node.deploy(0, &hex!("435f5260205ff3"));
    let later = json!([{ "to": clock }, "latest", {}, { "number": "0x64" }]);
    assert_eq!(
        node.call("eth_call", later),
        json!(format!("0x{:064x}", 100))
    );
    let from = signer(0).address();
    let transfer = json!([{ "from": from, "to": Address::repeat_byte(9), "value": "0x1" }]);
    assert_eq!(node.call("eth_estimateGas", transfer), "0x5208");
    let list = node.call("eth_createAccessList", json!([call]));
    assert_eq!(list["accessList"][0]["storageKeys"], json!([zero]));
    assert!(number(&list["gasUsed"]) > 21_000);
}

#[test]
fn fees_are_those_of_a_free_network() {
    let node = Node::start();
    for _ in 0..3 {
        node.transact(0, Some(Address::ZERO), 1, Bytes::new());
    }
    assert_eq!(node.call("eth_gasPrice", json!([])), "0x0");
    assert_eq!(node.call("eth_maxPriorityFeePerGas", json!([])), "0x0");
    assert_eq!(node.call("eth_blobBaseFee", json!([])), "0x1");
    let history = node.call("eth_feeHistory", json!(["0x2", "latest", [10.0, 90.0]]));
    assert_eq!(history["oldestBlock"], "0x2");
    assert_eq!(history["baseFeePerGas"], json!(["0x0", "0x0", "0x0"]));
    assert_eq!(history["reward"], json!([["0x0", "0x0"], ["0x0", "0x0"]]));
    assert_eq!(history["gasUsedRatio"].as_array().unwrap().len(), 2);
    let (code, _, _) = node.error("eth_feeHistory", json!(["0x1", "latest", [90, 10]]));
    assert_eq!(code, -32602);
}

#[test]
fn state_can_be_read_some_blocks_back() {
    let node = Node::start();
    let to = Address::repeat_byte(9);
    for _ in 0..3 {
        node.transact(0, Some(to), 5, Bytes::new());
    }
    // An empty block between must not hide the change behind it.
    node.chain.mine();
    for (block, balance) in [
        ("0x1", "0x5"),
        ("0x2", "0xa"),
        ("0x3", "0xf"),
        ("0x4", "0xf"),
    ] {
        assert_eq!(
            node.call("eth_getBalance", json!([to, block])),
            balance,
            "{block}"
        );
    }
    assert_eq!(node.call("eth_getBalance", json!([to, "earliest"])), "0x0");
    let rich = node.call("eth_getBalance", json!([signer(0).address(), "earliest"]));
    assert_eq!(rich, "0xd3c21bcecceda1000000");
    assert_eq!(
        node.call(
            "eth_getTransactionCount",
            json!([signer(0).address(), "0x2"])
        ),
        "0x2"
    );
    for _ in 0..commonhold_rpc::limits::STATE_BLOCKS_KEPT {
        node.chain.mine();
    }
    let (code, message, _) = node.error("eth_getBalance", json!([to, "0x1"]));
    assert_eq!(code, -32000);
    assert!(message.contains("STATE_BLOCKS_KEPT"), "{message}");
    let (code, _, _) = node.error("eth_getBalance", json!([to, "0xffffff"]));
    assert_eq!(code, -32000);
}

#[test]
fn the_pool_shows_what_waits() {
    let node = Node::start();
    node.chain.set_auto(false);
    node.transact(0, Some(Address::ZERO), 1, Bytes::new());
    let gapped = raw(1, 5, Some(Address::ZERO), 1, Bytes::new());
    node.call("eth_sendRawTransaction", json!([gapped]));
    let status = node.call("txpool_status", json!([]));
    assert_eq!(status, json!({ "pending": "0x1", "queued": "0x1" }));
    let content = node.call("txpool_content", json!([]));
    let (from, gapped) = (
        signer(0).address().to_string(),
        signer(1).address().to_string(),
    );
    assert_eq!(content["pending"][&from]["0"]["nonce"], "0x0");
    assert_eq!(content["queued"][&gapped]["5"]["nonce"], "0x5");
    let own = node.call("txpool_contentFrom", json!([from]));
    assert_eq!(own["pending"]["0"], content["pending"][&from]["0"]);
    assert!(node.call("txpool_inspect", json!([]))["pending"][&from]["0"].is_string());
}
