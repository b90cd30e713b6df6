//! `up`, as far as it comes before its members run.

use std::{fs, net::TcpListener};

use commonhold_node::devnet::{self, Options};

use crate::{failed, run};

#[test]
fn a_directory_with_other_things_in_it_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("thesis.tex");
    fs::write(&file, "years of work").unwrap();
    let path = dir.path().to_str().unwrap();
    for args in [
        &["up", "--dir", path][..],
        &["up", "--fresh", "--dir", path],
    ] {
        assert!(failed(&run(args), 1).contains("thesis.tex"));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}

#[test]
fn another_number_of_members_is_not_made_of_an_old_network() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        members: 1,
        http_port: 22_300,
        p2p_port: 22_350,
        ..Default::default()
    };
    devnet::create(dir.path(), &options).unwrap();
    let said = failed(
        &run(&[
            "up",
            "--members",
            "2",
            "--dir",
            dir.path().to_str().unwrap(),
        ]),
        2,
    );
    assert!(said.contains("--fresh"), "{said}");
    failed(
        &run(&[
            "up",
            "--members",
            "0",
            "--dir",
            dir.path().join("new").to_str().unwrap(),
        ]),
        2,
    );
}

#[test]
fn a_port_that_was_taken_since_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        members: 1,
        http_port: 22_400,
        p2p_port: 22_450,
        ..Default::default()
    };
    let net = devnet::create(dir.path(), &options).unwrap();
    let _held = TcpListener::bind(net.members[0].config.http.listen).unwrap();
    let said = failed(&run(&["up", "--dir", dir.path().to_str().unwrap()]), 3);
    assert!(
        said.contains("Member 1 cannot listen on 127.0.0.1:224"),
        "{said}"
    );
}

#[test]
fn a_network_is_run_by_one_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        members: 1,
        http_port: 22_500,
        p2p_port: 22_550,
        ..Default::default()
    };
    devnet::create(dir.path(), &options).unwrap();
    let lock = fs::File::create(devnet::lock_file(dir.path())).unwrap();
    lock.lock().unwrap();
    for extra in [&[][..], &["--fresh"]] {
        let args = [&["up", "--dir", dir.path().to_str().unwrap()], extra].concat();
        assert!(failed(&run(&args), 1).contains("another `commonhold up`"));
    }
    assert!(devnet::open(dir.path()).unwrap().is_some());
}
