//! Sets of classes and purposes in words: `labs,vitals,labs.restricted`.

use commonhold_health_contract::{
    codes::{ALL_CLASSES, ALL_NORMAL, CLASSES, RESTRICTED_SHIFT, bit, class_code, codes},
    interface::IHealth::{self, Purpose},
};
use commonhold_sdk::IRecords::Access;

use crate::slice::{Class, Sensitivity};

/// Classes by their numbers on the ledger.
const NAMES: [&str; CLASSES as usize] = [
    "demographics",
    "problems",
    "meds",
    "allergies",
    "immunizations",
    "labs",
    "vitals",
    "procedures",
    "documents",
    "genomic",
    "device",
    "trial",
    "emergency",
];

/// Purposes, and v3-ActReason's codes for them.
pub(crate) const PURPOSES: [(Purpose, &str, &str); 5] = [
    (Purpose::Research, "research", "HRESCH"),
    (Purpose::ClinicalTrial, "clinical-trial", "CLINTRCH"),
    (Purpose::PublicHealth, "public-health", "PUBHLTH"),
    (Purpose::Treatment, "treatment", "TREAT"),
    (Purpose::FamilyRequest, "family-request", "FAMRQT"),
];

/// The suffix of restricted slices.
const RESTRICTED: &str = ".restricted";

/// The name of a class by its bit's number.
pub(crate) fn class(code: u8) -> String {
    let name = |code: u8| NAMES.get(usize::from(code)).copied().unwrap_or("unknown");
    match code.checked_sub(RESTRICTED_SHIFT) {
        Some(code) => format!("{}{RESTRICTED}", name(code)),
        None => name(code).to_owned(),
    }
}

/// The class of a slice.
pub(crate) fn slice_class(slice: &IHealth::Slice) -> String {
    class(class_code(slice.class, slice.sensitivity))
}

/// Why `records` lets nobody in, in words.
pub(crate) const fn access(access: Access) -> &'static str {
    match access {
        Access::UnknownRecord => "there is no such record",
        Access::NoGrant => "the reader was never let in",
        Access::NotYet => "the reader's time has not come",
        Access::Expired => "the reader's time is over",
        Access::Revoked => "it was revoked",
        Access::UsedUp => "the reader had all openings that were given",
        Access::NotSealed => "it is not sealed to the network",
        Access::Erased => "it was erased",
        _ => "",
    }
}

/// A set of classes in words.
pub(crate) fn classes(set: u32) -> Vec<String> {
    codes(set).map(class).collect()
}

/// Reads one class; nothing where it is none.
pub(crate) fn parse_class(name: &str) -> Option<u32> {
    (0..32)
        .find(|code| ALL_CLASSES & bit(*code) != 0 && class(*code) == name)
        .map(bit)
}

/// Reads a set of classes: names with commas between, `all` (nothing restricted) or `everything`.
pub(crate) fn parse_classes(text: &str) -> Result<u32, String> {
    let one = |name: &str| {
        let set = match name {
            "all" => ALL_NORMAL,
            "everything" => ALL_CLASSES,
            _ => parse_class(name).ok_or_else(|| {
                let names = NAMES.join(", ");
                format!(
                    "{name:?} is no class: {names}, each also with {RESTRICTED}; all; everything"
                )
            })?,
        };
        Ok(set)
    };
    text.split(',')
        .map(|name| one(name.trim()))
        .try_fold(0, |set, bits: Result<u32, String>| Ok(set | bits?))
}

/// Reads a purpose: its name or its code.
pub(crate) fn parse_purpose(text: &str) -> Result<Purpose, String> {
    let found = PURPOSES
        .iter()
        .find(|(_, name, code)| *name == text || *code == text);
    found.map(|(purpose, ..)| *purpose).ok_or_else(|| {
        let names: Vec<_> = PURPOSES.iter().map(|(_, name, _)| *name).collect();
        format!("{text:?} is no purpose: {}", names.join(", "))
    })
}

/// A purpose's name.
pub(crate) fn purpose(purpose: Purpose) -> &'static str {
    let found = PURPOSES.iter().find(|(known, ..)| *known == purpose);
    found.map_or("unknown", |(_, name, _)| name)
}

/// A set of purposes in words.
pub(crate) fn purposes(set: u16) -> Vec<&'static str> {
    let of = |(purpose, name, _): &(Purpose, &'static str, &str)| {
        let bit = commonhold_health_contract::codes::purpose_bit(*purpose);
        (set & bit != 0).then_some(*name)
    };
    PURPOSES.iter().filter_map(of).collect()
}

impl Class {
    /// The class as the ledger has it.
    pub(crate) const fn on_ledger(self) -> IHealth::Class {
        match self {
            Self::Demographics => IHealth::Class::Demographics,
            Self::Problems => IHealth::Class::Problems,
            Self::Meds => IHealth::Class::Medications,
            Self::Allergies => IHealth::Class::Allergies,
            Self::Immunizations => IHealth::Class::Immunizations,
            Self::Labs => IHealth::Class::Labs,
            Self::Vitals => IHealth::Class::Vitals,
            Self::Procedures => IHealth::Class::Procedures,
            Self::Documents => IHealth::Class::Documents,
            Self::Genomic => IHealth::Class::Genomic,
            Self::Device => IHealth::Class::Device,
            Self::Emergency => IHealth::Class::Emergency,
        }
    }
}

/// How sensitive a slice is, as coarsely as the ledger is told.
pub(crate) fn sensitivity(restricted: bool, about: Sensitivity) -> IHealth::Sensitivity {
    if about.has(Sensitivity::VERY_RESTRICTED) {
        IHealth::Sensitivity::VeryRestricted
    } else if restricted {
        IHealth::Sensitivity::Restricted
    } else {
        IHealth::Sensitivity::Normal
    }
}

/// Midnight (UTC) of a date, seconds since 1970.
pub(crate) fn midnight(date: &str) -> Option<u64> {
    let date: jiff::civil::Date = date.parse().ok()?;
    let midnight = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    u64::try_from(midnight.timestamp().as_second()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_of_one_is_read_as_it_is_written() {
        for code in codes(ALL_CLASSES) {
            assert_eq!(parse_classes(&class(code)), Ok(bit(code)));
        }
        assert_eq!(parse_classes("labs, vitals"), Ok(bit(5) | bit(6)));
        assert_eq!(classes(bit(5) | bit(21)), ["labs", "labs.restricted"]);
        assert!(parse_classes("blood").is_err() && parse_classes("").is_err());
    }

    #[test]
    fn classes_have_one_name_in_files_and_on_the_ledger() {
        for class_here in Class::ALL {
            assert_eq!(class(class_here.on_ledger() as u8), class_here.name());
        }
    }

    #[test]
    fn purposes_are_read_by_name_and_code() {
        for (known, name, code) in PURPOSES {
            assert_eq!(parse_purpose(name), Ok(known));
            assert_eq!(parse_purpose(code), Ok(known));
            assert_eq!(purpose(known), name);
        }
    }
}
