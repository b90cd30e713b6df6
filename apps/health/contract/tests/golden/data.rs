//! The shared data: `../shared/data/health` beside the project.

use std::{fs, path::PathBuf};

use serde_json::Value;

/// A JSON file of the shared data; `None`, which is said, where it is not there.
pub(crate) fn json(name: &str) -> Option<Value> {
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../.."));
    let file = root.join("shared/data/health").join(name);
    let Ok(text) = fs::read_to_string(&file) else {
        eprintln!("skipped: there is no {}", file.display());
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

/// The texts in a list.
pub(crate) fn texts(list: &Value) -> Vec<&str> {
    let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().map(|text| text.as_str().unwrap()).collect()
}
