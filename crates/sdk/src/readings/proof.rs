//! The proof that one reading was anchored: a file that convinces anyone offline, with the network key
//! alone.
//!
//! JSON, written in one form only, like a stamp:
//!
//! ```text
//! type      "commonhold reading proof"
//! version   1
//! key       the signing device's public key: algorithm, and the bytes in hex
//! received  when the gateway took the reading, milliseconds since 1970
//! flags     what the gateway noticed, as bits
//! envelope  the signed reading
//! index, count, path   the place in the batch's tree
//! stamp     the stamp of the transaction that anchored the batch
//! ```
//!
//! 1. The stamp is checked. It proves a transaction whose receipt holds `devices`' event `Anchored`.
//! 2. The leaf of the reading leads by the path to the root in one of these events, of the same count.
//! 3. The key is the device's that the envelope names, because the device's id is the key's hash; and the
//!    key verifies the signature.

use alloy_primitives::{B256, Bytes, LogData};
use alloy_sol_types::SolEvent as _;
use commonhold_primitives::{Stamp, consensus::NetworkKey, system::DEVICES};
use commonhold_reading::{
    Algorithm, Batch, DeviceId, DeviceKey, Entry, Envelope, Flags, ReadingProof, Value,
};
use commonhold_system::devices::interface::IDevices::Anchored;
use serde::{Deserialize, Serialize};

use crate::{
    abi::{Abis, quoted},
    client::Client,
    error::SdkError,
    limits::READING_PROOF_BYTES_MAX,
    stamp::{self, BlockFinding, StampError, Statement, date},
};

const TYPE: &str = "commonhold reading proof";
const VERSION: u32 = 1;

/// Why a file proves nothing of a reading.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Not such a file.
    #[error("not the proof of a reading: {0}")]
    Form(String),
    /// It says something, but is not written as proofs are.
    #[error(
        "the proof has been changed or reformatted: it is not in the one form that proofs have"
    )]
    Reformatted,
    /// The stamp in it proves nothing.
    #[error(transparent)]
    Stamp(#[from] StampError),
    /// The reading, its key or its place is not right.
    #[error(transparent)]
    Reading(#[from] commonhold_reading::ReadingError),
    /// The stamped transaction anchored nothing that the path leads to.
    #[error("the stamped transaction anchored no batch that holds this reading")]
    NotAnchored,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Key {
    algorithm: String,
    bytes: Bytes,
}

/// The proof of a reading, as it is written. Nothing of it is checked yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadingDocument {
    r#type: String,
    version: u32,
    key: Key,
    received: u64,
    flags: u8,
    envelope: Bytes,
    index: u32,
    count: u32,
    path: Vec<B256>,
    stamp: Stamp,
}

/// What the proof of a reading proves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Proven {
    /// The final block that holds the anchor.
    pub block: BlockFinding,
    /// The stream.
    pub stream: B256,
    /// The record of the encrypted batch.
    pub record: B256,
    /// The number of the anchor in its stream.
    pub anchor: u64,
    /// The root of the batch.
    pub root: B256,
    /// How many readings the batch has.
    pub count: u32,
    /// The reading's place in it, from 0 on.
    pub index: u32,
    /// Whose reading it is.
    pub device: DeviceId,
    /// Who signed it.
    pub signer: DeviceId,
    /// How, and with which key.
    pub algorithm: String,
    /// The signer's public key.
    pub key: Bytes,
    /// The reading's counter.
    pub counter: u64,
    /// When it was taken, by the device's clock, milliseconds since 1970.
    pub time: u64,
    /// When the gateway took it, milliseconds since 1970.
    pub received: u64,
    /// What the gateway noticed.
    pub flags: Vec<&'static str>,
    /// What read the original message, where a gateway signed for a source that cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adapter: Option<String>,
    /// The values, as text.
    pub values: Vec<String>,
}

/// Makes the proof of a reading of the batch that `record` is of: `content` is what the record holds,
/// decrypted. It is checked, with `key`, before it is given.
///
/// # Errors
/// [`SdkError::Integrity`] where the content is not that of the anchored batch.
pub fn prove(
    client: &Client,
    network_key: &NetworkKey,
    record: B256,
    content: &[u8],
    find: impl FnOnce(&Batch) -> Option<u32>,
) -> Result<ReadingDocument, SdkError> {
    let batch = Batch::decode(content)?;
    let anchor = client.anchor_of(record)?;
    if (anchor.root, anchor.count) != (batch.root(), batch.count()) {
        let why = format!("the content is not that of the batch that record {record} is of");
        return Err(SdkError::Integrity(why));
    }
    let missing = || SdkError::NotFound("the batch has no such reading".to_owned());
    let index = find(&batch).ok_or_else(missing)?;
    let place = usize::try_from(index).unwrap_or(usize::MAX);
    let entry = batch.entries().get(place).ok_or_else(missing)?;
    let proof = batch.prove(index)?;
    let device_key = client.device_key(entry.envelope.device())?;
    let transaction = client.anchoring(anchor.blockNumber, record)?;
    let stamp = client.stamp(transaction)?;
    let document = ReadingDocument::new(entry, &device_key, proof, stamp);
    document.verify(network_key).map_err(SdkError::from)?;
    Ok(document)
}

