//! Stamps: what is true is told, and no byte of one can change.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    missing_docs,
    reason = "tests"
)]

mod network;
mod readings;

use std::collections::BTreeMap;

use alloy_consensus::TxType;
use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::{SolCall as _, SolEvent as _};
use commonhold_module::bench::{Bench, account};
use commonhold_primitives::{
    Receipt,
    consensus::NetworkKey,
    stamp::{Claim, Stamp},
    system::{ACCOUNTS, RECORDS},
};
use commonhold_sdk::{
    Abis, Account, StampError,
    stamp::{Statement, slots_of_record, verify, verify_file},
    transaction::Draft,
};
use commonhold_system::{
    accounts::interface::IAccounts,
    records::interface::IRecords::{Registration, registerCall},
};
use commonware_codec::{Copying, DecodeExt as _};
use network::{CHAIN, Network};

fn receipt(success: bool, logs: Vec<alloy_primitives::Log>) -> Receipt {
    Receipt {
        tx_type: TxType::Eip1559,
        success,
        cumulative_gas_used: 21_000,
        logs,
    }
}

/// A block of three transactions, the second a registration with its event.
fn transaction_stamp(network: &Network) -> (Account, Stamp) {
    let sender = Account::from_secret(&[1; 32]).unwrap();
    let register = IAccounts::registerCall {
        name: "Ada \u{202e}".into(),
        encryptionKey: B256::ZERO,
    };
    let drafts = [
        Draft::transfer(Address::repeat_byte(5), U256::from(7)),
        Draft::call(ACCOUNTS, register.abi_encode().into()),
        Draft::create(Bytes::from_static(&[0x60, 0x00])),
    ];
    let event = IAccounts::Registered {
        account: sender.address(),
        name: "Ada".into(),
    };
    let log = alloy_primitives::Log {
        address: ACCOUNTS,
        data: event.encode_log_data(),
    };
    let receipts = [
        receipt(true, vec![]),
        receipt(true, vec![log]),
        receipt(false, vec![]),
    ];
    let stamp = network.transaction_stamp(&sender, &drafts, &receipts, 1);
    (sender, stamp)
}

#[test]
fn a_transactions_stamp_tells_who_did_what_and_when() {
    let network = Network::new(1);
    let (sender, stamp) = transaction_stamp(&network);
    let findings = verify_file(&stamp.to_json(), &network.key, &Abis::system()).unwrap();
    assert_eq!(findings.block.number, 42);
    assert_eq!(findings.block.timestamp_ms, 1_800_000_000_250);
    let Statement::Transaction(found) = &findings.statement else {
        panic!("{findings:?}")
    };
    assert_eq!(found.sender, sender.address());
    assert_eq!((found.index, found.nonce, found.chain_id), (1, 1, CHAIN));
    assert!(found.success);
    assert_eq!(found.logs.len(), 1);
    let text = findings.sentences().join("\n");
    assert!(text.contains("Fri, 15 Jan 2027 08:00:00 GMT"), "{text}");
    assert!(
        text.contains("accounts.register(name: \"Ada \\u{202e}\", encryptionKey: 0x00"),
        "{text}"
    );
    assert!(
        text.contains(&format!(
            "accounts.Registered(account: {}, name: \"Ada\")",
            sender.address()
        )),
        "{text}"
    );
    assert!(
        serde_json::to_string(&findings)
            .unwrap()
            .contains("\"success\":true")
    );
}

/// Every stamp that one changed digit of `stamp` makes, as one who repairs the digest would.
fn changed(stamp: &Stamp) -> Vec<Stamp> {
    let text = serde_json::to_vec(stamp).unwrap();
    let mut all = Vec::new();
    for at in 0..text.len() {
        let mut other = text.clone();
        // Hex stays hex, so that what is decoded changes and not only whether it decodes.
        other[at] = match other[at] {
            b'9' => b'a',
            b'f' => b'0',
            digit @ (b'0'..=b'8' | b'a'..=b'e') => digit + 1,
            _ => continue,
        };
        all.extend(
            serde_json::from_slice::<Stamp>(&other)
                .ok()
                .filter(|other| other != stamp),
        );
    }
    assert!(all.len() > 1_000, "too few were tried: {}", all.len());
    all
}

/// Made by a network of four processes with this network key; a stamp verifies for ever.
#[test]
fn an_old_stamp_still_verifies() {
    let fixture = |name: &str| {
        std::fs::read(format!(
            "{}/tests/fixtures/{name}",
            env!("CARGO_MANIFEST_DIR")
        ))
        .unwrap()
    };
    let key = String::from_utf8(fixture("network.key")).unwrap();
    let key = NetworkKey::decode(Copying(&hex::decode(&key.trim()[2..]).unwrap())).unwrap();
    let findings = verify_file(&fixture("transaction.stamp.json"), &key, &Abis::system()).unwrap();
    assert_eq!(
        (findings.block.number, findings.block.timestamp_ms / 1000),
        (46, 1_795_340_897)
    );
    let text = findings.sentences().join("\n");
    assert!(
        text.contains("records.register(registration: {salt: 0xe54b0d66"),
        "{text}"
    );
    assert!(text.contains("length: 30, kind: \"text/plain\""), "{text}");
}

