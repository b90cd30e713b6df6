//! A partial reaches the reader of its request, and nobody can pass another off as a member's.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod common;

use alloy_primitives::B256;
use common::{dealt, flips, golden, record, rng, sealed};
use commonhold_primitives::consensus::MemberKey;
use commonhold_seal::{
    ANSWER_LEN, Answer, Group, Namespace, OpeningKey, PARTIAL_OPENING_LEN, Partial, PartialOpening,
    ReaderKey, ReaderSecret, Request, SealError, SealedKey,
};
use commonware_codec::{Copying, DecodeExt as _};
use commonware_cryptography::{Signer as _, ed25519::PrivateKey};

fn request() -> Request<'static> {
    Request {
        namespace: Namespace::COMMONHOLD,
        chain_id: 49_152,
        sequence: 41,
        record: B256::repeat_byte(1),
        block: B256::repeat_byte(0xbb),
        sharing: B256::repeat_byte(0xcc),
    }
}

#[test]
fn a_reader_opens_through_a_relay_that_learns_nothing() {
    let (group, shares) = dealt(4);
    let target = record(1, 0);
    let (key, sealed) = sealed(&group, &target);
    let signers: Vec<PrivateKey> = (0..4).map(PrivateKey::from_seed).collect();
    let reader = ReaderSecret::random(&mut rng(1));

    let answers: Vec<[u8; ANSWER_LEN]> = shares
        .iter()
        .zip(&signers)
        .map(|(share, signer)| {
            let partial = share.partial(&target);
            PartialOpening::seal(&partial, &request(), &reader.public(), &mut rng(2))
                .unwrap()
                .sign(&request(), signer)
                .to_bytes()
        })
        .collect();

    let partials: Vec<Partial> = answers
        .iter()
        .map(|bytes| {
            let answer = Answer::from_bytes(bytes).unwrap();
            let member = signers[answer.member() as usize].public_key();
            let opening = answer.verify(&request(), &member).unwrap();
            opening.open(&request(), &reader).unwrap()
        })
        .collect();
    let opening = group.combine(&target, &partials[1..]).unwrap().opening;
    assert_eq!(sealed.open(&opening).unwrap().as_bytes(), key.as_bytes());

    // What the relay sees holds no partial's signature.
    for (share, bytes) in shares.iter().zip(&answers) {
        let signature = share.partial(&target).signature();
        assert!(
            !bytes
                .windows(48)
                .any(|window| window == signature.as_slice())
        );
    }
}

#[test]
fn it_answers_one_request_to_one_reader() {
    let (_, shares) = dealt(4);
    let partial = shares[2].partial(&record(1, 0));
    let reader = ReaderSecret::random(&mut rng(1));
    let sealed = PartialOpening::seal(&partial, &request(), &reader.public(), &mut rng(2)).unwrap();
    assert_eq!(sealed.to_bytes().len(), PARTIAL_OPENING_LEN);
    let opened = sealed.open(&request(), &reader).unwrap();
    assert_eq!(opened.to_bytes(), partial.to_bytes());

    let refused = Err(SealError::NotForThisReader(2));
    let open = |request: Request<'_>, reader: &ReaderSecret| {
        sealed
            .open(&request, reader)
            .map(|partial| partial.member())
    };
    let other = Namespace::new(b"commonhold/seal/v2").unwrap();
    for request in [
        Request {
            namespace: other,
            ..request()
        },
        Request {
            chain_id: 1,
            ..request()
        },
        Request {
            sequence: 42,
            ..request()
        },
        Request {
            record: B256::repeat_byte(2),
            ..request()
        },
        Request {
            block: B256::repeat_byte(0xbc),
            ..request()
        },
        Request {
            sharing: B256::repeat_byte(0xcd),
            ..request()
        },
    ] {
        assert_eq!(open(request, &reader), refused, "{request:?}");
    }
    assert_eq!(open(request(), &ReaderSecret::random(&mut rng(3))), refused);
}

#[test]
fn no_changed_byte_passes() {
    let (_, shares) = dealt(4);
    let signer = PrivateKey::from_seed(2);
    let reader = ReaderSecret::random(&mut rng(1));
    let partial = shares[2].partial(&record(1, 0));
    let sealed = PartialOpening::seal(&partial, &request(), &reader.public(), &mut rng(2)).unwrap();
    for (at, flipped) in flips(&sealed.to_bytes()) {
        let changed = PartialOpening::from_bytes(&flipped).unwrap();
        assert_eq!(
            changed.open(&request(), &reader).unwrap_err(),
            SealError::NotForThisReader(changed.member()),
            "byte {at}"
        );
    }
    let answer = sealed.sign(&request(), &signer);
    for (at, flipped) in flips(&answer.to_bytes()) {
        match Answer::from_bytes(&flipped) {
            Ok(changed) => assert_eq!(
                changed
                    .verify(&request(), &signer.public_key())
                    .unwrap_err(),
                SealError::NotFromMember(changed.member()),
                "byte {at}"
            ),
            Err(e) => assert!(matches!(e, SealError::Malformed { .. }), "byte {at}: {e}"),
        }
    }
    for bytes in [
        &answer.to_bytes()[..ANSWER_LEN - 1],
        &[0; ANSWER_LEN + 1],
        &[],
    ] {
        assert!(matches!(
            Answer::from_bytes(bytes),
            Err(SealError::Malformed { .. })
        ));
    }
    for bytes in [
        &[0; PARTIAL_OPENING_LEN - 1][..],
        &[0; PARTIAL_OPENING_LEN + 1],
        &[],
    ] {
        assert!(matches!(
            PartialOpening::from_bytes(bytes),
            Err(SealError::Malformed { .. })
        ));
    }
}

