//! Checking an audit trail or an export, offline: nothing but the directory and the network key.
//!
//! 1. Every stamp in `proof` holds under the network key.
//! 2. From what they prove the same FHIR is made again ([`super::gather`]), by the law's own views: an
//!    entry that is left out is a count that does not come out.
//! 3. The files are that FHIR, byte for byte; no stamp is there that nothing needed.
//! 4. Each pseudonym that the person holds has a directory, in which the same holds.
//! 5. In an export every file is as the list has it, and there are no others. What a slice holds in clear
//!    the ledger does not know: that it was not changed since the list was written is all that the list
//!    says.

use std::{
    fs,
    io::Read as _,
    path::{Path, PathBuf},
};

use alloy_primitives::B256;
use alloy_sol_types::SolCall;
use commonhold_health_contract::module;
use commonhold_sdk::{
    Abis, BlockInfo, Module, NetworkKey, SdkError, Stamp,
    bundle::{Entry, INDEX, pretty},
    records_module,
    stamp::{self, BlockFinding, Slots, Statement},
};
use serde::Serialize;

use super::{
    audit::AUDIT,
    export::{CONSENT, PROVENANCE, STUDIES},
    gather::{Documents, documents},
    index::{files, lines},
    people::{PSEUDONYMS, directory, foreign},
    proof::{ABOUT, About, DIRECTORY, Happened, Ledger, Of, Transactions, Wanted},
};
use crate::{
    ledger::abis,
    limits::{EXPORT_FILES_MAX, INDEX_BYTES_MAX},
};

/// What a directory proves.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Checked {
    /// The network, by the hash of its genesis document.
    pub genesis: B256,
    /// Up to this block everything is there.
    pub as_of_block: u64,
    /// Slices.
    pub slices: u64,
    /// AuditEvents.
    pub events: u64,
    /// How many of them are openings.
    pub disclosures: u64,
    /// How many of them are refusals.
    pub refusals: u64,
    /// Files of an export; 0: it is an audit trail.
    pub files: u64,
    /// In words.
    pub proven: Vec<String>,
}

/// Whether a path is a directory that can be checked.
pub fn is_one(path: &Path) -> bool {
    path.join(DIRECTORY).join(ABOUT).is_file()
}

/// Checks a directory.
///
/// # Errors
/// [`SdkError::Integrity`] and [`SdkError::Stamp`] say what does not hold.
pub fn check(path: &Path, key: &NetworkKey) -> Result<Checked, SdkError> {
    let (about, made, mut checked) = one(path, key)?;
    if let Some(name) = foreign(path, &made.pseudonyms).map_err(|e| broken(e.to_string()))? {
        let what = format!("{PSEUDONYMS}/{name}");
        return Err(changed(
            &what,
            "is no pseudonym that they hold: it was added",
        ));
    }
    for pseudonym in &made.pseudonyms {
        let place = directory(path, *pseudonym);
        let what = format!("{PSEUDONYMS}/{pseudonym}");
        if !is_one(&place) {
            return Err(changed(&what, "is missing"));
        }
        let (its, _, more) = one(&place, key)?;
        let expected = About {
            of: Of::Subject(*pseudonym),
            ..about.clone()
        };
        if its != expected {
            return Err(changed(&what, "is about something else"));
        }
        checked.add(more);
    }
    Ok(checked)
}

/// Checks what is under one address.
fn one(path: &Path, key: &NetworkKey) -> Result<(About, Documents, Checked), SdkError> {
    let about = read(&path.join(DIRECTORY).join(ABOUT))?;
    let about: About = serde_json::from_slice(&about)
        .map_err(|_| broken("proof/about.json says nothing that is known"))?;
    if about.version != 1 {
        return Err(broken(
            "proof/about.json is of a version that this program does not know",
        ));
    }
    let mut offline = Offline::read(&path.join(DIRECTORY), key)?;
    let made = documents(&mut offline, &about)?;
    offline.is_used()?;
    if offline.chain.is_some_and(|chain| chain != about.chain) {
        return Err(broken("proof/about.json is of another network"));
    }
    same(path, AUDIT, &lines(&made.audit))?;
    let mut listed = 0;
    if about.export {
        same(path, PROVENANCE, &lines(&made.provenance))?;
        same(path, STUDIES, &lines(&made.studies))?;
        match &made.consent {
            Some(consent) => same(path, CONSENT, &pretty(consent).unwrap_or_default())?,
            None if path.join(CONSENT).exists() => return Err(changed(CONSENT, "was added")),
            None => {}
        }
        listed = list(path)?;
    }
    let as_of = offline
        .as_of
        .ok_or_else(|| broken("there is no stamp of a state"))?;
    let checked = told(&about, &made, &as_of, listed);
    Ok((about, made, checked))
}

