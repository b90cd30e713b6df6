//! `account`.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, process::Output};

use commonhold_vault::crypt4gh::{read_public, read_secret};

use crate::{commonhold, failed, json, ok, stderr, stdout, write_private};

const PASSPHRASE: &str = "canary passphrase";
/// The first of the keys that every Ethereum development tool prints, and its address.
const KEY: &str = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const ADDRESS: &str = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";

fn account(keystore: &Path, args: &[&str]) -> Output {
    let mut command = commonhold(&["account"]);
    command.arg("--keystore").arg(keystore).args(args);
    command
        .env("COMMONHOLD_PASSPHRASE", PASSPHRASE)
        .output()
        .unwrap()
}

#[test]
fn an_account_is_made_listed_shown_exported_and_taken_over() {
    let dir = tempfile::tempdir().unwrap();
    let (here, there) = (dir.path().join("here"), dir.path().join("there"));
    let made = json(&account(&here, &["new", "alice", "--json"]));
    let address = made["address"].as_str().unwrap();
    assert!(address.starts_with("0x") && address.len() == 42);
    let listed = json(&account(&here, &["list", "--json"]));
    assert_eq!(listed[0]["name"], "alice");
    assert_eq!(listed[0]["address"], address);
    assert_eq!(json(&account(&here, &["show", "alice", "--json"])), made);

    let file = dir.path().join("alice.json");
    ok(&account(
        &here,
        &["export", "alice", "-o", file.to_str().unwrap()],
    ));
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let exported: serde_json::Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert_eq!(exported["version"], 3);
    let taken = json(&account(
        &there,
        &["import", "alice", file.to_str().unwrap(), "--json"],
    ));
    assert_eq!(taken, made);
}

#[test]
fn what_everybody_may_know_needs_no_passphrase() {
    let dir = tempfile::tempdir().unwrap();
    let keystore = dir.path().join("keystore");
    let made = json(&account(&keystore, &["new", "alice", "--json"]));
    let without = |verb: &[&str]| {
        let mut command = commonhold(&["account"]);
        command.args(verb).arg("--keystore").arg(&keystore);
        command.output().unwrap()
    };
    assert_eq!(json(&without(&["show", "alice", "--json"])), made);
    assert_eq!(json(&without(&["list", "--json"]))[0], made);
    assert_eq!(json(&without(&["export", "alice"]))["version"], 3);
    // A file that another tool made does not tell: then it is asked for.
    let path = keystore.join("alice.json");
    let mut file: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    file.as_object_mut().unwrap().remove("encryptionKey");
    fs::write(&path, file.to_string()).unwrap();
    assert!(failed(&without(&["show", "alice"]), 2).contains("passphrase"));
    assert_eq!(
        json(&account(&keystore, &["show", "alice", "--json"])),
        made
    );
}

#[test]
fn the_key_for_content_goes_out_for_crypt4gh_tools() {
    let dir = tempfile::tempdir().unwrap();
    let keystore = dir.path().join("keystore");
    let made = json(&account(&keystore, &["new", "alice", "--json"]));
    let key = made["encryptionKey"].as_str().unwrap();
    let stem = dir.path().join("out/alice");
    fs::create_dir(dir.path().join("out")).unwrap();
    let (secret, public) = (stem.with_extension("sec"), stem.with_extension("pub"));
    let export = |more: &[&str]| {
        let verb = [
            "export",
            "alice",
            "--crypt4gh",
            "-o",
            stem.to_str().unwrap(),
        ];
        account(&keystore, &[&verb, more].concat())
    };
    let files = json(&export(&["--json"]));
    assert_eq!(files["files"][0], secret.to_str().unwrap());
    assert_eq!(files["files"][1], public.to_str().unwrap());
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&secret), 0o600);
    assert_eq!(mode(&public) & 0o600, 0o600);
    let read = |path: &Path| fs::read_to_string(path).unwrap();
    let opened = |passphrase| read_secret(&read(&secret), passphrase);
    assert_eq!(read_public(&read(&public)).unwrap().to_string(), key);
    assert_eq!(opened(Some(PASSPHRASE)).unwrap().public().to_string(), key);
    assert!(opened(None).is_err() && opened(Some("wrong")).is_err());

    // Nothing is replaced unasked, and of the two files both are written or none.
    let before = read(&secret);
    assert!(failed(&export(&[]), 1).contains("--force"));
    fs::remove_file(&secret).unwrap();
    assert!(failed(&export(&[]), 1).contains("alice.pub"));
    assert!(!secret.exists());
    let said = stderr(&export(&["--force", "--no-passphrase"]));
    assert!(said.contains("no passphrase"), "{said}");
    assert_ne!(read(&secret), before);
    assert_eq!(opened(None).unwrap().public().to_string(), key);
    assert_eq!(fs::read_dir(dir.path().join("out")).unwrap().count(), 2);
    // The account's own secret is not in it.
    let own = ok(&account(&keystore, &["export", "alice", "--private-key"]));
    let open = opened(None).unwrap().to_bytes();
    let hex: String = open.iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(!own.contains(&hex));
}

