//! Applications, the founding document, its signatures, and the genesis document that follows from it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::{collections::BTreeMap, num::NonZeroU64};

use alloy_primitives::{Address, B256, U256, keccak256};
use commonhold_primitives::{
    Genesis,
    application::{Application, ApplicationError, FOUNDING},
    epoch::Output,
    founding::{Approval, ApprovalError, Draft, DraftError},
    genesis::Allocation,
};
use commonware_codec::Encode as _;
use commonware_cryptography::{
    Signer as _,
    bls12381::{
        dkg::feldman_desmedt::deal,
        primitives::{sharing::Mode, variant::MinSig},
    },
    ed25519::PrivateKey,
};
use commonware_utils::{N3f1, ordered::Set};
use proptest::prelude::*;
use rand::{SeedableRng as _, rngs::StdRng};

const NAMES: [&str; 4] = ["North", "East", "South", "West"];

fn identity(seed: u64) -> PrivateKey {
    PrivateKey::from_seed(seed)
}

fn application(seed: u64, name: &str) -> Application {
    let endpoint = format!("{}.example:9701", name.to_lowercase());
    let account = Address::repeat_byte(u8::try_from(seed).unwrap() + 1);
    Application::sign(&identity(seed), FOUNDING, name, &endpoint, account).unwrap()
}

fn unordered() -> Draft {
    let alloc = Allocation {
        balance: U256::from(5),
        ..Allocation::default()
    };
    Draft {
        name: "Care".into(),
        chain_id: 77,
        timestamp: 1_795_000_000,
        gas_limit: 30_000_000,
        base_fee_per_gas: 0,
        heartbeat_ms: 1_000,
        epoch_blocks: NonZeroU64::new(3_600).unwrap(),
        members: (0..).zip(NAMES).map(|(i, n)| application(i, n)).collect(),
        alloc: BTreeMap::from([(Address::repeat_byte(9), alloc)]),
    }
}

fn draft() -> Draft {
    unordered().assembled().unwrap()
}

fn output(seeds: std::ops::Range<u64>) -> Output {
    let keys = Set::from_iter_dedup(seeds.map(|seed| identity(seed).public_key()));
    let rng = StdRng::seed_from_u64(1);
    let (output, _) = deal::<MinSig, _, N3f1>(rng, Mode::NonZeroCounter, keys).unwrap();
    output
}

#[test]
fn whoever_brings_the_members_in_which_order_gets_the_same_bytes() {
    let document = draft().to_bytes();
    assert_eq!(Draft::parse(&document).unwrap(), draft());
    for turns in 1..4 {
        let mut turned = unordered();
        turned.members.rotate_left(turns);
        assert_eq!(turned.assembled().unwrap().to_bytes(), document);
    }
    let mut wrong_order = draft();
    wrong_order.members.swap(0, 1);
    assert_eq!(
        Draft::parse(&wrong_order.to_bytes()),
        Err(DraftError::Order)
    );
}

/// Every byte of the document, exchanged for others: it is refused, or it is another network.
#[test]
fn one_byte_off_is_refused_or_another_network() {
    let (document, hash) = (draft().to_bytes(), draft().hash());
    let approval = draft().approve(&identity(0));
    let mut others = 0;
    for at in 0..document.len() {
        for byte in [document[at] ^ 1, b' ', b'0'] {
            if byte == document[at] {
                continue;
            }
            let mut changed = document.clone();
            changed[at] = byte;
            if let Ok(other) = Draft::parse(&changed) {
                others += 1;
                assert_ne!(other.hash(), hash, "byte {at}");
                assert!(matches!(
                    other.check_approval(&approval),
                    Err(ApprovalError::OtherDocument { .. } | ApprovalError::Stranger(_))
                ));
            }
        }
        let mut cut = document.clone();
        cut.remove(at);
        if let Ok(other) = Draft::parse(&cut) {
            assert_ne!(other.hash(), hash, "without byte {at}");
        }
    }
    // Its name, chain id, times, sizes and the balance can be other values; nothing of a member can.
    assert!(others > 20);
    let members = String::from_utf8(document).unwrap();
    let (before, after) = members.split_once("North").unwrap();
    let renamed = format!("{before}Morth{after}");
    assert!(matches!(
        Draft::parse(renamed.as_bytes()),
        Err(DraftError::Application(ApplicationError::Proof(name))) if name == "Morth"
    ));
}

