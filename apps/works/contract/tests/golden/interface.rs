//! Selectors, topics, storage layout, ABI. After an intended change, `COMMONHOLD_GOLDEN=write` writes
//! them anew; the diff shows what clients will feel.

use std::{env, fs, path::Path};

use commonhold_module::golden;
use commonhold_works_contract::module;

use crate::costs;

#[test]
fn the_interface_is_what_the_files_say() {
    let files = golden::files(&module());
    compare(
        files
            .into_iter()
            .map(|(name, text)| (name.to_owned(), text)),
    );
}

#[test]
fn the_messages_cost_what_the_file_says() {
    compare([("costs.txt".to_owned(), costs::table())]);
}

#[test]
fn the_module_fits_beside_the_system() {
    let mut modules = commonhold_system::modules();
    modules.push(module());
    commonhold_module::Registry::new(modules).unwrap();
}

/// Compares each text with its file, or writes the files anew where that is asked for.
pub(crate) fn compare(files: impl IntoIterator<Item = (String, String)>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/works");
    let write = env::var("COMMONHOLD_GOLDEN").is_ok_and(|value| value == "write");
    let mut changed = Vec::new();
    for (name, text) in files {
        let file = folder.join(&name);
        if write {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&file, text).unwrap();
        } else if fs::read_to_string(&file).unwrap_or_default() != text {
            changed.push(name);
        }
    }
    assert!(
        changed.is_empty(),
        "differ from what the module declares: {}. If that is intended, run the tests once with \
         COMMONHOLD_GOLDEN=write and commit the files.",
        changed.join(", "),
    );
}
