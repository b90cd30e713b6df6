//! The network's seal key, and members' answers to requests to open.

use alloy_primitives::{Address, B256, Bytes};
use commonhold_primitives::{
    Genesis,
    consensus::{MemberKey, NetworkKey},
    system::{RECORDS, SEALS},
};
use commonhold_seal::{
    Answer, DataKey as SealedContent, Group, Identity, OpeningKey, SealError, SealKey, SealedKey,
    Target,
};
use commonhold_system::{
    records::interface::IRecords::{
        Access, Opening, OpeningRequested, openingCall, requestOpeningCall,
    },
    seals::interface::ISeals::{openingKeyCall, publishCall},
};
use commonhold_vault::{DataKey, VaultError};
use commonware_codec::{Copying, DecodeExt as _};
use rand_core::UnwrapErr;
use serde::Deserialize;

use crate::{
    account::Account,
    client::{Client, events},
    error::SdkError,
    stamp,
};

/// What to seal with, and what to check members' answers with. It is the same for ever.
#[derive(Clone, Copy, Debug)]
pub struct Sealing {
    /// The seal key.
    pub key: SealKey,
}

/// Who holds the seal key, as a node tells it.
#[derive(Clone, Debug)]
pub struct Holders {
    /// The epoch from which on the sharing is in force.
    pub epoch: u64,
    /// How many of them open.
    pub threshold: u32,
    /// Their identity keys, by their places.
    pub keys: Vec<B256>,
    /// To whom the key is dealt in this epoch: who holds it in the next.
    pub next: Vec<B256>,
    /// Whether the node that was asked has a share of its own.
    pub has_share: bool,
}

/// What the ledger decided about a request to open.
#[derive(Clone, Copy, Debug)]
pub struct Requested {
    /// The request's number.
    pub number: u64,
    /// The decision.
    pub access: Access,
    /// The hash of the block that holds it.
    pub block: B256,
}

/// What members answered to a request, as the node passes it on. Nothing of it has been verified but that
/// the sharing is one of the seal key.
#[derive(Clone, Debug)]
pub struct Answers {
    /// The sharing by which they answered. A node that tells of a false one gets nothing opened by it.
    pub group: Group,
    /// The identity keys of its holders, by their places.
    pub members: Vec<MemberKey>,
    /// The answers.
    pub answers: Vec<Answer>,
    /// Members that gave none, by their places, and why.
    pub missing: Vec<(u32, String)>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    key: Bytes,
    #[serde(default)]
    epoch: Option<u64>,
    #[serde(default)]
    threshold: u32,
    #[serde(default)]
    members: Vec<B256>,
    #[serde(default)]
    next: Vec<B256>,
    #[serde(default)]
    has_share: bool,
}

#[derive(Deserialize)]
struct Founded {
    document: Genesis,
}

#[derive(Deserialize)]
struct Answered {
    sharing: Bytes,
    members: Vec<B256>,
    answers: Vec<Bytes>,
    missing: Vec<Missing>,
}

#[derive(Deserialize)]
struct Missing {
    member: u32,
    why: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TimeOpened {
    opening_key: Bytes,
}

impl From<SealError> for SdkError {
    fn from(e: SealError) -> Self {
        Self::Integrity(e.to_string())
    }
}

/// The operating system's randomness, which has been seen to work.
pub(crate) fn rng() -> Result<UnwrapErr<rand::rngs::SysRng>, SdkError> {
    let mut rng = rand::rngs::SysRng;
    rand::TryRng::try_next_u64(&mut rng).map_err(|_| VaultError::Random)?;
    Ok(UnwrapErr(rng))
}

impl Sealing {
    /// A data key, sealed to the network.
    ///
    /// # Errors
    /// Where the operating system gives no random bytes.
    pub fn seal(&self, target: &Target<'_>, key: &DataKey) -> Result<SealedKey, SdkError> {
        let content = SealedContent::from_bytes(&key.to_bytes());
        Ok(SealedKey::seal(&self.key, target, &content, &mut rng()?)?)
    }
}

fn member_key(bytes: &B256) -> Result<MemberKey, SdkError> {
    MemberKey::decode(Copying(bytes.as_slice()))
        .map_err(|e| SdkError::Integrity(format!("a member's key does not decode: {e}")))
}

impl Client {
    /// The seal key as the node tells it. Whoever seals with it trusts the node;
    /// [`Self::proven_sealing`] does not.
    ///
    /// # Errors
    /// [`SdkError::Refused`] where the network has none.
    pub fn sealing(&self) -> Result<Sealing, SdkError> {
        let told: Told = self.request("commonhold_sealKey", ())?;
        let key = SealKey::from_bytes(&told.key)?;
        Ok(Sealing { key })
    }

