//! Projects, their packages, and tenders of packages.
//!
//! A bid is bound by its commitment and sealed to the deadline by the network: nobody reads it before, its
//! own members included. When a final block has passed the deadline anybody publishes the time's key
//! (`system::seals`) and lays bids open here, where they are held against their commitments. What is sealed
//! goes into the log and not into the state.

use alloy_primitives::{B256, keccak256};
use commonhold_module::{Context, Outcome, Text, ensure, reject};
use commonhold_system::seals;
use sha2::{Digest as _, Sha256};

use crate::{
    book::{add, belongs, concerns, known, stands, write},
    interface::IWorks::{
        BidMade, BidOpened, BidsClosed, BidsShut, FalseBid, Kind, OwnTender, PackageAdded,
        ProjectOpened, TenderAwarded, TenderOpened, UnfitTime, Unknown, addPackageCall, awardCall,
        bidCall, openBidCall, openProjectCall, openTenderCall,
    },
    limits::{BID_BYTES_MAX, BIDS_MAX},
    people::{group, live, own_project},
    shape,
    state::{BID_OF, BIDS, BidRow, PACKAGES, PROJECTS, PackageRow, ProjectRow, TENDERS, TenderRow},
    tender::{Phase, opens, phase},
};

/// Gas for each byte of a bid that is hashed.
const HASH_BYTE_GAS: u64 = 4;

pub(super) fn open_project(ctx: &mut Context<'_>, call: openProjectCall) -> Outcome<u64> {
    let title = call.title;
    let owner = ctx.caller();
    live(ctx, owner)?;
    shape::title(&title)?;
    let row = ProjectRow {
        owner,
        opened_at: ctx.now(),
        title: Text::new(title.clone())?,
    };
    let number = add(ctx, &PROJECTS, &row)?;
    concerns(ctx, Kind::Project, owner, number)?;
    ctx.emit(ProjectOpened {
        number,
        owner,
        title,
    })?;
    Ok(number)
}

pub(super) fn add_package(ctx: &mut Context<'_>, call: addPackageCall) -> Outcome<u64> {
    let addPackageCall { project, title } = call;
    own_project(ctx, project)?;
    shape::title(&title)?;
    let row = PackageRow {
        project,
        title: Text::new(title.clone())?,
        ..PackageRow::default()
    };
    let number = add(ctx, &PACKAGES, &row)?;
    belongs(ctx, Kind::Package, project, number)?;
    ctx.emit(PackageAdded {
        number,
        project,
        title,
    })?;
    Ok(number)
}

/// A package of the caller's project.
pub(super) fn own_package(ctx: &mut Context<'_>, number: u64) -> Outcome<(PackageRow, ProjectRow)> {
    let row = known(ctx, &PACKAGES, Kind::Package, number)?;
    let project = own_project(ctx, row.project)?;
    Ok((row, project))
}

pub(super) fn open_tender(ctx: &mut Context<'_>, call: openTenderCall) -> Outcome<u64> {
    let openTenderCall {
        package,
        documents,
        deadline,
        openingUntil,
    } = call;
    let (row, _) = own_package(ctx, package)?;
    stands(row.contract == 0, Kind::Package, package)?;
    let now = ctx.now();
    shape::future(deadline, now)?;
    ensure(openingUntil > deadline, || UnfitTime {
        time: openingUntil,
        now: deadline,
    })?;
    let tender = TenderRow {
        package,
        opened_at: now,
        deadline,
        opening_until: openingUntil,
        documents,
        ..TenderRow::default()
    };
    let number = add(ctx, &TENDERS, &tender)?;
    let row = PackageRow {
        tender: number,
        ..row
    };
    write(ctx, &PACKAGES, package, &row)?;
    belongs(ctx, Kind::Tender, package, number)?;
    ctx.emit(TenderOpened {
        number,
        package,
        deadline,
        documents,
    })?;
    Ok(number)
}

