//! The messages of ethics boards. How votes decide is in [`crate::voting`].
//!
//! A board sits by its list; who votes holds the role `ethics-committee` when they do. A study's
//! investigator has a conflict of interest without saying so, and so has who may act for them.

use alloy_primitives::Address;
use commonhold_module::{Context, Fault, Outcome, ensure, reject};
use commonhold_system::accounts::{self, roles};

use crate::{
    interface::IHealth::{
        AlreadySaid, BallotDecided, BallotOpened, BallotState, BoardFounded, ConflictDeclared,
        Conflicted, StudySuspended, UnfitBoard, UnfitState, UnfitWindow, Unknown, Voted,
        declareConflictCall, foundBoardCall, openBallotCall, suspendStudyCall, voteCall,
    },
    limits::{APPROVAL_SECONDS_MAX, BALLOT_SECONDS, BOARD_MEMBERS_MAX},
    people, shape,
    state::{BALLOTS, BALLOTS_OF, BOARDS, Ballot, Board, CAST, SEATS, Study, VERSIONS},
    studies,
    voting::{Votes, is_quorum},
};

/// What a member said in a ballot.
const FOR: u8 = 1;
const AGAINST: u8 = 2;
const CONFLICT: u8 = 3;

pub(super) fn found_board(ctx: &mut Context<'_>, call: foundBoardCall) -> Outcome<u64> {
    let foundBoardCall {
        members,
        quorum,
        approvalSeconds,
    } = call;
    people::member(ctx)?;
    shape::some(members.len(), BOARD_MEMBERS_MAX)?;
    ensure(
        approvalSeconds != 0 && approvalSeconds <= APPROVAL_SECONDS_MAX,
        || UnfitWindow {
            notBefore: 0,
            until: approvalSeconds,
        },
    )?;
    let size = u32::try_from(members.len()).unwrap_or(u32::MAX);
    ensure(is_quorum(quorum, size), || UnfitBoard {
        board: 0,
        member: Address::ZERO,
    })?;
    let board = Board {
        founder: ctx.caller(),
        founded_at: ctx.now(),
        quorum,
        approval_seconds: approvalSeconds,
    };
    let number = BOARDS.push(ctx, &board)?.saturating_add(1);
    let seats = SEATS.at(&number);
    let upcoming = seats.upcoming(ctx, u64::from(size))?;
    ctx.fetch(&[&upcoming])?;
    let mut seated: Vec<Address> = Vec::new();
    for member in members {
        let fits = !member.is_zero() && !seated.contains(&member);
        ensure(fits, || UnfitBoard { board: 0, member })?;
        seated.push(member);
        seats.push(ctx, &member)?;
    }
    ctx.emit(BoardFounded {
        number,
        founder: board.founder,
        quorum,
        approvalSeconds,
    })?;
    Ok(number)
}

pub(super) fn open_ballot(ctx: &mut Context<'_>, call: openBallotCall) -> Outcome<u64> {
    let number = call.study;
    let study = studies::investigated(ctx, number)?;
    let of_study = BALLOTS_OF.at(&number);
    if let Some(last) = of_study.len(ctx)?.checked_sub(1) {
        let last = of_study.get(ctx, last)?.unwrap_or_default();
        let before = ballot(ctx, last)?;
        let decided = state(&before, ctx.now())? != BallotState::Open;
        ensure(decided, || UnfitState { number: last })?;
    }
    let version = VERSIONS.at(&number).len(ctx)?;
    let opened = Ballot {
        study: number,
        version,
        board: study.board,
        opened_at: ctx.now(),
        ..Ballot::default()
    };
    let ballot = BALLOTS.push(ctx, &opened)?.saturating_add(1);
    of_study.push(ctx, &ballot)?;
    ctx.emit(BallotOpened {
        number: ballot,
        study: number,
        board: study.board,
        version,
    })?;
    Ok(ballot)
}

pub(super) fn declare_conflict(ctx: &mut Context<'_>, call: declareConflictCall) -> Outcome<()> {
    let number = call.ballot;
    let (cast, _) = open_to_caller(ctx, number)?;
    let member = ctx.caller();
    let said = CAST.at(&number).at(&member);
    let before = said.read(ctx)?;
    ensure(before != CONFLICT, || AlreadySaid { member })?;
    said.write(ctx, &CONFLICT)?;
    // What the member voted before is taken back.
    let cast = Ballot {
        approvals: cast.approvals.saturating_sub(u32::from(before == FOR)),
        rejections: cast.rejections.saturating_sub(u32::from(before == AGAINST)),
        conflicts: cast.conflicts.saturating_add(1),
        ..cast
    };
    ctx.emit(ConflictDeclared {
        ballot: number,
        member,
    })?;
    settle(ctx, number, cast)
}

pub(super) fn vote(ctx: &mut Context<'_>, call: voteCall) -> Outcome<()> {
    let voteCall {
        ballot: number,
        approve,
    } = call;
    let (cast, study) = open_to_caller(ctx, number)?;
    let member = ctx.caller();
    let said = CAST.at(&number).at(&member);
    let before = said.read(ctx)?;
    let own = accounts::may_act_for(ctx, member, study.investigator, 0)?;
    ensure(before != CONFLICT && !own, || Conflicted {
        ballot: number,
        member,
    })?;
    ensure(before == 0, || AlreadySaid { member })?;
    said.write(ctx, &if approve { FOR } else { AGAINST })?;
    let cast = Ballot {
        approvals: cast.approvals.saturating_add(u32::from(approve)),
        rejections: cast.rejections.saturating_add(u32::from(!approve)),
        ..cast
    };
    ctx.emit(Voted {
        ballot: number,
        member,
        approve,
    })?;
    settle(ctx, number, cast)
}

