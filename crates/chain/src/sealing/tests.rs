#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

//! What counts in a ceremony, and what comes of it, without a network.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::B256;
use commonhold_primitives::{
    consensus::MemberKey,
    epoch::Output,
    sealing::{SealingLog, first_output},
};
use commonhold_seal::{Group, Identity, SealShare, SealedKey};
use commonware_cryptography::{
    Signer as _,
    bls12381::{
        dkg::feldman_desmedt::{Dealer, Player, deal},
        primitives::{group::Share, sharing::Mode, variant::MinSig},
    },
    ed25519::PrivateKey,
};
use commonware_parallel::Sequential;
use commonware_utils::{N3f1, TestRng, ordered::Set};

use super::{
    message::{Body, Message, message_bytes_max},
    round::{Carried, Logs, Outcome, Round},
};

const NETWORK: B256 = B256::repeat_byte(9);

fn signers(of: impl IntoIterator<Item = u64>) -> Vec<PrivateKey> {
    of.into_iter().map(PrivateKey::from_seed).collect()
}

fn keys(signers: &[PrivateKey]) -> Set<MemberKey> {
    Set::from_iter_dedup(signers.iter().map(PrivateKey::public_key))
}

type Shares = BTreeMap<MemberKey, Share>;

fn founded(signers: &[PrivateKey]) -> (Output, Shares) {
    let members = keys(signers);
    let (dealt, shares) =
        deal::<MinSig, _, N3f1>(TestRng::new(1), Mode::NonZeroCounter, members.clone()).unwrap();
    let output = first_output(dealt.public(), &members).unwrap();
    (
        output,
        shares
            .iter_pairs()
            .map(|(k, s)| (k.clone(), s.clone()))
            .collect(),
    )
}

/// One ceremony among members of which some do not acknowledge some dealers.
struct Played {
    round: Round,
    logs: Vec<SealingLog>,
    players: BTreeMap<MemberKey, Player<MinSig, PrivateKey>>,
}

fn play(
    epoch: u64,
    previous: &Output,
    shares: &Shares,
    dealers: &[PrivateKey],
    players: &[PrivateKey],
    mute: impl Fn(&MemberKey, &MemberKey) -> bool,
) -> Played {
    let round = Round::new(NETWORK, epoch, previous.clone(), keys(players)).unwrap();
    let mut playing: BTreeMap<_, _> = players
        .iter()
        .map(|p| {
            (
                p.public_key(),
                Player::new(round.info().clone(), p.clone()).unwrap(),
            )
        })
        .collect();
    let mut logs = Vec::new();
    for signer in dealers {
        let me = signer.public_key();
        let share = shares.get(&me).cloned();
        let (mut dealer, commitment, parts) = Dealer::start::<N3f1>(
            TestRng::new(epoch),
            round.info().clone(),
            signer.clone(),
            share,
        )
        .unwrap();
        for (player, part) in parts {
            if mute(&me, &player) {
                continue;
            }
            let told = playing.get_mut(&player).unwrap();
            let ack = told.dealer_message::<N3f1>(me.clone(), commitment.clone(), part);
            if let Ok(Some(ack)) = ack {
                dealer.receive_player_ack(player, ack).unwrap();
            }
        }
        logs.push(dealer.finalize::<N3f1>());
    }
    Played {
        round,
        logs,
        players: playing,
    }
}

impl Played {
    fn counted(&self) -> Logs {
        let mut logs = Logs::new();
        for log in &self.logs {
            if let Some((dealer, log)) = self.round.admit(log) {
                logs.entry(dealer).or_insert(log);
            }
        }
        logs
    }

    fn outcome(&self) -> Outcome {
        self.round
            .outcome(&mut TestRng::new(3), &self.counted(), &Sequential)
    }

