//! `commonhold stream`.

use alloy_primitives::{Address, B256};
use clap::Subcommand;
use commonhold_sdk::{Client, IDevices, page::all, reading::DeviceId};
use serde::Serialize;

use crate::{
    client::{RpcArgs, who},
    device::Done,
    exit::Failure,
    output::{Output, columns},
    time,
    wallet::WalletArgs,
};

/// Seconds of a day.
const DAY: u64 = 86_400;

/// Open streams of readings, and say who may open which days.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    rpc: RpcArgs,
    #[command(flatten)]
    wallet: WalletArgs,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Open a stream; gives its id.
    #[command(after_help = "\
Examples:
  STREAM=$(commonhold stream open home --gateway house-gateway --account alice)")]
    Open {
        /// What to call it.
        name: String,
        /// Who anchors for it: the gateway's account, as an address, an account of your keystore, or a
        /// handle.
        #[arg(long, value_name = "WHO")]
        gateway: String,
    },
    /// List your streams and those that others share with you.
    List,
    /// Show what the ledger has of a stream: who may open it, and what is anchored.
    Show {
        /// The stream.
        id: B256,
        /// Only what is anchored of this day.
        #[arg(long, value_name = "DAY", value_parser = day)]
        day: Option<u32>,
    },
    /// Have a device's readings go to a stream.
    Assign {
        /// The stream; 0x and zeros: to none.
        id: B256,
        /// The device.
        device: DeviceId,
    },
    /// Let somebody open days of a stream.
    #[command(after_help = "\
Examples:
  commonhold stream share $STREAM --to bob --from 2026-11-01 --until 2026-12-01")]
    Share {
        /// The stream.
        id: B256,
        /// Whom: an address, an account of your keystore, or a handle.
        #[arg(long, value_name = "WHO")]
        to: String,
        /// The first day: 2026-12-31 [default: today].
        #[arg(long, value_name = "DAY", value_parser = day)]
        from: Option<u32>,
        /// The day after the last: 2027-01-01 or +7d [default: until it is taken back].
        #[arg(long, value_name = "DAY", value_parser = day)]
        until: Option<u32>,
    },
    /// Take somebody's right to open a stream back, for all days.
    Unshare {
        /// The stream.
        id: B256,
        /// Whose: an address, an account of your keystore, or a handle.
        #[arg(long, value_name = "WHO")]
        from: String,
    },
    /// Have another account anchor for a stream.
    Gateway {
        /// The stream.
        id: B256,
        /// The account.
        #[arg(long, value_name = "WHO")]
        to: String,
    },
    /// Close a stream: nothing is anchored any more.
    Close {
        /// The stream.
        id: B256,
    },
}

/// Reads a day, as the day of a time: days since 1970.
fn day(text: &str) -> Result<u32, String> {
    let seconds = time::parse(text)?;
    u32::try_from(seconds / DAY).map_err(|_| "that day is too far away".to_owned())
}

/// A day as text: 2026-12-31.
fn date(day: u32) -> String {
    let text = time::show(u64::from(day).saturating_mul(DAY));
    text.split('T').next().unwrap_or_default().to_owned()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    id: B256,
    name: String,
    owner: Address,
    gateway: Address,
    opened_at: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_at: Option<u64>,
    anchors: u64,
}

