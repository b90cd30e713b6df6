//! Members that finish, fall silent, die and return.

use super::*;

#[test]
fn members_make_a_key_together() {
    for members in [1, 2, 4, 7] {
        let mut net = Net::new(members, 0);
        net.resend_all();
        net.run();
        let group = net.result();
        assert_eq!(group.members(), members);
        assert_eq!(group.threshold(), terms(members, 0).quorum());
        for ceremony in net.alive.values() {
            assert_eq!(ceremony.missing(), Missing::default());
            assert!(ceremony.resend().is_empty());
        }
    }
}

#[test]
fn each_round_makes_another_key_under_another_chair() {
    let mut seen = BTreeSet::new();
    for round in [0, 1, 2, 3, u64::MAX] {
        let mut net = Net::new(4, round);
        net.resend_all();
        net.run();
        assert!(seen.insert(net.result().digest()));
    }
}

#[test]
fn one_that_is_silent_from_the_start_stops_the_round_and_is_named() {
    for silent in 0..4 {
        let mut net = Net::new(4, 0);
        net.kill(silent);
        net.resend_all();
        net.run();
        assert!(net.finished().is_empty());
        for ceremony in net.alive.values() {
            let CeremonyError::Incomplete { round: 0, missing } = ceremony.give_up() else {
                panic!();
            };
            assert_eq!(missing.dealings, [silent]);
            assert_eq!(missing.acks, [silent]);
            assert!(missing.proposal);
            assert!(ceremony.give_up().to_string().ends_with("start round 1"));
        }
        // It wakes up, and all go to the next round, one of them from its disk.
        net.restart(silent);
        net.queue.clear();
        let first = net.disks.clone();
        for place in 0..4 {
            let ceremony = net.alive.remove(&place).unwrap();
            let next = ceremony.next(1, &mut net.rng).unwrap();
            net.disks.insert(place, next.memory().to_vec());
            net.alive.insert(place, next);
        }
        net.dealt.clear();
        net.kill(1);
        net.restart(1);
        net.resend_all();
        net.run();
        net.result();
        assert_eq!(net.finished(), [0, 1, 2, 3]);
        assert!(first.iter().all(|(place, old)| net.disks[place] != *old));
    }
}

#[test]
fn one_that_falls_silent_after_acknowledging_stops_nothing_and_finds_its_share() {
    for silent in [1, 3] {
        let mut net = Net::new(4, 0);
        // Everybody's dealings have been acknowledged by it; its own acknowledgements never come.
        net.resend_all();
        net.run_until_acknowledged(silent);
        net.kill(silent);
        net.run();
        assert_eq!(net.finished().len(), 3);
        let group = net.result();
        // The chair is gone when it returns. The others tell it.
        net.kill(0);
        net.restart(silent);
        net.resend_all();
        net.run();
        assert_eq!(net.result(), group);
        let made = net.alive[&silent].finished().unwrap().made;
        group.check(made.seal().unwrap().1).unwrap();
    }
}

impl Net {
    /// Delivers until `place` has remembered all dealings: its acknowledgements are on their way.
    fn run_until_acknowledged(&mut self, place: u32) {
        while !self.alive[&place].missing().dealings.is_empty() {
            assert!(self.deliver());
        }
    }
}

#[test]
fn a_silent_chair_stops_the_round_and_the_next_has_another() {
    let mut net = Net::new(4, 0);
    net.resend_all();
    net.run_until_acknowledged(0);
    net.kill(0);
    net.run();
    net.resend_all();
    net.run();
    assert!(net.finished().is_empty());
    let missing = net.alive[&1].missing();
    assert!(missing.proposal && missing.dealings.is_empty());
}

