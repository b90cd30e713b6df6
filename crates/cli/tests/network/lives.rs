//! Losing members, stopping, resuming.

use std::{fs, net::TcpListener};

use rustix::process::{Signal, kill_process, test_kill_process};
use serde_json::Value;

use crate::{Up, member_pid, ok, run};

#[test]
fn a_network_survives_the_loss_of_a_member_and_of_its_keeper() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    let mut up = Up::start(dir, &["--port-base", "23200", "--heartbeat", "200"]);
    ok(&run(dir, &["account", "new", "alice"], &up.url(0)));
    ok(&run(dir, &["account", "register", "alice"], &up.url(0)));
    let note = dir.join("note.txt");
    fs::write(&note, "kept\n").unwrap();
    let put = [
        "record",
        "put",
        "note.txt",
        "--kind",
        "text/plain",
        "--json",
    ];
    let first: Value = serde_json::from_str(&ok(&run(dir, &put, &up.url(0)))).unwrap();

    // One member dies; the others go on; it comes back.
    let victim = member_pid(dir, 1);
    kill_process(victim, Signal::KILL).unwrap();
    assert!(up.wait_for("Member 1 ended").contains("signal 9"));
    let second: Value = serde_json::from_str(&ok(&run(dir, &put, &up.url(2)))).unwrap();
    up.wait_for("Member 1 is running again");
    assert_ne!(member_pid(dir, 1), victim);

    // Whoever keeps them dies: the members do not outlive it.
    let members: Vec<_> = (1..=4).map(|member| member_pid(dir, member)).collect();
    let ports: Vec<String> = (0..4).map(|i| up.url(i).replace("http://", "")).collect();
    up.stop(Signal::KILL);
    while members
        .iter()
        .any(|member| test_kill_process(*member).is_ok())
    {
        std::thread::yield_now();
    }
    for port in ports {
        TcpListener::bind(port).unwrap();
    }

    // It resumes where it was: every record is there, on every member.
    let up = Up::start(dir, &[]);
    for member in 0..4 {
        for record in [&first, &second] {
            let id = record["id"].as_str().unwrap();
            let shown = ok(&run(
                dir,
                &["record", "show", id, "--json"],
                &up.url(member),
            ));
            let shown: Value = serde_json::from_str(&shown).unwrap();
            assert_eq!(shown["id"], record["id"]);
            assert_eq!(shown["block"], record["block"]);
        }
    }
    let members: Vec<_> = (1..=4).map(|member| member_pid(dir, member)).collect();
    assert_eq!(up.stop(Signal::TERM), Some(0));
    assert!(
        members
            .iter()
            .all(|member| test_kill_process(*member).is_err())
    );
}

#[test]
fn a_stamp_convinces_and_a_changed_one_does_not() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    let up = Up::start(dir, &["--port-base", "23400", "--heartbeat", "200"]);
    let rpc = up.url(1);
    ok(&run(dir, &["account", "new", "alice"], &rpc));
    ok(&run(dir, &["account", "register", "alice"], &rpc));
    fs::write(dir.join("note.txt"), "stamped\n").unwrap();
    let put = [
        "record",
        "put",
        "note.txt",
        "--kind",
        "text/plain",
        "--json",
    ];
    let put: Value = serde_json::from_str(&ok(&run(dir, &put, &rpc))).unwrap();
    let (id, tx) = (
        put["id"].as_str().unwrap(),
        put["transaction"].as_str().unwrap(),
    );
    let unknown = format!("0x{}", "ab".repeat(32));
    let nobody = format!("0x{}", "ab".repeat(20));
    ok(&run(dir, &["stamp", tx, "-o", "tx.json"], &rpc));
    ok(&run(
        dir,
        &["stamp", "--record", id, "-o", "record.json"],
        &rpc,
    ));
    ok(&run(
        dir,
        &["stamp", "--record", &unknown, "-o", "unknown.json"],
        &rpc,
    ));
    ok(&run(
        dir,
        &["stamp", "--absent", &nobody, "-o", "absent.json"],
        &rpc,
    ));
    // What is there is not stamped as absent, and what is not final is not stamped.
    let present = up.banner["accounts"][0]["address"].as_str().unwrap();
    let refused = run(
        dir,
        &["stamp", "--absent", present, "-o", "present.json"],
        &rpc,
    );
    assert_eq!(refused.status.code(), Some(1));
    assert_eq!(run(dir, &["stamp", &unknown], &rpc).status.code(), Some(1));

    let key = up.banner["networkKey"].as_str().unwrap().to_owned();
    assert_eq!(up.stop(Signal::TERM), Some(0));
    // From here on there is no network.
    assert_eq!(run(dir, &["stamp", tx], &rpc).status.code(), Some(3));
    let verify = |file: &str| run(dir, &["verify", file, "--network-key", &key], &rpc);
    assert!(ok(&verify("tx.json")).contains(tx));
    assert!(ok(&verify("record.json")).contains("is registered"));
    assert!(ok(&verify("unknown.json")).contains("no record"));
    assert!(ok(&verify("absent.json")).contains("absent"));
    let file = fs::read(dir.join("tx.json")).unwrap();
    for position in (0..file.len()).step_by(file.len() / 24) {
        let mut changed = file.clone();
        changed[position] ^= 1;
        fs::write(dir.join("changed.json"), &changed).unwrap();
        assert_eq!(
            verify("changed.json").status.code(),
            Some(4),
            "byte {position}"
        );
    }
    let other = commonhold_node::devnet::create(
        &dir.join("other"),
        &commonhold_node::devnet::Options {
            members: 1,
            http_port: 23_450,
            p2p_port: 23_460,
            ..Default::default()
        },
    );
    let other = other.unwrap().genesis.network_key.to_string();
    let foreign = run(dir, &["verify", "tx.json", "--network-key", &other], &rpc);
    assert_eq!(foreign.status.code(), Some(4));
    assert_eq!(
        run(dir, &["verify", "tx.json", "--network-key", "0x00"], &rpc)
            .status
            .code(),
        Some(2)
    );
    assert_eq!(
        run(
            dir,
            &["verify", "absent-file.json", "--network-key", &key],
            &rpc
        )
        .status
        .code(),
        Some(2)
    );
}
