//! What a file is, by what is in it. Names and endings count for nothing: they are what people change.
//!
//! What a file is packed in (gzip, blocks of gzip, zlib) is seen through. Binary formats are known by
//! their first bytes, text by its first lines, JSON by the keys of its first value, XML by its first
//! element. Which vendor a JSON file is of is not written in it, but the keys of their answers differ.

use serde::Serialize;

use crate::{
    json::Sketch,
    refusal::{Reason, Refusal},
    source::{Coat, Source},
    wearables::{fitbit, open_mhealth, withings},
    xml,
};

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A FHIR R4 bundle.
    FhirBundle,
    /// One FHIR R4 resource.
    FhirResource,
    /// FHIR R4 Bulk Data: one resource to a line.
    FhirNdjson,
    /// A FHIR R4 resource in XML.
    FhirXml,
    /// The log of a Bulk Data export.
    BulkLog,
    /// Variants, as text.
    Vcf,
    /// Variants, binary.
    Bcf,
    /// Reads, as text.
    Sam,
    /// Reads, binary.
    Bam,
    /// Reads, binary, against a reference.
    Cram,
    /// Reads as the sequencer gave them.
    Fastq,
    /// An index of a file of genomes.
    GenomicIndex,
    /// A CDISC Dataset-JSON 1.1 data set.
    DatasetJson,
    /// The same, one row to a line.
    DatasetNdjson,
    /// CDISC Define-XML 2.1.
    DefineXml,
    /// A study protocol, CDISC USDM 4.0.
    Usdm,
    /// A measurement of Open mHealth or IEEE 1752.1.
    OpenMhealth,
    /// Apple Health's export.
    AppleHealth,
    /// An answer of Fitbit's interface.
    Fitbit,
    /// An answer of Withings' interface.
    Withings,
    /// What devices said over MQTT, in SenML.
    SenmlCapture,
    /// Reported outcomes of a trial.
    TrialReport,
    /// Cases for decisions by data use.
    DuoCases,
}

impl Kind {
    /// What people call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::FhirBundle => "FHIR R4 bundle",
            Self::FhirResource => "FHIR R4 resource",
            Self::FhirNdjson => "FHIR R4 Bulk Data",
            Self::FhirXml => "FHIR R4 resource in XML",
            Self::BulkLog => "log of a Bulk Data export",
            Self::Vcf => "VCF variants",
            Self::Bcf => "BCF variants",
            Self::Sam => "SAM reads",
            Self::Bam => "BAM reads",
            Self::Cram => "CRAM reads",
            Self::Fastq => "FASTQ reads",
            Self::GenomicIndex => "index of a file of genomes",
            Self::DatasetJson => "CDISC Dataset-JSON",
            Self::DatasetNdjson => "CDISC Dataset-JSON, a row to a line",
            Self::DefineXml => "CDISC Define-XML",
            Self::Usdm => "CDISC USDM study protocol",
            Self::OpenMhealth => "Open mHealth measurement",
            Self::AppleHealth => "Apple Health export",
            Self::Fitbit => "Fitbit data",
            Self::Withings => "Withings data",
            Self::SenmlCapture => "MQTT capture with SenML",
            Self::TrialReport => "reported outcomes of a trial",
            Self::DuoCases => "cases for data use decisions",
        }
    }
}

/// What a file is, and what it is packed in.
pub fn recognise(source: &Source) -> Result<(Kind, Coat), Refusal> {
    let coat = source.coat()?;
    match unpacked(source, coat) {
        Ok(kind) => Ok((kind, coat)),
        // Two bytes that look like zlib may begin a text.
        Err(refusal) if coat == Coat::Zlib => match unpacked(source, Coat::Plain) {
            Ok(kind) => Ok((kind, Coat::Plain)),
            Err(_) => Err(refusal),
        },
        Err(refusal) => Err(refusal),
    }
}

fn unpacked(source: &Source, coat: Coat) -> Result<Kind, Refusal> {
    let (head, damage) = source.head(coat)?;
    match (of_head(source, coat, &head), damage) {
        // What there is before the damage may say what it was to be.
        (Ok(kind), _) => Ok(kind),
        (Err(_), Some(damage)) => Err(damage),
        (Err(refusal), None) => Err(refusal),
    }
}

/// Beginnings of what is not taken, and why.
const REFUSED: &[(&[u8], &str)] = &[
    (
        b"PK\x03\x04",
        "is a zip archive; unpack it and name the files in it",
    ),
    (
        b"crypt4gh",
        "is encrypted already (Crypt4GH); decrypt it first",
    ),
    (
        b"age-encryption.org",
        "is encrypted already (age); decrypt it first",
    ),
    (
        b"%PDF",
        "is a PDF; wrap it into a FHIR DocumentReference, which says whose it is",
    ),
    (b"\xff\xfe", "is text in UTF-16; write it as UTF-8"),
    (b"\xfe\xff", "is text in UTF-16; write it as UTF-8"),
];

