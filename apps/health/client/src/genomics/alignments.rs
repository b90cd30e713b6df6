//! Reads against a reference: SAM as text, BAM binary.

use std::{
    collections::BTreeSet,
    io::{BufRead, Read as _},
};

use noodles_bam as bam;
use noodles_sam as sam;
use sam::header::record::value::map::read_group::tag::SAMPLE;

use super::{kept, whole};
use crate::{
    Contents, Kind,
    limits::{BINARY_RECORD_BYTES_MAX, HEADER_BYTES_MAX, LINE_BYTES_MAX},
    refusal::{Place, Reason, Refusal},
    source::{Bounded, Coat, Source},
};

/// Reads a file of reads.
pub(crate) fn read(source: &Source, coat: Coat, kind: Kind) -> Result<Contents, Refusal> {
    whole(source, coat)?;
    let what = "its header";
    let bounded = Bounded::new(
        source.unpacked(coat)?,
        HEADER_BYTES_MAX,
        "HEADER_BYTES_MAX",
        what,
    );
    let contents = match kind {
        Kind::Bam => binary(bounded)?,
        _ => text(bounded)?,
    };
    kept(source, contents)
}

fn wrong<T>(record: u64, what: &str) -> Result<T, Refusal> {
    Err(Refusal::malformed(Place::record(record), what))
}

fn report(kind: Kind, header: &sam::Header, reads: u64) -> Contents {
    let groups = header.read_groups().values();
    let people: BTreeSet<&[u8]> = groups
        .filter_map(|group| group.other_fields().get(&SAMPLE))
        .map(|s| s.as_ref())
        .collect();
    let mut contents = Contents::new(kind);
    contents.records = reads;
    contents.people_count = people.len().max(1) as u64;
    contents.counts.add("reads", reads);
    contents.counts.add(
        "reference sequences",
        header.reference_sequences().len() as u64,
    );
    if header.reference_sequences().is_empty() {
        contents
            .note("the header names no reference sequence (@SQ): tools will ask for the reference");
    }
    contents
}

fn text(bounded: Bounded<impl BufRead>) -> Result<Contents, Refusal> {
    let mut reader = sam::io::Reader::new(bounded);
    let header = match reader.read_header() {
        Ok(header) => header,
        Err(error) => return Err(reader.get_ref().refusal(&error)),
    };
    reader
        .get_mut()
        .allow(LINE_BYTES_MAX, "LINE_BYTES_MAX", "a read");
    let mut record = sam::Record::default();
    let mut reads = 0_u64;
    loop {
        reader.get_mut().next();
        match reader.read_record(&mut record) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) => {
                return Err(Refusal::of_io(&error, Place::record(reads + 1), "a read"));
            }
        }
        reads += 1;
        if record.flags().is_err() {
            return wrong(reads, "FLAG is no number");
        }
        if record.alignment_start().is_some_and(|start| start.is_err()) {
            return wrong(reads, "POS is no number");
        }
        if record
            .mapping_quality()
            .is_some_and(|quality| quality.is_err())
        {
            return wrong(reads, "MAPQ is no number");
        }
        let names = !header.reference_sequences().is_empty();
        if names
            && record
                .reference_sequence_id(&header)
                .is_some_and(|id| id.is_err())
        {
            return wrong(reads, "RNAME is none that the header names");
        }
        if record.cigar().iter().any(|op| op.is_err()) {
            return wrong(reads, "CIGAR is malformed");
        }
        let (bases, qualities) = (record.sequence().len(), record.quality_scores().len());
        if qualities != 0 && bases != qualities {
            return wrong(reads, "there are not as many qualities as bases");
        }
    }
    if reads > 0 && reader.get_ref().last() != b'\n' {
        return Err(Refusal::at(
            Place::record(reads),
            Reason::Truncated("a line"),
        ));
    }
    Ok(report(Kind::Sam, &header, reads))
}

fn binary(bounded: Bounded<impl BufRead>) -> Result<Contents, Refusal> {
    let mut reader = bam::io::Reader::from(bounded);
    let header = match reader.read_header() {
        Ok(header) => header,
        Err(error) => return Err(reader.get_ref().refusal(&error)),
    };
    let mut bounded = reader.into_inner();
    bounded.allow(usize::MAX, "", "a read");
    let references = header.reference_sequences().len();
    let mut record = bam::Record::default();
    let mut bytes = Vec::new();
    let mut reads = 0_u64;
    loop {
        bounded.next();
        let place = Place::record(reads + 1);
        let io = |e: std::io::Error| Refusal::of_io(&e, place.clone(), "a read");
        if bounded.fill_buf().map_err(io)?.is_empty() {
            break;
        }
        // The length, before anything of that length is asked for.
        let mut length = [0_u8; 4];
        bounded.read_exact(&mut length).map_err(io)?;
        let total = u32::from_le_bytes(length) as usize;
        if total > BINARY_RECORD_BYTES_MAX {
            return Err(Refusal::at(
                place,
                Reason::TooMuch {
                    what: "bytes in one record",
                    limit: "BINARY_RECORD_BYTES_MAX",
                    max: BINARY_RECORD_BYTES_MAX as u64,
                },
            ));
        }
        // The fixed fields, and a name that ends.
        if total < 33 {
            return Err(Refusal::malformed(place, "is too short for a read"));
        }
        bytes.clear();
        bytes.extend_from_slice(&length);
        let read = (&mut bounded)
            .take(total as u64)
            .read_to_end(&mut bytes)
            .map_err(io)?;
        if read < total {
            return Err(Refusal::at(place, Reason::Truncated("a read")));
        }
        bam::io::Reader::from(bytes.as_slice())
            .read_record(&mut record)
            .map_err(io)?;
        reads += 1;
        let known = |id: Option<std::io::Result<usize>>| {
            id.is_none_or(|id| id.is_ok_and(|id| id < references))
        };
        if !known(record.reference_sequence_id()) || !known(record.mate_reference_sequence_id()) {
            return wrong(
                reads,
                "its reference sequence is none that the header names",
            );
        }
        if record.alignment_start().is_some_and(|start| start.is_err()) {
            return wrong(reads, "its position is out of range");
        }
        if record.cigar().iter().any(|op| op.is_err()) {
            return wrong(reads, "its CIGAR is malformed");
        }
    }
    Ok(report(Kind::Bam, &header, reads))
}
