#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

//! Messages, and rounds of answers.

use alloy_primitives::B256;
use std::sync::Arc;

use commonhold_seal::{Group, Holding, Identity, ReaderSecret, SealShare, deal};
use commonhold_system::records::interface::IRecords::Access;
use commonware_cryptography::{Signer as _, ed25519::PrivateKey};
use commonware_runtime::{Runner as _, Supervisor as _, deterministic};
use commonware_utils::{TestRng, channel::mpsc};

use crate::{
    gather::{Gathering, Question},
    judge::Permitted,
    member,
    wire::{MESSAGE_BYTES_MAX, Message, Refusal, Reply, Subject},
};

const CHAIN: u64 = 49_153;

struct Scene {
    holding: Arc<Holding>,
    members: Vec<(SealShare, PrivateKey)>,
    permitted: Permitted,
}

fn scene() -> Scene {
    let (group, shares): (Group, Vec<SealShare>) = deal(4, &mut TestRng::new(1)).unwrap();
    let mut identities: Vec<PrivateKey> = (0..4).map(PrivateKey::from_seed).collect();
    identities.sort_by_key(PrivateKey::public_key);
    let reader = ReaderSecret::random(&mut TestRng::new(2));
    Scene {
        holding: Arc::new(Holding {
            epoch: 0,
            group,
            holders: identities.iter().map(PrivateKey::public_key).collect(),
            share: None,
        }),
        members: shares.into_iter().zip(identities).collect(),
        permitted: Permitted {
            number: 7,
            record: [1; 32].into(),
            identity: Identity::of_record([1; 32].into(), B256::ZERO, 0).unwrap(),
            reader: [2; 20].into(),
            reader_key: reader.public(),
            block: [3; 32].into(),
        },
    }
}

impl Scene {
    fn answer(&self, member: usize) -> Reply {
        self.answer_to(member, &self.permitted)
    }

    fn answer_to(&self, member: usize, permitted: &Permitted) -> Reply {
        self.answer_under(member, permitted, self.holding.group.digest())
    }

    fn answer_under(&self, member: usize, permitted: &Permitted, sharing: B256) -> Reply {
        let (share, identity) = &self.members[member];
        let request = member::request(permitted, CHAIN, sharing);
        let rng = &mut TestRng::new(3);
        let answer = member::answer(share, identity, permitted, &request, rng);
        Reply::Answer(Box::new(answer.unwrap()))
    }

    fn partial(&self, member: usize, seconds: u64) -> Reply {
        Reply::Partial(Box::new(member::time(&self.members[member].0, seconds)))
    }

    /// What comes of a round in which this is said.
    fn gather(&self, all: bool, said: Vec<(u32, Reply)>) -> (crate::Answers, Vec<u32>) {
        let sharing = self.holding.group.digest();
        let question = Question::Request(member::request(&self.permitted, CHAIN, sharing));
        let gathering = Gathering::new(question, self.holding.clone(), all);
        deterministic::Runner::default().start(|context| async move {
            let (saying, heard) = mpsc::channel(16);
            for word in said {
                saying.send(word).await.unwrap();
            }
            // It stays open, so that what ends the round is the round itself.
            let answers = gathering.run(&context.child("gathering"), heard).await;
            drop(saying);
            answers
        })
    }
}

