//! Blocks travel unchanged, under one encoding, and malformed ones are refused.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use alloy_primitives::{B256, Bytes, hex};
use commonhold_primitives::{
    Block, BlockHash,
    block::blank_header,
    consensus::{ConsensusContext, MemberKey},
    extra::Extra,
    sealing::{Sealing, first_output},
};
use commonware_codec::{Copying, DecodeExt as _, Encode as _, EncodeSize as _};
use commonware_consensus::{
    BoundedBlock as _,
    types::{Epoch, Round, View},
};
use commonware_cryptography::{
    Digestible as _, Signer as _,
    bls12381::{
        dkg::feldman_desmedt::deal_anonymous,
        primitives::{sharing::Mode, variant::MinSig},
    },
    ed25519::PrivateKey,
    sha256,
};
use commonware_storage::mmr::Location;
use commonware_utils::{N3f1, NZU32, TestRng, non_empty_range, ordered::Set};

fn leader() -> MemberKey {
    PrivateKey::from_seed(1).public_key()
}

fn extra(millis: u16) -> Extra {
    Extra {
        context: ConsensusContext {
            round: Round::new(Epoch::zero(), View::new(300)),
            leader: leader(),
            parent: (View::new(299), BlockHash(B256::repeat_byte(7))),
        },
        millis,
        ops_root: sha256::Digest::from([9; 32]),
        range: non_empty_range!(Location::new(5), Location::new(77)),
        ceremony: None,
        sealing: None,
    }
}

fn block(transactions: Vec<Bytes>) -> Block {
    let mut header = blank_header(B256::repeat_byte(1));
    header.parent_hash = B256::repeat_byte(7);
    header.number = 12;
    header.timestamp = 1_750_000_000;
    header.base_fee_per_gas = Some(0);
    Block::seal(header, extra(250), transactions, None, None)
}

#[test]
fn a_block_travels_unchanged() {
    for transactions in [
        vec![],
        vec![Bytes::from(vec![1; 100]), Bytes::from(vec![2; 40_000])],
    ] {
        let sent = block(transactions);
        let bytes = sent.encode();
        assert!(bytes.len() <= Block::max_encode_size(&()));
        let got = Block::decode(Copying(&bytes)).unwrap();
        assert_eq!(got, sent);
        assert_eq!(got.encode(), bytes);
        assert_eq!(got.hash(), got.header().hash_slow());
        assert_eq!(got.digest().0, got.hash());
        assert_eq!(got.timestamp_ms(), 1_750_000_000_250);
    }
}

#[test]
fn the_encoding_is_the_one_we_wrote_down() {
    let found = hex::encode(block(vec![Bytes::from(vec![1, 2, 3])]).encode());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/block.hex");
    if std::env::var_os("COMMONHOLD_BLESS").is_some() {
        std::fs::write(path, format!("{found}\n")).unwrap();
    }
    let golden = std::fs::read_to_string(path).unwrap();
    assert_eq!(
        found,
        golden.trim(),
        "the encoding of blocks changed; COMMONHOLD_BLESS=1 accepts it"
    );
}

#[test]
fn a_body_that_the_header_does_not_name_is_refused() {
    let mut bytes = block(vec![Bytes::from(vec![1; 100])]).encode().to_vec();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    assert!(Block::decode(Copying(&bytes)).is_err());
}

#[test]
fn no_changed_or_missing_byte_goes_unnoticed() {
    let sent = block(vec![Bytes::from(vec![1; 20])]);
    let bytes = sent.encode().to_vec();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 0x11;
        if let Ok(got) = Block::decode(Copying(&changed)) {
            assert_ne!(got.hash(), sent.hash(), "byte {at}");
        }
        assert!(Block::decode(Copying(&bytes[..at])).is_err(), "cut at {at}");
    }
    assert!(Block::decode(Copying(&[bytes, vec![0]].concat())).is_err());
}

#[test]
fn lengths_beyond_the_limits_are_refused_before_they_are_believed() {
    let mut bytes = block(vec![]).encode().to_vec();
    let count_at = bytes.len() - 4;
    bytes[count_at..].copy_from_slice(&u32::MAX.to_be_bytes());
    assert!(Block::decode(Copying(&bytes)).is_err());
    assert!(Block::decode(Copying(&u32::MAX.to_be_bytes())).is_err());
}

#[test]
fn extra_data_fits_its_limit_and_refuses_what_is_out_of_range() {
    let mut widest = extra(999);
    widest.context.round = Round::new(Epoch::new(u64::MAX), View::new(u64::MAX));
    widest.context.parent.0 = View::new(u64::MAX);
    widest.range = non_empty_range!(Location::new(0), Location::new(1 << 60));
    widest.ceremony = Some(B256::repeat_byte(1));
    widest.sealing = Some(B256::repeat_byte(2));
    assert!(widest.to_bytes().len() <= commonhold_primitives::limits::EXTRA_BYTES_MAX);
    assert_eq!(Extra::from_bytes(&widest.to_bytes()).unwrap(), widest);
    let mut other_version = widest.to_bytes().to_vec();
    other_version[0] = 5;
    assert!(Extra::from_bytes(&other_version.into()).is_err());
    assert!(Extra::from_bytes(&extra(1000).to_bytes()).is_err());
    let trailing = [widest.to_bytes().as_ref(), &[0]].concat();
    assert!(Extra::from_bytes(&trailing.into()).is_err());
}

/// A block that says who holds the seal key next: its hash commits to it, and to nothing else in its place.
#[test]
fn what_is_carried_of_the_seal_key_travels_under_the_hash() {
    let members = Set::from_iter_dedup((1..5).map(|n| PrivateKey::from_seed(n).public_key()));
    let count = NZU32!(4);
    let (sharing, _) = deal_anonymous::<MinSig, N3f1>(TestRng::new(1), Mode::NonZeroCounter, count);
    let output = first_output(&sharing, &members).unwrap();
    let sealing = Sealing::Sharing(Box::new(output));
    let plain = block(vec![]);
    let sent = Block::seal(
        plain.header().clone(),
        extra(250),
        vec![],
        None,
        Some(sealing.clone()),
    );
    assert_ne!(sent.hash(), plain.hash());
    let bytes = sent.encode();
    assert_eq!(bytes.len(), sent.encode_size());
    let got = Block::decode(Copying(&bytes)).unwrap();
    assert_eq!((got.hash(), got.sealing()), (sent.hash(), Some(&sealing)));
    for at in 0..bytes.len() {
        assert!(Block::decode(Copying(&bytes[..at])).is_err(), "cut at {at}");
        let mut changed = bytes.to_vec();
        changed[at] ^= 0x11;
        if let Ok(got) = Block::decode(Copying(&changed)) {
            assert_ne!(got.hash(), sent.hash(), "byte {at}");
        }
    }
    let with_plain_header = Block::decode(Copying(
        &[plain.encode().as_ref(), &sealing.to_bytes()].concat(),
    ));
    assert!(with_plain_header.is_err());
}
