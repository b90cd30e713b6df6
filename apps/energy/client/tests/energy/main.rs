//! What the shared data expects, to the unit. It is `../shared/data/energy` beside the project, or where
//! `COMMONHOLD_ENERGY_DATA` says; where it is missing, the tests say so and check nothing.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stderr,
    reason = "tests"
)]

mod books;
mod homes;
mod profiles;

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

/// Where a file or folder of the shared data is, if it is there.
fn data(name: &str) -> Option<PathBuf> {
    let root = env::var_os("COMMONHOLD_ENERGY_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/data/energy"),
        PathBuf::from,
    );
    let path = root.join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {} is missing", path.display());
    None
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}