    /// The new sharing and everybody's share.
    fn finish(self) -> (Output, Shares) {
        let output = self.round.next(&self.outcome());
        let logs = self.counted();
        let mut shares = Shares::new();
        for (key, player) in self.players {
            let logs = self.round.logs(&logs);
            let (dealt, share) = player
                .finalize::<N3f1>(&mut TestRng::new(4), logs, &Sequential)
                .unwrap();
            assert_eq!(dealt, output);
            shares.insert(key, share);
        }
        (output, shares)
    }
}

fn opens(group: &Group, sealed: &SealedKey, shares: &[&Share]) -> bool {
    let target = Identity::Time(7).here();
    let partials: Vec<_> = shares
        .iter()
        .map(|share| SealShare::new((*share).clone()).partial(&target))
        .collect();
    let combined = group.combine(&target, &partials);
    combined.is_ok_and(|combined| sealed.open(&combined.opening).is_ok())
}

#[test]
fn the_key_stays_and_former_shares_fit_no_more() {
    let four = signers(1..5);
    let five = signers(1..6);
    let last = signers(2..6);
    let (first, founders) = founded(&four);
    let group = Group::new(first.public().clone()).unwrap();
    let target = Identity::Time(7).here();
    let key = commonhold_seal::DataKey::from_bytes(&[5; 32]);
    let sealed = SealedKey::seal(&group.key(), &target, &key, &mut TestRng::new(9)).unwrap();

    let (second, of_five) = play(3, &first, &founders, &four, &five, all_ack).finish();
    let (third, of_last) = play(4, &second, &of_five, &five, &last, all_ack).finish();
    for (output, shares, need) in [
        (&first, &founders, 3),
        (&second, &of_five, 4),
        (&third, &of_last, 3),
    ] {
        let now = Group::new(output.public().clone()).unwrap();
        assert_eq!(now.key(), group.key());
        let shares: Vec<&Share> = shares.values().collect();
        assert!(opens(&now, &sealed, &shares[..need]));
        assert!(!opens(&now, &sealed, &shares[..need - 1]));
    }
    // The one that left, with the share that it kept, beside two of the new ones.
    let left = founders.get(&four[0].public_key()).unwrap();
    let new: Vec<&Share> = of_last.values().collect();
    let now = Group::new(third.public().clone()).unwrap();
    for place in 0..4 {
        let moved = Share::new(
            commonware_utils::Participant::new(place),
            left.private.clone(),
        );
        assert!(now.check(&SealShare::new(moved.clone())).is_err());
        let others: Vec<&Share> = new
            .iter()
            .copied()
            .filter(|s| s.index.get() != place)
            .collect();
        assert!(!opens(&now, &sealed, &[&moved, others[0], others[1]]));
    }
}

const fn all_ack(_: &MemberKey, _: &MemberKey) -> bool {
    false
}

#[test]
fn too_few_logs_carry_the_sharing_on() {
    let four = signers(1..5);
    let (first, founders) = founded(&four);
    let played = play(0, &first, &founders, &four[..2], &four, all_ack);
    let outcome = played.outcome();
    assert_eq!(
        outcome,
        Outcome::Carried(Carried::TooFew {
            found: 2,
            required: 3,
            faulty: vec![]
        })
    );
    assert_eq!(played.round.next(&outcome), first);
    let played = play(0, &first, &founders, &four[..3], &four, all_ack);
    assert!(matches!(played.outcome(), Outcome::Dealt(_)));
}

