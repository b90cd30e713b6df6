//! Certificates, corrections and disputes.

use alloy_primitives::{Address, B256, I256, U256};
use commonhold_energy_contract::{
    ADDRESS,
    certificates::Header,
    interface::IEnergy::{
        AlreadyDecided, AlreadyDisputed, CertificateLocked, DeltaNote, DisputeDecided, Expired,
        Fault, Generated, Held, Mode, NoAmount, NoCertificate, NoEvidence, NoPayee, NotConsumed,
        NotDisputed, NotExpired, NotMember, NotNetwork, NotParty, NotSettled, Reissued, Stock,
        TooFew, TooLate, UnfitCount, UnknownPlace, certificateCall, certificateReturn,
        certificatesOfCall, claimCall, decideDisputeCall, disputeCall, disputeOfCall, expireCall,
        lockCall, transferCertificateCall, unlockCall, withdrawCertificateCall,
    },
    limits::{CERTIFICATE_SECONDS, CORRECTION_SECONDS, DECISION_SECONDS},
};

use crate::world::{
    FEED_IN, NETWORK, RETAIL, SECONDS, STRANGER, SUN, World, ZONE, again, generating, house,
    meter_id, reading, refusal, rejects,
};

const WAREHOUSE: B256 = B256::repeat_byte(0xe0);

/// A buyer of 300, one of 500 who finds the power too dear, and a seller of 800: 300 are sold and 500 fed
/// in.
fn sunny() -> (World, u64) {
    let limits = &[(200_000, 60_000), (50_000, 60_000), (200_000, 60_000)];
    let mut world = World::street(Mode::Auction, limits);
    let slot = world.next();
    let nets = [300, 500, -800];
    let readings = (0u8..).zip(nets).map(|(n, net)| reading(n, slot, net));
    world.report(slot, readings.collect()).unwrap();
    assert_eq!(world.clear().unwrap(), 300);
    (world, slot)
}

fn shown(world: &mut World, slot: u64, owner: Address) -> certificateReturn {
    let (number, index) = (world.street, 2);
    let call = certificateCall {
        number,
        slot,
        index,
        owner,
    };
    world.bench.view(ADDRESS, call).unwrap()
}

fn stock(active: u64, claimed: u64, expired: u64, withdrawn: u64, locked: u64) -> Stock {
    Stock {
        active,
        claimed,
        expired,
        withdrawn,
        locked,
    }
}

#[test]
fn a_certificate_is_born_with_the_settlement() {
    let (mut world, slot) = sunny();
    let found = shown(&mut world, slot, house(2));
    let entry = &found.entry;
    assert_eq!(entry.stock, stock(500, 300, 0, 0, 0));
    assert_eq!(found.has, entry.stock);
    let header = Header {
        meter: meter_id(2),
        device: meter_id(2),
        technology: SUN,
        zone: ZONE,
        slot,
        seconds: 900,
        issuer: NETWORK,
        reading: B256::ZERO,
        version: 1,
    };
    assert_eq!(entry.id, header.id());
    assert_eq!(
        (entry.technology, entry.zone, entry.issuer, entry.duration),
        (SUN, ZONE, NETWORK, 900)
    );
    assert_eq!(entry.expires, slot + SECONDS + CERTIFICATE_SECONDS);
    let number = world.street;
    for (slot, index) in [(slot, 0), (slot + SECONDS, 2)] {
        let call = certificateCall {
            number,
            slot,
            index,
            owner: house(0),
        };
        let none = world.bench.view(ADDRESS, call);
        rejects(none.map(|found| found.has), &NoCertificate { slot, index });
    }
    let call = certificateCall {
        number,
        slot,
        index: 9,
        owner: house(0),
    };
    let none = world.bench.view(ADDRESS, call).map(|found| found.has);
    rejects(
        none,
        &UnknownPlace {
            community: number,
            index: 9,
        },
    );
}