#[test]
fn any_changed_byte_of_the_file_fails() {
    let network = Network::new(1);
    let file = transaction_stamp(&network).1.to_json();
    let abis = Abis::default();
    verify_file(&file, &network.key, &abis).unwrap();
    for at in 0..file.len() {
        let mut changed = file.clone();
        changed[at] ^= 1;
        assert!(
            verify_file(&changed, &network.key, &abis).is_err(),
            "byte {at}"
        );
    }
    for len in 0..file.len() {
        assert!(
            verify_file(&file[..len], &network.key, &abis).is_err(),
            "cut at {len}"
        );
    }
}

#[test]
fn no_change_is_proven_even_where_the_digest_is_made_to_fit() {
    let network = Network::new(1);
    for other in changed(&transaction_stamp(&network).1) {
        let answer = verify(&other, &network.key, &Abis::default());
        assert!(answer.is_err(), "{other:?}");
    }
}

#[test]
fn another_networks_key_does_not_verify() {
    let (network, other) = (Network::new(1), Network::new(100));
    let (_, stamp) = transaction_stamp(&network);
    assert_eq!(
        verify(&stamp, &other.key, &Abis::default()),
        Err(StampError::Signature)
    );
}

#[test]
fn parts_of_other_stamps_do_not_fit() {
    let network = Network::new(1);
    let (_, good) = transaction_stamp(&network);
    let other_block = network.block(B256::ZERO, B256::ZERO, Vec::new(), &[]);
    let other = network.stamp(&other_block, good.claim.clone());
    let abis = Abis::default();
    let mixed = Stamp {
        certificate: other.certificate.clone(),
        ..good.clone()
    };
    assert!(matches!(
        verify(&mixed, &network.key, &abis),
        Err(StampError::OtherBlock { .. })
    ));
    assert!(matches!(
        verify(&other, &network.key, &abis),
        Err(StampError::Claim { .. })
    ));
    let Claim::Transaction {
        raw,
        proof,
        receipt,
        receipt_proof,
        ..
    } = good.claim.clone()
    else {
        panic!()
    };
    for index in [0, 2, 3, u64::MAX] {
        let claim = Claim::Transaction {
            index,
            raw: raw.clone(),
            proof: proof.clone(),
            receipt: receipt.clone(),
            receipt_proof: receipt_proof.clone(),
        };
        let moved = Stamp {
            claim,
            ..good.clone()
        };
        assert!(matches!(
            verify(&moved, &network.key, &abis),
            Err(StampError::Claim { .. })
        ));
    }
}

#[test]
fn a_descendants_certificate_covers_the_block() {
    let network = Network::new(1);
    let first = network.block(B256::ZERO, B256::ZERO, Vec::new(), &[]);
    let second = network.block(first.hash(), B256::ZERO, Vec::new(), &[]);
    let stranger = network.block(B256::repeat_byte(7), B256::ZERO, Vec::new(), &[]);
    let header =
        |block: &commonhold_primitives::Block| Bytes::from(alloy_rlp::encode(block.header()));
    let claim = Claim::State {
        entries: Vec::new(),
    };
    let stamp = Stamp {
        descendants: vec![header(&second)],
        certificate: network.certify(&second),
        ..network.stamp(&first, claim)
    };
    let abis = Abis::default();
    let findings = verify(&stamp, &network.key, &abis).unwrap();
    assert_eq!(findings.block.hash, first.hash());
    let missing = Stamp {
        descendants: Vec::new(),
        ..stamp.clone()
    };
    assert!(matches!(
        verify(&missing, &network.key, &abis),
        Err(StampError::OtherBlock { .. })
    ));
    let foreign = Stamp {
        descendants: vec![header(&stranger)],
        certificate: network.certify(&stranger),
        ..stamp
    };
    assert_eq!(
        verify(&foreign, &network.key, &abis),
        Err(StampError::Descendant(0))
    );
}

