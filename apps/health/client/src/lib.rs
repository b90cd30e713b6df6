//! Health data in: what a file is, whether it is whole, what it holds, and how it is cut into slices
//! that are encrypted each under a key of its own.
//!
//! [`read`] does all of that for one file, [`read_bulk`] for a Bulk Data export, whose types of resources
//! stand in files of their own. Both give [`Contents`]: counts, people, times, and [`Slice`]s whose
//! content is to be encrypted; or a [`Refusal`], which says where in the file and why. [`command`] is the
//! verb `commonhold health`.
//!
//! Files are read as streams, and what has to be in memory is bounded by a named limit ([`limits`]). Of
//! genomes, trial data and wearables the bytes stay as they came; they are read to the end all the same,
//! as a file that was cut off is worth nothing later, when nobody has the original any more.
//!
//! The rest is what people do with slices, by way of a node: put them in ([`command`]'s `import`), say who
//! may have them, ask, answer, fetch; and the law's rules without a ledger ([`decide`], [`study`]).
//! Nothing of a person is logged or shown.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::panic,
        clippy::indexing_slicing,
        reason = "tests"
    )
)]

mod agreeing;
mod book;
pub mod cdisc;
pub mod command;
mod consent;
mod contents;
mod copies;
mod days;
pub mod decide;
mod emergency;
mod erasing;
mod ethics;
mod fetch;
pub mod fhir;
mod genomics;
mod holdings;
mod import;
mod inspect;
mod json;
mod leaving;
mod ledger;
pub mod limits;
mod moments;
mod naming;
pub mod out;
mod paths;
mod pseudonym;
mod recognise;
mod refusal;
mod registry;
mod requests;
mod slice;
mod source;
mod streams;
pub mod study;
mod wearables;
mod words;
mod xml;

pub use contents::{Contents, Counts};
pub use days::{Day, Days};
pub use fhir::{Options, Person};
pub use ledger::abis;
pub use recognise::{Kind, recognise};
pub use refusal::{Place, Reason, Refusal};
pub use slice::{Class, Content, Form, Sensitivity, Slice};
pub use source::{Coat, Source};

/// Reads a file: what it holds, cut into slices.
pub fn read(source: &Source, options: Options) -> Result<Contents, Refusal> {
    let (kind, coat) = recognise(source)?;
    let mut contents = match kind {
        Kind::FhirBundle => fhir::read_bundle(source, coat, options)?,
        Kind::FhirResource => fhir::read_resource(source, coat)?,
        Kind::FhirNdjson => {
            let mut gathering = fhir::Gathering::new(Form::Ndjson, true);
            fhir::read_lines(source, coat, &mut gathering)?;
            gathering.finish(kind)?
        }
        Kind::Vcf | Kind::Bcf => genomics::variants::read(source, coat, kind)?,
        Kind::Sam | Kind::Bam => genomics::alignments::read(source, coat, kind)?,
        Kind::Cram => genomics::cram::read(source, coat)?,
        Kind::Fastq => genomics::fastq::read(source, coat)?,
        Kind::GenomicIndex => genomics::index(source, coat)?,
        Kind::DatasetJson => cdisc::dataset::read(source, coat)?,
        Kind::DatasetNdjson => cdisc::dataset::read_lines(source, coat)?,
        Kind::DefineXml => cdisc::define::read(source, coat)?,
        Kind::Usdm => cdisc::usdm::read(source, coat)?,
        Kind::OpenMhealth => wearables::open_mhealth::read(source, coat)?,
        Kind::AppleHealth => wearables::apple::read(source, coat)?,
        Kind::Fitbit => wearables::fitbit::read(source, coat)?,
        Kind::Withings => wearables::withings::read(source, coat)?,
        Kind::SenmlCapture => wearables::capture::read(source, coat)?,
        Kind::FhirXml => xml::read_fhir(source, coat)?,
        Kind::BulkLog => other(
            kind,
            "a log of an export holds no records: nothing to import",
        ),
        Kind::TrialReport => other(
            kind,
            "outcomes are held against a protocol by `commonhold health study check`",
        ),
        Kind::DuoCases => other(kind, "cases are decided by `commonhold health decide`"),
    };
    contents.coat = coat;
    Ok(contents)
}

/// Reads the files of a Bulk Data export together: people, references and emergency slices are of all of
/// them. Where one is refused all are; the number says which it is.
pub fn read_bulk(sources: &[Source]) -> Result<Contents, (usize, Refusal)> {
    let mut gathering = fhir::Gathering::new(Form::Ndjson, true);
    for (number, source) in sources.iter().enumerate() {
        let (kind, coat) = recognise(source).map_err(|refusal| (number, refusal))?;
        if !matches!(kind, Kind::FhirNdjson | Kind::FhirResource) {
            let reason = Reason::Unknown("is no file of a Bulk Data export");
            return Err((number, Refusal::file(reason)));
        }
        fhir::read_lines(source, coat, &mut gathering).map_err(|refusal| (number, refusal))?;
    }
    let last = sources.len().saturating_sub(1);
    gathering
        .finish(Kind::FhirNdjson)
        .map_err(|refusal| (last, refusal))
}

fn other(kind: Kind, note: &str) -> Contents {
    let mut contents = Contents::new(kind);
    contents.note(note);
    contents
}
