//! `commonhold token issue`.

use alloy_primitives::{Address, B256, U256};
use clap::Subcommand;
use commonhold_sdk::{
    Client,
    page::all,
    token::{Decision, Issue, IssueState},
};
use serde::Serialize;

use super::{Amount, Args, some};
use crate::{
    client::who,
    output::{Output, columns},
    time,
};

#[derive(Subcommand)]
pub(super) enum Verb {
    /// Propose to issue money; gives the proposal's number. Proposing is approving.
    #[command(after_help = "\
Examples:
  commonhold token issue propose alice 1000 --reason 'paid in, statement 17' --account member-1
  commonhold token issue approve 0 --account member-2")]
    Propose {
        /// Who is to get it: an address, an account of your keystore, or a handle.
        to: String,
        /// How much: up to nine decimal places.
        #[arg(value_parser = some)]
        amount: U256,
        /// Why, for the other members and for good: up to 128 bytes.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Approve a proposal. The approval that is enough issues the money.
    Approve {
        /// Its number.
        number: u64,
    },
    /// Vote against a proposal.
    Reject {
        /// Its number.
        number: u64,
    },
    /// Take your own proposal back.
    Withdraw {
        /// Its number.
        number: u64,
    },
    /// List all proposals, oldest first.
    List,
    /// Show a proposal.
    Show {
        /// Its number.
        number: u64,
    },
}

pub(super) fn run(verb: &Verb, args: &Args, client: &Client, out: &mut Output) -> eyre::Result<()> {
    let open = || args.wallet.open();
    let decision = match verb {
        Verb::Propose { to, amount, reason } => {
            let to = who(to, &args.wallet.keystore()?, client, out)?;
            let proposed = client.propose_issue(&open()?, to, *amount, reason)?;
            if proposed.state == IssueState::Issued {
                out.say("this was enough: it is issued");
            }
            return out.result(&Step::of(&proposed), |step| step.number.to_string());
        }
        Verb::Approve { number } => client.approve_issue(&open()?, *number)?,
        Verb::Reject { number } => client.reject_issue(&open()?, *number)?,
        Verb::Withdraw { number } => client.withdraw_issue(&open()?, *number)?,
        Verb::List => return list(client, out),
        Verb::Show { number } => return show(client, *number, out),
    };
    out.result(&Step::of(&decision), |step| step.state.to_owned())
}

/// Where a proposal stands after a step.
#[derive(Serialize)]
struct Step {
    number: u64,
    state: &'static str,
    transaction: B256,
    block: Option<u64>,
}

impl Step {
    const fn of(decision: &Decision) -> Self {
        Self {
            number: decision.number,
            state: word(decision.state),
            transaction: decision.receipt.transaction_hash,
            block: decision.receipt.block_number,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    number: u64,
    state: &'static str,
    amount: Amount,
    to: Address,
    proposer: Address,
    reason: String,
    proposed_at: u64,
    expires: u64,
    approvals: u32,
    rejections: u32,
    members: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    block: Option<u64>,
}

impl From<Issue> for Entry {
    fn from(issue: Issue) -> Self {
        let some = |n: u64| (n != 0).then_some(n);
        Self {
            number: issue.number,
            state: word(issue.state),
            amount: Amount::of(issue.amount),
            to: issue.to,
            proposer: issue.proposer,
            reason: issue.reason,
            proposed_at: issue.proposedAt,
            expires: issue.expires,
            approvals: issue.approvals,
            rejections: issue.rejections,
            members: issue.members,
            decided_at: some(issue.decidedAt),
            block: some(issue.decidedIn),
        }
    }
}

const fn word(state: IssueState) -> &'static str {
    match state {
        IssueState::Open => "open",
        IssueState::Issued => "issued",
        IssueState::Rejected => "rejected",
        IssueState::Withdrawn => "withdrawn",
        IssueState::Expired => "expired",
        IssueState::__Invalid => "unknown",
    }
}

fn list(client: &Client, out: &mut Output) -> eyre::Result<()> {
    let issues = all(|from| client.issues(from))?;
    let entries: Vec<Entry> = issues.into_iter().map(Entry::from).collect();
    out.result(&entries, |entries| {
        let row = |e: &Entry| {
            vec![
                e.number.to_string(),
                e.state.to_owned(),
                time::show(e.proposed_at),
                e.amount.text(),
                e.to.to_string(),
                // Quoted and escaped: whoever wrote it may mean to mislead.
                format!("{:?}", e.reason),
            ]
        };
        columns(&entries.iter().map(row).collect::<Vec<_>>())
    })
}

fn show(client: &Client, number: u64, out: &mut Output) -> eyre::Result<()> {
    let entry = Entry::from(client.issue(number)?);
    let needed = client.issue_quorum()?;
    out.result(&entry, |e| {
        let mut rows = vec![
            vec!["number".into(), e.number.to_string()],
            vec!["state".into(), e.state.to_owned()],
            vec!["amount".into(), e.amount.text()],
            vec!["to".into(), e.to.to_string()],
            vec!["reason".into(), format!("{:?}", e.reason)],
            vec!["proposed by".into(), e.proposer.to_string()],
            vec!["proposed".into(), time::show(e.proposed_at)],
            vec!["expires".into(), time::show(e.expires)],
            vec![
                "approvals".into(),
                format!("{} of {}, {needed} are needed", e.approvals, e.members),
            ],
            vec!["against".into(), e.rejections.to_string()],
        ];
        rows.extend(
            e.decided_at
                .map(|at| vec!["decided".into(), time::show(at)]),
        );
        columns(&rows)
    })
}
