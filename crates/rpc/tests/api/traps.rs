//! What real clients trip over, each as a test.

use alloy_consensus::Header;
use alloy_primitives::{Address, Bytes, hex, keccak256};
use serde_json::{Value, json};

use crate::support::{Node, raw, signer};

/// ethers v6 sends batches by default: each entry has its own answer.
#[test]
fn a_batch_is_answered_entry_by_entry() {
    let node = Node::start();
    let answer = node.post(&json!([
        { "jsonrpc": "2.0", "id": 1, "method": "eth_chainId" },
        { "jsonrpc": "2.0", "id": "two", "method": "no_such_method", "params": [] },
        { "jsonrpc": "2.0", "id": 3, "method": "eth_getBalance", "params": ["nonsense"] },
        7,
        { "jsonrpc": "2.0", "id": 4, "method": "eth_blockNumber", "params": [] },
    ]));
    assert_eq!(answer.status, 200);
    let answers = answer.json();
    let answers = answers.as_array().unwrap();
    assert_eq!(answers.len(), 5);
    let of = |id: Value| answers.iter().find(|answer| answer["id"] == id).unwrap();
    assert_eq!(of(json!(1))["result"], "0x7a69");
    assert_eq!(of(json!("two"))["error"]["code"], -32601);
    assert_eq!(of(json!(3))["error"]["code"], -32602);
    assert_eq!(of(json!(4))["result"], "0x0");
    assert_eq!(of(Value::Null)["error"]["code"], -32600);
}

/// MetaMask takes any other status for an outage of the node.
#[test]
fn an_unknown_method_is_an_answer_with_status_200() {
    let node = Node::start();
    for method in [
        "anvil_nodeInfo",
        "eth_sign",
        "eth_sendTransaction",
        "eth_mining",
        "engine_x",
    ] {
        let (code, _, _) = node.error(method, json!([]));
        assert_eq!(code, -32601, "{method}");
    }
}

#[test]
fn only_blocks_that_do_not_exist_are_null() {
    let node = Node::start();
    node.chain.mine();
    for tag in [
        "latest",
        "safe",
        "finalized",
        "pending",
        "earliest",
        "0x0",
        "0x1",
    ] {
        assert!(
            node.call("eth_getBlockByNumber", json!([tag, false]))
                .is_object(),
            "{tag}"
        );
    }
    assert!(
        node.call("eth_getBlockByNumber", json!(["0x2", false]))
            .is_null()
    );
}

/// web3.py asks with the key `0x0`.
#[test]
fn short_storage_keys_are_taken() {
    let node = Node::start();
    // SSTORE(0, 42)
    let contract = node.deploy(0, &[0x60, 42, 0x5f, 0x55, 0x00]);
    node.transact(0, Some(contract), 0, Bytes::new());
    let long = format!("0x{}", "0".repeat(64));
    for key in ["0x0", "0x", "0x00", &long] {
        let word = node.call("eth_getStorageAt", json!([contract, key, "latest"]));
        assert_eq!(word.as_str().unwrap(), format!("0x{:064x}", 42), "{key}");
    }
    let (code, _, _) = node.error("eth_getStorageAt", json!([contract, format!("{long}0")]));
    assert_eq!(code, -32602);
    let (code, message, _) = node.error("eth_getProof", json!([contract, ["0x0"], "latest"]));
    assert_eq!(code, -32004);
    assert!(message.contains("commonhold_getStateProof"), "{message}");
}

/// viem and ethers decode an error only where the data stands at this place.
#[test]
fn a_revert_has_code_3_and_its_data() {
    let node = Node::start();
    // Error("no") as Solidity encodes it, returned by REVERT.
    let data = hex!(
        "08c379a0"
        "0000000000000000000000000000000000000000000000000000000000000020"
        "0000000000000000000000000000000000000000000000000000000000000002"
        "6e6f000000000000000000000000000000000000000000000000000000000000"
    );
    let mut code = vec![0x60, 100, 0x60, 0x0a, 0x5f, 0x39, 0x60, 100, 0x5f, 0xfd];
    code.extend_from_slice(&data);
    let contract = node.deploy(0, &code);
    for method in ["eth_call", "eth_estimateGas"] {
        let (code, message, found) = node.error(method, json!([{ "to": contract }, "latest"]));
        assert_eq!(code, 3, "{method}");
        assert_eq!(message, "execution reverted: no");
        assert_eq!(found, json!(hex::encode_prefixed(data)));
    }
}

