//! AuditEvents: IHE Basic Audit Log Patterns (BALP) 1.1.4, one for each opening that was asked for.
//!
//! | on the ledger | AuditEvent |
//! |---|---|
//! | an opening that was permitted | Privacy Disclosure at Source: DCM 110106 Export, ISO 21089 `disclose`, outcome 0 |
//! | the same, in an emergency | the same, subtype DCM 110127 Emergency Override Started beside, purpose BTG |
//! | an opening that was refused | Authorization Decision by Consent: DCM 110113, `AuthZ-Consent`, outcome 8 and why |
//! | an emergency that somebody opened | DCM 110113 Security Alert with DCM 110127; nothing is disclosed by it |
//!
//! So there are as many disclosures as there are permitted entries in the logs that `records` keeps of
//! the slices: people who read their own count too. Where the profile wants to know what the ledger does
//! not (which organisation somebody is of) it says that it is not known.

use alloy_primitives::{Address, B256};
use commonhold_health_contract::{
    interface::IHealth::{self, Leave, Sensitivity},
    leave,
};
use commonhold_sdk::IRecords::Access;
use serde_json::{Value, json};

use super::{
    proof::Happened,
    terms::{self, ACT_REASON, DCM, PARTICIPATION, coding, concept, url},
};
use crate::words;

const PROFILES: &str = "https://profiles.ihe.net/ITI/BALP/StructureDefinition";
const SNOMED: &str = "http://snomed.info/sct";

/// An opening, with everything that is known of it.
pub(crate) struct Opening<'a> {
    /// Its number in `records`.
    pub(crate) number: u64,
    /// The slice.
    pub(crate) slice: &'a IHealth::Slice,
    /// Who was to read.
    pub(crate) reader: Address,
    /// What `records` answered.
    pub(crate) access: Access,
    /// What `health` answered, where it was asked.
    pub(crate) leave: Option<Leave>,
    /// The request that it was asked under.
    pub(crate) request: Option<&'a IHealth::Request>,
    /// The emergency that it was for, and who confirmed it.
    pub(crate) emergency: Option<(u64, Address)>,
    /// The transaction.
    pub(crate) happened: &'a Happened,
}

impl Opening<'_> {
    /// Whether data was disclosed.
    pub(crate) const fn is_permitted(&self) -> bool {
        commonhold_sdk::access::permits(self.access)
    }

    /// The AuditEvent.
    pub(crate) fn event(&self) -> Value {
        match self.is_permitted() {
            true => self.disclosure(),
            false => self.refusal(),
        }
    }

    fn disclosure(&self) -> Value {
        let network = network(self.happened);
        let mut subtype = vec![coding(
            "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle",
            "disclose",
            "Disclose Record Lifecycle Event",
        )];
        let mut agents = vec![
            json!({
                "type": concept(DCM, "110153", "Source Role ID"),
                "who": network,
                "requestor": false,
                "network": address(&chain(self.happened)),
            }),
            json!({
                "type": concept(DCM, "110152", "Destination Role ID"),
                "who": terms::account(self.reader),
                "requestor": true,
                "network": address(&format!("{}:{}", chain(self.happened), self.reader)),
            }),
        ];
        match self.emergency {
            Some((_, second)) => {
                subtype.push(coding(DCM, "110127", "Emergency Override Started"));
                agents.push(json!({
                    "type": concept(PARTICIPATION, "VRF", "verifier"),
                    "who": terms::account(second),
                    "requestor": false,
                }));
            }
            None => agents.push(json!({
                "type": concept(SNOMED, "429577009", "Patient Advocate"),
                "who": terms::patient(self.slice.subject),
                "requestor": false,
            })),
        }
        let mut entities = vec![person(self.slice.subject), self.data()];
        if let Some(study) = self
            .request
            .map(|request| request.study)
            .filter(|study| *study != 0)
        {
            entities.push(json!({
                "type": { "system": "http://hl7.org/fhir/resource-types", "code": "ResearchStudy" },
                "what": terms::named("study", study),
            }));
        }
        let mut event = self.common(json!({
            "meta": { "profile": [format!("{PROFILES}/IHE.BasicAudit.PrivacyDisclosure.Source")] },
            "type": coding(DCM, "110106", "Export"),
            "subtype": subtype,
            "action": "R",
            "outcome": "0",
            "agent": agents,
            "source": source(&network, "4", "Application Server"),
            "entity": entities,
        }));
        if let (Some(purpose), Some(members)) = (self.purpose(), event.as_object_mut()) {
            members.insert(
                "purposeOfEvent".to_owned(),
                json!([{ "coding": [purpose] }]),
            );
        }
        event
    }

    fn refusal(&self) -> Value {
        let network = network(self.happened);
        let mut user = json!({
            "type": concept(PARTICIPATION, "IRCP", "information recipient"),
            "who": terms::account(self.reader),
            "requestor": true,
        });
        if let (Some(purpose), Some(members)) = (self.purpose(), user.as_object_mut()) {
            members.insert("purposeOfUse".to_owned(), json!([{ "coding": [purpose] }]));
        }
        let why = match self.leave {
            Some(leave) if !leave::permits(leave) => leave::words(leave),
            _ => words::access(self.access),
        };
        self.common(json!({
            "meta": { "profile": [format!("{PROFILES}/IHE.BasicAudit.AuthZconsent")] },
            "type": coding(DCM, "110113", "Security Alert"),
            "subtype": [{
                "system": "https://profiles.ihe.net/ITI/BALP/CodeSystem/AuthZsubType",
                "code": "AuthZ-Consent",
            }],
            "action": "E",
            "outcome": "8",
            "outcomeDesc": why,
            "agent": [
                {
                    "type": concept(DCM, "110150", "Application"),
                    "who": terms::account(self.happened.did.sender),
                    "requestor": false,
                    "network": address(&format!("{}:{}", chain(self.happened), self.happened.did.sender)),
                },
                user,
                {
                    "type": concept("http://terminology.hl7.org/CodeSystem/v3-RoleClass", "PROV", "healthcare provider"),
                    "who": { "display": "not known on the ledger" },
                    "requestor": false,
                },
                {
                    "type": concept(
                        "http://terminology.hl7.org/CodeSystem/extra-security-role-type",
                        "authserver",
                        "authorization server",
                    ),
                    "who": network,
                    "requestor": false,
                },
            ],
            "source": source(&network, "6", "Security Server"),
            "entity": [person(self.slice.subject), {
                "type": { "system": "http://hl7.org/fhir/resource-types", "code": "Consent" },
                "what": terms::named("consent", self.slice.subject),
            }],
        }))
    }

    /// What for, where it is known.
    fn purpose(&self) -> Option<Value> {
        if self.emergency.is_some() {
            return Some(coding(ACT_REASON, "BTG", "break the glass"));
        }
        match self.request {
            Some(request) => Some(terms::purpose(request.purpose)),
            None if self.leave == Some(Leave::Own) || self.reader == self.slice.subject => {
                Some(coding(ACT_REASON, "PATRQT", "patient requested"))
            }
            None => None,
        }
    }

    /// The slice as an entity.
    fn data(&self) -> Value {
        let (code, display) = match self.slice.sensitivity {
            Sensitivity::Normal => ("N", "normal"),
            Sensitivity::Restricted => ("R", "restricted"),
            _ => ("V", "very restricted"),
        };
        json!({
            "type": coding("http://terminology.hl7.org/CodeSystem/audit-entity-type", "2", "System Object"),
            "role": coding("http://terminology.hl7.org/CodeSystem/object-role", "4", "Domain Resource"),
            "what": terms::named("record", self.slice.id),
            "securityLabel": [coding(terms::CONFIDENTIALITY, code, display)],
            "detail": [{ "type": "class", "valueString": words::slice_class(self.slice) }],
        })
    }

    /// What every event has.
    fn common(&self, mut event: Value) -> Value {
        let mut of = vec![
            extension("opening", self.number.to_string()),
            extension("record", self.slice.id.to_string()),
        ];
        if let Some(request) = self.request {
            of.push(extension("request", request.number.to_string()));
        }
        if let Some((emergency, _)) = self.emergency {
            of.push(extension("emergency", emergency.to_string()));
        }
        of.push(extension("transaction", self.happened.did.hash.to_string()));
        of.push(extension("block", self.happened.block.number.to_string()));
        if let Some(members) = event.as_object_mut() {
            members.insert("resourceType".to_owned(), "AuditEvent".into());
            members.insert("id".to_owned(), format!("opening-{}", self.number).into());
            members.insert(
                "recorded".to_owned(),
                terms::instant(self.happened.block.timestamp_ms).into(),
            );
            members.insert("extension".to_owned(), of.into());
        }
        event
    }
}

