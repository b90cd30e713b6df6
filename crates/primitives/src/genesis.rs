//! The genesis document: what the members of a network agree on before its first block.
//!
//! A JSON file. Its hash (keccak-256 of the compact form that [`Genesis::hash`] writes) stands in
//! every header of the network. Allocations are written to the state by block 1.

use std::{collections::BTreeMap, num::NonZeroU64};

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use commonware_codec::{Copying, Decode as _, DecodeExt as _, Encode as _};
use commonware_glue::dkg::types::EpochOutcome;
use commonware_utils::{Faults as _, N3f1, NZU32, ordered::Set};
use serde::{Deserialize, Serialize};

use crate::{
    block::{Block, blank_header},
    consensus::{BlockHash, ConsensusContext, MemberKey, NetworkKey, Sharing},
    epoch::{self, Ceremony, Directory, EpochInfo, Output},
    extra::Extra,
    limits,
    opening_key::SEAL_KEY_LEN,
    sealing,
};
use commonware_consensus::types::{Epoch, Round, View};
use commonware_cryptography::{
    Digest as _, bls12381::primitives::sharing::ModeVersion, sha256::Digest as StateDigest,
};
use commonware_storage::mmr::Location;
use commonware_utils::range::NonEmptyRange;

/// The supply that a genesis document may allocate: balances must fit their cell beside a code hash.
const SUPPLY_BITS_MAX: usize = 176;

/// The genesis document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Genesis {
    /// A name for people.
    pub name: String,
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// Seconds since 1970; no block is older.
    pub timestamp: u64,
    /// Gas of a block.
    pub gas_limit: u64,
    /// Fixed base fee in wei. Zero: transactions are free, and what they offer is not taken.
    #[serde(default)]
    pub base_fee_per_gas: u64,
    /// Milliseconds between blocks of an idle network.
    pub heartbeat_ms: u64,
    /// The 96-byte network key, hex. Every certificate of the network verifies against it.
    pub network_key: Bytes,
    /// What the generation of the network key gave in public, hex of its encoding: the sharing, whose key
    /// is `network_key`, and who dealt it to whom.
    pub output: Bytes,
    /// Blocks of an epoch: how often the network key's shares are dealt anew, and members can change.
    pub epoch_blocks: NonZeroU64,
    /// The public side of the shared seal key, hex of its encoding; none: this network seals nothing.
    /// It is another key than `network_key`, with shares of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealing: Option<Bytes>,
    /// The founding members.
    pub members: Vec<Member>,
    /// Accounts that exist from block 1 on.
    #[serde(default)]
    pub alloc: BTreeMap<Address, Allocation>,
}

/// A founding member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Member {
    /// The organisation's name.
    pub name: String,
    /// Its node's ed25519 identity key, 32 bytes hex.
    pub public_key: B256,
    /// Where its node listens for other members, `host:port`.
    pub endpoint: String,
    /// The account that acts for the member on the ledger.
    pub account: Address,
}

/// An account that exists from block 1 on. The fields are those of Ethereum's genesis files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Allocation {
    /// Balance in wei.
    #[serde(default)]
    pub balance: U256,
    /// Nonce.
    #[serde(default, with = "nonce", skip_serializing_if = "is_zero")]
    pub nonce: u64,
    /// Deployed code.
    #[serde(default, skip_serializing_if = "no_code")]
    pub code: Bytes,
    /// Storage.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub storage: BTreeMap<B256, B256>,
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature serde asks for"
)]
const fn is_zero(n: &u64) -> bool {
    *n == 0
}

fn no_code(code: &Bytes) -> bool {
    code.as_ref().is_empty()
}

/// Nonces are written as in Ethereum's genesis files (`"0x1"`) and read in that form or as a number.
mod nonce {
    use alloy_primitives::U64;
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};
    #[allow(
        clippy::trivially_copy_pass_by_ref,
        reason = "the signature serde asks for"
    )]
    pub(super) fn serialize<S: Serializer>(n: &u64, s: S) -> Result<S::Ok, S::Error> {
        U64::from(*n).serialize(s)
    }
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<u64, D::Error> {
        U64::deserialize(d).map(|n| n.to())
    }
}

