//! From the ledger to FHIR: what is asked, and in which order, of a node or of a directory of stamps.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, B256};
use commonhold_health_contract::interface::IHealth::{
    self, consentOfCall, emergenciesOfCall, emergencyCall, pseudonymCall, pseudonymsOfCall,
    requestOfCall, requestsToCall, sliceCall, slicesOfCall, studyCall, studyVersionCall,
};
use commonhold_sdk::{
    IRecords::{Action, LogEntry, Record, logCall, recordCall},
    SdkError,
};
use serde_json::Value;

use super::{
    consent::consent,
    events::{self, Opening},
    proof::{About, Happened, Ledger, Of, Wanted, one},
    provenance, study,
};

/// Entries asked for at a time.
const PAGE: u64 = 100;

/// What is made of the ledger.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Documents {
    /// AuditEvents.
    pub(crate) audit: Vec<Value>,
    /// How many of them are disclosures.
    pub(crate) disclosures: u64,
    /// How many of them are refusals.
    pub(crate) refusals: u64,
    /// The consent, where there was one.
    pub(crate) consent: Option<Value>,
    /// What it permits.
    pub(crate) permits: Vec<IHealth::Permit>,
    /// Where the slices come from, and the consent.
    pub(crate) provenance: Vec<Value>,
    /// Studies that the person is in.
    pub(crate) studies: Vec<Value>,
    /// The slices.
    pub(crate) slices: Vec<Held>,
    /// The pseudonyms that the person holds: each has a directory of its own.
    pub(crate) pseudonyms: Vec<Address>,
}

/// A slice that is held.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Held {
    /// What `health` has of it.
    pub(crate) slice: IHealth::Slice,
    /// What `records` has of it; only in an export.
    pub(crate) record: Option<Record>,
}

/// Makes FHIR of what the ledger says.
///
/// # Errors
/// Where something is not proven, or does not fit together.
pub(crate) fn documents<L: Ledger>(ledger: &mut L, about: &About) -> Result<Documents, SdkError> {
    let slices = slices(ledger, about.of)?;
    let mut documents = Documents::default();
    audit(ledger, &slices, about.of, &mut documents)?;
    if let Of::Subject(subject) = about.of {
        documents.pseudonyms = pseudonyms(ledger, subject)?;
    }
    match about.of {
        Of::Subject(subject) if about.export => {
            provenances(ledger, slices, &mut documents)?;
            consents(ledger, subject, about.chain, &mut documents)?;
            studies(ledger, subject, &mut documents)?;
        }
        _ => {
            let held = |slice| Held {
                slice,
                record: None,
            };
            documents.slices = slices.into_iter().map(held).collect();
        }
    }
    Ok(documents)
}

fn slices<L: Ledger>(ledger: &mut L, of: Of) -> Result<Vec<IHealth::Slice>, SdkError> {
    let ids = match of {
        Of::Record(id) => vec![id],
        Of::Subject(subject) => every(|from| {
            let call = slicesOfCall {
                subject,
                from,
                max: PAGE,
            };
            let told = one(ledger.health(&[call])?)?;
            Ok((told.page, told.total))
        })?,
    };
    let calls: Vec<_> = ids.into_iter().map(|id| sliceCall { id }).collect();
    ledger.health(&calls)
}

/// The pseudonyms that somebody took over and has not passed on.
fn pseudonyms<L: Ledger>(ledger: &mut L, holder: Address) -> Result<Vec<Address>, SdkError> {
    let ever: Vec<Address> = every(|from| {
        let call = pseudonymsOfCall {
            holder,
            from,
            max: PAGE,
        };
        let told = one(ledger.health(&[call])?)?;
        Ok((told.page, told.total))
    })?;
    let calls: Vec<_> = ever
        .iter()
        .map(|subject| pseudonymCall { subject: *subject })
        .collect();
    let entries = ledger.health(&calls)?;
    let held = ever.into_iter().zip(entries);
    Ok(held
        .filter(|(_, entry)| entry.holder == holder)
        .map(|(subject, _)| subject)
        .collect())
}

/// Every entry of a list, of which `page` tells those from a number on, and how many there are.
fn every<T>(
    mut page: impl FnMut(u64) -> Result<(Vec<T>, u64), SdkError>,
) -> Result<Vec<T>, SdkError> {
    let mut all = Vec::new();
    loop {
        let (some, total) = page(all.len() as u64)?;
        let ended = some.is_empty();
        all.extend(some);
        if all.len() as u64 >= total {
            return Ok(all);
        }
        if ended {
            return Err(SdkError::Integrity(
                "a list has fewer entries than it says".to_owned(),
            ));
        }
    }
}

/// The logs of records.
fn logs<L: Ledger>(ledger: &mut L, ids: &[B256]) -> Result<Vec<Vec<LogEntry>>, SdkError> {
    let calls: Vec<_> = ids
        .iter()
        .map(|id| logCall {
            id: *id,
            from: 0,
            max: PAGE,
        })
        .collect();
    let first = ledger.records(&calls)?;
    let mut logs = Vec::new();
    for (id, told) in ids.iter().zip(first) {
        let mut log = told.page;
        if (log.len() as u64) < told.total {
            let from = log.len() as u64;
            log.extend(every(|read| {
                let call = logCall {
                    id: *id,
                    from: from.saturating_add(read),
                    max: PAGE,
                };
                let told = one(ledger.records(&[call])?)?;
                Ok((told.page, told.total.saturating_sub(from)))
            })?);
        }
        logs.push(log);
    }
    Ok(logs)
}

/// An opening before its request is known.
struct Found<'s> {
    number: u64,
    slice: &'s IHealth::Slice,
    request: u64,
    happened: Happened,
}

