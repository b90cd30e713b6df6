//! What FHIR is made of, and the ledger that tells it: a node while it is gathered, a directory of stamps
//! when it is checked.
//!
//! The same code asks both ([`Ledger`]), so that what is gathered is exactly what can be checked.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256};
use alloy_sol_types::{SolCall, SolEvent};
use commonhold_sdk::{
    IRecords::{OpeningRequested, Registered},
    SdkError,
    stamp::{BlockFinding, TransactionFinding},
};
use serde::{Deserialize, Serialize};

use commonhold_health_contract::{
    ADDRESS,
    interface::IHealth::{ConsentSet, EmergencyConfirmed, SliceAsked},
};

/// The directory of stamps.
pub(crate) const DIRECTORY: &str = "proof";
/// What is proven, in it.
pub(crate) const ABOUT: &str = "about.json";

/// What is proven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct About {
    /// 1.
    pub(crate) version: u32,
    /// The network.
    pub(crate) chain: u64,
    /// Of whom, or of which record.
    pub(crate) of: Of,
    /// Whether it is all that somebody has, and not its audit trail alone.
    pub(crate) export: bool,
}

/// Of whom, or of which record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Of {
    /// Of all of a person's slices.
    Subject(Address),
    /// Of one slice.
    Record(B256),
}

/// A final transaction.
#[derive(Clone, Debug)]
pub(crate) struct Happened {
    /// What it did.
    pub(crate) did: TransactionFinding,
    /// Its block.
    pub(crate) block: BlockFinding,
    /// Its stamp's file.
    pub(crate) stamp: Vec<u8>,
}

/// Where a transaction is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The opening of this number, of a record, in a block.
    Opening(u64, B256, u64),
    /// The registration of a record, in a block.
    Registration(B256, u64),
    /// The setting of a subject's consent of this version.
    Consent(Address, u64),
}

/// Who tells what stands on the ledger, with a proof.
pub(crate) trait Ledger {
    /// What views of `records` say.
    ///
    /// # Errors
    /// Where it is not proven.
    fn records<C: SolCall>(&mut self, calls: &[C]) -> Result<Vec<C::Return>, SdkError>;

    /// What views of `health` say.
    ///
    /// # Errors
    /// Where it is not proven.
    fn health<C: SolCall>(&mut self, calls: &[C]) -> Result<Vec<C::Return>, SdkError>;

    /// The transaction in which something happened.
    ///
    /// # Errors
    /// Where it is not proven.
    fn happened(&mut self, wanted: &Wanted) -> Result<Happened, SdkError>;

    /// The network, by the hash of its genesis document.
    fn genesis(&self) -> B256;
}

/// One view's answer.
///
/// # Errors
/// Where there is none.
pub(crate) fn one<T>(answers: Vec<T>) -> Result<T, SdkError> {
    let none = || SdkError::Integrity("a question has no answer".to_owned());
    answers.into_iter().next().ok_or_else(none)
}

impl Happened {
    /// Events of a kind that a contract told in it.
    pub(crate) fn told<E: SolEvent>(&self, by: Address) -> Vec<E> {
        let logs = self
            .did
            .logs
            .iter()
            .filter(|log| self.did.success && log.address == by);
        logs.filter_map(|log| E::decode_raw_log(log.topics.iter().copied(), &log.data).ok())
            .collect()
    }

    /// The opening of this number that was asked for in it.
    pub(crate) fn opening(&self, number: u64) -> Option<OpeningRequested> {
        let mut told = self
            .told::<OpeningRequested>(commonhold_sdk::RECORDS)
            .into_iter();
        told.find(|event| event.number == number)
    }

    /// What `health` said of that opening.
    pub(crate) fn asked(&self, number: u64) -> Option<SliceAsked> {
        let mut told = self.told::<SliceAsked>(ADDRESS).into_iter();
        told.find(|event| event.opening == number)
    }

    /// The emergency that the opening was for.
    pub(crate) fn confirmed(&self, number: u64) -> Option<EmergencyConfirmed> {
        let mut told = self.told::<EmergencyConfirmed>(ADDRESS).into_iter();
        told.find(|event| event.opening == number)
    }

    /// Everything that may be looked for and is found in it.
    pub(crate) fn finds(&self, wanted: &Wanted) -> bool {
        match wanted {
            Wanted::Opening(number, id, block) => {
                self.block.number == *block
                    && self.opening(*number).is_some_and(|event| event.id == *id)
            }
            Wanted::Registration(id, block) => {
                let told = self.told::<Registered>(commonhold_sdk::RECORDS);
                self.block.number == *block && told.iter().any(|event| event.id == *id)
            }
            Wanted::Consent(subject, version) => {
                let told = self.told::<ConsentSet>(ADDRESS);
                told.iter()
                    .any(|event| event.subject == *subject && event.version == *version)
            }
        }
    }
}

/// Transactions by what they did.
#[derive(Default)]
pub(crate) struct Transactions {
    all: BTreeMap<B256, (Happened, bool)>,
    openings: BTreeMap<u64, B256>,
}

impl Transactions {
    /// Takes a transaction in.
    pub(crate) fn add(&mut self, happened: Happened) {
        let hash = happened.did.hash;
        for event in happened.told::<OpeningRequested>(commonhold_sdk::RECORDS) {
            self.openings.insert(event.number, hash);
        }
        self.all.entry(hash).or_insert((happened, false));
    }

    /// The one in which something happened.
    pub(crate) fn find(&mut self, wanted: &Wanted) -> Option<&Happened> {
        let hash = match wanted {
            Wanted::Opening(number, ..) => self.openings.get(number).copied(),
            _ => self
                .all
                .iter()
                .find(|(_, (one, _))| one.finds(wanted))
                .map(|(hash, _)| *hash),
        };
        let (found, used) = self.all.get_mut(&hash?)?;
        if !found.finds(wanted) {
            return None;
        }
        *used = true;
        Some(found)
    }

    /// One that nobody looked for.
    pub(crate) fn unused(&self) -> Option<B256> {
        let mut unused = self.all.iter().filter(|(_, (_, used))| !used);
        unused.next().map(|(hash, _)| *hash)
    }

    /// All of them.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Happened> {
        self.all.values().map(|(happened, _)| happened)
    }
}
