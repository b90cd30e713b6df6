//! Dry runs of the law's rules.

use std::fs;

use serde_json::{Value, json};

use crate::{data, holds, read, works};

#[test]
fn every_trace_is_printed_as_expected() {
    let Some(folder) = data("otdr") else { return };
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry
            .unwrap()
            .path()
            .into_os_string()
            .into_string()
            .unwrap();
        if path.ends_with(".json") {
            continue;
        }
        let mut expected = read(&format!("{path}.expected.json"));
        for other in ["parsers", "pyotdr_agrees", "otdrs_error"] {
            expected.as_object_mut().unwrap().remove(other);
        }
        holds(&path, &expected, &works(&["check", &path]).data);
    }
}

#[test]
fn every_synthetic_trace_is_printed_as_expected() {
    let Some(folder) = data("otdr-synthetic") else {
        return;
    };
    let expected = read(&format!("{folder}/expected_parse.json"));
    let files: Vec<String> = expected.as_object().unwrap().keys().cloned().collect();
    let paths: Vec<String> = files
        .iter()
        .map(|file| format!("{folder}/{file}"))
        .collect();
    let mut words = vec!["check"];
    words.extend(paths.iter().map(String::as_str));
    let answer = works(&words);
    let refused = answer.refused.unwrap();
    assert!(
        refused.starts_with("SYNA_T4_truncated.sor: the file ends"),
        "{refused}"
    );
    for (file, mut expected) in expected.as_object().unwrap().clone() {
        for other in ["parsers", "pyotdr_agrees", "otdrs_error", "pyotdr_error"] {
            expected.as_object_mut().unwrap().remove(other);
        }
        holds(&file, &expected, &answer.data[&file]);
    }
}

/// Runs the work order of the shared data over a folder.
fn judged(folder: &str) -> Option<Value> {
    let (order, ruleset) = (
        data("otdr-synthetic/work_order.json")?,
        data("otdr-synthetic/ruleset.json")?,
    );
    let words = ["check", "--order", &order, "--ruleset", &ruleset, folder];
    Some(works(&words).data)
}

#[test]
fn every_fibre_and_every_tampered_file_is_judged_as_expected() {
    let Some(folder) = data("otdr-synthetic") else {
        return;
    };
    let found = judged(&folder).unwrap();
    let expected = read(&format!("{folder}/expected_verdicts.json"));
    assert_eq!(expected["ruleset"], found["ruleset"]);
    let names =
        |value: &Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
    assert_eq!(names(&expected["fibres"]), names(&found["fibres"]));
    for (fibre, expected) in expected["fibres"].as_object().unwrap() {
        let mut expected = expected.clone();
        // What was built wrong on purpose stands in no trace.
        expected.as_object_mut().unwrap().remove("injected_fault");
        holds(fibre, &expected, &found["fibres"][fibre]);
    }
    assert_eq!(names(&expected["tampered"]), names(&found["tampered"]));
    for (file, expected) in expected["tampered"].as_object().unwrap() {
        let code = |value: &Value| {
            let text = value["expect"].as_str().unwrap();
            text.split([':', ' ']).next().unwrap().to_owned()
        };
        assert_eq!(code(expected), code(&found["tampered"][file]), "{file}");
        if file != "SYNA_T4_truncated.sor" && expected.get("derived_from").is_some() {
            let from = &found["tampered"][file]["derived_from"];
            assert_eq!(expected["derived_from"], *from, "{file}");
        }
    }
    assert_eq!(found["notes"], json!({}));
    assert_eq!(found["without_evidence"], json!(["F07", "F08"]));
}

#[test]
fn a_fibre_whose_only_evidence_was_edited_is_not_accepted() {
    let Some(folder) = data("otdr-synthetic") else {
        return;
    };
    let few = tempfile::tempdir().unwrap();
    let take = |from: &str, to: &str| {
        fs::copy(format!("{folder}/{from}"), few.path().join(to)).unwrap();
    };
    for file in ["AB_1310", "BA_1310", "BA_1550"] {
        take(
            &format!("SYNA_F01_{file}.sor"),
            &format!("SYNA_F01_{file}.sor"),
        );
    }
    take("SYNA_T3_flipped_byte.sor", "again_F01_AB_1550.sor");
    let found = judged(few.path().to_str().unwrap()).unwrap();
    assert_eq!(found["fibres"]["F01"]["verdict"], "REVIEW");
    fs::remove_file(few.path().join("again_F01_AB_1550.sor")).unwrap();
    let found = judged(few.path().to_str().unwrap()).unwrap();
    assert_eq!(found["fibres"]["F01"]["verdict"], "INCOMPLETE");
    assert_eq!(found["fibres"]["F01"]["missing"], json!(["1550 AB"]));
    assert_eq!(found["fibres"]["F01"]["failed_rules"], json!([]));
}