impl Checked {
    /// With what a pseudonym's directory proves. An export's list has the pseudonyms' files already.
    fn add(&mut self, more: Self) {
        self.as_of_block = self.as_of_block.min(more.as_of_block);
        self.slices = self.slices.saturating_add(more.slices);
        self.events = self.events.saturating_add(more.events);
        self.disclosures = self.disclosures.saturating_add(more.disclosures);
        self.refusals = self.refusals.saturating_add(more.refusals);
        self.proven.extend(more.proven);
    }
}

fn told(about: &About, made: &Documents, as_of: &BlockFinding, listed: u64) -> Checked {
    let count = |number: usize| number as u64;
    let of = match about.of {
        Of::Subject(subject) => format!("all slices of {subject}"),
        Of::Record(id) => format!("record {id}"),
    };
    let mut proven = vec![
        as_of.sentence(),
        format!(
            "Up to it, {of} ({}) were opened {} times, and {} openings were refused: that is all, and \
             {AUDIT} has each of them.",
            made.slices.len(),
            made.disclosures,
            made.refusals,
        ),
    ];
    if about.export {
        proven.push(format!(
            "{} origins are signed, {} studies are as the ledger has them, and the {listed} files are as \
             the list has them.",
            made.provenance.len(),
            made.studies.len(),
        ));
    }
    Checked {
        genesis: as_of.genesis,
        as_of_block: as_of.number,
        slices: count(made.slices.len()),
        events: count(made.audit.len()),
        disclosures: made.disclosures,
        refusals: made.refusals,
        files: listed,
        proven,
    }
}

fn broken(why: impl Into<String>) -> SdkError {
    SdkError::Integrity(why.into())
}

fn changed(path: &str, how: &str) -> SdkError {
    SdkError::Integrity(format!("{path} {how}"))
}

/// Reads a file of bounded length.
fn read(path: &Path) -> Result<Vec<u8>, SdkError> {
    let mut content = Vec::new();
    let file = fs::File::open(path);
    let read = file.and_then(|file| file.take(INDEX_BYTES_MAX + 1).read_to_end(&mut content));
    match read {
        Ok(_) if content.len() as u64 <= INDEX_BYTES_MAX => Ok(content),
        Ok(_) => Err(broken(format!(
            "{} is longer than INDEX_BYTES_MAX",
            path.display()
        ))),
        Err(e) => Err(broken(format!("{}: {e}", path.display()))),
    }
}

/// Whether a file is what the ledger makes of it; where not, which line is not.
fn same(root: &Path, name: &str, made: &[u8]) -> Result<(), SdkError> {
    let found = match read(&root.join(name)) {
        Err(_) if made.is_empty() && !root.join(name).exists() => return Ok(()),
        found => found?,
    };
    if found == made {
        return Ok(());
    }
    let (mut found, mut made) = (found.split(|b| *b == b'\n'), made.split(|b| *b == b'\n'));
    let mut line = 1u64;
    loop {
        match (found.next(), made.next()) {
            (Some(a), Some(b)) if a == b => line = line.saturating_add(1),
            (Some([]), Some(_)) | (None, _) => {
                return Err(changed(
                    name,
                    &format!("ends at line {line}: entries are missing"),
                ));
            }
            (_, Some([]) | None) => {
                return Err(changed(
                    name,
                    &format!("has more than the ledger from line {line} on"),
                ));
            }
            _ => {
                return Err(changed(
                    name,
                    &format!("is not what the ledger says: line {line}"),
                ));
            }
        }
    }
}

/// Holds the files of an export against its list.
fn list(root: &Path) -> Result<u64, SdkError> {
    let listed: Vec<Entry> = serde_json::from_slice(&read(&root.join(INDEX))?)
        .map_err(|_| broken("index.json is no list of files"))?;
    let there = files(root).map_err(|e| broken(e.to_string()))?;
    for path in &there {
        if !listed.iter().any(|entry| entry.path == *path) {
            return Err(changed(path, "is not in the list: it was added"));
        }
    }
    for expected in &listed {
        if !there.contains(&expected.path) {
            return Err(changed(&expected.path, "is missing"));
        }
        let found = Entry::read(root, &expected.path)
            .map_err(|e| broken(format!("{}: {e}", expected.path)))?;
        if found != *expected {
            return Err(changed(&expected.path, "was changed"));
        }
    }
    Ok(listed.len() as u64)
}

