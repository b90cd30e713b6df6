//! Content is kept by the members that the ledger names, comes back where it was lost, and goes
//! everywhere when its owner has it erased.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Child,
};

use alloy_primitives::B256;
use commonhold_node::devnet::{Devnet, DevnetMember};
use commonhold_sdk::{
    Account, Client, Kind, Records,
    records::{Ask, Form, Put, PutOptions, reader_secret},
};
use commonhold_vault::BlobHash;

use crate::{
    commonhold,
    nodes::{account, command, copy, network, spawn, stop, wait_for_answer, wait_until},
    secrets::{contains, walk},
};

/// Blocks without one of its own after which a member counts as away in these tests.
const ABSENT_BLOCKS: &str = "24";

/// A network of four, and its members' processes.
struct Members {
    dir: PathBuf,
    network: Devnet,
    running: Vec<Child>,
}

impl Members {
    fn start(dir: &Path, port: u16) -> Self {
        let network = network(dir, port);
        let mut members = Self {
            dir: dir.into(),
            network,
            running: Vec::new(),
        };
        let nodes = members.network.members.iter();
        members.running = nodes.map(|member| members.spawn(member, &[])).collect();
        for at in 0..members.running.len() {
            members.wait(at);
        }
        members
    }

    fn spawn(&self, member: &DevnetMember, more: &[&str]) -> Child {
        let mut node = command(&self.dir, member);
        node.args(more)
            .env("COMMONHOLD_LIMITS_ABSENT_BLOCKS", ABSENT_BLOCKS);
        spawn(&mut node, member)
    }

    fn again(&mut self, at: usize, more: &[&str]) {
        self.running[at] = self.spawn(&self.network.members[at], more);
        self.wait(at);
    }

    fn wait(&mut self, at: usize) {
        wait_for_answer(&mut self.running[at], &self.network.members[at]).unwrap();
    }

    fn client(&self, at: usize) -> Client {
        Client::new(&self.network.members[at].url()).unwrap()
    }

    fn data(&self, at: usize) -> &Path {
        &self.network.members[at].config.data
    }

    /// Where a member keeps what belongs to a body: `blobs`, `packets`, `sealed`.
    fn vault(&self, at: usize, part: &str, hash: &BlobHash) -> PathBuf {
        let name = hash.to_string();
        let vault = self.data(at).join("vault");
        vault.join(part).join(&name[..2]).join(&name[2..])
    }

    /// Members by their accounts.
    fn places(&self, accounts: &[alloy_primitives::Address]) -> Vec<usize> {
        let place = |account| {
            let members = &self.network.genesis.members;
            members.iter().position(|member| member.account == account)
        };
        accounts.iter().map(|a| place(*a).unwrap()).collect()
    }

    /// Whether a member has body, sealed key and packet, all of them what they were.
    fn keeps(&self, at: usize, content: &Content) -> bool {
        let sealed = self.vault(at, "sealed", &content.put.body.hash);
        let sealed = sealed.join(format!("{:x}", content.sealed));
        let packets = self.vault(at, "packets", &content.put.body.hash);
        fs::read(self.vault(at, "blobs", &content.put.body.hash))
            .ok()
            .as_ref()
            == Some(&content.body)
            && fs::read(sealed).ok().as_ref() == Some(&content.key)
            && fs::read_dir(packets).is_ok_and(|packets| packets.count() == 1)
    }

    fn has_none(&self, at: usize, content: &Content) -> bool {
        let hash = &content.put.body.hash;
        ["blobs", "packets", "sealed", "owners", "trees"]
            .iter()
            .all(|part| !self.vault(at, part, hash).exists())
    }

    /// Looks at every file of a member for a part of the body and for the sealed key.
    fn assert_no_trace(&self, at: usize, content: &Content) {
        let mut files = Vec::new();
        walk(self.data(at), &mut files);
        let name = content.put.body.hash.to_string();
        let mut looked = 0;
        for path in files.iter().filter(|path| path.is_file()) {
            // Files come and go while the member runs.
            let Ok(bytes) = fs::read(path) else { continue };
            assert!(!contains(&bytes, &content.body[..48]), "body in {path:?}");
            assert!(!contains(&bytes, &content.key), "sealed key in {path:?}");
            assert!(
                !path.ends_with(&name[2..]) && !path.ends_with(&name),
                "{path:?}"
            );
            looked += 1;
        }
        assert!(looked > 10, "{looked} files");
    }

    fn stop(mut self) {
        for node in &mut self.running {
            stop(node);
        }
    }
}

/// What was put in, as its first keeper has it.
struct Content {
    put: Put,
    body: Vec<u8>,
    sealed: B256,
    key: Vec<u8>,
    keepers: Vec<usize>,
}

/// Puts sealed content in by way of the first member, which is its custodian.
fn put(members: &Members, owner: &Account, plain: &[u8]) -> Content {
    let client = members.client(0);
    client.ensure_registered(owner, "Ada").unwrap();
    let from = members.dir.join("in");
    fs::write(&from, plain).unwrap();
    let options = PutOptions {
        kind: "text/plain".into(),
        custodian: Some(members.network.genesis.members[0].account),
        seal: true,
        ..PutOptions::default()
    };
    let put = Records::new(&client, owner)
        .put(&from, &options, &())
        .unwrap();
    let keepers = members.places(&client.record_keepers(put.id).unwrap());
    assert_eq!((keepers.len(), keepers[0]), (3, 0));
    let sealed = client.record(put.id).unwrap().sealedKeyHash;
    let hash = put.body.hash;
    let key = members
        .vault(0, "sealed", &hash)
        .join(format!("{sealed:x}"));
    Content {
        body: fs::read(members.vault(0, "blobs", &hash)).unwrap(),
        key: fs::read(key).unwrap(),
        put,
        sealed,
        keepers,
    }
}

