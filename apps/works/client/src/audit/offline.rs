//! A directory of stamps, as a ledger.

use std::{
    fs,
    path::{Path, PathBuf},
};

use alloy_primitives::B256;
use alloy_sol_types::SolCall;
use commonhold_sdk::{
    Abis, BlockInfo, Module, NetworkKey, SdkError, Stamp, devices_module,
    stamp::{self, BlockFinding, Slots, Statement},
};
use commonhold_works_contract::module;

use super::{
    index::{broken, read},
    proof::{ABOUT, DIRECTORY, Happened, Ledger, Transactions, Views, Wanted, stamp_name},
};
use crate::{ledger::abis, limits::AUDIT_FILES_MAX};

/// A directory of stamps.
pub(crate) struct Offline {
    slots: Slots,
    pub(crate) transactions: Transactions,
    /// The oldest block that something is proven at.
    pub(crate) as_of: Option<BlockFinding>,
}

impl Offline {
    /// Reads it, and holds every stamp against the network's key.
    pub(crate) fn read(directory: &Path, key: &NetworkKey) -> Result<Self, SdkError> {
        let abis = Abis::system().with(abis());
        let mut offline = Self {
            slots: Slots::default(),
            transactions: Transactions::default(),
            as_of: None,
        };
        for path in stamps(directory)? {
            let named = |e: String| broken(format!("{}: {e}", path.display()));
            let file = read(&path)?;
            let stamp = Stamp::parse(&file).map_err(|e| named(e.to_string()))?;
            let found = stamp::verify(&stamp, key, &abis).map_err(|e| named(e.to_string()))?;
            match found.statement {
                Statement::State(entries) => {
                    offline.slots.add(&entries).map_err(named)?;
                    let newer = |oldest: &BlockFinding| oldest.number <= found.block.number;
                    if !offline.as_of.as_ref().is_some_and(newer) {
                        offline.as_of = Some(found.block);
                    }
                }
                Statement::Transaction(did) => {
                    if !path.ends_with(stamp_name(&did.hash)) {
                        return Err(named("is a stamp of another transaction".to_owned()));
                    }
                    offline.transactions.add(Happened {
                        did: *did,
                        block: found.block,
                    });
                }
                Statement::Record { .. } => {
                    return Err(named("is a stamp of something else".to_owned()));
                }
            }
        }
        Ok(offline)
    }

    fn ask<C: SolCall>(&mut self, module: &Module, calls: &[C]) -> eyre::Result<Vec<C::Return>> {
        let mut answers = Vec::new();
        for call in calls {
            let answer = self.slots.call(module, call, BlockInfo::default());
            let missing = |e| broken(format!("something is missing from the proof: {e}"));
            answers.push(answer.map_err(missing)?);
        }
        Ok(answers)
    }

    /// Whether everything in it was needed.
    pub(crate) fn is_used(&self) -> Result<(), SdkError> {
        if !self.slots.are_used() {
            let what = "a stamp of a state has nothing to do with the rest: it was added";
            return Err(broken(what));
        }
        match self.transactions.unused().next() {
            Some(hash) => Err(broken(format!(
                "{DIRECTORY}/{} has nothing to do with the rest: it was added",
                stamp_name(&hash)
            ))),
            None => Ok(()),
        }
    }
}

impl Views for Offline {
    fn works<C: SolCall>(&mut self, calls: &[C]) -> eyre::Result<Vec<C::Return>> {
        self.ask(&module(), calls)
    }

    fn devices<C: SolCall>(&mut self, calls: &[C]) -> eyre::Result<Vec<C::Return>> {
        self.ask(&devices_module(), calls)
    }
}

impl Ledger for Offline {
    fn happened(&mut self, wanted: &Wanted) -> eyre::Result<Happened> {
        let found = self.transactions.find(wanted);
        let topics = wanted.topics().iter().flatten();
        let topics: Vec<String> = topics.map(B256::to_string).collect();
        let missing = || {
            broken(format!(
                "the stamp of the transaction with the event {} is missing from the proof",
                topics.join(" ")
            ))
        };
        Ok(found.ok_or_else(missing)?)
    }
}

/// The files of stamps, in their order.
pub(crate) fn stamps(directory: &Path) -> Result<Vec<PathBuf>, SdkError> {
    let failed = |e: std::io::Error| broken(format!("{}: {e}", directory.display()));
    let mut found = Vec::new();
    for file in fs::read_dir(directory).map_err(failed)? {
        let name = file.map_err(failed)?.file_name();
        let name = name.to_string_lossy();
        if name == ABOUT {
            continue;
        }
        if !(name.starts_with("state-") || name.starts_with("tx-")) || !name.ends_with(".json") {
            let what = format!("{DIRECTORY}/{name} is no part of the proof: it was added");
            return Err(broken(what));
        }
        found.push(directory.join(name.as_ref()));
        if found.len() > AUDIT_FILES_MAX {
            return Err(broken("the proof has more than AUDIT_FILES_MAX stamps"));
        }
    }
    found.sort();
    Ok(found)
}
