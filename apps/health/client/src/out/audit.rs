//! `commonhold health audit`: who was let in to somebody's slices and who was refused, with the proof that
//! nothing is left out.
//!
//! ```text
//! AuditEvent.ndjson       one AuditEvent a line, as Bulk Data has it: what FHIR servers take in
//! proof/about.json        of whom, of which network
//! proof/state-0001.json   stamps of what `health` and `records` have: the list of the slices, and of each
//!                         slice the log that `records` keeps, with its count
//! proof/tx-<hash>.json    stamps of the transactions in which openings were asked for
//! ```
//!
//! The lists only grow, and their counts are proven: who leaves out an entry lacks it.

use std::{fs, path::Path};

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::{SolCall, SolEvent as _};
use commonhold_health_contract::{ADDRESS, interface::IHealth::ConsentSet, module};
use commonhold_sdk::{
    Client,
    IRecords::{OpeningRequested, Registered},
    NetworkKey, RECORDS, SdkError,
    bundle::{self, write},
    proving::Proving,
    records_module, stamp,
    stamp::{BlockFinding, Statement},
};
use commonhold_session::{Answer, Refused, Session};
use serde_json::{Value, json};

use super::{
    gather::{Documents, documents},
    index::lines,
    people::{PSEUDONYMS, directory, foreign},
    proof::{ABOUT, About, DIRECTORY, Happened, Ledger, Of, Transactions, Wanted},
};
use crate::ledger;

/// The file of AuditEvents.
pub(crate) const AUDIT: &str = "AuditEvent.ndjson";

/// A node, with everything that it tells proven.
pub(crate) struct Online<'a> {
    client: &'a Client,
    key: NetworkKey,
    proving: Proving<'a>,
    transactions: Transactions,
}

impl<'a> Online<'a> {
    pub(crate) fn new(client: &'a Client) -> Result<Self, SdkError> {
        let key = client.network_key()?;
        Ok(Self {
            client,
            key,
            proving: Proving::new(client, key),
            transactions: Transactions::default(),
        })
    }

    /// The transaction of an event: a contract's, with these topics, in these blocks.
    fn find(
        &mut self,
        by: Address,
        topics: &[Option<B256>],
        blocks: (u64, u64),
        wanted: &Wanted,
    ) -> Result<(), SdkError> {
        for hash in self.client.transactions_of(by, topics, blocks)? {
            let stamp = self.client.stamp(hash)?;
            let found = stamp::verify(&stamp, &self.key, self.client.abis())?;
            let Statement::Transaction(did) = found.statement else {
                return Err(SdkError::Integrity(
                    "the node stamps something else".to_owned(),
                ));
            };
            let happened = Happened {
                did: *did,
                block: found.block,
                stamp: stamp.to_json(),
            };
            if happened.finds(wanted) {
                self.transactions.add(happened);
                return Ok(());
            }
        }
        Err(SdkError::NotFound(
            "the node knows of no transaction in which that happened".to_owned(),
        ))
    }
}

impl Ledger for Online<'_> {
    fn records<C: SolCall>(&mut self, calls: &[C]) -> Result<Vec<C::Return>, SdkError> {
        self.proving.ask(&records_module(), calls)
    }

    fn health<C: SolCall>(&mut self, calls: &[C]) -> Result<Vec<C::Return>, SdkError> {
        self.proving.ask(&module(), calls)
    }

    fn happened(&mut self, wanted: &Wanted) -> Result<Happened, SdkError> {
        if self.transactions.find(wanted).is_none() {
            let (by, topics, blocks) = match wanted {
                Wanted::Opening(number, id, block) => {
                    let number = B256::from(U256::from(*number));
                    let topics = vec![OpeningRequested::SIGNATURE_HASH, number, *id];
                    (RECORDS, topics, (*block, *block))
                }
                Wanted::Registration(id, block) => (
                    RECORDS,
                    vec![Registered::SIGNATURE_HASH, *id],
                    (*block, *block),
                ),
                Wanted::Consent(subject, _) => {
                    let topics = vec![ConsentSet::SIGNATURE_HASH, subject.into_word()];
                    (ADDRESS, topics, (0, self.client.block_number()?))
                }
            };
            let topics: Vec<_> = topics.into_iter().map(Some).collect();
            self.find(by, &topics, blocks, wanted)?;
        }
        let found = self.transactions.find(wanted).cloned();
        found.ok_or_else(|| SdkError::Integrity("a transaction did something else".to_owned()))
    }

    fn genesis(&self) -> B256 {
        self.proving
            .as_of()
            .map_or(B256::ZERO, |block| block.genesis)
    }
}