#[test]
fn no_two_members_share_key_name_endpoint_or_account() {
    let other = identity(8);
    let (name, endpoint, account) = ("Ada", "ada.example:1", Address::repeat_byte(0x77));
    let sign = |identity, name, endpoint, account| {
        Application::sign(identity, FOUNDING, name, endpoint, account).unwrap()
    };
    for (what, twin) in [
        ("identity key", sign(&identity(0), name, endpoint, account)),
        ("name", sign(&other, "North", endpoint, account)),
        (
            "endpoint",
            sign(&other, name, "north.example:9701", account),
        ),
        (
            "account",
            sign(&other, name, endpoint, Address::repeat_byte(1)),
        ),
    ] {
        let mut draft = unordered();
        draft.members.push(twin);
        let Err(DraftError::Same { what: said, .. }) = draft.assembled() else {
            panic!("{what}");
        };
        assert_eq!(said, what);
    }
}

#[test]
fn values_out_of_range_found_nothing() {
    let refused = |change: &dyn Fn(&mut Draft)| {
        let mut draft = unordered();
        change(&mut draft);
        draft.assembled().unwrap_err().to_string()
    };
    assert!(refused(&|d| d.members.clear()).contains("members"));
    assert!(refused(&|d| d.chain_id = 0).contains("chainId"));
    assert!(refused(&|d| d.heartbeat_ms = 0).contains("heartbeatMs"));
    assert!(refused(&|d| d.gas_limit = 20_999).contains("gasLimit"));
    assert!(refused(&|d| d.name = " ".into()).contains("name"));
    let few = NonZeroU64::new(31).unwrap();
    assert!(refused(&|d| d.epoch_blocks = few).contains("EPOCH_BLOCKS_MIN"));
    let document = String::from_utf8(draft().to_bytes()).unwrap();
    let more = document.replacen('{', "{\n  \"sealing\": \"0x00\",", 1);
    assert!(matches!(
        Draft::parse(more.as_bytes()),
        Err(DraftError::Parse(_))
    ));
}

#[test]
fn an_application_says_what_its_key_signed_and_nothing_else() {
    let signed = application(0, "North");
    signed.check(FOUNDING).unwrap();
    let forged = |change: &dyn Fn(&mut Application)| {
        let mut application = signed.clone();
        change(&mut application);
        application.check(FOUNDING).unwrap_err()
    };
    let proof = |e| matches!(e, ApplicationError::Proof(_));
    assert!(proof(forged(&|a| a.name = "Noord".into())));
    assert!(proof(forged(&|a| a.endpoint = "east.example:9701".into())));
    assert!(proof(forged(&|a| a.account = Address::repeat_byte(3))));
    let other = B256::from_slice(identity(1).public_key().as_ref());
    assert!(proof(forged(&|a| a.public_key = other)));
    assert!(proof(forged(&|a| a.proof = vec![0; 64].into())));
    assert!(proof(forged(&|a| a.proof = Default::default())));
    // One made to join a network founds none.
    assert!(proof(signed.check(77).unwrap_err()));
    let json = serde_json::to_vec(&signed).unwrap();
    assert_eq!(Application::parse(&json, FOUNDING).unwrap(), signed);

    let sign = |name: &str, endpoint: &str, account| {
        let signed = Application::sign(&identity(0), FOUNDING, name, endpoint, account);
        match signed {
            Err(ApplicationError::Field { field, .. }) => field,
            other => panic!("{other:?}"),
        }
    };
    let account = Address::repeat_byte(1);
    for name in ["", " North", "North ", "No\nrth", &"n".repeat(65)] {
        assert_eq!(sign(name, "a.example:1", account), "name");
    }
    for endpoint in ["", "a.example", "A.example:1", "a.example:0", "a b:1", ":1"] {
        assert_eq!(sign("North", endpoint, account), "endpoint", "{endpoint:?}");
    }
    assert_eq!(sign("North", "a.example:1", Address::ZERO), "account");
}