    /// Who holds the seal key now, as the node tells it; `None` where it joined within the epoch, and does
    /// not know yet.
    ///
    /// # Errors
    /// [`SdkError::Refused`] where the network has no seal key.
    pub fn seal_holders(&self) -> Result<Option<Holders>, SdkError> {
        let told: Told = self.request("commonhold_sealKey", ())?;
        Ok(told.epoch.map(|epoch| Holders {
            epoch,
            threshold: told.threshold,
            keys: told.members,
            next: told.next,
            has_share: told.has_share,
        }))
    }

    /// The seal key, proven where a network key is given.
    ///
    /// # Errors
    /// As [`Self::proven_sealing`] and [`Self::sealing`].
    pub fn sealing_by(&self, key: Option<&NetworkKey>) -> Result<Sealing, SdkError> {
        match key {
            Some(key) => self.proven_sealing(key),
            None => self.sealing(),
        }
    }

    /// The genesis document as the node tells it.
    ///
    /// # Errors
    /// Where the node gives no answer, or none that is such a document.
    pub fn genesis(&self) -> Result<Genesis, SdkError> {
        let Founded { document } = self.request("commonhold_genesis", ())?;
        Ok(document)
    }

    /// The genesis document, proven with the network key: its hash is in every header that the network
    /// has certified.
    ///
    /// # Errors
    /// [`SdkError::Integrity`] where the node tells of another document.
    pub fn proven_genesis(&self, key: &NetworkKey) -> Result<Genesis, SdkError> {
        let stamp = self.stamp_state(RECORDS, &[])?;
        let proven = stamp::verify(&stamp, key, self.abis())?.block.genesis;
        let document = self.genesis()?;
        if document.hash() != proven {
            let why = "the node tells of another genesis document than the network was founded by";
            return Err(SdkError::Integrity(why.to_owned()));
        }
        Ok(document)
    }

    /// The seal key, proven with the network key: it stands in the genesis document, whose hash is in
    /// every header that the network has certified.
    ///
    /// # Errors
    /// [`SdkError::Integrity`] where the node tells of another document,
    /// [`SdkError::Usage`] where the network has no seal key.
    pub fn proven_sealing(&self, key: &NetworkKey) -> Result<Sealing, SdkError> {
        let document = self.proven_genesis(key)?;
        let wrong =
            |e: commonhold_primitives::genesis::GenesisError| SdkError::Integrity(e.to_string());
        let none = || SdkError::Usage("this network has no seal key".to_owned());
        let sealing = document.sealing().map_err(wrong)?.ok_or_else(none)?;
        let key = Group::new(sealing)?.key();
        Ok(Sealing { key })
    }

    /// Asks the ledger to open a record to `reader_key`, by way of `policy` where the record has one.
    /// A refusal is no error here: it stands on the ledger as the answer.
    ///
    /// # Errors
    /// Where the network refuses the transaction.
    pub fn request_opening(
        &self,
        account: &Account,
        policy: Address,
        id: B256,
        purpose: B256,
        reader_key: B256,
    ) -> Result<Requested, SdkError> {
        let to = if policy.is_zero() { RECORDS } else { policy };
        let call = requestOpeningCall {
            id,
            purpose,
            readerKey: reader_key,
        };
        let receipt = self.send_call(account, to, &call)?;
        let event = events::<OpeningRequested>(&receipt, RECORDS)
            .find(|event| event.id == id && event.readerKey == reader_key)
            .ok_or_else(|| {
                let why = format!("{to} made no request to open record {id}");
                SdkError::Integrity(why)
            })?;
        let gone = || SdkError::Integrity("a final receipt without its block".to_owned());
        Ok(Requested {
            number: event.number,
            access: event.access,
            block: receipt.block_hash.ok_or_else(gone)?,
        })
    }

