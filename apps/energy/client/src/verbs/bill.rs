//! `commonhold energy bill`: a household's month, and what follows from all of them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use alloy_primitives::Address;
use commonhold_sdk::{SdkError, clock::now_ms};
use commonhold_session::{Answer, Refused, Session};
use serde_json::{Value, json};

use super::which::{self, CommunityArg, Names, TimeArgs};
use crate::{
    billing::{self, Month},
    evidence::Evidence,
    gathering::{Wanted, gather},
    ledger, moments,
    papers::{self, balance, bank, bill},
    simulate::Nano,
    source,
};

/// A household's bill: the sum of its slots, rounded once.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  commonhold energy bill --month 2026-06 --account anna --csv june.csv --pdf june.pdf
  commonhold energy bill --month 2026-06 --household 0x5a…
  commonhold energy bill --all --month 2026-06 --balance june-balance.csv --dir bills
  commonhold energy bill --all --month 2026-06 --bank june.xml --creditor creditor.json \\
    --mandates mandates.csv --collect 2026-07-05")]
pub(crate) struct Args {
    #[command(flatten)]
    time: TimeArgs,
    #[command(flatten)]
    community: CommunityArg,
    /// Whose: an address, an account of your keystore, a handle, or a name of a replayed home
    /// [default: you].
    #[arg(long, value_name = "WHO", conflicts_with = "all")]
    household: Option<String>,
    /// All households of the community.
    #[arg(long)]
    all: bool,
    /// Write the bill's slots to this file, as CSV.
    #[arg(long, value_name = "FILE", conflicts_with = "all")]
    csv: Option<PathBuf>,
    /// Write the bill to this file, as PDF.
    #[arg(long, value_name = "FILE", conflicts_with = "all")]
    pdf: Option<PathBuf>,
    /// Write everybody's bill to this directory, as CSV and PDF.
    #[arg(long, value_name = "DIR", requires = "all")]
    dir: Option<PathBuf>,
    /// Write the balance of all meters for the grid operator to this file, as CSV.
    #[arg(long, value_name = "FILE", requires = "all")]
    balance: Option<PathBuf>,
    /// Write what is open with the supplier to this file, for its bank to collect (pain.008.001.08).
    #[arg(long, value_name = "FILE", requires_all = ["all", "creditor", "mandates", "collect"])]
    bank: Option<PathBuf>,
    /// Who collects: JSON with name, iban, bic and id.
    #[arg(long, value_name = "FILE", requires = "bank")]
    creditor: Option<PathBuf>,
    /// Whose leave there is: CSV with household, name, iban, bic, mandate and signed.
    #[arg(long, value_name = "FILE", requires = "bank")]
    mandates: Option<PathBuf>,
    /// On which day it is collected.
    #[arg(long, value_name = "DATE", requires = "bank")]
    collect: Option<String>,
    /// The currency that papers name.
    #[arg(long, value_name = "LETTERS", default_value = "EUR", value_parser = currency)]
    currency: String,
}

fn currency(text: &str) -> Result<String, String> {
    if text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase()) {
        Ok(text.to_owned())
    } else {
        Err("a currency has three letters, such as EUR".to_owned())
    }
}

/// What is said of a bill to programs.
fn told(month: &Month, name: &str) -> Value {
    let sum = &month.bill;
    json!({
        "household": month.household,
        "name": name,
        "slots": sum.slots,
        "import_local_wh": sum.import_local,
        "import_grid_wh": sum.import_grid,
        "export_local_wh": sum.export_local,
        "export_grid_wh": sum.export_grid,
        "local_nano": Nano(sum.local),
        "fees_nano": Nano(sum.fees),
        "grid_nano": Nano(sum.grid),
        "total_nano": Nano(sum.total),
        "total_cents": Nano(month.cents()),
        "rounding_nano": Nano(month.rest()),
        "due_cents": Nano(month.due_cents()),
        "grid_only_nano": Nano(month.grid_only),
        "saving_nano": Nano(sum.total.saturating_sub(month.grid_only)),
        "corrections": month.notes.len(),
    })
}

/// A household's month; what the ledger posted otherwise than its rules say is no small thing.
fn month(evidence: &Evidence, household: Address) -> Result<Month, SdkError> {
    billing::month(evidence, household).map_err(|e| SdkError::Integrity(e.to_string()))
}

fn write(path: &Path, bytes: impl AsRef<[u8]>) -> eyre::Result<()> {
    fs::write(path, bytes).map_err(|e| Refused(format!("{}: {e}", path.display())).into())
}

pub(crate) fn run(args: &Args, session: &dyn Session) -> eyre::Result<Answer> {
    let client = session.client()?;
    let number = args.community.meant(&client)?;
    let (window, words) = args.time.meant()?;
    if args.all {
        let evidence = gather(session, &client, number, window, Wanted::MONEY)?;
        return everybody(args, session, &evidence, &words);
    }
    let (household, name) = which::household(session, number, args.household.as_deref())?;
    let index = ledger::member(&client, number, household)?.index;
    let wanted = Wanted {
        index: Some(index),
        ..Wanted::MONEY
    };
    let evidence = gather(session, &client, number, window, wanted)?;
    let month = month(&evidence, household)?;
    if month.rows.is_empty() {
        let why = format!("no slot of {name} is settled from {words} on");
        return Err(Refused(why).into());
    }
    let root = evidence.root()?.to_string();
    let about = about(args, &evidence, &name, &words, &root);
    if let Some(path) = &args.csv {
        write(path, bill::table(&month)?)?;
    }
    if let Some(path) = &args.pdf {
        write(path, bill::paper(&month, &about)?)?;
    }
    let lines = bill::lines(&month, &about).into_iter();
    let text: Vec<String> = lines
        .map(|(word, value)| format!("{word:<32}{value}"))
        .collect();
    Answer::of(&told(&month, &name), text.join("\n"))
}

