//! Which FHIR a resource is written in.
//!
//! A resource does not say its version, and a reader of R4 that is given STU3 or R5 does not fail: it
//! overlooks what it does not know, a medication among it. So the signs by which the versions differ
//! are looked for: types that R4 does not have, elements that moved or changed their form, and
//! profiles that name a version.

use super::types;
use crate::json::Node;

/// Refuses what is of another version: what gave it away.
pub(crate) fn check(resource: &Node<'_>) -> Result<(), String> {
    let kind = resource.str("resourceType").unwrap_or_default();
    if types::of(kind).is_none() {
        let known = FOREIGN_TYPES.iter().find(|(name, _)| *name == kind);
        return Err(match known {
            Some((name, version)) => format!("the resource type {name} of FHIR {version}"),
            None => "this resource type".into(),
        });
    }
    if let Some(version) = resource.str("fhirVersion")
        && !version.starts_with("4.0")
    {
        return Err("what names another fhirVersion".into());
    }
    let profiles = resource
        .get("meta")
        .map_or(&[][..], |meta| meta.list("profile"));
    if profiles.iter().filter_map(Node::text).any(foreign_profile) {
        return Err("what follows a profile of another version".into());
    }
    for (name, element, form, version) in SIGNS {
        if *name == kind && resource.get(element).is_some_and(|node| form.fits(node)) {
            return Err(format!("{name}.{element} in the form of FHIR {version}"));
        }
    }
    Ok(())
}

fn foreign_profile(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://hl7.org/fhir/") else {
        return false;
    };
    let path = [
        "1.0/", "3.0/", "4.3/", "5.0/", "DSTU2/", "STU3/", "R4B/", "R5/", "R6/",
    ];
    let base = rest.starts_with("StructureDefinition/");
    path.iter().any(|p| rest.starts_with(p))
        || (base
            && rest
                .split_once('|')
                .is_some_and(|(_, v)| !v.starts_with("4.0")))
}

/// The form of an element that gives a version away.
enum Form {
    Any,
    Text,
    Object,
    Array,
}

impl Form {
    const fn fits(&self, node: &Node<'_>) -> bool {
        match self {
            Self::Any => true,
            Self::Text => matches!(node, Node::String(_)),
            Self::Object => matches!(node, Node::Object(_)),
            Self::Array => matches!(node, Node::Array(_)),
        }
    }
}

/// Types of other versions that a hospital's export may well hold.
const FOREIGN_TYPES: &[(&str, &str)] = &[
    ("BodySite", "STU3 or earlier"),
    ("ClinicalUseDefinition", "R5"),
    ("Conformance", "DSTU2"),
    ("DeviceAssociation", "R5"),
    ("DeviceComponent", "STU3"),
    ("DeviceDispense", "R5"),
    ("DeviceUsage", "R5"),
    ("DeviceUseRequest", "DSTU2"),
    ("DiagnosticOrder", "DSTU2"),
    ("EligibilityRequest", "STU3"),
    ("EligibilityResponse", "STU3"),
    ("EncounterHistory", "R5"),
    ("FormularyItem", "R5"),
    ("GenomicStudy", "R5"),
    ("ImagingManifest", "STU3"),
    ("ImagingSelection", "R5"),
    ("InventoryItem", "R5"),
    ("InventoryReport", "R5"),
    ("MedicationOrder", "DSTU2"),
    ("MedicinalProductDefinition", "R5"),
    ("NutritionIntake", "R5"),
    ("Permission", "R5"),
    ("ProcedureRequest", "STU3 or earlier"),
    ("ReferralRequest", "STU3 or earlier"),
    ("RequestOrchestration", "R5"),
    ("Sequence", "STU3"),
    ("SubscriptionStatus", "R5"),
    ("SubscriptionTopic", "R5"),
    ("Transport", "R5"),
];

const STU3: &str = "STU3 or earlier";
const R5: &str = "R5";

