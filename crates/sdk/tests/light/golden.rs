//! Answers that this crate and the TypeScript package check alike: `web/light/golden`. After an intended change
//! `COMMONHOLD_GOLDEN=write` writes them anew.

use std::{env, fs, path::PathBuf};

use alloy_primitives::{B256, Bytes};
use commonhold_sdk::stamp::Statement;
use commonware_codec::Encode as _;
use serde_json::{Value, json};

use crate::{
    chain::{EMPTY, HELD, HOLDER, answer, block, receipt_stamp, sealed, state_stamp},
    network::{CHAIN, Network},
    node::{Node, light},
};

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../web/light/golden")
}

/// Every answer, and what is proven by it.
fn cases() -> Vec<(&'static str, Value)> {
    let network = Network::new(1);
    let node = Node::start();
    let asking = || light(network.key, &[&node]).on_chain(CHAIN);
    let head = answer(&network, &block(&network, 41), &[]);
    node.says("commonhold_getCertificate", &head);
    let proven_head = asking().head().unwrap().answer;

    let first = block(&network, 50);
    let time = first.header().timestamp;
    let second = sealed(&network, 51, time, crate::chain::GENESIS, first.hash());
    let third = sealed(&network, 52, time + 2, crate::chain::GENESIS, second.hash());
    let covered = answer(&network, &first, &[&second, &third]);
    node.says("commonhold_getCertificate", &covered);
    let proven_covered = asking().header(50).unwrap().answer;

    let receipt = receipt_stamp(&network, 1);
    node.says("commonhold_getStamp", &receipt);
    let hash = alloy_primitives::keccak256(raw(&receipt));
    let proven_receipt = asking().receipt(hash).unwrap().answer;

    let present = state_stamp(&network, &[(HOLDER, Some(HELD))]);
    node.says("commonhold_getStateStamp", &present);
    let proven_present = asking().state(HOLDER, &[HELD]).unwrap().answer;
    let absent = state_stamp(&network, &[(HOLDER, Some(EMPTY))]);
    node.says("commonhold_getStateStamp", &absent);
    let proven_absent = asking().state(HOLDER, &[EMPTY]).unwrap().answer;
    assert!(proven_absent.entries[0].value.is_none());

    let key = Bytes::copy_from_slice(&network.key.encode());
    vec![
        ("network", json!({ "networkKey": key, "chainId": CHAIN })),
        ("head", json!({ "answer": head, "proven": proven_head })),
        (
            "covered",
            json!({ "number": 50, "answer": covered, "proven": proven_covered }),
        ),
        (
            "receipt",
            json!({ "transaction": hash, "answer": receipt, "proven": proven_receipt }),
        ),
        (
            "present",
            json!({ "address": HOLDER, "slot": HELD, "answer": present, "proven": proven_present }),
        ),
        (
            "absent",
            json!({ "address": HOLDER, "slot": EMPTY, "answer": absent, "proven": proven_absent }),
        ),
    ]
}

pub fn raw(stamp: &commonhold_sdk::Stamp) -> &Bytes {
    match &stamp.claim {
        commonhold_sdk::Claim::Transaction { raw, .. } => raw,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_files_are_what_is_proven_here() {
    let write = env::var("COMMONHOLD_GOLDEN").is_ok_and(|value| value == "write");
    for (name, case) in cases() {
        let path = directory().join(format!("{name}.json"));
        let text = format!("{}\n", serde_json::to_string_pretty(&case).unwrap());
        if write {
            fs::write(&path, &text).unwrap();
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == text, "{} is not what is proven now", path.display());
    }
}

/// `text` with one hex digit changed, for every place of one in a field that is bytes: each once.
fn changed(answer: &Value) -> Vec<Value> {
    let text = answer.to_string().into_bytes();
    let mut all = Vec::new();
    // Every so many: fields, bytes and halves of bytes all come.
    for at in (0..text.len()).step_by(53) {
        let mut other = text.clone();
        other[at] = match other[at] {
            b'9' => b'a',
            b'f' => b'0',
            digit @ (b'0'..=b'8' | b'a'..=b'e') => digit + 1,
            _ => continue,
        };
        let parsed = serde_json::from_slice::<Value>(&other);
        all.extend(parsed.ok().filter(|other| other != answer));
    }
    all
}

#[test]
fn one_digit_changed_and_nothing_is_proven() {
    let network = Network::new(1);
    let node = Node::start();
    for (name, case) in cases().into_iter().skip(1) {
        let mut tried = 0;
        for other in changed(&case["answer"]) {
            // What no check reads: the number and hash beside the header, and names of fields.
            let mut read = other.clone();
            read["number"] = case["answer"]["number"].clone();
            read["hash"] = case["answer"]["hash"].clone();
            let same_names = fields(&other) == fields(&case["answer"]);
            if read == case["answer"] || !same_names {
                continue;
            }
            tried += 1;
            for method in [
                "commonhold_getCertificate",
                "commonhold_getStamp",
                "commonhold_getStateStamp",
            ] {
                node.says(method, &other);
            }
            let mut asking = light(network.key, &[&node]).on_chain(CHAIN);
            let answer = match name {
                "head" => asking.head().map(|told| json!(told.answer)),
                "covered" => asking.header(50).map(|told| json!(told.answer)),
                "receipt" => {
                    let hash: B256 = serde_json::from_value(case["transaction"].clone()).unwrap();
                    asking.receipt(hash).map(|told| json!(told.answer))
                }
                "present" => asking.state(HOLDER, &[HELD]).map(|told| json!(told.answer)),
                _ => asking
                    .state(HOLDER, &[EMPTY])
                    .map(|told| json!(told.answer)),
            };
            assert!(answer.is_err(), "{name}: {other} proves {answer:?}");
        }
        assert!(tried > 15, "{name}: {tried} changes were tried");
    }
}

/// The names of all fields.
fn fields(value: &Value) -> Vec<String> {
    match value {
        Value::Object(all) => all
            .iter()
            .flat_map(|(name, value)| [vec![name.clone()], fields(value)].concat())
            .collect(),
        Value::Array(all) => all.iter().flat_map(fields).collect(),
        _ => Vec::new(),
    }
}

/// The statement of what is proven stands beside it, so that it can be compared.
#[test]
fn stamps_say_the_same_to_whoever_checks_them_offline() {
    let network = Network::new(1);
    let stamp = receipt_stamp(&network, 1);
    let findings =
        commonhold_sdk::stamp::verify(&stamp, &network.key, &commonhold_sdk::Abis::system())
            .unwrap();
    let Statement::Transaction(transaction) = findings.statement else {
        panic!()
    };
    let (_, case) = cases().swap_remove(3);
    assert_eq!(case["proven"]["transaction"], json!(transaction));
    assert_eq!(case["proven"]["block"], json!(findings.block));
}
