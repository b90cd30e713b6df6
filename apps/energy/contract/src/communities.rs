//! The messages of `energy` about communities, their members and their rules.

use alloy_primitives::{Address, B256};
use commonhold_module::{Context, Fault, Outcome, ensure, reject};
use commonhold_reading::DeviceId;
use commonhold_system::{accounts::naming::is_display_name, devices};

use crate::{
    clearing::Fraction,
    interface::IEnergy::{
        self, AlreadyMember, AlreadyVoted, Founded, Invited, Joined, LimitsSet, MeterTaken, Mode,
        NoFuse, NoPayee, NotInvited, NotManager, NotMember, NotYourMeter, ProposalOver,
        RulesDecided, RulesProposed, RulesWait, TariffSet, TariffWaits, TooManyMeters, UnfitLimit,
        UnfitName, UnfitPrice, UnfitRules, UnfitStart, UnknownCommunity, UnknownProposal,
        UnknownSupplier, Voted, foundCall, inviteCall, joinCall, proposeRulesCall, setLimitsCall,
        setTariffCall, voteCall,
    },
    limits::{
        GRACE_SECONDS_MAX, METERS_MAX, PRICE_MICRO_MAX, PROPOSAL_SECONDS, ROUNDS_MAX,
        TARIFF_SECONDS_MIN, TARIFFS_BACK_MAX,
    },
    money, packing,
    settlement::{Fees, Tariff},
    state::{
        COMING, COMMUNITIES, Community, HOUSEHOLDS, INVITED, LIMITS, MEMBERS, METERS, Member,
        Meter, Name, PRICES, PROPOSALS, PROPOSED, Prices, Proposal, RULES, Rules, VOTED, price,
        stored,
    },
};

/// Seconds of an hour: where rules begin to hold.
const HOUR: u64 = 3_600;

pub(super) fn found(ctx: &mut Context<'_>, call: foundCall) -> Outcome<u64> {
    let named = !call.name.is_empty() && is_display_name(&call.name);
    ensure(named, || UnfitName {})?;
    let start = call.start;
    let whole = start != 0 && start.checked_rem(HOUR) == Some(0);
    ensure(whole, || UnfitStart { start })?;
    let payees = [call.network, call.treasury, call.levyTo];
    ensure(payees.iter().all(|who| !who.is_zero()), || NoPayee {})?;
    let ceiling = call.ceiling;
    let bounded = (1..=PRICE_MICRO_MAX.unsigned_abs()).contains(&ceiling);
    ensure(bounded, || UnfitRules {})?;
    let rules = fit(&call.rules, ceiling)?;
    let manager = ctx.caller();
    let index = COMMUNITIES.push(
        ctx,
        &Community {
            manager,
            next: start,
            network: call.network,
            treasury: call.treasury,
            ceiling,
            levy_to: call.levyTo,
            name: Name::new(call.name.clone())?,
            ..Community::default()
        },
    )?;
    let community = index.saturating_add(1);
    RULES.at(&community).write(ctx, &rules)?;
    for who in payees {
        money::list(ctx, community, who)?;
    }
    ctx.emit(Founded {
        community,
        manager,
        name: call.name,
        start,
    })?;
    Ok(community)
}

pub(super) fn invite(ctx: &mut Context<'_>, call: inviteCall) -> Outcome<()> {
    let (community, household) = (call.community, call.household);
    let entry = known(ctx, community)?;
    let caller = ctx.caller();
    ensure(entry.manager == caller, || NotManager { community, caller })?;
    INVITED.at(&community).at(&household).write(ctx, &true)?;
    ctx.emit(Invited {
        community,
        household,
    })
}