/// Kills the chair or another member after many numbers of messages, and lets it return from its disk.
#[test]
fn a_killed_member_goes_on_from_its_disk() {
    let mut whole = Net::new(4, 0);
    whole.resend_all();
    let mut steps = 0;
    while whole.deliver() {
        steps += 1;
    }
    let group = whole.result();
    for victim in [0, 2] {
        for step in (0..=steps).step_by(4) {
            let mut net = Net::new(4, 0);
            net.resend_all();
            for _ in 0..step {
                net.deliver();
            }
            net.kill(victim);
            // What was on its way to it is lost, and so is what it had not sent.
            net.queue
                .retain(|(from, to, _)| ![*from, *to].contains(&victim));
            net.run();
            net.restart(victim);
            net.resend_all();
            net.run();
            assert_eq!(net.finished(), [0, 1, 2, 3], "member {victim}, step {step}");
            // The seeds are the same, and so the key depends on which dealers were chosen alone.
            let again = net.result();
            assert_eq!(again.threshold(), group.threshold());
        }
    }
}

#[test]
fn all_die_at_once_and_return() {
    for step in (0..40).step_by(3) {
        let mut net = Net::new(4, 2);
        net.resend_all();
        for _ in 0..step {
            net.deliver();
        }
        net.queue.clear();
        for place in 0..4 {
            net.kill(place);
        }
        for place in 0..4 {
            net.restart(place);
        }
        net.run();
        net.resend_all();
        net.run();
        net.result();
        assert_eq!(net.finished(), [0, 1, 2, 3]);
    }
}

#[test]
fn what_comes_twice_does_no_harm() {
    let mut net = Net::new(4, 0);
    net.resend_all();
    let mut sent = Vec::new();
    while let Some(next) = net.queue.front().cloned() {
        sent.push(next);
        net.deliver();
    }
    let group = net.result();
    net.queue.extend(sent.into_iter().rev());
    net.run();
    assert_eq!(net.result(), group);
}

#[test]
fn a_memory_belongs_to_its_member_and_comes_back_whole() {
    let mut net = Net::new(4, 0);
    net.resend_all();
    net.run();
    let mut rng = StdRng::seed_from_u64(1);
    for place in 0..4 {
        let memory = &net.disks[&place];
        let key = net.keys[place as usize].clone();
        let again = Ceremony::resume(memory, key, &mut rng).unwrap();
        assert_eq!(again.memory().as_slice(), memory);
        let secret = |ceremony: &Ceremony| {
            let made = ceremony.finished().unwrap().made;
            made.seal().unwrap().1.secret_bytes()
        };
        assert_eq!(secret(&again), secret(&net.alive[&place]));
        let other = net.keys[(place as usize + 1) % 4].clone();
        assert!(matches!(
            Ceremony::resume(memory, other, &mut rng).unwrap_err(),
            CeremonyError::Lost(_)
        ));
        assert_eq!(
            Ceremony::resume(memory, PrivateKey::from_seed(9), &mut rng).unwrap_err(),
            CeremonyError::NotAMember
        );
    }
    let memory = &net.disks[&0];
    for len in (0..memory.len()).step_by(97) {
        assert!(matches!(
            Ceremony::resume(&memory[..len], net.keys[0].clone(), &mut rng).unwrap_err(),
            CeremonyError::Malformed { .. }
        ));
    }
}

#[test]
fn terms_name_each_member_once() {
    let key = |seed| PrivateKey::from_seed(seed).public_key();
    let new = |keys: Vec<MemberKey>| Terms::new(Purpose::Seal, NETWORK, 0, keys).unwrap_err();
    assert_eq!(new(vec![]), CeremonyError::Members(0));
    assert_eq!(new(vec![key(1), key(1)]), CeremonyError::Members(2));
    assert_eq!(
        new((0..101).map(key).collect()),
        CeremonyError::Members(101)
    );

    let mut rng = StdRng::seed_from_u64(1);
    let ceremony = Ceremony::begin(terms(4, 5), keys(4)[0].clone(), &mut rng).unwrap();
    for next in [0, 4, 5] {
        let again = Ceremony::resume(&ceremony.memory(), keys(4)[0].clone(), &mut rng).unwrap();
        assert_eq!(
            again.next(next, &mut rng).unwrap_err(),
            CeremonyError::RoundBack { at: 5, next }
        );
    }
    // One file keeps the memory through all rounds, and another network's is another.
    assert_eq!(terms(4, 0).committee(), terms(4, 9).committee());
    assert_ne!(terms(4, 0).committee(), terms(3, 0).committee());
    assert_ne!(terms(4, 0).digest(), terms(4, 9).digest());
}
