//! `doctor`.

use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt as _, time::UNIX_EPOCH};

use commonhold_node::devnet::{self, Options};

use serde_json::json;

use crate::{failed, run, stdout, stub};

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
    assert_eq!(level("Member 1", "seal share").0, "ok");
    assert_eq!(level("Member 1", "health").0, "unavailable");
    // A port that somebody else has taken is named.
    let taken = TcpListener::bind(net.members[1].config.p2p.listen).unwrap();
    let (refused, why) = look()("Member 2", "ports");
    assert!(
        refused == "refused" && why.contains("p2p.listen"),
        "{refused}: {why}"
    );
    drop(taken);
    fs::rename(&net.members[0].config.seal_share, dir.path().join("away")).unwrap();
    let share = &net.members[1].config.share;
    fs::set_permissions(share, fs::Permissions::from_mode(0o644)).unwrap();
    let level = look();
    assert_eq!(level("Member 1", "keys").0, "ok");
    let (refused, why) = level("Member 1", "seal share");
    assert!(
        refused == "refused" && why.contains("is missing"),
        "{refused}: {why}"
    );
    assert_eq!(level("Member 2", "seal share").0, "ok");
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

/// Milliseconds since 1970.
fn now() -> u64 {
    u64::try_from(UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap()
}

/// A node whose clock is `ahead` milliseconds ahead.
fn node_ahead(ahead: i64) -> String {
    stub::start(move |path, _| match path {
        "/health" => json!({
            "status": "ok", "block": 1, "timeMs": now().saturating_add_signed(ahead)
        }),
        _ => {
            let time = format!("0x{:x}", now() / 1000);
            json!({ "jsonrpc": "2.0", "id": 1, "result": { "number": "0x1", "timestamp": time } })
        }
    })
}

#[test]
fn clocks_that_are_off_are_named_with_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let net = devnet::create(dir.path(), &Options::default()).unwrap();
    let mut config = net.members[0].config.clone();
    // What a running node would do.
    let _listening = TcpListener::bind(config.p2p.listen).unwrap();
    let file = dir.path().join("member-1/looked-at.toml");
    let mut look = |own: i64, peers: &[i64]| {
        config.http.listen = node_ahead(own).parse().unwrap();
        let url = |ahead: &i64| format!("http://{}", node_ahead(*ahead));
        config.http.peers = peers.iter().map(url).collect();
        fs::write(&file, config.to_toml().unwrap()).unwrap();
        let output = run(&["doctor", "--json", "--config", file.to_str().unwrap()]);
        let findings: Vec<serde_json::Value> = serde_json::from_str(&stdout(&output)).unwrap();
        let of_clocks = findings.into_iter().filter(|f| f["check"] == "clock");
        let found = |f: serde_json::Value| {
            let text = |field: &str| f[field].as_str().unwrap().to_owned();
            (text("node"), text("level"), text("detail"))
        };
        (
            output.status.code(),
            of_clocks.map(found).collect::<Vec<_>>(),
        )
    };
    // Levels only of what is far from any limit: the machine may be busy.
    let (code, alone) = look(0, &[]);
    assert_eq!((code, alone[0].1.as_str()), (Some(0), "ok"), "{alone:?}");
    let (code, off) = look(-60_000, &[]);
    assert_eq!((code, off[0].1.as_str()), (Some(1), "refused"), "{off:?}");
    assert!(
        off[0].2.contains("behind") && off[0].2.contains("chrony"),
        "{off:?}"
    );

    let (code, one) = look(0, &[0, 60_000, 0]);
    let levels: Vec<&str> = one.iter().map(|found| found.1.as_str()).collect();
    assert_eq!(
        (code, levels.as_slice()),
        (Some(1), ["ok", "ok", "ok", "refused", "ok"].as_slice())
    );
    assert!(
        one[0].0 == "this machine" && one[3].0.starts_with("http://"),
        "{one:?}"
    );

    let (code, here) = look(60_000, &[60_000, 60_000]);
    assert_eq!((code, here[0].1.as_str()), (Some(0), "warn"), "{here:?}");
    assert!(here[1..].iter().all(|found| found.1 == "ok"), "{here:?}");
}