#[test]
fn three_members_keep_content_and_what_is_lost_comes_back() {
    let temp = tempfile::tempdir().unwrap();
    let mut members = Members::start(temp.path(), 25_000);
    let owner = account(1);
    let plain: Vec<u8> = (0..200_000u32).flat_map(u32::to_le_bytes).collect();
    let content = put(&members, &owner, &plain);
    for keeper in content.keepers.clone() {
        wait_until(|| members.keeps(keeper, &content));
    }
    let other = (0..4).find(|at| !content.keepers.contains(at)).unwrap();
    assert!(members.has_none(other, &content));

    // A keeper's disk is lost, and while it is away the fourth stands in.
    let lost = content.keepers[1];
    stop(&mut members.running[lost]);
    fs::remove_dir_all(members.data(lost).join("vault")).unwrap();
    wait_until(|| members.keeps(other, &content));
    members.again(lost, &[]);
    wait_until(|| members.keeps(lost, &content));

    // A disk changes a byte: the sweep finds it, and the others mend it.
    let path = members.vault(lost, "blobs", &content.put.body.hash);
    let mut damaged = content.body.clone();
    damaged[500_000] ^= 1;
    fs::write(&path, damaged).unwrap();
    assert!(!members.keeps(lost, &content));
    wait_until(|| members.keeps(lost, &content));

    // Where the first member is gone the content is still there.
    stop(&mut members.running[0]);
    fs::remove_dir_all(members.data(0).join("vault")).unwrap();
    let client = members.client(other);
    let to = temp.path().join("out");
    Records::new(&client, &owner)
        .get(content.put.id, Form::Plain, &to, &())
        .unwrap();
    assert_eq!(fs::read(&to).unwrap(), plain);
    members.again(0, &[]);
    wait_until(|| members.keeps(0, &content));
    members.stop();
}

#[test]
fn what_is_erased_is_gone_from_every_member_also_from_an_old_copy() {
    let temp = tempfile::tempdir().unwrap();
    let mut members = Members::start(temp.path(), 25_300);
    let owner = account(1);
    let content = put(
        &members,
        &owner,
        &[b"to be forgotten\n".as_slice(); 9_000].concat(),
    );
    let kept = put(&members, &owner, b"to be kept\n");
    for content in [&content, &kept] {
        for keeper in content.keepers.clone() {
            wait_until(|| members.keeps(keeper, content));
        }
    }
    // One is away when it is erased, and a copy is made of all it has.
    let away = content.keepers[1];
    stop(&mut members.running[away]);
    let (data, old) = (members.data(away).to_path_buf(), temp.path().join("old"));
    copy(&data, &old);

    let id = content.put.id.to_string();
    let live = (1..4).find(|at| *at != away).unwrap();
    let client = members.client(live);
    Records::new(&client, &owner).erase(content.put.id).unwrap();
    for at in (0..4).filter(|at| *at != away) {
        wait_until(|| members.has_none(at, &content));
    }
    assert!(members.keeps(away, &content));
    members.again(away, &[]);
    wait_until(|| members.has_none(away, &content));
    for at in 0..4 {
        members.assert_no_trace(at, &content);
    }

    // The old copy is put back, as SAFETY.md has it: without the votes, beginning anew.
    stop(&mut members.running[away]);
    fs::remove_dir_all(&data).unwrap();
    copy(&old, &data);
    fs::remove_dir_all(&old).unwrap();
    fs::remove_dir_all(data.join("engine")).unwrap();
    assert!(members.keeps(away, &content));
    members.again(away, &["--join"]);
    wait_until(|| members.has_none(away, &content));
    members.assert_no_trace(away, &content);

    // Nobody opens it, not by way of any member; what was not erased is there.
    let to = temp.path().join("out");
    for at in 0..4 {
        let client = members.client(at);
        let records = Records::new(&client, &owner);
        let secret = reader_secret().unwrap();
        let ask = Ask {
            purpose: B256::ZERO,
            secret: &secret,
            resume: false,
        };
        for refused in [
            records
                .get(content.put.id, Form::Plain, &to, &())
                .unwrap_err(),
            records
                .open_sealed(content.put.id, &ask, Form::Plain, &to, &())
                .unwrap_err(),
        ] {
            assert_eq!(refused.kind(), Kind::Refused, "{refused}");
            assert!(refused.to_string().contains("erased"), "{refused}");
        }
        assert!(!to.exists());
    }
    for keeper in kept.keepers.clone() {
        wait_until(|| members.keeps(keeper, &kept));
    }
    Records::new(&members.client(away), &owner)
        .get(kept.put.id, Form::Plain, &to, &())
        .unwrap();
    assert_eq!(fs::read(&to).unwrap(), b"to be kept\n");

    // The binary tells the same.
    let show = commonhold(temp.path())
        .args(["record", "show", &id, "--json"])
        .env("COMMONHOLD_RPC", members.network.members[0].url())
        .output()
        .unwrap();
    let shown: serde_json::Value = serde_json::from_str(&crate::ok(&show)).unwrap();
    assert_eq!(shown["erased"], true);
    assert_eq!(shown["keepers"], serde_json::json!([]));
    members.stop();
}