impl ReadingDocument {
    /// The proof of `entry`, which `key`'s device signed, by its place in a batch and the stamp of the
    /// transaction that anchored it.
    pub fn new(entry: &Entry, key: &DeviceKey, proof: ReadingProof, stamp: Stamp) -> Self {
        Self {
            r#type: TYPE.to_owned(),
            version: VERSION,
            key: Key {
                algorithm: key.algorithm().to_string(),
                bytes: Bytes::copy_from_slice(key.bytes()),
            },
            received: entry.received,
            flags: entry.flags.bits(),
            envelope: Bytes::copy_from_slice(entry.envelope.bytes()),
            index: proof.index,
            count: proof.count,
            path: proof.path,
            stamp,
        }
    }

    /// Whether a file says that it is the proof of a reading.
    pub fn is_one(file: &[u8]) -> bool {
        #[derive(Deserialize)]
        struct Typed {
            r#type: String,
        }
        serde_json::from_slice::<Typed>(file).is_ok_and(|typed| typed.r#type == TYPE)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// Refuses every file but the one that [`Self::to_json`] writes.
    pub fn parse(file: &[u8]) -> Result<Self, ProofError> {
        if file.len() > READING_PROOF_BYTES_MAX {
            return Err(ProofError::Form(
                "it exceeds READING_PROOF_BYTES_MAX".to_owned(),
            ));
        }
        let document: Self =
            serde_json::from_slice(file).map_err(|e| ProofError::Form(e.to_string()))?;
        if document.r#type != TYPE || document.version != VERSION {
            let why = "its type or version is not known";
            return Err(ProofError::Form(why.to_owned()));
        }
        if document.to_json() != file {
            return Err(ProofError::Reformatted);
        }
        Ok(document)
    }

    /// The file.
    pub fn to_json(&self) -> Vec<u8> {
        let mut file = serde_json::to_vec_pretty(self).unwrap_or_default();
        file.push(b'\n');
        file
    }

    /// Checks everything, with the network key alone.
    ///
    /// # Errors
    /// [`ProofError`] tells what does not hold.
    pub fn verify(&self, network_key: &NetworkKey) -> Result<Proven, ProofError> {
        let findings = stamp::verify(&self.stamp, network_key, &Abis::default())?;
        let Statement::Transaction(transaction) = findings.statement else {
            return Err(ProofError::NotAnchored);
        };
        let envelope = Envelope::parse(&self.envelope)?;
        let algorithm: Algorithm = self.key.algorithm.parse()?;
        let key = DeviceKey::new(algorithm, &self.key.bytes)?;
        envelope.verify(&key)?;
        let entry = Entry {
            received: self.received,
            flags: Flags::from_bits(self.flags)?,
            envelope,
        };
        let proof = ReadingProof {
            index: self.index,
            count: self.count,
            path: self.path.clone(),
        };
        let leaf = entry.leaf();
        let anchored = transaction
            .logs
            .iter()
            .filter(|log| log.address == DEVICES)
            .filter_map(|log| {
                let data = LogData::new(log.topics.clone(), log.data.clone())?;
                Anchored::decode_log_data(&data).ok()
            })
            .find(|event| event.count == proof.count && proof.verify(leaf, event.root).is_ok())
            .ok_or(ProofError::NotAnchored)?;
        let reading = entry.envelope.reading();
        Ok(Proven {
            block: findings.block,
            stream: anchored.stream,
            record: anchored.record,
            anchor: anchored.number,
            root: anchored.root,
            count: anchored.count,
            index: proof.index,
            device: entry.envelope.subject(),
            signer: entry.envelope.device(),
            algorithm: algorithm.to_string(),
            key: self.key.bytes.clone(),
            counter: reading.counter,
            time: reading.time,
            received: entry.received,
            flags: entry.flags.names().collect(),
            adapter: reading.origin.as_ref().map(|origin| origin.adapter.clone()),
            values: reading.pack.iter().map(words).collect(),
        })
    }
}

impl From<ProofError> for SdkError {
    fn from(e: ProofError) -> Self {
        Self::Integrity(e.to_string())
    }
}

/// A record as text.
fn words(record: &commonhold_reading::Record) -> String {
    let value = match &record.value {
        Value::Text(text) => quoted(text),
        other => other.to_string(),
    };
    let unit = record
        .unit
        .as_ref()
        .map_or(String::new(), |unit| format!(" {unit}"));
    match record.offset {
        0 => format!("{} = {value}{unit}", record.name),
        seconds => format!("{} = {value}{unit} ({seconds:+} s)", record.name),
    }
}

impl Proven {
    /// What is proven, in sentences.
    pub fn sentences(&self) -> Vec<String> {
        let mut sentences = vec![
            self.block.sentence(),
            format!(
                "In it, a batch of {} readings of stream {} was anchored (anchor {}, record {}).",
                self.count, self.stream, self.anchor, self.record
            ),
            format!(
                "Reading {} of device {} is one of them (number {} in the batch): {}.",
                self.counter,
                self.device,
                self.index,
                self.values.join(", ")
            ),
            format!(
                "By the device's clock it was taken on {}; the gateway took it on {}.",
                date(self.time / 1_000),
                date(self.received / 1_000)
            ),
        ];
        sentences.push(match &self.adapter {
            None => format!(
                "The device signed it itself, with its {} key {}.",
                self.algorithm, self.key
            ),
            Some(adapter) => format!(
                "The device cannot sign: its gateway, device {}, signed what it read from a {adapter} \
                 message, with its {} key {}.",
                self.signer, self.algorithm, self.key
            ),
        });
        if !self.flags.is_empty() {
            sentences.push(format!("The gateway noted: {}.", self.flags.join(", ")));
        }
        sentences.push(
            "Not proven here: whose the device is, and whether it was revoked; `commonhold device show` \
             asks the ledger."
                .to_owned(),
        );
        sentences
    }
}
