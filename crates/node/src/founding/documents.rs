//! A member's own look at the founding document, and its word for it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use alloy_primitives::B256;
use commonhold_primitives::{
    application::Application,
    founding::{Approval, Draft},
};
use commonware_cryptography::{Signer as _, ed25519::PrivateKey};

use super::FoundingError;
use crate::{
    ceremony::part,
    config::NodeConfig,
    error::NodeError,
    keys::{self, KeyError},
    limits::GENESIS_BYTES_MAX,
};

/// What a member's own application is called, beside its identity key.
pub const APPLICATION: &str = "member.json";

/// Reads a founding document and checks it.
///
/// # Errors
/// [`FoundingError`] says what is wrong.
pub fn read_draft(path: &Path) -> Result<Draft, FoundingError> {
    let bytes = read(path, GENESIS_BYTES_MAX)?;
    Draft::parse(&bytes).map_err(|source| FoundingError::Draft {
        path: path.to_path_buf(),
        source,
    })
}

fn read(path: &Path, max: u64) -> Result<Vec<u8>, NodeError> {
    let unreadable = |source| NodeError::Read {
        path: path.into(),
        source,
    };
    if fs::metadata(path).map_err(unreadable)?.len() > max {
        let why = "longer than GENESIS_BYTES_MAX";
        return Err(unreadable(io::Error::new(io::ErrorKind::FileTooLarge, why)));
    }
    fs::read(path).map_err(unreadable)
}

/// This member's identity, and its application in the document, which must be the one that stands beside
/// the identity key where there is one.
///
/// # Errors
/// [`FoundingError`] where the member is not in it, or not as it should be.
pub fn member<'a>(
    config: &NodeConfig,
    draft: &'a Draft,
) -> Result<(PrivateKey, &'a Application), FoundingError> {
    let identity = keys::read_identity(&config.identity).map_err(NodeError::Key)?;
    let key = B256::from_slice(identity.public_key().as_ref());
    let member = draft.member(key).ok_or(FoundingError::NotIn(key))?;
    let path = config.identity.with_file_name(APPLICATION);
    let own = match fs::read(&path) {
        Ok(own) => own,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok((identity, member)),
        Err(source) => return Err(NodeError::Read { path, source }.into()),
    };
    let own: Application = serde_json::from_slice(&own).map_err(|e| NodeError::Read {
        path: path.clone(),
        source: e.into(),
    })?;
    let differs = |what| FoundingError::OtherApplication {
        what,
        path: path.clone(),
    };
    if own.name != member.name {
        return Err(differs("the name"));
    }
    if own.endpoint != member.endpoint {
        return Err(differs("the endpoint"));
    }
    if own.account != member.account {
        return Err(differs("the account"));
    }
    if own.public_key != member.public_key {
        return Err(differs("the identity key"));
    }
    Ok((identity, member))
}

fn record(config: &NodeConfig) -> PathBuf {
    part::directory(config).join("signed")
}

/// The hash of the founding document that this member has signed.
fn signed(config: &NodeConfig) -> Result<Option<B256>, FoundingError> {
    match keys::read_secret(&record(config)) {
        Ok(bytes) => B256::try_from(bytes.as_slice()).map(Some).map_err(|_| {
            NodeError::Key(KeyError::Malformed {
                path: record(config),
                why: "it is no hash",
            })
            .into()
        }),
        Err(KeyError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(NodeError::Key(e).into()),
    }
}

/// Signs a founding document, once it is checked that this member is in it as it should be. A member
/// signs one document.
///
/// # Errors
/// [`FoundingError`].
pub fn sign(config: &NodeConfig, draft: &Draft) -> Result<Approval, FoundingError> {
    let (identity, _) = member(config, draft)?;
    match signed(config)? {
        Some(_) => check_signed(config, draft)?,
        None => {
            keys::create_private_dir(&part::directory(config)).map_err(NodeError::Key)?;
            keys::write_secret(&record(config), draft.hash().as_slice()).map_err(NodeError::Key)?;
        }
    }
    Ok(draft.approve(&identity))
}

/// Checks that this member has signed the document and no other.
pub(super) fn check_signed(config: &NodeConfig, draft: &Draft) -> Result<(), FoundingError> {
    let this = draft.hash();
    match signed(config)? {
        None => Err(FoundingError::NotSigned(this)),
        Some(signed) if signed != this => Err(FoundingError::SignedOther {
            signed,
            this,
            path: record(config),
        }),
        Some(_) => Ok(()),
    }
}

/// Checks that this member has signed no other document, and says whether it has signed this one.
///
/// # Errors
/// [`FoundingError::SignedOther`].
pub fn check_no_other(config: &NodeConfig, draft: &Draft) -> Result<bool, FoundingError> {
    match check_signed(config, draft) {
        Ok(()) => Ok(true),
        Err(FoundingError::NotSigned(_)) => Ok(false),
        Err(e) => Err(e),
    }
}

/// The names of members that have not signed.
fn unsigned(draft: &Draft, approvals: &[Approval]) -> Result<Vec<String>, FoundingError> {
    for approval in approvals {
        draft.check_approval(approval)?;
    }
    let has = |key| approvals.iter().any(|approval| approval.public_key == key);
    let lacking = draft
        .members
        .iter()
        .filter(|member| !has(member.public_key));
    Ok(lacking.map(|member| member.name.clone()).collect())
}

/// Checks that all members have signed, where signatures were given.
pub(super) fn check_approvals(draft: &Draft, approvals: &[Approval]) -> Result<(), FoundingError> {
    if approvals.is_empty() {
        return Ok(());
    }
    let lacking = unsigned(draft, approvals)?;
    if lacking.is_empty() {
        Ok(())
    } else {
        Err(FoundingError::Unsigned(lacking.join(", ")))
    }
}