pub(super) fn bid(ctx: &mut Context<'_>, call: bidCall) -> Outcome<()> {
    let bidCall {
        tender,
        commitment,
        sealedBid,
    } = call;
    let row = known(ctx, &TENDERS, Kind::Tender, tender)?;
    let (now, deadline) = (ctx.now(), row.deadline);
    let bidding = phase(deadline, now) == Phase::Bidding;
    ensure(bidding, || BidsClosed { deadline, now })?;
    let bidder = ctx.caller();
    let own = live(ctx, bidder)?.group;
    let package = known(ctx, &PACKAGES, Kind::Package, row.package)?;
    let owner = known(ctx, &PROJECTS, Kind::Project, package.project)?.owner;
    let owners = group(ctx, owner)?;
    ensure(own != owners, || OwnTender { bidder })?;
    shape::some(sealedBid.len(), BID_BYTES_MAX)?;
    charge(ctx, sealedBid.len())?;
    let made = BidRow {
        bidder,
        made_at: now,
        commitment,
        sealed_hash: keccak256(&sealedBid),
        ..BidRow::default()
    };
    let (list, place) = (BIDS.at(&tender), BID_OF.at(&tender).at(&bidder));
    let before = place.read(ctx)?;
    if before == 0 {
        let count = list.len(ctx)?;
        shape::room(count, 1, BIDS_MAX)?;
        let number = add(ctx, &list, &made)?;
        place.write(ctx, &number)?;
        concerns(ctx, Kind::Tender, bidder, tender)?;
    } else {
        write(ctx, &list, before, &made)?;
    }
    ctx.emit(BidMade {
        tender,
        bidder,
        commitment,
        sealedBid,
    })
}

pub(super) fn open_bid(ctx: &mut Context<'_>, call: openBidCall) -> Outcome<()> {
    let openBidCall {
        tender,
        bidder,
        salt,
        bid,
    } = call;
    let row = known(ctx, &TENDERS, Kind::Tender, tender)?;
    let (now, deadline) = (ctx.now(), row.deadline);
    let shut = BidsShut { deadline, now };
    ensure(phase(deadline, now) == Phase::Opened, || shut.clone())?;
    let opened = seals::opening_key(ctx, deadline)?.is_some();
    ensure(opened, || shut)?;
    ensure(now < row.opening_until, || BidsClosed {
        deadline: row.opening_until,
        now,
    })?;
    let list = BIDS.at(&tender);
    let place = BID_OF.at(&tender).at(&bidder).read(ctx)?;
    let made = known(ctx, &list, Kind::Tender, place)?;
    if made.opened {
        return Ok(());
    }
    shape::at_most(bid.len(), BID_BYTES_MAX)?;
    charge(ctx, bid.len())?;
    let commitment = made.commitment;
    ensure(opens(&commitment.0, &salt.0, &bid), || FalseBid {
        commitment,
    })?;
    let made = BidRow {
        opened: true,
        content: B256::from(<[u8; 32]>::from(Sha256::digest(&bid))),
        ..made
    };
    write(ctx, &list, place, &made)?;
    let row = TenderRow {
        opened: row.opened.saturating_add(1),
        ..row
    };
    write(ctx, &TENDERS, tender, &row)?;
    ctx.emit(BidOpened {
        tender,
        bidder,
        salt,
        bid,
    })
}

pub(super) fn award(ctx: &mut Context<'_>, call: awardCall) -> Outcome<()> {
    let awardCall {
        tender,
        bidder,
        reason,
    } = call;
    let row = known(ctx, &TENDERS, Kind::Tender, tender)?;
    own_package(ctx, row.package)?;
    shape::reasoned(&reason)?;
    stands(row.awarded.is_zero(), Kind::Tender, tender)?;
    let now = ctx.now();
    ensure(now > row.deadline, || BidsShut {
        deadline: row.deadline,
        now,
    })?;
    let place = BID_OF.at(&tender).at(&bidder).read(ctx)?;
    if place == 0 {
        let (what, number) = (Kind::Tender, tender);
        return reject(Unknown { what, number });
    }
    let made = known(ctx, &BIDS.at(&tender), Kind::Tender, place)?;
    stands(made.opened, Kind::Tender, tender)?;
    live(ctx, bidder)?;
    let row = TenderRow {
        awarded: bidder,
        reason,
        ..row
    };
    write(ctx, &TENDERS, tender, &row)?;
    ctx.emit(TenderAwarded {
        tender,
        bidder,
        reason,
    })
}

fn charge(ctx: &mut Context<'_>, bytes: usize) -> Outcome<()> {
    let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
    ctx.charge(bytes.saturating_mul(HASH_BYTE_GAS))
}
