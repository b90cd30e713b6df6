//! The verbs that read what the ledger tells everybody. They need no passphrase.

use alloy_primitives::{Address, B256};
use clap::Subcommand;
use commonhold_primitives::system::TOKEN;
use commonhold_sdk::{
    Client,
    page::all,
    token::{Escrow, Movement},
};
use serde::Serialize;

use super::{Amount, Args};
use crate::{
    output::{Output, columns},
    time,
};

#[derive(Subcommand)]
pub(super) enum Verb {
    /// List the escrows of somebody's money, and those that they control.
    List {
        /// Whose: an address, an account of your keystore, or a handle [default: the account that
        /// acts].
        who: Option<String>,
    },
    /// Show an escrow.
    Show {
        /// Its id.
        id: B256,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    id: B256,
    payer: Address,
    controller: Address,
    held: Amount,
    paid_in: Amount,
    opened_at: u64,
    block: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    deadline: Option<u64>,
}

impl From<Escrow> for Entry {
    fn from(escrow: Escrow) -> Self {
        Self {
            id: escrow.id,
            payer: escrow.payer,
            controller: escrow.controller,
            held: Amount::of(escrow.held),
            paid_in: Amount::of(escrow.paidIn),
            opened_at: escrow.openedAt,
            block: escrow.openedIn,
            deadline: (escrow.deadline != 0).then_some(escrow.deadline),
        }
    }
}

impl Entry {
    fn deadline(&self) -> String {
        self.deadline.map_or_else(|| "none".to_owned(), time::show)
    }
}

pub(super) fn escrow(
    verb: &Verb,
    args: &Args,
    client: &Client,
    out: &mut Output,
) -> eyre::Result<()> {
    match verb {
        Verb::List { who } => {
            let whose = args.whose(who.as_deref(), client, out)?;
            let mut escrows = all(|from| client.escrows_paid_by(whose, from))?;
            let controlled = all(|from| client.escrows_controlled_by(whose, from))?;
            // Who controls what they paid themselves has it in both lists.
            escrows.extend(controlled.into_iter().filter(|e| e.payer != whose));
            let entries: Vec<Entry> = escrows.into_iter().map(Entry::from).collect();
            out.result(&entries, |entries| {
                let row = |e: &Entry| {
                    let part = if e.payer == whose {
                        format!("held for {}", e.controller)
                    } else {
                        format!("paid by {}", e.payer)
                    };
                    vec![e.id.to_string(), e.held.text(), part, e.deadline()]
                };
                columns(&entries.iter().map(row).collect::<Vec<_>>())
            })
        }
        Verb::Show { id } => {
            let entry = Entry::from(client.escrow(*id)?);
            out.result(&entry, |e| {
                columns(&[
                    vec!["id".into(), e.id.to_string()],
                    vec!["payer".into(), e.payer.to_string()],
                    vec!["controller".into(), e.controller.to_string()],
                    vec!["held".into(), e.held.text()],
                    vec!["paid in".into(), e.paid_in.text()],
                    vec!["opened".into(), time::show(e.opened_at)],
                    vec!["deadline".into(), e.deadline()],
                ])
            })
        }
    }
}

#[derive(Serialize)]
struct Moved {
    block: u64,
    transaction: B256,
    from: Address,
    to: Address,
    amount: Amount,
}

/// How somebody's money came and went.
pub(super) fn history(
    client: &Client,
    who: Address,
    last: usize,
    out: &mut Output,
) -> eyre::Result<()> {
    let moved = client.token_history(who, last)?;
    let moved: Vec<Moved> = moved
        .into_iter()
        .map(|m: Movement| Moved {
            block: m.block,
            transaction: m.transaction,
            from: m.from,
            to: m.to,
            amount: Amount::of(m.value),
        })
        .collect();
    out.result(&moved, |moved| {
        let row = |m: &Moved| {
            let (sign, other) = match (m.from == who, m.to == who) {
                (true, true) => ("=", "to oneself".to_owned()),
                (true, false) => ("-", place("to", m.to, "given back")),
                _ => ("+", place("from", m.from, "issued")),
            };
            let amount = format!("{sign}{}", m.amount.text());
            vec![
                m.block.to_string(),
                amount,
                other,
                m.transaction.to_string(),
            ]
        };
        columns(&moved.iter().map(row).collect::<Vec<_>>())
    })
}

/// Names where money came from or went.
fn place(way: &str, other: Address, nobody: &str) -> String {
    match other {
        Address::ZERO => nobody.to_owned(),
        TOKEN => format!("{way} an escrow"),
        other => format!("{way} {other}"),
    }
}
