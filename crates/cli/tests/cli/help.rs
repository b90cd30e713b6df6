//! The help of every verb, pinned by a golden file.

use crate::{commonhold, failed, ok, run, stdout};

/// The help of a verb and of every verb below it.
fn collect(path: &[&str], all: &mut String) {
    let help = ok(&commonhold(path).arg("--help").output().unwrap());
    all.push_str(&format!(
        "$ commonhold {}\n{help}\n",
        [path, &["--help"]].concat().join(" ")
    ));
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    for line in commands.take_while(|line| !line.is_empty()) {
        // Deeper lines continue a description.
        let Some(verb) = line
            .strip_prefix("  ")
            .filter(|rest| !rest.starts_with(' '))
        else {
            continue;
        };
        let verb = verb.split_whitespace().next().unwrap();
        if verb != "help" {
            collect(&[path, &[verb]].concat(), all);
        }
    }
}

#[test]
fn the_help_is_what_was_agreed() {
    let mut help = String::new();
    collect(&[], &mut help);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/help.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, &help).unwrap();
    }
    let golden = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        help == golden,
        "the help has changed: see it, then run with UPDATE_GOLDEN=1\n{help}"
    );
}

#[test]
fn help_and_version_are_data_and_a_wrong_line_is_a_message() {
    assert!(ok(&run(&["--version"])).starts_with("commonhold 0."));
    for line in [
        &["frobnicate"][..],
        &[],
        &["limits", "a", "b"],
        &["node"],
        &["up", "--members", "x"],
    ] {
        let output = run(line);
        failed(&output, 2);
        assert_eq!(stdout(&output), "", "{line:?}");
    }
}

#[test]
fn completions_know_the_verbs() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = ok(&run(&["completions", shell]));
        for verb in ["up", "doctor", "limits"] {
            assert!(script.contains(verb), "{shell}: {verb}");
        }
    }
    failed(&run(&["completions", "cmd.exe"]), 2);
}

#[test]
fn limits_are_listed_for_people_and_for_programs() {
    let text = ok(&run(&["limits"]));
    let all = crate::json(&run(&["limits", "--json"]));
    let all = all.as_array().unwrap();
    assert_eq!(text.lines().count(), all.len());
    for (krate, name) in [
        ("primitives", "BLOCK_BYTES_MAX"),
        ("node", "KEY_FILE_BYTES_MAX"),
        ("cli", "EVENTS_MAX"),
    ] {
        assert!(
            all.iter()
                .any(|l| l["crate"] == krate && l["name"] == name && l["value"].is_u64())
        );
    }
    let some = crate::json(&run(&["limits", "devnet_port_tries", "--json"]));
    assert_eq!(some.as_array().unwrap().len(), 1);
}