/// What is signed is Solidity's `abi.encode` of it, word by word, as the module `members` computes it.
#[test]
fn what_an_application_signs() {
    let signed = application(0, "North");
    let number = |n: u64| U256::from(n).to_be_bytes::<32>().to_vec();
    let text = |text: &str| {
        let mut padded = text.as_bytes().to_vec();
        padded.resize(text.len().next_multiple_of(32), 0);
        [number(text.len() as u64), padded].concat()
    };
    let words = [
        number(6 * 32),
        number(77),
        number(8 * 32),
        signed.public_key.to_vec(),
        number(10 * 32),
        signed.account.into_word().to_vec(),
        text("admission"),
        text("North"),
        text("north.example:9701"),
    ];
    assert_eq!(signed.digest(77), keccak256(words.concat()));
}

#[test]
fn signatures_are_of_members_and_of_this_document() {
    let draft = draft();
    for seed in 0..4 {
        let approval = draft.approve(&identity(seed));
        let json = serde_json::to_vec(&approval).unwrap();
        let member = draft
            .check_approval(&Approval::parse(&json).unwrap())
            .unwrap();
        assert_eq!(member.name, NAMES[usize::try_from(seed).unwrap()]);
    }
    assert!(matches!(
        draft.check_approval(&draft.approve(&identity(4))),
        Err(ApprovalError::Stranger(_))
    ));
    let mut other = draft.clone();
    other.heartbeat_ms += 1;
    assert!(matches!(
        draft.check_approval(&other.approve(&identity(0))),
        Err(ApprovalError::OtherDocument { .. })
    ));
    // A signature of the other document under this one's hash, and one of another member.
    let mut forged = other.approve(&identity(0));
    forged.founding = draft.hash();
    let mut lent = draft.approve(&identity(1));
    lent.public_key = forged.public_key;
    for approval in [forged, lent] {
        assert_eq!(
            draft.check_approval(&approval),
            Err(ApprovalError::Forged("North".into()))
        );
    }
}

#[test]
fn the_genesis_document_follows_from_the_draft_and_the_members_keys() {
    let (draft, output) = (draft(), output(0..4));
    let genesis = Genesis::found(&draft, &output, None).unwrap();
    let text = serde_json::to_vec(&genesis).unwrap();
    assert_eq!(Genesis::parse(&text).unwrap(), genesis);
    assert_ne!(genesis.hash(), draft.hash());
    assert_eq!(genesis.members[2], draft.members[2].member());
    assert_eq!(genesis.alloc, draft.alloc);
    assert_eq!(genesis.member_keys().unwrap(), draft.member_keys().unwrap());
    // A key that others made is no key of these members'.
    for others in [self::output(1..5), self::output(0..3)] {
        Genesis::found(&draft, &others, None).unwrap_err();
    }
    // The seal key is another key.
    let sealing = output.public().encode().to_vec();
    let error = Genesis::found(&draft, &output, Some(sealing.into())).unwrap_err();
    assert!(error.to_string().contains("must not be the network key"));
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
        let _ = Draft::parse(&bytes);
        let _ = Approval::parse(&bytes);
        let _ = Application::parse(&bytes, FOUNDING);
    }

    #[test]
    fn an_application_with_any_name_comes_back(name in "[a-zA-Z0-9äöü][a-zA-Z0-9äöü ]{0,20}[a-z]", port in 1u16..) {
        let signed = Application::sign(
            &identity(3), 5, &name, &format!("10.0.0.1:{port}"), Address::repeat_byte(2),
        ).unwrap();
        let json = serde_json::to_vec(&signed).unwrap();
        prop_assert_eq!(Application::parse(&json, 5).unwrap(), signed.clone());
        prop_assert!(signed.check(FOUNDING).is_err());
    }
}