#[test]
fn a_private_key_goes_in_and_out_unchanged() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("key.hex");
    write_private(&file, KEY);
    let keystore = dir.path().join("keystore");
    let made = json(&account(
        &keystore,
        &["import", "dev", file.to_str().unwrap(), "--json"],
    ));
    assert_eq!(made["address"], ADDRESS);
    assert_eq!(
        ok(&account(&keystore, &["export", "dev", "--private-key"])).trim(),
        KEY
    );
}

#[test]
fn a_secret_is_seen_only_where_it_was_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("key.hex");
    write_private(&file, KEY);
    let keystore = dir.path().join("keystore");
    let runs = [
        account(&keystore, &["import", "dev", file.to_str().unwrap()]),
        account(&keystore, &["list"]),
        account(&keystore, &["show", "dev"]),
        account(&keystore, &["export", "dev"]),
    ];
    let stored = fs::read_to_string(keystore.join("dev.json")).unwrap();
    let seen = runs.iter().map(|o| ok(o) + &stderr(o)).collect::<String>() + &stored;
    for canary in [&KEY[2..], PASSPHRASE] {
        assert!(!seen.contains(canary));
    }
}

#[test]
fn an_account_is_never_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let keystore = dir.path().join("keystore");
    let made = json(&account(&keystore, &["new", "alice", "--json"]));
    assert!(failed(&account(&keystore, &["new", "alice"]), 1).contains("already"));
    let out = dir.path().join("out.json");
    fs::write(&out, "mine").unwrap();
    assert!(
        failed(
            &account(&keystore, &["export", "alice", "-o", out.to_str().unwrap()]),
            1
        )
        .contains("exists")
    );
    assert_eq!(fs::read_to_string(&out).unwrap(), "mine");
    assert_eq!(
        json(&account(&keystore, &["show", "alice", "--json"])),
        made
    );
}

#[test]
fn what_is_refused_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let keystore = dir.path().join("keystore");
    ok(&account(&keystore, &["new", "alice"]));
    failed(&account(&keystore, &["show", "bob"]), 1);
    failed(&account(&keystore, &["new", "../bob"]), 2);
    let secret = ["account", "export", "alice", "--private-key", "--keystore"];
    let wrong = commonhold(&secret)
        .arg(&keystore)
        .env("COMMONHOLD_PASSPHRASE", "wrong")
        .output()
        .unwrap();
    assert!(failed(&wrong, 1).contains("passphrase"));
    let none = commonhold(&secret).arg(&keystore).output().unwrap();
    assert!(failed(&none, 2).contains("--passphrase-file"));
    assert_eq!(stdout(&none), "");

    let junk = dir.path().join("junk");
    for content in [
        "",
        "0x",
        "0x00",
        &KEY[..65],
        "{}",
        &"zz".repeat(32),
        &"x".repeat(100_000),
    ] {
        fs::write(&junk, content).unwrap();
        fs::set_permissions(&junk, fs::Permissions::from_mode(0o600)).unwrap();
        let output = account(&keystore, &["import", "junk", junk.to_str().unwrap()]);
        let code = output.status.code().unwrap();
        assert!(
            code == 1 || code == 2,
            "{content:.80}: {code}: {}",
            stderr(&output)
        );
    }
    // A wider mode than the owner's own.
    fs::set_permissions(
        keystore.join("alice.json"),
        fs::Permissions::from_mode(0o644),
    )
    .unwrap();
    assert!(failed(&account(&keystore, &["show", "alice"]), 1).contains("chmod 600"));
}

#[test]
fn a_passphrase_file_is_its_owners_alone() {
    let dir = tempfile::tempdir().unwrap();
    let keystore = dir.path().join("keystore");
    let file = dir.path().join("passphrase");
    write_private(&file, "the first line\nnot the second\n");
    let with_file = |verb: &[&str]| {
        let mut command = commonhold(&["account"]);
        command
            .args(verb)
            .arg("--keystore")
            .arg(&keystore)
            .arg("--passphrase-file")
            .arg(&file);
        command.output().unwrap()
    };
    ok(&with_file(&["new", "alice"]));
    ok(&with_file(&["export", "alice", "--private-key"]));
    let by_environment = commonhold(&["account", "export", "alice", "--private-key", "--keystore"])
        .arg(&keystore)
        .env("COMMONHOLD_PASSPHRASE", "the first line")
        .output()
        .unwrap();
    ok(&by_environment);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(failed(&with_file(&["export", "alice", "--private-key"]), 1).contains("chmod 600"));
}
