//! One node, and one thing that is not so.

use alloy_primitives::{B256, U256, keccak256};
use commonhold_sdk::{
    Kind, SdkError, Stamp, StampError,
    light::{Fault, Lie, LightClient, NodeFault},
};
use serde_json::{Value, json};

use crate::{
    chain::{EMPTY, GENESIS, HELD, HOLDER, answer, block, receipt_stamp, sealed, state_stamp},
    golden::raw,
    network::{CHAIN, Network},
    node::{Node, light},
};

/// A client that has seen block 41 of the network, and the node that it saw it by.
fn met() -> (Network, Node, LightClient) {
    let (network, node) = (Network::new(1), Node::start());
    let head = answer(&network, &block(&network, 41), &[]);
    node.says("commonhold_getCertificate", &head);
    let mut asking = light(network.key, &[&node]).on_chain(CHAIN);
    assert_eq!(asking.head().unwrap().answer.block.number, 41);
    (network, node, asking)
}

/// What the one node did instead of answering.
#[track_caller]
fn fault<T: std::fmt::Debug>(answer: Result<T, SdkError>) -> NodeFault {
    match answer {
        Err(SdkError::Light(mut none)) => {
            assert_eq!(none.faults.len(), 1);
            none.faults.remove(0)
        }
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn lie<T: std::fmt::Debug>(answer: Result<T, SdkError>, node: &Node) -> Lie {
    let told = fault(answer);
    assert_eq!(told.node, node.url);
    assert!(
        told.to_string()
            .starts_with(&format!("{} lies about ", node.url)),
        "{told}"
    );
    match told.fault {
        Fault::Lie(lie) => lie,
        other => panic!("{other:?}"),
    }
}

/// Asks for the head where `told` is what the node says.
fn head(told: &Value) -> (Result<u64, SdkError>, Node) {
    let (_, node, mut asking) = met();
    node.says("commonhold_getCertificate", told);
    (asking.head().map(|told| told.answer.block.number), node)
}

#[test]
fn an_old_head_is_not_taken_for_the_newest() {
    let network = Network::new(1);
    let (answer, node) = head(&answer(&network, &block(&network, 40), &[]));
    let kind = answer.as_ref().unwrap_err().kind();
    let told = fault(answer);
    assert!(
        matches!(told.fault, Fault::Behind { told: 40, seen: 41 }),
        "{told}"
    );
    assert_eq!((kind, told.node), (Kind::Unavailable, node.url));
}

#[test]
fn the_same_head_again_is_taken() {
    let network = Network::new(1);
    let (answer, _) = head(&answer(&network, &block(&network, 41), &[]));
    assert_eq!(answer.unwrap(), 41);
}

#[test]
fn a_certificate_of_another_network_proves_nothing() {
    let (network, other) = (Network::new(1), Network::new(100));
    let (told, node) = head(&answer(&other, &block(&network, 42), &[]));
    assert_eq!(told.as_ref().unwrap_err().kind(), Kind::Integrity);
    assert_eq!(lie(told, &node), Lie::Unproven(StampError::Signature));
}

#[test]
fn a_certificate_is_of_one_header() {
    let network = Network::new(1);
    let mut told = answer(&network, &block(&network, 42), &[]);
    told["header"] = answer(&network, &block(&network, 43), &[])["header"].clone();
    let (told, node) = head(&told);
    let found = lie(told, &node);
    assert!(
        matches!(found, Lie::Unproven(StampError::OtherBlock { .. })),
        "{found}"
    );
}

#[test]
fn a_header_in_another_form_is_none() {
    let network = Network::new(1);
    let mut told = answer(&network, &block(&network, 42), &[]);
    told["header"] = json!(format!("{}00", told["header"].as_str().unwrap()));
    let (told, node) = head(&told);
    assert_eq!(
        lie(told, &node),
        Lie::Unproven(StampError::Header("block's"))
    );
}

#[test]
fn descendants_are_children() {
    let network = Network::new(1);
    let (stranger, certified) = (block(&network, 42), block(&network, 43));
    let (told, node) = head(&answer(&network, &stranger, &[&certified]));
    assert_eq!(lie(told, &node), Lie::Unproven(StampError::Descendant(0)));
}

#[test]
fn two_final_blocks_of_one_height_are_called_what_they_are() {
    let network = Network::new(1);
    let seen = block(&network, 41);
    let time = seen.header().timestamp;
    let twin = sealed(&network, 41, time, GENESIS, B256::repeat_byte(1));
    let (told, node) = head(&answer(&network, &twin, &[]));
    let expected = Lie::Fork {
        number: 41,
        seen: seen.hash(),
        told: twin.hash(),
    };
    assert_eq!(lie(told, &node), expected);
}

#[test]
fn time_does_not_run_backwards() {
    let network = Network::new(1);
    let seen = block(&network, 41).header().timestamp;
    let early = sealed(&network, 42, seen - 1, GENESIS, B256::ZERO);
    let (told, node) = head(&answer(&network, &early, &[]));
    assert_eq!(lie(told, &node), Lie::Time { seen: 41, told: 42 });
}

#[test]
fn one_network_has_one_founding_document() {
    let network = Network::new(1);
    let (time, founded) = (block(&network, 42).header().timestamp, B256::repeat_byte(8));
    let other = sealed(&network, 42, time, founded, B256::ZERO);
    let (told, node) = head(&answer(&network, &other, &[]));
    assert_eq!(
        lie(told, &node),
        Lie::Network {
            told: founded,
            seen: GENESIS
        }
    );
}

#[test]
fn another_block_than_was_asked_for_is_not_taken() {
    let (_, node, mut asking) = met();
    assert_eq!(asking.header(41).unwrap().answer.block.number, 41);
    assert_eq!(lie(asking.header(40), &node), Lie::Other("block 41".into()));
}

#[test]
fn another_transactions_receipt_is_not_taken() {
    let (network, node, mut asking) = met();
    let wanted = keccak256(raw(&receipt_stamp(&network, 1)));
    let other = receipt_stamp(&network, 0);
    node.says("commonhold_getStamp", &other);
    let expected = Lie::Other(format!("transaction {}", keccak256(raw(&other))));
    assert_eq!(lie(asking.receipt(wanted), &node), expected);
}

#[test]
fn a_receipt_of_another_block_is_not_taken() {
    let (network, node, mut asking) = met();
    let mut stamp = receipt_stamp(&network, 1);
    let wanted = keccak256(raw(&stamp));
    stamp.header = alloy_rlp::encode(block(&network, 42).header()).into();
    stamp.certificate = network.certify(&block(&network, 42));
    node.says("commonhold_getStamp", &stamp);
    let found = lie(asking.receipt(wanted), &node);
    assert!(
        matches!(
            found,
            Lie::Unproven(StampError::Claim {
                part: "transaction",
                ..
            })
        ),
        "{found}"
    );
}

#[test]
fn a_receipt_that_is_not_the_transactions_is_not_taken() {
    let (network, node, mut asking) = met();
    let mut stamp = receipt_stamp(&network, 1);
    let wanted = keccak256(raw(&stamp));
    let other = receipt_stamp(&network, 0);
    let swap = |stamp: &mut Stamp, other: &Stamp| match (&mut stamp.claim, &other.claim) {
        (
            commonhold_sdk::Claim::Transaction {
                receipt,
                receipt_proof,
                ..
            },
            commonhold_sdk::Claim::Transaction {
                receipt: of,
                receipt_proof: by,
                ..
            },
        ) => (*receipt, *receipt_proof) = (of.clone(), by.clone()),
        _ => panic!(),
    };
    swap(&mut stamp, &other);
    node.says("commonhold_getStamp", &stamp);
    let found = lie(asking.receipt(wanted), &node);
    assert!(
        matches!(
            found,
            Lie::Unproven(StampError::Claim {
                part: "receipt",
                ..
            })
        ),
        "{found}"
    );
}

#[test]
fn a_transaction_of_another_chain_is_not_taken() {
    let (network, node, asking) = met();
    let stamp = receipt_stamp(&network, 1);
    node.says("commonhold_getStamp", &stamp);
    let mut asking = asking.on_chain(CHAIN + 1);
    let expected = Lie::Chain {
        told: CHAIN,
        asked: CHAIN + 1,
    };
    assert_eq!(lie(asking.receipt(keccak256(raw(&stamp))), &node), expected);
}

#[test]
fn a_proof_of_another_entry_is_not_taken() {
    let (network, node, mut asking) = met();
    node.says(
        "commonhold_getStateStamp",
        &state_stamp(&network, &[(HOLDER, Some(EMPTY))]),
    );
    let expected = Lie::Other("other entries of the state".into());
    assert_eq!(lie(asking.state(HOLDER, &[HELD]), &node), expected);
    // Nor is one entry where two are wanted.
    assert_eq!(lie(asking.state(HOLDER, &[EMPTY, HELD]), &node), expected);
}

#[test]
fn what_is_there_cannot_be_shown_to_be_absent() {
    let (network, node, mut asking) = met();
    let mut stamp = state_stamp(&network, &[(HOLDER, Some(EMPTY))]);
    let commonhold_sdk::Claim::State { entries } = &mut stamp.claim else {
        panic!()
    };
    // The proof that another entry is absent, under the name of the one that is there.
    entries[0].slot = Some(HELD);
    node.says("commonhold_getStateStamp", &stamp);
    let found = lie(asking.state(HOLDER, &[HELD]), &node);
    assert!(
        matches!(
            found,
            Lie::Unproven(StampError::Claim {
                part: "state entry",
                ..
            })
        ),
        "{found}"
    );
}

#[test]
fn an_old_state_is_not_taken_for_the_newest() {
    let (network, node, mut asking) = met();
    // The stamps are of block 42.
    let newer = answer(&network, &block(&network, 60), &[]);
    node.says("commonhold_getCertificate", &newer);
    asking.head().unwrap();
    node.says(
        "commonhold_getStateStamp",
        &state_stamp(&network, &[(HOLDER, Some(HELD))]),
    );
    let before = node.asked();
    let told = fault(asking.state(HOLDER, &[HELD]));
    assert!(
        matches!(told.fault, Fault::Behind { told: 42, seen: 60 }),
        "{told}"
    );
    assert_eq!(node.asked() - before, 4, "it may be a moment behind");
}

#[test]
fn what_is_too_much_is_not_read() {
    let (_, node, mut asking) = met();
    let mut body = br#"{"jsonrpc":"2.0","id":1,"result":""#.to_vec();
    body.resize(9 * 1024 * 1024, b'0');
    node.sends("commonhold_getCertificate", body);
    let told = fault(asking.head());
    assert!(
        told.to_string()
            .contains("its answer has more than 8388608 bytes"),
        "{told}"
    );
    assert!(
        matches!(told.fault, Fault::NoAnswer(SdkError::Unavailable { .. })),
        "{told}"
    );
}

#[test]
fn what_is_not_an_answer_is_none() {
    let (_, node, mut asking) = met();
    for body in [
        "",
        "{}",
        "null",
        "[]",
        r#"{"result":{"header":"0x","descendants":[]}}"#,
        "\u{fffd}",
    ] {
        node.sends("commonhold_getCertificate", body.as_bytes().to_vec());
        let told = fault(asking.head());
        assert!(
            matches!(told.fault, Fault::NoAnswer(SdkError::Unavailable { .. })),
            "{told}"
        );
    }
}

#[test]
fn what_nobody_knows_is_refused_and_not_proven() {
    let (_, _, mut asking) = met();
    let none = asking.receipt(B256::ZERO);
    assert_eq!(none.as_ref().unwrap_err().kind(), Kind::Refused);
    assert!(
        fault(none)
            .to_string()
            .contains("does not tell transaction 0x00")
    );
    let many = vec![U256::ZERO; 65];
    assert_eq!(asking.state(HOLDER, &many).unwrap_err().kind(), Kind::Usage);
}
