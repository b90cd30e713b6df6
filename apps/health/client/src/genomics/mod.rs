//! Genomes: variants (VCF, BCF), reads (SAM, BAM, CRAM, FASTQ), and their indexes.
//!
//! The bytes stay as they came. Each file is read to its end once, so that one which was cut off or is
//! damaged is refused while the original is still at hand: packed blocks by their checksums and their
//! end marker, records by their structure and the fields that tools look up by. The types of the fields
//! that a file defines for itself (INFO, FORMAT, tags) are not judged: tools differ in how much they
//! forgive there, and what one of them wrote is not ours to refuse.
//!
//! CRAM is walked by its containers and blocks and their checksums, without unpacking what is in them:
//! the library's reader would bring three compressors and other features of shared cryptography for what
//! would not be looked at.

pub(crate) mod alignments;
pub(crate) mod cram;
pub(crate) mod fastq;
pub(crate) mod variants;

use std::io;

use crate::{
    Contents, Kind,
    refusal::{Place, Reason, Refusal},
    slice::{Class, Sensitivity, Slice},
    source::{Coat, Source},
};

/// The block that ends a file of blocks of gzip (SAM specification, 4.1.2).
const BGZF_END: [u8; 28] = [
    0x1f, 0x8b, 0x08, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0x06, 0x00, 0x42, 0x43, 0x02, 0x00,
    0x1b, 0x00, 0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
];

/// Refuses a file of blocks that was cut off between two of them.
fn whole(source: &Source, coat: Coat) -> Result<(), Refusal> {
    if coat == Coat::Bgzf && source.tail(BGZF_END.len() as u64)? != BGZF_END {
        let place = Place::byte(source.bytes()?);
        return Err(Refusal::at(
            place,
            Reason::Truncated("its blocks: the end marker is missing"),
        ));
    }
    Ok(())
}

/// What is known of a file of genomes, with its one slice.
fn kept(source: &Source, mut contents: Contents) -> Result<Contents, Refusal> {
    let (records, days) = (contents.records, contents.days);
    let slice = Slice::kept(source, Class::Genomic, Sensitivity::none(), records, days)?;
    contents.slices = vec![slice];
    Ok(contents)
}

/// Reads an index: that it is whole. It tells where variants are, so it is kept as they are.
pub(crate) fn index(source: &Source, coat: Coat) -> Result<Contents, Refusal> {
    whole(source, coat)?;
    io::copy(&mut source.unpacked(coat)?, &mut io::sink())
        .map_err(|e| Refusal::of_io(&e, Place::file(), "an index"))?;
    kept(source, Contents::new(Kind::GenomicIndex))
}
