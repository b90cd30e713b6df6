//! A household's bill: as a table for programs, and as a paper.

use std::collections::BTreeMap;

use commonhold_paper::{Column, Paper, Unfit};

use super::{cents, kwh, nano};
use crate::{billing::Month, moments};

/// What stands on a bill beside its amounts.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The community.
    pub community: &'a str,
    /// The household, in words.
    pub household: &'a str,
    /// The time that it is for, in words.
    pub time: &'a str,
    /// The currency's letters.
    pub currency: &'a str,
    /// What names the evidence that it follows from.
    pub root: &'a str,
}

/// The columns of a bill's table.
const COLUMNS: &[&str] = &[
    "start",
    "seconds",
    "price_micro_per_kwh",
    "import_wh",
    "import_community_wh",
    "import_grid_wh",
    "export_wh",
    "export_community_wh",
    "export_grid_wh",
    "community_nano",
    "fees_nano",
    "grid_nano",
    "total_nano",
    "grid_only_nano",
];

/// The bill as CSV: a line for each slot and correction, and one of their sums. Money is in nano-currency,
/// what the household gets above zero.
///
/// # Errors
/// Where a table cannot be written.
pub fn table(month: &Month) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS)?;
    for row in &month.rows {
        let line = &row.line;
        let fees = line
            .network
            .saturating_add(line.community)
            .saturating_add(line.levy);
        let numbers: [i128; 11] = [
            line.import.into(),
            line.import_local.into(),
            line.import_grid().into(),
            line.export.into(),
            line.export_local.into(),
            line.export_grid().into(),
            line.local,
            fees.saturating_neg(),
            line.grid,
            line.household,
            row.grid_only,
        ];
        let price = row.price.map(|price| price.to_string()).unwrap_or_default();
        let first = [moments::show(row.slot), row.seconds.to_string(), price];
        writer.write_record(first.into_iter().chain(numbers.map(|n| n.to_string())))?;
    }
    for note in &month.notes {
        let mut record = vec![String::new(); COLUMNS.len()];
        let amount = note.amount.to_string();
        let cells = [
            (0, moments::show(note.slot)),
            (11, amount.clone()),
            (12, amount),
        ];
        for (place, cell) in cells {
            if let Some(at) = record.get_mut(place) {
                *at = cell;
            }
        }
        writer.write_record(&record)?;
    }
    let bill = &month.bill;
    let import = bill.import_local.saturating_add(bill.import_grid);
    let export = bill.export_local.saturating_add(bill.export_grid);
    let sums: [i128; 11] = [
        import.into(),
        bill.import_local.into(),
        bill.import_grid.into(),
        export.into(),
        bill.export_local.into(),
        bill.export_grid.into(),
        bill.local,
        bill.fees,
        bill.grid,
        bill.total,
        month.grid_only,
    ];
    let first = ["total".to_owned(), String::new(), String::new()];
    writer.write_record(first.into_iter().chain(sums.map(|n| n.to_string())))?;
    let bytes = writer
        .into_inner()
        .map_err(|e| csv::Error::from(e.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// What a bill says in lines of a word and a value: both the paper and the terminal show these.
pub fn lines(month: &Month, about: &About<'_>) -> Vec<(&'static str, String)> {
    let bill = &month.bill;
    let saved = match month.saved_bp() {
        Some(bp) => format!(
            "{} {} ({}.{:02} %)",
            cents(month.saved_cents()),
            about.currency,
            bp.div_euclid(100),
            bp.rem_euclid(100)
        ),
        None => format!("{} {}", cents(month.saved_cents()), about.currency),
    };
    let exact = |amount: i128| format!("{} {}", nano(amount), about.currency);
    vec![
        ("Community", about.community.to_owned()),
        ("Household", about.household.to_owned()),
        ("Time", about.time.to_owned()),
        ("Slots", bill.slots.to_string()),
        ("From neighbours", format!("{} kWh", kwh(bill.import_local))),
        ("From the grid", format!("{} kWh", kwh(bill.import_grid))),
        ("To neighbours", format!("{} kWh", kwh(bill.export_local))),
        ("To the grid", format!("{} kWh", kwh(bill.export_grid))),
        ("For neighbours' energy", exact(bill.local)),
        ("Fees and levies", exact(bill.fees)),
        ("With the supplier", exact(bill.grid)),
        (
            "Total",
            format!("{} {}", cents(month.cents()), about.currency),
        ),
        ("Left to the account of roundings", exact(month.rest())),
        (
            "Open with the supplier",
            format!("{} {}", cents(month.due_cents()), about.currency),
        ),
        ("Saved against the grid alone", saved),
    ]
}

/// The bill as PDF: its sums, a line for each day, and a code that names the evidence.
///
/// # Errors
/// [`Unfit`].
pub fn paper(month: &Month, about: &About<'_>) -> Result<Vec<u8>, Unfit> {
    let foot = format!("{}, {}, {}", about.community, about.household, about.time);
    let mut paper = Paper::new("Energy among neighbours", &foot);
    paper.pairs(&lines(month, about));
    paper.text(
        "Amounts above zero are got, below zero are paid. What was traded among neighbours is \
         settled from the prepaid account; what is with the supplier is billed by it.",
    );
    paper.heading("Day by day");
    let mut days: BTreeMap<String, [i128; 6]> = BTreeMap::new();
    for row in &month.rows {
        let day: String = moments::show(row.slot).chars().take(10).collect();
        let line = &row.line;
        let more: [i128; 6] = [
            line.import_local.into(),
            line.import_grid().into(),
            line.export_local.into(),
            line.export_grid().into(),
            line.household,
            row.grid_only,
        ];
        let sums = days.entry(day).or_default();
        for (sum, more) in sums.iter_mut().zip(more) {
            *sum = sum.saturating_add(more);
        }
    }
    let right = |head| Column {
        head,
        parts: 3,
        right: true,
    };
    let columns = [
        Column {
            head: "Day (UTC)",
            parts: 3,
            right: false,
        },
        right("from neighbours, Wh"),
        right("from grid, Wh"),
        right("to neighbours, Wh"),
        right("to grid, Wh"),
        right("total"),
        right("grid alone"),
    ];
    let rows: Vec<Vec<String>> = days
        .into_iter()
        .map(|(day, [a, b, c, d, total, alone])| {
            let energy = [a, b, c, d].map(|wh| wh.to_string());
            let money = [total, alone].map(nano);
            [day].into_iter().chain(energy).chain(money).collect()
        })
        .collect();
    paper.table(&columns, &rows)?;
    if !month.notes.is_empty() {
        paper.heading("Corrections");
        let columns = [
            Column {
                head: "Slot",
                parts: 4,
                right: false,
            },
            right("before, Wh"),
            right("now, Wh"),
            right("amount"),
        ];
        let rows: Vec<Vec<String>> = month
            .notes
            .iter()
            .map(|note| {
                vec![
                    moments::show(note.slot),
                    note.nets.0.to_string(),
                    note.nets.1.to_string(),
                    nano(note.amount),
                ]
            })
            .collect();
        paper.table(&columns, &rows)?;
    }
    paper.heading("Evidence");
    let says = format!("commonhold:energy:{}", about.root);
    let below = format!(
        "Root of the evidence that this bill follows from: {}. Anybody has the same by \
         `commonhold energy audit`.",
        about.root
    );
    paper.code(&says, &below)?;
    paper.finish()
}
