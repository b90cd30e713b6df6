//! `node` refuses to start on what its operator must mend.

use std::{fs, os::unix::fs::PermissionsExt as _};

use commonhold_node::devnet::{self, Options};

use crate::{failed, run};

#[test]
fn a_key_that_others_may_read_is_refused_with_the_command_that_mends_it() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        members: 1,
        http_port: 22_100,
        p2p_port: 22_150,
        ..Default::default()
    };
    let net = devnet::create(dir.path(), &options).unwrap();
    let member = &net.members[0];
    let config = member.config_file.to_str().unwrap();
    for key in [&member.config.identity, &member.config.share] {
        fs::set_permissions(key, fs::Permissions::from_mode(0o640)).unwrap();
        let said = failed(&run(&["node", "--config", config]), 2);
        assert!(
            said.contains(&format!("chmod 600 {}", key.display())),
            "{said}"
        );
        fs::set_permissions(key, fs::Permissions::from_mode(0o600)).unwrap();
    }
}

#[test]
fn files_that_do_not_fit_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        members: 2,
        http_port: 22_200,
        p2p_port: 22_250,
        ..Default::default()
    };
    let net = devnet::create(dir.path(), &options).unwrap();
    let config = |i: usize| net.members[i].config_file.to_str().unwrap().to_owned();
    let one = config(0);
    let share = format!("share={}", net.members[1].config.share.display());
    assert!(failed(&run(&["node", "--config", &one, "--set", &share]), 2).contains("share"));
    assert!(
        failed(
            &run(&["node", "--config", &one, "--set", "genesis=/nowhere"]),
            2
        )
        .contains("/nowhere")
    );
    assert!(failed(&run(&["node", "--config", &one, "--log", "[["]), 2).contains("log.filter"));
    fs::write(dir.path().join("genesis.json"), "{}").unwrap();
    assert!(failed(&run(&["node", "--config", &config(1)]), 4).contains("genesis"));
}