/// Why a genesis document cannot found a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GenesisError {
    /// Not JSON of the expected form.
    #[error("the genesis document does not parse: {0}")]
    Parse(String),
    /// A field's value is out of its range.
    #[error("the genesis document's {field} is invalid: {why}")]
    Field {
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

impl GenesisError {
    pub(crate) fn field(field: &'static str, why: impl ToString) -> Self {
        Self::Field {
            field,
            why: why.to_string(),
        }
    }
}

fn invalid(field: &'static str, why: impl ToString) -> GenesisError {
    GenesisError::field(field, why)
}

/// What members agree on besides who they are, before there are keys.
pub(crate) struct Agreed<'a> {
    pub(crate) gas_limit: u64,
    pub(crate) heartbeat_ms: u64,
    pub(crate) epoch_blocks: NonZeroU64,
    /// How many members there are.
    pub(crate) members: usize,
    pub(crate) alloc: &'a BTreeMap<Address, Allocation>,
}

impl Agreed<'_> {
    pub(crate) fn check(&self) -> Result<(), GenesisError> {
        if self.gas_limit < 21_000 {
            return Err(invalid("gasLimit", "below the gas of one transfer"));
        }
        if self.heartbeat_ms == 0 {
            return Err(invalid("heartbeatMs", "must be positive"));
        }
        if !(1..=limits::MEMBERS_MAX as usize).contains(&self.members) {
            return Err(invalid("members", "a network has 1 to MEMBERS_MAX"));
        }
        let members = u64::try_from(self.members).unwrap_or(u64::MAX);
        if self.epoch_blocks.get() < limits::epoch_blocks_min(members) {
            return Err(invalid(
                "epochBlocks",
                "too few for every member to deal its share: see EPOCH_BLOCKS_MIN",
            ));
        }
        let mut supply = U256::ZERO;
        for account in self.alloc.values() {
            supply = supply
                .checked_add(account.balance)
                .filter(|sum| sum.bit_len() <= SUPPLY_BITS_MAX)
                .ok_or_else(|| invalid("alloc", "balances add up to more than 176 bits"))?;
            if account.code.len() > limits::CODE_BYTES_MAX {
                return Err(invalid("alloc", "code exceeds CODE_BYTES_MAX"));
            }
        }
        Ok(())
    }
}

fn decode_sharing(field: &'static str, bytes: &Bytes) -> Result<Sharing, GenesisError> {
    let max = NZU32!(limits::MEMBERS_MAX);
    Sharing::decode_cfg(Copying(bytes.as_ref()), &(max, ModeVersion::v0()))
        .map_err(|e| invalid(field, e))
}

impl Genesis {
    /// Parses and checks a document.
    ///
    /// # Errors
    /// [`GenesisError`] names the field that is wrong.
    pub fn parse(json: &[u8]) -> Result<Self, GenesisError> {
        let genesis: Self =
            serde_json::from_slice(json).map_err(|e| GenesisError::Parse(e.to_string()))?;
        genesis.check()?;
        Ok(genesis)
    }

