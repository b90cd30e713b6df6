//! Trial data, protocols, wearables.

use commonhold_health_client::{
    Class, Kind, Sensitivity,
    cdisc::usdm::{Level, Protocol},
};
use serde_json::{Value, json};

use crate::{content, sample, taken, why};

#[test]
fn data_sets_come_back_as_they_were() {
    for (name, kind) in [
        ("dm.json", Kind::DatasetJson),
        ("dm.ndjson", Kind::DatasetNdjson),
    ] {
        let bytes = sample(name);
        let contents = taken(bytes.clone());
        assert_eq!(
            (contents.kind, contents.records, contents.people_count),
            (kind, 2, 2)
        );
        let [slice] = contents.slices.as_slice() else {
            panic!()
        };
        assert_eq!(slice.class, Class::Demographics);
        assert!(content(slice) == bytes);
    }
}

#[test]
fn data_sets_that_do_not_hold_what_they_say_are_refused() {
    let text = String::from_utf8(sample("dm.json")).unwrap();
    for (from, to, said) in [
        (
            "\"records\": 2",
            "\"records\": 3",
            "record 3: the file ends in the middle of its rows",
        ),
        (
            "\"records\": 2",
            "\"records\": 1",
            "record 2: there are more rows than `records` says",
        ),
        (
            "46",
            "46.5",
            "record 1, column[2]: is not of the type of its column",
        ),
        (
            "46",
            "\"46\"",
            "record 1, column[2]: is not of the type of its column",
        ),
        (
            ", 46",
            "",
            "record 1: has not as many values as there are columns",
        ),
        ("\"1.1.0\"", "\"1.0.0\"", "datasetJSONVersion: is not 1.1"),
        ("\"label\": \"Age\", ", "", "columns[2].label: is missing"),
        (
            "\"itemGroupOID\": \"IG.DM\", ",
            "",
            "itemGroupOID: is missing",
        ),
    ] {
        assert!(text.contains(from), "{from}");
        let found = why(text.replacen(from, to, 1));
        assert!(found.starts_with(said), "{found}");
    }
    let lines = String::from_utf8(sample("dm.ndjson")).unwrap();
    let cut = lines.lines().take(2).collect::<Vec<_>>().join("\n");
    assert!(why(cut).contains("records"));
}

#[test]
fn define_xml_defines_what_it_refers_to() {
    let text = String::from_utf8(sample("define.xml")).unwrap();
    let contents = taken(text.clone());
    assert_eq!((contents.kind, contents.records), (Kind::DefineXml, 1));
    assert_eq!(contents.counts.of("ItemDef"), 1);
    for (from, to, said) in [
        (
            "ItemOID=\"IT.DM.AGE\"",
            "ItemOID=\"IT.DM.SEX\"",
            "refers to no ItemDef",
        ),
        (
            "def:DefineVersion=\"2.1.0\"",
            "def:DefineVersion=\"2.0.0\"",
            "is not 2.1",
        ),
        (
            "<CodeList OID=\"CL.1\"",
            "<ItemDef OID=\"IT.DM.AGE\"",
            "has an OID that another has",
        ),
        ("</ItemDef>", "", "is not well-formed XML"),
        ("</ODM>", "", "the file ends in the middle of XML"),
    ] {
        assert!(text.contains(from));
        let found = why(text.replacen(from, to, 1));
        assert!(found.contains(said), "{found}");
    }
}

#[test]
fn protocols_name_endpoints_with_level_and_time() {
    let contents = taken(sample("protocol.json"));
    assert_eq!(contents.kind, Kind::Usdm);
    assert!(
        contents.slices.is_empty(),
        "a protocol is nobody's health data"
    );
    let protocol = Protocol::of(&sample("protocol.json")).unwrap();
    assert_eq!(contents.protocol.as_ref(), Some(&protocol));
    let found: Vec<_> = protocol
        .endpoints
        .iter()
        .map(|e| (e.id.as_str(), e.level, e.time_point.as_deref()))
        .collect();
    let expected = [
        ("E1", Level::Primary, Some("Week 12")),
        ("E2", Level::Secondary, None),
        ("E3", Level::Exploratory, Some("Baseline to Month 6")),
    ];
    assert_eq!(found, expected);
    let text = String::from_utf8(sample("protocol.json")).unwrap();
    let said = why(text.replace("\"E2\"", "\"E1\""));
    assert!(
        said.starts_with("study.versions[0].studyDesigns[0].objectives[1].endpoints[0].id: "),
        "{said}"
    );
    assert!(why(text.replace("\"4.0.0\"", "\"3.0.0\"")).starts_with("usdmVersion: "));
}

fn heart_rate() -> Value {
    serde_json::from_slice::<Value>(&sample("heart-rate.json")).unwrap()["body"].clone()
}

