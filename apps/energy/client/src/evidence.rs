//! What the ledger tells of a community's month, as one file: who is in it, the rules, tariffs and limits
//! that held, every signed reading, and what each slot came to.
//!
//! Everything else follows from it without a network: bills ([`crate::billing`]), what the grid operator is
//! told ([`crate::papers`]), and whether the ledger computed right ([`crate::audit`]). The file is canonical
//! JSON, so that whoever gathers it, through whatever node, has the same bytes and the same *root*.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, Bytes, keccak256};
use commonhold_sdk::reading::DeviceId;
use serde::{Deserialize, Serialize};

/// Rules by their fields, as the ledger has them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulesFrom {
    /// From which slot on.
    pub from: u64,
    /// The interface's `Mode`, as its number.
    pub mode: u8,
    /// Rounds of the hybrid key.
    pub rounds: u8,
    /// Where an auction's price lies: numerator and denominator.
    pub k: (u32, u32),
    /// The price under a sharing key.
    pub local_price: i64,
    /// What buyers pay to the network operator.
    pub network_fee: i64,
    /// To the community.
    pub community_fee: i64,
    /// In levies.
    pub levy: i64,
    /// Seconds of a slot.
    pub slot_seconds: u32,
}

/// A supplier's prices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TariffFrom {
    /// Whose.
    pub supplier: Address,
    /// From which slot on.
    pub from: u64,
    /// For energy from the grid.
    pub retail: i64,
    /// For energy to it.
    pub feed_in: i64,
}

/// A member's limits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsFrom {
    /// Whose place.
    pub index: u32,
    /// From which slot on.
    pub from: u64,
    /// The dearest it buys at.
    pub buy: i64,
    /// The cheapest it sells at.
    pub sell: i64,
}

/// A place among the community's meters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seat {
    /// Its number.
    pub index: u32,
    /// Whose.
    pub household: Address,
    /// The meter.
    pub meter: DeviceId,
    /// What its fuse lets through, W.
    pub fuse: u32,
    /// Who supplies it.
    pub supplier: Address,
    /// What it generates with, by the hash of its code; zero: nothing.
    pub technology: B256,
    /// The first slot that it is measured in.
    pub from: u64,
}

/// A device's public key, which its id is the hash of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignerKey {
    /// The number of its algorithm.
    pub algorithm: u8,
    /// Its bytes.
    pub key: Bytes,
}

/// A meter's slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineTold {
    /// Its place.
    pub index: u32,
    /// What the ledger took from its reading, Wh; imports above zero.
    pub net: i64,
    /// The reading's version.
    pub version: u8,
    /// The reading's quality.
    pub quality: u8,
    /// The reading as it was signed.
    pub signed: Bytes,
    /// Whether it was an order.
    pub ordered: bool,
    /// The order's limit.
    pub limit: i64,
    /// What went by the community, Wh.
    pub local: u64,
    /// What the household's account changed by, nano-currency.
    pub prepaid: i64,
    /// What its supplier owes it for the rest.
    pub statement: i64,
}

/// A correction after a slot was settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoteTold {
    /// Whose place.
    pub index: u32,
    /// What was measured before.
    pub before: i64,
    /// And what by now.
    pub net: i64,
    /// What its supplier owes it for the difference.
    pub statement: i64,
    /// The later reading as it was signed; nothing where the network operator decided.
    pub signed: Bytes,
}

/// A slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlotTold {
    /// When it begins, seconds since 1970.
    pub slot: u64,
    /// How it was dealt: the interface's `Mode`, as its number.
    pub mode: u8,
    /// What each member's part was under the static and hybrid keys, in millionths.
    pub parts: u32,
    /// Whether anything traded.
    pub traded: bool,
    /// The price.
    pub price: i64,
    /// What went from member to member.
    pub volume: u64,
    /// What decided ties.
    pub key: B256,
    /// Places that were settled.
    pub meters: u32,
    /// What each meter measured and got, by place.
    pub lines: Vec<LineTold>,
    /// Corrections, in the order that they came.
    pub notes: Vec<NoteTold>,
}