fn about<'a>(
    args: &'a Args,
    evidence: &'a Evidence,
    household: &'a str,
    time: &'a str,
    root: &'a str,
) -> bill::About<'a> {
    bill::About {
        community: &evidence.name,
        household,
        time,
        currency: &args.currency,
        root,
    }
}

fn everybody(
    args: &Args,
    session: &dyn Session,
    evidence: &Evidence,
    words: &str,
) -> eyre::Result<Answer> {
    let names = which::names(session, evidence.community)?;
    let name = |who: Address| names.get(&who).cloned().unwrap_or_else(|| who.to_string());
    let mut households: Vec<Address> = Vec::new();
    for seat in &evidence.seats {
        if !households.contains(&seat.household) {
            households.push(seat.household);
        }
    }
    let mut months = Vec::new();
    for household in households {
        let month = month(evidence, household)?;
        if !month.rows.is_empty() || !month.notes.is_empty() {
            months.push(month);
        }
    }
    if let Some(path) = &args.balance {
        write(path, balance::table(evidence)?)?;
    }
    let root = evidence.root()?.to_string();
    if let Some(dir) = &args.dir {
        fs::create_dir_all(dir)?;
        for month in &months {
            let name = name(month.household);
            let about = about(args, evidence, &name, words, &root);
            write(&dir.join(format!("{name}.csv")), bill::table(month)?)?;
            write(
                &dir.join(format!("{name}.pdf")),
                bill::paper(month, &about)?,
            )?;
        }
    }
    let collected = collected(args, session, evidence, &names, &months, words)?;
    let mut lines: Vec<String> = months
        .iter()
        .map(|month| {
            format!(
                "{:<44} {:>14} {}  open with the supplier {:>12}  saved {:>12}",
                name(month.household),
                papers::cents(month.cents()),
                args.currency,
                papers::cents(month.due_cents()),
                papers::cents(month.saved_cents()),
            )
        })
        .collect();
    let rest = months
        .iter()
        .fold(0i128, |sum, month| sum.saturating_add(month.rest()));
    lines.push(format!("account of roundings: {}", papers::nano(rest)));
    if let Some(collected) = &collected {
        lines.push(format!(
            "{} collections of {} {} altogether; {} owe something and gave no mandate",
            collected.transactions,
            papers::cents(collected.cents.into()),
            args.currency,
            collected.without_mandate.len()
        ));
    }
    let bills: Vec<Value> = months
        .iter()
        .map(|month| told(month, &name(month.household)))
        .collect();
    let data = json!({
        "community": evidence.community,
        "bills": bills,
        "rounding_nano": Nano(rest),
        "bank": collected,
    });
    Answer::of(&data, lines.join("\n"))
}

fn collected(
    args: &Args,
    session: &dyn Session,
    evidence: &Evidence,
    names: &Names,
    months: &[Month],
    words: &str,
) -> eyre::Result<Option<bank::Collected>> {
    let (Some(path), Some(creditor), Some(mandates), Some(collect)) =
        (&args.bank, &args.creditor, &args.mandates, &args.collect)
    else {
        return Ok(None);
    };
    let text = source::text(creditor).map_err(|e| Refused::file(creditor, &e))?;
    let who: bank::Creditor = serde_json::from_str(&text).map_err(|_| {
        let why = "is no JSON with name, iban, bic (or none) and id";
        Refused(format!("{}: {why}", creditor.display()))
    })?;
    if collect.parse::<jiff::civil::Date>().is_err() || collect.len() != 10 {
        return Err(Refused("--collect is a day such as 2026-07-05".to_owned()).into());
    }
    let text = source::text(mandates).map_err(|e| Refused::file(mandates, &e))?;
    let meant = |text: &str| {
        let named = names.iter().find(|(_, name)| *name == text);
        let named = named.map(|(address, _)| *address);
        named.or_else(|| session.who(text).ok())
    };
    let mandates = bank::mandates(&text, meant).map_err(|e| Refused::file(mandates, &e))?;
    let collections: Vec<bank::Collection> = months
        .iter()
        .map(|month| bank::Collection {
            household: month.household,
            cents: u64::try_from(month.due_cents().saturating_neg()).unwrap_or_default(),
        })
        .collect();
    let message = format!("ENERGY-{}-{}", evidence.community, evidence.from);
    let purpose = format!("{}, {words}", evidence.name);
    let run = bank::Run {
        message: &message,
        created: &moments::show(now_ms() / 1_000),
        collected: collect,
        purpose: &purpose,
        currency: &args.currency,
    };
    let made = bank::file(&who, &run, &collections, &mandates).map_err(Refused)?;
    write(path, &made.xml)?;
    Ok(Some(made))
}
