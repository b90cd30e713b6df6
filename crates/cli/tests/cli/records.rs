//! `record`, as far as no network is needed.

use alloy_primitives::hex;
use serde_json::{Value, json};

use crate::{commonhold, failed, json, ok, stub};

/// A node whose ledger has no record.
fn node() -> String {
    let node = stub::start(|_, body| {
        let call: Value = serde_json::from_str(body).unwrap();
        assert_eq!(call["method"], "eth_call");
        // A page without entries: where it stands, how many there are in all, its length.
        let page = format!("{:064x}{:064x}{:064x}", 64, 0, 0);
        assert_eq!(hex::decode(&page).unwrap().len(), 96);
        json!({ "jsonrpc": "2.0", "id": 1, "result": format!("0x{page}") })
    });
    format!("http://{node}")
}

#[test]
fn reading_needs_no_passphrase() {
    let dir = tempfile::tempdir().unwrap();
    let keystore = dir.path().join("keystore");
    let run = |args: &[&str], passphrase: Option<&str>| {
        let mut command = commonhold(args);
        if let Some(passphrase) = passphrase {
            command.env("COMMONHOLD_PASSPHRASE", passphrase);
        }
        command
            .env("COMMONHOLD_KEYSTORE", &keystore)
            .output()
            .unwrap()
    };
    let rpc = node();
    let list = ["record", "list", "--json", "--rpc", &rpc];
    assert!(failed(&run(&list, None), 2).contains("account new"));
    ok(&run(&["account", "new", "alice"], Some("p")));
    assert_eq!(json(&run(&list, None)), json!([]));
    ok(&run(&["account", "new", "bob"], Some("p")));
    assert!(failed(&run(&list, None), 2).contains("--account"));
    let of_bob = [&list[..], &["--account", "bob"]].concat();
    assert_eq!(json(&run(&of_bob, None)), json!([]));
    let nobody = [&list[..], &["--account", "carol"]].concat();
    assert!(failed(&run(&nobody, None), 1).contains("carol"));
    // What signs or decrypts asks for it.
    let id = format!("0x{:064x}", 1);
    let get = [
        "record",
        "get",
        &id,
        "-o",
        "-",
        "--account",
        "bob",
        "--rpc",
        &rpc,
    ];
    assert!(failed(&run(&get, None), 2).contains("passphrase"));
}