#[test]
fn measurements_follow_their_schema() {
    let contents = taken(sample("heart-rate.json"));
    assert_eq!((contents.kind, contents.records), (Kind::OpenMhealth, 1));
    let list = json!([heart_rate(), heart_rate()]).to_string();
    assert_eq!(taken(list).records, 2);
    let lines = format!("{}\n{}\n", heart_rate(), heart_rate());
    assert_eq!(taken(lines).counts.of("heart-rate"), 2);
    let change = |path: &str, value: Value| {
        let mut body = heart_rate();
        *body.pointer_mut(path).unwrap() = value;
        why(body.to_string())
    };
    for (said, place) in [
        (change("/heart_rate/unit", json!("bpm")), "heart_rate.unit"),
        (change("/heart_rate/value", json!("60")), "heart_rate.value"),
        (
            change("/temporal_relationship_to_sleep", json!("awake")),
            "temporal_relationship_to_sleep",
        ),
        (
            change("/effective_time_frame/date_time", json!("2025-11-03")),
            "effective_time_frame.date_time",
        ),
        (
            change("/effective_time_frame", json!({})),
            "effective_time_frame.date_time",
        ),
    ] {
        assert!(said.starts_with(&format!("record 1, {place}: ")), "{said}");
    }
    assert!(why("{}").contains("none whose keys are known"));
}

#[test]
fn an_apple_export_is_read_past_its_definition_and_without_its_entities() {
    let bytes = sample("apple-export.xml");
    let contents = taken(bytes.clone());
    assert_eq!((contents.kind, contents.records), (Kind::AppleHealth, 3));
    assert_eq!(contents.counts.of("HeartRate"), 1);
    let [slice] = contents.slices.as_slice() else {
        panic!()
    };
    assert_eq!(slice.name(), "device.restricted");
    assert_eq!(slice.sensitivity, Sensitivity::SEX);
    let padded = content(slice);
    assert!(padded.starts_with(&bytes) && padded[bytes.len()..].iter().all(|b| *b == b' '));
    assert_eq!(slice.bytes, bytes.len() as u64);
    let text = String::from_utf8(bytes).unwrap();
    let expanding = text.replace("<ExportDate", "&c;<ExportDate");
    assert!(why(expanding).contains("an entity stands here"));
    assert!(why(text.replace("\"58.5\"", "\"fast\"")).starts_with("record 2, value: "));
    assert!(
        why(text.replace("startDate=\"2025-11-04 00:00:00 +0100\"", ""))
            .starts_with("record 3, startDate: ")
    );
    assert!(why(text.replace("</HealthData>", "")).contains("ends in the middle of XML"));
    let plain = text.replace("MenstrualFlow", "AppleStandHour");
    assert_eq!(taken(plain).slices[0].name(), "device");
}

#[test]
fn vendors_answers_are_known_by_their_keys() {
    let fitbit = taken(sample("fitbit-steps.json"));
    assert_eq!((fitbit.kind, fitbit.records), (Kind::Fitbit, 2));
    let withings = taken(sample("withings-weight.json"));
    assert_eq!((withings.kind, withings.records), (Kind::Withings, 1));
    assert_eq!(withings.days.first.unwrap().to_string(), "2025-11-03");
    let error = r#"{"status":503,"body":{},"error":"Invalid Params"}"#;
    assert!(why(error).starts_with("status: is not 0"));
    let text = String::from_utf8(sample("fitbit-steps.json")).unwrap();
    assert!(
        why(text.replace("\"value\": 12", "\"value\": \"many\""))
            .starts_with("activities-steps-intraday.dataset[0].value: ")
    );
}

#[test]
fn every_sample_is_taken() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../samples/health");
    let mut kinds = std::collections::BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        kinds.insert(format!("{:?}", taken(sample(&name)).kind));
    }
    assert_eq!(kinds.len(), 13, "{kinds:?}");
}

#[test]
fn what_is_none_of_it_is_refused_with_a_hint() {
    for (bytes, hint) in [
        (&b""[..], "is empty"),
        (b"PK\x03\x04rest", "unpack it"),
        (b"crypt4gh\x01\0\0\0", "decrypt it"),
        (b"\xff\xfe{\0", "UTF-8"),
        (b"Dear colleague,\n", "of no kind that is taken"),
        (b"{\"hello\":1}", "none whose keys are known"),
        (b"<html></html>", "is XML, but"),
        (
            b"<ClinicalDocument xmlns='urn:hl7-org:v3'/>",
            "DocumentReference",
        ),
    ] {
        let said = why(bytes);
        assert!(said.contains(hint), "{said}");
    }
    let consent = r#"<Consent xmlns="http://hl7.org/fhir"><status value="active"/></Consent>"#;
    let contents = taken(consent);
    assert_eq!(
        (contents.kind, contents.slices[0].name()),
        (Kind::FhirXml, "documents.restricted".into())
    );
}
