//! Health data out: what stands on the ledger, as FHIR R4, and the proof of it.
//!
//! | what | as | where |
//! |---|---|---|
//! | a consent | Consent, there and back | [`consent`], [`reading`], [`document`] |
//! | each opening of a slice | IHE BALP AuditEvent | [`audit`], [`events`] |
//! | where a slice comes from | Provenance with a signature | [`provenance`] |
//! | a study | ResearchStudy | [`study`] |
//! | all of it, with the data | one directory | [`export`], [`index`] |
//!
//! FHIR is made of what is proven and of nothing else: stamps lie beside it ([`proof`]), and whoever
//! checks them with the network key makes the same FHIR of them and compares ([`check`]). What the law
//! holds and FHIR has no word for stands in extensions under one address ([`terms::BASE`]);
//! docs/formats.md lists them. Of pseudonyms that somebody took over, the same lies below ([`people`]).

pub(crate) mod audit;
pub mod check;
pub(crate) mod consent;
pub(crate) mod document;
pub(crate) mod events;
pub(crate) mod export;
pub(crate) mod gather;
pub(crate) mod index;
pub(crate) mod people;
pub(crate) mod proof;
pub(crate) mod provenance;
pub(crate) mod reading;
pub(crate) mod study;
pub(crate) mod terms;

#[cfg(test)]
mod tests;