    /// A request to open, by its number.
    ///
    /// # Errors
    /// Where there is none.
    pub fn opening(&self, number: u64) -> Result<Opening, SdkError> {
        self.call(RECORDS, &openingCall { number })
    }

    /// Members' answers to a request. With `all`, all members are waited for, and not only as many as
    /// can open.
    ///
    /// # Errors
    /// [`SdkError::Refused`] where the ledger does not permit it, or not any more;
    /// [`SdkError::Integrity`] where the node tells of a sharing of another key than `sealing`'s.
    pub fn answers(&self, sealing: &Sealing, number: u64, all: bool) -> Result<Answers, SdkError> {
        let path = format!("/api/openings/{number}/answers?all={all}");
        let answered: Answered = self.node().json(&path)?;
        let group = Group::from_bytes(&answered.sharing)?;
        if group.key() != sealing.key {
            let why = "the node tells of shares of another key than the network's seal key";
            return Err(SdkError::Integrity(why.to_owned()));
        }
        let members = answered.members.iter().map(member_key);
        let answers = answered
            .answers
            .iter()
            .map(|bytes| Answer::from_bytes(bytes));
        let missing = answered.missing.into_iter();
        Ok(Answers {
            group,
            members: members.collect::<Result<_, _>>()?,
            answers: answers.collect::<Result<_, _>>()?,
            missing: missing.map(|m| (m.member, m.why)).collect(),
        })
    }

    /// What opens everything that is sealed to a time, once it has come. It is verified with the seal
    /// key of `sealing`.
    ///
    /// # Errors
    /// [`SdkError::Refused`] where the time has not come.
    pub fn time_key(&self, sealing: &Sealing, seconds: u64) -> Result<OpeningKey, SdkError> {
        let opened: TimeOpened = self.node().json(&format!("/api/times/{seconds}"))?;
        verified(sealing, seconds, &opened.opening_key)
    }

    /// The opening key of a time as it stands on the ledger, verified; `None` where nobody has
    /// published it.
    ///
    /// # Errors
    /// [`SdkError::Integrity`] where it does not verify.
    pub fn published_key(
        &self,
        sealing: &Sealing,
        seconds: u64,
    ) -> Result<Option<OpeningKey>, SdkError> {
        let bytes = self.call(SEALS, &openingKeyCall { time: seconds })?;
        if bytes.is_empty() {
            return Ok(None);
        }
        verified(sealing, seconds, &bytes).map(Some)
    }

    /// The opening key of a time: from the ledger, or else from the members, and published then.
    ///
    /// # Errors
    /// [`SdkError::Refused`] where the time has not come.
    pub fn published(
        &self,
        account: &Account,
        sealing: &Sealing,
        seconds: u64,
    ) -> Result<OpeningKey, SdkError> {
        if let Some(key) = self.published_key(sealing, seconds)? {
            return Ok(key);
        }
        let key = self.time_key(sealing, seconds)?;
        let call = publishCall {
            time: seconds,
            openingKey: Bytes::copy_from_slice(key.to_bytes().as_slice()),
        };
        self.send_call(account, SEALS, &call)?;
        Ok(key)
    }
}

fn verified(sealing: &Sealing, seconds: u64, bytes: &[u8]) -> Result<OpeningKey, SdkError> {
    let key = OpeningKey::from_bytes(bytes)?;
    key.verify(&sealing.key, &Identity::Time(seconds).here())?;
    Ok(key)
}
