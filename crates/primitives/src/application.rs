//! What an organisation says of itself to become a member: at the founding, and later by a vote.
//!
//! It is public. The node's identity key signs it, so that nobody can bring in a key that is not his, nor
//! another name, endpoint or account with it.

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_sol_types::SolValue as _;
use commonware_codec::{Copying, DecodeExt as _, Encode as _};
use commonware_cryptography::{
    Signer as _, Verifier as _,
    ed25519::{PrivateKey, Signature},
};
use serde::{Deserialize, Serialize};

use crate::{
    consensus::MemberKey,
    epoch,
    genesis::Member,
    limits::{MEMBER_ENDPOINT_BYTES_MAX, MEMBER_NAME_BYTES_MAX},
};

/// The namespace of proofs. The engine's signatures are made over its length in one byte, the namespace,
/// and the message.
pub const PROOF_NAMESPACE: &[u8] = b"commonhold/members/v1/proof";
/// The chain id of an application to found a network, which has none yet. No network has it.
pub const FOUNDING: u64 = 0;

/// What a candidate's node key signs to become a member's, at the founding and by the module `members`:
/// `keccak256(abi.encode("admission", chainid, name, publicKey, endpoint, account))`.
pub fn admission(chain_id: u64, name: &str, key: B256, endpoint: &str, account: Address) -> B256 {
    let chain = U256::from(chain_id);
    keccak256(("admission", chain, name, key, endpoint, account).abi_encode_params())
}

/// An organisation's application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Application {
    /// The organisation's name.
    pub name: String,
    /// Its node's ed25519 identity key, 32 bytes hex.
    pub public_key: B256,
    /// Where its node listens for other members, `host:port`.
    pub endpoint: String,
    /// The account that acts for the member on the ledger.
    pub account: Address,
    /// The identity key's signature over all that, 64 bytes hex.
    pub proof: Bytes,
}

/// Why an application is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApplicationError {
    /// Not JSON of the expected form.
    #[error("not a member's application: {0}")]
    Parse(String),
    /// A field's value is out of its range.
    #[error("the {field} of {name:?} is invalid: {why}")]
    Field {
        /// Whose application.
        name: String,
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The identity key did not sign what stands there.
    #[error(
        "the identity key of {0:?} did not sign what this application says: it was changed on its way, or \
         made for another network"
    )]
    Proof(String),
}

impl Application {
    /// Makes an application for the network of `chain_id`, or [`FOUNDING`].
    ///
    /// # Errors
    /// [`ApplicationError::Field`] where a field is out of its range.
    pub fn sign(
        identity: &PrivateKey,
        chain_id: u64,
        name: &str,
        endpoint: &str,
        account: Address,
    ) -> Result<Self, ApplicationError> {
        let mut application = Self {
            name: name.to_owned(),
            public_key: B256::from_slice(identity.public_key().as_ref()),
            endpoint: endpoint.to_owned(),
            account,
            proof: Bytes::new(),
        };
        application.check_fields()?;
        let digest = application.digest(chain_id);
        let proof = identity.sign(PROOF_NAMESPACE, digest.as_slice());
        application.proof = proof.encode().to_vec().into();
        Ok(application)
    }

    /// Parses an application and checks it.
    ///
    /// # Errors
    /// [`ApplicationError`].
    pub fn parse(json: &[u8], chain_id: u64) -> Result<Self, ApplicationError> {
        let application: Self =
            serde_json::from_slice(json).map_err(|e| ApplicationError::Parse(e.to_string()))?;
        application.check(chain_id)?;
        Ok(application)
    }

    /// Checks fields and proof.
    ///
    /// # Errors
    /// [`ApplicationError::Field`], [`ApplicationError::Proof`].
    pub fn check(&self, chain_id: u64) -> Result<(), ApplicationError> {
        let key = self.check_fields()?;
        let digest = self.digest(chain_id);
        let proof = Signature::decode(Copying(self.proof.as_ref()));
        if proof.is_ok_and(|proof| key.verify(PROOF_NAMESPACE, digest.as_slice(), &proof)) {
            Ok(())
        } else {
            Err(ApplicationError::Proof(self.name.clone()))
        }
    }

    /// What the proof signs: [`admission`].
    pub fn digest(&self, chain_id: u64) -> B256 {
        let (name, endpoint) = (&self.name, &self.endpoint);
        admission(chain_id, name, self.public_key, endpoint, self.account)
    }

    /// The member that it makes.
    pub fn member(&self) -> Member {
        Member {
            name: self.name.clone(),
            public_key: self.public_key,
            endpoint: self.endpoint.clone(),
            account: self.account,
        }
    }

    fn check_fields(&self) -> Result<MemberKey, ApplicationError> {
        let wrong = |field, why| ApplicationError::Field {
            name: self.name.clone(),
            field,
            why,
        };
        if self.name.trim() != self.name || !(1..=MEMBER_NAME_BYTES_MAX).contains(&self.name.len())
        {
            return Err(wrong(
                "name",
                "it is empty, longer than MEMBER_NAME_BYTES_MAX, or begins or ends with a space",
            ));
        }
        if self.name.chars().any(char::is_control) {
            return Err(wrong("name", "it has control characters"));
        }
        let endpoint = &self.endpoint;
        let port = endpoint.rsplit_once(':').map(|(_, port)| port);
        if endpoint.len() > MEMBER_ENDPOINT_BYTES_MAX
            || epoch::address(endpoint).is_none()
            || port.is_none_or(|port| port.starts_with(['0', '+']))
            || endpoint.bytes().any(|byte| byte.is_ascii_uppercase())
        {
            return Err(wrong("endpoint", "it is not host:port in lower case"));
        }
        if self.account.is_zero() {
            return Err(wrong("account", "it is the zero address"));
        }
        MemberKey::decode(Copying(self.public_key.as_slice()))
            .map_err(|_| wrong("publicKey", "it is no ed25519 key"))
    }
}