/// Writes a ballot and, where it is decided now, what follows for its study.
fn settle(ctx: &mut Context<'_>, number: u64, cast: Ballot) -> Outcome<()> {
    let board = known(ctx, cast.board)?;
    let members = u32::try_from(SEATS.at(&cast.board).len(ctx)?).unwrap_or(u32::MAX);
    let decided = votes(&cast, board.quorum, members).decide();
    let now = ctx.now();
    let open = decided == BallotState::Open;
    let cast = Ballot {
        state: decided as u8,
        decided_at: if open { 0 } else { now },
        ..cast
    };
    BALLOTS.replace(ctx, number.saturating_sub(1), &cast)?;
    if open {
        return Ok(());
    }
    let mut until = 0;
    if decided == BallotState::Approved {
        until = now.saturating_add(board.approval_seconds);
        let study = studies::known(ctx, cast.study)?;
        let approved = Study {
            approved_version: cast.version,
            approved_until: until,
            suspended_at: 0,
            ..study
        };
        studies::write(ctx, cast.study, &approved)?;
    }
    ctx.emit(BallotDecided {
        ballot: number,
        study: cast.study,
        state: decided,
        approvedUntil: until,
    })
}

pub(super) fn suspend_study(ctx: &mut Context<'_>, call: suspendStudyCall) -> Outcome<()> {
    let suspendStudyCall { number, reason } = call;
    let study = studies::known(ctx, number)?;
    seated(ctx, study.board)?;
    ensure(study.suspended_at == 0, || UnfitState { number })?;
    let suspended = Study {
        suspended_at: ctx.now(),
        ..study
    };
    studies::write(ctx, number, &suspended)?;
    let by = ctx.caller();
    ctx.emit(StudySuspended { number, by, reason })
}

/// An open ballot on whose board the caller sits, and its study.
fn open_to_caller(ctx: &mut Context<'_>, number: u64) -> Outcome<(Ballot, Study)> {
    let cast = ballot(ctx, number)?;
    seated(ctx, cast.board)?;
    let open = state(&cast, ctx.now())? == BallotState::Open;
    ensure(open, || UnfitState { number })?;
    let study = studies::known(ctx, cast.study)?;
    Ok((cast, study))
}

/// Rejects a caller that does not sit on the board, or lacks the role now.
fn seated(ctx: &mut Context<'_>, board: u64) -> Outcome<()> {
    people::in_role(ctx, roles::ETHICS_COMMITTEE)?;
    let member = ctx.caller();
    let sits = seats(ctx, board)?.contains(&member);
    ensure(sits, || UnfitBoard { board, member })
}

/// A board's members.
pub(super) fn seats(ctx: &mut Context<'_>, board: u64) -> Outcome<Vec<Address>> {
    let max = u64::try_from(BOARD_MEMBERS_MAX).unwrap_or(u64::MAX);
    SEATS.at(&board).page(ctx, 0, max)
}

/// A ballot's votes.
pub(super) const fn votes(cast: &Ballot, quorum: u32, members: u32) -> Votes {
    Votes {
        members,
        quorum,
        approvals: cast.approvals,
        rejections: cast.rejections,
        conflicts: cast.conflicts,
    }
}

/// Where a ballot stands at `now`.
pub(super) fn state(cast: &Ballot, now: u64) -> Outcome<BallotState> {
    let state = BallotState::try_from(cast.state)
        .map_err(|_| Fault::Fatal(format!("a ballot in state {}", cast.state)))?;
    let late = now >= closes(cast);
    Ok(match state {
        BallotState::Open if late => BallotState::Lapsed,
        state => state,
    })
}

/// Until just before when a ballot is open.
pub(super) const fn closes(cast: &Ballot) -> u64 {
    cast.opened_at.saturating_add(BALLOT_SECONDS)
}

/// The board of this number.
pub(super) fn known(ctx: &mut Context<'_>, number: u64) -> Outcome<Board> {
    let found = match number.checked_sub(1) {
        Some(index) => BOARDS.get(ctx, index)?,
        None => None,
    };
    match found {
        Some(board) => Ok(board),
        None => reject(Unknown { number }),
    }
}

/// The ballot of this number.
pub(super) fn ballot(ctx: &mut Context<'_>, number: u64) -> Outcome<Ballot> {
    let found = match number.checked_sub(1) {
        Some(index) => BALLOTS.get(ctx, index)?,
        None => None,
    };
    match found {
        Some(ballot) => Ok(ballot),
        None => reject(Unknown { number }),
    }
}

/// How often members said this in a ballot.
pub(super) fn said(ctx: &mut Context<'_>, number: u64, cast: &Ballot) -> Outcome<[u32; 3]> {
    let mut counts = [0u32; 3];
    for member in seats(ctx, cast.board)? {
        let said = CAST.at(&number).at(&member).read(ctx)?;
        let place = usize::from(said).checked_sub(1);
        if let Some(count) = place.and_then(|place| counts.get_mut(place)) {
            *count = count.saturating_add(1);
        }
    }
    Ok(counts)
}
