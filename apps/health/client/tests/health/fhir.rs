//! FHIR: what is cut from what, and what is refused.

use std::collections::BTreeMap;

use commonhold_health_client::{
    Form, Kind, Options, Place, Reason, Sensitivity, Source, read, read_bulk,
};
use serde_json::{Value, json};

use crate::{content, refused, sample, slice, taken, why};

fn ids(bytes: &[u8]) -> Vec<String> {
    let bundle: Value = serde_json::from_slice(bytes).unwrap();
    assert_eq!(bundle["resourceType"], "Bundle");
    assert_eq!(bundle["type"], "collection");
    let entries = bundle["entry"].as_array().unwrap();
    entries
        .iter()
        .map(|e| e["resource"]["id"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_record_is_cut_by_class_and_sensitivity() {
    let contents = taken(sample("ward.json"));
    assert_eq!(contents.kind, Kind::FhirBundle);
    assert_eq!((contents.records, contents.people_count), (18, 1));
    let found: BTreeMap<String, Vec<String>> = contents
        .slices
        .iter()
        .map(|s| (s.name(), ids(&content(s))))
        .collect();
    let expected: BTreeMap<String, Vec<String>> = [
        ("allergies", &["penicillin"][..]),
        ("demographics", &["ward", "quill", "doctor"]),
        ("device", &["pacemaker"]),
        ("documents", &["letter"]),
        (
            "emergency",
            &[
                "penicillin",
                "asthma",
                "pacemaker",
                "salbutamol",
                "inhaler",
                "blood-group",
                "quill",
            ],
        ),
        ("genomic", &["variant"]),
        ("immunizations", &["flu"]),
        ("labs", &["blood-group"]),
        ("meds", &["salbutamol", "inhaler"]),
        ("meds.restricted", &["for-the-labelled"]),
        ("problems", &["asthma"]),
        ("problems.restricted", &["labelled", "unlabelled"]),
        ("procedures", &["visit", "spirometry"]),
        ("vitals", &["weight"]),
    ]
    .into_iter()
    .map(|(name, ids)| {
        (
            name.to_owned(),
            ids.iter().map(|id| (*id).to_owned()).collect(),
        )
    })
    .collect();
    assert_eq!(found, expected);
    let restricted = slice(&contents, "problems.restricted");
    let sensitivity = Sensitivity::HIV
        .and(Sensitivity::RESTRICTED)
        .and(Sensitivity::PSY);
    assert_eq!(restricted.sensitivity, sensitivity, "by label and by code");
    let prescription = slice(&contents, "meds.restricted").sensitivity;
    assert!(prescription.has(Sensitivity::HIV), "it says what it is for");
}

#[test]
fn slices_are_the_same_bytes_whatever_the_order_and_the_white_space() {
    let text = sample("ward.json");
    let mut bundle: Value = serde_json::from_slice(&text).unwrap();
    // As spelt: a number must not pass through a reader.
    let spelt = String::from_utf8(text.clone()).unwrap();
    assert!(spelt.contains("63.50"));
    bundle["entry"]
        .as_array_mut()
        .unwrap()
        .retain(|e| e["resource"]["id"] != "weight");
    bundle["entry"].as_array_mut().unwrap().reverse();
    let bytes = |contents: &commonhold_health_client::Contents| {
        contents
            .slices
            .iter()
            .map(|s| (s.name(), content(s)))
            .collect::<BTreeMap<_, _>>()
    };
    let once = taken(text);
    let mut one = bytes(&once);
    let vitals = String::from_utf8(one.remove("vitals").unwrap()).unwrap();
    assert!(
        vitals.contains("\"value\":63.50,"),
        "digits are kept: {vitals}"
    );
    let shuffled = taken(serde_json::to_vec(&bundle).unwrap());
    let again = taken(serde_json::to_vec_pretty(&bundle).unwrap());
    assert_eq!(bytes(&shuffled), bytes(&again));
    assert_eq!(one.len(), shuffled.slices.len());
    assert_eq!(ids(&one["labs"]), ids(&bytes(&shuffled)["labs"]));
}

#[test]
fn small_slices_are_filled_up_with_blanks_that_json_passes_over() {
    for slice in &taken(sample("ward.json")).slices {
        let bytes = content(slice);
        assert_eq!(bytes.len() % 1024, 0, "{}", slice.name());
        let bare = slice.bytes as usize;
        assert!(bytes.len() - bare < 1024);
        let (text, padding) = bytes.split_at(bare - 1);
        assert!(padding.iter().all(|b| b" \n".contains(b)));
        serde_json::from_slice::<Value>(text).unwrap();
        serde_json::from_slice::<Value>(&bytes).unwrap();
    }
    for slice in &taken(sample("bulk.ndjson")).slices {
        let bytes = content(slice);
        assert_eq!(bytes.len() % 1024, 0);
        for line in String::from_utf8(bytes).unwrap().lines() {
            serde_json::from_str::<Value>(line).unwrap();
        }
    }
}

#[test]
fn an_emergency_slice_says_that_something_is_withheld() {
    let contents = taken(sample("ward.json"));
    let bundle: Value = serde_json::from_slice(&content(slice(&contents, "emergency"))).unwrap();
    assert_eq!(bundle["meta"]["security"][0]["code"], "REDACTED");
    let restricted = content(slice(&contents, "problems.restricted"));
    let bundle: Value = serde_json::from_slice(&restricted).unwrap();
    assert_eq!(bundle["meta"]["security"][0]["code"], "R");
}

#[test]
fn bulk_data_is_cut_by_person() {
    let contents = taken(sample("bulk.ndjson"));
    assert_eq!(contents.kind, Kind::FhirNdjson);
    assert_eq!(contents.people_count, 2);
    let found: Vec<(Option<usize>, String, u64)> = contents
        .slices
        .iter()
        .map(|s| (s.person, s.name(), s.resources))
        .collect();
    let expected = [
        (Some(0), "demographics", 1),
        (Some(0), "problems", 1),
        (Some(0), "emergency", 2),
        (Some(1), "demographics", 1),
        (Some(1), "problems", 1),
        (Some(1), "problems.restricted", 1),
        (Some(1), "emergency", 2),
    ];
    let expected = expected.map(|(person, name, n)| (person, name.to_owned(), n));
    assert_eq!(found, expected);
    assert_eq!(slice(&contents, "problems").form, Form::Ndjson);
    assert_eq!(contents.people[1].reference(), "Patient/ben");
    assert_eq!(
        format!("{:?}", contents.people[1]),
        "Person",
        "a person is not shown"
    );
}

#[test]
fn the_files_of_an_export_are_cut_together() {
    let text = String::from_utf8(sample("bulk.ndjson")).unwrap();
    let pick = |kind: &str| {
        let lines = text
            .lines()
            .filter(|line| line.contains(&format!("\"{kind}\"")));
        Source::Bytes(
            lines
                .map(|line| format!("{line}\n"))
                .collect::<String>()
                .into_bytes(),
        )
    };
    let together = read_bulk(&[pick("Condition"), pick("Patient")])
        .ok()
        .unwrap();
    let whole = taken(text.clone());
    assert_eq!(together.people_count, 2);
    assert_eq!(together.slices.len(), whole.slices.len());
    let alone = read(&pick("Patient"), Options::default()).ok().unwrap();
    let names: Vec<String> = alone.slices.iter().map(|s| s.name()).collect();
    assert!(
        !names.contains(&"emergency".to_owned()),
        "a name alone helps in no emergency"
    );
    let (number, _) = read_bulk(&[pick("Patient"), pick("Patient")])
        .err()
        .unwrap();
    assert_eq!(number, 1, "the same people twice");
}

/// A bundle of these resources, under addresses `urn:uuid:0`, `urn:uuid:1`, and so on.
fn bundle(resources: &[Value]) -> Vec<u8> {
    let entry =
        |(i, r): (usize, &Value)| json!({"fullUrl": format!("urn:uuid:{i}"), "resource": r});
    let entries: Vec<Value> = resources.iter().enumerate().map(entry).collect();
    serde_json::to_vec(&json!({"resourceType": "Bundle", "type": "collection", "entry": entries}))
        .unwrap()
}

fn patient() -> Value {
    json!({"resourceType": "Patient", "id": "p"})
}

fn problem(more: Value) -> Value {
    let mut problem =
        json!({"resourceType": "Condition", "id": "c", "subject": {"reference": "urn:uuid:0"}});
    for (key, value) in more.as_object().unwrap() {
        problem[key] = value.clone();
    }
    problem
}

#[test]
fn references_to_nowhere_are_refused_with_their_path() {
    for target in [
        "urn:uuid:9",
        "Encounter/9",
        "Encounter",
        "nonsense",
        "Nothing/1",
        "",
    ] {
        let more = json!({"evidence": [{}, {"detail": [{"reference": target}]}]});
        let refusal = refused(bundle(&[patient(), problem(more)]));
        assert_eq!(refusal.reason, Reason::Nowhere, "{target}");
        let place = "Bundle.entry[1].resource.evidence[1].detail[0].reference";
        assert_eq!(refusal.place.to_string(), place, "{target}");
    }
    let within = json!({"asserter": {"reference": "#who"}});
    let text = why(bundle(&[patient(), problem(within)]));
    assert!(
        text.starts_with("Bundle.entry[1].resource, asserter") || text.contains("contained"),
        "{text}"
    );
}

#[test]
fn references_to_a_directory_or_elsewhere_are_counted() {
    for target in [
        "Practitioner/7",
        "Organization?identifier=x|y",
        "https://elsewhere.example/fhir/Encounter/7",
    ] {
        let contents = taken(bundle(&[
            patient(),
            problem(json!({"asserter": {"reference": target}})),
        ]));
        assert_eq!(contents.notes.len(), 1, "{target}");
    }
    let increment = bundle(&[
        patient(),
        problem(json!({"encounter": {"reference": "Encounter/7"}})),
    ]);
    assert_eq!(refused(increment.clone()).reason, Reason::Nowhere);
    let options = Options { partial: true };
    let contents = read(&Source::Bytes(increment), options).ok().unwrap();
    assert_eq!(contents.notes.len(), 1);
}

#[test]
fn references_find_resources_by_address_and_by_type_and_id() {
    for target in [
        "urn:uuid:0",
        "Patient/p",
        "Patient/p/_history/3",
        "https://hospital.example/fhir/Patient/p",
    ] {
        let contents = taken(bundle(&[
            patient(),
            problem(json!({"subject": {"reference": target}})),
        ]));
        assert_eq!(
            (contents.people_count, contents.notes.len()),
            (1, 0),
            "{target}"
        );
    }
}

#[test]
fn what_stands_twice_is_refused_with_both_places() {
    let refusal = refused(bundle(&[patient(), problem(json!({})), problem(json!({}))]));
    assert_eq!(refusal.place.to_string(), "Bundle.entry[2].resource");
    let Reason::Duplicate { first, .. } = refusal.reason else {
        panic!()
    };
    assert_eq!(first.to_string(), "Bundle.entry[1].resource");
    let mut lines = sample("bulk.ndjson");
    lines.extend_from_slice(b"{\"resourceType\":\"Patient\",\"id\":\"ann\"}\n");
    let refusal = refused(lines);
    assert_eq!(refusal.place.to_string(), "line 6");
    assert!(matches!(refusal.reason, Reason::Duplicate { .. }));
    let text = String::from_utf8(bundle(&[patient(), problem(json!({}))])).unwrap();
    let same_url = text.replace("urn:uuid:1", "urn:uuid:0");
    assert!(matches!(
        refused(same_url).reason,
        Reason::Duplicate {
            what: "full address",
            ..
        }
    ));
    let key = r#"{"resourceType":"Patient","id":"p","id":"q"}"#;
    assert!(why(key).contains("a key stands twice"));
}

#[test]
fn other_versions_are_refused() {
    for resource in [
        json!({"resourceType": "MedicationOrder"}),
        json!({"resourceType": "Transport"}),
        json!({"resourceType": "Condition", "clinicalStatus": "active"}),
        json!({"resourceType": "Encounter", "class": [{"coding": []}]}),
        json!({"resourceType": "MedicationRequest", "medication": {"concept": {}}}),
        json!({"resourceType": "Patient", "meta": {"profile": ["http://hl7.org/fhir/5.0/StructureDefinition/Patient"]}}),
        json!({"resourceType": "CapabilityStatement", "fhirVersion": "5.0.0"}),
    ] {
        let refusal = refused(bundle(std::slice::from_ref(&resource)));
        assert!(
            matches!(refusal.reason, Reason::Version(_)),
            "{resource}: {refusal}"
        );
        assert_eq!(refusal.place.to_string(), "Bundle.entry[0].resource");
        let alone = refused(serde_json::to_vec(&resource).unwrap());
        assert!(matches!(alone.reason, Reason::Version(_)));
    }
    let mut whole: Value = serde_json::from_slice(&bundle(&[patient()])).unwrap();
    whole["fhirVersion"] = "3.0.1".into();
    assert!(matches!(
        refused(whole.to_string()).reason,
        Reason::Version(_)
    ));
}

#[test]
fn restriction_spreads_as_the_wording_does() {
    let label =
        json!([{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "PSY"}]);
    let restricted = |contents: &commonhold_health_client::Contents| -> Vec<String> {
        let slices = contents.slices.iter().filter(|s| s.restricted);
        let mut all: Vec<String> = slices.flat_map(|s| ids(&content(s))).collect();
        all.sort();
        all
    };
    let all = |label_on: &str| {
        let meta = |id: &str| {
            if id == label_on {
                json!({"security": label})
            } else {
                json!({})
            }
        };
        let subject = json!({"reference": "urn:uuid:0"});
        taken(bundle(&[
            json!({"resourceType": "Patient", "id": "p", "meta": meta("p")}),
            json!({"resourceType": "Encounter", "id": "e", "meta": meta("e"), "subject": subject,
                   "class": {"code": "AMB"}}),
            json!({"resourceType": "Condition", "id": "c", "meta": meta("c"), "subject": subject}),
            json!({"resourceType": "Observation", "id": "o", "meta": meta("o"), "subject": subject,
                   "encounter": {"reference": "urn:uuid:1"}}),
            json!({"resourceType": "DiagnosticReport", "id": "r", "meta": meta("r"),
                   "subject": subject, "result": [{"reference": "urn:uuid:3"}]}),
            json!({"resourceType": "Claim", "id": "b", "meta": meta("b"), "patient": subject,
                   "diagnosis": [{"diagnosisReference": {"reference": "urn:uuid:2"}}]}),
        ]))
    };
    assert_eq!(
        restricted(&all("p")),
        ["b", "c", "e", "o", "p", "r"],
        "all of a person's record"
    );
    assert_eq!(
        restricted(&all("e")),
        ["e", "o", "r"],
        "a visit and what was recorded in it"
    );
    assert_eq!(
        restricted(&all("c")),
        ["b", "c"],
        "a problem and the bill for it"
    );
    assert_eq!(restricted(&all("o")), ["o", "r"], "a result and its report");
    assert_eq!(
        restricted(&all("r")),
        ["o", "r"],
        "a report and its results"
    );
    assert_eq!(restricted(&all("b")), ["b"]);
    assert_eq!(restricted(&all("-")), [""; 0]);
}

#[test]
fn what_is_no_bundle_of_records_is_refused() {
    let history = json!({"resourceType": "Bundle", "type": "history", "entry": []});
    assert!(why(history.to_string()).starts_with("Bundle.type:"));
    let untyped = json!({"resourceType": "Bundle", "entry": []});
    assert_eq!(why(untyped.to_string()), "Bundle.type: is missing");
    let place = refused(r#"{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","id":"Ann Smith"}}]}"#).place;
    assert_eq!(place.to_string(), "Bundle.entry[0].resource.id");
    let _: Place = place;
    let mut cut = sample("ward.json");
    cut.truncate(cut.len() / 2);
    assert!(matches!(refused(cut).reason, Reason::Truncated("JSON")));
    let mut followed = sample("ward.json");
    followed.extend_from_slice(b"{}");
    assert!(why(followed).contains("something follows"));
}

#[test]
fn refusals_do_not_quote_the_file() {
    let names = ["Quillfeather", "Imogen", "1979-04-12"];
    let text = String::from_utf8(sample("ward.json")).unwrap();
    for (from, to) in [
        (
            "\"family\": \"Quillfeather\"",
            "\"family\": \"Quillfeather\" 7",
        ),
        ("\"id\": \"quill\"", "\"id\": \"Imogen Quillfeather\""),
        ("\"Imogen\"", "Imogen"),
        (
            "\"resourceType\": \"Patient\"",
            "\"resourceType\": \"Quillfeather\"",
        ),
        (
            "\"reference\": \"urn:uuid:6f1d2a52-5d0e-4a51-9a3e-100000000002\"",
            "\"reference\": \"Imogen\"",
        ),
    ] {
        let changed = text.replace(from, to);
        if changed == text {
            continue;
        }
        let refusal = refused(changed);
        let said = format!(
            "{refusal} {refusal:?} {}",
            serde_json::to_string(&refusal).unwrap()
        );
        assert!(!names.iter().any(|name| said.contains(name)), "{said}");
    }
}
