//! What this crate takes at most. Every limit is named in what refuses by it.

/// Bytes of one FHIR resource, without white space between its parts.
pub const RESOURCE_BYTES_MAX: usize = 32 * 1024 * 1024;
/// JSON values in one FHIR resource.
pub const RESOURCE_VALUES_MAX: usize = 1_000_000;
/// FHIR resources that are cut together.
pub const RESOURCES_MAX: usize = 1_000_000;
/// Bytes of FHIR resources that are cut together, and so held in memory, about twice over.
pub const HELD_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Bytes of all slices that are cut from them.
pub const SLICED_BYTES_MAX: usize = 512 * 1024 * 1024;
/// Bytes of a member of a bundle that is not an entry.
pub const BUNDLE_MEMBER_BYTES_MAX: usize = 64 * 1024;
/// Brackets within brackets in JSON.
pub const JSON_DEPTH_MAX: usize = 100;
/// Bytes of a key of JSON.
pub const JSON_KEY_BYTES_MAX: usize = 1024;
/// Members of a JSON object by which its kind is recognised.
pub const SKETCH_MEMBERS_MAX: usize = 4096;
/// Bytes of the beginning of a file by which its kind is recognised.
pub const HEAD_BYTES_MAX: usize = 64 * 1024;
/// Bytes of a JSON document that is read whole: a protocol, a vendor's answer, a measurement.
pub const DOCUMENT_BYTES_MAX: usize = 64 * 1024 * 1024;
/// JSON values in a document that is read whole.
pub const DOCUMENT_VALUES_MAX: usize = 4_000_000;
/// Bytes of a line of text: a variant of all the people of a large study is one.
pub const LINE_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Bytes of all header lines of a file of genomes.
pub const HEADER_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Bytes of one binary record of a file of genomes.
pub const BINARY_RECORD_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Bytes of one row of a data set.
pub const ROW_BYTES_MAX: usize = 1024 * 1024;
/// Columns of a data set.
pub const COLUMNS_MAX: usize = 10_000;
/// Definitions and references in a Define-XML document.
pub const DEFINITIONS_MAX: usize = 1_000_000;
/// People that are told apart in one file.
pub const PEOPLE_MAX: usize = 1_000_000;
/// Bytes of one tag, text or declaration of XML; the document type definition of an Apple Health
/// export is one, and has some ten thousand.
pub const XML_PIECE_BYTES_MAX: usize = 1024 * 1024;
/// Elements within elements in XML.
pub const XML_DEPTH_MAX: usize = 64;
/// Different kinds of things that a report counts; further ones are counted as `other`.
pub const KINDS_MAX: usize = 512;
/// Bytes of a slice up to which it is padded whether it is restricted or not.
pub const PADDED_SLICE_BYTES_MAX: usize = 64 * 1024;
/// Bytes of the steps that slices are padded to.
pub const PADDING_STEP_BYTES: usize = 1024;
/// Bytes of a document of a consent.
pub const CONSENT_BYTES_MAX: usize = 4 * 1024 * 1024;
/// JSON values in a document of a consent.
pub const CONSENT_VALUES_MAX: usize = 100_000;
/// Files of an export, and stamps of a proof.
pub const EXPORT_FILES_MAX: usize = 1_000_000;
/// Bytes of a file of FHIR, of a list of files or of a stamp that is checked.
pub const INDEX_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// Bytes of what an account remembers of its imports, in each of two files.
pub const BOOK_BYTES_MAX: u64 = 512 * 1024 * 1024;
/// Bytes of a file that is read to make out a hash as evidence.
pub const EVIDENCE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Files of one call.
pub const FILES_MAX: usize = 10_000;

/// Every limit, for `commonhold limits`.
pub const ALL: &[(&str, u64)] = &[
    ("RESOURCE_BYTES_MAX", RESOURCE_BYTES_MAX as u64),
    ("RESOURCE_VALUES_MAX", RESOURCE_VALUES_MAX as u64),
    ("RESOURCES_MAX", RESOURCES_MAX as u64),
    ("HELD_BYTES_MAX", HELD_BYTES_MAX as u64),
    ("SLICED_BYTES_MAX", SLICED_BYTES_MAX as u64),
    ("BUNDLE_MEMBER_BYTES_MAX", BUNDLE_MEMBER_BYTES_MAX as u64),
    ("JSON_DEPTH_MAX", JSON_DEPTH_MAX as u64),
    ("JSON_KEY_BYTES_MAX", JSON_KEY_BYTES_MAX as u64),
    ("SKETCH_MEMBERS_MAX", SKETCH_MEMBERS_MAX as u64),
    ("HEAD_BYTES_MAX", HEAD_BYTES_MAX as u64),
    ("DOCUMENT_BYTES_MAX", DOCUMENT_BYTES_MAX as u64),
    ("DOCUMENT_VALUES_MAX", DOCUMENT_VALUES_MAX as u64),
    ("LINE_BYTES_MAX", LINE_BYTES_MAX as u64),
    ("HEADER_BYTES_MAX", HEADER_BYTES_MAX as u64),
    ("BINARY_RECORD_BYTES_MAX", BINARY_RECORD_BYTES_MAX as u64),
    ("ROW_BYTES_MAX", ROW_BYTES_MAX as u64),
    ("COLUMNS_MAX", COLUMNS_MAX as u64),
    ("DEFINITIONS_MAX", DEFINITIONS_MAX as u64),
    ("PEOPLE_MAX", PEOPLE_MAX as u64),
    ("XML_PIECE_BYTES_MAX", XML_PIECE_BYTES_MAX as u64),
    ("XML_DEPTH_MAX", XML_DEPTH_MAX as u64),
    ("KINDS_MAX", KINDS_MAX as u64),
    ("PADDED_SLICE_BYTES_MAX", PADDED_SLICE_BYTES_MAX as u64),
    ("PADDING_STEP_BYTES", PADDING_STEP_BYTES as u64),
    ("CONSENT_BYTES_MAX", CONSENT_BYTES_MAX as u64),
    ("CONSENT_VALUES_MAX", CONSENT_VALUES_MAX as u64),
    ("EXPORT_FILES_MAX", EXPORT_FILES_MAX as u64),
    ("INDEX_BYTES_MAX", INDEX_BYTES_MAX),
    ("BOOK_BYTES_MAX", BOOK_BYTES_MAX),
    ("EVIDENCE_BYTES_MAX", EVIDENCE_BYTES_MAX),
    ("FILES_MAX", FILES_MAX as u64),
];
