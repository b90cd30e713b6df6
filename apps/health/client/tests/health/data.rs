//! The published data sets, where they are on this machine: beside the repository, or where
//! `COMMONHOLD_HEALTH_DATA` says. Each file is held against what is known of it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use commonhold_health_client::{Contents, Kind, Options, Refusal, Source, read};
use serde_json::Value;

use crate::content;

fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("COMMONHOLD_HEALTH_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/data/health"),
        PathBuf::from,
    );
    if folder.is_dir() {
        return Some(folder);
    }
    println!(
        "SKIPPED: the health data sets are not in {}",
        folder.display()
    );
    None
}

fn look(path: &Path) -> Result<Contents, Refusal> {
    read(&Source::File(path.to_owned()), Options::default())
}

fn good(path: &Path) -> Contents {
    look(path).unwrap_or_else(|refusal| panic!("{}: {refusal}", path.display()))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    assert!(!found.is_empty(), "{}", folder.display());
    found
}

#[test]
fn records_of_hospitals() {
    let Some(folder) = folder() else { return };
    let mut resources = 0;
    for path in files(&folder.join("ehr/synthea_bundles")) {
        let contents = good(&path);
        assert_eq!(
            (contents.kind, contents.people_count),
            (Kind::FhirBundle, 1)
        );
        assert!(contents.notes.is_empty(), "{:?}", contents.notes);
        let slices = contents.slices.iter();
        let filed: u64 = slices
            .filter(|s| s.name() != "emergency")
            .map(|s| s.resources)
            .sum();
        assert_eq!(filed, contents.records, "every resource is in one slice");
        for slice in &contents.slices {
            let bundle: Value = serde_json::from_slice(&content(slice)).unwrap();
            assert_eq!(
                bundle["entry"].as_array().unwrap().len() as u64,
                slice.resources
            );
        }
        resources += contents.records;
    }
    assert_eq!(resources, 1782);
    for name in ["AllergyIntolerance", "Patient"] {
        let path = folder.join(format!("ehr/bulk_10/{name}.000.ndjson"));
        let contents = good(&path);
        let lines = fs::read_to_string(&path).unwrap().lines().count() as u64;
        assert_eq!(contents.records, lines, "{name}");
        assert!((1..=13).contains(&contents.people_count), "{name}");
    }
    for path in files(&folder.join("ehr/bulk_10")) {
        let contents = good(&path);
        let log = path.ends_with("log.ndjson");
        assert_eq!(contents.kind == Kind::BulkLog, log, "{}", path.display());
    }
    let patients = good(&folder.join("ehr/cohort160/Patient.ndjson"));
    assert_eq!(
        (patients.kind, patients.people_count),
        (Kind::FhirNdjson, 160)
    );
    for path in files(&folder.join("fhir_r4_examples")) {
        assert_eq!(good(&path).kind, Kind::FhirResource, "{}", path.display());
    }
    for path in files(&folder.join("consent_mii")) {
        assert_eq!(good(&path).kind, Kind::FhirXml, "{}", path.display());
    }
}

#[test]
fn genomes() {
    let Some(folder) = folder() else { return };
    let folder = folder.join("genomics");
    for (name, kind, records, people) in [
        ("1kGP_chr1_head1000.vcf.gz", Kind::Vcf, 889, 3202),
        ("PG_NA12878_chr21_hg19.vcf.gz", Kind::Vcf, 65_402, 1),
        ("simple.vcf", Kind::Vcf, 5, 3),
        ("mpileup.1.bam", Kind::Bam, 0, 1),
        ("ex1.sam.gz", Kind::Sam, 3307, 1),
        ("fastqs.fq", Kind::Fastq, 0, 1),
        ("1kGP_chr1_head1000.vcf.gz.tbi", Kind::GenomicIndex, 0, 0),
        ("PG_NA12878_chr21_hg19.vcf.gz.tbi", Kind::GenomicIndex, 0, 0),
    ] {
        let path = folder.join(name);
        let contents = good(&path);
        assert_eq!(
            (contents.kind, contents.people_count),
            (kind, people),
            "{name}"
        );
        if records > 0 {
            assert_eq!(contents.records, records, "{name}");
        }
        let [slice] = contents.slices.as_slice() else {
            panic!()
        };
        let bytes = fs::read(&path).unwrap();
        assert!(content(slice) == bytes, "{name}: not a byte is changed");
        if !name.ends_with(".vcf") && !name.ends_with(".fq") {
            let cut = Source::Bytes(bytes[..bytes.len() * 5 / 9].to_vec());
            assert!(read(&cut, Options::default()).is_err(), "{name}: cut off");
        }
    }
    let bam = fs::read(folder.join("mpileup.1.bam")).unwrap();
    let cut = Source::Bytes(bam[..40_000].to_vec());
    assert!(read(&cut, Options::default()).is_err());
}

#[test]
fn trials() {
    let Some(folder) = folder() else { return };
    let folder = folder.join("trials");
    let sets = files(&folder.join("sdtm"))
        .into_iter()
        .chain(files(&folder.join("adam")));
    for path in sets {
        let contents = good(&path);
        let expected = match path.extension().unwrap().to_str().unwrap() {
            "xml" => Kind::DefineXml,
            "ndjson" | "dsjc" => Kind::DatasetNdjson,
            _ => Kind::DatasetJson,
        };
        assert_eq!(contents.kind, expected, "{}", path.display());
        assert!(content(&contents.slices[0]) == fs::read(&path).unwrap());
    }
    assert_eq!(good(&folder.join("sdtm/dm.json")).people_count, 18);
    assert_eq!(good(&folder.join("sdtm/dm.dsjc")).records, 18);
    let protocol = good(&folder.join("usdm/CDISC_Pilot_Study.json"))
        .protocol
        .unwrap();
    assert_eq!((protocol.endpoints.len(), protocol.amendments), (11, 1));
    assert_eq!(protocol.endpoints[0].time_point.as_deref(), Some("Week 24"));
    for path in files(&folder.join("outcome_switch")) {
        let truth = path.ends_with("expected.json");
        match look(&path) {
            Ok(contents) => assert!(!truth && contents.kind == Kind::TrialReport),
            Err(_) => assert!(truth, "{}", path.display()),
        }
    }
}

#[test]
fn wearables() {
    let Some(folder) = folder() else { return };
    let mut labelled = 0;
    for path in files(&folder.join("wearables/open_mhealth")) {
        let pass = path.iter().any(|part| part == "shouldPass");
        assert_eq!(look(&path).is_ok(), pass, "{}", path.display());
        labelled += 1;
    }
    assert_eq!(labelled, 39);
    for (vendor, kind) in [("fitbit", Kind::Fitbit), ("withings", Kind::Withings)] {
        for path in files(&folder.join("wearables/vendor_api").join(vendor)) {
            assert_eq!(good(&path).kind, kind, "{}", path.display());
        }
    }
    let apple = folder.join("wearables/apple_health");
    assert_eq!(good(&apple.join("export_small.xml")).records, 8);
    let month = good(&apple.join("export_synthetic_30d.xml"));
    assert_eq!(month.days.first.unwrap().to_string(), "2025-01-14");
    let capture = good(&folder.join("iot/mqtt_bedside_6h.ndjson"));
    let truth: Value = serde_json::from_slice(
        &fs::read(folder.join("iot/mqtt_bedside_6h.expected.json")).unwrap(),
    )
    .unwrap();
    assert_eq!(Value::from(capture.counts.of("records")), truth["records"]);
}