/// The AuditEvent of an emergency that somebody opened, whether a second confirmed it or not.
pub(crate) fn emergency(case: &IHealth::Case, genesis: B256) -> Value {
    let network = terms::named("network", genesis);
    json!({
        "resourceType": "AuditEvent",
        "id": format!("emergency-{}", case.number),
        "extension": [extension("emergency", case.number.to_string())],
        "type": coding(DCM, "110113", "Security Alert"),
        "subtype": [coding(DCM, "110127", "Emergency Override Started")],
        "action": "E",
        "recorded": terms::instant(case.openedAt.saturating_mul(1000)),
        "outcome": if case.second.is_zero() { "4" } else { "0" },
        "outcomeDesc": if case.second.is_zero() { "no second clinician confirmed it" } else { "confirmed by a second clinician" },
        "purposeOfEvent": [concept(ACT_REASON, "BTG", "break the glass")],
        "agent": [{
            "type": concept(PARTICIPATION, "IRCP", "information recipient"),
            "who": terms::account(case.clinician),
            "requestor": true,
        }],
        "source": source(&network, "6", "Security Server"),
        "entity": [person(case.subject)],
    })
}

/// A word of ours on a resource.
pub(crate) fn extension(name: &str, value: String) -> Value {
    json!({ "url": url(name), "valueString": value })
}

/// The network that released.
pub(crate) fn network(happened: &Happened) -> Value {
    terms::named("network", happened.block.genesis)
}

fn chain(happened: &Happened) -> String {
    format!("eip155:{}", happened.did.chain_id)
}

/// Where somebody is on the network: a URI.
fn address(uri: &str) -> Value {
    json!({ "address": uri, "type": "5" })
}

fn source(network: &Value, code: &str, display: &str) -> Value {
    json!({
        "observer": network,
        "type": [coding("http://terminology.hl7.org/CodeSystem/security-source-type", code, display)],
    })
}

/// Whom it is about.
fn person(subject: Address) -> Value {
    json!({
        "type": coding("http://terminology.hl7.org/CodeSystem/audit-entity-type", "1", "Person"),
        "role": coding("http://terminology.hl7.org/CodeSystem/object-role", "1", "Patient"),
        "what": terms::patient(subject),
    })
}
