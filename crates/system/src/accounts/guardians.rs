//! Reads of guardians: who may act for whom.

use alloy_primitives::Address;
use commonhold_module::{Context, Outcome};

use super::{
    interface::IAccounts::{
        Guardianship, Guarding, Standing, guardianAttestationsCall, guardianAttestationsReturn,
        guardiansCall, guardiansReturn, isGuardianCall, isGuardianReturn, isWardCall,
        mayActForCall, wardsCall, wardsReturn,
    },
    limits::{GUARDIANS_MAX, STANDINGS_PAGE_MAX},
    standing::{Terms, enough, guards, guards_well, lapses},
    state::{GUARDIANS, IMPOSED, PROXIES, WARDS, Word},
    words::{Words, show, terms},
};

pub(super) fn is_guardian(
    ctx: &mut Context<'_>,
    call: isGuardianCall,
) -> Outcome<isGuardianReturn> {
    let at = moment(ctx, call.at);
    let (why, _) = answer(ctx, call.ward, call.guardian, at)?;
    let answer = guards_well(why);
    Ok(isGuardianReturn { answer, why })
}

pub(super) fn may_act_for(ctx: &mut Context<'_>, call: mayActForCall) -> Outcome<bool> {
    let mayActForCall { actor, subject, at } = call;
    let at = moment(ctx, at);
    Ok(actor == subject || guards_well(answer(ctx, subject, actor, at)?.0))
}

pub(super) fn is_ward_view(ctx: &mut Context<'_>, call: isWardCall) -> Outcome<bool> {
    let at = moment(ctx, call.at);
    is_ward(ctx, call.account, at)
}

pub(super) fn guardians(ctx: &mut Context<'_>, call: guardiansCall) -> Outcome<guardiansReturn> {
    let guardiansCall { ward, from, max } = call;
    let listed = GUARDIANS.at(&ward);
    let total = listed.len(ctx)?;
    let mut page = Vec::new();
    for guardian in listed.page(ctx, from, max.min(STANDINGS_PAGE_MAX))? {
        page.push(entry(ctx, ward, guardian)?);
    }
    Ok(guardiansReturn { page, total })
}

pub(super) fn wards(ctx: &mut Context<'_>, call: wardsCall) -> Outcome<wardsReturn> {
    let wardsCall {
        guardian,
        from,
        max,
    } = call;
    let listed = WARDS.at(&guardian);
    let total = listed.len(ctx)?;
    let mut page = Vec::new();
    for ward in listed.page(ctx, from, max.min(STANDINGS_PAGE_MAX))? {
        page.push(entry(ctx, ward, guardian)?);
    }
    Ok(wardsReturn { page, total })
}

pub(super) fn guardian_attestations(
    ctx: &mut Context<'_>,
    call: guardianAttestationsCall,
) -> Outcome<guardianAttestationsReturn> {
    let words = Words::of_guardian(call.ward, call.guardian);
    let (total, now) = (words.count(ctx)?, ctx.now());
    let page = words.page(ctx, call.from, call.max)?;
    let page = page.iter().map(|said| show(said, now)).collect();
    Ok(guardianAttestationsReturn { page, total })
}

/// Whether an account is under a guardianship that members attest.
pub(super) fn is_ward(ctx: &mut Context<'_>, ward: Address, at: u64) -> Outcome<bool> {
    for guardian in IMPOSED.at(&ward).page(ctx, 0, GUARDIANS_MAX)? {
        let words = members_say(ctx, ward, guardian)?;
        let good = words
            .iter()
            .filter(|terms| terms.says(at) == Standing::Good);
        if enough(good.count()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What members say of a guardian.
pub(super) fn members_say(
    ctx: &mut Context<'_>,
    ward: Address,
    guardian: Address,
) -> Outcome<Vec<Terms>> {
    let words = Words::of_guardian(ward, guardian).all(ctx)?;
    Ok(words.into_iter().map(|said| said.terms).collect())
}

/// What the ward itself says of somebody, where it named them.
pub(super) fn own(
    ctx: &mut Context<'_>,
    ward: Address,
    guardian: Address,
) -> Outcome<Option<(Word, Terms)>> {
    let word = PROXIES.at(&ward).at(&guardian).read(ctx)?;
    if !word.given {
        return Ok(None);
    }
    let terms = terms(&word)?;
    Ok(Some((word, terms)))
}

/// Whether anybody ever spoke of somebody as a ward's guardian.
pub(super) fn spoken(ctx: &mut Context<'_>, ward: Address, guardian: Address) -> Outcome<bool> {
    Ok(own(ctx, ward, guardian)?.is_some() || !Words::of_guardian(ward, guardian).is_empty(ctx)?)
}

/// The one answer: whether somebody may act for a ward, and until when.
fn answer(
    ctx: &mut Context<'_>,
    ward: Address,
    guardian: Address,
    at: u64,
) -> Outcome<(Guarding, u64)> {
    let members = members_say(ctx, ward, guardian)?;
    let own = own(ctx, ward, guardian)?.map(|(_, terms)| terms);
    // It matters only where the ward's own word decides, and costs most.
    let proxy = own.is_some_and(|terms| terms.says(at) == Standing::Good);
    let under = proxy && is_ward(ctx, ward, at)?;
    let why = guards(own, &members, at, under);
    let until = match why {
        Guarding::Guardian => lapses(&members, at),
        Guarding::Proxy => own.map_or(0, |terms| terms.until),
        _ => 0,
    };
    Ok((why, until))
}

fn entry(ctx: &mut Context<'_>, ward: Address, guardian: Address) -> Outcome<Guardianship> {
    let now = ctx.now();
    let (standing, until) = answer(ctx, ward, guardian, now)?;
    Ok(Guardianship {
        ward,
        guardian,
        standing,
        until,
    })
}

fn moment(ctx: &Context<'_>, at: u64) -> u64 {
    if at == 0 { ctx.now() } else { at }
}
