//! Who may do what.
//!
//! Parties are admitted by members; everything else is done by who acts for a party (`accounts` says who
//! does): for the owner of a project, or as one of the three of a contract.

use alloy_primitives::{Address, B256};
use commonhold_module::{Context, Outcome, ensure, reject};
use commonhold_system::{accounts, members};

use crate::{
    book::{concerns, known},
    interface::IWorks::{
        Kind, NotAParty, NotMember, NotYours, Partial, PartyEnrolled, UnfitText, enrolPartyCall,
    },
    shape::word,
    state::{CONTRACTS, ContractRow, PARTIES, PROJECTS, PartyRow, ProjectRow, TRUST, TrustRow},
};

/// The bit of the owner among signers.
pub const OWNER: u8 = 1;
/// The bit of who certifies.
pub const CERTIFIER: u8 = 2;
/// The bit of the contractor.
pub const CONTRACTOR: u8 = 4;

pub(super) fn enrol_party(ctx: &mut Context<'_>, call: enrolPartyCall) -> Outcome<()> {
    let enrolPartyCall {
        account,
        group,
        credentials,
        until,
    } = call;
    member(ctx)?;
    let place = PARTIES.at(&account);
    let before = place.read(ctx)?;
    // Who deals under a new name of old stays of the group.
    let group = if before.group.is_zero() {
        group
    } else {
        before.group
    };
    ensure(!group.is_zero() && !account.is_zero(), || UnfitText {
        what: word("group"),
    })?;
    let is_member = members::is_member(ctx, account)?;
    let row = PartyRow {
        group,
        credentials,
        until,
        enrolled_at: if before.enrolled_at == 0 {
            ctx.now()
        } else {
            before.enrolled_at
        },
        member: is_member,
    };
    place.write(ctx, &row)?;
    if is_member {
        let trust = TRUST.at(&group);
        let before = trust.read(ctx)?;
        trust.write(
            ctx,
            &TrustRow {
                whole: true,
                ..before
            },
        )?;
    }
    ctx.emit(PartyEnrolled {
        account,
        group,
        credentials,
        until,
    })
}

/// A party whose credentials hold.
pub(super) fn live(ctx: &mut Context<'_>, account: Address) -> Outcome<PartyRow> {
    let row = PARTIES.at(&account).read(ctx)?;
    let now = ctx.now();
    ensure(!row.group.is_zero() && now < row.until, || NotAParty {
        account,
    })?;
    Ok(row)
}

/// The beneficial owner of a party.
pub(super) fn group(ctx: &mut Context<'_>, account: Address) -> Outcome<B256> {
    Ok(PARTIES.at(&account).read(ctx)?.group)
}

/// Rejects a caller that acts for no member; tells the member's number.
pub(super) fn member(ctx: &mut Context<'_>) -> Outcome<u64> {
    let caller = ctx.caller();
    match members::number_of(ctx, caller)? {
        Some(number) => Ok(number),
        None => reject(NotMember { caller }),
    }
}

/// Rejects a caller that is one of these, or of their groups.
pub(super) fn apart(ctx: &mut Context<'_>, parts: &[Address]) -> Outcome<()> {
    let caller = ctx.caller();
    let own = group(ctx, caller)?;
    for part in parts {
        let theirs = group(ctx, *part)?;
        let apart = caller != *part && (own.is_zero() || own != theirs);
        ensure(apart, || Partial { member: caller })?;
    }
    Ok(())
}

/// Whether the caller acts for somebody.
pub(super) fn acts(ctx: &mut Context<'_>, whom: Address) -> Outcome<bool> {
    let caller = ctx.caller();
    Ok(!whom.is_zero() && accounts::may_act_for(ctx, caller, whom, 0)?)
}

/// Rejects a caller that does not act for who may do this.
pub(super) fn yours(ctx: &Context<'_>, holds: bool, what: Kind, number: u64) -> Outcome<()> {
    let caller = ctx.caller();
    ensure(holds, || NotYours {
        what,
        number,
        caller,
    })
}

/// A project of the caller's.
pub(super) fn own_project(ctx: &mut Context<'_>, number: u64) -> Outcome<ProjectRow> {
    let row = known(ctx, &PROJECTS, Kind::Project, number)?;
    let acts = acts(ctx, row.owner)?;
    yours(ctx, acts, Kind::Project, number)?;
    Ok(row)
}

/// As whom of a contract, of those asked about, the caller acts: a bit for each. Who is one of them acts for
/// nobody else.
pub(super) fn roles(ctx: &mut Context<'_>, row: &ContractRow, asked: u8) -> Outcome<u8> {
    let caller = ctx.caller();
    let all = [
        (OWNER, row.owner),
        (CERTIFIER, row.certifier),
        (CONTRACTOR, row.contractor),
    ];
    let own = all.iter().filter(|(_, who)| *who == caller);
    let own = own.fold(0, |roles, (role, _)| roles | role);
    if own != 0 {
        return Ok(own & asked);
    }
    let mut roles = 0;
    for (role, who) in all {
        if role & asked != 0 && acts(ctx, who)? {
            roles |= role;
        }
    }
    Ok(roles)
}

/// A contract in which the caller acts as one of these; and as which.
pub(super) fn acting(
    ctx: &mut Context<'_>,
    number: u64,
    as_one_of: u8,
) -> Outcome<(ContractRow, u8)> {
    let row = known(ctx, &CONTRACTS, Kind::Contract, number)?;
    let roles = roles(ctx, &row, as_one_of)?;
    yours(ctx, roles != 0, Kind::Contract, number)?;
    Ok((row, roles))
}

/// Notes that the three of a contract have a part in something.
pub(super) fn concerns_all(
    ctx: &mut Context<'_>,
    what: Kind,
    row: &ContractRow,
    number: u64,
) -> Outcome<()> {
    let mut told = Vec::new();
    for who in [row.owner, row.certifier, row.contractor] {
        if !told.contains(&who) {
            concerns(ctx, what, who, number)?;
            told.push(who);
        }
    }
    Ok(())
}