fn audit<L: Ledger>(
    ledger: &mut L,
    slices: &[IHealth::Slice],
    of: Of,
    documents: &mut Documents,
) -> Result<(), SdkError> {
    let ids: Vec<B256> = slices.iter().map(|slice| slice.id).collect();
    let mut found = Vec::new();
    for (slice, log) in slices.iter().zip(logs(ledger, &ids)?) {
        for entry in log {
            if !matches!(entry.action, Action::Permitted | Action::Refused) {
                continue;
            }
            let number = u64::try_from(alloy_primitives::U256::from_be_bytes(entry.detail.0))
                .map_err(|_| SdkError::Integrity("an opening's number is absurd".to_owned()))?;
            let wanted = Wanted::Opening(number, slice.id, entry.blockNumber);
            let happened = ledger.happened(&wanted)?;
            let request = happened.asked(number).map_or(0, |asked| asked.request);
            found.push(Found {
                number,
                slice,
                request,
                happened,
            });
        }
    }
    found.sort_by_key(|found| found.number);
    let numbers: BTreeSet<u64> = found
        .iter()
        .map(|f| f.request)
        .filter(|n| *n != 0)
        .collect();
    let calls: Vec<_> = numbers
        .iter()
        .map(|number| requestOfCall { number: *number })
        .collect();
    let requests: BTreeMap<u64, IHealth::Request> =
        numbers.into_iter().zip(ledger.health(&calls)?).collect();
    for one in &found {
        let event = one
            .happened
            .opening(one.number)
            .ok_or_else(|| SdkError::Integrity(format!("opening {} is not proven", one.number)))?;
        let confirmed = one.happened.confirmed(one.number);
        let opening = Opening {
            number: one.number,
            slice: one.slice,
            reader: event.reader,
            access: event.access,
            leave: one.happened.asked(one.number).map(|asked| asked.leave),
            request: requests.get(&one.request),
            emergency: confirmed.map(|event| (event.number, event.second)),
            happened: &one.happened,
        };
        if opening.is_permitted() {
            documents.disclosures += 1;
        } else {
            documents.refusals += 1;
        }
        documents.audit.push(opening.event());
    }
    if let Of::Subject(subject) = of {
        emergencies(ledger, subject, documents)?;
    }
    Ok(())
}

fn emergencies<L: Ledger>(
    ledger: &mut L,
    subject: Address,
    documents: &mut Documents,
) -> Result<(), SdkError> {
    let numbers: Vec<u64> = every(|from| {
        let call = emergenciesOfCall {
            subject,
            from,
            max: PAGE,
        };
        let told = one(ledger.health(&[call])?)?;
        Ok((told.page, told.total))
    })?;
    let calls: Vec<_> = numbers
        .into_iter()
        .map(|number| emergencyCall { number })
        .collect();
    let genesis = ledger.genesis();
    for case in ledger.health(&calls)? {
        documents.audit.push(events::emergency(&case, genesis));
    }
    Ok(())
}

fn provenances<L: Ledger>(
    ledger: &mut L,
    slices: Vec<IHealth::Slice>,
    documents: &mut Documents,
) -> Result<(), SdkError> {
    let calls: Vec<_> = slices
        .iter()
        .map(|slice| recordCall { id: slice.id })
        .collect();
    let records = ledger.records(&calls)?;
    for (slice, record) in slices.into_iter().zip(records) {
        let happened = ledger.happened(&Wanted::Registration(slice.id, record.registeredIn))?;
        documents
            .provenance
            .push(provenance::of_slice(&slice, &record, &happened));
        documents.slices.push(Held {
            slice,
            record: Some(record),
        });
    }
    Ok(())
}

fn consents<L: Ledger>(
    ledger: &mut L,
    subject: Address,
    chain: u64,
    documents: &mut Documents,
) -> Result<(), SdkError> {
    let found = one(ledger.health(&[consentOfCall { subject }])?)?;
    if found.version == 0 {
        return Ok(());
    }
    let permits = (found.endedAt == 0).then_some(found.permits.as_slice());
    documents.consent = Some(consent(subject, chain, permits));
    documents.permits = permits.unwrap_or_default().to_vec();
    let happened = ledger.happened(&Wanted::Consent(subject, found.version))?;
    documents
        .provenance
        .push(provenance::of_consent(subject, &found, &happened));
    Ok(())
}

/// Studies that something was let in to for, or that hold copies.
fn studies<L: Ledger>(
    ledger: &mut L,
    subject: Address,
    documents: &mut Documents,
) -> Result<(), SdkError> {
    let numbers: Vec<u64> = every(|from| {
        let call = requestsToCall {
            subject,
            from,
            max: PAGE,
        };
        let told = one(ledger.health(&[call])?)?;
        Ok((told.page, told.total))
    })?;
    let calls: Vec<_> = numbers
        .into_iter()
        .map(|number| requestOfCall { number })
        .collect();
    let requests = ledger.health(&calls)?;
    let takes_part = |request: &IHealth::Request| {
        request.study != 0 && (request.standing | request.approved != 0 || request.used > 0)
    };
    let of = requests.iter().filter(|request| takes_part(request));
    let numbers: BTreeSet<u64> = of.map(|request| request.study).collect();
    let calls: Vec<_> = numbers
        .iter()
        .map(|number| studyCall { number: *number })
        .collect();
    let found = ledger.health(&calls)?;
    let calls: Vec<_> = found
        .iter()
        .map(|study| studyVersionCall {
            number: study.number,
            version: study.versions,
        })
        .collect();
    let versions = ledger.health(&calls)?;
    documents.studies = found
        .iter()
        .zip(&versions)
        .map(|(found, version)| study::study(found, version))
        .collect();
    Ok(())
}
