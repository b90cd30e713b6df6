//! What outsiders rely on stands in files here: selectors, topics, storage layout, ABI. After an
//! intended change, `COMMONHOLD_GOLDEN=write` writes them anew; the diff shows what clients will feel.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{env, fs, path::Path};

use commonhold_module::golden;

#[test]
fn the_interfaces_are_what_the_files_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let write = env::var("COMMONHOLD_GOLDEN").is_ok_and(|value| value == "write");
    let mut changed = Vec::new();
    for module in commonhold_system::modules() {
        let folder = folder.join(module.name());
        for (name, text) in golden::files(&module) {
            let file = folder.join(name);
            if write {
                fs::create_dir_all(&folder).unwrap();
                fs::write(&file, text).unwrap();
            } else if fs::read_to_string(&file).unwrap_or_default() != text {
                changed.push(format!("{}/{name}", module.name()));
            }
        }
    }
    assert!(
        changed.is_empty(),
        "differ from what the modules declare: {}. If that is intended, run the tests once with \
         COMMONHOLD_GOLDEN=write and commit the files.",
        changed.join(", "),
    );
}

#[test]
fn the_modules_fit_together() {
    commonhold_module::Registry::new(commonhold_system::modules()).unwrap();
}