fn of_head(source: &Source, coat: Coat, head: &[u8]) -> Result<Kind, Refusal> {
    if head.is_empty() {
        return refuse("is empty");
    }
    if let Some((_, why)) = REFUSED.iter().find(|(start, _)| head.starts_with(start)) {
        return refuse(why);
    }
    if let Some(kind) = genomes(head) {
        return Ok(kind);
    }
    match head.iter().find(|b| !b.is_ascii_whitespace()) {
        Some(b'{' | b'[') => json(&Sketch::of(source.unpacked(coat)?)?),
        Some(b'<') => xml::recognise(source.unpacked(coat)?),
        _ => refuse(UNKNOWN),
    }
}

const UNKNOWN: &str = "is of no kind that is taken: FHIR R4, VCF, BCF, SAM, BAM, CRAM, FASTQ, Dataset-JSON, \
     Define-XML, USDM, Open mHealth, Apple Health, Fitbit, Withings";

fn refuse<T>(why: &'static str) -> Result<T, Refusal> {
    Err(Refusal::file(Reason::Unknown(why)))
}

fn genomes(head: &[u8]) -> Option<Kind> {
    let starts = |start: &[u8]| head.starts_with(start);
    if starts(b"##fileformat=VCF") {
        return Some(Kind::Vcf);
    }
    if starts(b"BCF\x02") {
        return Some(Kind::Bcf);
    }
    if starts(b"BAM\x01") {
        return Some(Kind::Bam);
    }
    if starts(b"CRAM") {
        return Some(Kind::Cram);
    }
    if starts(b"TBI\x01") || starts(b"CSI\x01") || starts(b"BAI\x01") {
        return Some(Kind::GenomicIndex);
    }
    let line = head.split(|b| *b == b'\n').next().unwrap_or_default();
    let header = [&b"@HD\t"[..], b"@SQ\t", b"@RG\t", b"@PG\t", b"@CO\t"];
    if header.iter().any(|tag| line.starts_with(tag)) || is_alignment(line) {
        return Some(Kind::Sam);
    }
    is_fastq(head).then_some(Kind::Fastq)
}

/// A line of SAM without a header: eleven fields and more, numbers where numbers belong.
fn is_alignment(line: &[u8]) -> bool {
    let fields: Vec<&[u8]> = line.split(|b| *b == b'\t').take(11).collect();
    let number = |at: usize| {
        fields
            .get(at)
            .is_some_and(|f| !f.is_empty() && f.iter().all(u8::is_ascii_digit))
    };
    fields.len() == 11 && number(1) && number(3) && number(4)
}

/// A name after `@`, and letters. Whether a line with `+` follows is for whoever reads it.
fn is_fastq(head: &[u8]) -> bool {
    let mut lines = head.split(|b| *b == b'\n');
    let (name, bases) = (lines.next(), lines.next());
    name.is_some_and(|l| l.starts_with(b"@") && l.len() > 1)
        && bases.is_some_and(|l| {
            !l.is_empty()
                && l.iter()
                    .all(|b| b.is_ascii_alphabetic() || b".*-\r".contains(b))
        })
}

fn json(sketch: &Sketch) -> Result<Kind, Refusal> {
    if sketch.has("resourceType") {
        return Ok(match sketch.text("resourceType") {
            Some("Bundle") => Kind::FhirBundle,
            _ if sketch.more => Kind::FhirNdjson,
            _ => Kind::FhirResource,
        });
    }
    if sketch.has("datasetJSONVersion") || sketch.has_all(&["itemGroupOID", "columns"]) {
        return Ok(if sketch.has("rows") || !sketch.more {
            Kind::DatasetJson
        } else {
            Kind::DatasetNdjson
        });
    }
    if sketch.has_all(&["study", "usdmVersion"]) {
        return Ok(Kind::Usdm);
    }
    if sketch.has_all(&["topic", "payload"]) {
        return Ok(Kind::SenmlCapture);
    }
    if sketch.has_all(&["exportId", "eventId"]) {
        return Ok(Kind::BulkLog);
    }
    if sketch.has_all(&["protocolSection", "resultsSection"]) || sketch.has("resultsSection") {
        return Ok(Kind::TrialReport);
    }
    if sketch.has("cases") && sketch.has("disease_parents") {
        return Ok(Kind::DuoCases);
    }
    if open_mhealth::is(sketch) {
        return Ok(Kind::OpenMhealth);
    }
    if withings::is(sketch) {
        return Ok(Kind::Withings);
    }
    if fitbit::is(sketch) {
        return Ok(Kind::Fitbit);
    }
    refuse(
        "is JSON, but none whose keys are known here: FHIR R4, Dataset-JSON, USDM, Open mHealth, Fitbit and Withings are",
    )
}
