//! What a stamp proves, for programs and in words.

use std::time::{Duration, SystemTime};

use alloy_consensus::Header;
use alloy_primitives::{Address, B256, Bytes, U256};
use commonhold_primitives::{StateValue, consensus::NetworkKey, extra::Extra};
use commonhold_system::records::interface::IRecords::Record;
use commonware_codec::Encode as _;
use serde::{Deserialize, Serialize, Serializer};

use crate::abi::{Decoded, quoted};

/// What a stamp proves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Findings {
    /// The final block that it is about.
    pub block: BlockFinding,
    /// What is true of that block.
    pub statement: Statement,
}

/// A final block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BlockFinding {
    /// The key of the network that finalised it.
    pub network_key: Bytes,
    /// The hash of the genesis document that the network was founded by.
    pub genesis: B256,
    /// Its number.
    pub number: u64,
    /// Its hash.
    pub hash: B256,
    /// Its time, milliseconds since 1970.
    pub timestamp_ms: u64,
}

/// What is true of the block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Statement {
    /// It holds this transaction, which did this.
    Transaction(Box<TransactionFinding>),
    /// After it, these entries of the state have these values.
    State(Vec<EntryFinding>),
    /// After it, this record is registered, or is not.
    Record {
        /// The record.
        id: B256,
        /// What is registered.
        record: Option<RecordFinding>,
    },
}

/// A transaction and what it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TransactionFinding {
    /// Its hash.
    pub hash: B256,
    /// Its place in the block.
    pub index: usize,
    /// The chain that it was signed for.
    pub chain_id: u64,
    /// Who signed it.
    pub sender: Address,
    /// The sender's sequence number for it.
    pub nonce: u64,
    /// Whom it called.
    pub to: Option<Address>,
    /// The contract that it created.
    pub created: Option<Address>,
    /// What it sent, in wei.
    pub value: U256,
    /// The call, where the client knows the interface.
    #[serde(serialize_with = "as_code")]
    pub call: Option<Decoded>,
    /// The call's bytes.
    pub input: Bytes,
    /// Whether it did what it should.
    pub success: bool,
    /// What was told on the way.
    pub logs: Vec<LogFinding>,
}

/// A log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogFinding {
    /// Who told it.
    pub address: Address,
    /// Its topics.
    pub topics: Vec<B256>,
    /// Its data.
    pub data: Bytes,
    /// The event, where the client knows the interface.
    #[serde(serialize_with = "as_code")]
    pub event: Option<Decoded>,
}

/// An entry of the state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EntryFinding {
    /// The account.
    pub address: Address,
    /// The slot; `None` for the account itself.
    pub slot: Option<U256>,
    /// Its value; `None` where it is absent.
    #[serde(serialize_with = "as_value")]
    pub value: Option<StateValue>,
}

/// A registered record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordFinding {
    /// Who registered it.
    pub owner: Address,
    /// When, seconds since 1970.
    pub registered_at: u64,
    /// In which block.
    pub registered_in: u64,
    /// BLAKE3 of the encrypted content.
    pub content_hash: B256,
    /// Bytes of the encrypted content.
    pub length: u64,
    /// What it is.
    pub kind: String,
    /// The record that this one replaces.
    pub supersedes: Option<B256>,
    /// The record that replaces this one.
    pub superseded_by: Option<B256>,
}

impl From<Record> for RecordFinding {
    fn from(record: Record) -> Self {
        let some = |id: B256| (!id.is_zero()).then_some(id);
        Self {
            owner: record.owner,
            registered_at: record.registeredAt,
            registered_in: record.registeredIn,
            content_hash: record.contentHash,
            length: record.length,
            kind: record.kind,
            supersedes: some(record.supersedes),
            superseded_by: some(record.supersededBy),
        }
    }
}

fn as_code<S: Serializer>(decoded: &Option<Decoded>, s: S) -> Result<S::Ok, S::Error> {
    decoded.as_ref().map(Decoded::code).serialize(s)
}

fn as_value<S: Serializer>(value: &Option<StateValue>, s: S) -> Result<S::Ok, S::Error> {
    value.as_ref().map(value_text).serialize(s)
}

