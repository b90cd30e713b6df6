//! Variants: VCF as text, BCF binary.

use std::io::{BufRead, Read as _};

use noodles_bcf as bcf;
use noodles_vcf as vcf;

use super::{kept, whole};
use crate::{
    Contents, Kind,
    limits::{BINARY_RECORD_BYTES_MAX, HEADER_BYTES_MAX, LINE_BYTES_MAX},
    refusal::{Place, Reason, Refusal},
    source::{Bounded, Coat, Source},
};

/// Reads a file of variants.
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
        Kind::Bcf => binary(bounded)?,
        _ => text(bounded)?,
    };
    kept(source, contents)
}

fn wrong<T>(record: u64, what: &str) -> Result<T, Refusal> {
    Err(Refusal::malformed(Place::record(record), what))
}

fn report(kind: Kind, header: &vcf::Header, variants: u64) -> Contents {
    let people = header.sample_names().len() as u64;
    let mut contents = Contents::new(kind);
    contents.records = variants;
    contents.people_count = people;
    contents.counts.add("variants", variants);
    contents.counts.add("samples", people);
    contents
}

fn text(bounded: Bounded<impl BufRead>) -> Result<Contents, Refusal> {
    let mut reader = vcf::io::Reader::new(bounded);
    let header = match reader.read_header() {
        Ok(header) => header,
        Err(error) => return Err(header_refusal(reader.get_ref(), &error)),
    };
    reader
        .get_mut()
        .allow(LINE_BYTES_MAX, "LINE_BYTES_MAX", "a variant");
    let samples = header.sample_names().len();
    let mut record = vcf::Record::default();
    let mut variants = 0_u64;
    loop {
        reader.get_mut().next();
        match reader.read_record(&mut record) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) => {
                let place = Place::record(variants + 1);
                return Err(Refusal::of_io(&error, place, "a variant"));
            }
        }
        variants += 1;
        if record.reference_sequence_name().is_empty() {
            return wrong(variants, "CHROM is missing");
        }
        if record.variant_start().is_some_and(|start| start.is_err()) {
            return wrong(variants, "POS is no number");
        }
        let bases = record.reference_bases();
        if bases.is_empty() || !bases.bytes().all(|b| b.is_ascii_alphabetic() || b == b'*') {
            return wrong(variants, "REF is no sequence of bases");
        }
        if record.quality_score().is_some_and(|score| score.is_err()) {
            return wrong(variants, "QUAL is no number");
        }
        let values = record.samples();
        if values.len() != samples {
            return wrong(
                variants,
                "there are not as many samples as the header names",
            );
        }
        let keys = values.keys().iter().count();
        if values
            .iter()
            .any(|sample| sample.as_ref().split(':').count() > keys.max(1))
        {
            return wrong(variants, "a sample has more fields than FORMAT names");
        }
    }
    if reader.get_ref().last() != b'\n' {
        let place = Place::record(variants.max(1));
        return Err(Refusal::at(place, Reason::Truncated("a line")));
    }
    Ok(report(Kind::Vcf, &header, variants))
}

fn header_refusal(bounded: &Bounded<impl BufRead>, error: &std::io::Error) -> Refusal {
    bounded.refusal(error)
}

fn binary(bounded: Bounded<impl BufRead>) -> Result<Contents, Refusal> {
    let mut reader = bcf::io::Reader::from(bounded);
    let header = match reader.read_header() {
        Ok(header) => header,
        Err(error) => return Err(header_refusal(reader.get_ref(), &error)),
    };
    let mut bounded = reader.into_inner();
    bounded.allow(usize::MAX, "", "a variant");
    let samples = header.sample_names().len();
    let mut record = bcf::Record::default();
    let mut bytes = Vec::new();
    let mut variants = 0_u64;
    loop {
        bounded.next();
        let place = Place::record(variants + 1);
        let io = |e: std::io::Error| Refusal::of_io(&e, place.clone(), "a variant");
        if bounded.fill_buf().map_err(io)?.is_empty() {
            break;
        }
        // The two lengths, before anything of that length is asked for.
        let mut lengths = [0_u8; 8];
        bounded.read_exact(&mut lengths).map_err(io)?;
        let [a, b, c, d, e, f, g, h] = lengths;
        let shared = u32::from_le_bytes([a, b, c, d]) as usize;
        let individual = u32::from_le_bytes([e, f, g, h]) as usize;
        let total = shared.saturating_add(individual);
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
        // The fixed fields of a site.
        if shared < 24 {
            return Err(Refusal::malformed(place, "is too short for a variant"));
        }
        bytes.clear();
        bytes.extend_from_slice(&lengths);
        let read = (&mut bounded)
            .take(total as u64)
            .read_to_end(&mut bytes)
            .map_err(io)?;
        if read < total {
            return Err(Refusal::at(place, Reason::Truncated("a variant")));
        }
        bcf::io::Reader::from(bytes.as_slice())
            .read_record(&mut record)
            .map_err(io)?;
        variants += 1;
        if record
            .reference_sequence_name(header.string_maps())
            .is_err()
        {
            return wrong(variants, "CHROM is none that the header names");
        }
        if record.variant_start().is_some_and(|start| start.is_err()) {
            return wrong(variants, "POS is out of range");
        }
        // Its own count, three bytes of the fixed fields.
        let count = bytes.get(28..31).map_or(0, |n| {
            n.iter()
                .rev()
                .fold(0_usize, |sum, byte| sum * 256 + usize::from(*byte))
        });
        if count != samples {
            return wrong(
                variants,
                "there are not as many samples as the header names",
            );
        }
    }
    Ok(report(Kind::Bcf, &header, variants))
}
