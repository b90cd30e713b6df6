//! What is too much is refused by the name of the limit, without being held.

use std::{fs::File, io::Write as _};

use commonhold_health_client::{Options, Reason, Source, limits, read};

use crate::{refused, sample};

fn limit(refusal: &commonhold_health_client::Refusal) -> &'static str {
    match refusal.reason {
        Reason::TooMuch { limit, .. } => limit,
        _ => panic!("{refusal}"),
    }
}

#[test]
fn a_resource_of_a_hundred_megabytes_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("large.json");
    let before = r#"{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Binary","id":"b","data":""#;
    for before in [before, r#"{"resourceType":"Binary","id":"b","data":""#] {
        let mut file = File::create(&path).unwrap();
        file.write_all(before.as_bytes()).unwrap();
        for _ in 0..100 {
            file.write_all(&[b'A'; 1024 * 1024]).unwrap();
        }
        file.write_all(b"\"}").unwrap();
        if before.contains("entry") {
            file.write_all(b"}]}").unwrap();
        }
        drop(file);
        let refusal = read(&Source::File(path.clone()), Options::default())
            .err()
            .unwrap();
        assert_eq!(limit(&refusal), "RESOURCE_BYTES_MAX");
        let place = refusal.place.to_string();
        let within = if before.contains("entry") {
            "Bundle.entry[0]"
        } else {
            "byte"
        };
        assert!(place.contains(within), "{place}");
    }
}

#[test]
fn depths_and_numbers_are_bounded() {
    let deep = limits::JSON_DEPTH_MAX + 1;
    let json = format!(
        r#"{{"resourceType":"Basic","id":"b","x":{}{}}}"#,
        "[".repeat(deep),
        "]".repeat(deep)
    );
    assert_eq!(limit(&refused(json)), "JSON_DEPTH_MAX");
    let many = vec!["0"; limits::RESOURCE_VALUES_MAX].join(",");
    let json = format!(r#"{{"resourceType":"Basic","id":"b","x":[{many}]}}"#);
    assert_eq!(limit(&refused(json)), "RESOURCE_VALUES_MAX");
    let xml = format!("<HealthData>{}", "<a>".repeat(limits::XML_DEPTH_MAX));
    assert_eq!(limit(&refused(xml)), "XML_DEPTH_MAX");
    let long = " ".repeat(limits::XML_PIECE_BYTES_MAX);
    let xml = format!("<!DOCTYPE HealthData [{long}]><HealthData/>");
    assert_eq!(limit(&refused(xml)), "XML_PIECE_BYTES_MAX");
}

#[test]
fn a_binary_record_that_claims_four_gigabytes_is_not_asked_for() {
    let mut bam = crate::genomes::bam();
    let at = bam.len() - 45 - 4;
    assert_eq!(bam[at..at + 4], 45_u32.to_le_bytes());
    bam[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(limit(&refused(bam)), "BINARY_RECORD_BYTES_MAX");
}

#[test]
fn rows_are_bounded() {
    let row = format!("[\"{}\"]\n", "x".repeat(limits::ROW_BYTES_MAX));
    let mut lines = sample("dm.ndjson");
    lines.extend_from_slice(row.as_bytes());
    assert_eq!(limit(&refused(lines)), "ROW_BYTES_MAX");
}
