//! What the ledger tells of a community's month, as one file: who is in it, the rules, tariffs and limits
//! that held, every signed reading, and what each slot came to.
//!
//! Everything else follows from it without a network: bills ([`crate::billing`]), what the grid operator is
//! told ([`crate::papers`]), and whether the ledger computed right ([`crate::audit`]). The file is canonical
//! JSON, so that whoever gathers it, through whatever node, has the same bytes and the same *root*.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, Bytes, keccak256};
use commonhold_energy_contract::measuring::{Said, measure};
use commonhold_sdk::reading::{DeviceId, Envelope};
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

/// What members decided that a place weighs under a sharing key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeightFrom {
    /// The place.
    pub index: u32,
    /// From which slot on.
    pub from: u64,
    /// Its weight.
    pub weight: u16,
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
    /// The weights of all who took part together, under the static and hybrid keys.
    pub weights: u32,
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

/// What had become of a certificate when it was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldTold {
    /// Its slot.
    pub slot: u64,
    /// The place of its meter.
    pub index: u32,
    /// Names it.
    pub id: B256,
    /// Its Wh by their state: active, claimed, expired, withdrawn, locked.
    pub states: [u64; 5],
    /// What of the claimed Wh its household used itself.
    pub own: u64,
    /// What a correction should have taken back, and was not there any more.
    pub owed: u64,
    /// What of the withdrawn Wh its issuer took back beside corrections.
    pub taken_back: u64,
}

/// Wh that were claimed for what a place consumed, beside what its community gave it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimTold {
    /// The slot.
    pub slot: u64,
    /// The place that consumed.
    pub index: u32,
    /// How many.
    pub wh: u64,
}

/// What had become of a month's certificates. It changes with what owners do, and so has a root of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Held {
    /// Certificates, by slot and place.
    pub certificates: Vec<HeldTold>,
    /// Claims, in the order that they came.
    pub claims: Vec<ClaimTold>,
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
    /// Weights, likewise.
    pub weights: Vec<WeightFrom>,
    /// Slots, by time.
    pub slots: Vec<SlotTold>,
    /// What had become of its certificates; no part of the root.
    #[serde(skip)]
    pub held: Held,
}

/// A file of evidence.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    r#type: String,
    root: B256,
    held_root: B256,
    evidence: Evidence,
    held: Held,
}

const TYPE: &str = "commonhold energy evidence v2";

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

impl SlotTold {
    /// What a place measured and got.
    pub fn line(&self, index: u32) -> Option<&LineTold> {
        let at = self.lines.binary_search_by_key(&index, |line| line.index);
        at.ok().and_then(|at| self.lines.get(at))
    }
}

impl Evidence {
    /// What names this content, its certificates apart: keccak-256 of its canonical JSON.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn root(&self) -> Result<B256, serde_json::Error> {
        Ok(keccak256(serde_json::to_vec(self)?))
    }

    /// What names what had become of its certificates.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn held_root(&self) -> Result<B256, serde_json::Error> {
        Ok(keccak256(serde_json::to_vec(&self.held)?))
    }

    /// Its file.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn to_file(&self) -> Result<Vec<u8>, serde_json::Error> {
        let written = Written {
            r#type: TYPE.to_owned(),
            root: self.root()?,
            held_root: self.held_root()?,
            evidence: self.clone(),
            held: self.held.clone(),
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
        let evidence = Self {
            held: written.held,
            ..written.evidence
        };
        let roots = evidence
            .root()
            .and_then(|root| Ok((root, evidence.held_root()?)));
        if roots.map_err(|_| Unfit::Shape)? != (written.root, written.held_root) {
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

    /// What a place weighs in a slot under a sharing key.
    pub fn weight_at(&self, index: u32, slot: u64) -> u16 {
        let of = |one: &&WeightFrom| one.index == index && one.from <= slot;
        // Until members decide, every place weighs one.
        self.weights.iter().rfind(of).map_or(1, |one| one.weight)
    }

    /// What a signed reading says of a slot; whether it is signed is not looked at here.
    pub fn said(&self, slot: u64, signed: &[u8]) -> Option<Said> {
        let seconds = self.rules_at(slot)?.slot_seconds;
        let envelope = Envelope::parse(signed).ok()?;
        measure(envelope.reading(), slot, seconds).ok()
    }

    /// What was generated at a place in a slot, as its first and its newest readings say: what was exported
    /// and what the household used of it.
    pub fn generated(&self, told: &SlotTold, index: u32) -> (u64, u64) {
        let line = told.line(index);
        let of = |net: i64, own: u64| net.min(0).unsigned_abs().saturating_add(own);
        let own = |signed: &[u8]| self.said(told.slot, signed).map_or(0, |said| said.own());
        let mut used = line.map_or(0, |line| own(&line.signed));
        let first = line.map_or(0, |line| of(line.net, used));
        let mut last = first;
        for note in told.notes.iter().filter(|note| note.index == index) {
            // What the network operator decides is about the grid's meter alone.
            if !note.signed.is_empty() {
                used = own(&note.signed);
            }
            last = of(note.net, used);
        }
        (first, last)
    }

    /// Who was at a place in a slot.
    pub fn seat_at(&self, index: u32, slot: u64) -> Option<&Seat> {
        let of = |seat: &&Seat| seat.index == index && seat.from <= slot;
        self.seats.iter().rfind(of)
    }
}
