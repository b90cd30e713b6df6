//! `commonhold health pseudonym`: whom a custodian knows by which pseudonym, and how each takes theirs over.
//!
//! ```text
//! custodian ── import ── a pseudonym for each person, to which nobody has a key
//! custodian ── offer PERSON --to the address that they brought ── the ledger: offered
//! person ── take PSEUDONYM ── the ledger: whoever acts for that address acts for the pseudonym
//! ```
//! Only who it was offered to takes it. A person who would not be linked across custodians brings each of
//! them another address.

use alloy_primitives::Address;
use clap::Subcommand;
use commonhold_health_contract::{
    ADDRESS,
    interface::IHealth::{offerPseudonymCall, passPseudonymCall, pseudonymCall, takePseudonymCall},
};
use commonhold_sdk::{Account, Client};
use commonhold_session::{Answer, Refused, Session};
use serde::Serialize;

use crate::{
    book::{Book, Known},
    ledger,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Tell whom you know by which pseudonym, as a custodian.
    List,
    /// Offer a pseudonym to the person behind it, as a custodian.
    #[command(after_help = "\
Examples:
  commonhold health pseudonym offer Patient/17 --to 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed --account clinic")]
    Offer {
        /// The person: your own name of them, or the pseudonym.
        person: String,
        /// The system that this is the name of, where you have several.
        #[arg(
            long,
            value_name = "NAME",
            default_value = "",
            hide_default_value = true
        )]
        source: String,
        /// To whom: the address that they brought.
        #[arg(long, value_name = "WHO")]
        to: String,
    },
    /// Take over a pseudonym that was offered to you.
    Take {
        /// The pseudonym.
        pseudonym: Address,
    },
    /// Offer a pseudonym that you took over to another address of yours.
    Pass {
        /// The pseudonym.
        pseudonym: Address,
        /// To whom.
        #[arg(long, value_name = "WHO")]
        to: String,
    },
    /// Tell which pseudonyms are yours.
    Held,
}

/// A pseudonym as it is told.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    pseudonym: Address,
    #[serde(skip_serializing_if = "Option::is_none", flatten)]
    known: Option<Known>,
    #[serde(skip_serializing_if = "is_nobody")]
    custodian: Address,
    #[serde(skip_serializing_if = "is_nobody")]
    offered_to: Address,
    #[serde(skip_serializing_if = "is_nobody")]
    holder: Address,
    slices: u64,
}

fn is_nobody(who: &Address) -> bool {
    who.is_zero()
}

/// Runs the verb.
pub(crate) fn run(session: &dyn Session, verb: &Verb) -> eyre::Result<Answer> {
    let client = session.client()?;
    match verb {
        Verb::List => {
            let account = session.account()?;
            let book = book(session, &client, &account)?;
            let mut rows = Vec::new();
            for (who, known) in book.everybody()? {
                rows.push(row(&client, who, Some(known))?);
            }
            told(rows)
        }
        Verb::Offer { person, source, to } => {
            let to = session.who(to)?;
            let account = session.account()?;
            let book = book(session, &client, &account)?;
            let (who, known) = find(&book, person, source)?;
            let secret = book.secret(&known.source, &known.name)?;
            client.send_call(&account, ADDRESS, &offerPseudonymCall { secret, to })?;
            told(vec![row(&client, who, None)?])
        }
        Verb::Take { pseudonym } => {
            let subject = *pseudonym;
            let account = session.account()?;
            client.send_call(&account, ADDRESS, &takePseudonymCall { subject })?;
            told(vec![row(&client, subject, None)?])
        }
        Verb::Pass { pseudonym, to } => {
            let (subject, to) = (*pseudonym, session.who(to)?);
            let account = session.account()?;
            client.send_call(&account, ADDRESS, &passPseudonymCall { subject, to })?;
            told(vec![row(&client, subject, None)?])
        }
        Verb::Held => {
            let held = ledger::held(&client, session.address()?)?;
            let rows = held.into_iter().map(|who| row(&client, who, None));
            told(rows.collect::<eyre::Result<_>>()?)
        }
    }
}

fn book<'a>(
    session: &dyn Session,
    client: &Client,
    account: &'a Account,
) -> eyre::Result<Book<'a>> {
    Book::open(account, client.chain_id()?, session.place()?)
}

/// Who a text means in a book: a name, or a pseudonym.
fn find(book: &Book<'_>, person: &str, source: &str) -> eyre::Result<(Address, Known)> {
    let who = match person.parse() {
        Ok(address) => address,
        Err(_) => book.pseudonym(source, person)?,
    };
    let known = book.known(who)?;
    let known = known.ok_or_else(|| {
        let why =
            "nobody of that name was imported by this account: `pseudonym list` tells who was";
        Refused(why.to_owned())
    })?;
    Ok((who, known))
}

fn row(client: &Client, who: Address, known: Option<Known>) -> eyre::Result<Row> {
    let entry = client.call(ADDRESS, &pseudonymCall { subject: who })?;
    Ok(Row {
        pseudonym: who,
        known,
        custodian: entry.custodian,
        offered_to: entry.offeredTo,
        holder: entry.holder,
        slices: ledger::slice_count(client, who)?,
    })
}

fn told(rows: Vec<Row>) -> eyre::Result<Answer> {
    let lines: Vec<String> = rows.iter().map(Row::text).collect();
    let text = if lines.is_empty() {
        "none".to_owned()
    } else {
        lines.join("\n")
    };
    Answer::of(&serde_json::json!({ "pseudonyms": rows }), text)
}

impl Row {
    fn text(&self) -> String {
        let mut text = self.pseudonym.to_string();
        if let Some(known) = &self.known {
            text.push_str(&format!(" {}", known.name));
            if !known.source.is_empty() {
                text.push_str(&format!(" of {}", known.source));
            }
        }
        text.push_str(&format!(", {} slices", self.slices));
        if !self.holder.is_zero() {
            text.push_str(&format!(", taken over by {}", self.holder));
        }
        if !self.offered_to.is_zero() {
            text.push_str(&format!(", offered to {}", self.offered_to));
        }
        text
    }
}