/// Elements that R4 does not have, or not in that form.
const SIGNS: &[(&str, &str, Form, &str)] = &[
    ("AllergyIntolerance", "clinicalStatus", Form::Text, STU3),
    ("AllergyIntolerance", "assertedDate", Form::Any, STU3),
    ("AllergyIntolerance", "substance", Form::Any, STU3),
    ("AllergyIntolerance", "type", Form::Object, R5),
    ("AllergyIntolerance", "participant", Form::Any, R5),
    ("CarePlan", "context", Form::Any, STU3),
    ("CarePlan", "definition", Form::Any, STU3),
    ("CarePlan", "custodian", Form::Any, R5),
    ("Claim", "organization", Form::Any, STU3),
    ("Claim", "information", Form::Any, STU3),
    ("Composition", "class", Form::Any, STU3),
    ("Composition", "identifier", Form::Array, R5),
    ("Condition", "clinicalStatus", Form::Text, STU3),
    ("Condition", "assertedDate", Form::Any, STU3),
    ("Condition", "dateRecorded", Form::Any, STU3),
    ("Condition", "participant", Form::Any, R5),
    ("Consent", "consentingParty", Form::Any, STU3),
    ("Consent", "except", Form::Any, STU3),
    ("Consent", "decision", Form::Any, R5),
    ("Consent", "grantor", Form::Any, R5),
    ("Consent", "controller", Form::Any, R5),
    ("Device", "udi", Form::Any, STU3),
    ("Device", "udiCarrier", Form::Text, STU3),
    ("Device", "name", Form::Any, R5),
    ("DiagnosticReport", "codedDiagnosis", Form::Any, STU3),
    ("DiagnosticReport", "context", Form::Any, STU3),
    ("DiagnosticReport", "image", Form::Any, STU3),
    ("DiagnosticReport", "composition", Form::Any, R5),
    ("DiagnosticReport", "supportingInfo", Form::Any, R5),
    ("DocumentReference", "class", Form::Any, STU3),
    ("DocumentReference", "indexed", Form::Any, STU3),
    ("DocumentReference", "context", Form::Array, R5),
    ("DocumentReference", "attester", Form::Any, R5),
    ("Encounter", "class", Form::Text, STU3),
    ("Encounter", "class", Form::Array, R5),
    ("Encounter", "actualPeriod", Form::Any, R5),
    ("Encounter", "admission", Form::Any, R5),
    ("Encounter", "subjectStatus", Form::Any, R5),
    ("ExplanationOfBenefit", "organization", Form::Any, STU3),
    ("ExplanationOfBenefit", "information", Form::Any, STU3),
    ("Goal", "status", Form::Any, STU3),
    ("ImagingStudy", "availability", Form::Any, STU3),
    ("ImagingStudy", "patient", Form::Any, STU3),
    ("Immunization", "date", Form::Any, STU3),
    ("Immunization", "notGiven", Form::Any, STU3),
    ("Immunization", "wasNotGiven", Form::Any, STU3),
    ("Immunization", "vaccinationProtocol", Form::Any, STU3),
    ("MedicationAdministration", "notGiven", Form::Any, STU3),
    ("MedicationAdministration", "medication", Form::Any, R5),
    ("MedicationDispense", "medication", Form::Any, R5),
    ("MedicationRequest", "context", Form::Any, STU3),
    ("MedicationRequest", "medication", Form::Any, R5),
    ("MedicationStatement", "taken", Form::Any, STU3),
    ("MedicationStatement", "medication", Form::Any, R5),
    ("MedicationStatement", "adherence", Form::Any, R5),
    ("Observation", "comment", Form::Any, STU3),
    ("Observation", "comments", Form::Any, STU3),
    ("Observation", "context", Form::Any, STU3),
    ("Observation", "related", Form::Any, STU3),
    ("Observation", "bodyStructure", Form::Any, R5),
    ("Observation", "triggeredBy", Form::Any, R5),
    ("Patient", "animal", Form::Any, STU3),
    ("Patient", "careProvider", Form::Any, STU3),
    ("Practitioner", "practitionerRole", Form::Any, STU3),
    ("Procedure", "context", Form::Any, STU3),
    ("Procedure", "notDone", Form::Any, STU3),
    ("Procedure", "notPerformed", Form::Any, STU3),
    ("Procedure", "occurrenceDateTime", Form::Any, R5),
    ("Procedure", "occurrencePeriod", Form::Any, R5),
    ("Provenance", "authorization", Form::Any, R5),
];
