//! The verbs that read what the ledger tells everybody. They need no passphrase.

use alloy_primitives::{Address, B256};
use commonhold_sdk::{Client, SdkError, page::all};
use serde::Serialize;

use crate::{
    output::{Output, columns},
    time,
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    id: B256,
    owner: Address,
    kind: String,
    registered_at: u64,
    block: u64,
    length: u64,
    content_hash: B256,
    #[serde(skip_serializing_if = "Option::is_none")]
    sealed_key_hash: Option<B256>,
    #[serde(skip_serializing_if = "Option::is_none")]
    opens_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    supersedes: Option<B256>,
    #[serde(skip_serializing_if = "Option::is_none")]
    superseded_by: Option<B256>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<Address>,
    /// The stream to a day of which it is sealed, and that day, in days since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<B256>,
    #[serde(skip_serializing_if = "Option::is_none")]
    day: Option<u32>,
    erased: bool,
    /// Whether it is of whoever asks, where somebody in particular does.
    #[serde(skip_serializing_if = "Option::is_none")]
    mine: Option<bool>,
}

/// Somebody's records and those that others let them read.
pub(super) fn list(client: &Client, me: Address, out: &mut Output) -> eyre::Result<()> {
    let mut ids = all(|from| client.records_of(me, from))?;
    ids.extend(all(|from| client.records_shared_with(me, from))?);
    let mut entries = Vec::new();
    let progress = out.progress(ids.len() as u64, "Reading");
    for id in ids {
        entries.push(entry(client, id, Some(me))?);
        progress.inc(1);
    }
    progress.finish_and_clear();
    out.result(&entries, |entries| {
        let row = |e: &Entry| {
            let whose = if e.mine == Some(true) {
                "mine".into()
            } else {
                e.owner.to_string()
            };
            let erased = if e.erased { "erased" } else { "" };
            vec![
                e.id.to_string(),
                time::show(e.registered_at),
                e.kind.clone(),
                whose,
                erased.into(),
            ]
        };
        columns(&entries.iter().map(row).collect::<Vec<_>>())
    })
}

fn entry(client: &Client, id: B256, me: Option<Address>) -> Result<Entry, SdkError> {
    let record = client.record(id)?;
    let some = |id: B256| (!id.is_zero()).then_some(id);
    let erased = client.record_is_erased(id)?;
    Ok(Entry {
        id,
        owner: record.owner,
        kind: record.kind,
        registered_at: record.registeredAt,
        block: record.registeredIn,
        length: record.length,
        content_hash: record.contentHash,
        sealed_key_hash: some(record.sealedKeyHash),
        opens_at: (record.opensAt != 0).then_some(record.opensAt),
        supersedes: some(record.supersedes),
        superseded_by: some(record.supersededBy),
        policy: (!record.policy.is_zero()).then_some(record.policy),
        stream: some(record.stream),
        day: some(record.stream).map(|_| record.day),
        erased,
        mine: me.map(|me| me == record.owner),
    })
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    entry: Entry,
    keepers: Vec<Address>,
    grants: Vec<Grant>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Grant {
    grantee: Address,
    not_before: u64,
    until: u64,
    uses: u32,
    used: u32,
    revoked_at: u64,
}

/// What the ledger has of a record, and who may read it.
pub(super) fn show(client: &Client, id: B256, out: &mut Output) -> eyre::Result<()> {
    let grants = all(|from| client.record_grants(id, from))?
        .into_iter()
        .map(|grant| Grant {
            grantee: grant.grantee,
            not_before: grant.notBefore,
            until: grant.until,
            uses: grant.uses,
            used: grant.used,
            revoked_at: grant.revokedAt,
        });
    let shown = Shown {
        entry: entry(client, id, None)?,
        keepers: client.record_keepers(id)?,
        grants: grants.collect(),
    };
    out.result(&shown, |shown| {
        let Shown {
            entry,
            keepers,
            grants,
        } = shown;
        let mut rows = vec![
            vec!["id".into(), entry.id.to_string()],
            vec!["owner".into(), entry.owner.to_string()],
            vec!["kind".into(), entry.kind.clone()],
            vec!["registered".into(), time::show(entry.registered_at)],
            vec!["block".into(), entry.block.to_string()],
            vec!["encrypted bytes".into(), entry.length.to_string()],
            vec!["BLAKE3".into(), format!("{:x}", entry.content_hash)],
        ];
        let mut add = |name: &str, value: Option<String>| {
            rows.extend(value.map(|value| vec![name.to_owned(), value]));
        };
        if entry.erased {
            add("erased", Some("its content is gone".to_owned()));
        }
        for keeper in keepers {
            add("kept by", Some(keeper.to_string()));
        }
        let sealed = match (entry.sealed_key_hash, entry.opens_at) {
            (None, _) => None,
            (Some(_), None) => Some("to the network: record open".to_owned()),
            (Some(_), Some(at)) => Some(format!("until {}", time::show(at))),
        };
        add("sealed", sealed);
        add("replaces", entry.supersedes.map(|id| id.to_string()));
        add("replaced by", entry.superseded_by.map(|id| id.to_string()));
        add("stream", entry.stream.map(|stream| stream.to_string()));
        add("policy", entry.policy.map(|policy| policy.to_string()));
        for grant in grants {
            add(
                "reader",
                Some(format!("{}, {}", grant.grantee, state(grant))),
            );
        }
        columns(&rows)
    })
}

fn state(grant: &Grant) -> String {
    match grant.revoked_at {
        0 => {
            let left = match grant.uses {
                0 => String::new(),
                uses => format!(" ({} of {uses} openings used)", grant.used),
            };
            let times = times(grant.uses);
            format!("{times}{}{left}", period(grant.not_before, grant.until))
        }
        revoked_at => format!("revoked {}", time::show(revoked_at)),
    }
}

/// How many times, with a blank behind it; zero is no bound.
pub(super) fn times(uses: u32) -> String {
    match uses {
        0 => String::new(),
        1 => "once ".to_owned(),
        uses => format!("{uses} times "),
    }
}

/// A time to read in; zero is no bound.
pub(super) fn period(not_before: u64, until: u64) -> String {
    let until = match until {
        0 => "until revoked".to_owned(),
        until => format!("until {}", time::show(until)),
    };
    match not_before {
        0 => until,
        not_before => format!("from {} {until}", time::show(not_before)),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    time: u64,
    block: u64,
    action: String,
    actor: Address,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<B256>,
}

/// What was done with a record, oldest first.
pub(super) fn log(client: &Client, id: B256, out: &mut Output) -> eyre::Result<()> {
    let record = client.record(id)?;
    let mut lines = vec![Line {
        time: record.registeredAt,
        block: record.registeredIn,
        action: "registered".into(),
        actor: record.owner,
        subject: None,
        detail: None,
    }];
    lines.extend(
        all(|from| client.record_log(id, from))?
            .into_iter()
            .map(|entry| Line {
                time: entry.time,
                block: entry.blockNumber,
                action: format!("{:?}", entry.action).to_lowercase(),
                actor: entry.actor,
                subject: (!entry.subject.is_zero()).then_some(entry.subject),
                detail: (!entry.detail.is_zero()).then_some(entry.detail),
            }),
    );
    out.result(&lines, |lines| {
        let row = |l: &Line| {
            let subject = l.subject.map(|s| s.to_string()).unwrap_or_default();
            vec![
                time::show(l.time),
                l.actor.to_string(),
                l.action.clone(),
                subject,
            ]
        };
        columns(&lines.iter().map(row).collect::<Vec<_>>())
    })
}