pub(super) fn join(ctx: &mut Context<'_>, call: joinCall) -> Outcome<u32> {
    let joinCall {
        community,
        meter,
        fuse,
        buy,
        sell,
        supplier,
    } = call;
    let mut entry = known(ctx, community)?;
    let caller = ctx.caller();
    let invited = INVITED.at(&community).at(&caller).read(ctx)?;
    ensure(invited, || NotInvited { community, caller })?;
    let place = MEMBERS.at(&community).at(&caller);
    let new = place.read(ctx)?.meter.is_zero();
    ensure(new, || AlreadyMember { community, caller })?;
    ensure(fuse != 0, || NoFuse {})?;
    fit_limits(buy, sell, entry.ceiling)?;
    let owner = devices::owner_of(ctx, DeviceId(meter))?;
    ensure(owner == caller, || NotYourMeter { meter, caller })?;
    let taken = METERS.at(&meter).read(ctx)?.community;
    ensure(taken == 0, || MeterTaken {
        meter,
        community: taken,
    })?;
    let stated = PRICES.at(&community).at(&supplier).len(ctx)? != 0;
    ensure(stated, || UnknownSupplier {
        community,
        supplier,
    })?;
    let index = entry.meters;
    ensure(index < METERS_MAX, || TooManyMeters {
        community,
        max: METERS_MAX,
    })?;
    entry.meters = index.saturating_add(1);
    save(ctx, community, &entry)?;
    HOUSEHOLDS.at(&community).push(ctx, &caller)?;
    place.write(
        ctx,
        &Member {
            meter,
            supplier,
            index,
            fuse,
        },
    )?;
    METERS.at(&meter).write(
        ctx,
        &Meter {
            household: caller,
            index,
            fuse,
            community,
            counter: 0,
        },
    )?;
    let limits = packing::Limits {
        active: false,
        buy,
        sell,
    };
    write_limits(ctx, community, index, limits)?;
    money::list(ctx, community, caller)?;
    ctx.emit(Joined {
        community,
        household: caller,
        meter,
        index,
        fuse,
        supplier,
    })?;
    ctx.emit(LimitsSet {
        community,
        index,
        buy,
        sell,
    })?;
    money::activate(ctx, community, caller)?;
    Ok(index)
}

pub(super) fn set_limits(ctx: &mut Context<'_>, call: setLimitsCall) -> Outcome<()> {
    let setLimitsCall {
        community,
        buy,
        sell,
    } = call;
    let entry = known(ctx, community)?;
    let caller = ctx.caller();
    let index = member(ctx, community, caller)?.index;
    fit_limits(buy, sell, entry.ceiling)?;
    let limits = read_limits(ctx, community, index)?;
    write_limits(
        ctx,
        community,
        index,
        packing::Limits {
            buy,
            sell,
            ..limits
        },
    )?;
    ctx.emit(LimitsSet {
        community,
        index,
        buy,
        sell,
    })
}

pub(super) fn set_tariff(ctx: &mut Context<'_>, call: setTariffCall) -> Outcome<()> {
    let setTariffCall {
        community,
        retail,
        feedIn,
    } = call;
    let entry = known(ctx, community)?;
    for price in [retail, feedIn] {
        let bounded = price.unsigned_abs() <= PRICE_MICRO_MAX.unsigned_abs();
        ensure(bounded, || UnfitPrice { price })?;
    }
    let supplier = ctx.caller();
    let all = PRICES.at(&community).at(&supplier);
    if let Some(last) = all.len(ctx)?.checked_sub(1) {
        let before = all.get(ctx, last)?.unwrap_or_default();
        let from = before.from.saturating_add(TARIFF_SECONDS_MIN);
        ensure(entry.next >= from, || TariffWaits { from })?;
    }
    all.push(
        ctx,
        &Prices {
            from: entry.next,
            retail: stored(retail),
            feed_in: stored(feedIn),
        },
    )?;
    money::list(ctx, community, supplier)?;
    ctx.emit(TariffSet {
        community,
        supplier,
        from: entry.next,
        retail,
        feedIn,
    })
}

pub(super) fn propose_rules(ctx: &mut Context<'_>, call: proposeRulesCall) -> Outcome<u64> {
    let community = call.community;
    let entry = known(ctx, community)?;
    let by = ctx.caller();
    member(ctx, community, by)?;
    let rules = fit(&call.rules, entry.ceiling)?;
    let expires = ctx.now().saturating_add(PROPOSAL_SECONDS);
    let index = PROPOSALS.push(
        ctx,
        &Proposal {
            community,
            expires,
            ..Proposal::default()
        },
    )?;
    let proposal = index.saturating_add(1);
    PROPOSED.at(&proposal).write(ctx, &rules)?;
    ctx.emit(RulesProposed {
        proposal,
        community,
        by,
    })?;
    vote(
        ctx,
        voteCall {
            proposal,
            approve: true,
        },
    )?;
    Ok(proposal)
}