/// All of a community's month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// EIP-155 id of the network.
    pub chain: u64,
    /// The community's number.
    pub community: u64,
    /// What it is called.
    pub name: String,
    /// From when, seconds since 1970.
    pub from: u64,
    /// Until just before when.
    pub to: u64,
    /// What no kWh costs more than.
    pub ceiling: u64,
    /// The zone of its certificates.
    pub zone: B256,
    /// Who gets network fees and answers for certificates.
    pub network: Address,
    /// Who gets the community's fees.
    pub treasury: Address,
    /// Who gets levies.
    pub levy_to: Address,
    /// Its places.
    pub seats: Vec<Seat>,
    /// Whose keys signed.
    pub keys: BTreeMap<DeviceId, SignerKey>,
    /// Rules, by when they hold.
    pub rules: Vec<RulesFrom>,
    /// Tariffs, likewise.
    pub tariffs: Vec<TariffFrom>,
    /// Limits, likewise.
    pub limits: Vec<LimitsFrom>,
    /// Slots, by time.
    pub slots: Vec<SlotTold>,
}

/// A file of evidence.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    r#type: String,
    root: B256,
    evidence: Evidence,
}

const TYPE: &str = "commonhold energy evidence v1";

/// Why a file is no evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It is another file, or was changed so that it is none any more.
    #[error("is no evidence that `commonhold energy audit --out` wrote, or was changed")]
    Shape,
    /// Its bytes are not those that its content has.
    #[error("was changed: its bytes are not the ones that its content is written with")]
    Bytes,
    /// Its root is another.
    #[error("was changed: its root does not follow from its content")]
    Root,
}

impl LineTold {
    /// What was traded: bought above zero, sold below.
    pub fn traded(&self) -> i64 {
        // A meter measures far less than this type holds.
        let local = i64::try_from(self.local).unwrap_or(i64::MAX);
        if self.net > 0 {
            local
        } else {
            local.saturating_neg()
        }
    }
}

impl Evidence {
    /// What names this content: keccak-256 of its canonical JSON.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn root(&self) -> Result<B256, serde_json::Error> {
        Ok(keccak256(serde_json::to_vec(self)?))
    }

    /// Its file.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn to_file(&self) -> Result<Vec<u8>, serde_json::Error> {
        let written = Written {
            r#type: TYPE.to_owned(),
            root: self.root()?,
            evidence: self.clone(),
        };
        let mut bytes = serde_json::to_vec(&written)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads a file; any byte that was changed in it is found.
    ///
    /// # Errors
    /// [`Unfit`].
    pub fn from_file(bytes: &[u8]) -> Result<Self, Unfit> {
        let written: Written = serde_json::from_slice(bytes).map_err(|_| Unfit::Shape)?;
        if written.r#type != TYPE {
            return Err(Unfit::Shape);
        }
        let evidence = written.evidence;
        if evidence.root().map_err(|_| Unfit::Shape)? != written.root {
            return Err(Unfit::Root);
        }
        if evidence.to_file().map_err(|_| Unfit::Shape)? != bytes {
            return Err(Unfit::Bytes);
        }
        Ok(evidence)
    }

    /// The rules that a slot was dealt by.
    pub fn rules_at(&self, slot: u64) -> Option<&RulesFrom> {
        self.rules.iter().rfind(|rules| rules.from <= slot)
    }

    /// A supplier's prices in a slot: the last ones that were stated by then, or its first.
    pub fn tariff_at(&self, supplier: Address, slot: u64) -> Option<&TariffFrom> {
        let of = || self.tariffs.iter().filter(|one| one.supplier == supplier);
        of().rfind(|one| one.from <= slot).or_else(|| of().next())
    }

    /// A place's limits in a slot.
    pub fn limits_at(&self, index: u32, slot: u64) -> Option<&LimitsFrom> {
        let of = |limits: &&LimitsFrom| limits.index == index && limits.from <= slot;
        self.limits.iter().rfind(of)
    }

    /// Who was at a place in a slot.
    pub fn seat_at(&self, index: u32, slot: u64) -> Option<&Seat> {
        let of = |seat: &&Seat| seat.index == index && seat.from <= slot;
        self.seats.iter().rfind(of)
    }
}
