//! Communities, members, rules.

use alloy_primitives::{Address, U256};
use commonhold_energy_contract::{
    ADDRESS,
    interface::IEnergy::{
        AlreadyMember, AlreadyVoted, MeterTaken, Mode, NoFuse, NotInvited, NotManager, NotMember,
        NotYourMeter, ProposalOver, Rules, RulesWait, TariffWaits, TooLittle, UnfitLimit,
        UnfitName, UnfitRules, UnfitStart, UnknownCommunity, UnknownProposal, UnknownSupplier,
        communityCall, foundCall, inviteCall, joinCall, proposalCall, proposeRulesCall,
        setLimitsCall, setTariffCall, voteCall, withdrawCall,
    },
};
use commonhold_module::bench::account;

use crate::world::{
    CEILING, FEED_IN, FUSE, GIVEN, MANAGER, NETWORK, RESERVE, RETAIL, SLOT, STRANGER, SUN,
    SUPPLIER, TAXES, TREASURY, World, ZONE, house, meter_id, rejects, rules,
};

const ALIKE: &[(i64, i64)] = &[(200_000, 60_000); 3];

fn founding(rules: Rules) -> foundCall {
    foundCall {
        name: "Oak Street".to_owned(),
        zone: ZONE,
        network: NETWORK,
        treasury: TREASURY,
        levyTo: TAXES,
        ceiling: CEILING,
        start: SLOT,
        rules,
    }
}

#[test]
fn a_community_has_a_name_payees_and_rules_that_can_be_kept() {
    let mut world = World::empty(Mode::Auction);
    let good = || founding(rules(Mode::Auction));
    let named = |name: &str| foundCall {
        name: name.to_owned(),
        ..good()
    };
    rejects(world.send(MANAGER, named("")), &UnfitName {});
    rejects(world.send(MANAGER, named(" x")), &UnfitName {});
    for start in [0, 3_601] {
        let call = foundCall { start, ..good() };
        rejects(world.send(MANAGER, call), &UnfitStart { start });
    }
    let base = || rules(Mode::Auction);
    for bad in [
        Rules {
            kDenominator: 0,
            ..base()
        },
        Rules {
            kNumerator: 3,
            ..base()
        },
        Rules {
            rounds: 1,
            ..base()
        },
        Rules {
            mode: Mode::Hybrid,
            ..base()
        },
        Rules {
            mode: Mode::Hybrid,
            rounds: 17,
            ..base()
        },
        Rules {
            networkFee: -1,
            ..base()
        },
        Rules {
            networkFee: 300_000,
            ..base()
        },
        Rules {
            localPrice: 299_999,
            ..base()
        },
        Rules {
            slotSeconds: 600,
            ..base()
        },
        Rules {
            graceSeconds: 604_801,
            ..base()
        },
        Rules {
            finalSeconds: 604_801,
            ..base()
        },
        Rules {
            levy: i64::MAX,
            ..base()
        },
    ] {
        rejects(world.send(MANAGER, founding(bad)), &UnfitRules {});
    }
    for ceiling in [0, 10_000_001] {
        let call = foundCall { ceiling, ..good() };
        rejects(world.send(MANAGER, call), &UnfitRules {});
    }
    assert_eq!(world.send(MANAGER, good()).unwrap(), 2);
    let call = communityCall { number: 2 };
    let found = world.bench.view(ADDRESS, call).unwrap();
    assert_eq!((found.name.as_str(), found.meters), ("Oak Street", 0));
    assert!(!found.rehearsal);
    assert_eq!(found.rules, base());
}

#[test]
fn whoever_is_invited_joins_with_a_meter_of_their_own() {
    let mut world = World::empty(Mode::Auction);
    let community = world.street;
    let invite = inviteCall {
        community,
        household: STRANGER,
    };
    let caller = STRANGER;
    rejects(
        world.send(STRANGER, invite),
        &NotManager { community, caller },
    );
    world.settle_in(0);
    world.settle_in(1);
    let call = |n: u8| joinCall {
        community,
        meter: meter_id(n),
        fuse: FUSE,
        buy: 1,
        sell: 0,
        supplier: SUPPLIER,
        technology: SUN,
    };
    rejects(
        world.send(STRANGER, call(0)),
        &NotInvited { community, caller },
    );
    let (meter, caller) = (meter_id(1), house(0));
    rejects(
        world.send(house(0), call(1)),
        &NotYourMeter { meter, caller },
    );
    let none = joinCall { fuse: 0, ..call(0) };
    rejects(world.send(house(0), none), &NoFuse {});
    let limit = CEILING as i64 + 1;
    for bad in [
        joinCall {
            buy: limit,
            ..call(0)
        },
        joinCall {
            sell: limit,
            ..call(0)
        },
    ] {
        let ceiling = CEILING;
        rejects(world.send(house(0), bad), &UnfitLimit { limit, ceiling });
    }
    let supplier = STRANGER;
    let bad = joinCall {
        supplier,
        ..call(0)
    };
    rejects(
        world.send(house(0), bad),
        &UnknownSupplier {
            community,
            supplier,
        },
    );
    assert_eq!(world.send(house(0), call(0)).unwrap(), 0);
    rejects(
        world.send(house(0), call(0)),
        &AlreadyMember { community, caller },
    );
    let other = world.send(MANAGER, founding(rules(Mode::Auction))).unwrap();
    let tariff = setTariffCall {
        community: other,
        retail: RETAIL,
        feedIn: FEED_IN,
    };
    world.send(SUPPLIER, tariff).unwrap();
    let invite = inviteCall {
        community: other,
        household: house(0),
    };
    world.send(MANAGER, invite).unwrap();
    let twice = joinCall {
        community: other,
        ..call(0)
    };
    let meter = meter_id(0);
    rejects(
        world.send(house(0), twice),
        &MeterTaken { meter, community },
    );
    let nowhere = joinCall {
        community: 9,
        ..call(1)
    };
    rejects(
        world.send(house(1), nowhere),
        &UnknownCommunity { community: 9 },
    );
}

