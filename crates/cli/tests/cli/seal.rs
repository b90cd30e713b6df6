//! `seal ceremony` and `seal show` with one member, or with others that never come.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Output, Stdio},
};

use commonhold_node::devnet::{self, Devnet, DevnetMember, Options};
use commonhold_primitives::Genesis;
use rustix::process::{Pid, Signal, kill_process};

use crate::{commonhold, failed, json, ok, run, stderr, stdout, write_private};

/// A network without a seal key.
fn network(dir: &Path, members: u32, port: u16) -> Devnet {
    let options = Options {
        members,
        http_port: port,
        p2p_port: port + 50,
        ..Default::default()
    };
    let net = devnet::create(dir, &options).unwrap();
    change(&net, |genesis| genesis.sealing = None);
    for member in &net.members {
        fs::remove_file(&member.config.seal_share).unwrap();
        fs::remove_file(&member.config.seal_lock).unwrap();
    }
    net
}

fn change(net: &Devnet, change: impl FnOnce(&mut Genesis)) {
    let file = &net.members[0].config.genesis;
    let mut genesis = Genesis::parse(&fs::read(file).unwrap()).unwrap();
    change(&mut genesis);
    fs::write(file, serde_json::to_vec(&genesis).unwrap()).unwrap();
}

fn ceremony(member: &DevnetMember, args: &[&str]) -> Output {
    let config = member.config_file.to_str().unwrap();
    run(&[&["seal", "ceremony", "--config", config], args].concat())
}

#[test]
fn one_member_alone_makes_its_key_and_runs_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let net = network(dir.path(), 1, 22_600);
    let member = &net.members[0];
    let genesis = member.config.genesis.to_str().unwrap();
    assert!(failed(&run(&["seal", "show", genesis]), 1).contains("seal ceremony"));

    let told = json(&ceremony(member, &["--json"]));
    assert_eq!(told["already"], false);
    let sealed = told["genesis"].as_str().unwrap();
    assert!(sealed.ends_with("genesis.sealed.json"), "{sealed}");
    for secret in [&member.config.seal_share, &member.config.seal_lock] {
        let mode = fs::metadata(secret).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", secret.display());
    }
    let shown = json(&run(&["seal", "show", sealed, "--json"]));
    assert_eq!(shown["sealKey"], told["sealKey"]);
    assert_eq!(shown["genesisHash"], told["genesisHash"]);
    assert_eq!(
        (&shown["threshold"], &shown["members"][0]["place"]),
        (&1.into(), &0.into())
    );
    assert!(ok(&run(&["seal", "show", sealed])).contains("1 of 1 members"));

    // Once more: nothing changes. A result that was lost is written again; what stands in its place is
    // never overwritten.
    let before = (
        fs::read(sealed).unwrap(),
        fs::read(&member.config.seal_share).unwrap(),
    );
    let again = ceremony(member, &[]);
    assert!(ok(&again).contains(told["genesisHash"].as_str().unwrap()));
    assert!(stderr(&again).contains("nothing left to do"));
    fs::remove_file(sealed).unwrap();
    ok(&ceremony(member, &[]));
    assert_eq!(
        (
            fs::read(sealed).unwrap(),
            fs::read(&member.config.seal_share).unwrap()
        ),
        before
    );
    fs::write(sealed, "another").unwrap();
    assert!(failed(&ceremony(member, &[]), 1).contains("nothing is overwritten"));
    assert_eq!(fs::read_to_string(sealed).unwrap(), "another");
    fs::write(sealed, &before.0).unwrap();
    assert!(failed(&ceremony(member, &["--round", "1"]), 1).contains("round 0"));
    assert!(failed(&ceremony(member, &["--round", "1", "--abandon"]), 1).contains("round 0"));

    // The node takes the new document; a ceremony does not.
    let set = format!("genesis={sealed}");
    let said = failed(&ceremony(member, &["--set", &set]), 1);
    assert!(said.contains("has a seal key already"), "{said}");
}

