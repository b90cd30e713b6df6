//! The shared data: `../shared/data/works` beside the project.

use std::{fs, path::PathBuf};

use serde_json::Value;

fn path(name: &str) -> PathBuf {
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../.."));
    root.join("shared/data/works").join(name)
}

/// A file of the shared data; `None`, which is said, where it is not there.
pub(crate) fn file(name: &str) -> Option<Vec<u8>> {
    let path = path(name);
    let bytes = fs::read(&path).ok();
    if bytes.is_none() {
        eprintln!("skipped: there is no {}", path.display());
    }
    bytes
}

/// A JSON file of the shared data.
pub(crate) fn json(name: &str) -> Option<Value> {
    file(name).map(|text| serde_json::from_slice(&text).unwrap())
}

/// The `.sor` files of the shared data with their expected parses.
pub(crate) fn traces() -> Vec<(String, Vec<u8>, Value)> {
    let mut traces = Vec::new();
    let expected = json("otdr-synthetic/expected_parse.json").unwrap_or_default();
    for (name, expected) in expected.as_object().into_iter().flatten() {
        let bytes = file(&format!("otdr-synthetic/{name}")).unwrap();
        traces.push((name.clone(), bytes, expected.clone()));
    }
    let real = fs::read_dir(path("otdr")).into_iter().flatten();
    for entry in real {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".json") {
            continue;
        }
        if let Some(expected) = json(&format!("otdr/{name}.expected.json")) {
            let bytes = file(&format!("otdr/{name}")).unwrap();
            traces.push((name, bytes, expected));
        }
    }
    traces
}
