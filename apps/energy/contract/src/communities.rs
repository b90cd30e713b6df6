//! The messages of `energy` about communities: their rules, and the votes and prices that they go by.

use alloy_primitives::Address;
use commonhold_module::{Context, Fault, Outcome, ensure, reject, storage::Place};
use commonhold_system::accounts::naming::is_display_name;

use crate::{
    clearing::Fraction,
    interface::IEnergy::{
        self, AlreadyVoted, Founded, Mode, NoPayee, ProposalOver, RulesDecided, RulesProposed,
        RulesWait, TariffSet, TariffWaits, UnfitName, UnfitPrice, UnfitRules, UnfitStart,
        UnknownCommunity, UnknownProposal, Voted, foundCall, proposeRulesCall, setTariffCall,
        voteCall,
    },
    limits::{
        GRACE_SECONDS_MAX, PRICE_MICRO_MAX, PROPOSAL_SECONDS, ROUNDS_MAX, TARIFF_SECONDS_MIN,
        TARIFFS_BACK_MAX,
    },
    membership::member,
    money, packing,
    settlement::{Fees, Tariff},
    state::{
        COMING, COMMUNITIES, Community, LIMITS, Name, PRICES, PROPOSALS, PROPOSED, Prices,
        Proposal, RULES, Rules, VOTED, price, stored,
    },
    weights,
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
            zone: call.zone,
            rehearsal: start < ctx.now(),
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
    ctx.emit(RulesDecided {
        proposal: 0,
        community,
        from: start,
        rules: call.rules,
    })?;
    Ok(community)
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
    let from = next_hour(ctx, &entry);
    let all = PRICES.at(&community).at(&supplier);
    if let Some(last) = all.len(ctx)?.checked_sub(1) {
        let before = all.get(ctx, last)?.unwrap_or_default();
        let until = before.from.saturating_add(TARIFF_SECONDS_MIN);
        ensure(from >= until, || TariffWaits { from: until })?;
    }
    all.push(
        ctx,
        &Prices {
            from,
            retail: stored(retail),
            feed_in: stored(feedIn),
        },
    )?;
    money::list(ctx, community, supplier)?;
    ctx.emit(TariffSet {
        community,
        supplier,
        from,
        retail,
        feedIn,
    })
}

pub(super) fn propose_rules(ctx: &mut Context<'_>, call: proposeRulesCall) -> Outcome<u64> {
    let community = call.community;
    let entry = known(ctx, community)?;
    let rules = fit(&call.rules, entry.ceiling)?;
    opened(ctx, community, &rules, |ctx, proposal, by| {
        ctx.emit(RulesProposed {
            proposal,
            community,
            by,
        })
    })
}

/// Opens a proposal of the caller, a member, who votes for it; `tell` writes and tells what is proposed.
pub(super) fn opened(
    ctx: &mut Context<'_>,
    community: u64,
    rules: &Rules,
    tell: impl FnOnce(&mut Context<'_>, u64, Address) -> Outcome<()>,
) -> Outcome<u64> {
    let by = ctx.caller();
    member(ctx, community, by)?;
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
    PROPOSED.at(&proposal).write(ctx, rules)?;
    tell(ctx, proposal, by)?;
    let approve = true;
    vote(ctx, voteCall { proposal, approve })?;
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
    open.decided = open.approvals > entry.members.div_euclid(2);
    PROPOSALS.replace(ctx, proposal.saturating_sub(1), &open)?;
    if open.decided && !weights::decide(ctx, proposal, community, &entry)? {
        decide(ctx, proposal, community, &entry)?;
    }
    Ok(open.decided)
}

/// The next full hour that has not begun and is not cleared: from then on rules and prices hold.
fn next_hour(ctx: &Context<'_>, entry: &Community) -> u64 {
    let hour = if entry.rehearsal {
        entry.next.div_ceil(HOUR)
    } else {
        let begun = ctx.now().div_euclid(HOUR).saturating_add(1);
        begun.max(entry.next.div_ceil(HOUR))
    };
    hour.saturating_mul(HOUR)
}

/// Has rules hold from the next full hour on.
fn decide(ctx: &mut Context<'_>, proposal: u64, community: u64, entry: &Community) -> Outcome<()> {
    let waits = COMING.at(&community).read(ctx)?.from;
    ensure(waits == 0, || RulesWait { from: waits })?;
    let from = next_hour(ctx, entry);
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

/// Announces the prices of many suppliers: their last ones, and those before.
pub(super) fn announce_tariffs(
    ctx: &mut Context<'_>,
    community: u64,
    suppliers: &[Address],
) -> Outcome<()> {
    let of = PRICES.at(&community);
    let lists: Vec<_> = suppliers.iter().map(|who| of.at(who)).collect();
    let places: Vec<&dyn Place> = lists.iter().map(|list| list as &dyn Place).collect();
    ctx.fetch(&places)?;
    let mut entries = Vec::new();
    for list in &lists {
        let many = list.len(ctx)?;
        let last = many.saturating_sub(2)..many;
        entries.extend(last.map(|at| list.place(at)));
    }
    let places: Vec<&dyn Place> = entries.iter().map(|entry| entry as &dyn Place).collect();
    ctx.fetch(&places)
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
        finalSeconds: rules.final_seconds,
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
        && rules.graceSeconds <= GRACE_SECONDS_MAX
        && rules.finalSeconds <= GRACE_SECONDS_MAX;
    ensure(fit, || UnfitRules {})?;
    Ok(Rules {
        mode: rules.mode as u8,
        rounds: rules.rounds,
        k_numerator: rules.kNumerator,
        k_denominator: rules.kDenominator,
        slot_seconds: rules.slotSeconds,
        grace_seconds: rules.graceSeconds,
        final_seconds: rules.finalSeconds,
        from: 0,
        local_price: stored(rules.localPrice),
        network_fee: stored(rules.networkFee),
        community_fee: stored(rules.communityFee),
        levy: stored(rules.levy),
    })
}
