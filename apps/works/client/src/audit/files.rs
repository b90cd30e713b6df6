//! The files of a bundle, as they are made of what is proven.

use std::collections::BTreeMap;

use commonhold_sdk::{SdkError, bundle::pretty};
use serde_json::Value;

use super::{
    again::Again,
    gather::Gathered,
    index::broken,
    registers::{acts, registers},
};
use crate::sheet::{Cell, write_csv};

/// The bundle's files but for the proof and the list, by their paths.
pub(crate) fn files(
    gathered: &Gathered,
    again: &Again,
) -> Result<BTreeMap<String, Vec<u8>>, SdkError> {
    let csv = |rows: &[Vec<Cell>]| write_csv(rows).map_err(|e| broken(e.to_string()));
    let mut files = again.traces.clone();
    files.insert("acts.csv".to_owned(), csv(&acts(gathered))?);
    files.insert(
        "verdicts.json".to_owned(),
        json(&Value::Array(again.verdicts.clone()))?,
    );
    for register in registers(gathered) {
        let path = format!("registers/{}.csv", register.name);
        files.insert(path, csv(&register.rows)?);
    }
    for (hash, found) in &gathered.rulesets {
        files.insert(format!("rulesets/{hash:x}.arl"), found.clone().into_bytes());
    }
    Ok(files)
}

fn json(value: &Value) -> Result<Vec<u8>, SdkError> {
    pretty(value).map_err(|e| broken(e.to_string()))
}
