//! Registers of a project: a table of each kind of thing.
//!
//! Money is in hundredths with its point, quantities in thousandths, times in UTC; what people wrote is told by
//! its hash, as the ledger has it.

mod cells;
mod dealing;
mod papers;
mod site;

use super::gather::Gathered;
use crate::sheet::Cell;

pub(crate) use papers::acts;

/// A table.
pub(crate) struct Register {
    /// What it is of.
    pub(crate) name: &'static str,
    /// Its head, and its rows.
    pub(crate) rows: Vec<Vec<Cell>>,
}

/// The names of all registers.
pub(crate) const NAMES: [&str; 20] = [
    "project",
    "parties",
    "tenders",
    "bids",
    "contracts",
    "bill",
    "milestones",
    "shares",
    "certificates",
    "orders",
    "fibres",
    "evidence",
    "instruments",
    "inspections",
    "defects",
    "variations",
    "documents",
    "transmittals",
    "notices",
    "diary",
];

/// All registers, in the order of [`NAMES`].
pub(crate) fn registers(gathered: &Gathered) -> Vec<Register> {
    let tables = [
        dealing::project(gathered),
        dealing::parties(gathered),
        dealing::tenders(gathered),
        dealing::bids(gathered),
        dealing::contracts(gathered),
        dealing::bill(gathered),
        dealing::milestones(gathered),
        dealing::shares(gathered),
        dealing::certificates(gathered),
        site::orders(gathered),
        site::fibres(gathered),
        site::evidence(gathered),
        site::instruments(gathered),
        site::inspections(gathered),
        site::defects(gathered),
        site::variations(gathered),
        papers::documents(gathered),
        papers::transmittals(gathered),
        papers::notices(gathered),
        papers::diary(gathered),
    ];
    let named = NAMES.into_iter().zip(tables);
    named.map(|(name, rows)| Register { name, rows }).collect()
}