#[test]
fn messages_have_the_documented_lengths_and_come_back_as_they_were() {
    let scene = scene();
    let partial = scene.partial(1, 1_800_000_000);
    let mut all = vec![
        (
            Message::Question(5, Subject::Request(9), B256::repeat_byte(1)),
            50,
        ),
        (
            Message::Question(6, Subject::Time(u64::MAX), B256::ZERO),
            50,
        ),
        (Message::Reply(u64::MAX, scene.answer(0)), 173),
        (Message::Reply(0, partial), 61),
    ];
    for refusal in [
        Refusal::NotFinal,
        Refusal::Access(Access::Revoked),
        Refusal::NotYet,
        Refusal::NoShare,
        Refusal::Busy,
        Refusal::Reader,
        Refusal::Unavailable,
        Refusal::OtherSharing,
    ] {
        all.push((Message::Reply(1, Reply::Refusal(refusal)), 11));
    }
    for (message, len) in all {
        let bytes = message.to_bytes();
        assert_eq!(bytes.len(), len, "{message:?}");
        assert!(len <= MESSAGE_BYTES_MAX as usize);
        let again = Message::from_bytes(&bytes).unwrap();
        assert_eq!(again.to_bytes(), bytes, "{message:?}");
        for cut in 0..len {
            assert!(Message::from_bytes(&bytes[..cut]).is_none(), "{cut}");
        }
        let longer = [bytes.as_slice(), &[0]].concat();
        assert!(Message::from_bytes(&longer).is_none());
    }
}

#[test]
fn what_is_no_message_is_none() {
    let question = Message::Question(5, Subject::Request(9), B256::ZERO).to_bytes();
    for (at, value) in [(0, 4), (0, 255), (9, 2)] {
        let mut bytes = question.clone();
        bytes[at] = value;
        assert!(Message::from_bytes(&bytes).is_none(), "{value} at {at}");
    }
    let refusal = Message::Reply(1, Reply::Refusal(Refusal::Busy)).to_bytes();
    for (at, value) in [(9, 8), (10, 1)] {
        let mut bytes = refusal.clone();
        bytes[at] = value;
        assert!(Message::from_bytes(&bytes).is_none(), "{value} at {at}");
    }
}

#[test]
fn a_round_ends_when_there_is_enough() {
    let scene = scene();
    let said = vec![
        (3, scene.answer(3)),
        (0, scene.answer(0)),
        (1, scene.answer(1)),
    ];
    let (answers, false_ones) = scene.gather(false, said);
    let places: Vec<u32> = answers.answers.iter().map(|a| a.member()).collect();
    assert_eq!(places, [0, 1, 3]);
    assert_eq!(answers.silent, [2]);
    assert!(false_ones.is_empty());
    assert_eq!(answers.block, scene.permitted.block);
}

#[test]
fn a_round_for_all_waits_for_all_or_until_the_time_is_up() {
    let scene = scene();
    let refusal = Reply::Refusal(Refusal::NotFinal);
    let said = vec![
        (0, scene.answer(0)),
        (1, scene.answer(1)),
        (2, scene.answer(2)),
        (3, refusal),
    ];
    let (answers, _) = scene.gather(true, said.clone());
    assert_eq!(answers.answers.len(), 3);
    assert_eq!(answers.refused, [(3, Refusal::NotFinal)]);
    assert!(answers.silent.is_empty());
    let (answers, _) = scene.gather(true, said.into_iter().take(2).collect());
    assert_eq!(answers.answers.len(), 2);
    assert_eq!(answers.silent, [2, 3]);
}

/// Somebody else's answer, one to another request, one in another block, one under another sharing, a second word, a place that
/// there is not, and a partial where an answer was asked for.
#[test]
fn false_answers_are_left_out_and_their_members_named() {
    let scene = scene();
    let other_request = Permitted {
        number: 8,
        ..scene.permitted
    };
    let other_block = Permitted {
        block: [4; 32].into(),
        ..scene.permitted
    };
    let partial = scene.partial(3, 1);
    for lie in [
        scene.answer(0),
        scene.answer_to(3, &other_request),
        scene.answer_to(3, &other_block),
        scene.answer_under(3, &scene.permitted, B256::repeat_byte(7)),
        partial,
    ] {
        let said = vec![
            (3, lie),
            (3, scene.answer(3)),
            (9, scene.answer(2)),
            (0, scene.answer(0)),
            (1, scene.answer(1)),
            (2, scene.answer(2)),
        ];
        let (answers, false_ones) = scene.gather(true, said);
        assert_eq!(answers.answers.len(), 3);
        assert_eq!(false_ones, [3]);
        assert_eq!(answers.silent, [3]);
    }
}