#[test]
fn who_deals_another_share_than_its_own_is_left_out_and_named() {
    let four = signers(1..5);
    let (first, mut founders) = founded(&four);
    let others = founders.get(&four[1].public_key()).cloned().unwrap();
    let liar = four[0].public_key();
    founders.insert(liar.clone(), others);
    let played = play(0, &first, &founders, &four, &four, all_ack);
    match played.outcome() {
        Outcome::Dealt(output) => assert!(output.dealers().position(&liar).is_none()),
        Outcome::Carried(why) => panic!("{why}"),
    }
    let played = play(0, &first, &founders, &four[..3], &four, all_ack);
    match played.outcome() {
        Outcome::Carried(Carried::TooFew { found, faulty, .. }) => {
            assert_eq!((found, faulty), (2, vec![liar]));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn one_that_is_away_gets_its_share_and_everybody_can_see_it() {
    let four = signers(1..5);
    let (first, founders) = founded(&four);
    let away = four[3].public_key();
    let played = play(0, &first, &founders, &four[..3], &four, |_, player| {
        *player == away
    });
    match played.outcome() {
        Outcome::Dealt(output) => {
            assert_eq!(output.revealed().iter().collect::<Vec<_>>(), [&away]);
        }
        Outcome::Carried(why) => panic!("{why}"),
    }
    let (output, shares) = played.finish();
    let group = Group::new(output.public().clone()).unwrap();
    let share = SealShare::new(shares.get(&away).cloned().unwrap());
    assert!(group.check(&share).is_ok());
}

/// Of seven members two may be faulty. Each dealer reveals two parts, which is its right; together they would
/// reveal three shares.
#[test]
fn more_public_shares_than_members_may_be_faulty_carry_the_sharing_on() {
    let seven = signers(1..8);
    let (first, founders) = founded(&seven);
    let order: Vec<MemberKey> = first.players().iter().cloned().collect();
    let pairs = [[0, 1], [0, 1], [0, 2], [1, 2], [2, 3]];
    let dealers: Vec<PrivateKey> = order[..5]
        .iter()
        .map(|key| {
            seven
                .iter()
                .find(|s| s.public_key() == *key)
                .cloned()
                .unwrap()
        })
        .collect();
    let mute = |dealer: &MemberKey, player: &MemberKey| {
        let at = order.iter().position(|key| key == dealer).unwrap();
        pairs[at].iter().any(|place| order[*place] == *player)
    };
    let played = play(0, &first, &founders, &dealers, &seven, mute);
    let outcome = played.outcome();
    let public: BTreeSet<_> = order[..3].iter().cloned().collect();
    match &outcome {
        Outcome::Carried(Carried::Revealed(of)) => {
            assert_eq!(of.iter().cloned().collect::<BTreeSet<_>>(), public);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(played.round.next(&outcome), first);
}

#[test]
fn a_log_counts_where_a_dealer_of_this_ceremony_signed_it() {
    let four = signers(1..5);
    let (first, founders) = founded(&four);
    let played = play(2, &first, &founders, &four, &four, all_ack);
    let later = play(3, &first, &founders, &four, &four, all_ack);
    assert!(played.round.admit(&played.logs[0]).is_some());
    assert!(
        played.round.admit(&later.logs[0]).is_none(),
        "another epoch"
    );
    let network = Round::new(B256::ZERO, 2, first, keys(&four)).unwrap();
    assert!(network.admit(&played.logs[0]).is_none(), "another network");
}

#[test]
fn no_ceremony_is_made_of_a_sharing_that_is_not_its_holders() {
    let four = signers(1..5);
    let (first, _) = founded(&four);
    let of_three = first_output(first.public(), &keys(&four[..3])).unwrap();
    assert!(Round::new(NETWORK, 0, of_three, keys(&four)).is_none());
    assert!(Round::new(NETWORK, 0, first, Set::default()).is_none());
}

#[test]
fn messages_come_back_as_they_were_and_nothing_else_is_one() {
    let four = signers(1..5);
    let (first, founders) = founded(&four);
    let played = play(2, &first, &founders, &four, &four, all_ack);
    let message = Message {
        epoch: 2,
        body: Body::Log(Box::new(played.logs[0].clone())),
    };
    let bytes = message.to_bytes();
    assert!(bytes.len() <= message_bytes_max());
    assert_eq!(Message::from_bytes(&bytes).unwrap().to_bytes(), bytes);
    for cut in 0..bytes.len() {
        assert!(Message::from_bytes(&bytes[..cut]).is_err(), "{cut}");
    }
    let mut other = bytes;
    other[8] = 3;
    assert!(Message::from_bytes(&other).is_err());
}
