//! Which class a resource is of, and whether an emergency needs it.

use super::types::Type;
use crate::{json::Node, slice::Class};

/// The class of a resource.
pub(crate) fn class(kind: &Type, resource: &Node<'_>) -> Class {
    match kind.name {
        "Observation" => observation(resource),
        "DiagnosticReport" => report(resource),
        _ => kind.class,
    }
}

fn observation(resource: &Node<'_>) -> Class {
    if has_code(resource.get("code"), GENETIC) {
        return Class::Genomic;
    }
    for category in categories(resource) {
        match category {
            "laboratory" | "LAB" => return Class::Labs,
            "vital-signs" => return Class::Vitals,
            "social-history" | "survey" | "exam" => return Class::Problems,
            "imaging" | "procedure" | "therapy" => return Class::Procedures,
            "activity" => return Class::Device,
            "genomics" | "GE" => return Class::Genomic,
            _ => {}
        }
    }
    if has_code(resource.get("code"), VITAL) {
        Class::Vitals
    } else {
        Class::Labs
    }
}

fn report(resource: &Node<'_>) -> Class {
    if has_code(resource.get("code"), GENETIC) {
        return Class::Genomic;
    }
    for category in categories(resource) {
        match category {
            "GE" | "genomics" => return Class::Genomic,
            "RAD" | "imaging" | "LP29684-5" | "CT" | "NMR" | "US" | "XRC" => {
                return Class::Procedures;
            }
            // Notes: history and physical, evaluation and plan, and the like.
            "34117-2" | "51847-2" | "11506-3" | "LP173421-1" => return Class::Documents,
            _ => {}
        }
    }
    Class::Labs
}

fn categories<'n>(resource: &'n Node<'_>) -> impl Iterator<Item = &'n str> {
    let categories = resource.list("category").iter();
    let codings = categories.flat_map(|category| category.list("coding"));
    codings.filter_map(|coding| coding.str("code"))
}

/// A concept has a LOINC code of that list.
fn has_code(concept: Option<&Node<'_>>, codes: &[&str]) -> bool {
    let codings = concept.map_or(&[][..], |concept| concept.list("coding"));
    codings.iter().any(|coding| {
        coding.str("system") == Some("http://loinc.org")
            && coding.str("code").is_some_and(|code| codes.contains(&code))
    })
}

/// LOINC codes of genetic findings and reports.
const GENETIC: &[&str] = &[
    "51963-7", "51969-4", "53037-8", "55232-3", "55233-1", "69548-6", "69547-8", "81247-9",
    "48018-6", "48004-6", "48005-3", "53034-5", "81252-9", "82120-7", "51967-8",
];

/// LOINC codes of vital signs (FHIR's profile of them).
const VITAL: &[&str] = &[
    "85353-1", "9279-1", "8867-4", "2708-6", "59408-5", "8310-5", "8302-2", "9843-4", "29463-7",
    "39156-5", "85354-9", "8480-6", "8462-4", "8478-0", "55284-4", "8306-3", "8287-5", "59576-9",
];

/// LOINC codes of blood groups.
const BLOOD_GROUP: &[&str] = &["882-1", "883-9", "884-7", "10331-7", "34530-6", "77397-8"];

/// An emergency needs it (the International Patient Summary's part that cannot wait): who it is, what
/// they do not bear, what they take, what they have, their blood group and what is implanted in them.
/// What was refuted, entered in error, resolved or stopped is not of that.
pub(crate) fn emergency(kind: &Type, resource: &Node<'_>) -> bool {
    let status = resource.str("status");
    match kind.name {
        "Patient" => true,
        "AllergyIntolerance" | "Condition" => {
            let dead = |code: &str| matches!(code, "refuted" | "entered-in-error");
            let live = |code: &str| matches!(code, "active" | "recurrence" | "relapse");
            let clinical = status_codes(resource, "clinicalStatus");
            !status_codes(resource, "verificationStatus").any(dead)
                && (resource.get("clinicalStatus").is_none() || { clinical }.any(live))
        }
        "MedicationRequest" | "MedicationStatement" | "DeviceUseStatement" => {
            matches!(status, Some("active" | "on-hold"))
        }
        "Device" => resource.get("patient").is_some() && matches!(status, None | Some("active")),
        "Observation" => {
            has_code(resource.get("code"), BLOOD_GROUP)
                && !matches!(status, Some("entered-in-error" | "cancelled"))
        }
        _ => false,
    }
}

fn status_codes<'n>(resource: &'n Node<'_>, element: &str) -> impl Iterator<Item = &'n str> {
    let concept = resource.get(element);
    let codings = concept.map_or(&[][..], |concept| concept.list("coding"));
    codings.iter().filter_map(|coding| coding.str("code"))
}
