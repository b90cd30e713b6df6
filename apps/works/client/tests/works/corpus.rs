//! Every file that is kept in `fuzz/corpus` is read again: what was found once stays found.

use std::{fs, path::Path};

use crate::parsers::TARGETS;

#[test]
fn every_parser_reads_its_corpus() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../fuzz/corpus");
    let folders = fs::read_dir(&corpus).unwrap();
    let mut folders: Vec<String> = folders
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    folders.sort();
    let mut names = TARGETS.map(|target| target.name.to_owned());
    names.sort();
    assert_eq!(folders, names, "each folder has its parser");
    for target in TARGETS {
        let mut taken = 0;
        for entry in fs::read_dir(corpus.join(target.name)).unwrap() {
            let came = (target.run)(&fs::read(entry.unwrap().path()).unwrap());
            taken += u32::from(came.starts_with("Ok"));
        }
        // A corpus that its parser takes nothing of changes nothing that matters.
        assert_ne!(taken, 0, "{} takes nothing of its corpus", target.name);
    }
}
