//! Messages that are not what they should be.

use commonware_cryptography::bls12381::dkg::feldman_desmedt::DealerPrivMsg;

use super::*;

/// Every message of a whole ceremony, and the members' disks before each was delivered.
type Recorded = (u32, u32, Vec<u8>, Vec<u8>);

fn recorded() -> Vec<Recorded> {
    let mut net = Net::new(4, 0);
    net.resend_all();
    let mut all = Vec::new();
    while let Some((from, to, bytes)) = net.queue.front().cloned() {
        all.push((from, to, bytes, net.disks[&to].clone()));
        net.deliver();
    }
    net.result();
    all
}

fn kind(bytes: &[u8]) -> u8 {
    bytes[8]
}

#[test]
fn no_changed_byte_of_any_message_passes() {
    let keys = keys(4);
    let mut rng = StdRng::seed_from_u64(3);
    for wanted in 0..=4 {
        let (from, to, bytes, disk) = recorded()
            .into_iter()
            .find(|(_, _, bytes, _)| kind(bytes) == wanted)
            .unwrap();
        let mut member = Ceremony::resume(&disk, keys[to as usize].clone(), &mut rng).unwrap();
        let memory = member.memory();
        // A proposal is made of logs, whose every byte is tried as such.
        let step = if wanted == 3 { 11 } else { 1 };
        for at in (0..bytes.len()).step_by(step) {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            let refused = Message::from_bytes(&flipped).and_then(|message| {
                member.handle(&keys[from as usize].public_key(), message, &mut rng)
            });
            assert!(refused.is_err(), "kind {wanted}, byte {at}");
            assert_eq!(member.memory(), memory, "kind {wanted}, byte {at}");
        }
        for len in (0..bytes.len()).step_by(step) {
            assert!(matches!(
                Message::from_bytes(&bytes[..len]),
                Err(CeremonyError::Malformed { .. })
            ));
        }
        let message = Message::from_bytes(&bytes).unwrap();
        assert_eq!(message.to_bytes().as_slice(), bytes);
        member
            .handle(&keys[from as usize].public_key(), message, &mut rng)
            .unwrap();
    }
}

#[test]
fn each_message_counts_for_its_sender_alone() {
    let keys = keys(4);
    let mut rng = StdRng::seed_from_u64(3);
    for wanted in [0, 1, 2, 4] {
        let (from, to, bytes, disk) = recorded()
            .into_iter()
            .find(|(_, _, bytes, _)| kind(bytes) == wanted)
            .unwrap();
        let other = (0..4).find(|place| ![from, to].contains(place)).unwrap();
        let mut member = Ceremony::resume(&disk, keys[to as usize].clone(), &mut rng).unwrap();
        let message = Message::from_bytes(&bytes).unwrap();
        let result = member.handle(&keys[other as usize].public_key(), message, &mut rng);
        match wanted {
            // Dealings are unsigned; a dealing belongs to whoever sends it.
            0 => assert!(result.is_ok()),
            1 => assert!(matches!(
                result.unwrap_err(),
                CeremonyError::Acknowledgement { member, .. } if member == other
            )),
            2 => assert_eq!(
                result.unwrap_err(),
                CeremonyError::Log {
                    dealer: other,
                    why: "it is another member's"
                }
            ),
            _ => assert_eq!(result.unwrap_err(), CeremonyError::Confirmation(other)),
        }
    }
}

#[test]
fn strangers_echoes_and_other_rounds_are_refused() {
    let keys = keys(4);
    let mut rng = StdRng::seed_from_u64(3);
    for (from, to, bytes, disk) in recorded() {
        let mut member = Ceremony::resume(&disk, keys[to as usize].clone(), &mut rng).unwrap();
        let message = Message::from_bytes(&bytes).unwrap();
        for stranger in [
            PrivateKey::from_seed(77).public_key(),
            keys[to as usize].public_key(),
        ] {
            assert_eq!(
                member
                    .handle(&stranger, message.clone(), &mut rng)
                    .unwrap_err(),
                CeremonyError::Stranger
            );
        }
        let later = Message {
            round: 1,
            body: message.body,
        };
        assert_eq!(
            member
                .handle(&keys[from as usize].public_key(), later, &mut rng)
                .unwrap_err(),
            CeremonyError::Round { got: 1, at: 0 }
        );
    }
}

