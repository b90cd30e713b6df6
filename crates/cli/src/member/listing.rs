//! `commonhold member list`, `show` and `epochs`.

use alloy_primitives::{Address, B256};
use commonhold_sdk::{
    Client,
    members::{Member, Parameter, Seat, faults, quorum},
};
use serde::Serialize;

use crate::{
    output::{Output, columns},
    time,
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    number: u64,
    name: String,
    public_key: B256,
    endpoint: String,
    account: Address,
    since: u64,
    from_epoch: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    until_epoch: Option<u64>,
    stands: bool,
}

impl From<Member> for Entry {
    fn from(member: Member) -> Self {
        Self {
            number: member.number,
            name: member.name,
            public_key: member.publicKey,
            endpoint: member.endpoint,
            account: member.account,
            since: member.since,
            from_epoch: member.fromEpoch,
            until_epoch: (member.untilEpoch != 0).then_some(member.untilEpoch),
            stands: member.stands,
        }
    }
}

impl Entry {
    /// How it stands, for people.
    fn standing(&self) -> String {
        match (self.stands, self.until_epoch) {
            (true, None) => "member".to_owned(),
            (true, Some(until)) => format!("member until epoch {until}"),
            (false, None) => format!("from epoch {} on", self.from_epoch),
            (false, Some(until)) if until == self.from_epoch => "never was".to_owned(),
            (false, Some(until)) => format!("epochs {} to {until}", self.from_epoch),
        }
    }
}

pub(super) fn all(client: &Client, out: &mut Output) -> eyre::Result<()> {
    let entries: Vec<Entry> = client.members()?.into_iter().map(Entry::from).collect();
    out.result(&entries, |entries| {
        let row = |e: &Entry| {
            vec![
                e.number.to_string(),
                e.standing(),
                format!("{:?}", e.name),
                e.endpoint.clone(),
                e.account.to_string(),
            ]
        };
        columns(&entries.iter().map(row).collect::<Vec<_>>())
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    number: u64,
    public_key: B256,
    endpoint: String,
    account: Address,
}

pub(super) fn committee(client: &Client, epoch: u64, out: &mut Output) -> eyre::Result<()> {
    let seats = client.committee(epoch)?.into_iter();
    let places = seats.map(|seat: Seat| Place {
        number: seat.number,
        public_key: seat.publicKey,
        endpoint: seat.endpoint,
        account: seat.account,
    });
    let places: Vec<Place> = places.collect();
    out.result(&places, |places| {
        let row = |p: &Place| {
            vec![
                p.number.to_string(),
                p.public_key.to_string(),
                p.endpoint.clone(),
                p.account.to_string(),
            ]
        };
        columns(&places.iter().map(row).collect::<Vec<_>>())
    })
}

pub(super) fn show(client: &Client, member: &str, out: &mut Output) -> eyre::Result<()> {
    let entry = Entry::from(client.member(member)?);
    out.result(&entry, |e| {
        columns(&[
            vec!["number".into(), e.number.to_string()],
            vec!["name".into(), format!("{:?}", e.name)],
            vec!["stands".into(), e.standing()],
            vec!["admitted".into(), time::show(e.since)],
            vec!["node key".into(), e.public_key.to_string()],
            vec!["endpoint".into(), e.endpoint.clone()],
            vec!["account".into(), e.account.to_string()],
        ])
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    epoch: u64,
    blocks: u64,
    members: u32,
    quorum: u32,
    faults: u32,
    fixed_until: u64,
    vote_seconds: u64,
    block_gas_limit: u64,
    coming: Vec<Coming>,
    upgrades: Vec<Upgrade>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Coming {
    from_epoch: u64,
    members: u32,
    faults: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Upgrade {
    version: String,
    from_epoch: u64,
    proposal: u64,
}

pub(super) fn epochs(client: &Client, out: &mut Output) -> eyre::Result<()> {
    let epochs = client.epochs()?;
    let members = client.committee(epochs.epoch)?.len();
    let members = u32::try_from(members).unwrap_or(u32::MAX);
    let coming = epochs.coming.iter().map(|committee| Coming {
        from_epoch: committee.fromEpoch,
        members: committee.members,
        faults: faults(committee.members),
    });
    let upgrades = client.upgrades()?.into_iter().map(|upgrade| Upgrade {
        version: upgrade.version,
        from_epoch: upgrade.fromEpoch,
        proposal: upgrade.id,
    });
    let shown = Shown {
        epoch: epochs.epoch,
        blocks: epochs.blocks,
        members,
        quorum: quorum(members),
        faults: faults(members),
        fixed_until: epochs.fixed_until,
        vote_seconds: client.parameter(Parameter::VoteSeconds, epochs.epoch)?,
        block_gas_limit: client.parameter(Parameter::BlockGasLimit, epochs.epoch)?,
        coming: coming.collect(),
        upgrades: upgrades.collect(),
    };
    out.result(&shown, |s| {
        let mut rows = vec![
            vec![
                "epoch".into(),
                format!("{}, of {} blocks", s.epoch, s.blocks),
            ],
            vec![
                "members".into(),
                format!("{}, of which {} may fail", s.members, s.faults),
            ],
            vec!["votes that decide".into(), s.quorum.to_string()],
            vec!["time to vote".into(), format!("{} s", s.vote_seconds)],
            vec!["gas of a block".into(), s.block_gas_limit.to_string()],
            vec!["fixed until epoch".into(), s.fixed_until.to_string()],
        ];
        for c in &s.coming {
            rows.push(vec![
                format!("from epoch {}", c.from_epoch),
                format!("{} members, of which {} may fail", c.members, c.faults),
            ]);
        }
        for u in &s.upgrades {
            rows.push(vec![
                format!("from epoch {}", u.from_epoch),
                format!("version {} (proposal {})", u.version, u.proposal),
            ]);
        }
        columns(&rows)
    })
}
