//! Disputes: what was awarded of a claim, as a fact.
//!
//! Who decides a dispute sits elsewhere: an adjudicator, a tribunal, a court. What was awarded stands here once owner
//! and contractor state the same of it, or two members that have no part in it do: the contractor's share of what
//! was in dispute, and the hash of the award. Then it says something of both, once, and nobody's opinion enters.

use alloy_primitives::{B256, keccak256};
use commonhold_module::{Context, Outcome};

use crate::{
    book::{known, stands},
    contracts::once,
    credit,
    crediting::{Act, state_fact, value_of},
    interface::IWorks::{Answer, AwardStated, Kind, NoticeKind, Part, stateAwardCall},
    limits::APPEAL_VOTES,
    people::{CONTRACTOR, OWNER, apart, member, roles},
    shape::{self, computed},
    state::{AWARD_VOTED, AWARDED, AWARDS, AwardRow, AwardedRow, CONTRACTS, ContractRow, NOTICES},
};

/// The whole of what is in dispute.
const WHOLE: u16 = 1_000;
/// Dimensions of disputes, of contractors and of owners.
const EXECUTOR_DISPUTES: u8 = 5;
const OWNER_DISPUTES: u8 = 3;

pub(super) fn state_award(ctx: &mut Context<'_>, call: stateAwardCall) -> Outcome<bool> {
    let stateAwardCall {
        claim,
        share,
        award,
    } = call;
    let notice = known(ctx, &NOTICES, Kind::Notice, claim)?;
    let refused = notice.answered_at != 0 && notice.answer != Answer::Yes as u8;
    let disputed = notice.kind == NoticeKind::Claim as u8 && refused;
    stands(disputed, Kind::Notice, claim)?;
    let awarded = AWARDED.at(&claim);
    once(awarded.read(ctx)?.at == 0, Kind::Notice, claim)?;
    shape::permille(share, "share")?;
    shape::reasoned(&award)?;
    let contract = known(ctx, &CONTRACTS, Kind::Contract, notice.contract)?;
    let place = AWARDS.at(&statement(claim, share, &award));
    let before = place.read(ctx)?;
    let side = roles(ctx, &contract, OWNER | CONTRACTOR)?;
    let row = if side == 0 {
        let by = member(ctx)?;
        apart(ctx, &[contract.owner, contract.contractor])?;
        let voted = AWARD_VOTED.at(&claim).at(&by);
        let said = voted.read(ctx)?;
        once(!said, Kind::Notice, claim)?;
        voted.write(ctx, &true)?;
        AwardRow {
            votes: before.votes.saturating_add(1),
            ..before
        }
    } else {
        once(before.sides & side != side, Kind::Notice, claim)?;
        AwardRow {
            sides: before.sides | side,
            ..before
        }
    };
    place.write(ctx, &row)?;
    let both = row.sides == OWNER | CONTRACTOR;
    let stands = both || u64::from(row.votes) >= APPEAL_VOTES;
    ctx.emit(AwardStated {
        claim,
        contract_: notice.contract,
        by: ctx.caller(),
        share,
        award,
        stands,
    })?;
    if stands {
        let at = ctx.now();
        awarded.write(ctx, &AwardedRow { share, at, award })?;
        let verification = if both { 2 } else { 3 };
        facts(
            ctx,
            (claim, notice.contract),
            &contract,
            share,
            verification,
        )?;
    }
    Ok(stands)
}

/// What is stated, in a word.
fn statement(claim: u64, share: u16, award: &B256) -> B256 {
    let claim = claim.to_be_bytes();
    keccak256([&claim[..], &share.to_be_bytes(), award.as_slice()].concat())
}

/// What it says of both.
fn facts(
    ctx: &mut Context<'_>,
    (claim, number): (u64, u64),
    contract: &ContractRow,
    share: u16,
    verification: u8,
) -> Outcome<()> {
    let value = value_of(ctx, number, contract)?;
    let (owner, contractor) = (contract.owner, contract.contractor);
    let rest = WHOLE.saturating_sub(share);
    for (subject, counterparty, part, dimension, awarded) in [
        (contractor, owner, Part::Executor, EXECUTOR_DISPUTES, share),
        (owner, contractor, Part::Owner, OWNER_DISPUTES, rest),
    ] {
        let outcome = computed(credit::dispute(awarded.into(), WHOLE.into()))?;
        let act = Act {
            subject,
            counterparty,
            part,
            dimension,
            outcome,
            value,
            verification,
            source: Kind::Notice,
            item: claim,
        };
        state_fact(ctx, &act)?;
    }
    Ok(())
}
