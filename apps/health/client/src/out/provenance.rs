//! Where a slice comes from, and who said a consent: FHIR Provenance with a signature.
//!
//! What was registered was signed by its owner: the transaction names the hash of the encrypted content,
//! and the network's certificate says when it became final. Both are in the stamp, which is the
//! signature's data.

use alloy_primitives::Address;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use commonhold_health_contract::interface::IHealth;
use commonhold_sdk::IRecords::Record;
use serde_json::{Value, json};

use super::{
    events::extension,
    proof::Happened,
    terms::{self, concept},
};
use crate::words;

/// A stamp's media type.
const STAMP: &str = "application/vnd.commonhold.stamp+json";

/// Where a slice comes from.
pub(crate) fn of_slice(slice: &IHealth::Slice, record: &Record, happened: &Happened) -> Value {
    let mut entities = vec![json!({
        "role": "source",
        "what": {
            "identifier": terms::identifier("content-blake3", record.contentHash),
            "display": "the encrypted content",
        },
    })];
    if !record.supersedes.is_zero() {
        entities.push(json!({
            "role": "revision",
            "what": terms::named("record", record.supersedes),
        }));
    }
    let mut target = terms::named("record", slice.id);
    if let Some(members) = target.as_object_mut() {
        members.insert("display".to_owned(), words::slice_class(slice).into());
    }
    let mut provenance = made(
        "record",
        slice.id.as_slice(),
        target,
        happened,
        record.owner,
    );
    if let Some(members) = provenance.as_object_mut() {
        members.insert("entity".to_owned(), entities.into());
        let of = [
            extension("content-bytes", record.length.to_string()),
            extension("block", happened.block.number.to_string()),
        ];
        members.insert("extension".to_owned(), of.to_vec().into());
    }
    provenance
}

/// Who set a consent, and when.
pub(crate) fn of_consent(
    subject: Address,
    consent: &IHealth::Consent,
    happened: &Happened,
) -> Value {
    let mut target = terms::named("consent", subject);
    if let Some(members) = target.as_object_mut() {
        members.insert("type".to_owned(), "Consent".into());
    }
    let mut provenance = made(
        "consent",
        subject.as_slice(),
        target,
        happened,
        consent.setBy,
    );
    if let Some(members) = provenance.as_object_mut() {
        let of = [
            extension("consent-version", consent.version.to_string()),
            extension("document-hash", consent.documentHash.to_string()),
            extension("block", happened.block.number.to_string()),
        ];
        members.insert("extension".to_owned(), of.to_vec().into());
    }
    provenance
}

fn made(kind: &str, of: &[u8], target: Value, happened: &Happened, who: Address) -> Value {
    let when = terms::instant(happened.block.timestamp_ms);
    json!({
        "resourceType": "Provenance",
        "id": terms::id(kind, of),
        "target": [target],
        "recorded": when,
        "activity": concept(
            "http://terminology.hl7.org/CodeSystem/v3-DataOperation",
            "CREATE",
            "create",
        ),
        "agent": [{
            "type": concept(
                "http://terminology.hl7.org/CodeSystem/provenance-participant-type",
                "author",
                "Author",
            ),
            "who": terms::account(who),
        }],
        "signature": [{
            "type": [{
                "system": "urn:iso-astm:E1762-95:2013",
                "code": "1.2.840.10065.1.12.1.1",
                "display": "Author's Signature",
            }],
            "when": when,
            "who": terms::account(happened.did.sender),
            "sigFormat": STAMP,
            "data": BASE64_STANDARD.encode(&happened.stamp),
        }],
    })
}
