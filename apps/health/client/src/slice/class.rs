//! The classes of health data, by which people consent.

use std::fmt;

use serde::Serialize;

/// A class of health data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Who a person is, and whom the record speaks of beside them: contacts, practitioners, places.
    Demographics,
    /// Diagnoses and complaints, habits, family history, goals.
    Problems,
    /// Medicines.
    Meds,
    /// Allergies and intolerances.
    Allergies,
    /// Vaccinations.
    Immunizations,
    /// Findings of a laboratory.
    Labs,
    /// Vital signs.
    Vitals,
    /// What was done and when: visits, operations, images, plans.
    Procedures,
    /// Papers: letters, bills, forms, consents.
    Documents,
    /// Genomes and what was read in them.
    Genomic,
    /// What devices say: wearables, monitors, implants.
    Device,
    /// The part of a record that an emergency needs; made of the others, never one of them.
    Emergency,
}

impl Class {
    /// Every class.
    pub const ALL: [Self; 12] = [
        Self::Demographics,
        Self::Problems,
        Self::Meds,
        Self::Allergies,
        Self::Immunizations,
        Self::Labs,
        Self::Vitals,
        Self::Procedures,
        Self::Documents,
        Self::Genomic,
        Self::Device,
        Self::Emergency,
    ];

    /// The name by which records of it are known.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Demographics => "demographics",
            Self::Problems => "problems",
            Self::Meds => "meds",
            Self::Allergies => "allergies",
            Self::Immunizations => "immunizations",
            Self::Labs => "labs",
            Self::Vitals => "vitals",
            Self::Procedures => "procedures",
            Self::Documents => "documents",
            Self::Genomic => "genomic",
            Self::Device => "device",
            Self::Emergency => "emergency",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