    pub(crate) fn check(&self) -> Result<(), GenesisError> {
        let agreed = Agreed {
            gas_limit: self.gas_limit,
            heartbeat_ms: self.heartbeat_ms,
            epoch_blocks: self.epoch_blocks,
            members: self.members.len(),
            alloc: &self.alloc,
        };
        agreed.check()?;
        let output = self.output()?;
        let sharing = output.public();
        if sharing.public().encode().as_ref() != self.network_key.as_ref() {
            return Err(invalid("networkKey", "is not the key of sharing"));
        }
        if u32::try_from(self.members.len()) != Ok(sharing.total().get()) {
            return Err(invalid(
                "members",
                "their number differs from the number of shares",
            ));
        }
        if let Some(sealing) = self.sealing()? {
            if sealing.total() != sharing.total() {
                return Err(invalid(
                    "sealing",
                    "its number of shares differs from the number of members",
                ));
            }
            if sealing.required() != N3f1::quorum(sealing.total().get()) {
                return Err(invalid("sealing", "a quorum of members must open it"));
            }
            if sealing.public() == sharing.public() {
                return Err(invalid("sealing", "must not be the network key"));
            }
        }
        if !output.revealed().is_empty() {
            return Err(invalid("output", "shares of the network key were revealed"));
        }
        let mut keys = self.member_keys()?;
        keys.sort_unstable();
        if keys.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
            return Err(invalid("members", "one key stands twice"));
        }
        if !output.players().iter().eq(&keys) {
            return Err(invalid("output", "its shares are not the members'"));
        }
        self.directory()?;
        Ok(())
    }

    /// keccak-256 of the document's compact JSON (keys in the order of this type's fields, maps
    /// sorted, no spaces).
    pub fn hash(&self) -> B256 {
        keccak256(serde_json::to_vec(self).unwrap_or_default())
    }

    /// The members' identity keys, in the document's order.
    ///
    /// # Errors
    /// Where a key is not a point of the curve.
    pub fn member_keys(&self) -> Result<Vec<MemberKey>, GenesisError> {
        self.members
            .iter()
            .map(|m| {
                MemberKey::decode(Copying(m.public_key.as_slice()))
                    .map_err(|e| invalid("members", e))
            })
            .collect()
    }

    /// What the generation of the network key gave in public.
    ///
    /// # Errors
    /// Where the field does not decode.
    pub fn output(&self) -> Result<Output, GenesisError> {
        epoch::decode_output(&self.output).map_err(|e| invalid("output", e))
    }

    /// The public side of the shared network key.
    ///
    /// # Errors
    /// Where the field does not decode.
    pub fn sharing(&self) -> Result<Sharing, GenesisError> {
        Ok(self.output()?.public().clone())
    }

    /// Where the founding members listen for each other.
    ///
    /// # Errors
    /// Where an endpoint is not `host:port`.
    pub fn directory(&self) -> Result<Directory, GenesisError> {
        let keys = self.member_keys()?;
        let addresses = keys.into_iter().zip(&self.members).map(|(key, member)| {
            let why = || invalid("members", format!("{:?} is not host:port", member.endpoint));
            Ok((key, epoch::address(&member.endpoint).ok_or_else(why)?))
        });
        addresses.collect()
    }

    /// The first epoch: the founding members sign in it, and deal to themselves.
    ///
    /// # Errors
    /// Where a field does not decode.
    pub fn first_epoch(&self) -> Result<EpochInfo, GenesisError> {
        let members = Set::from_iter_dedup(self.member_keys()?);
        Ok(EpochInfo {
            outcome: EpochOutcome::Success,
            epoch: Epoch::zero(),
            output: self.output()?,
            players: members.clone(),
            next_players: members,
            directory: self.directory()?,
        })
    }

    /// The public side of the shared seal key.
    ///
    /// # Errors
    /// Where the field does not decode.
    pub fn sealing(&self) -> Result<Option<Sharing>, GenesisError> {
        self.sealing
            .as_ref()
            .map(|bytes| decode_sharing("sealing", bytes))
            .transpose()
    }

    /// The founders' sharing of the seal key, in the form in which later ones come; none: this network
    /// seals nothing.
    ///
    /// # Errors
    /// Where a field does not decode.
    pub fn first_sealing(&self) -> Result<Option<Output>, GenesisError> {
        let Some(sharing) = self.sealing()? else {
            return Ok(None);
        };
        let members = Set::from_iter_dedup(self.member_keys()?);
        let output = sealing::first_output(&sharing, &members);
        output.map(Some).map_err(|e| invalid("sealing", e))
    }

    /// The seal key, encoded.
    ///
    /// # Errors
    /// Where the field does not decode.
    pub fn seal_key(&self) -> Result<Option<[u8; SEAL_KEY_LEN]>, GenesisError> {
        let Some(sealing) = self.sealing()? else {
            return Ok(None);
        };
        let encoded = sealing.public().encode();
        let key = encoded.as_ref().try_into();
        key.map(Some)
            .map_err(|_| invalid("sealing", "its key has another length"))
    }

    /// The network key.
    ///
    /// # Errors
    /// Where the field does not decode.
    pub fn network_key(&self) -> Result<NetworkKey, GenesisError> {
        NetworkKey::decode(Copying(self.network_key.as_ref())).map_err(|e| invalid("networkKey", e))
    }

    /// The genesis block over the empty state database, whose sync target is (`ops_root`, `range`).
    ///
    /// # Errors
    /// Where the members' keys do not decode.
    pub fn block(
        &self,
        ops_root: StateDigest,
        range: NonEmptyRange<Location>,
    ) -> Result<Block, GenesisError> {
        let leader = self
            .member_keys()?
            .into_iter()
            .next()
            .ok_or_else(|| invalid("members", "none"))?;
        let context = ConsensusContext {
            round: Round::new(Epoch::zero(), View::zero()),
            leader,
            parent: (View::zero(), BlockHash::EMPTY),
        };
        let mut header = blank_header(self.hash());
        header.state_root = B256::from_slice(ops_root.as_ref());
        header.receipts_root = crate::receipt::receipts_root(&[]);
        header.gas_limit = self.gas_limit;
        header.timestamp = self.timestamp;
        header.base_fee_per_gas = Some(self.base_fee_per_gas);
        Ok(Block::seal(
            header,
            Extra {
                context,
                millis: 0,
                ops_root,
                range,
                ceremony: None,
                sealing: None,
            },
            Vec::new(),
            Some(Ceremony::EpochInfo(self.first_epoch()?)),
            None,
        ))
    }
}