/// What was gathered.
pub(crate) struct Gathered {
    pub(crate) about: About,
    pub(crate) documents: Documents,
    /// The oldest block that something is proven at: up to it everything is there.
    pub(crate) as_of: Option<BlockFinding>,
}

/// Gathers FHIR, and writes it with its proof into a directory.
pub(crate) fn gather(client: &Client, of: Of, export: bool, into: &Path) -> eyre::Result<Gathered> {
    let about = About {
        version: 1,
        chain: client.chain_id()?,
        of,
        export,
    };
    let mut online = Online::new(client)?;
    let documents = documents(&mut online, &about)?;
    let proof = into.join(DIRECTORY);
    // What an earlier run left is of an earlier block.
    if proof.join(ABOUT).exists() {
        fs::remove_dir_all(&proof)?;
    }
    fs::create_dir_all(&proof)?;
    for happened in online.transactions.all() {
        write(
            &proof.join(format!("tx-{:x}.json", happened.did.hash)),
            &happened.stamp,
        )?;
    }
    let as_of = online.proving.as_of().cloned();
    for (number, stamp) in (1u32..).zip(online.proving.into_stamps()) {
        write(
            &proof.join(format!("state-{number:04}.json")),
            &stamp.to_json(),
        )?;
    }
    write(&into.join(AUDIT), &lines(&documents.audit))?;
    write(&proof.join(ABOUT), &bundle::pretty(&about)?)?;
    Ok(Gathered {
        about,
        documents,
        as_of,
    })
}

/// Whom a directory is about, and the pseudonyms that they hold; refused where the directory holds others.
pub(crate) fn people(client: &Client, subject: Address, into: &Path) -> eyre::Result<Vec<Address>> {
    let held = ledger::held(client, subject)?;
    if let Some(name) = foreign(into, &held)? {
        let why = format!(
            "{}/{PSEUDONYMS}/{name} is no pseudonym of theirs any more: move it away, or take another directory",
            into.display()
        );
        return Err(Refused(why).into());
    }
    Ok(held)
}

/// Writes an audit trail.
pub(crate) fn audit(session: &dyn Session, of: Of, into: &Path) -> eyre::Result<Answer> {
    let client = session.client()?;
    if into.join(bundle::INDEX).exists() {
        let why = format!(
            "{} is an export: `health export` brings it up to date",
            into.display()
        );
        return Err(Refused(why).into());
    }
    fs::create_dir_all(into)?;
    let held = match of {
        Of::Subject(subject) => people(&client, subject, into)?,
        Of::Record(_) => Vec::new(),
    };
    let gathered = gather(&client, of, false, into)?;
    let (mut data, mut said) = (told(&gathered), sentences(&gathered));
    let mut others = Vec::new();
    for pseudonym in held {
        let place = directory(into, pseudonym);
        fs::create_dir_all(&place)?;
        let gathered = gather(&client, Of::Subject(pseudonym), false, &place)?;
        others.push(told(&gathered));
        said.push(format!("Pseudonym {pseudonym}:"));
        said.extend(sentences(&gathered));
    }
    if let (Some(data), false) = (data.as_object_mut(), others.is_empty()) {
        data.insert("pseudonyms".to_owned(), others.into());
    }
    Answer::of(&data, said.join("\n"))
}

/// For programs.
pub(crate) fn told(gathered: &Gathered) -> Value {
    let Gathered {
        about,
        documents,
        as_of,
    } = gathered;
    json!({
        "of": about.of,
        "slices": documents.slices.len(),
        "events": documents.audit.len(),
        "disclosures": documents.disclosures,
        "refusals": documents.refusals,
        "asOfBlock": as_of.as_ref().map(|block| block.number),
    })
}

/// For people.
pub(crate) fn sentences(gathered: &Gathered) -> Vec<String> {
    let Gathered {
        documents, as_of, ..
    } = gathered;
    let mut said = vec![format!(
        "{} slices: {} openings, {} refusals, {} AuditEvents.",
        documents.slices.len(),
        documents.disclosures,
        documents.refusals,
        documents.audit.len(),
    )];
    if let Some(block) = as_of {
        said.push(format!(
            "That is all up to block {} at least.",
            block.number
        ));
    }
    said
}
