//! Genomes: whole ones keep their bytes, cut and damaged ones are refused.

use std::io::{Read as _, Write as _};

use commonhold_health_client::{Class, Coat, Content, Form, Kind, Reason};
use flate2::{
    Compression, Crc,
    bufread::MultiGzDecoder,
    write::{DeflateEncoder, GzEncoder},
};

use crate::{content, refused, sample, taken, why};

fn kept(bytes: Vec<u8>, kind: Kind, records: u64, people: u64) {
    let contents = taken(bytes.clone());
    assert_eq!(
        (contents.kind, contents.records, contents.people_count),
        (kind, records, people)
    );
    let [slice] = contents.slices.as_slice() else {
        panic!()
    };
    assert_eq!((slice.class, slice.form), (Class::Genomic, Form::Original));
    assert!(content(slice) == bytes, "not a byte is changed");
    assert!(matches!(slice.content, Content::Kept(_)));
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A block of gzip as genomics writes them.
fn block(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    let body = encoder.finish().unwrap();
    let mut crc = Crc::new();
    crc.update(bytes);
    let size = (body.len() + 25) as u16;
    let mut block = vec![0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, 6, 0, b'B', b'C', 2, 0];
    block.extend_from_slice(&size.to_le_bytes());
    block.extend_from_slice(&body);
    block.extend_from_slice(&crc.sum().to_le_bytes());
    block.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    block
}

const END: &[u8] = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0\x1b\0\x03\0\0\0\0\0\0\0\0\0";

fn blocks(parts: &[&[u8]]) -> Vec<u8> {
    parts
        .iter()
        .flat_map(|part| block(part))
        .chain(END.iter().copied())
        .collect()
}

/// One read against one sequence.
pub(crate) fn bam() -> Vec<u8> {
    let mut bam = b"BAM\x01".to_vec();
    let header = b"@HD\tVN:1.6\n@SQ\tSN:21\tLN:1000\n@RG\tID:a\tSM:one\n@RG\tID:b\tSM:two\n";
    bam.extend_from_slice(&(header.len() as u32).to_le_bytes());
    bam.extend_from_slice(header);
    bam.extend_from_slice(&1_u32.to_le_bytes());
    bam.extend_from_slice(&3_u32.to_le_bytes());
    bam.extend_from_slice(b"21\0");
    bam.extend_from_slice(&1000_u32.to_le_bytes());
    let mut read = Vec::new();
    read.extend_from_slice(&0_i32.to_le_bytes());
    read.extend_from_slice(&99_i32.to_le_bytes());
    read.extend_from_slice(&[3, 60]);
    read.extend_from_slice(&0_u16.to_le_bytes());
    read.extend_from_slice(&1_u16.to_le_bytes());
    read.extend_from_slice(&0_u16.to_le_bytes());
    read.extend_from_slice(&4_u32.to_le_bytes());
    read.extend_from_slice(&(-1_i32).to_le_bytes());
    read.extend_from_slice(&(-1_i32).to_le_bytes());
    read.extend_from_slice(&0_i32.to_le_bytes());
    read.extend_from_slice(b"r1\0");
    read.extend_from_slice(&(4_u32 << 4).to_le_bytes());
    read.extend_from_slice(&[0x12, 0x48, 30, 30, 30, 30]);
    bam.extend_from_slice(&(read.len() as u32).to_le_bytes());
    bam.extend_from_slice(&read);
    bam
}

/// Two variants of two people, one by one.
pub(crate) fn bcf() -> Vec<u8> {
    let header = b"##fileformat=VCFv4.3\n##FILTER=<ID=PASS,Description=\"ok\">\n##contig=<ID=21>\n\
        #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tone\ttwo\n\0";
    let mut bcf = b"BCF\x02\x02".to_vec();
    bcf.extend_from_slice(&(header.len() as u32).to_le_bytes());
    bcf.extend_from_slice(header);
    let mut site = Vec::new();
    site.extend_from_slice(&0_i32.to_le_bytes());
    site.extend_from_slice(&99_i32.to_le_bytes());
    site.extend_from_slice(&1_i32.to_le_bytes());
    site.extend_from_slice(&50_f32.to_le_bytes());
    site.extend_from_slice(&((2_u32 << 16).to_le_bytes()));
    site.extend_from_slice(&2_u32.to_le_bytes());
    // No id, G, A, no filter.
    site.extend_from_slice(&[0x07, 0x17, b'G', 0x17, b'A', 0x00]);
    bcf.extend_from_slice(&(site.len() as u32).to_le_bytes());
    bcf.extend_from_slice(&0_u32.to_le_bytes());
    bcf.extend_from_slice(&site);
    bcf
}

fn with_crc(mut bytes: Vec<u8>) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(&bytes);
    bytes.extend_from_slice(&crc.sum().to_le_bytes());
    bytes
}

/// A header, a container with five reads, the end.
pub(crate) fn cram() -> Vec<u8> {
    let mut cram = b"CRAM\x03\x00an id of ours......".to_vec();
    cram.resize(26, 0);
    for (sequence, records) in [(0_u8, 0_u8), (0, 5)] {
        let block = with_crc([&[0, 0, 0, 6, 6][..], b"abcdef"].concat());
        let mut header = (block.len() as u32).to_le_bytes().to_vec();
        // Sequence, start, span, reads, counter, bases, blocks, landmarks.
        header.extend_from_slice(&[sequence, 1, 4, records, 0, 0, 1, 1, 0]);
        cram.extend_from_slice(&with_crc(header));
        cram.extend_from_slice(&block);
    }
    // The end marker, as the specification prints it.
    cram.extend_from_slice(&[
        0x0f, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0x0f, 0xe0, 0x45, 0x4f, 0x46, 0x00, 0x00,
        0x00, 0x00, 0x01, 0x00, 0x05, 0xbd, 0xd9, 0x4f, 0x00, 0x01, 0x00, 0x06, 0x06, 0x01, 0x00,
        0x01, 0x00, 0x01, 0x00, 0xee, 0x63, 0x01, 0x4b,
    ]);
    cram
}

