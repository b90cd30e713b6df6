//! Records from end to end: the real modules, the real store.

use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf};

use alloy_primitives::B256;
use commonhold_sdk::{
    Account, Client, Kind, limits,
    records::{Form, PutOptions, Records, Terms},
};
use commonhold_system::records::interface::IRecords::Access;
use commonhold_vault::{VaultError, crypt4gh::Header};

use crate::{account, node::FakeNode, start};

struct Scene {
    node: FakeNode,
    client: Client,
    dir: tempfile::TempDir,
    owner: Account,
    reader: Account,
}

fn scene() -> Scene {
    let (node, client) = start();
    let (owner, reader) = (account(1), account(2));
    client.ensure_registered(&owner, "Ada").unwrap();
    client.ensure_registered(&reader, "Bob").unwrap();
    Scene {
        node,
        client,
        dir: tempfile::tempdir().unwrap(),
        owner,
        reader,
    }
}

impl Scene {
    fn records<'a>(&'a self, account: &'a Account) -> Records<'a> {
        Records::new(&self.client, account)
    }
    fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
    fn put(&self, content: &[u8]) -> B256 {
        fs::write(self.file("in"), content).unwrap();
        let options = PutOptions {
            kind: "text/plain".into(),
            ..PutOptions::default()
        };
        self.records(&self.owner)
            .put(&self.file("in"), &options, &())
            .unwrap()
            .id
    }
}

#[test]
fn content_goes_in_and_comes_back_to_its_owner_and_to_whom_they_let_in() {
    let scene = scene();
    let content = vec![0x5a; 200_000];
    let id = scene.put(&content);
    let (owner, reader) = (scene.records(&scene.owner), scene.records(&scene.reader));
    assert_eq!(owner.mine(0).unwrap().items, [id]);

    assert_eq!(
        owner.get(id, Form::Plain, &scene.file("out"), &()).unwrap(),
        200_000
    );
    assert_eq!(fs::read(scene.file("out")).unwrap(), content);
    assert_eq!(
        scene.file("out").metadata().unwrap().permissions().mode() & 0o777,
        0o600
    );

    let e = reader
        .get(id, Form::Plain, &scene.file("no"), &())
        .unwrap_err();
    assert_eq!(e.kind(), Kind::Refused);
    assert!(e.to_string().contains("never let in"), "{e}");

    let who = scene.reader.address();
    owner.grant(id, who, Terms::default()).unwrap();
    assert_eq!(
        scene.client.records_shared_with(who, 0).unwrap().items,
        [id]
    );
    reader
        .get(id, Form::Plain, &scene.file("theirs"), &())
        .unwrap();
    assert_eq!(fs::read(scene.file("theirs")).unwrap(), content);

    owner.revoke(id, who).unwrap();
    assert_eq!(
        scene.client.record_access(id, who).unwrap(),
        Access::Revoked
    );
    let e = reader
        .get(id, Form::Plain, &scene.file("no"), &())
        .unwrap_err();
    assert!(e.to_string().contains("revoked"), "{e}");
    assert!(!scene.file("no").exists());
    let hash = scene.client.record(id).unwrap().contentHash.into();
    assert_eq!(
        scene.node.state().store.readers(&hash).unwrap(),
        [scene.owner.encryption_public()]
    );
    assert_eq!(scene.client.record_log(id, 0).unwrap().total, 2);
}

#[test]
fn a_node_without_room_is_not_sent_a_large_body() {
    let scene = scene();
    let content = vec![1; 3 * 1024 * 1024];
    scene.put(&content);
    scene.node.state().full = true;
    let options = PutOptions {
        kind: "text/plain".into(),
        ..PutOptions::default()
    };
    let owner = scene.records(&scene.owner);
    let e = owner.put(&scene.file("in"), &options, &()).unwrap_err();
    assert_eq!(e.kind(), Kind::Unavailable);
    assert!(e.to_string().contains("full"), "{e}");
    assert_eq!(owner.mine(0).unwrap().total, 1);
}

#[test]
fn the_owners_key_is_safe_before_the_ledger_names_what_it_opens() {
    let scene = scene();
    scene.put(b"content");
    let asked = scene.node.state().asked.clone();
    let packet = asked
        .iter()
        .position(|asked| asked == "PUT packets")
        .unwrap();
    let register = asked
        .iter()
        .rposition(|asked| asked == "eth_sendRawTransactionSync")
        .unwrap();
    assert!(packet < register, "{asked:?}");
}

#[test]
fn a_node_that_hands_out_another_body_is_found_out() {
    let scene = scene();
    let id = scene.put(b"content that is longer than nothing");
    let owner = scene.records(&scene.owner);
    let len = usize::try_from(scene.client.record(id).unwrap().length).unwrap();
    for forged in [vec![0; len], vec![0; len + 1], vec![0; len - 1], Vec::new()] {
        scene.node.state().forged = Some(forged);
        let e = owner
            .get(id, Form::Plain, &scene.file("out"), &())
            .unwrap_err();
        assert_eq!(e.kind(), Kind::Integrity, "{e}");
        assert!(!scene.file("out").exists());
    }
    scene.node.state().forged = None;
    owner.get(id, Form::Plain, &scene.file("out"), &()).unwrap();
}

