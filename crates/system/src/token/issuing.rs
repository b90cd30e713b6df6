//! Issuing by decision: a member proposes, others vote, and the approval that makes the quorum issues the
//! money in that very transaction. The proposal is its proposer's approval. A member votes once. Who
//! counts is who is a member when a vote is counted, not when it was given.

use alloy_primitives::Address;
use commonhold_module::{Context, Fault, Outcome, Text, ensure, reject, storage::Place};

use super::{
    balances::{ensure_receiver, grown, mint},
    interface::IToken::{
        AlreadyVoted, InvalidReason, Issue as IssueView, IssueDecided, IssueIsOver, IssueProposed,
        IssueState, IssueVoted, NoAmount, NotMember, NotProposer, UnknownIssue, Vote,
        approveIssueCall, issueCall, issueQuorumCall, issuesCall, issuesReturn, proposeIssueCall,
        rejectIssueCall, voteOfCall, withdrawIssueCall,
    },
    limits::ISSUE_SECONDS_MAX,
    state::{ISSUES, Issue, VOTES},
};
use crate::{accounts::naming::is_display_name, members};

/// What became of a proposal whose state is written as `state`, at the time `now`.
pub fn state_at(state: IssueState, expires: u64, now: u64) -> IssueState {
    match state {
        IssueState::Open if now >= expires => IssueState::Expired,
        state => state,
    }
}

/// What the votes of `members` members make of an open proposal.
pub const fn decision(approvals: u32, rejections: u32, members: u32) -> IssueState {
    let needed = members::quorum(members);
    if approvals >= needed {
        IssueState::Issued
    } else if members.saturating_sub(rejections) < needed {
        IssueState::Rejected
    } else {
        IssueState::Open
    }
}

pub(super) fn propose_issue(ctx: &mut Context<'_>, call: proposeIssueCall) -> Outcome<u64> {
    let proposeIssueCall { to, amount, reason } = call;
    ensure_receiver(ctx, to)?;
    ensure(!amount.is_zero(), || NoAmount {})?;
    let text = Text::new(reason.clone())?;
    ensure(is_display_name(&reason), || InvalidReason {})?;
    let proposer = ctx.caller();
    ensure_member(ctx, proposer)?;
    grown(ctx, amount)?;

    let block = ctx.block();
    let expires = block.timestamp.saturating_add(ISSUE_SECONDS_MAX);
    let number = ISSUES.push(
        ctx,
        &Issue {
            proposer,
            proposed_at: block.timestamp,
            to,
            expires,
            amount,
            proposed_in: block.number,
            state: IssueState::Open as u8,
            reason: text,
            ..Issue::default()
        },
    )?;
    ctx.emit(IssueProposed {
        number,
        proposer,
        to,
        amount,
        reason,
        expires,
    })?;
    vote(ctx, number, Vote::Approve)?;
    Ok(number)
}

pub(super) fn approve_issue(ctx: &mut Context<'_>, call: approveIssueCall) -> Outcome<IssueState> {
    vote(ctx, call.number, Vote::Approve)
}

pub(super) fn reject_issue(ctx: &mut Context<'_>, call: rejectIssueCall) -> Outcome<IssueState> {
    vote(ctx, call.number, Vote::Reject)
}

pub(super) fn withdraw_issue(ctx: &mut Context<'_>, call: withdrawIssueCall) -> Outcome<()> {
    let number = call.number;
    let issue = open(ctx, number)?;
    let caller = ctx.caller();
    ensure(issue.proposer == caller, || NotProposer { number, caller })?;
    decide(ctx, number, issue, IssueState::Withdrawn)
}

pub(super) fn issue_quorum(ctx: &mut Context<'_>, _: issueQuorumCall) -> Outcome<u32> {
    members::count(ctx).map(members::quorum)
}

pub(super) fn issue(ctx: &mut Context<'_>, call: issueCall) -> Outcome<IssueView> {
    let issue = known(ctx, call.number)?;
    show(ctx.now(), call.number, issue)
}

pub(super) fn issues(ctx: &mut Context<'_>, call: issuesCall) -> Outcome<issuesReturn> {
    let total = ISSUES.len(ctx)?;
    let now = ctx.now();
    let page = (call.from..)
        .zip(ISSUES.page(ctx, call.from, call.max)?)
        .map(|(number, issue)| show(now, number, issue))
        .collect::<Outcome<_>>()?;
    Ok(issuesReturn { page, total })
}

