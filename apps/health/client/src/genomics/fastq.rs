//! Reads as the sequencer gave them: FASTQ.

use noodles_fastq as fastq;

use super::{kept, whole};
use crate::{
    Contents, Kind,
    limits::LINE_BYTES_MAX,
    refusal::{Place, Reason, Refusal},
    source::{Bounded, Coat, Source},
};

/// Reads a file of reads.
pub(crate) fn read(source: &Source, coat: Coat) -> Result<Contents, Refusal> {
    whole(source, coat)?;
    let bounded = Bounded::new(
        source.unpacked(coat)?,
        LINE_BYTES_MAX,
        "LINE_BYTES_MAX",
        "a read",
    );
    let mut reader = fastq::io::Reader::new(bounded);
    let mut record = fastq::Record::default();
    let mut reads = 0_u64;
    loop {
        reader.get_mut().next();
        let place = Place::record(reads + 1);
        match reader.read_record(&mut record) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) => return Err(Refusal::of_io(&error, place, "a read")),
        }
        reads += 1;
        let (bases, qualities) = (record.sequence(), record.quality_scores());
        if qualities.len() < bases.len() && reader.get_ref().last() != b'\n' {
            return Err(Refusal::at(place, Reason::Truncated("a read")));
        }
        if record.name().is_empty() {
            return Err(Refusal::malformed(place, "has no name"));
        }
        if qualities.len() != bases.len() {
            let what = "there are not as many qualities as bases";
            return Err(Refusal::malformed(place, what));
        }
        if !qualities.iter().all(|q| (33..=126).contains(q)) {
            return Err(Refusal::malformed(place, "a quality is out of range"));
        }
        if !bases
            .iter()
            .all(|b| b.is_ascii_alphabetic() || b".*-".contains(b))
        {
            return Err(Refusal::malformed(place, "its bases are none"));
        }
    }
    let mut contents = Contents::new(Kind::Fastq);
    contents.records = reads;
    contents.people_count = 1;
    contents.counts.add("reads", reads);
    kept(source, contents)
}
