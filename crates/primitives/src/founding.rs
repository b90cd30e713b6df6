//! The founding document: what those who found a network agree on before it has keys.
//!
//! It is the genesis document without the keys, and with each member's own application in the place of
//! the bare member. The members check it, sign its hash, and make the keys under its name; the genesis
//! document follows from it and from them ([`Genesis::found`]).
//!
//! One document has one form: what is parsed must be, byte by byte, what [`Draft::to_bytes`] writes. So a
//! file that was changed anywhere is either refused or has another hash.

use std::{collections::BTreeMap, num::NonZeroU64};

use alloy_primitives::{Address, B256, Bytes, keccak256};
use commonware_codec::{Copying, DecodeExt as _, Encode as _};
use commonware_cryptography::{
    Signer as _, Verifier as _,
    ed25519::{PrivateKey, Signature},
};
use commonware_utils::{Faults as _, N3f1};
use serde::{Deserialize, Serialize};

use crate::{
    application::{Application, ApplicationError, FOUNDING},
    consensus::MemberKey,
    epoch::{Directory, Output},
    genesis::{Agreed, Allocation, Genesis, GenesisError},
};

/// The namespace of members' signatures of a founding document.
const APPROVAL_NAMESPACE: &[u8] = b"commonhold/founding/v1/approval";

/// A founding document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Draft {
    /// A name for people.
    pub name: String,
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// Seconds since 1970; no block is older.
    pub timestamp: u64,
    /// Gas of a block.
    pub gas_limit: u64,
    /// Fixed base fee in wei.
    pub base_fee_per_gas: u64,
    /// Milliseconds between blocks of an idle network.
    pub heartbeat_ms: u64,
    /// Blocks of an epoch.
    pub epoch_blocks: NonZeroU64,
    /// The members' applications, in the order of their identity keys.
    pub members: Vec<Application>,
    /// Accounts that exist from block 1 on.
    pub alloc: BTreeMap<Address, Allocation>,
}

