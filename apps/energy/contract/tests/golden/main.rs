//! What outsiders rely on stands in files here. After an intended change, `COMMONHOLD_GOLDEN=write` writes
//! them anew; the diff shows what clients will feel.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{env, fs, path::Path};

use commonhold_energy_contract::module;
use commonhold_module::golden;

#[test]
fn the_interface_is_what_the_files_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/energy");
    let write = env::var("COMMONHOLD_GOLDEN").is_ok_and(|value| value == "write");
    let mut changed = Vec::new();
    for (name, text) in golden::files(&module()) {
        let file = folder.join(name);
        if write {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&file, text).unwrap();
        } else if fs::read_to_string(&file).unwrap_or_default() != text {
            changed.push(name);
        }
    }
    assert!(
        changed.is_empty(),
        "differ from what the module declares: {}",
        changed.join(", ")
    );
}

#[test]
fn the_module_fits_beside_the_system() {
    let mut modules = commonhold_system::modules();
    modules.push(module());
    commonhold_module::Registry::new(modules).unwrap();
}
