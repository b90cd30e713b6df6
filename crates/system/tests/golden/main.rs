//! What outsiders rely on stands in files here: selectors, topics, storage layout, ABI. After an
//! intended change, `COMMONHOLD_GOLDEN=write` writes them anew; the diff shows what clients will feel.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod costs;

use std::{env, fs, path::Path};

use commonhold_module::golden;

#[test]
fn the_interfaces_are_what_the_files_say() {
    let files = commonhold_system::modules().into_iter().flat_map(|module| {
        golden::files(&module)
            .into_iter()
            .map(move |(name, text)| (format!("{}/{name}", module.name()), text))
    });
    compare(files);
}

#[test]
fn the_messages_cost_what_the_file_says() {
    compare([("costs.txt".to_owned(), costs::table())]);
}

#[test]
fn the_modules_fit_together() {
    commonhold_module::Registry::new(commonhold_system::modules()).unwrap();
}

/// Compares each text with its file, or writes the files anew where that is asked for.
fn compare(files: impl IntoIterator<Item = (String, String)>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let write = env::var("COMMONHOLD_GOLDEN").is_ok_and(|value| value == "write");
    let mut changed = Vec::new();
    for (name, text) in files {
        let file = folder.join(&name);
        if write {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, text).unwrap();
        } else if fs::read_to_string(&file).unwrap_or_default() != text {
            changed.push(name);
        }
    }
    assert!(
        changed.is_empty(),
        "differ from what the modules declare: {}. If that is intended, run the tests once with \
         COMMONHOLD_GOLDEN=write and commit the files.",
        changed.join(", "),
    );
}