/// Why a founding document is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    /// Not JSON of the expected form.
    #[error("the founding document does not parse: {0}")]
    Parse(String),
    /// The same content is written in another way.
    #[error(
        "the founding document is not as it was assembled: it differs from byte {0} on. Get it again from \
         whoever assembled it"
    )]
    Form(usize),
    /// A member's application.
    #[error(transparent)]
    Application(#[from] ApplicationError),
    /// Two members have the same.
    #[error("{first:?} and {second:?} have the same {what}")]
    Same {
        /// One of them.
        first: String,
        /// The other.
        second: String,
        /// What they have in common.
        what: &'static str,
    },
    /// The members do not stand in the order of their keys.
    #[error("the founding document's members do not stand in the order of their identity keys")]
    Order,
    /// A value is out of its range.
    #[error(transparent)]
    Value(#[from] GenesisError),
}

impl Draft {
    /// Parses and checks a document.
    ///
    /// # Errors
    /// [`DraftError`] says what is wrong.
    pub fn parse(json: &[u8]) -> Result<Self, DraftError> {
        let draft: Self =
            serde_json::from_slice(json).map_err(|e| DraftError::Parse(e.to_string()))?;
        let form = draft.to_bytes();
        if form != json {
            let same = form.iter().zip(json).take_while(|(a, b)| a == b).count();
            return Err(DraftError::Form(same));
        }
        draft.check()?;
        Ok(draft)
    }

    /// Puts the members in their order and checks the document.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn assembled(mut self) -> Result<Self, DraftError> {
        self.members.sort_by_key(|member| member.public_key);
        self.check()?;
        Ok(self)
    }

    /// The document: indented JSON with a newline at its end.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    fn check(&self) -> Result<(), DraftError> {
        for member in &self.members {
            member.check(FOUNDING)?;
        }
        self.check_distinct("identity key", |member| member.public_key)?;
        self.check_distinct("name", |member| member.name.as_str())?;
        self.check_distinct("endpoint", |member| member.endpoint.as_str())?;
        self.check_distinct("account", |member| member.account)?;
        if !self.members.is_sorted_by_key(|member| member.public_key) {
            return Err(DraftError::Order);
        }
        if self.chain_id == FOUNDING {
            return Err(GenesisError::field("chainId", "must not be 0").into());
        }
        if self.name.trim().is_empty() || self.name.chars().any(char::is_control) {
            return Err(GenesisError::field("name", "is empty or has control characters").into());
        }
        let agreed = Agreed {
            gas_limit: self.gas_limit,
            heartbeat_ms: self.heartbeat_ms,
            epoch_blocks: self.epoch_blocks,
            members: self.members.len(),
            alloc: &self.alloc,
        };
        Ok(agreed.check()?)
    }

    fn check_distinct<'a, T: Ord>(
        &'a self,
        what: &'static str,
        of: impl Fn(&'a Application) -> T,
    ) -> Result<(), DraftError> {
        let mut seen = BTreeMap::new();
        for member in &self.members {
            if let Some(first) = seen.insert(of(member), &member.name) {
                return Err(DraftError::Same {
                    first: first.clone(),
                    second: member.name.clone(),
                    what,
                });
            }
        }
        Ok(())
    }

    /// keccak-256 of the document's compact JSON, as [`Genesis::hash`]: the name of the network until it
    /// has keys.
    pub fn hash(&self) -> B256 {
        keccak256(serde_json::to_vec(self).unwrap_or_default())
    }

    /// How many members certify a block, and open what is sealed: 2f + 1 of 3f + 1.
    pub fn quorum(&self) -> u32 {
        N3f1::quorum(self.members.len())
    }

    /// The members' identity keys, in their order.
    ///
    /// # Errors
    /// Where a key is not a point of the curve.
    pub fn member_keys(&self) -> Result<Vec<MemberKey>, GenesisError> {
        self.keyless().member_keys()
    }

    /// Where the members listen for each other.
    ///
    /// # Errors
    /// Where an endpoint is not `host:port`.
    pub fn directory(&self) -> Result<Directory, GenesisError> {
        self.keyless().directory()
    }

    /// The application of the member with this identity key.
    pub fn member(&self, key: B256) -> Option<&Application> {
        self.members.iter().find(|member| member.public_key == key)
    }

    /// Signs the document as one of its members.
    pub fn approve(&self, identity: &PrivateKey) -> Approval {
        let founding = self.hash();
        let signature = identity.sign(APPROVAL_NAMESPACE, founding.as_slice());
        Approval {
            founding,
            public_key: B256::from_slice(identity.public_key().as_ref()),
            signature: signature.encode().to_vec().into(),
        }
    }

    /// Checks that a member signed this document, and gives its application.
    ///
    /// # Errors
    /// [`ApprovalError`].
    pub fn check_approval(&self, approval: &Approval) -> Result<&Application, ApprovalError> {
        let hash = self.hash();
        let member = self.member(approval.public_key);
        let member = member.ok_or(ApprovalError::Stranger(approval.public_key))?;
        if approval.founding != hash {
            return Err(ApprovalError::OtherDocument {
                member: member.name.clone(),
                signed: approval.founding,
                this: hash,
            });
        }
        let forged = || ApprovalError::Forged(member.name.clone());
        let key = MemberKey::decode(Copying(approval.public_key.as_slice()));
        let signature = Signature::decode(Copying(approval.signature.as_ref()));
        let (Ok(key), Ok(signature)) = (key, signature) else {
            return Err(forged());
        };
        if key.verify(APPROVAL_NAMESPACE, hash.as_slice(), &signature) {
            Ok(member)
        } else {
            Err(forged())
        }
    }

    /// The genesis document with empty keys.
    fn keyless(&self) -> Genesis {
        Genesis {
            name: self.name.clone(),
            chain_id: self.chain_id,
            timestamp: self.timestamp,
            gas_limit: self.gas_limit,
            base_fee_per_gas: self.base_fee_per_gas,
            heartbeat_ms: self.heartbeat_ms,
            network_key: Bytes::new(),
            output: Bytes::new(),
            epoch_blocks: self.epoch_blocks,
            sealing: None,
            members: self.members.iter().map(Application::member).collect(),
            alloc: self.alloc.clone(),
        }
    }
}

impl Genesis {
    /// The genesis document of a founding document and of the keys that its members made: the output of
    /// the network key's generation, and the encoded sharing of the seal key where there is one.
    ///
    /// # Errors
    /// [`GenesisError`] where the keys are not these members'.
    pub fn found(
        draft: &Draft,
        output: &Output,
        sealing: Option<Bytes>,
    ) -> Result<Self, GenesisError> {
        let genesis = Self {
            network_key: output.public().public().encode().to_vec().into(),
            output: output.encode().to_vec().into(),
            sealing,
            ..draft.keyless()
        };
        genesis.check()?;
        Ok(genesis)
    }
}

/// A member's signature of a founding document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Approval {
    /// The document's hash.
    pub founding: B256,
    /// The member's identity key.
    pub public_key: B256,
    /// Its signature of the hash, 64 bytes hex.
    pub signature: Bytes,
}

/// Why a signature of a founding document does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApprovalError {
    /// Not JSON of the expected form.
    #[error("not a signature of a founding document: {0}")]
    Parse(String),
    /// Whoever signed is none of the members.
    #[error("{0} signed it, and is no member by this document")]
    Stranger(B256),
    /// It is for another document.
    #[error("{member} signed {signed}, and this founding document is {this}")]
    OtherDocument {
        /// Who signed.
        member: String,
        /// What it signed.
        signed: B256,
        /// This document.
        this: B256,
    },
    /// The identity key did not sign it.
    #[error("the signature of {0} was not made with its identity key")]
    Forged(String),
}

impl Approval {
    /// Parses a signature. It says nothing until [`Draft::check_approval`] has taken it.
    ///
    /// # Errors
    /// [`ApprovalError::Parse`].
    pub fn parse(json: &[u8]) -> Result<Self, ApprovalError> {
        serde_json::from_slice(json).map_err(|e| ApprovalError::Parse(e.to_string()))
    }
}
