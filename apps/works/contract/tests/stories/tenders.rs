//! Tenders: sealed until their deadline, open to everybody after it.

use alloy_primitives::{Address, B256};
use commonhold_works_contract::{
    interface::IWorks::{
        BidMade, BidsClosed, BidsShut, FalseBid, Kind, NotAParty, NotYours, OwnTender, UnfitState,
        Unknown, awardCall, bidCall, bidsCall, formContractCall, openBidCall, openTenderCall,
        tenderCall,
    },
    tender::commitment,
};

use crate::world::{BUILDER, DAY, NOW, OPERATOR, RIVAL, SHELL, STRANGER, WHY, World, refused};

const DEADLINE: u64 = NOW + DAY;
const SALT: B256 = B256::repeat_byte(7);

fn bound(bid: &[u8]) -> B256 {
    commitment(&SALT.0, bid).into()
}

impl World {
    fn tender(&mut self) -> u64 {
        let package = self.package();
        let opening_until = DEADLINE + 7 * DAY;
        let call = openTenderCall {
            package,
            documents: WHY,
            deadline: DEADLINE,
            openingUntil: opening_until,
        };
        self.send(OPERATOR, call).unwrap()
    }

    fn bids(&mut self, who: Address, tender: u64, bid: &[u8]) -> commonhold_module::Outcome<()> {
        let sealed_bid = vec![0x5e; 96].into();
        let call = bidCall {
            tender,
            commitment: bound(bid),
            sealedBid: sealed_bid,
        };
        self.send(who, call).map(|_| ())
    }

    fn opens(
        &mut self,
        tender: u64,
        bidder: Address,
        bid: &[u8],
    ) -> commonhold_module::Outcome<()> {
        let bid = bid.to_vec().into();
        let call = openBidCall {
            tender,
            bidder,
            salt: SALT,
            bid,
        };
        self.send(STRANGER, call).map(|_| ())
    }
}

#[test]
fn no_bid_is_late_and_none_is_read_early() {
    let mut world = World::new();
    let tender = world.tender();
    world.bids(BUILDER, tender, b"10").unwrap();
    let told = &world.bench.events::<BidMade>()[0];
    assert_eq!((told.bidder, told.commitment), (BUILDER, bound(b"10")));
    world.bench.at(DEADLINE);
    let shut = BidsShut {
        deadline: DEADLINE,
        now: DEADLINE,
    };
    refused(world.opens(tender, BUILDER, b"10"), shut);
    // The last second takes bids, and takes one made anew.
    world.bids(RIVAL, tender, b"11").unwrap();
    world.bids(RIVAL, tender, b"9").unwrap();
    let now = DEADLINE + 1;
    world.bench.at(now);
    refused(
        world.bids(BUILDER, tender, b"8"),
        BidsClosed {
            deadline: DEADLINE,
            now,
        },
    );

    // The deadline has passed, but the network has not opened its time yet.
    refused(
        world.opens(tender, RIVAL, b"9"),
        BidsShut {
            deadline: DEADLINE,
            now,
        },
    );
    world.open_time(DEADLINE);
    refused(
        world.opens(tender, RIVAL, b"11"),
        FalseBid {
            commitment: bound(b"9"),
        },
    );
    world.opens(tender, RIVAL, b"9").unwrap();
    world.opens(tender, BUILDER, b"10").unwrap();
    let page = world
        .view(bidsCall {
            number: tender,
            from: 0,
            max: 10,
        })
        .page;
    assert!(page.len() == 2 && page.iter().all(|bid| bid.opened));
}

#[test]
fn only_parties_bid_and_no_shell_of_the_owner() {
    let mut world = World::new();
    let tender = world.tender();
    refused(
        world.bids(STRANGER, tender, b"1"),
        NotAParty { account: STRANGER },
    );
    refused(world.bids(SHELL, tender, b"1"), OwnTender { bidder: SHELL });
    refused(
        world.bids(OPERATOR, tender, b"1"),
        OwnTender { bidder: OPERATOR },
    );
}

#[test]
fn it_goes_to_an_open_bid_and_the_contract_to_who_won() {
    let mut world = World::new();
    let tender = world.tender();
    for (who, bid) in [(BUILDER, b"10"), (RIVAL, b"09")] {
        world.bids(who, tender, bid).unwrap();
    }
    world.wait(DAY + 1);
    world.open_time(DEADLINE);
    world.opens(tender, BUILDER, b"10").unwrap();
    let award = |bidder| awardCall {
        tender,
        bidder,
        reason: WHY,
    };
    let own = NotYours {
        what: Kind::Project,
        number: 1,
        caller: BUILDER,
    };
    refused(world.send(BUILDER, award(BUILDER)), own);
    // Who did not lay their bid open is out, and who made none.
    refused(
        world.send(OPERATOR, award(RIVAL)),
        UnfitState {
            what: Kind::Tender,
            number: tender,
        },
    );
    refused(
        world.send(OPERATOR, award(STRANGER)),
        Unknown {
            what: Kind::Tender,
            number: tender,
        },
    );
    world.wait(7 * DAY);
    let now = world.bench.now();
    let late = BidsClosed {
        deadline: DEADLINE + 7 * DAY,
        now,
    };
    refused(world.opens(tender, RIVAL, b"09"), late);
    world.send(OPERATOR, award(BUILDER)).unwrap();
    assert_eq!(world.view(tenderCall { number: tender }).awarded, BUILDER);
    let package = world.view(tenderCall { number: tender }).package;
    let mut offer = world.offer(package, tender);
    offer.contractor = RIVAL;
    let other = UnfitState {
        what: Kind::Tender,
        number: tender,
    };
    refused(world.send(OPERATOR, formContractCall { offer }), other);
    let offer = world.offer(package, tender);
    world.contract_of(offer);
}