pub(super) fn vote(ctx: &mut Context<'_>, call: voteCall) -> Outcome<bool> {
    let voteCall { proposal, approve } = call;
    let mut open = proposed(ctx, proposal)?;
    let over = open.decided || ctx.now() >= open.expires;
    ensure(!over, || ProposalOver { proposal })?;
    let (community, caller) = (open.community, ctx.caller());
    member(ctx, community, caller)?;
    let place = VOTED.at(&proposal).at(&caller);
    let voted = place.read(ctx)?;
    ensure(!voted, || AlreadyVoted {
        proposal,
        member: caller,
    })?;
    place.write(ctx, &true)?;
    let votes = if approve {
        &mut open.approvals
    } else {
        &mut open.rejections
    };
    *votes = votes.saturating_add(1);
    ctx.emit(Voted {
        proposal,
        member: caller,
        approve,
    })?;
    let entry = known(ctx, community)?;
    open.decided = open.approvals > entry.meters.div_euclid(2);
    PROPOSALS.replace(ctx, proposal.saturating_sub(1), &open)?;
    if open.decided {
        decide(ctx, proposal, community, &entry)?;
    }
    Ok(open.decided)
}

/// Has rules hold from the next full hour on, of which nothing was read yet.
fn decide(ctx: &mut Context<'_>, proposal: u64, community: u64, entry: &Community) -> Outcome<()> {
    let waits = COMING.at(&community).read(ctx)?.from;
    ensure(waits == 0, || RulesWait { from: waits })?;
    let hours = entry.next.max(ctx.now()).div_ceil(HOUR);
    let from = hours.saturating_mul(HOUR);
    let rules = PROPOSED.at(&proposal).read(ctx)?;
    let rules = Rules { from, ..rules };
    COMING.at(&community).write(ctx, &rules)?;
    ctx.emit(RulesDecided {
        proposal,
        community,
        from,
        rules: shown(&rules)?,
    })
}

pub(super) fn known(ctx: &mut Context<'_>, community: u64) -> Outcome<Community> {
    let index = community.checked_sub(1);
    let entry = match index {
        Some(index) => COMMUNITIES.get(ctx, index)?,
        None => None,
    };
    match entry {
        Some(entry) => Ok(entry),
        None => reject(UnknownCommunity { community }),
    }
}

pub(super) fn save(ctx: &mut Context<'_>, community: u64, entry: &Community) -> Outcome<()> {
    let index = community.saturating_sub(1);
    COMMUNITIES.replace(ctx, index, entry).map(drop)
}

pub(super) fn member(ctx: &mut Context<'_>, community: u64, who: Address) -> Outcome<Member> {
    let member = MEMBERS.at(&community).at(&who).read(ctx)?;
    ensure(member.meter != B256::ZERO, || NotMember {
        community,
        caller: who,
    })?;
    Ok(member)
}

pub(super) fn proposed(ctx: &mut Context<'_>, proposal: u64) -> Outcome<Proposal> {
    let found = match proposal.checked_sub(1) {
        Some(index) => PROPOSALS.get(ctx, index)?,
        None => None,
    };
    match found {
        Some(found) => Ok(found),
        None => reject(UnknownProposal { proposal }),
    }
}

/// The rules of a slot that is not cleared.
pub(super) fn rules_at(ctx: &mut Context<'_>, community: u64, slot: u64) -> Outcome<Rules> {
    let (now, coming) = (RULES.at(&community), COMING.at(&community));
    ctx.fetch(&[&now, &coming])?;
    let later = coming.read(ctx)?;
    if later.from != 0 && slot >= later.from {
        return Ok(later);
    }
    now.read(ctx)
}

pub(super) fn read_limits(
    ctx: &mut Context<'_>,
    community: u64,
    index: u32,
) -> Outcome<packing::Limits> {
    let (word, part) = packing::place(index);
    let word = LIMITS.at(&community).at(&word).read(ctx)?;
    Ok(packing::Limits::unpack(packing::get(&word, part)))
}

pub(super) fn write_limits(
    ctx: &mut Context<'_>,
    community: u64,
    index: u32,
    limits: packing::Limits,
) -> Outcome<()> {
    let (word, part) = packing::place(index);
    let place = LIMITS.at(&community).at(&word);
    let word = place.read(ctx)?;
    place.write(ctx, &packing::with(&word, part, limits.pack()))
}

