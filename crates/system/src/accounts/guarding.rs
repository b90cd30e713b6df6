//! Guardians: who may act for somebody else.
//!
//! Two ways lead there. An account names somebody itself, its *proxy*, and takes that back as it likes.
//! Or members attest a *guardian*, for a minor say, with an end; each does so by its account or by its
//! delegate for [`GUARDIAN_REGISTRAR`].
//!
//! The danger is a guardian imposed on somebody who does not want one: it could hand out all that is
//! theirs. So one member's word does nothing, nor do any number of delegates of one member: it takes
//! the words of two members. Every word is an event and stands in the ward's list, also one that nothing
//! came of, and under whose name. Nobody imposes a guardianship without an end. While one stands, whom
//! the ward named may not act, and the ward names nobody: who talks a child into naming them gets
//! nothing.

use alloy_primitives::Address;
use commonhold_module::{Context, Outcome, ensure, reject};

use super::{
    delegating::authorise,
    guardians::{self, is_ward, own, spoken},
    interface::IAccounts::{
        AlreadyNamed, GuardianAttested, GuardianNamed, GuardianWithdrawn, GuardianshipEnded,
        GuardianshipTooLong, NeitherWardNorGuardian, NoAccount, NothingToEnd, OwnGuardian,
        TooManyGuardians, UnderGuardianship, attestGuardianCall, endGuardianshipCall,
        nameGuardianCall, withdrawGuardianCall,
    },
    limits::{GUARDIANS_MAX, GUARDIANSHIP_SECONDS_MAX},
    roles::GUARDIAN_REGISTRAR,
    standing::enough,
    state::{GUARDIANS, IMPOSED, PROXIES, WARDS},
    words::{Claim, Words, renounced, withdrawn},
};

pub(super) fn name_guardian(ctx: &mut Context<'_>, call: nameGuardianCall) -> Outcome<()> {
    let nameGuardianCall {
        guardian,
        notBefore: not_before,
        until,
    } = call;
    let (ward, now) = (ctx.caller(), ctx.now());
    check(ward, guardian)?;
    let under = is_ward(ctx, ward, now)?;
    ensure(!under, || UnderGuardianship { ward })?;

    let place = PROXIES.at(&ward).at(&guardian);
    let old = place.read(ctx)?;
    let claim = Claim {
        not_before,
        until,
        evidence: Default::default(),
    };
    let Some(word) = claim.word(now, ward, &old)? else {
        return reject(AlreadyNamed { ward, guardian });
    };
    enter(ctx, ward, guardian)?;
    place.write(ctx, &word)?;
    ctx.emit(GuardianNamed {
        ward,
        guardian,
        notBefore: word.not_before,
        until,
    })
}

pub(super) fn attest_guardian(ctx: &mut Context<'_>, call: attestGuardianCall) -> Outcome<()> {
    let attestGuardianCall {
        member,
        ward,
        guardian,
        notBefore: not_before,
        until,
        evidence,
    } = call;
    check(ward, guardian)?;
    let latest = ctx.now().saturating_add(GUARDIANSHIP_SECONDS_MAX);
    ensure(until != 0 && until <= latest, || GuardianshipTooLong {
        until,
        latest,
    })?;
    authorise(ctx, member, GUARDIAN_REGISTRAR)?;

    enter(ctx, ward, guardian)?;
    let by = ctx.caller();
    let claim = Claim {
        not_before,
        until,
        evidence,
    };
    let words = Words::of_guardian(ward, guardian);
    let word = words.give(ctx, (member, by), ward, &claim)?;
    if is_imposed(ctx, ward, guardian)? {
        impose(ctx, ward, guardian)?;
    }
    ctx.emit(GuardianAttested {
        ward,
        guardian,
        member,
        by,
        notBefore: word.not_before,
        until,
        evidence,
    })
}

pub(super) fn withdraw_guardian(ctx: &mut Context<'_>, call: withdrawGuardianCall) -> Outcome<()> {
    let withdrawGuardianCall {
        member,
        ward,
        guardian,
        reason,
    } = call;
    authorise(ctx, member, GUARDIAN_REGISTRAR)?;
    Words::of_guardian(ward, guardian).withdraw(ctx, member, ward, reason)?;
    let by = ctx.caller();
    ctx.emit(GuardianWithdrawn {
        ward,
        guardian,
        member,
        by,
        reason,
    })
}

pub(super) fn end_guardianship(ctx: &mut Context<'_>, call: endGuardianshipCall) -> Outcome<()> {
    let endGuardianshipCall { ward, guardian } = call;
    let (caller, now) = (ctx.caller(), ctx.now());
    ensure(caller == ward || caller == guardian, || {
        NeitherWardNorGuardian {
            ward,
            guardian,
            caller,
        }
    })?;
    let mut any = false;
    if let Some((word, terms)) = own(ctx, ward, guardian)?
        && terms.is_open(now)
    {
        let end = if caller == ward { withdrawn } else { renounced };
        PROXIES
            .at(&ward)
            .at(&guardian)
            .write(ctx, &end(word, now))?;
        any = true;
    }
    if caller == guardian {
        any |= Words::of_guardian(ward, guardian).renounce(ctx)?;
    }
    ensure(any, || NothingToEnd { ward, guardian })?;
    ctx.emit(GuardianshipEnded {
        ward,
        guardian,
        by: caller,
    })
}

/// Both are somebody, and not the same.
fn check(ward: Address, guardian: Address) -> Outcome<()> {
    ensure(!ward.is_zero() && !guardian.is_zero(), || NoAccount {})?;
    ensure(ward != guardian, || OwnGuardian { account: ward })
}

/// Puts a guardian into the ward's list, and the other way round, the first time it is spoken of.
fn enter(ctx: &mut Context<'_>, ward: Address, guardian: Address) -> Outcome<()> {
    let (theirs, its) = (GUARDIANS.at(&ward), WARDS.at(&guardian));
    ctx.fetch(&[&theirs, &its])?;
    if !spoken(ctx, ward, guardian)? {
        theirs.push(ctx, &guardian)?;
        its.push(ctx, &ward)?;
    }
    Ok(())
}

/// Whether as many members attest a guardian as it takes, now or in time to come.
pub(super) fn is_imposed(ctx: &mut Context<'_>, ward: Address, guardian: Address) -> Outcome<bool> {
    let now = ctx.now();
    let words = guardians::members_say(ctx, ward, guardian)?;
    Ok(enough(
        words.iter().filter(|terms| terms.is_open(now)).count(),
    ))
}

/// Puts a guardian that two members attest into the list of those, in the place of one that they no
/// longer attest where it is full.
fn impose(ctx: &mut Context<'_>, ward: Address, guardian: Address) -> Outcome<()> {
    let imposed = IMPOSED.at(&ward);
    let all = imposed.page(ctx, 0, GUARDIANS_MAX)?;
    if all.contains(&guardian) {
        return Ok(());
    }
    if imposed.len(ctx)? < GUARDIANS_MAX {
        imposed.push(ctx, &guardian)?;
        return Ok(());
    }
    for (place, other) in (0..).zip(all) {
        if !is_imposed(ctx, ward, other)? {
            imposed.replace(ctx, place, &guardian)?;
            return Ok(());
        }
    }
    reject(TooManyGuardians { ward })
}
