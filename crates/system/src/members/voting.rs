//! Votes: a member votes once, and the vote that makes more than two thirds of the members decides, in
//! that very transaction. Who counts is who is a member when a vote is counted, not when it was given.

use commonhold_module::{Context, Fault, Outcome, ensure, reject};

use super::{
    deciding::{carry_out, kind_of},
    epochs::{counted, decision, state_at},
    interface::IMembers::{
        AlreadyVoted, Decided, NotProposer, ProposalIsOver, State, UnknownProposal, Voted,
        Withdrawn, voteCall, withdrawCall,
    },
    proposing::{fit_reason, member},
    roster::{announce, current_and_committees, number_of, seats},
    state::{
        AGAINST, BY_ACCOUNT, CASTS, Cast, EPOCH_BLOCKS, FOR, PROPOSALS, Proposal, ROSTERS, Reason,
        VOTES,
    },
};

pub(super) fn vote(ctx: &mut Context<'_>, call: voteCall) -> Outcome<State> {
    let voteCall {
        id,
        approve,
        reason,
    } = call;
    let caller = BY_ACCOUNT.at(&ctx.caller());
    let entry = PROPOSALS.place(id);
    let casts = CASTS.at(&id);
    ctx.fetch(&[&EPOCH_BLOCKS, &caller, &PROPOSALS, &entry, &casts, &ROSTERS])?;
    let member = member(ctx)?;
    let reason = fit_reason(&reason)?;
    let proposal = open(ctx, id)?;
    cast(ctx, id, proposal, member, approve, reason)
}

pub(super) fn withdraw(ctx: &mut Context<'_>, call: withdrawCall) -> Outcome<()> {
    let id = call.id;
    let proposal = open(ctx, id)?;
    let caller = ctx.caller();
    let own = number_of(ctx, caller)? == Some(proposal.proposer);
    ensure(own, || NotProposer { id, caller })?;
    close(ctx, id, proposal, State::Withdrawn)?;
    ctx.emit(Withdrawn { id })
}

/// Takes a member's vote on an open proposal, and decides where that is enough.
pub(super) fn cast(
    ctx: &mut Context<'_>,
    id: u64,
    mut proposal: Proposal,
    member: u64,
    approve: bool,
    reason: Reason,
) -> Outcome<State> {
    let votes = VOTES.at(&id);
    let place = votes.at(&member);
    let casts = CASTS.at(&id);
    ctx.fetch(&[&place, &casts])?;
    let unused = place.read(ctx)? == 0;
    ensure(unused, || AlreadyVoted { id, member })?;
    place.write(ctx, &(if approve { FOR } else { AGAINST }))?;
    let block = ctx.block();
    let cast = Cast {
        member,
        at: block.timestamp,
        block: block.number,
        approve,
        reason,
    };
    casts.push(ctx, &cast)?;
    ctx.emit(Voted {
        id,
        member,
        approve,
        reason: cast.reason.into(),
    })?;

    let epoch = current_and_committees(ctx)?;
    let seats = seats(ctx, epoch)?;
    let places: Vec<_> = seats.iter().map(|seat| votes.at(&seat.number)).collect();
    announce(ctx, &places)?;
    (proposal.approvals, proposal.refusals) = (0, 0);
    proposal.members = counted(seats.len());
    for place in places {
        match place.read(ctx)? {
            FOR => proposal.approvals = proposal.approvals.saturating_add(1),
            AGAINST => proposal.refusals = proposal.refusals.saturating_add(1),
            _ => {}
        }
    }
    let state = decision(proposal.approvals, proposal.refusals, proposal.members);
    if state == State::Open {
        PROPOSALS.replace(ctx, id, &proposal)?;
        return Ok(state);
    }
    if state == State::Accepted {
        (proposal.effect, proposal.member) = carry_out(ctx, id, &proposal)?;
    }
    let decided = Decided {
        id,
        kind: kind_of(&proposal)?,
        state,
        fromEpoch: proposal.effect,
        member: proposal.member,
    };
    close(ctx, id, proposal, state)?;
    ctx.emit(decided)?;
    Ok(state)
}

fn close(ctx: &mut Context<'_>, id: u64, proposal: Proposal, state: State) -> Outcome<()> {
    let block = ctx.block();
    let closed = Proposal {
        state: state as u8,
        decided_at: block.timestamp,
        decided_in: block.number,
        ..proposal
    };
    PROPOSALS.replace(ctx, id, &closed).map(drop)
}

pub(super) fn known(ctx: &mut Context<'_>, id: u64) -> Outcome<Proposal> {
    match PROPOSALS.get(ctx, id)? {
        Some(proposal) => Ok(proposal),
        None => reject(UnknownProposal { id }),
    }
}

/// A proposal that can still be decided.
fn open(ctx: &mut Context<'_>, id: u64) -> Outcome<Proposal> {
    let proposal = known(ctx, id)?;
    let state = state_at(written(&proposal)?, proposal.expires, ctx.now());
    ensure(state == State::Open, || ProposalIsOver { id, state })?;
    Ok(proposal)
}

/// The state that is written.
pub(super) fn written(proposal: &Proposal) -> Outcome<State> {
    let state = proposal.state;
    State::try_from(state).map_err(|_| Fault::Fatal(format!("{state} is no state of a proposal")))
}
