//! `commonhold member proposals`, `proposal`, and what a step on one gives.

use alloy_primitives::{Address, B256};
use commonhold_sdk::{
    Client,
    members::{Ballot, Cast, Kind, Parameter, Proposal, State, quorum},
    page::all,
};
use serde::Serialize;

use crate::{
    output::{Output, columns},
    time,
};

/// Where a proposal stands after a step.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Step {
    pub(super) id: u64,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    from_epoch: Option<u64>,
    transaction: B256,
    block: Option<u64>,
}

impl Step {
    pub(super) fn of(ballot: &Ballot) -> Self {
        Self {
            id: ballot.id,
            state: word(ballot.state),
            from_epoch: some(ballot.from_epoch),
            transaction: ballot.receipt.transaction_hash,
            block: ballot.receipt.block_number,
        }
    }
}

pub(super) fn step(ballot: &Ballot, out: &mut Output) -> eyre::Result<()> {
    if let Some(epoch) = some(ballot.from_epoch) {
        out.say(format!("this was enough: it holds from epoch {epoch} on"));
    }
    out.result(&Step::of(ballot), |step| step.state.to_owned())
}

const fn some(n: u64) -> Option<u64> {
    if n == 0 { None } else { Some(n) }
}

const fn word(state: State) -> &'static str {
    match state {
        State::Open => "open",
        State::Accepted => "accepted",
        State::Refused => "refused",
        State::Withdrawn => "withdrawn",
        State::Expired => "expired",
        State::__Invalid => "unknown",
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    id: u64,
    kind: &'static str,
    state: &'static str,
    asks: String,
    proposer: u64,
    reason: String,
    proposed_at: u64,
    expires: u64,
    approvals: u32,
    refusals: u32,
    members: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    block: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from_epoch: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    public_key: Option<B256>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    endpoint: Option<String>,
}

impl From<Proposal> for Entry {
    fn from(proposal: Proposal) -> Self {
        let asks = asks(&proposal);
        let kind = kind(proposal.kind);
        // An admission is about a member once it is accepted.
        let about = match proposal.kind {
            Kind::Admission => proposal.state == State::Accepted,
            Kind::Expulsion | Kind::Key | Kind::Endpoint | Kind::Account => true,
            _ => false,
        };
        Self {
            id: proposal.id,
            kind,
            state: word(proposal.state),
            asks,
            proposer: proposal.proposer,
            reason: proposal.reason,
            proposed_at: proposal.proposedAt,
            expires: proposal.expires,
            approvals: proposal.approvals,
            refusals: proposal.refusals,
            members: proposal.members,
            decided_at: some(proposal.decidedAt),
            block: some(proposal.decidedIn),
            from_epoch: some(proposal.fromEpoch),
            member: about.then_some(proposal.member),
            public_key: Some(proposal.publicKey).filter(|key| !key.is_zero()),
            account: Some(proposal.account).filter(|account| !account.is_zero()),
            endpoint: Some(proposal.endpoint).filter(|endpoint| !endpoint.is_empty()),
        }
    }
}

const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Admission => "admission",
        Kind::Expulsion => "expulsion",
        Kind::Key => "key",
        Kind::Endpoint => "endpoint",
        Kind::Account => "account",
        Kind::Parameter => "parameter",
        Kind::Upgrade => "upgrade",
        Kind::__Invalid => "unknown",
    }
}

/// What a proposal asks for, in a line. What somebody wrote is quoted and escaped: they may mean to
/// mislead.
fn asks(proposal: &Proposal) -> String {
    let member = proposal.member;
    match proposal.kind {
        Kind::Admission => format!("admit {:?} at {}", proposal.name, proposal.endpoint),
        Kind::Expulsion => format!("expel member {member}"),
        Kind::Key => format!("another key for member {member}"),
        Kind::Endpoint => format!("member {member} listens at {}", proposal.endpoint),
        Kind::Account => format!("{} acts for member {member}", proposal.account),
        Kind::Parameter => {
            let name = match proposal.parameter {
                Parameter::VoteSeconds => "vote-seconds",
                Parameter::BlockGasLimit => "block-gas-limit",
                Parameter::__Invalid => "unknown",
            };
            format!("{name} {}", proposal.value)
        }
        Kind::Upgrade => format!("version {} from epoch {}", proposal.name, proposal.value),
        Kind::__Invalid => "unknown".to_owned(),
    }
}

pub(super) fn list(client: &Client, open: bool, out: &mut Output) -> eyre::Result<()> {
    let mut proposals = all(|from| client.proposals(from))?;
    proposals.retain(|proposal| !open || proposal.state == State::Open);
    let entries: Vec<Entry> = proposals.into_iter().map(Entry::from).collect();
    out.result(&entries, |entries| {
        let row = |e: &Entry| {
            vec![
                e.id.to_string(),
                e.state.to_owned(),
                format!("{} : {}", e.approvals, e.refusals),
                time::show(e.proposed_at),
                e.asks.clone(),
                format!("{:?}", e.reason),
            ]
        };
        columns(&entries.iter().map(row).collect::<Vec<_>>())
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    #[serde(flatten)]
    entry: Entry,
    needed: u32,
    votes: Vec<Vote>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Vote {
    member: u64,
    name: String,
    approve: bool,
    reason: String,
    cast_at: u64,
    block: u64,
    counts: bool,
}

pub(super) fn show(client: &Client, id: u64, out: &mut Output) -> eyre::Result<()> {
    let entry = Entry::from(client.proposal(id)?);
    let members = client.members()?;
    let name = |number: u64| {
        let member = members.iter().find(|member| member.number == number);
        member.map_or_else(String::new, |member| member.name.clone())
    };
    let votes = client.votes_on(id)?.into_iter().map(|cast: Cast| Vote {
        member: cast.member,
        name: name(cast.member),
        approve: cast.approve,
        reason: cast.reason,
        cast_at: cast.castAt,
        block: cast.castIn,
        counts: cast.counts,
    });
    let shown = Shown {
        needed: quorum(entry.members),
        votes: votes.collect(),
        entry,
    };
    out.result(&shown, |shown| {
        let e = &shown.entry;
        let mut rows = vec![
            vec!["proposal".into(), e.id.to_string()],
            vec!["asks".into(), e.asks.clone()],
            vec!["state".into(), e.state.to_owned()],
            vec!["reason".into(), format!("{:?}", e.reason)],
            vec!["proposed by".into(), format!("member {}", e.proposer)],
            vec!["proposed".into(), time::show(e.proposed_at)],
            vec!["expires".into(), time::show(e.expires)],
            vec![
                "approvals".into(),
                format!(
                    "{} of {}, {} are needed",
                    e.approvals, e.members, shown.needed
                ),
            ],
            vec!["against".into(), e.refusals.to_string()],
        ];
        let fact =
            |name: &str, value: Option<String>| value.map(|value| vec![name.to_owned(), value]);
        rows.extend(fact("decided", e.decided_at.map(time::show)));
        rows.extend(fact(
            "holds from epoch",
            e.from_epoch.map(|n| n.to_string()),
        ));
        rows.extend(fact("node key", e.public_key.map(|key| key.to_string())));
        rows.extend(fact(
            "account",
            e.account.map(|account| account.to_string()),
        ));
        for vote in &shown.votes {
            let how = if vote.approve { "for" } else { "against" };
            let counts = if vote.counts {
                ""
            } else {
                ", no member any more"
            };
            rows.push(vec![
                format!("vote of {}", vote.member),
                format!("{how}{counts}, {:?}", vote.reason),
            ]);
        }
        columns(&rows)
    })
}
