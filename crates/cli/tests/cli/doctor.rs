//! `doctor`.

use std::{fs, os::unix::fs::PermissionsExt as _};

use commonhold_node::devnet::{self, Options};

use crate::{failed, run, stdout};

#[test]
fn a_network_that_does_not_run_is_unavailable_and_its_files_are_looked_at() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        members: 2,
        http_port: 22_000,
        p2p_port: 22_050,
        ..Default::default()
    };
    let net = devnet::create(dir.path(), &options).unwrap();
    let path = dir.path().to_str().unwrap();
    let look = || {
        let output = run(&["doctor", "--json", "--dir", path]);
        failed(&output, 3);
        let findings: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
        move |node: &str, check: &str| {
            let all = findings.as_array().unwrap();
            let found = all
                .iter()
                .find(|f| f["node"] == node && f["check"] == check)
                .unwrap();
            (
                found["level"].as_str().unwrap().to_owned(),
                found["detail"].as_str().unwrap().to_owned(),
            )
        }
    };
    let level = look();
    assert_eq!(level("Member 1", "keys").0, "ok");
    assert_eq!(level("Member 2", "keys").0, "ok");
    assert_eq!(level("Member 1", "health").0, "unavailable");
    let share = &net.members[1].config.share;
    fs::set_permissions(share, fs::Permissions::from_mode(0o644)).unwrap();
    let level = look();
    assert_eq!(level("Member 1", "keys").0, "ok");
    let (refused, why) = level("Member 2", "keys");
    assert!(
        refused == "refused" && why.contains("chmod 600"),
        "{refused}: {why}"
    );
}

#[test]
fn nothing_to_look_at_is_wrong_usage() {
    let dir = tempfile::tempdir().unwrap();
    failed(&run(&["doctor", "--dir", dir.path().to_str().unwrap()]), 2);
    failed(&run(&["doctor", "--config", "/nowhere.toml"]), 2);
}