#[test]
fn a_receipt_is_null_while_its_transaction_waits() {
    let node = Node::start();
    node.chain.set_auto(false);
    let hash = node.transact(0, Some(Address::ZERO), 1, Bytes::new());
    assert!(
        node.call("eth_getTransactionReceipt", json!([hash]))
            .is_null()
    );
    let waiting = node.call("eth_getTransactionByHash", json!([hash]));
    assert!(waiting["blockHash"].is_null() && waiting["hash"] == hash.as_str());
    let address = signer(0).address();
    assert_eq!(
        node.call("eth_getTransactionCount", json!([address, "latest"])),
        "0x0"
    );
    assert_eq!(
        node.call("eth_getTransactionCount", json!([address, "pending"])),
        "0x1"
    );
    node.chain.mine();
    assert_eq!(
        node.call("eth_getTransactionReceipt", json!([hash]))["status"],
        "0x1"
    );
}

#[test]
fn syncing_is_the_literal_false() {
    assert_eq!(
        Node::start().call("eth_syncing", json!([])),
        Value::Bool(false)
    );
}

#[test]
fn a_block_has_every_field_of_the_specification() {
    let node = Node::start();
    node.transact(0, Some(Address::ZERO), 1, Bytes::new());
    let block = node.call("eth_getBlockByNumber", json!(["latest", true]));
    for field in [
        "hash",
        "parentHash",
        "sha3Uncles",
        "miner",
        "stateRoot",
        "transactionsRoot",
        "receiptsRoot",
        "logsBloom",
        "difficulty",
        "number",
        "gasLimit",
        "gasUsed",
        "timestamp",
        "extraData",
        "mixHash",
        "nonce",
        "baseFeePerGas",
        "withdrawalsRoot",
        "blobGasUsed",
        "excessBlobGas",
        "parentBeaconBlockRoot",
        "requestsHash",
        "size",
        "transactions",
        "uncles",
        "withdrawals",
    ] {
        assert!(
            block.get(field).is_some_and(|value| !value.is_null()),
            "{field}"
        );
    }
    let raw_block = node.call("debug_getRawBlock", json!(["latest"]));
    let size = (raw_block.as_str().unwrap().len() - 2) / 2;
    assert_eq!(block["size"], json!(format!("{size:#x}")));
    let tx = &block["transactions"][0];
    for field in [
        "blockHash",
        "blockNumber",
        "from",
        "gas",
        "gasPrice",
        "maxFeePerGas",
        "maxPriorityFeePerGas",
        "hash",
        "input",
        "nonce",
        "to",
        "transactionIndex",
        "value",
        "type",
        "accessList",
        "chainId",
        "v",
        "r",
        "s",
        "yParity",
    ] {
        assert!(
            tx.get(field).is_some_and(|value| !value.is_null()),
            "{field}"
        );
    }
}

/// What cannot be undone is not sent twice.
#[test]
fn the_pool_speaks_as_other_nodes_do() {
    let node = Node::start();
    let first = raw(0, 0, Some(Address::ZERO), 1, Bytes::new());
    node.call("eth_sendRawTransaction", json!([first]));
    let refused = |raw: String| node.error("eth_sendRawTransaction", json!([raw]));
    let (code, message, _) = refused(first);
    assert_eq!((code, message.as_str()), (-32000, "already known"));
    let (_, message, _) = refused(raw(0, 0, Some(Address::ZERO), 2, Bytes::new()));
    assert!(message.starts_with("nonce too low"), "{message}");
    let (_, message, _) = refused(raw(99, 0, Some(Address::ZERO), 1, Bytes::new()));
    assert!(message.starts_with("insufficient funds"), "{message}");
    let foreign = crate::support::legacy(0, 1, Address::ZERO, Some(5));
    let (_, message, _) = refused(foreign);
    assert!(message.starts_with("invalid chain id"), "{message}");
    let (code, _, _) = refused("0x02zz".into());
    assert_eq!(code, -32602);
    let (code, message, _) = refused("0x02c0".into());
    assert_eq!(code, -32000, "{message}");
}

/// web3.py refuses a block with more than 32 bytes of extra data.
#[test]
fn extra_data_is_shown_by_its_hash() {
    let node = Node::start();
    node.chain.mine();
    let header = node.call("debug_getRawHeader", json!(["latest"]));
    let header = hex::decode(header.as_str().unwrap()).unwrap();
    let header: Header = alloy_rlp::decode_exact(&header).unwrap();
    assert!(header.extra_data.len() > 32);
    let shown = json!(keccak256(&header.extra_data));
    let block = node.call("eth_getBlockByNumber", json!(["latest", false]));
    assert_eq!(block["extraData"], shown);
    assert_eq!(block["hash"], json!(header.hash_slow()));
    let by_hash = node.call("eth_getBlockByHash", json!([block["hash"], true]));
    assert_eq!(by_hash["extraData"], shown);
}