pub(super) fn vote_of(ctx: &mut Context<'_>, call: voteOfCall) -> Outcome<Vote> {
    let vote = VOTES.at(&call.number).at(&call.member).read(ctx)?;
    Vote::try_from(vote).map_err(|_| Fault::Fatal(format!("{vote} is no vote")))
}

/// Takes the caller's vote, and decides where that is enough.
fn vote(ctx: &mut Context<'_>, number: u64, vote: Vote) -> Outcome<IssueState> {
    let member = ctx.caller();
    ensure_member(ctx, member)?;
    let mut issue = open(ctx, number)?;
    let votes = VOTES.at(&number);
    let place = votes.at(&member);
    let unused = place.read(ctx)? == Vote::None as u8;
    ensure(unused, || AlreadyVoted { number, member })?;
    place.write(ctx, &(vote as u8))?;
    ctx.emit(IssueVoted {
        number,
        member,
        vote,
    })?;

    let members = members::keys(ctx)?;
    let places: Vec<_> = members.iter().map(|(member, _)| votes.at(member)).collect();
    let all: Vec<&dyn Place> = places.iter().map(|place| place as &dyn Place).collect();
    ctx.fetch(&all)?;
    (issue.approvals, issue.rejections, issue.members) = (0, 0, 0);
    for place in places {
        issue.members = issue.members.saturating_add(1);
        let vote = place.read(ctx)?;
        if vote == Vote::Approve as u8 {
            issue.approvals = issue.approvals.saturating_add(1);
        } else if vote == Vote::Reject as u8 {
            issue.rejections = issue.rejections.saturating_add(1);
        }
    }
    let state = decision(issue.approvals, issue.rejections, issue.members);
    match state {
        IssueState::Open => {
            ISSUES.replace(ctx, number, &issue)?;
        }
        state => {
            let (to, amount) = (issue.to, issue.amount);
            decide(ctx, number, issue, state)?;
            if state == IssueState::Issued {
                mint(ctx, to, amount)?;
            }
        }
    }
    Ok(state)
}

fn decide(ctx: &mut Context<'_>, number: u64, issue: Issue, state: IssueState) -> Outcome<()> {
    let block = ctx.block();
    let decided = Issue {
        state: state as u8,
        decided_at: block.timestamp,
        decided_in: block.number,
        ..issue
    };
    ISSUES.replace(ctx, number, &decided)?;
    ctx.emit(IssueDecided { number, state })
}

fn ensure_member(ctx: &mut Context<'_>, caller: Address) -> Outcome<()> {
    let is_member = members::is_member(ctx, caller)?;
    ensure(is_member, || NotMember { caller })
}

fn known(ctx: &mut Context<'_>, number: u64) -> Outcome<Issue> {
    match ISSUES.get(ctx, number)? {
        Some(issue) => Ok(issue),
        None => reject(UnknownIssue { number }),
    }
}

/// A proposal that can still be decided.
fn open(ctx: &mut Context<'_>, number: u64) -> Outcome<Issue> {
    let issue = known(ctx, number)?;
    let state = state_at(written(&issue)?, issue.expires, ctx.now());
    ensure(state == IssueState::Open, || IssueIsOver { number, state })?;
    Ok(issue)
}

/// The state that is written.
pub(super) fn written(issue: &Issue) -> Outcome<IssueState> {
    let state = issue.state;
    IssueState::try_from(state)
        .map_err(|_| Fault::Fatal(format!("{state} is no state of an issue")))
}

fn show(now: u64, number: u64, issue: Issue) -> Outcome<IssueView> {
    Ok(IssueView {
        number,
        state: state_at(written(&issue)?, issue.expires, now),
        proposer: issue.proposer,
        to: issue.to,
        amount: issue.amount,
        reason: issue.reason.into(),
        proposedAt: issue.proposed_at,
        proposedIn: issue.proposed_in,
        expires: issue.expires,
        approvals: issue.approvals,
        rejections: issue.rejections,
        members: issue.members,
        decidedAt: issue.decided_at,
        decidedIn: issue.decided_in,
    })
}
