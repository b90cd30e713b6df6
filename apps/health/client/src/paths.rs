//! What an import is given, as what is read together: files, all files of directories, and the files of one
//! Bulk Data export.

use commonhold_session::Refused;
use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    Contents, Kind, Options, Refusal, Source, limits::FILES_MAX, read, read_bulk, recognise,
};

/// What is read together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// How it is told of: the file, or the directory of an export.
    pub(crate) name: PathBuf,
    /// The files.
    pub(crate) files: Vec<PathBuf>,
}

/// The parts of what is named. Of a directory that is everything in it but what begins with a dot; files of
/// a Bulk Data export that are in one directory are one part, as people and references are of all of them.
pub(crate) fn parts(paths: &[PathBuf]) -> Result<Vec<Part>, Refused> {
    let mut files = Vec::new();
    for path in paths {
        expand(path, &mut files)?;
    }
    let mut parts: Vec<Part> = Vec::new();
    for file in files {
        if is_bulk(&file) {
            let directory = file.parent().unwrap_or(Path::new("")).to_owned();
            let of_export = |part: &&mut Part| {
                part.files
                    .first()
                    .is_some_and(|first| first.parent() == file.parent() && is_bulk(first))
            };
            if let Some(part) = parts.iter_mut().find(of_export) {
                part.name = directory;
                part.files.push(file);
                continue;
            }
        }
        parts.push(Part {
            name: file.clone(),
            files: vec![file],
        });
    }
    Ok(parts)
}

fn expand(path: &Path, into: &mut Vec<PathBuf>) -> Result<(), Refused> {
    let failed = |e: std::io::Error| Refused(format!("{}: {e}", path.display()));
    if !path.is_dir() {
        if into.len() >= FILES_MAX {
            return Err(Refused(format!("more than {FILES_MAX} files (FILES_MAX)")));
        }
        into.push(path.to_owned());
        return Ok(());
    }
    let mut entries = Vec::new();
    for entry in fs::read_dir(path).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        // A link to a directory may lead back up.
        let link = entry.file_type().map_err(failed)?.is_symlink();
        if !(hidden || link && entry.path().is_dir()) {
            entries.push(entry.path());
        }
    }
    entries.sort();
    entries.iter().try_for_each(|entry| expand(entry, into))
}

fn is_bulk(file: &Path) -> bool {
    let lines = file.extension().is_some_and(|ext| ext == "ndjson");
    match recognise(&Source::File(file.to_owned())) {
        Ok((Kind::FhirNdjson, _)) => true,
        // A file with one line.
        Ok((Kind::FhirResource, _)) => lines,
        _ => false,
    }
}

impl Part {
    /// What it holds; or which file is not taken, and why.
    pub(crate) fn read(&self, options: Options) -> Result<Contents, (PathBuf, Refusal)> {
        if let [file] = self.files.as_slice() {
            let source = Source::File(file.clone());
            return read(&source, options).map_err(|refusal| (file.clone(), refusal));
        }
        let sources: Vec<Source> = self.files.iter().cloned().map(Source::File).collect();
        read_bulk(&sources).map_err(|(number, refusal)| {
            let file = self.files.get(number).unwrap_or(&self.name).clone();
            (file, refusal)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_all_that_is_in_it_and_an_export_is_one_part() {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path();
        fs::create_dir_all(dir.join("bulk")).unwrap();
        fs::create_dir_all(dir.join(".git")).unwrap();
        std::os::unix::fs::symlink(dir, dir.join("bulk/up")).unwrap();
        let patient = |id: &str| format!("{{\"resourceType\":\"Patient\",\"id\":\"{id}\"}}\n");
        let two = format!("{}{}", patient("a"), patient("b"));
        let line = "{\"resourceType\":\"Condition\",\"id\":\"c\",\"subject\":{\"reference\":\"Patient/a\"}}\n";
        for (name, text) in [
            ("notes.txt", "notes"),
            (".git/config", "x"),
            ("bulk/Patient.ndjson", &two),
            ("bulk/Condition.ndjson", line),
            ("one.json", &patient("z")),
        ] {
            fs::write(dir.join(name), text).unwrap();
        }
        let parts = parts(&[dir.to_owned()]).unwrap();
        let names: Vec<_> = parts
            .iter()
            .map(|part| part.name.strip_prefix(dir).unwrap().to_owned())
            .collect();
        assert_eq!(names, ["bulk", "notes.txt", "one.json"].map(PathBuf::from));
        let contents = parts[0].read(Options::default()).unwrap();
        assert_eq!((contents.people.len(), contents.records), (2, 3));
        let (file, _) = parts[1].read(Options::default()).err().unwrap();
        assert_eq!(file, dir.join("notes.txt"));
    }
}