impl Entry {
    fn load(client: &Client, id: B256) -> eyre::Result<Self> {
        let stream = client.stream(id)?;
        Ok(Self {
            id,
            name: stream.name,
            owner: stream.owner,
            gateway: stream.gateway,
            opened_at: stream.openedAt,
            closed_at: (stream.closedAt != 0).then_some(stream.closedAt),
            anchors: stream.anchors,
        })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Share {
    grantee: Address,
    from: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<u64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Anchor {
    number: u64,
    day: String,
    record: B256,
    root: B256,
    count: u32,
    from: u64,
    to: u64,
    block: u64,
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    entry: Entry,
    devices: Vec<B256>,
    shares: Vec<Share>,
    batches: Vec<Anchor>,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> eyre::Result<()> {
    let client = args.rpc.client()?;
    let open = || args.wallet.open();
    match &args.verb {
        Verb::Open { name, gateway } => {
            let gateway = who(gateway, &args.wallet.keystore()?, &client, out)?;
            let (id, receipt) = client.open_stream(&open()?, name, gateway)?;
            out.result(&Done::of(id, &receipt), |done| done.id.to_string())
        }
        Verb::List => list(&client, args.wallet.address()?, out),
        Verb::Show { id, day } => show(&client, *id, *day, out),
        Verb::Assign { id, device } => {
            let receipt = client.assign_device(&open()?, *device, *id)?;
            out.result(&Done::of(*id, &receipt), |_| String::new())
        }
        Verb::Share {
            id,
            to,
            from,
            until,
        } => {
            let grantee = who(to, &args.wallet.keystore()?, &client, out)?;
            let today = u32::try_from(time::now() / DAY).unwrap_or(u32::MAX);
            let (from, until) = (from.unwrap_or(today), until.unwrap_or(0));
            if until != 0 && until <= from {
                let why = "the day after the last must come after the first";
                return Err(Failure::Usage(why.into()).into());
            }
            let receipt = client.share_stream(&open()?, *id, grantee, (from, until))?;
            let end = match until {
                0 => String::new(),
                until => format!(" until just before {}", date(until)),
            };
            out.say(format!("{to} may open it from {}{end}", date(from)));
            out.result(&Done::of(*id, &receipt), |_| String::new())
        }
        Verb::Unshare { id, from } => {
            let grantee = who(from, &args.wallet.keystore()?, &client, out)?;
            let receipt = client.unshare_stream(&open()?, *id, grantee)?;
            out.say(format!("{from} may no longer open anything of it"));
            out.result(&Done::of(*id, &receipt), |_| String::new())
        }
        Verb::Gateway { id, to } => {
            let gateway = who(to, &args.wallet.keystore()?, &client, out)?;
            let receipt = client.set_gateway(&open()?, *id, gateway)?;
            out.result(&Done::of(*id, &receipt), |_| String::new())
        }
        Verb::Close { id } => {
            let receipt = client.close_stream(&open()?, *id)?;
            out.result(&Done::of(*id, &receipt), |_| String::new())
        }
    }
}

fn list(client: &Client, me: Address, out: &mut Output) -> eyre::Result<()> {
    let mut ids = all(|from| client.streams_of(me, from))?;
    ids.extend(all(|from| client.streams_shared_with(me, from))?);
    let entries = ids
        .into_iter()
        .map(|id| Entry::load(client, id))
        .collect::<eyre::Result<Vec<_>>>()?;
    out.result(&entries, |entries| {
        let row = |e: &Entry| {
            let whose = if e.owner == me {
                "mine".to_owned()
            } else {
                e.owner.to_string()
            };
            let closed = if e.closed_at.is_some() { "closed" } else { "" };
            let batches = format!("{} batches", e.anchors);
            vec![
                e.id.to_string(),
                e.name.clone(),
                whose,
                batches,
                closed.to_owned(),
            ]
        };
        columns(&entries.iter().map(row).collect::<Vec<_>>())
    })
}

fn show(client: &Client, id: B256, day: Option<u32>, out: &mut Output) -> eyre::Result<()> {
    let anchors = match day {
        Some(day) => all(|from| client.anchors_of_day(id, day, from))?,
        None => all(|from| client.anchors(id, from))?,
    };
    let share = |s: IDevices::Share| Share {
        grantee: s.grantee,
        from: date(s.fromDay),
        until: (s.untilDay != 0).then(|| date(s.untilDay)),
        revoked_at: (s.revokedAt != 0).then_some(s.revokedAt),
    };
    let anchor = |a: IDevices::Anchor| Anchor {
        number: a.number,
        day: date(a.day),
        record: a.record,
        root: a.root,
        count: a.count,
        from: a.from,
        to: a.to,
        block: a.blockNumber,
    };
    let mut devices = all(|from| client.devices_in(id, from))?;
    let mut there = Vec::new();
    for device in devices.drain(..) {
        // What has left the stream stays in the ledger's list.
        if client.device(DeviceId(device))?.stream == id {
            there.push(device);
        }
    }
    let shown = Shown {
        entry: Entry::load(client, id)?,
        devices: there,
        shares: all(|from| client.shares(id, from))?
            .into_iter()
            .map(share)
            .collect(),
        batches: anchors.into_iter().map(anchor).collect(),
    };
    out.result(&shown, text)
}

fn text(shown: &Shown) -> String {
    let e = &shown.entry;
    let mut rows = vec![
        vec!["id".to_owned(), e.id.to_string()],
        vec!["name".to_owned(), e.name.clone()],
        vec!["owner".to_owned(), e.owner.to_string()],
        vec!["gateway".to_owned(), e.gateway.to_string()],
        vec!["opened".to_owned(), time::show(e.opened_at)],
    ];
    rows.extend(
        e.closed_at
            .map(|at| vec!["closed".to_owned(), time::show(at)]),
    );
    for device in &shown.devices {
        rows.push(vec!["device".to_owned(), device.to_string()]);
    }
    for share in &shown.shares {
        let until = match (&share.until, share.revoked_at) {
            (_, Some(at)) => format!("taken back {}", time::show(at)),
            (Some(until), None) => format!("{} until before {until}", share.from),
            (None, None) => format!("from {} on", share.from),
        };
        rows.push(vec![
            "share".to_owned(),
            format!("{} {until}", share.grantee),
        ]);
    }
    for batch in &shown.batches {
        let readings = format!(
            "{} {} readings, record {}",
            batch.day, batch.count, batch.record
        );
        rows.push(vec!["batch".to_owned(), readings]);
    }
    columns(&rows)
}