#[test]
fn only_owners_move_what_is_theirs_and_claim_what_they_consumed() {
    let (mut world, slot) = sunny();
    let (community, index) = (world.street, 2);
    let give = |to, wh| transferCertificateCall {
        community,
        slot,
        index,
        to,
        wh,
    };
    let claim = |wh| claimCall {
        community,
        slot,
        index,
        wh,
    };
    let few = |there, needed| TooFew { there, needed };
    rejects(world.send(house(1), give(house(0), 1)), &few(0, 1));
    rejects(world.send(house(2), give(house(1), 501)), &few(500, 501));
    rejects(world.send(house(2), give(house(2), 1)), &NoPayee {});
    rejects(world.send(house(2), give(Address::ZERO, 1)), &NoPayee {});
    rejects(world.send(house(2), give(house(1), 0)), &NoAmount {});
    world.send(house(2), give(house(1), 400)).unwrap();
    world.send(house(2), give(house(0), 20)).unwrap();
    world.send(house(1), give(STRANGER, 30)).unwrap();
    // What the community gave a buyer is claimed for already; a generator consumed nothing.
    let nothing = NotConsumed { left: 0, needed: 1 };
    rejects(world.send(house(0), claim(1)), &nothing);
    rejects(world.send(house(2), claim(1)), &nothing);
    let caller = STRANGER;
    rejects(
        world.send(STRANGER, claim(1)),
        &NotMember { community, caller },
    );
    world.send(house(1), claim(370)).unwrap();
    rejects(world.send(house(1), claim(1)), &few(0, 1));
    world.send(STRANGER, give(house(1), 30)).unwrap();
    world.send(house(0), give(house(1), 20)).unwrap();
    world.send(house(1), claim(50)).unwrap();
    world.send(house(2), give(house(1), 80)).unwrap();
    let left = NotConsumed {
        left: 80,
        needed: 81,
    };
    rejects(world.send(house(1), claim(81)), &left);
    world.send(house(1), claim(80)).unwrap();
    let found = shown(&mut world, slot, house(1));
    assert_eq!(found.entry.stock, stock(0, 800, 0, 0, 0));
    assert_eq!(found.has, stock(0, 500, 0, 0, 0));
    assert_eq!(
        shown(&mut world, slot, house(2)).has,
        stock(0, 300, 0, 0, 0)
    );
}

#[test]
fn what_is_locked_for_export_is_used_nowhere_else() {
    let (mut world, slot) = sunny();
    let (community, index, registry) = (world.street, 2, WAREHOUSE);
    let lock = |wh| lockCall {
        community,
        slot,
        index,
        wh,
        registry,
    };
    let unlock = |wh| unlockCall {
        community,
        slot,
        index,
        owner: house(2),
        wh,
        registry,
    };
    world.send(house(2), lock(450)).unwrap();
    let told = world.events::<CertificateLocked>();
    assert!(told[0].locked && told[0].registry == WAREHOUSE);
    let needed = 51;
    rejects(
        world.send(house(2), lock(51)),
        &TooFew { there: 50, needed },
    );
    let caller = house(2);
    rejects(
        world.send(house(2), unlock(1)),
        &NotNetwork { community, caller },
    );
    world.send(NETWORK, unlock(450)).unwrap();
    let take = withdrawCertificateCall {
        community,
        slot,
        index,
        owner: house(2),
        wh: 100,
    };
    rejects(
        world.send(house(2), take.clone()),
        &NotNetwork { community, caller },
    );
    world.send(NETWORK, take).unwrap();
    let expires = slot + SECONDS + CERTIFICATE_SECONDS;
    let late = expireCall {
        community,
        slot,
        index,
        owner: house(2),
    };
    rejects(world.send(STRANGER, late.clone()), &NotExpired { expires });
    world.send(house(2), lock(10)).unwrap();
    world.bench.at(expires);
    rejects(world.send(house(2), lock(1)), &Expired { expires });
    assert_eq!(world.send(STRANGER, late.clone()).unwrap(), 390);
    rejects(world.send(STRANGER, late), &NoAmount {});
    let found = shown(&mut world, slot, house(2));
    assert_eq!(found.entry.stock, stock(0, 300, 390, 100, 10));
}