/// A directory of stamps.
struct Offline {
    slots: Slots,
    transactions: Transactions,
    as_of: Option<BlockFinding>,
    genesis: B256,
    chain: Option<u64>,
}

impl Offline {
    fn read(directory: &Path, key: &NetworkKey) -> Result<Self, SdkError> {
        let abis = Abis::system().with(abis());
        let mut offline = Self {
            slots: Slots::default(),
            transactions: Transactions::default(),
            as_of: None,
            genesis: B256::ZERO,
            chain: None,
        };
        for path in stamps(directory)? {
            let named = |e: String| broken(format!("{}: {e}", path.display()));
            let file = read(&path)?;
            let stamp = Stamp::parse(&file).map_err(|e| named(e.to_string()))?;
            let found = stamp::verify(&stamp, key, &abis).map_err(|e| named(e.to_string()))?;
            offline.genesis = found.block.genesis;
            match found.statement {
                Statement::State(entries) => {
                    offline.slots.add(&entries).map_err(named)?;
                    let newer = |oldest: &BlockFinding| oldest.number <= found.block.number;
                    if !offline.as_of.as_ref().is_some_and(newer) {
                        offline.as_of = Some(found.block);
                    }
                }
                Statement::Transaction(did) => {
                    offline.chain = Some(did.chain_id);
                    let happened = Happened {
                        did: *did,
                        block: found.block,
                        stamp: file,
                    };
                    offline.transactions.add(happened);
                }
                Statement::Record { .. } => {
                    return Err(named("is a stamp of something else".to_owned()));
                }
            }
        }
        Ok(offline)
    }

    fn ask<C: SolCall>(
        &mut self,
        module: &Module,
        calls: &[C],
    ) -> Result<Vec<C::Return>, SdkError> {
        let mut answers = Vec::new();
        for call in calls {
            let answer = self.slots.call(module, call, BlockInfo::default());
            answers.push(
                answer.map_err(|e| broken(format!("something is missing from the proof: {e}")))?,
            );
        }
        Ok(answers)
    }

    fn is_used(&self) -> Result<(), SdkError> {
        if !self.slots.are_used() {
            return Err(broken(
                "a stamp of a state has nothing to do with the rest: it was added",
            ));
        }
        match self.transactions.unused() {
            Some(hash) => Err(changed(
                &format!("proof/tx-{hash:x}.json"),
                "has nothing to do with the rest: it was added",
            )),
            None => Ok(()),
        }
    }
}

impl Ledger for Offline {
    fn records<C: SolCall>(&mut self, calls: &[C]) -> Result<Vec<C::Return>, SdkError> {
        self.ask(&records_module(), calls)
    }

    fn health<C: SolCall>(&mut self, calls: &[C]) -> Result<Vec<C::Return>, SdkError> {
        self.ask(&module(), calls)
    }

    fn happened(&mut self, wanted: &Wanted) -> Result<Happened, SdkError> {
        let found = self.transactions.find(wanted).cloned();
        found.ok_or_else(|| {
            let what = match wanted {
                Wanted::Opening(number, id, block) => {
                    format!("opening {number} of record {id} in block {block}")
                }
                Wanted::Registration(id, block) => {
                    format!("the registration of record {id} in block {block}")
                }
                Wanted::Consent(_, version) => {
                    format!("the setting of version {version} of the consent")
                }
            };
            broken(format!("the stamp of {what} is missing from the proof"))
        })
    }

    fn genesis(&self) -> B256 {
        self.genesis
    }
}

/// The files of stamps, in their order.
fn stamps(directory: &Path) -> Result<Vec<PathBuf>, SdkError> {
    let failed = |e: std::io::Error| broken(format!("{}: {e}", directory.display()));
    let mut found = Vec::new();
    for file in fs::read_dir(directory).map_err(failed)? {
        let name = file.map_err(failed)?.file_name();
        let name = name.to_string_lossy();
        if name == ABOUT {
            continue;
        }
        if !(name.starts_with("state-") || name.starts_with("tx-")) || !name.ends_with(".json") {
            return Err(changed(
                &format!("proof/{name}"),
                "is no part of the proof: it was added",
            ));
        }
        found.push(directory.join(name.as_ref()));
        if found.len() > EXPORT_FILES_MAX {
            return Err(broken("the proof has more than EXPORT_FILES_MAX stamps"));
        }
    }
    found.sort();
    Ok(found)
}