#[test]
fn names_of_files_do_not_decide() {
    let Some(folder) = data("otdr-synthetic") else {
        return;
    };
    let renamed = tempfile::tempdir().unwrap();
    for (number, fibre) in ["F01", "F02", "F03", "F04", "F05", "F06"]
        .iter()
        .enumerate()
    {
        for (other, file) in ["AB_1310", "AB_1550", "BA_1310", "BA_1550"]
            .iter()
            .enumerate()
        {
            let from = format!("{folder}/SYNA_{fibre}_{file}.sor");
            fs::copy(
                from,
                renamed
                    .path()
                    .join(format!("{}.SOR", 90 - 4 * number - other)),
            )
            .unwrap();
        }
    }
    let found = judged(renamed.path().to_str().unwrap()).unwrap();
    let expected = read(&format!("{folder}/expected_verdicts.json"));
    for (fibre, expected) in expected["fibres"].as_object().unwrap() {
        holds(
            fibre,
            &expected["values"],
            &found["fibres"][fibre]["values"],
        );
    }
    assert_eq!(found["tampered"], json!({}));
}

#[test]
fn certificates_are_as_expected() {
    let (Some(contract), Some(bill)) = (
        data("project/contract_and_progress.json"),
        data("project/boq.csv"),
    ) else {
        return;
    };
    let answer = works(&["certificates", &contract, &bill]);
    let expected = read(&data("project/expected_certificates.json").unwrap());
    holds("certificates", &expected, &answer.data);
    assert_eq!(answer.data["notes"], json!([]));
}

#[test]
fn scores_and_outcomes_are_as_expected() {
    let Some(vectors) = data("credit/vectors_CS-1.json") else {
        return;
    };
    let answer = works(&["credit", "replay", &vectors]);
    assert_eq!(answer.refused, None);
    let file = read(&vectors);
    assert_eq!(file["outcome_functions"], answer.data["outcome_functions"]);
    let cases = file["cases"].as_array().unwrap();
    for (case, found) in cases.iter().zip(answer.data["cases"].as_array().unwrap()) {
        assert_eq!(case["expected"], found["expected"], "{}", case["name"]);
    }
}

#[test]
fn the_order_of_events_is_of_no_matter() {
    let Some(vectors) = data("credit/vectors_CS-1.json") else {
        return;
    };
    let mut file = read(&vectors);
    for case in file["cases"].as_array_mut().unwrap() {
        let events = case["events"].as_array_mut().unwrap();
        events.reverse();
        // Delivered twice, counted once.
        let again = events.clone();
        events.extend(again);
    }
    let other = tempfile::NamedTempFile::new().unwrap();
    fs::write(other.path(), file.to_string()).unwrap();
    let answer = works(&["credit", "replay", other.path().to_str().unwrap()]);
    assert_eq!(answer.refused, None);
}

#[test]
fn a_score_that_is_not_as_expected_is_said() {
    let Some(vectors) = data("credit/vectors_CS-1.json") else {
        return;
    };
    let mut file = read(&vectors);
    file["cases"][0]["events"][1]["o"] = json!(9999);
    let other = tempfile::NamedTempFile::new().unwrap();
    fs::write(other.path(), file.to_string()).unwrap();
    let answer = works(&["credit", "replay", other.path().to_str().unwrap()]);
    assert!(answer.refused.unwrap().contains("contractor, 6 owners"));
}

#[test]
fn the_table_of_the_parameters_is_ours() {
    let Some(params) = data("credit/params_CS-1.json") else {
        return;
    };
    use commonhold_works_contract::credit;
    let params = read(&params);
    assert_eq!(params["decay_table_q20"], json!(credit::DECAY.to_vec()));
    assert_eq!(params["unit"], credit::UNIT);
    assert_eq!(params["prior_strength"], credit::PRIOR_WEIGHT);
    assert_eq!(params["prior_mean_bp"], credit::PRIOR_MEAN);
    assert_eq!(params["group_cap"], credit::GROUP_WEIGHT_MAX);
    for role in ["EXEC", "OWNER", "SUPV"] {
        let weights = credit::Role::named(role).unwrap().dimensions();
        let known = params["roles"][role].as_object().unwrap();
        assert_eq!(known.len(), weights.len());
        for weight in weights {
            assert_eq!(known[weight.name]["omega_permille"], weight.omega);
            assert_eq!(known[weight.name]["base"], weight.base);
        }
    }
}

#[test]
fn a_radio_site_is_judged_as_expected() {
    let (Some(design), Some(evidence)) = (
        data("radio/site_design.json"),
        data("radio/site_evidence.json"),
    ) else {
        return;
    };
    let answer = works(&["radio", &design, &evidence]);
    let expected = read(&data("radio/expected_site_verdicts.json").unwrap());
    holds("radio", &expected, &answer.data);
}

#[test]
fn bids_open_or_do_not() {
    let Some(bids) = data("project/sealed_bids.json") else {
        return;
    };
    let found = works(&["bids", &bids]).data;
    let file = read(&bids);
    for (bid, found) in file["bids"]
        .as_array()
        .unwrap()
        .iter()
        .zip(found["bids"].as_array().unwrap())
    {
        assert_eq!(bid["reveal"], found["reveal"]);
    }
}
