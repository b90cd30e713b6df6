//! Where output goes.

use std::{io::Read as _, process::Stdio};

use crate::commonhold;

#[test]
fn a_reader_that_leaves_is_no_failure() {
    for args in [
        &["limits"][..],
        &["completions", "bash"],
        &["--help"],
        &["config", "show", "--json"],
    ] {
        let mut child = commonhold(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // The reading end is closed before or while the program writes.
        drop(child.stdout.take());
        let mut said = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "{args:?}: {said}");
        assert_eq!(said, "", "{args:?}");
    }
}

#[test]
fn without_a_terminal_nothing_is_coloured() {
    let output = commonhold(&["doctor", "--dir", "/nowhere"])
        .env_remove("NO_COLOR")
        .output()
        .unwrap();
    assert!(!crate::stderr(&output).contains('\x1b'));
}
