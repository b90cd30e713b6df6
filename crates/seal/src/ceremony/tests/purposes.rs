//! The two keys of a network are made by the same steps, and nothing of one serves the other.

use commonware_cryptography::bls12381::primitives::{ops::threshold, variant::MinSig};
use commonware_parallel::Sequential;
use proptest::prelude::*;

use super::*;
use commonhold_primitives::epoch::Output;

const SIGNED: &[u8] = b"a block";

impl Net {
    /// The network key of those who are alive, all of whom have finished, with shares that sign.
    fn network_key(&self) -> Output {
        assert!(self.refusals.is_empty(), "{:?}", self.refusals);
        let mut partials = Vec::new();
        let mut outputs = Vec::new();
        for (place, ceremony) in &self.alive {
            let finished = ceremony.finished().unwrap();
            assert!(finished.made.seal().is_none());
            let (output, share) = finished.made.network().unwrap();
            assert_eq!(share.share().index.get(), *place);
            let digest = finished.made.digest();
            ceremony
                .terms()
                .check_confirmations(digest, &finished.confirmations)
                .unwrap();
            partials.push(threshold::sign_message::<MinSig>(
                share.share(),
                b"",
                SIGNED,
            ));
            outputs.push(output.clone());
        }
        let output = outputs.pop().unwrap();
        assert!(outputs.iter().all(|other| *other == output));
        assert!(output.revealed().is_empty());
        assert_eq!(output.players(), self.alive[&0].terms().members());
        let signature =
            threshold::recover::<MinSig, _>(output.public(), partials.iter(), &Sequential).unwrap();
        commonware_cryptography::bls12381::primitives::ops::verify_message::<MinSig>(
            output.public().public(),
            b"",
            SIGNED,
            &signature,
        )
        .unwrap();
        output
    }
}

#[test]
fn members_make_a_network_key_whose_shares_sign() {
    for members in [1, 4, 7] {
        let mut net = Net::of(Purpose::Network, members, 0);
        net.resend_all();
        net.run();
        let output = net.network_key();
        assert_eq!(output.public().total().get(), members);
        assert_eq!(
            output.public().required(),
            terms_of(Purpose::Network, members, 0).quorum()
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    /// Whoever dies, and whenever, goes on from its disk; and where it was left out, all have one key.
    #[test]
    fn a_killed_member_goes_on_with_the_network_key(victim in 0u32..4, step in 0usize..48) {
        let mut net = Net::of(Purpose::Network, 4, 0);
        net.resend_all();
        for _ in 0..step {
            net.deliver();
        }
        net.kill(victim);
        net.queue.retain(|(from, to, _)| ![*from, *to].contains(&victim));
        net.run();
        net.restart(victim);
        net.resend_all();
        net.run();
        prop_assert_eq!(net.finished(), [0, 1, 2, 3]);
        net.network_key();
    }
}

/// The same members, network, round and seeds: two keys that have nothing to do with each other.
#[test]
fn each_purpose_has_its_own_secrets_terms_and_memory() {
    let mut made = Vec::new();
    for purpose in [Purpose::Seal, Purpose::Network] {
        let mut net = Net::of(purpose, 4, 0);
        net.resend_all();
        net.run();
        let finished = net.alive[&0].finished().unwrap();
        made.push((net.disks[&0].clone(), finished));
    }
    let (seal, network) = (&made[0], &made[1]);
    let (group, share) = seal.1.made.seal().unwrap();
    let (output, other) = network.1.made.network().unwrap();
    assert_ne!(group.sharing().public(), output.public().public());
    assert!(seal.1.made.network().is_none() && network.1.made.seal().is_none());
    assert_ne!(
        share.secret_bytes().as_slice(),
        commonware_codec::Encode::encode(&other.share().private).as_ref()
    );
    assert_eq!((seal.0[0], network.0[0]), (1, 2));
    let [sealing, founding] =
        [Purpose::Seal, Purpose::Network].map(|purpose| terms_of(purpose, 4, 0));
    assert_ne!(sealing.committee(), founding.committee());
    assert_ne!(sealing.digest(), founding.digest());
    // A word for one key is no word for the other.
    let digest = seal.1.made.digest();
    sealing
        .check_confirmations(digest, &seal.1.confirmations)
        .unwrap();
    assert_eq!(
        founding.check_confirmations(digest, &seal.1.confirmations),
        Err(CeremonyError::Confirmation(0))
    );
    // A memory that is said to be of the other key is of no use.
    let mut relabelled = seal.0.clone();
    relabelled[0] = 2;
    let mut rng = StdRng::seed_from_u64(1);
    let again = Ceremony::resume(&relabelled, keys(4)[0].clone(), &mut rng);
    assert!(matches!(again, Err(CeremonyError::Lost(_))), "{again:?}");
    relabelled[0] = 3;
    let again = Ceremony::resume(&relabelled, keys(4)[0].clone(), &mut rng);
    assert!(matches!(again, Err(CeremonyError::Malformed { .. })));
}

/// No message of one key's ceremony moves the other's.
#[test]
fn messages_for_one_key_are_refused_where_the_other_is_made() {
    let mut seal = Net::of(Purpose::Seal, 4, 0);
    let mut network = Net::of(Purpose::Network, 4, 0);
    let (mut refused, mut taken) = (0, 0);
    network.resend_all();
    seal.resend_all();
    while let Some((from, to, bytes)) = network.queue.front().cloned() {
        let message = Message::from_bytes(&bytes).unwrap();
        // A dealing itself is unsigned: the connection says whose it is. Its acknowledgement is signed.
        let is_dealing = matches!(message.body, Body::Deal(..));
        let key = seal.key(from);
        let mut rng = StdRng::seed_from_u64(1);
        let ceremony = seal.alive.get_mut(&to).unwrap();
        let memory = ceremony.memory();
        if !is_dealing {
            ceremony.handle(&key, message, &mut rng).unwrap_err();
            assert_eq!(*ceremony.memory(), *memory);
            refused += 1;
        }
        taken += u32::from(network.deliver());
    }
    network.network_key();
    assert!(refused > 20 && taken > refused, "{refused} of {taken}");
    seal.run();
    seal.result();
}

/// The seal key's ceremony keeps the bytes that it had before there were purposes.
#[test]
fn the_seal_keys_terms_are_as_they_were() {
    let terms = terms(4, 7);
    let mut committee = b"commonhold/seal/v1/ceremony".to_vec();
    committee.extend_from_slice(NETWORK.as_slice());
    for key in keys(4) {
        committee.extend_from_slice(key.public_key().as_ref());
    }
    assert_eq!(terms.committee(), keccak256(&committee));
    committee.extend_from_slice(&7u64.to_be_bytes());
    assert_eq!(terms.digest(), keccak256(&committee));
}