#[test]
fn a_transfer_that_breaks_off_is_taken_up_again() {
    let scene = scene();
    let content: Vec<u8> = (0..300_000u32).map(|i| i.to_le_bytes()[0] ^ 0x33).collect();
    let id = scene.put(&content);
    let owner = scene.records(&scene.owner);
    let fetch = |cuts, ranges| {
        let mut state = scene.node.state();
        (state.cuts, state.ranges) = (cuts, ranges);
        state.asked.clear();
        drop(state);
        let got = owner.get(id, Form::Plain, &scene.file("out"), &());
        let asked = scene.node.state().asked.clone();
        let asked = asked.iter().filter(|asked| *asked == "GET blob").count();
        (got, asked)
    };
    // From a node that gives parts, and from one that gives nothing but the whole.
    for (ranges, cuts) in [(true, (3, 70_000)), (false, (1, 70_000))] {
        let (got, asked) = fetch(cuts, ranges);
        assert_eq!(got.unwrap(), 300_000);
        assert_eq!(u32::try_from(asked).unwrap(), cuts.0 + 1);
        assert_eq!(fs::read(scene.file("out")).unwrap(), content);
        fs::remove_file(scene.file("out")).unwrap();
    }
    // Not for ever.
    let (got, asked) = fetch((u32::MAX, 10), true);
    assert_eq!(got.unwrap_err().kind(), Kind::Unavailable);
    assert_eq!(u32::try_from(asked).unwrap(), limits::RESUMES_MAX + 1);
    assert!(!scene.file("out").exists());
    // A node that was never there is not waited for.
    let (got, asked) = fetch((u32::MAX, 0), true);
    assert_eq!(got.unwrap_err().kind(), Kind::Unavailable);
    assert_eq!(asked, 1);
}

#[test]
fn a_packet_that_is_not_the_one_on_the_ledger_is_refused() {
    let scene = scene();
    let id = scene.put(b"content");
    let owner = scene.records(&scene.owner);
    owner
        .grant(id, scene.reader.address(), Terms::default())
        .unwrap();
    let theirs = scene.reader.encryption_public();
    let key = commonhold_vault::DataKey::random().unwrap();
    let forged = commonhold_vault::Packet::seal(&key, &theirs).unwrap();
    let hash = scene.client.record(id).unwrap().contentHash.into();
    scene
        .node
        .state()
        .store
        .put_packet(&hash, &theirs, &forged)
        .unwrap();
    let e = scene
        .records(&scene.reader)
        .get(id, Form::Plain, &scene.file("out"), &())
        .unwrap_err();
    assert_eq!(e.kind(), Kind::Integrity, "{e}");
}

#[test]
fn what_is_handed_out_encrypted_is_a_crypt4gh_file_for_the_reader() {
    let scene = scene();
    let id = scene.put(b"for any tool");
    let owner = scene.records(&scene.owner);
    owner
        .get(id, Form::Encrypted, &scene.file("out.c4gh"), &())
        .unwrap();
    let file = fs::read(scene.file("out.c4gh")).unwrap();
    let mut rest = file.as_slice();
    let header = Header::read(&mut rest).unwrap();
    assert_eq!(header.open(scene.owner.encryption()).unwrap().len(), 1);
    assert!(matches!(
        header.open(scene.reader.encryption()),
        Err(VaultError::NotForThisKey)
    ));
    let key = scene.owner.crypt4gh_secret(Some("p")).unwrap();
    let key = commonhold_vault::crypt4gh::read_secret(&key, Some("p")).unwrap();
    assert_eq!(header.open(&key).unwrap().len(), 1);
    assert_eq!(rest.len() as u64, scene.client.record(id).unwrap().length);
}

#[test]
fn what_cannot_be_taken_is_said_before_anything_is_sent() {
    let scene = scene();
    let owner = scene.records(&scene.owner);
    let before = scene.node.state().asked.len();
    fs::write(scene.file("in"), b"x").unwrap();
    fs::write(scene.file("empty"), b"").unwrap();
    let put = |file: &str, kind: &str| {
        let options = PutOptions {
            kind: kind.into(),
            ..PutOptions::default()
        };
        owner.put(&scene.file(file), &options, &()).unwrap_err()
    };
    assert_eq!(put("in", "Not A Kind").kind(), Kind::Usage);
    assert_eq!(put("missing", "text/plain").kind(), Kind::Usage);
    assert_eq!(put("", "text/plain").kind(), Kind::Usage);
    assert!(put("empty", "text/plain").to_string().contains("empty"));
    assert_eq!(scene.node.state().asked.len(), before);
    let stranger = account(3).address();
    let id = scene.put(b"x");
    let before = scene.node.state().asked.len();
    for nowhere in ["", "missing/out"] {
        let got = owner.get(id, Form::Plain, &scene.file(nowhere), &());
        assert_eq!(got.unwrap_err().kind(), Kind::Usage, "{nowhere:?}");
    }
    assert_eq!(scene.node.state().asked.len(), before);
    let e = owner.grant(id, stranger, Terms::default()).unwrap_err();
    assert!(e.to_string().contains("no encryption key"), "{e}");
}
