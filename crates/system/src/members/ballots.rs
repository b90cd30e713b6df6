//! Reads of `members`: proposals, votes, and what was decided.

use commonhold_module::{Context, Fault, Outcome};

use super::{
    deciding::{kind_of, parameter_of},
    epochs::state_at,
    interface::IMembers::{
        Cast as CastView, Parameter, Proposal as ProposalView, Upgrade as UpgradeView,
        gasLimitAtCall, parameterAtCall, proposalCall, proposalsCall, proposalsReturn,
        upgradesCall, upgradesReturn, versionAtCall, votesOnCall, votesOnReturn,
    },
    roster::{ensure_fixed, holding, standing},
    state::{CASTS, PROPOSALS, Proposal, SETTINGS, UPGRADES},
    voting::{known, written},
};

pub(super) fn proposal(ctx: &mut Context<'_>, call: proposalCall) -> Outcome<ProposalView> {
    let proposal = known(ctx, call.id)?;
    show(ctx.now(), call.id, proposal)
}

pub(super) fn proposals(ctx: &mut Context<'_>, call: proposalsCall) -> Outcome<proposalsReturn> {
    let total = PROPOSALS.len(ctx)?;
    let now = ctx.now();
    let page = (call.from..)
        .zip(PROPOSALS.page(ctx, call.from, call.max)?)
        .map(|(id, proposal)| show(now, id, proposal))
        .collect::<Outcome<_>>()?;
    Ok(proposalsReturn { page, total })
}

pub(super) fn votes_on(ctx: &mut Context<'_>, call: votesOnCall) -> Outcome<votesOnReturn> {
    let votesOnCall { id, from, max } = call;
    known(ctx, id)?;
    let casts = CASTS.at(&id);
    let total = casts.len(ctx)?;
    let page = casts.page(ctx, from, max)?;
    let numbers: Vec<u64> = page.iter().map(|cast| cast.member).collect();
    let stand = standing(ctx, &numbers)?;
    let page = page.into_iter().zip(stand).map(|(cast, counts)| CastView {
        member: cast.member,
        approve: cast.approve,
        reason: cast.reason.into(),
        castAt: cast.at,
        castIn: cast.block,
        counts,
    });
    Ok(votesOnReturn {
        page: page.collect(),
        total,
    })
}

pub(super) fn parameter_at(ctx: &mut Context<'_>, call: parameterAtCall) -> Outcome<u64> {
    ensure_fixed(ctx, call.epoch)?;
    let list = SETTINGS.at(&(call.parameter as u8));
    let setting = holding(ctx, &list, call.epoch)?;
    Ok(setting.map_or(0, |(_, setting)| setting.value))
}

pub(super) fn gas_limit_at(ctx: &mut Context<'_>, call: gasLimitAtCall) -> Outcome<u64> {
    let epoch = call.epoch;
    let parameter = Parameter::BlockGasLimit;
    parameter_at(ctx, parameterAtCall { parameter, epoch })
}

pub(super) fn upgrades(ctx: &mut Context<'_>, call: upgradesCall) -> Outcome<upgradesReturn> {
    let total = UPGRADES.len(ctx)?;
    let page = UPGRADES.page(ctx, call.from, call.max)?;
    let page = page.into_iter().map(|upgrade| UpgradeView {
        id: upgrade.id,
        version: upgrade.version.into(),
        fromEpoch: upgrade.from,
    });
    Ok(upgradesReturn {
        page: page.collect(),
        total,
    })
}

pub(super) fn version_at(ctx: &mut Context<'_>, call: versionAtCall) -> Outcome<String> {
    ensure_fixed(ctx, call.epoch)?;
    for index in (0..UPGRADES.len(ctx)?).rev() {
        let upgrade = UPGRADES.get(ctx, index)?;
        let upgrade = upgrade.ok_or_else(|| Fault::Fatal("an upgrade is missing".to_owned()))?;
        if upgrade.from <= call.epoch {
            return Ok(upgrade.version.into());
        }
    }
    Ok(String::new())
}

fn show(now: u64, id: u64, proposal: Proposal) -> Outcome<ProposalView> {
    Ok(ProposalView {
        id,
        kind: kind_of(&proposal)?,
        state: state_at(written(&proposal)?, proposal.expires, now),
        proposer: proposal.proposer,
        parameter: parameter_of(&proposal)?,
        reason: proposal.reason.into(),
        proposedAt: proposal.proposed_at,
        proposedIn: proposal.proposed_in,
        expires: proposal.expires,
        approvals: proposal.approvals,
        refusals: proposal.refusals,
        members: proposal.members,
        decidedAt: proposal.decided_at,
        decidedIn: proposal.decided_in,
        fromEpoch: proposal.effect,
        member: proposal.member,
        name: proposal.name.into(),
        publicKey: proposal.key,
        endpoint: proposal.endpoint.into(),
        account: proposal.account,
        value: proposal.value,
    })
}
