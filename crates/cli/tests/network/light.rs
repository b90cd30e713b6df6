//! The light client by the command line: a network, its key, and nodes that nobody trusts.

use std::{fs, path::Path, process::Output};

use alloy_primitives::B256;
use commonhold_primitives::system::ACCOUNTS;
use commonhold_sdk::Client;
use commonhold_system::accounts::interface::IAccounts;
use rustix::process::Signal;
use serde_json::Value;

use crate::{Up, nodes::account, ok, refused, run};

/// `commonhold light WORDS` by way of these nodes.
fn light(dir: &Path, words: &[&str], key: &str, nodes: &str) -> Output {
    let words = [&["light"], words, &["--json", "--network-key", key]].concat();
    run(dir, &words, nodes)
}

fn answer(output: &Output) -> Value {
    serde_json::from_str(&ok(output)).unwrap()
}

#[test]
fn a_network_is_followed_with_its_key_alone() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    let up = Up::start(dir, &["--port-base", "25900", "--heartbeat", "200"]);
    let genesis: Value =
        serde_json::from_slice(&fs::read(dir.join("data/genesis.json")).unwrap()).unwrap();
    let key = genesis["networkKey"].as_str().unwrap();
    let (one, two) = (up.url(0), up.url(1));

    // Heads follow one another, and the file remembers the last.
    let seen = dir.join("seen.json");
    let remember = ["--remember", seen.to_str().unwrap()];
    let followed = ok(&light(
        dir,
        &[&["follow", "--heads", "3"], &remember[..]].concat(),
        key,
        &one,
    ));
    let heads: Vec<Value> = serde_json::Deserializer::from_str(&followed)
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let numbers: Vec<u64> = heads
        .iter()
        .map(|head| head["number"].as_u64().unwrap())
        .collect();
    assert!(
        numbers.len() == 3 && numbers.is_sorted_by(|a, b| a < b),
        "{numbers:?}"
    );
    assert_eq!(heads[0]["node"], one.as_str());
    assert!(heads[2]["ageMs"].is_u64());
    let kept: Value = serde_json::from_slice(&fs::read(&seen).unwrap()).unwrap();
    assert_eq!(kept["hash"], heads[2]["hash"]);

    // Where nobody is, the next one is asked, and who was not there is told.
    let nobody = "http://127.0.0.1:9";
    let head = answer(&light(dir, &["head"], key, &format!("{nobody},{two}")));
    assert_eq!(
        (&head["node"], &head["faults"][0]["node"]),
        (&two.as_str().into(), &nobody.into())
    );
    refused(&light(dir, &["head"], key, nobody), 3, "is not available");

    // A transaction of this network, and one that there is not.
    let register = IAccounts::registerCall {
        name: "alice".to_owned(),
        encryptionKey: B256::repeat_byte(1),
    };
    let sent = Client::new(&one).unwrap();
    let sent = sent.send_call(&account(0), ACCOUNTS, &register).unwrap();
    let hash = &sent.transaction_hash.to_string();
    let receipt = answer(&light(dir, &["receipt", hash], key, &one));
    assert_eq!(receipt["transaction"]["success"], true);
    assert!(
        receipt["transaction"]["logs"][0]["event"]
            .as_str()
            .unwrap()
            .contains("Registered")
    );
    let none = format!("0x{}", "00".repeat(32));
    refused(
        &light(dir, &["receipt", &none], key, &two),
        1,
        "does not tell transaction",
    );

    // What is there, and what is not.
    let state = answer(&light(dir, &["state", "accounts"], key, &one));
    assert!(
        state["entries"][0]["value"]
            .as_str()
            .unwrap()
            .starts_with("nonce ")
    );
    let state = answer(&light(
        dir,
        &["state", "accounts", "0xdead", "0xbeef"],
        key,
        &one,
    ));
    assert_eq!(state["entries"][1]["slot"], "0xbeef");
    assert_eq!(state["entries"][1]["value"], Value::Null);

    // With another network's key nothing that these nodes say is taken.
    let other = "0x93e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8";
    for words in [&["head"][..], &["receipt", hash], &["state", "accounts"]] {
        refused(
            &light(dir, words, other, &format!("{one},{two}")),
            4,
            &format!("{two} lies about"),
        );
    }
    refused(&light(dir, &["head"], "0x11", &one), 2, "not a network key");
    assert_eq!(up.stop(Signal::INT), Some(0));
}
