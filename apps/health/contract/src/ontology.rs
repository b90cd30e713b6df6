//! What the ledger knows of diseases: what every ledger does ([`crate::diseases`]), and what a quorum
//! of its members state, which counts instead.
//!
//! A member says its word for a batch of terms by sending it. The word that makes the quorum puts the
//! batch into force; words of who is no member any more do not count.

use alloy_primitives::{B256, keccak256};
use alloy_sol_types::SolValue as _;
use commonhold_module::{Context, Outcome, ensure, storage::Place};
use commonhold_primitives::limits::MEMBERS_MAX;
use commonhold_system::members;

use crate::{
    diseases,
    interface::IHealth::{AlreadySaid, Disease, DiseasesStated, UnfitTerm, stateDiseasesCall},
    limits::{PARENTS_MAX, TERMS_PER_CALL_MAX},
    people, shape,
    state::{DISEASES, Parents, STATED},
};

pub(super) fn state_diseases(ctx: &mut Context<'_>, call: stateDiseasesCall) -> Outcome<()> {
    let stated = call.diseases;
    shape::some(stated.len(), TERMS_PER_CALL_MAX)?;
    for disease in &stated {
        shape::at_most(disease.parents.len(), PARENTS_MAX)?;
        let fits = disease.term != 0
            && !disease.parents.contains(&0)
            && !disease.parents.contains(&disease.term);
        ensure(fits, || UnfitTerm { code: 0 })?;
    }
    let member = people::member(ctx)?;
    let batch: B256 = keccak256(stated.abi_encode());
    let words = STATED.at(&batch);
    let said = words.page(ctx, 0, u64::from(MEMBERS_MAX))?;
    let caller = ctx.caller();
    ensure(!said.contains(&member), || AlreadySaid { member: caller })?;
    words.push(ctx, &member)?;
    let mut count = 1u32;
    for stands in members::standing(ctx, &said)? {
        count = count.saturating_add(u32::from(stands));
    }
    let in_force = count >= members::quorum(members::count(ctx)?);
    if in_force {
        let places: Vec<_> = stated.iter().map(|d| DISEASES.at(&d.term)).collect();
        let places: Vec<&dyn Place> = places.iter().map(|place| place as &dyn Place).collect();
        ctx.fetch(&places)?;
        for disease in &stated {
            put(ctx, disease)?;
        }
    }
    ctx.emit(DiseasesStated {
        batch,
        member,
        inForce: in_force,
    })
}

/// The parents of all these terms, as the ledger knows them.
fn parents(ctx: &mut Context<'_>, terms: &[u32]) -> Outcome<Vec<u32>> {
    let places: Vec<_> = terms.iter().map(|term| DISEASES.at(term)).collect();
    let announced: Vec<&dyn Place> = places.iter().map(|place| place as &dyn Place).collect();
    ctx.fetch(&announced)?;
    let mut all = Vec::new();
    for (term, place) in terms.iter().zip(&places) {
        let row = place.read(ctx)?;
        if row.stated {
            all.extend([row.p1, row.p2, row.p3, row.p4, row.p5, row.p6, row.p7]);
        } else {
            all.extend_from_slice(diseases::known(*term));
        }
    }
    Ok(all)
}

/// A disease and everything that it is a kind of, as the ledger knows them.
pub(super) fn lineage(ctx: &mut Context<'_>, disease: u32) -> Outcome<Vec<u32>> {
    diseases::lineage(disease, |terms| parents(ctx, terms))
}

fn put(ctx: &mut Context<'_>, disease: &Disease) -> Outcome<()> {
    let mut parents = disease.parents.iter().copied();
    let mut next = || parents.next().unwrap_or_default();
    let row = Parents {
        stated: true,
        p1: next(),
        p2: next(),
        p3: next(),
        p4: next(),
        p5: next(),
        p6: next(),
        p7: next(),
    };
    DISEASES.at(&disease.term).write(ctx, &row)
}
