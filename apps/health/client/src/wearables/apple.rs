//! Apple Health's `export.xml`: element by element, however large.
//!
//! Real exports begin with a document type definition of some hundred lines that their own contents do
//! not follow; it is passed over.

use super::kept;
use crate::{
    Contents, Kind,
    days::Day,
    refusal::{Place, Refusal},
    slice::Sensitivity,
    source::{Coat, Source},
    xml::{Element, Piece, Xml},
};

/// Elements that are a measurement, with the attribute that says what of.
const MEASUREMENTS: &[(&str, Option<&str>)] = &[
    ("Record", Some("type")),
    ("Correlation", Some("type")),
    ("Workout", Some("workoutActivityType")),
    ("ActivitySummary", None),
    ("ClinicalRecord", Some("type")),
    ("Audiogram", None),
    ("VisionPrescription", None),
    ("StateOfMind", None),
];

/// Parts of the names of measurements that are sensitive.
const SENSITIVE: &[(&str, Sensitivity)] = &[
    ("AlcoholContent", Sensitivity::ETH),
    ("AlcoholicBeverages", Sensitivity::ETH),
    ("BleedingAfterPregnancy", Sensitivity::SEX),
    ("BleedingDuringPregnancy", Sensitivity::SEX),
    ("CervicalMucus", Sensitivity::SEX),
    ("Contraceptive", Sensitivity::SEX),
    ("IntermenstrualBleeding", Sensitivity::SEX),
    ("Lactation", Sensitivity::SEX),
    ("Menstrual", Sensitivity::SEX),
    ("OvulationTest", Sensitivity::SEX),
    ("Pregnancy", Sensitivity::SEX),
    ("ProgesteroneTest", Sensitivity::SEX),
    ("SexualActivity", Sensitivity::SEX),
    ("GAD7", Sensitivity::PSY),
    ("PHQ9", Sensitivity::PSY),
    ("StateOfMind", Sensitivity::PSY),
    ("MoodChanges", Sensitivity::PSY),
];

/// Reads a file.
pub(crate) fn read(source: &Source, coat: Coat) -> Result<Contents, Refusal> {
    let mut xml = Xml::new(source.unpacked(coat)?);
    let mut contents = Contents::new(Kind::AppleHealth);
    let mut sensitivity = Sensitivity::none();
    loop {
        let element = match xml.next()? {
            Piece::Start(element, _) => element,
            Piece::End => continue,
            Piece::Eof => break,
        };
        let measurement = MEASUREMENTS.iter().find(|(name, _)| *name == element.name);
        let Some((name, kind)) = measurement else {
            continue;
        };
        contents.records += 1;
        let place = Place::record(contents.records);
        let kind = match kind {
            None => name,
            Some(attribute) => match element.get(attribute) {
                Some(kind) => kind,
                None => return Err(Refusal::malformed(place.element(attribute), "is missing")),
            },
        };
        for (part, what) in SENSITIVE {
            if kind.contains(part) {
                sensitivity = sensitivity.and(*what);
            }
        }
        contents.counts.add(plain(kind), 1);
        if matches!(*name, "Record" | "Correlation" | "Workout") {
            check(&element, kind, &place, &mut contents)?;
        }
    }
    contents.people_count = 1;
    kept(source, contents, coat, sensitivity)
}

/// A measurement has a beginning and an end, and a quantity is a number with a unit.
fn check(
    element: &Element,
    kind: &str,
    place: &Place,
    contents: &mut Contents,
) -> Result<(), Refusal> {
    let wrong = |attribute: &str, what: &str| {
        Err(Refusal::malformed(place.clone().element(attribute), what))
    };
    for attribute in ["startDate", "endDate"] {
        match element.get(attribute).and_then(Day::of) {
            Some(day) => contents.days.add(Some(day)),
            None => return wrong(attribute, "is no time"),
        }
    }
    if kind.starts_with("HKQuantityType") {
        let number = element
            .get("value")
            .and_then(|value| value.parse::<f64>().ok());
        if !number.is_some_and(f64::is_finite) {
            return wrong("value", "is no number");
        }
        if element.get("unit").is_none() {
            return wrong("unit", "is missing");
        }
    }
    Ok(())
}

/// The name without Apple's prefixes. What is no name of theirs is not shown: anything may stand there.
fn plain(kind: &str) -> &str {
    let known = kind.len() <= 80 && kind.bytes().all(|b| b.is_ascii_alphanumeric());
    if !known {
        return "other";
    }
    let prefixes = [
        "HKQuantityTypeIdentifier",
        "HKCategoryTypeIdentifier",
        "HKCorrelationTypeIdentifier",
        "HKWorkoutActivityType",
        "HKClinicalTypeIdentifier",
        "HKDataType",
    ];
    let plain = prefixes.iter().find_map(|prefix| kind.strip_prefix(prefix));
    let is_word = |name: &&str| MEASUREMENTS.iter().any(|(word, _)| word == name);
    plain.or(Some(kind).filter(is_word)).unwrap_or("other")
}