#[test]
fn a_correction_issues_or_takes_back_the_difference() {
    let (mut world, slot) = sunny();
    let (community, index) = (world.street, 2);
    world.correct(slot, again(2, slot, -900, 2)).unwrap();
    let note = |world: &World| {
        let told = world.events::<Reissued>();
        (told[0].issued, told[0].withdrawn, told[0].owed)
    };
    assert_eq!(note(&world), (100, 0, 0));
    let give = transferCertificateCall {
        community,
        slot,
        index,
        to: STRANGER,
        wh: 550,
    };
    world.send(house(2), give).unwrap();
    world.correct(slot, again(2, slot, -700, 3)).unwrap();
    assert_eq!(note(&world), (0, 50, 150), "what was given away is owed");
    let found = shown(&mut world, slot, house(2));
    assert_eq!(found.has, stock(0, 300, 0, 50, 0));
    assert_eq!((found.entry.stock.active, found.entry.owed), (550, 150));
    world.correct(slot, again(2, slot, -860, 4)).unwrap();
    assert_eq!(note(&world), (10, 0, 0), "and goes off what comes later");
    assert_eq!(shown(&mut world, slot, house(2)).entry.owed, 0);
}

#[test]
fn whoever_sold_more_than_it_generated_buys_it_back_at_retail() {
    let (mut world, slot) = sunny();
    let before = world.member(2);
    world.correct(slot, again(2, slot, -100, 2)).unwrap();
    let delta = world.events::<DeltaNote>()[0].statement;
    // 500 that were fed in were not, and of 300 that were sold 200 came from the supplier.
    let owed = I256::try_from(-(500 * FEED_IN + 200 * RETAIL)).unwrap();
    assert_eq!(delta, owed);
    let after = world.member(2);
    assert_eq!(after.balance, before.balance);
    assert_eq!((after.exportLocal, after.exportGrid), (300, 0));
    assert_eq!(after.importGrid, 200);
}

#[test]
fn a_dispute_is_decided_once_by_the_network_operators_reading() {
    let (mut world, slot) = sunny();
    let (community, index, evidence) = (world.street, 1, B256::repeat_byte(0xed));
    let open = |evidence| disputeCall {
        community,
        slot,
        index,
        evidence,
    };
    let decide = |net| decideDisputeCall {
        community,
        slot,
        index,
        net,
        reading: B256::repeat_byte(0xdc),
    };
    let caller = house(0);
    rejects(
        world.send(house(0), open(evidence)),
        &NotParty {
            slot,
            index,
            caller,
        },
    );
    rejects(world.send(house(1), open(B256::ZERO)), &NoEvidence {});
    let early = disputeCall {
        slot: slot + SECONDS,
        ..open(evidence)
    };
    rejects(
        world.send(house(1), early),
        &NotSettled {
            slot: slot + SECONDS,
        },
    );
    rejects(world.send(NETWORK, decide(1)), &NotDisputed { slot, index });
    world.send(house(1), open(evidence)).unwrap();
    rejects(
        world.send(NETWORK, open(evidence)),
        &AlreadyDisputed { slot, index },
    );
    let caller = house(1);
    rejects(
        world.send(house(1), decide(1)),
        &NotNetwork { community, caller },
    );
    rejects(
        world.send(NETWORK, decide(2_501)),
        &refusal(0, Fault::BeyondFuse),
    );
    let nothing = decideDisputeCall {
        reading: B256::ZERO,
        ..decide(420)
    };
    rejects(world.send(NETWORK, nothing), &NoEvidence {});
    world.send(NETWORK, decide(420)).unwrap();
    assert_eq!(world.events::<DisputeDecided>()[0].net, 420);
    let delta = world.events::<DeltaNote>()[0].statement;
    assert_eq!(delta, I256::try_from(80 * RETAIL).unwrap());
    rejects(
        world.send(NETWORK, decide(400)),
        &AlreadyDecided { slot, index },
    );
    let again = world.correct(slot, again(1, slot, 100, 9));
    rejects(again, &AlreadyDecided { slot, index });
    let call = disputeOfCall {
        number: community,
        slot,
        index,
    };
    let found = world.bench.view(ADDRESS, call).unwrap();
    assert_eq!((found.by, found.decided), (house(1), true));

    let end = slot + SECONDS;
    let other = disputeCall {
        index: 0,
        ..open(evidence)
    };
    world.send(house(0), other).unwrap();
    world.bench.at(end + CORRECTION_SECONDS);
    let until = end + CORRECTION_SECONDS;
    let late = disputeCall {
        index: 2,
        ..open(evidence)
    };
    rejects(world.send(house(2), late), &TooLate { slot, until });
    world.bench.at(end + DECISION_SECONDS - 1);
    let other = decideDisputeCall {
        index: 0,
        ..decide(-5)
    };
    world.send(NETWORK, other).unwrap();
    // 300 that the community gave it are fed in, with the 5.
    let statement = i128::try_from(world.member(0).statement).unwrap();
    assert_eq!(statement, 305 * i128::from(FEED_IN));
}

