#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use super::*;
use alloy_signer_local::PrivateKeySigner;
use std::{collections::BTreeSet, net::TcpListener, os::unix::fs::PermissionsExt as _};

/// Ports of this test alone: tests run in processes of their own, beside one another.
fn options(members: u32, port: u16) -> Options {
    Options {
        members,
        http_port: port,
        p2p_port: port + 20,
        ..Default::default()
    }
}

#[test]
fn the_well_known_keys_are_those_of_their_addresses() {
    for account in accounts::WELL_KNOWN {
        let signer: PrivateKeySigner = account.private_key.parse().unwrap();
        assert_eq!(signer.address(), account.address);
    }
    assert_eq!(
        BALANCE,
        U256::from(10_000) * U256::from(10).pow(U256::from(18))
    );
}

#[test]
fn a_network_is_created_whole() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("net");
    assert!(open(&dir).unwrap().is_none());
    let net = create(&dir, &options(4, 21_000)).unwrap();
    assert_eq!(net.genesis.chain_id, 49_152);
    assert_eq!(net.genesis.alloc.len(), 14);
    assert_eq!(net.members.len(), 4);
    let sharing = net.genesis.sharing().unwrap();
    assert_eq!(sharing.required(), 3);
    let mut ports = BTreeSet::new();
    let mut indices = BTreeSet::new();
    for (member, founder) in net.members.iter().zip(&net.genesis.members) {
        let identity = keys::read_identity(&member.config.identity).unwrap();
        assert_eq!(
            identity.public_key().as_ref() as &[u8],
            founder.public_key.as_slice()
        );
        let share = keys::read_share(&member.config.share).unwrap();
        assert_eq!(
            share.public::<MinSig>(),
            sharing.partial_public(share.index).unwrap()
        );
        indices.insert(share.index.get());
        assert_eq!(founder.endpoint, member.config.p2p.listen.to_string());
        assert_eq!(member.config.http.peers.len(), 3);
        assert!(!member.config.http.peers.contains(&member.url()));
        ports.extend([
            member.config.p2p.listen.port(),
            member.config.http.listen.port(),
        ]);
        assert!(member.config.genesis.exists());
        let mode = fs::metadata(&member.dir).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        assert!(net.genesis.alloc.contains_key(&founder.account));
    }
    assert_eq!((ports.len(), indices.len()), (8, 4));
    assert_eq!(open(&dir).unwrap().unwrap(), net);
}

#[test]
fn shares_belong_to_their_members_in_the_order_of_the_keys() {
    let temp = tempfile::tempdir().unwrap();
    let net = create(temp.path(), &options(4, 21_050)).unwrap();
    let mut keys = net.genesis.member_keys().unwrap();
    keys.sort();
    for member in &net.members {
        let key = keys::read_identity(&member.config.identity)
            .unwrap()
            .public_key();
        let index = keys::read_share(&member.config.share).unwrap().index.get();
        assert_eq!(keys.iter().position(|k| *k == key).unwrap(), index as usize);
    }
}

#[test]
fn a_network_is_not_created_twice_nor_over_anything_else() {
    let temp = tempfile::tempdir().unwrap();
    create(temp.path(), &options(1, 21_100)).unwrap();
    let again = create(temp.path(), &options(1, 21_100)).unwrap_err();
    assert!(matches!(again, DevnetError::Exists(_)), "{again}");

    let other = tempfile::tempdir().unwrap();
    fs::write(other.path().join("thesis.tex"), "years of work").unwrap();
    for error in [
        create(other.path(), &options(1, 21_100)).map(|_| ()),
        wipe(other.path()),
    ]
    .map(Result::unwrap_err)
    {
        assert!(
            matches!(&error, DevnetError::Foreign { entry, .. } if entry == "thesis.tex"),
            "{error}"
        );
    }
    assert!(other.path().join("thesis.tex").exists());

    fs::write(temp.path().join("thesis.tex"), "years of work").unwrap();
    assert!(matches!(
        wipe(temp.path()),
        Err(DevnetError::Foreign { .. })
    ));
    assert!(temp.path().join(MARKER).exists());
}

#[test]
fn an_interrupted_creation_is_begun_again_and_a_whole_one_is_wiped_on_request() {
    let temp = tempfile::tempdir().unwrap();
    let first = create(temp.path(), &options(2, 21_150)).unwrap();
    fs::remove_file(temp.path().join(MARKER)).unwrap();
    assert!(open(temp.path()).unwrap().is_none());
    let second = create(temp.path(), &options(2, 21_150)).unwrap();
    assert_ne!(first.genesis.network_key, second.genesis.network_key);
    wipe(temp.path()).unwrap();
    assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 0);
}

#[test]
fn ports_in_use_are_passed_over_and_named() {
    let held = TcpListener::bind("127.0.0.1:21201").unwrap();
    let temp = tempfile::tempdir().unwrap();
    let net = create(temp.path(), &options(2, 21_200)).unwrap();
    let http: Vec<u16> = net
        .members
        .iter()
        .map(|m| m.config.http.listen.port())
        .collect();
    assert_eq!(http, [21_200, 21_202]);
    assert_eq!(net.taken_ports, [21_201]);
    drop(held);
    let mut none = Vec::new();
    assert!(matches!(
        ports::choose(65_530, 10, &[], &mut none),
        Err(DevnetError::Ports { .. })
    ));
}

#[test]
fn the_number_of_members_is_bounded() {
    let temp = tempfile::tempdir().unwrap();
    for members in [0, MEMBERS_MAX + 1] {
        let error = create(temp.path(), &options(members, 21_250)).unwrap_err();
        assert!(
            matches!(error, DevnetError::Members(m) if m == members),
            "{error}"
        );
    }
}

#[test]
fn a_damaged_network_is_named_and_left_alone() {
    let temp = tempfile::tempdir().unwrap();
    create(temp.path(), &options(1, 21_300)).unwrap();
    let marker = temp.path().join(MARKER);
    for content in [
        "",
        "{}",
        "{\"commonhold_devnet\":2,\"members\":1}",
        "{\"commonhold_devnet\":1,\"members\":3}",
    ] {
        fs::write(&marker, content).unwrap();
        let error = open(temp.path()).unwrap_err();
        assert!(
            matches!(error, DevnetError::Damaged { .. }),
            "{content}: {error}"
        );
    }
    assert!(temp.path().join("member-1/identity.key").exists());
}

#[test]
fn keys_that_are_not_the_members_are_found_out() {
    let temp = tempfile::tempdir().unwrap();
    let net = create(temp.path(), &options(2, 21_350)).unwrap();
    let [one, two] = [&net.members[0].config, &net.members[1].config];
    let check = keys::check_member;
    assert_eq!(
        check(&one.genesis, &one.identity, &one.share).unwrap(),
        Some("Member 1".into())
    );
    assert_eq!(
        check(&two.genesis, &two.identity, &two.share).unwrap(),
        Some("Member 2".into())
    );
    let swapped = check(&one.genesis, &one.identity, &two.share).unwrap_err();
    assert!(
        matches!(&swapped, KeyError::WrongShare(path) if *path == two.share),
        "{swapped}"
    );
    let stranger = temp.path().join("member-1/stranger.key");
    keys::write_identity(&stranger, &keys::new_identity().unwrap()).unwrap();
    let error = check(&one.genesis, &stranger, &one.share).unwrap_err();
    assert!(
        matches!(&error, KeyError::NoMember(path) if *path == stranger),
        "{error}"
    );
}
