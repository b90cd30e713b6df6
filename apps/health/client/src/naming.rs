//! Names of the files that slices are written to: by class and record, and ending as what they are.
//!
//! What a slice is follows from its content, so that it is named when it is there: [`suffixed`].

use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

use crate::{Coat, Kind, Source, recognise};

/// The ending of a slice that stays encrypted.
pub(crate) const ENCRYPTED: &str = "c4gh";

/// A slice's file in clear that is in a directory already, whatever it ends as.
pub(crate) fn existing(directory: &Path, stem: &str) -> io::Result<Option<PathBuf>> {
    for file in fs::read_dir(directory)? {
        let path = file?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let rest = name.strip_prefix(stem);
        let is_it = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        if is_it && path.extension() != Some(OsStr::new(ENCRYPTED)) {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// Names a file by what it is, where it is not yet named so.
pub(crate) fn suffixed(file: &Path) -> io::Result<PathBuf> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    // A restricted slice has a point in its class.
    let stem = name.rsplit_once('-').map_or(&*name, |(_, number)| number);
    let suffix = match recognise(&Source::File(file.to_owned())) {
        Ok((kind, coat)) if !stem.contains('.') => suffix(kind, coat),
        _ => return Ok(file.to_owned()),
    };
    let new = file.with_file_name(format!("{name}{suffix}"));
    fs::rename(file, &new)?;
    Ok(new)
}

const fn suffix(kind: Kind, coat: Coat) -> &'static str {
    let packed = !matches!(coat, Coat::Plain);
    match kind {
        Kind::FhirNdjson | Kind::DatasetNdjson | Kind::SenmlCapture => ".ndjson",
        Kind::Vcf if packed => ".vcf.gz",
        Kind::Vcf => ".vcf",
        Kind::Bcf => ".bcf",
        Kind::Sam => ".sam",
        Kind::Bam => ".bam",
        Kind::Cram => ".cram",
        Kind::Fastq if packed => ".fastq.gz",
        Kind::Fastq => ".fastq",
        Kind::DatasetJson if packed => ".dsjc",
        Kind::DefineXml | Kind::AppleHealth | Kind::FhirXml => ".xml",
        Kind::GenomicIndex => "",
        _ => ".json",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_end_as_what_they_are_and_are_found_again() {
        let temp = tempfile::tempdir().unwrap();
        let at = |name: &str| temp.path().join(name);
        let bundle = br#"{"resourceType":"Bundle","type":"collection","entry":[]}"#;
        fs::write(at("labs.restricted-00ff"), bundle).unwrap();
        fs::write(at("vitals-00ff.c4gh"), "crypt4gh").unwrap();
        fs::write(at("meds-00ff"), "nothing known").unwrap();

        let named = suffixed(&at("labs.restricted-00ff")).unwrap();
        assert_eq!(named, at("labs.restricted-00ff.json"));
        assert_eq!(suffixed(&named).unwrap(), named);
        assert_eq!(suffixed(&at("meds-00ff")).unwrap(), at("meds-00ff"));

        let found = |stem| existing(temp.path(), stem).unwrap();
        assert_eq!(found("labs.restricted-00ff"), Some(named));
        assert_eq!(found("meds-00ff"), Some(at("meds-00ff")));
        assert_eq!(found("vitals-00ff"), None, "encrypted");
        assert_eq!(found("labs-00ff"), None);
    }
}