/// A supplier's prices in a slot: the last ones that were stated from it, or from a slot before it, on.
pub(super) fn tariff_at(
    ctx: &mut Context<'_>,
    community: u64,
    supplier: Address,
    slot: u64,
) -> Outcome<Tariff> {
    let all = PRICES.at(&community).at(&supplier);
    let mut found = Prices::default();
    let mut left = all.len(ctx)?;
    // Prices stand for two days at least, so that these reach back further than any correction.
    for _ in 0..TARIFFS_BACK_MAX {
        let Some(index) = left.checked_sub(1) else {
            break;
        };
        found = all.get(ctx, index)?.unwrap_or_default();
        if found.from <= slot {
            break;
        }
        left = index;
    }
    Ok(Tariff {
        retail: price(found.retail),
        feed_in: price(found.feed_in),
    })
}

pub(super) fn fees(rules: &Rules) -> Fees {
    Fees {
        network: price(rules.network_fee),
        community: price(rules.community_fee),
        levy: price(rules.levy),
    }
}

pub(super) fn fraction(rules: &Rules) -> Outcome<Fraction> {
    Fraction::new(rules.k_numerator, rules.k_denominator)
        .ok_or_else(|| Fault::Fatal("rules hold no fraction".to_owned()))
}

pub(super) fn mode(rules: &Rules) -> Outcome<Mode> {
    Mode::try_from(rules.mode).map_err(|_| Fault::Fatal("rules hold no mode".to_owned()))
}

pub(super) fn shown(rules: &Rules) -> Outcome<IEnergy::Rules> {
    Ok(IEnergy::Rules {
        mode: mode(rules)?,
        rounds: rules.rounds,
        kNumerator: rules.k_numerator,
        kDenominator: rules.k_denominator,
        localPrice: price(rules.local_price),
        networkFee: price(rules.network_fee),
        communityFee: price(rules.community_fee),
        levy: price(rules.levy),
        slotSeconds: rules.slot_seconds,
        graceSeconds: rules.grace_seconds,
    })
}

/// Rules that can be kept under a ceiling.
fn fit(rules: &IEnergy::Rules, ceiling: u64) -> Outcome<Rules> {
    let fees = [rules.networkFee, rules.communityFee, rules.levy];
    let total = Fees {
        network: rules.networkFee,
        community: rules.communityFee,
        levy: rules.levy,
    }
    .total();
    let ceiling = i64::try_from(ceiling).unwrap_or(PRICE_MICRO_MAX);
    let affordable = total.is_some_and(|total| {
        let room = ceiling.saturating_sub(total);
        room >= 0 && (ceiling.saturating_neg()..=room).contains(&rules.localPrice)
    });
    let rounds = match rules.mode {
        Mode::Hybrid => (1..=ROUNDS_MAX).contains(&rules.rounds),
        Mode::Auction | Mode::Static | Mode::Dynamic | Mode::Priority => rules.rounds == 0,
        Mode::__Invalid => false,
    };
    let fit = affordable
        && rounds
        && fees.iter().all(|fee| *fee >= 0)
        && Fraction::new(rules.kNumerator, rules.kDenominator).is_some()
        && matches!(rules.slotSeconds, 900 | 1_800 | 3_600)
        && rules.graceSeconds <= GRACE_SECONDS_MAX;
    ensure(fit, || UnfitRules {})?;
    Ok(Rules {
        mode: rules.mode as u8,
        rounds: rules.rounds,
        k_numerator: rules.kNumerator,
        k_denominator: rules.kDenominator,
        slot_seconds: rules.slotSeconds,
        grace_seconds: rules.graceSeconds,
        from: 0,
        local_price: stored(rules.localPrice),
        network_fee: stored(rules.networkFee),
        community_fee: stored(rules.communityFee),
        levy: stored(rules.levy),
    })
}

fn fit_limits(buy: i64, sell: i64, ceiling: u64) -> Outcome<()> {
    for limit in [buy, sell] {
        let bounded = limit.unsigned_abs() <= ceiling;
        ensure(bounded, || UnfitLimit { limit, ceiling })?;
    }
    Ok(())
}
