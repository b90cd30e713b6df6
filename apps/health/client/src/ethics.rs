//! `commonhold health ethics`: boards, and what they decide.

use alloy_primitives::keccak256;
use clap::{Subcommand, ValueEnum};
use commonhold_health_contract::{
    ADDRESS,
    interface::IHealth::{
        BallotOpened, BallotState, BoardFounded, ballotCall, declareConflictCall, foundBoardCall,
        openBallotCall, suspendStudyCall, voteCall,
    },
};
use commonhold_session::{Answer, Session};
use serde::Serialize;

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Found a board, as a member of the consortium.
    Found {
        /// Who sits on it: accounts with the role ethics-committee.
        #[arg(
            long = "member",
            value_name = "WHO",
            required = true,
            value_delimiter = ','
        )]
        members: Vec<String>,
        /// How many of them approve a study.
        #[arg(long, value_name = "N")]
        quorum: u32,
        /// For how many days an approval holds.
        #[arg(long, value_name = "N", default_value_t = 365)]
        days: u64,
    },
    /// Put a study's latest version to its board.
    Open {
        /// The study's number.
        study: u64,
    },
    /// Vote, as a board's member.
    Vote {
        /// The ballot's number.
        ballot: u64,
        /// For it or against it.
        vote: Vote,
    },
    /// Declare a conflict of interest: you have no vote then.
    Conflict {
        /// The ballot's number.
        ballot: u64,
    },
    /// Stop a study until the board approves it anew, as a board's member.
    Suspend {
        /// The study's number.
        study: u64,
        /// Why: its hash goes to the ledger.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Tell where a ballot stands.
    Show {
        /// The ballot's number.
        ballot: u64,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Vote {
    Approve,
    Reject,
}

const DAY: u64 = 86_400;

/// Runs the verb.
pub(crate) fn run(session: &dyn Session, verb: &Verb) -> eyre::Result<Answer> {
    match verb {
        Verb::Found {
            members,
            quorum,
            days,
        } => found(session, members, *quorum, *days),
        Verb::Open { study } => open(session, *study),
        Verb::Vote { ballot, vote } => {
            let call = voteCall {
                ballot: *ballot,
                approve: matches!(vote, Vote::Approve),
            };
            session
                .client()?
                .send_call(&session.account()?, ADDRESS, &call)?;
            show(session, *ballot)
        }
        Verb::Conflict { ballot } => {
            let call = declareConflictCall { ballot: *ballot };
            session
                .client()?
                .send_call(&session.account()?, ADDRESS, &call)?;
            show(session, *ballot)
        }
        Verb::Suspend { study, reason } => {
            let call = suspendStudyCall {
                number: *study,
                reason: keccak256(reason),
            };
            session
                .client()?
                .send_call(&session.account()?, ADDRESS, &call)?;
            let data = serde_json::json!({ "study": study, "suspended": true });
            Answer::of(&data, format!("study {study} is suspended"))
        }
        Verb::Show { ballot } => show(session, *ballot),
    }
}

fn found(
    session: &dyn Session,
    members: &[String],
    quorum: u32,
    days: u64,
) -> eyre::Result<Answer> {
    let members = members.iter().map(|who| session.who(who));
    let call = foundBoardCall {
        members: members.collect::<eyre::Result<_>>()?,
        quorum,
        approvalSeconds: days.saturating_mul(DAY),
    };
    let BoardFounded { number, .. } =
        session
            .client()?
            .send_for_event(&session.account()?, ADDRESS, &call)?;
    Answer::of(&serde_json::json!({ "board": number }), number.to_string())
}

fn open(session: &dyn Session, study: u64) -> eyre::Result<Answer> {
    let call = openBallotCall { study };
    let BallotOpened { number, .. } =
        session
            .client()?
            .send_for_event(&session.account()?, ADDRESS, &call)?;
    Answer::of(&serde_json::json!({ "ballot": number }), number.to_string())
}

/// A ballot as it is shown.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    ballot: u64,
    study: u64,
    version: u64,
    board: u64,
    state: &'static str,
    approvals: u32,
    rejections: u32,
    conflicts: u32,
    closes: u64,
}

fn show(session: &dyn Session, number: u64) -> eyre::Result<Answer> {
    let ballot = session.client()?.call(ADDRESS, &ballotCall { number })?;
    let shown = Shown {
        ballot: number,
        study: ballot.study,
        version: ballot.version,
        board: ballot.board,
        state: match ballot.state {
            BallotState::Open => "open",
            BallotState::Approved => "approved",
            BallotState::Rejected => "rejected",
            _ => "lapsed",
        },
        approvals: ballot.approvals,
        rejections: ballot.rejections,
        conflicts: ballot.conflicts,
        closes: ballot.closes,
    };
    let text = format!(
        "ballot {number} on version {} of study {}: {}, {} for it, {} against it, {} in conflict",
        shown.version, shown.study, shown.state, shown.approvals, shown.rejections, shown.conflicts
    );
    Answer::of(&shown, text)
}
