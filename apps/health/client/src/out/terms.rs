//! The words that FHIR says things with: code systems, identifiers, times.

use alloy_primitives::{Address, B256, U256, keccak256};
use commonhold_health_contract::{
    ADDRESS, duo,
    interface::IHealth::{Purpose, Recipient},
};
use commonhold_sdk::roles;
use jiff::Timestamp;
use serde_json::{Value, json};

/// What all our extensions, code systems and identifiers begin with. The name is reserved (RFC 2606):
/// it is nobody's, and nothing is to be fetched there.
pub(crate) const BASE: &str = "https://commonhold.example/fhir";
/// Purposes.
pub(crate) const ACT_REASON: &str = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
/// Terms of data use.
pub(crate) const DUO: &str = "http://purl.obolibrary.org/obo/duo.owl";
/// Diseases.
pub(crate) const MONDO: &str = "http://purl.obolibrary.org/obo/mondo.owl";
/// How sensitive something is.
pub(crate) const CONFIDENTIALITY: &str = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";
/// What somebody has to do with something.
pub(crate) const PARTICIPATION: &str = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
/// DICOM's terms of audit.
pub(crate) const DCM: &str = "http://dicom.nema.org/resources/ontology/DCM";

/// An address under [`BASE`].
pub(crate) fn url(name: &str) -> String {
    format!("{BASE}/{name}")
}

/// A code.
pub(crate) fn coding(system: &str, code: &str, display: &str) -> Value {
    json!({ "system": system, "code": code, "display": display })
}

/// A code as a concept.
pub(crate) fn concept(system: &str, code: &str, display: &str) -> Value {
    json!({ "coding": [coding(system, code, display)] })
}

/// A name of ours for something.
pub(crate) fn identifier(kind: &str, value: impl ToString) -> Value {
    json!({ "system": url(kind), "value": value.to_string() })
}

/// A reference by a name of ours.
pub(crate) fn named(kind: &str, value: impl ToString) -> Value {
    json!({ "identifier": identifier(kind, value) })
}

/// Somebody on the ledger.
pub(crate) fn account(who: Address) -> Value {
    named("account", who)
}

/// A person whom slices are about.
pub(crate) fn patient(subject: Address) -> Value {
    let mut reference = account(subject);
    if let Some(members) = reference.as_object_mut() {
        members.insert("type".to_owned(), "Patient".into());
    }
    reference
}

/// The law of health on a network, as CAIP-10 names contracts.
pub(crate) fn law(chain: u64) -> String {
    format!("eip155:{chain}:{ADDRESS}")
}

/// A purpose in a coding.
pub(crate) fn purpose(purpose: Purpose) -> Value {
    let (code, display) = match purpose {
        Purpose::Research => ("HRESCH", "healthcare research"),
        Purpose::ClinicalTrial => ("CLINTRCH", "clinical trial research"),
        Purpose::PublicHealth => ("PUBHLTH", "public health"),
        Purpose::Treatment => ("TREAT", "treatment"),
        _ => ("FAMRQT", "family requested"),
    };
    coding(ACT_REASON, code, display)
}

/// Whom terms speak of; nothing for anyone.
pub(crate) fn recipient(kind: Recipient, recipient: B256) -> Option<Value> {
    match kind {
        Recipient::Account => Some(account(Address::from_word(recipient))),
        Recipient::Role => Some(named("role", roles::role_name(&recipient))),
        Recipient::Study => Some(named("study", U256::from_be_bytes(recipient.0))),
        _ => None,
    }
}

/// A time in seconds as FHIR writes it; nothing where FHIR's years do not reach it.
pub(crate) fn time(seconds: u64) -> Option<String> {
    let seconds = i64::try_from(seconds).ok()?;
    Timestamp::from_second(seconds).ok().map(|t| t.to_string())
}

/// A time in milliseconds, as an instant.
pub(crate) fn instant(millis: u64) -> String {
    let time = i64::try_from(millis).ok();
    let time = time.and_then(|millis| Timestamp::from_millisecond(millis).ok());
    time.map_or_else(String::new, |time| format!("{time:.3}"))
}

/// A value of a DUO modifier: a name that is written out ([`duo::name`]) as it is, the rest in hex.
pub(crate) fn word(value: &B256) -> String {
    let bytes = value.as_slice();
    let len = bytes
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |at| at + 1);
    let name = bytes.get(..len).unwrap_or_default();
    // No blanks: what stands around them a reader may drop.
    let plain = len < 32 && !name.is_empty() && name.iter().all(u8::is_ascii_graphic);
    match core::str::from_utf8(name) {
        Ok(name) if plain => name.to_owned(),
        _ => value.to_string(),
    }
}

/// The value that a text stands for: the other way round. Nothing for a name that is too long to be
/// written out.
pub(crate) fn unword(text: &str) -> Option<B256> {
    if text.len() == 66 && text.starts_with("0x") {
        return text.parse().ok();
    }
    (text.len() <= 31).then(|| duo::name(text))
}

/// A name for a resource that follows from what it is about, of the characters that FHIR allows.
pub(crate) fn id(kind: &str, of: &[u8]) -> String {
    let hash = keccak256(of);
    format!("{kind}-{:.40}", alloy_primitives::hex::encode(hash))
}