#[test]
fn whoever_has_the_reserve_takes_part() {
    let mut world = World::empty(Mode::Auction);
    world.settle_in(0);
    world.join(0, 200_000, 60_000).unwrap();
    assert!(!world.member(0).active);
    world.deposit(house(0), RESERVE - 1).unwrap();
    assert!(!world.member(0).active);
    world.deposit(house(0), 1).unwrap();
    let found = world.member(0);
    assert_eq!((found.active, found.reserve), (true, U256::from(RESERVE)));
    let take = |amount: u64| withdrawCall {
        community: 1,
        amount: U256::from(amount),
    };
    // Nobody gets out of a slot by taking the reserve away.
    let error = TooLittle {
        balance: U256::from(RESERVE),
        needed: U256::from(RESERVE + 1),
    };
    rejects(world.send(house(0), take(1)), &error);
    world.deposit(house(0), 5).unwrap();
    let before = world.tokens(house(0));
    world.send(house(0), take(5)).unwrap();
    assert_eq!(world.tokens(house(0)), before + 5);
    // Without leave nobody's money is moved.
    assert!(world.deposit(STRANGER, 1).is_err());
}

#[test]
fn only_members_vote_and_more_than_half_decide() {
    let mut world = World::street(Mode::Auction, ALIKE);
    let community = world.street;
    let changed = rules(Mode::Dynamic);
    let propose = || proposeRulesCall {
        community,
        rules: rules(Mode::Dynamic),
    };
    let caller = STRANGER;
    rejects(
        world.send(STRANGER, propose()),
        &NotMember { community, caller },
    );
    let proposal = world.send(house(0), propose()).unwrap();
    let vote = |approve| voteCall { proposal, approve };
    rejects(
        world.send(STRANGER, vote(true)),
        &NotMember { community, caller },
    );
    let again = AlreadyVoted {
        proposal,
        member: house(0),
    };
    rejects(world.send(house(0), vote(true)), &again);
    assert!(!world.send(house(1), vote(false)).unwrap());
    assert!(world.send(house(2), vote(true)).unwrap());
    rejects(world.send(house(1), vote(true)), &ProposalOver { proposal });
    let call = communityCall { number: community };
    let found = world.bench.view(ADDRESS, call).unwrap();
    assert_eq!(found.rules.mode, Mode::Auction, "not before their hour");
    assert_eq!(found.rulesFrom % 3_600, 0);
    assert!(found.rulesFrom >= world.bench.now());
    let call = proposalCall { number: proposal };
    let stands = world.bench.view(ADDRESS, call).unwrap();
    assert_eq!(
        (stands.approvals, stands.rejections, stands.decided),
        (2, 1, true)
    );
    assert_eq!(stands.rules, changed);

    // Others can be decided when these hold.
    let second = world.send(house(0), propose()).unwrap();
    let vote = voteCall {
        proposal: second,
        approve: true,
    };
    let waits = RulesWait {
        from: found.rulesFrom,
    };
    rejects(world.send(house(1), vote), &waits);
    let unknown = voteCall {
        proposal: 9,
        approve: true,
    };
    rejects(
        world.send(house(0), unknown),
        &UnknownProposal { proposal: 9 },
    );
    world.bench.at(SLOT + 90 * 86_400);
    let late = voteCall {
        proposal: second,
        approve: true,
    };
    rejects(
        world.send(house(1), late),
        &ProposalOver { proposal: second },
    );
}

#[test]
fn limits_are_the_members_own_and_prices_stand_for_two_days() {
    let mut world = World::street(Mode::Auction, ALIKE);
    let community = world.street;
    let call = |buy, sell| setLimitsCall {
        community,
        buy,
        sell,
    };
    let caller = account(0xf0);
    rejects(
        world.send(caller, call(1, 1)),
        &NotMember { community, caller },
    );
    world.send(house(0), call(250_000, -5)).unwrap();
    let found = world.member(0);
    assert_eq!((found.buy, found.sell, found.active), (250_000, -5, true));
    let tariff = setTariffCall {
        community,
        retail: 1,
        feedIn: 1,
    };
    let from = SLOT / 3_600 * 3_600 + 2 * 86_400;
    rejects(world.send(SUPPLIER, tariff), &TariffWaits { from });
    assert_eq!(world.member(0).balance, U256::from(GIVEN));
    let nobody: Address = Address::ZERO;
    let call = foundCall {
        levyTo: nobody,
        ..founding(rules(Mode::Auction))
    };
    assert!(world.send(MANAGER, call).is_err());
}