#[test]
fn a_false_share_is_refused_and_a_second_dealing_too() {
    let mut net = Net::new(4, 0);
    let dealer = net.key(1);
    let deal = |net: &Net, to: u32| {
        let to = net.key(to);
        let sent = net.alive[&1]
            .resend()
            .into_iter()
            .find(|(key, _)| *key == to);
        let Body::Deal(commitment, share) = sent.unwrap().1.body else {
            panic!();
        };
        (commitment, share)
    };
    let (commitment, share) = deal(&net, 2);
    let (_, for_another) = deal(&net, 3);
    let message = |commitment, share: DealerPrivMsg| Message {
        round: 0,
        body: Body::Deal(commitment, share),
    };
    let second = {
        let key = net.keys[1].clone();
        let other = Ceremony::begin(terms(4, 0), key, &mut net.rng).unwrap();
        let to = net.key(2);
        let sent = other.resend().into_iter().find(|(key, _)| *key == to);
        sent.unwrap().1
    };
    let member = net.alive.get_mut(&2).unwrap();
    assert!(matches!(
        member
            .handle(
                &dealer,
                message(commitment.clone(), for_another),
                &mut net.rng
            )
            .unwrap_err(),
        CeremonyError::Dealing { dealer: 1, .. }
    ));
    member
        .handle(&dealer, message(commitment, share), &mut net.rng)
        .unwrap();
    assert_eq!(
        member.handle(&dealer, second, &mut net.rng).unwrap_err(),
        CeremonyError::TwoFaced {
            member: 1,
            what: "dealings"
        }
    );
}

#[test]
fn only_the_chair_takes_logs_and_proposes() {
    let keys = keys(4);
    let mut rng = StdRng::seed_from_u64(3);
    let (from, _, log, _) = recorded()
        .into_iter()
        .find(|(_, _, bytes, _)| kind(bytes) == 2)
        .unwrap();
    let other = (1..4).find(|place| *place != from).unwrap();
    let mut member = Ceremony::begin(terms(4, 0), keys[other as usize].clone(), &mut rng).unwrap();
    assert_eq!(
        member
            .handle(
                &keys[from as usize].public_key(),
                Message::from_bytes(&log).unwrap(),
                &mut rng
            )
            .unwrap_err(),
        CeremonyError::NotTheChair(0)
    );

    let (_, to, bytes, disk) = recorded()
        .into_iter()
        .find(|(_, _, bytes, _)| kind(bytes) == 3)
        .unwrap();
    let Body::Proposal(proposal) = Message::from_bytes(&bytes).unwrap().body else {
        panic!();
    };
    let mut member = Ceremony::resume(&disk, keys[to as usize].clone(), &mut rng).unwrap();
    let mut propose = |logs: Vec<_>, signer: u32| {
        let proposal = Proposal::sign(&terms(4, 0), logs, &keys[signer as usize]);
        let message = Message {
            round: 0,
            body: Body::Proposal(proposal),
        };
        member
            .handle(&keys[signer as usize].public_key(), message, &mut rng)
            .unwrap_err()
    };
    let logs = proposal.logs;
    let refused = |why: &str| CeremonyError::Proposal(why.into());
    assert_eq!(
        propose(logs.clone(), 2),
        refused("its chair did not sign it")
    );
    assert_eq!(
        propose(logs[..2].to_vec(), 0),
        refused("it has 2 logs instead of 3")
    );
    let twice = vec![logs[0].clone(), logs[1].clone(), logs[1].clone()];
    assert_eq!(propose(twice, 0), refused("a log stands in it twice"));
}

#[test]
fn confirmations_are_checked_before_they_convince() {
    let mut net = Net::new(4, 0);
    net.resend_all();
    net.run();
    let group = net.result();
    let terms = terms(4, 0);
    let good = net.alive[&0].finished().unwrap().confirmations;
    assert_eq!(good.len(), 4);
    terms.check_confirmations(group.digest(), &good).unwrap();

    let mut few = good.clone();
    few.pop_last();
    terms.check_confirmations(group.digest(), &few).unwrap();
    few.pop_last();
    assert_eq!(
        terms.check_confirmations(group.digest(), &few).unwrap_err(),
        CeremonyError::Proposal("2 members confirmed it, and 3 must".into())
    );
    let mut swapped = good.clone();
    swapped.insert(0, good[&1].clone());
    assert_eq!(
        terms
            .check_confirmations(group.digest(), &swapped)
            .unwrap_err(),
        CeremonyError::Confirmation(0)
    );
    let mut stranger = good.clone();
    stranger.insert(4, good[&1].clone());
    assert_eq!(
        terms
            .check_confirmations(group.digest(), &stranger)
            .unwrap_err(),
        CeremonyError::Confirmation(4)
    );
    assert_eq!(
        super::terms(4, 1)
            .check_confirmations(group.digest(), &good)
            .unwrap_err(),
        CeremonyError::Confirmation(0)
    );
    let mut rng = StdRng::seed_from_u64(1);
    let (other, _) = crate::deal(4, &mut rng).unwrap();
    assert_eq!(
        terms
            .check_confirmations(other.digest(), &good)
            .unwrap_err(),
        CeremonyError::Proposal("member 0 confirmed another key".into())
    );
}