fn value_text(value: &StateValue) -> String {
    match value {
        StateValue::Account(account) => {
            format!(
                "nonce {}, balance {} wei, code {}",
                account.nonce, account.balance, account.code_hash
            )
        }
        StateValue::Slot(value) => format!("{value:#066x}"),
        StateValue::Code(code) => code.to_string(),
    }
}

impl BlockFinding {
    pub(super) fn new(header: &Header, hash: B256, extra: &Extra, key: &NetworkKey) -> Self {
        let timestamp_ms = header
            .timestamp
            .saturating_mul(1000)
            .saturating_add(extra.millis.into());
        let network_key = Bytes::copy_from_slice(&key.encode());
        Self {
            network_key,
            genesis: header.mix_hash,
            number: header.number,
            hash,
            timestamp_ms,
        }
    }

    /// That it is final, in words.
    pub fn sentence(&self) -> String {
        format!(
            "Block {} ({}) is final on the network with key {}. Its time is {}.",
            self.number,
            self.hash,
            self.network_key,
            date(self.timestamp_ms / 1000)
        )
    }
}

impl Findings {
    /// What is proven, in sentences.
    pub fn sentences(&self) -> Vec<String> {
        let mut sentences = vec![self.block.sentence()];
        match &self.statement {
            Statement::Transaction(transaction) => transaction.tell(&mut sentences),
            Statement::State(entries) => {
                sentences.extend(entries.iter().map(EntryFinding::sentence))
            }
            Statement::Record { id, record: None } => {
                sentences.push(format!("After it, no record {id} is registered."));
            }
            Statement::Record {
                id,
                record: Some(record),
            } => record.tell(*id, &mut sentences),
        }
        sentences
    }
}

impl TransactionFinding {
    fn tell(&self, sentences: &mut Vec<String>) {
        let what = match (self.to, &self.call) {
            (Some(_), Some(call)) => format!("called {}", call.code()),
            (Some(to), None) if self.input.is_empty() => format!("sent {} wei to {to}", self.value),
            (Some(to), None) => format!("called {to} with {} bytes of input", self.input.len()),
            (None, _) => match self.created {
                Some(address) => format!("created the contract {address}"),
                None => "tried to create a contract".to_owned(),
            },
        };
        sentences.push(format!(
            "It holds transaction {} (number {} in the block), signed for chain {} by {}, who {what}.",
            self.hash, self.index, self.chain_id, self.sender
        ));
        sentences.push(if self.success {
            "The transaction succeeded.".to_owned()
        } else {
            "The transaction failed and changed nothing.".to_owned()
        });
        for log in &self.logs {
            sentences.push(match &log.event {
                Some(event) => format!("It told: {}.", event.code()),
                None => format!(
                    "{} told an event that this program does not know.",
                    log.address
                ),
            });
        }
    }
}

impl EntryFinding {
    fn sentence(&self) -> String {
        let name = match self.slot {
            Some(slot) => format!("slot {slot:#066x} of {}", self.address),
            None => format!("account {}", self.address),
        };
        match &self.value {
            Some(value) => format!("After it, {name} holds {}.", value_text(value)),
            None => format!("After it, {name} is absent."),
        }
    }
}

impl RecordFinding {
    fn tell(&self, id: B256, sentences: &mut Vec<String>) {
        sentences.push(format!(
            "After it, record {id} is registered: {} registered {} encrypted bytes of kind {} in block {} \
             on {}. Their BLAKE3 is {}.",
            self.owner,
            self.length,
            quoted(&self.kind),
            self.registered_in,
            date(self.registered_at),
            hex::encode(self.content_hash),
        ));
        if let Some(old) = self.supersedes {
            sentences.push(format!("It replaces record {old}."));
        }
        if let Some(new) = self.superseded_by {
            sentences.push(format!("It was replaced by record {new}."));
        }
    }
}

/// Seconds since 1970 as a date. Years above 9999 are given as seconds.
pub(crate) fn date(seconds: u64) -> String {
    const YEAR_10000: u64 = 253_402_300_800;
    if seconds >= YEAR_10000 {
        return format!("{seconds} seconds since 1970");
    }
    httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
}
