//! Checking a bundle, offline: nothing but the directory and the network's key.
//!
//! 1. Every stamp in `proof` holds under the key.
//! 2. From what they prove the project is gathered again by the law's own views: what is left out of a list is a
//!    count that does not come out. No stamp is there that nothing needed.
//! 3. Every raw file is read again out of the transaction that brought it, its signature verified, its findings
//!    and its fibre's verdict computed again by the law's own rules.
//! 4. The files are what is made of that, byte for byte, and there are no others; the list is of them.

use std::{collections::BTreeMap, path::Path};

use alloy_primitives::B256;
use commonhold_sdk::{
    NetworkKey, SdkError,
    bundle::{Entry, INDEX, pretty},
};
use serde::Serialize;

use super::{
    again::again,
    files::files as made_files,
    gather::gather,
    index::{broken, files, read},
    offline::Offline,
    proof::{ABOUT, About, DIRECTORY},
};

/// What a bundle proves.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Checked {
    /// The network, by the hash of its genesis document.
    pub genesis: B256,
    /// Up to this block everything is there.
    pub as_of_block: u64,
    /// The project.
    pub project: u64,
    /// Contracts.
    pub contracts: u64,
    /// Raw files that were read again.
    pub traces: u64,
    /// Verdicts that were computed again.
    pub verdicts: u64,
    /// Transactions whose stamps hold.
    pub transactions: u64,
    /// Files, with the proof.
    pub files: u64,
    /// Evidence whose raw file no transaction shows, because it came by way of a contract.
    pub hidden: u64,
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
pub fn check(path: &Path, key: &NetworkKey) -> eyre::Result<Checked> {
    let about = read(&path.join(DIRECTORY).join(ABOUT))?;
    let unknown = || broken("proof/works.json says nothing that is known");
    let about: About = serde_json::from_slice(&about).map_err(|_| unknown())?;
    if about.version != 1 {
        return Err(unknown().into());
    }
    let mut offline = Offline::read(&path.join(DIRECTORY), key)?;
    let gathered = gather(&mut offline, about.project)?;
    offline.is_used()?;
    if offline.transactions.chain() != Some(about.chain) {
        return Err(broken("proof/works.json is of another network").into());
    }
    let again = again(&gathered)?;
    let mut made = made_files(&gathered, &again)?;
    made.insert(format!("{DIRECTORY}/{ABOUT}"), pretty(&about)?);
    let listed = same(path, &made)?;
    let none = || broken("there is no stamp of a state");
    let as_of = offline.as_of.as_ref().ok_or_else(none)?;
    let transactions = offline.transactions.len() as u64;
    let mut proven = vec![
        as_of.sentence(),
        format!(
            "Up to it, project {} has {} contracts, and everything that stands of it on the ledger is here, \
             with the {transactions} transactions in which it was done.",
            about.project,
            gathered.contracts.len(),
        ),
        format!(
            "{} raw files were read again: instruments of the orders signed them along the orders' nonces, \
             and the law's rules come to the same findings and the same {} verdicts.",
            again.read, again.judged,
        ),
        format!("All {listed} files are as they were written; there are no others."),
    ];
    if again.hidden > 0 {
        proven.push(format!(
            "Not shown: {} raw files that came by way of a contract.",
            again.hidden
        ));
    }
    Ok(Checked {
        genesis: as_of.genesis,
        as_of_block: as_of.number,
        project: about.project,
        contracts: gathered.contracts.len() as u64,
        traces: again.read,
        verdicts: again.judged,
        transactions,
        files: listed,
        hidden: again.hidden,
        proven,
    })
}

/// Whether what lies there is what is made again; how many files that is.
fn same(root: &Path, made: &BTreeMap<String, Vec<u8>>) -> Result<u64, SdkError> {
    let there = files(root).map_err(|e| broken(e.to_string()))?;
    if let Some(missing) = made.keys().find(|path| !there.contains(path)) {
        return Err(broken(format!("{missing} is missing")));
    }
    let mut entries = Vec::new();
    for path in &there {
        let content = read(&root.join(path))?;
        // Stamps were checked one by one when they were read.
        let is_stamp = path.starts_with("proof/");
        match made.get(path) {
            Some(made) if *made == content => {}
            Some(made) => {
                let what = format!(
                    "{path} is not what the ledger says: {}",
                    apart(&content, made)
                );
                return Err(broken(what));
            }
            None if is_stamp => {}
            None => return Err(broken(format!("{path} was added"))),
        }
        entries.push(Entry::of(path, &content));
    }
    let list = pretty(&entries).map_err(|e| broken(e.to_string()))?;
    let found = read(&root.join(INDEX))?;
    if found != list {
        let what = format!(
            "{INDEX} is not the list of the files: {}",
            apart(&found, &list)
        );
        return Err(broken(what));
    }
    // And the list.
    Ok((there.len() as u64).saturating_add(1))
}

/// Where two contents part, in words.
fn apart(found: &[u8], made: &[u8]) -> String {
    let same = found.iter().zip(made).take_while(|(a, b)| a == b);
    let same = same.filter(|(a, _)| **a == b'\n');
    format!("line {}", same.count().saturating_add(1))
}