#[test]
fn what_does_not_fit_is_refused_with_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let net = network(dir.path(), 4, 22_700);
    let member = &net.members[1];
    let soon = ["--patience", "1"];
    let at_round = |round: &str| ceremony(member, &[&soon[..], &["--round", round]].concat());

    // Nobody else comes: all are named, and so is the next round.
    let said = failed(&ceremony(member, &soon), 3);
    for part in ["Member 1", "Member 3", "Member 4", "--round 1"] {
        assert!(said.contains(part), "{said}");
    }
    assert!(!member.config.seal_share.exists());
    assert!(failed(&at_round("2"), 3).contains("--round 3"));
    assert!(failed(&ceremony(member, &soon), 3).contains("round 2 gave no key"));
    assert!(failed(&at_round("1"), 1).contains("has left round 1 for round 2"));
    failed(&ceremony(member, &["--abandon"]), 2);

    // Another's identity, and nobody's.
    let other = format!("identity={}", net.members[0].config.identity.display());
    let said = failed(&ceremony(member, &["--set", &other]), 4);
    assert!(said.contains("key ceremony file of member"), "{said}");
    let stranger = dir.path().join("stranger.key");
    write_private(&stranger, &format!("{}\n", "07".repeat(32)));
    let stranger = format!("identity={}", stranger.display());
    let said = failed(&ceremony(member, &["--set", &stranger]), 2);
    assert!(said.contains("not a member"), "{said}");

    // Another network.
    change(&net, |genesis| genesis.name.push('!'));
    let said = failed(&ceremony(member, &soon), 4);
    assert!(
        said.contains("of network") && said.contains("move it away"),
        "{said}"
    );
    change(&net, |genesis| genesis.name = net.genesis.name.clone());

    // Another lock, and none.
    let lock = &member.config.seal_lock;
    let key = fs::read_to_string(lock).unwrap();
    fs::remove_file(lock).unwrap();
    let said = failed(&ceremony(member, &soon), 2);
    assert!(said.contains("put it back"), "{said}");
    write_private(lock, &"ab".repeat(32));
    let said = failed(&ceremony(member, &soon), 4);
    assert!(said.contains("does not open"), "{said}");
    fs::remove_file(lock).unwrap();
    write_private(lock, "a passphrase");
    let said = failed(&ceremony(member, &soon), 4);
    assert!(said.contains("locked with a key"), "{said}");
    fs::remove_file(lock).unwrap();
    write_private(lock, &key);

    // Files in the way, and an output that cannot be.
    let share = &member.config.seal_share;
    write_private(share, "a share of old");
    let said = failed(&ceremony(member, &soon), 1);
    assert!(said.contains("seal.share is there already"), "{said}");
    fs::remove_file(share).unwrap();
    let genesis = member.config.genesis.to_str().unwrap();
    failed(&ceremony(member, &["-o", genesis]), 1);

    // After all that the round is still there.
    assert!(failed(&ceremony(member, &soon), 3).contains("round 2 gave no key"));
}

#[test]
fn one_at_a_time_and_ctrl_c_leaves_it_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let net = network(dir.path(), 2, 22_800);
    let member = &net.members[0];
    let config = member.config_file.to_str().unwrap();
    let mut first = commonhold(&["seal", "ceremony", "--config", config])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(first.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("Waiting for: ") {
        line.clear();
        assert!(said.read_line(&mut line).unwrap() > 0);
    }
    let second = failed(&ceremony(member, &[]), 1);
    assert!(second.contains("running already"), "{second}");
    let pid = Pid::from_raw(i32::try_from(first.id()).unwrap()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    let ended = first.wait_with_output().unwrap();
    let mut rest = String::new();
    said.read_to_string(&mut rest).unwrap();
    assert_eq!(ended.status.code(), Some(3), "{rest}");
    assert_eq!(stdout(&ended), "");
    assert!(rest.contains("run the same command to go on"), "{rest}");
    let again = ceremony(member, &["--patience", "1"]);
    assert!(failed(&again, 3).contains("goes on with round 0"));
}