#[test]
fn presence_and_absence_are_told() {
    let network = Network::new(1);
    let (here, gone) = (Address::repeat_byte(1), Address::repeat_byte(2));
    let slots = BTreeMap::from([((here, U256::from(3)), U256::from(77))]);
    let asked = [
        (here, Some(U256::from(3))),
        (here, Some(U256::from(4))),
        (gone, None),
    ];
    let stamp = network.state_stamp(&slots, &asked);
    let findings = verify(&stamp, &network.key, &Abis::default()).unwrap();
    let sentences = findings.sentences();
    assert!(sentences[1].ends_with("4d."), "{sentences:?}");
    assert!(
        sentences[2].ends_with("is absent.") && sentences[3].ends_with("is absent."),
        "{sentences:?}"
    );
}

/// A proof of absence holds for other absent keys as well: they may be put in its place, nothing else.
#[test]
fn a_changed_state_stamp_proves_nothing_else() {
    let network = Network::new(1);
    let here = Address::repeat_byte(1);
    let slots = BTreeMap::from([((here, U256::from(3)), U256::from(77))]);
    let asked = [(here, Some(U256::from(3))), (here, Some(U256::from(4)))];
    let stamp = network.state_stamp(&slots, &asked);
    let Claim::State { entries } = &stamp.claim else {
        panic!()
    };
    for other in changed(&stamp) {
        if let Ok(findings) = verify(&other, &network.key, &Abis::default()) {
            let Claim::State { entries: others } = &other.claim else {
                panic!()
            };
            assert_eq!(
                (&other.header, &other.certificate),
                (&stamp.header, &stamp.certificate)
            );
            assert_eq!(others[0], entries[0]);
            assert_eq!(others[1].proof, entries[1].proof);
            let Statement::State(found) = findings.statement else {
                panic!()
            };
            assert_eq!(found[1].value, None);
        }
    }
}

/// A ledger with one record, and its id.
fn registered() -> (Bench, B256) {
    let mut bench = Bench::new(commonhold_node::modules::modules()).unwrap();
    let registration = Registration {
        salt: B256::repeat_byte(1),
        contentHash: B256::repeat_byte(0xcc),
        length: 12_345,
        kind: "application/fhir+json; long enough for two slots"
            .replace("; ", ".")
            .replace(' ', "-"),
        sealedKeyHash: B256::ZERO,
        policy: Address::ZERO,
        custodian: Address::ZERO,
    };
    let id = bench
        .send(account(1), RECORDS, registerCall { registration })
        .unwrap();
    (bench, id)
}

fn record_stamp(network: &Network, bench: &Bench, id: B256) -> Stamp {
    let slots: Vec<U256> =
        slots_of_record(id, |slot| Ok::<_, String>(bench.slot(RECORDS, slot))).unwrap();
    let asked: Vec<_> = slots
        .into_iter()
        .map(|slot| (RECORDS, Some(slot)))
        .collect();
    let mut stamp = network.state_stamp(bench.stored(), &asked);
    let Claim::State { entries } = stamp.claim else {
        panic!()
    };
    stamp.claim = Claim::Record { id, entries };
    stamp
}

#[test]
fn a_records_stamp_tells_what_is_registered() {
    let network = Network::new(1);
    let (bench, id) = registered();
    let stamp = record_stamp(&network, &bench, id);
    let findings = verify_file(&stamp.to_json(), &network.key, &Abis::system()).unwrap();
    let Statement::Record {
        record: Some(record),
        ..
    } = &findings.statement
    else {
        panic!("{findings:?}")
    };
    assert_eq!(record.owner, account(1));
    assert_eq!(record.content_hash, B256::repeat_byte(0xcc));
    assert_eq!(record.length, 12_345);
    assert!(record.kind.starts_with("application/fhir+json.long"));
    assert!(findings.sentences()[1].contains("registered 12345 encrypted bytes"));

    let unknown = record_stamp(&network, &bench, B256::repeat_byte(0xee));
    let findings = verify(&unknown, &network.key, &Abis::system()).unwrap();
    assert!(matches!(
        findings.statement,
        Statement::Record { record: None, .. }
    ));
}

#[test]
fn a_record_is_not_proven_by_fewer_more_or_other_entries() {
    let network = Network::new(1);
    let (bench, id) = registered();
    let good = record_stamp(&network, &bench, id);
    let Claim::Record { entries, .. } = good.claim.clone() else {
        panic!()
    };
    let with = |id, entries| Stamp {
        claim: Claim::Record { id, entries },
        ..good.clone()
    };
    let mut refused = vec![with(B256::ZERO, entries.clone()), with(id, Vec::new())];
    for missing in 0..entries.len() {
        let mut fewer = entries.clone();
        fewer.remove(missing);
        refused.push(with(id, fewer));
    }
    let mut twice = entries.clone();
    twice.push(entries[0].clone());
    refused.push(with(id, twice));
    for stamp in refused {
        let answer = verify(&stamp, &network.key, &Abis::default());
        assert!(
            matches!(answer, Err(StampError::Claim { part: "record", .. })),
            "{answer:?}"
        );
    }
}
