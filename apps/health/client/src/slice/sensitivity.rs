//! What makes a resource more sensitive than its class: labels of the people who recorded it, and
//! codes that speak for themselves where nobody labelled.
//!
//! Labels are HL7's: confidentiality (`R` restricted, `V` very restricted) and what the information is
//! sensitive about (DS4P: `HIV`, `ETH` substance use, `PSY`, `SEX`, `GDIS` genetic disease, and the rest
//! of that list). A label in no code system counts as if it were in HL7's; a label that is none of
//! these counts for nothing.

use serde::Serialize;

use super::codes;
use crate::json::Node;

/// What a resource is sensitive about: a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sensitivity(u16);

impl Sensitivity {
    /// HIV and AIDS.
    pub const HIV: Self = Self(1);
    /// Use of alcohol and other substances.
    pub const ETH: Self = Self(1 << 1);
    /// Mental health.
    pub const PSY: Self = Self(1 << 2);
    /// Sexuality and reproduction.
    pub const SEX: Self = Self(1 << 3);
    /// Genetic disease.
    pub const GDIS: Self = Self(1 << 4);
    /// Another label of HL7's list of sensitive information: violence, a celebrity, a taboo.
    pub const OTHER: Self = Self(1 << 5);
    /// Confidentiality `R`.
    pub const RESTRICTED: Self = Self(1 << 6);
    /// Confidentiality `V`.
    pub const VERY_RESTRICTED: Self = Self(1 << 7);
    /// What this program cannot look into.
    pub const UNREAD: Self = Self(1 << 8);

    const NAMES: &[(Self, &str)] = &[
        (Self::HIV, "HIV"),
        (Self::ETH, "ETH"),
        (Self::PSY, "PSY"),
        (Self::SEX, "SEX"),
        (Self::GDIS, "GDIS"),
        (Self::OTHER, "other"),
        (Self::RESTRICTED, "R"),
        (Self::VERY_RESTRICTED, "V"),
        (Self::UNREAD, "unread"),
    ];

    /// Nothing that makes it more sensitive than its class.
    pub const fn none() -> Self {
        Self(0)
    }

    /// Nothing is in the set.
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// All of `other` is in it.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// What is in either.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The names of what is in it, as HL7 writes them.
    pub fn names(self) -> Vec<&'static str> {
        let in_it = |(one, _): &&(Self, &str)| self.has(*one);
        let names = Self::NAMES.iter().filter(in_it);
        names.map(|(_, name)| *name).collect()
    }
}

impl Serialize for Sensitivity {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.names())
    }
}

const CONFIDENTIALITY: &[&str] = &[
    "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
    "http://hl7.org/fhir/v3/Confidentiality",
    "urn:oid:2.16.840.1.113883.5.25",
];

const ACT_CODE: &[&str] = &[
    "http://terminology.hl7.org/CodeSystem/v3-ActCode",
    "http://hl7.org/fhir/v3/ActCode",
    "urn:oid:2.16.840.1.113883.5.4",
];

/// HL7's list of sensitive information (`_InformationSensitivityPolicy` of v3-ActCode).
const LABELS: &[(&str, Sensitivity)] = &[
    ("HIV", Sensitivity::HIV),
    ("ETH", Sensitivity::ETH),
    ("ETHUD", Sensitivity::ETH),
    ("OPIOIDUD", Sensitivity::ETH),
    ("SUD", Sensitivity::ETH),
    ("PSY", Sensitivity::PSY),
    ("PSYTHPN", Sensitivity::PSY),
    ("MH", Sensitivity::PSY),
    ("BH", Sensitivity::PSY),
    ("COGN", Sensitivity::PSY),
    ("DVD", Sensitivity::PSY),
    ("EMOTDIS", Sensitivity::PSY),
    ("SEX", Sensitivity::SEX),
    ("STD", Sensitivity::SEX),
    ("GDIS", Sensitivity::GDIS),
    ("SCA", Sensitivity::GDIS),
    ("SICKLE", Sensitivity::GDIS),
    ("MST", Sensitivity::OTHER),
    ("SDV", Sensitivity::OTHER),
    ("VIO", Sensitivity::OTHER),
    ("SPI", Sensitivity::OTHER),
    ("TBOO", Sensitivity::OTHER),
    ("TABOO", Sensitivity::OTHER),
    ("ADOL", Sensitivity::OTHER),
    ("CEL", Sensitivity::OTHER),
    ("VIP", Sensitivity::OTHER),
    ("EMP", Sensitivity::OTHER),
    ("B", Sensitivity::OTHER),
    ("DIA", Sensitivity::OTHER),
    ("PDS", Sensitivity::OTHER),
    ("PHY", Sensitivity::OTHER),
    ("PRS", Sensitivity::OTHER),
    ("COMPT", Sensitivity::OTHER),
    ("LOCIS", Sensitivity::OTHER),
    ("MARST", Sensitivity::OTHER),
    ("RACE", Sensitivity::OTHER),
    ("REL", Sensitivity::OTHER),
];

/// What a label says.
pub(crate) fn of_label(label: &Node<'_>) -> Sensitivity {
    let code = label.str("code").unwrap_or_default().trim();
    let system = label.str("system").map(str::trim);
    if system.is_none_or(|system| CONFIDENTIALITY.contains(&system)) {
        let found = of_confidentiality(code);
        if !found.is_none() {
            return found;
        }
    }
    if system.is_none_or(|system| ACT_CODE.contains(&system)) {
        let found = LABELS.iter().find(|(name, _)| *name == code);
        return found.map_or(Sensitivity::none(), |(_, sensitivity)| *sensitivity);
    }
    Sensitivity::none()
}

/// What a code of confidentiality says.
pub(crate) fn of_confidentiality(code: &str) -> Sensitivity {
    match code {
        "R" => Sensitivity::RESTRICTED,
        "V" => Sensitivity::VERY_RESTRICTED,
        _ => Sensitivity::none(),
    }
}

/// What a coding or a name says by itself, of whatever is coded with it.
pub(crate) fn of_coding(coding: &Node<'_>) -> Sensitivity {
    match (coding.str("system"), coding.str("code")) {
        (Some(system), Some(code)) => codes::of(system, code),
        _ => Sensitivity::none(),
    }
}