#[test]
fn what_is_used_at_home_is_certified_and_claimed_in_one_step() {
    let limits = &[(200_000, 60_000), (200_000, 60_000), (200_000, 60_000)];
    let mut world = World::street(Mode::Auction, limits);
    let (number, slot) = (world.street, world.next());
    // One buys 300; one generated 250 and needed them itself and 100 more; one generated 1,000, used 200
    // and sold what the others lacked.
    let readings = vec![
        reading(0, slot, 300),
        generating(1, slot, 100, 250, 1),
        generating(2, slot, -800, 1_000, 1),
    ];
    world.report(slot, readings).unwrap();
    let told = world.events::<Generated>();
    assert_eq!((told[1].index, told[1].wh, told[1].own), (2, 1_000, 200));
    assert_eq!(world.clear().unwrap(), 400);
    let held = |world: &mut World| {
        let call = certificatesOfCall {
            number,
            slots: vec![slot; 3],
            indexes: vec![0, 1, 2],
        };
        world.bench.view(ADDRESS, call).unwrap()
    };
    let all = held(&mut world);
    assert_eq!(all[0], Held::default(), "who generated nothing has none");
    assert_eq!((&all[1].stock, all[1].own), (&stock(0, 250, 0, 0, 0), 250));
    assert_eq!(
        (&all[2].stock, all[2].own),
        (&stock(400, 600, 0, 0, 0), 200)
    );
    assert_eq!(all[2].stock, shown(&mut world, slot, house(2)).has);
    assert_eq!(all[2].id, shown(&mut world, slot, house(2)).entry.id);
    // What the house used of its own is no consumption that anything else is claimed for.
    let give = transferCertificateCall {
        community: number,
        slot,
        index: 2,
        to: house(1),
        wh: 5,
    };
    world.send(house(2), give).unwrap();
    let claim = claimCall {
        community: number,
        slot,
        index: 2,
        wh: 5,
    };
    let nothing = NotConsumed { left: 0, needed: 5 };
    rejects(world.send(house(1), claim), &nothing);

    // By a later version 100 of what was fed in were used at home: they are taken back, and issued as that.
    let later = generating(2, slot, -700, 1_000, 2);
    world.correct(slot, later).unwrap();
    let two = &held(&mut world)[2];
    assert_eq!(
        (&two.stock, two.own),
        (&stock(295 + 5, 700, 0, 100, 0), 300)
    );
    // And by a still later one 50 less were generated: what is claimed stands, and is owed.
    world
        .correct(slot, generating(2, slot, -700, 950, 3))
        .unwrap();
    let two = &held(&mut world)[2];
    assert_eq!(
        (&two.stock, two.own, two.owed),
        (&stock(300, 700, 0, 100, 0), 250, 50)
    );
    let bad = generating(2, slot, -700, 699, 4);
    rejects(
        world.correct(slot, bad),
        &refusal(0, Fault::UnfitGeneration),
    );
    let many = certificatesOfCall {
        number,
        slots: vec![slot; 101],
        indexes: vec![2; 101],
    };
    let given = UnfitCount {
        given: U256::from(101),
        max: U256::from(100),
    };
    rejects(world.bench.view(ADDRESS, many), &given);
}
