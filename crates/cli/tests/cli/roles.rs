//! `account role` and `account guardian`, as far as no network is needed.

use crate::{commonhold, failed, json, ok, stub};

#[test]
fn what_is_no_role_is_said_before_anything_is_asked() {
    let dir = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        let mut command = commonhold(&["account"]);
        command
            .args(args)
            .env("COMMONHOLD_KEYSTORE", dir.path().join("keystore"))
            .env("COMMONHOLD_RPC", "http://127.0.0.1:9");
        command.output().unwrap()
    };
    let to = ["--to", "0x0000000000000000000000000000000000000009"];
    for name in ["Auditor", "a--b", "9", "-a", ""] {
        // A name that looks like an option is clap's to refuse.
        let said = failed(&run(&[&["role", "attest", name], &to[..]].concat()), 2);
        assert!(
            said.contains("role") || said.contains("unexpected"),
            "{said}"
        );
    }
    for (line, why) in [
        (
            &["guardian", "appoint", "bob", "--ward", "mira"][..],
            "--until",
        ),
        (
            &["guardian", "appoint", "bob", "--member", "1"],
            "--member goes with --ward",
        ),
        (&["guardian", "end", "bob", "--member", "1"], "--ward"),
        (&["role", "list", "bob", "--role", "auditor"], "--role"),
        (&["role", "show", "auditor"], "account new"),
    ] {
        let said = failed(&run(line), 2);
        assert!(said.contains(why), "{line:?}: {said}");
    }
}

#[test]
fn reading_needs_no_passphrase_and_no_account() {
    let dir = tempfile::tempdir().unwrap();
    // A page without entries: where it stands, how many there are in all, its length.
    let page = format!("0x{:064x}{:064x}{:064x}", 64, 0, 0);
    let node =
        stub::start(move |_, _| serde_json::json!({ "jsonrpc": "2.0", "id": 1, "result": page }));
    let run = |args: &[&str]| {
        let mut command = commonhold(&["account"]);
        command
            .args(args)
            .env("COMMONHOLD_KEYSTORE", dir.path().join("keystore"))
            .env("COMMONHOLD_RPC", format!("http://{node}"));
        command.output().unwrap()
    };
    let who = "0x0000000000000000000000000000000000000009";
    let none = serde_json::json!([]);
    assert_eq!(json(&run(&["role", "list", who, "--json"])), none);
    assert_eq!(
        json(&run(&["role", "list", "--role", "dso", "--json"])),
        none
    );
    let listed = json(&run(&["guardian", "list", who, "--json"]));
    assert_eq!((&listed["guardians"], &listed["wards"]), (&none, &none));
    assert_eq!(ok(&run(&["guardian", "list", who])), "");
    let said = failed(&run(&["role", "delegates", "--member", "Nobody"]), 1);
    assert!(said.contains("no member \"Nobody\""), "{said}");
}