#[test]
fn a_relay_cannot_blame_a_member() {
    let (_, shares) = dealt(4);
    let reader = ReaderSecret::random(&mut rng(1));
    let member = PrivateKey::from_seed(2);
    let relay = PrivateKey::from_seed(9);
    // The relay knows the reader's public key, and so it can make a message that decrypts.
    let forged = shares[2].partial(&record(0xee, 0));
    let forged = PartialOpening::seal(&forged, &request(), &reader.public(), &mut rng(2)).unwrap();
    forged.open(&request(), &reader).unwrap();
    assert_eq!(
        forged
            .sign(&request(), &relay)
            .verify(&request(), &member.public_key())
            .unwrap_err(),
        SealError::NotFromMember(2)
    );
    // An honest answer to another request is no answer to this one.
    let honest = shares[2].partial(&record(1, 0));
    let earlier = Request {
        sequence: 40,
        ..request()
    };
    let honest = PartialOpening::seal(&honest, &earlier, &reader.public(), &mut rng(2))
        .unwrap()
        .sign(&earlier, &member);
    honest.verify(&earlier, &member.public_key()).unwrap();
    assert_eq!(
        honest.verify(&request(), &member.public_key()).unwrap_err(),
        SealError::NotFromMember(2)
    );
}

#[test]
fn a_key_that_everybody_could_read_for_is_refused() {
    let (_, shares) = dealt(4);
    let partial = shares[0].partial(&record(1, 0));
    let mut order_four = [0; 32];
    order_four[0] = 1;
    for weak in [[0; 32], order_four] {
        assert_eq!(
            PartialOpening::seal(&partial, &request(), &ReaderKey(weak), &mut rng(1)).unwrap_err(),
            SealError::WeakReader
        );
    }
}

#[test]
fn a_readers_secret_keeps_its_public_key() {
    let secret = ReaderSecret::random(&mut rng(7));
    let again = ReaderSecret::from_bytes(&secret.to_bytes()).unwrap();
    assert_eq!(again.public(), secret.public());
    // RFC 7748, 6.1: Alice.
    let alice = "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a";
    let alice = hex::decode(alice).unwrap();
    let alice = ReaderSecret::from_bytes(&alice.try_into().unwrap()).unwrap();
    assert_eq!(
        hex::encode(alice.public().0),
        "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"
    );
    assert!(!format!("{alice:?}").contains("77076d"));
}

/// What was written by an earlier version is read, does what it did, and is written the same.
#[test]
fn the_formats_are_golden() {
    let target = record(1, 0);
    let (dealt, shares) = dealt(4);
    let made = common::opening(&dealt, &shares, &target);
    let (made_key, made_sealed) = sealed(&dealt, &target);
    let reader = ReaderSecret::from_bytes(&[9; 32]).unwrap();
    let signer = PrivateKey::from_seed(1);
    let made_partial = shares[1].partial(&target);
    let made_sealed_partial =
        PartialOpening::seal(&made_partial, &request(), &reader.public(), &mut rng(2)).unwrap();
    let made_answer = made_sealed_partial.clone().sign(&request(), &signer);

    let bytes = golden("sharing", &dealt.to_bytes());
    let group = Group::from_bytes(&bytes).unwrap();
    assert_eq!(group.to_bytes(), bytes);
    let bytes = golden("seal-key", &dealt.key().to_bytes());
    assert_eq!(group.key().to_bytes().as_slice(), bytes);

    let bytes = golden("opening-key", made.to_bytes().as_slice());
    let opening = OpeningKey::from_bytes(&bytes).unwrap();
    opening.verify(&group.key(), &target).unwrap();
    assert_eq!(opening.to_bytes().as_slice(), bytes);
    let key = golden("data-key", made_key.as_bytes().as_slice());
    let bytes = golden("sealed-key", &made_sealed.to_bytes());
    let sealed_key = SealedKey::from_bytes(&bytes).unwrap();
    assert_eq!(
        sealed_key.open(&opening).unwrap().as_bytes().as_slice(),
        key
    );
    assert_eq!(sealed_key.to_bytes().as_slice(), bytes);

    let bytes = golden("partial", made_partial.to_bytes().as_slice());
    let partial = Partial::from_bytes(&bytes).unwrap();
    partial.verify(&group, &target).unwrap();
    assert_eq!(partial.to_bytes().as_slice(), bytes);
    let bytes = golden("partial-opening", &made_sealed_partial.to_bytes());
    let sealed_partial = PartialOpening::from_bytes(&bytes).unwrap();
    let opened = sealed_partial.open(&request(), &reader).unwrap();
    assert_eq!(opened.to_bytes(), partial.to_bytes());
    assert_eq!(sealed_partial.to_bytes().as_slice(), bytes);

    let member = golden("member-key", signer.public_key().as_ref());
    let member = MemberKey::decode(Copying(&member)).unwrap();
    let bytes = golden("answer", &made_answer.to_bytes());
    let answer = Answer::from_bytes(&bytes).unwrap();
    assert_eq!(answer.verify(&request(), &member).unwrap(), &sealed_partial);
    assert_eq!(answer.to_bytes().as_slice(), bytes);
}
