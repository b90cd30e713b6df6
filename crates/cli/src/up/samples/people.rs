//! Who is in the samples. Nobody of them exists.
//!
//! Their keys follow from their names, so that everybody has them, as those of the well-known accounts: a
//! network with samples is for looking at. Each has a recovery file, which the web app and the command line
//! take with [`PASSPHRASE`].

use std::path::PathBuf;

use alloy_primitives::keccak256;
use commonhold_sdk::{Account, Keystore, KeystoreError};
use serde::Serialize;

/// What opens the recovery files.
pub(crate) const PASSPHRASE: &str = "everybody may look at these samples";

/// Somebody: what their account is named, what they are called on the ledger, what they are, and the role that
/// a member attests them.
pub(super) struct Cast {
    pub(super) key: &'static str,
    pub(super) name: &'static str,
    pub(super) is: &'static str,
    pub(super) role: Option<&'static str>,
}

impl Cast {
    pub(super) const fn new(
        key: &'static str,
        name: &'static str,
        is: &'static str,
        role: Option<&'static str>,
    ) -> Self {
        Self {
            key,
            name,
            is,
            role,
        }
    }
}

/// Everybody there is.
pub(super) const EVERYBODY: &[Cast] = &[
    Cast::new("anna", "Anna", "a patient of both hospitals", None),
    Cast::new("ben", "Ben", "a patient", None),
    Cast::new(
        "northside",
        "Northside Hospital",
        "a hospital",
        Some("custodian"),
    ),
    Cast::new("harbour", "Harbour Clinic", "a hospital", Some("custodian")),
    Cast::new("clara", "Dr Clara Weiss", "a clinician", Some("clinician")),
    Cast::new("carl", "Dr Carl Mendes", "a clinician", Some("clinician")),
    Cast::new("rosa", "Rosa Lindqvist", "a researcher", Some("researcher")),
    Cast::new(
        "emil",
        "Emil Novak",
        "on the ethics board",
        Some("ethics-committee"),
    ),
    Cast::new(
        "emma",
        "Emma Sato",
        "on the ethics board",
        Some("ethics-committee"),
    ),
    Cast::new(
        "grid",
        "Riverside Grid",
        "supplies Sunny Street, and runs its market",
        None,
    ),
    Cast::new("nordnet", "Nordnet Fibre", "has a network built", None),
    Cast::new("hill", "Hill & Sons", "builds it", None),
    Cast::new("ridge", "Ridge Cable", "bids, too", None),
    Cast::new("vera", "Vera Ortiz", "certifies what was built", None),
];

/// Somebody as `up` tells of them.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Person {
    pub(crate) name: &'static str,
    pub(crate) is: &'static str,
    pub(crate) address: String,
    pub(crate) file: PathBuf,
}

/// The account of this name.
pub(super) fn account(key: &str) -> Result<Account, KeystoreError> {
    let secret = keccak256(format!("commonhold samples: {key}"));
    Account::from_secret(secret.as_slice())
}

/// Everybody's recovery files, those that are missing written anew.
pub(super) fn recovery_files(keystore: &Keystore) -> eyre::Result<Vec<Person>> {
    let one = |somebody: &Cast| person(keystore, somebody.key, somebody, &account(somebody.key)?);
    EVERYBODY.iter().map(one).collect()
}

/// Somebody, with the recovery file of this name.
pub(super) fn person(
    keystore: &Keystore,
    name: &str,
    somebody: &Cast,
    account: &Account,
) -> eyre::Result<Person> {
    match keystore.store(name, account, PASSPHRASE) {
        Ok(()) | Err(KeystoreError::Exists(_)) => {}
        Err(e) => return Err(e.into()),
    }
    Ok(Person {
        name: somebody.name,
        is: somebody.is,
        address: account.address().to_string(),
        file: keystore.file(name)?,
    })
}
