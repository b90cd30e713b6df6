//! The client against a node in this process: what it asks, how it takes the answers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    missing_docs,
    reason = "tests"
)]

mod node;
mod records;
mod roles;
mod tls;
mod token;

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::SolError as _;
use commonhold_primitives::system::{ACCOUNTS, RECORDS};
use commonhold_sdk::{Account, Client, Kind, SdkError, transaction::Draft};
use commonhold_system::{
    accounts::interface::IAccounts::{isRegisteredCall, registerCall},
    records::interface::IRecords::{NotManager, NotOwner, recordCall},
};
use node::{FakeNode, reverted};
use serde_json::json;

fn account(n: u8) -> Account {
    Account::from_secret(&[n; 32]).unwrap()
}

fn start() -> (FakeNode, Client) {
    let node = FakeNode::start();
    let client = Client::new(&node.url).unwrap();
    (node, client)
}

fn count(node: &FakeNode, method: &str) -> usize {
    node.state()
        .asked
        .iter()
        .filter(|asked| *asked == method)
        .count()
}

#[test]
fn a_call_is_sent_once_and_is_final_when_it_returns() {
    let (node, client) = start();
    client.ensure_registered(&account(1), "Ada").unwrap();
    assert!(
        client
            .call(
                ACCOUNTS,
                &isRegisteredCall {
                    account: account(1).address()
                }
            )
            .unwrap()
    );
    assert_eq!(
        client.encryption_key(account(1).address()).unwrap(),
        account(1).encryption_public()
    );
    client.ensure_registered(&account(1), "Ada").unwrap();
    assert_eq!(count(&node, "eth_sendRawTransactionSync"), 1);
    assert_eq!(
        count(&node, "eth_chainId"),
        1,
        "the chain id is asked for once"
    );
}

#[test]
fn a_reverts_reason_is_told_in_words() {
    let (node, client) = start();
    let id = B256::repeat_byte(1);
    let e = client.call(RECORDS, &recordCall { id }).unwrap_err();
    assert_eq!(e.kind(), Kind::Refused);
    let told = format!("refused: unknown record (id: {id}). There is no such record.");
    assert_eq!(e.to_string(), told);

    // A reason of a module that the called one may have called; several know the second.
    let (caller, manager) = (Address::ZERO, Address::ZERO);
    let of_one = NotManager {
        id,
        caller,
        manager,
    };
    let of_several = NotOwner { id, caller };
    for (reason, module, name) in [
        (of_one.abi_encode(), Some("records"), "NotManager"),
        (of_several.abi_encode(), None, "NotOwner"),
    ] {
        node.instead("eth_estimateGas", reverted(&reason.into()));
        let call = registerCall {
            name: "Ada".into(),
            encryptionKey: B256::ZERO,
        };
        let e = client.send_call(&account(1), ACCOUNTS, &call).unwrap_err();
        let SdkError::Reverted {
            decoded: Some(decoded),
            ..
        } = &e
        else {
            panic!("{e:?}")
        };
        let found = (decoded.module.as_deref(), decoded.name.as_str());
        assert_eq!(found, (module, name));
    }
    assert_eq!(
        count(&node, "eth_sendRawTransactionSync"),
        0,
        "what would fail is not sent"
    );

    // Error(string) of any Solidity contract.
    let text = alloy_sol_types::Revert::from("no money \u{1b}[2J").abi_encode();
    node.instead("eth_call", reverted(&text.into()));
    let e = client.call(RECORDS, &recordCall { id }).unwrap_err();
    assert_eq!(e.to_string(), "refused: no money \\u{1b}[2J");
}

#[test]
fn an_old_node_is_asked_for_the_receipt_until_it_is_there() {
    let (node, client) = start();
    let gone = json!({ "error": { "code": -32601, "message": "no such method" } });
    node.instead("eth_sendRawTransactionSync", gone);
    node.instead("eth_getTransactionReceipt", json!({ "result": null }));
    client.register(&account(1), "Ada").unwrap();
    assert_eq!(count(&node, "eth_sendRawTransaction"), 1);
    assert_eq!(count(&node, "eth_getTransactionReceipt"), 2);
}

#[test]
fn a_nonce_taken_by_another_program_is_not_the_end() {
    let (node, client) = start();
    let low = json!({ "error": { "code": -32000, "message": "nonce too low: next nonce 1, tx nonce 0" } });
    node.instead("eth_sendRawTransactionSync", low.clone());
    client.register(&account(1), "Ada").unwrap();
    assert_eq!(count(&node, "eth_sendRawTransactionSync"), 2);
    for _ in 0..5 {
        node.instead("eth_sendRawTransactionSync", low.clone());
    }
    let e = client
        .send(&account(1), Draft::call(ACCOUNTS, Bytes::from_static(&[1])))
        .unwrap_err();
    assert_eq!(e.kind(), Kind::Refused);
}

#[test]
fn a_node_that_answers_nonsense_is_unavailable() {
    let (node, client) = start();
    for nonsense in [
        "<html>",
        "{}",
        "[1,2]",
        "{\"result\":{\"no\":1}}",
        "{\"result\":\"zz\"}",
    ] {
        node.instead("eth_getBalance", json!(nonsense));
        let e = client.balance(Address::ZERO).unwrap_err();
        assert_eq!(e.kind(), Kind::Unavailable, "{nonsense}: {e}");
    }
    node.instead("eth_call", json!({ "result": "0x12" }));
    let e = client
        .call(RECORDS, &recordCall { id: B256::ZERO })
        .unwrap_err();
    assert_eq!(e.kind(), Kind::Integrity, "{e}");
    node.instead("eth_getBalance", json!({ "result": "0x5" }));
    assert_eq!(client.balance(Address::ZERO).unwrap(), U256::from(5));
}

#[test]
fn nobody_there_is_unavailable() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let e = Client::new(&url).unwrap().chain_id().unwrap_err();
    assert_eq!(e.kind(), Kind::Unavailable);
    assert!(e.to_string().contains(&url), "{e}");
    assert_eq!(
        Client::new("localhost:8545").unwrap_err().kind(),
        Kind::Usage
    );
}
