//! Who is in the samples. Nobody of them exists.
//!
//! Their keys follow from their names, so that everybody has them, as those of the well-known accounts: a
//! network with samples is for looking at. Each has a recovery file, which the web app and the command line
//! take with [`PASSPHRASE`].

use std::path::{Path, PathBuf};

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

const fn cast(
    key: &'static str,
    name: &'static str,
    is: &'static str,
    role: Option<&'static str>,
) -> Cast {
    Cast {
        key,
        name,
        is,
        role,
    }
}

/// Everybody there is.
pub(super) const EVERYBODY: &[Cast] = &[
    cast("anna", "Anna", "a patient of both hospitals", None),
    cast("ben", "Ben", "a patient", None),
    cast(
        "northside",
        "Northside Hospital",
        "a hospital",
        Some("custodian"),
    ),
    cast("harbour", "Harbour Clinic", "a hospital", Some("custodian")),
    cast("clara", "Dr Clara Weiss", "a clinician", Some("clinician")),
    cast("carl", "Dr Carl Mendes", "a clinician", Some("clinician")),
    cast("rosa", "Rosa Lindqvist", "a researcher", Some("researcher")),
    cast(
        "emil",
        "Emil Novak",
        "on the ethics board",
        Some("ethics-committee"),
    ),
    cast(
        "emma",
        "Emma Sato",
        "on the ethics board",
        Some("ethics-committee"),
    ),
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

/// Writes the recovery files that are missing, and tells of everybody.
pub(super) fn recovery_files(dir: &Path) -> Result<Vec<Person>, KeystoreError> {
    let keystore = Keystore::open(dir)?;
    let mut people = Vec::new();
    for somebody in EVERYBODY {
        let account = account(somebody.key)?;
        match keystore.store(somebody.key, &account, PASSPHRASE) {
            Ok(()) | Err(KeystoreError::Exists(_)) => {}
            Err(e) => return Err(e),
        }
        people.push(Person {
            name: somebody.name,
            is: somebody.is,
            address: account.address().to_string(),
            file: dir.join(format!("{}.json", somebody.key)),
        });
    }
    Ok(people)
}