#[test]
fn whole_files_keep_their_bytes() {
    kept(sample("variants.vcf"), Kind::Vcf, 3, 2);
    kept(sample("reads.sam"), Kind::Sam, 2, 1);
    kept(sample("reads.fastq"), Kind::Fastq, 2, 1);
    kept(blocks(&[&bam()]), Kind::Bam, 1, 2);
    kept(blocks(&[&bcf()]), Kind::Bcf, 1, 2);
    kept(cram(), Kind::Cram, 5, 1);
    kept(gzip(&sample("variants.vcf")), Kind::Vcf, 3, 2);
    kept(
        blocks(&[b"TBI\x01", b"and so on"]),
        Kind::GenomicIndex,
        0,
        0,
    );
    assert_eq!(taken(gzip(&sample("reads.fastq"))).coat, Coat::Gzip);
    assert_eq!(taken(blocks(&[&bam()])).coat, Coat::Bgzf);
}

#[test]
fn what_was_cut_off_is_refused_wherever_it_was_cut() {
    let vcf = sample("variants.vcf");
    let (first, second) = vcf.split_at(vcf.len() - 40);
    for (whole, least) in [
        (blocks(&[&bam()]), 60),
        (blocks(&[&bcf()]), 60),
        (cram(), 30),
        (blocks(&[first, second]), 60),
        (gzip(&vcf), 60),
    ] {
        for end in least..whole.len() {
            let refusal = refused(&whole[..end]);
            let cut = matches!(refusal.reason, Reason::Truncated(_) | Reason::Malformed(_));
            assert!(cut, "at {end} of {}: {refusal}", whole.len());
        }
    }
    for name in ["variants.vcf", "reads.sam", "reads.fastq"] {
        let whole = sample(name);
        let lines: Vec<usize> = (1..=whole.len())
            .filter(|end| whole[end - 1] == b'\n')
            .collect();
        for end in whole.len() - 20..whole.len() {
            // At the end of a line nobody can tell; nor where FASTQ lacks its last line break alone.
            let unbroken = name == "reads.fastq" && end == whole.len() - 1;
            if !(lines.contains(&end) || unbroken) {
                refused(&whole[..end]);
            }
        }
    }
}

#[test]
fn a_flipped_byte_of_what_has_checksums_is_refused() {
    for whole in [blocks(&[&bam()]), cram()] {
        for at in 26..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 0x10;
            let unpacked = |bytes: &[u8]| {
                let mut all = Vec::new();
                MultiGzDecoder::new(bytes)
                    .read_to_end(&mut all)
                    .is_ok()
                    .then_some(all)
            };
            // Times and hints of gzip's header are covered by no checksum, and the same bytes may be
            // packed in two ways.
            if !whole.starts_with(b"CRAM") && unpacked(&changed) == unpacked(&whole) {
                continue;
            }
            let refusal = refused(changed);
            assert!(
                !matches!(refusal.reason, Reason::Unreadable(_)),
                "byte {at}: {refusal}"
            );
        }
    }
}

#[test]
fn malformed_records_are_refused_by_number() {
    let vcf = String::from_utf8(sample("variants.vcf")).unwrap();
    for (from, to, said) in [
        ("9411245", "here", "record 2: POS is no number"),
        ("31.5", "good", "record 3: QUAL is no number"),
        ("\tCT\t", "\t12\t", "record 3: REF is no sequence of bases"),
        (
            "\t./.",
            "",
            "record 2: there are not as many samples as the header names",
        ),
        (
            "0|0:40",
            "0|0:40:1:2",
            "record 1: a sample has more fields than FORMAT names",
        ),
    ] {
        assert!(vcf.contains(from));
        assert_eq!(why(vcf.replace(from, to)), said);
    }
    let sam = String::from_utf8(sample("reads.sam")).unwrap();
    for (from, to, said) in [
        ("r1\t0", "r1\tx", "record 1: FLAG is no number"),
        ("\t100\t", "\tx\t", "record 1: POS is no number"),
        ("4M", "4", "record 1: CIGAR is malformed"),
        (
            "\tIIII",
            "\tIII",
            "record 1: there are not as many qualities as bases",
        ),
        (
            "r1\t0\t21",
            "r1\t0\t22",
            "record 1: RNAME is none that the header names",
        ),
    ] {
        assert!(sam.contains(from));
        assert_eq!(why(sam.replace(from, to)), said);
    }
    let fastq = String::from_utf8(sample("reads.fastq")).unwrap();
    for (from, to, said) in [
        (
            "IIII!",
            "IIII!!",
            "record 1: there are not as many qualities as bases",
        ),
        ("GGCA", "GG7A", "record 2: its bases are none"),
        (
            "@r2",
            "r2",
            "record 2: has no name: a line with @ must begin it",
        ),
        (
            "@@@@\n",
            "\n",
            "record 2: there are not as many qualities as bases",
        ),
    ] {
        assert!(fastq.contains(from));
        assert_eq!(why(fastq.replace(from, to)), said);
    }
}

#[test]
fn reads_without_a_reference_are_taken_with_a_note() {
    let contents = taken("r1\t4\t*\t0\t0\t*\t*\t0\t0\tACGT\tIIII\n");
    assert_eq!(contents.kind, Kind::Sam);
    assert!(contents.notes[0].contains("@SQ"));
}
