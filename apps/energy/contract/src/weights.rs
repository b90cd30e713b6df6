//! The messages of `energy` about what places weigh under the static, hybrid and priority keys: proposed by a
//! member, decided by the vote that decides rules, and in force from the next slot to begin on.

use alloy_primitives::Address;
use commonhold_module::{Context, Outcome, ensure};

use crate::{
    changes::{WEIGHT, horizon, push},
    communities::{known, opened, proposed},
    interface::IEnergy::{
        UnfitWeights, Weight as Told, WeightSet, WeightsProposed, proposeWeightsCall,
        proposedWeightsCall,
    },
    limits::{WEIGHT_MAX, WEIGHTS_PER_PROPOSAL_MAX},
    state::{Change, Community, RULES, WEIGHTS, Weight},
};

pub(super) fn propose(ctx: &mut Context<'_>, call: proposeWeightsCall) -> Outcome<u64> {
    let proposeWeightsCall { community, weights } = call;
    let entry = known(ctx, community)?;
    let many = (1..=WEIGHTS_PER_PROPOSAL_MAX).contains(&weights.len());
    let once = weights.is_sorted_by(|one, next| one.index < next.index);
    let there = weights
        .iter()
        .all(|one| one.index < entry.meters && one.weight <= WEIGHT_MAX);
    ensure(many && once && there, || UnfitWeights {})?;
    let rules = RULES.at(&community).read(ctx)?;
    opened(ctx, community, &rules, |ctx, proposal, by: Address| {
        let list = WEIGHTS.at(&proposal);
        for Told { index, weight } in weights {
            list.push(ctx, &Weight { index, weight })?;
        }
        ctx.emit(WeightsProposed {
            proposal,
            community,
            by,
        })
    })
}

/// Has the weights of a proposal that is decided wait for the next slot to begin; false where it is about
/// rules.
pub(super) fn decide(
    ctx: &mut Context<'_>,
    proposal: u64,
    number: u64,
    community: &Community,
) -> Outcome<bool> {
    let weights = read(ctx, proposal)?;
    if weights.is_empty() {
        return Ok(false);
    }
    let from = horizon(ctx, number, community)?;
    for Weight { index, weight } in weights {
        let change = Change {
            from,
            index,
            kind: WEIGHT,
            buy: weight.into(),
            sell: 0,
        };
        push(ctx, number, &change)?;
        ctx.emit(WeightSet {
            community: number,
            index,
            from,
            weight,
        })?;
    }
    Ok(true)
}

pub(super) fn view(ctx: &mut Context<'_>, call: proposedWeightsCall) -> Outcome<Vec<Told>> {
    proposed(ctx, call.number)?;
    let told = |Weight { index, weight }| Told { index, weight };
    Ok(read(ctx, call.number)?.into_iter().map(told).collect())
}

fn read(ctx: &mut Context<'_>, proposal: u64) -> Outcome<Vec<Weight>> {
    // A page has a hundred entries, and a proposal never more than this.
    WEIGHTS
        .at(&proposal)
        .page(ctx, 0, WEIGHTS_PER_PROPOSAL_MAX as u64)
}
