//! Four members make the seal key with one process each, and one of them is killed midway.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Stdio},
};

use commonhold_node::{
    devnet::{Devnet, DevnetMember},
    read_genesis, seal_share,
};
use commonhold_primitives::Genesis;
use commonhold_sdk::{
    Client, Records,
    records::{Ask, Form, PutOptions, reader_secret},
};
use commonhold_seal::{Identity, SealedKey};
use serde_json::Value;

use crate::{commonhold, nodes};

/// A running `commonhold seal ceremony`.
struct Ceremony {
    process: Child,
    said: BufReader<ChildStderr>,
}

impl Ceremony {
    fn start(dir: &Path, member: &DevnetMember) -> Self {
        let mut process = commonhold(dir)
            .args(["seal", "ceremony", "--json", "--config"])
            .arg(&member.config_file)
            .arg("-o")
            .arg(sealed_file(member))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            said: BufReader::new(process.stderr.take().unwrap()),
            process,
        }
    }

    /// Reads what is said until a line is this.
    fn wait_for(&mut self, wanted: &str) {
        let mut all = String::new();
        loop {
            let mut line = String::new();
            let read = self.said.read_line(&mut line).unwrap();
            assert!(read > 0, "ended before it said {wanted:?}: {all}");
            if line.trim_end() == wanted {
                return;
            }
            all.push_str(&line);
        }
    }

    /// Waits for its end, which must be a success.
    fn result(mut self) -> Value {
        let mut said = String::new();
        self.said.read_to_string(&mut said).unwrap();
        let mut told = String::new();
        let mut out = self.process.stdout.take().unwrap();
        out.read_to_string(&mut told).unwrap();
        let ended = self.process.wait().unwrap();
        assert_eq!(ended.code(), Some(0), "{said}");
        serde_json::from_str(&told).unwrap()
    }
}

impl Drop for Ceremony {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn sealed_file(member: &DevnetMember) -> PathBuf {
    member.dir.join("sealed.json")
}

/// Takes the seal key and its shares, which one party has dealt, out of a new network.
fn without_seal_key(network: &Devnet) -> Genesis {
    let genesis = Genesis {
        sealing: None,
        ..network.genesis.clone()
    };
    let file = &network.members[0].config.genesis;
    fs::write(file, serde_json::to_vec(&genesis).unwrap()).unwrap();
    for member in &network.members {
        fs::remove_file(&member.config.seal_share).unwrap();
        fs::remove_file(&member.config.seal_lock).unwrap();
    }
    genesis
}

#[test]
fn four_processes_make_the_seal_key_and_one_is_killed_midway() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    let network = nodes::network(dir, 25_000);
    let unsealed = without_seal_key(&network);
    let members = &network.members;
    // One operator unlocks with a passphrase, the others with keys that are made.
    let lock = &members[0].config.seal_lock;
    commonhold_node::keys::write_private(lock, b"in the vault\n").unwrap();

    // The fourth is late: nothing can be finished before it comes.
    let mut running: Vec<Ceremony> = members[..3]
        .iter()
        .map(|member| Ceremony::start(dir, member))
        .collect();
    let only_the_fourth = "Waiting for: Member 4 (dealing, acknowledgement)";
    for ceremony in &mut running {
        ceremony.wait_for(only_the_fourth);
    }
    // The third has dealt, and acknowledged what it was dealt; now it dies.
    running[2].process.kill().unwrap();
    assert_eq!(running[2].process.wait().unwrap().code(), None);
    let mut fourth = Ceremony::start(dir, &members[3]);
    fourth.wait_for("Waiting for: Member 3 (dealing, acknowledgement)");
    for member in members {
        assert!(!sealed_file(member).exists());
        assert!(!member.config.seal_share.exists());
    }
    running[2] = Ceremony::start(dir, &members[2]);
    running[2].wait_for(&format!(
        "Member 3 goes on with round 0, and listens for the others on {}",
        members[2].config.p2p.listen
    ));
    running.push(fourth);
    let told: Vec<Value> = running.into_iter().map(Ceremony::result).collect();

    // All have the same document, byte by byte, and were told the same hash of it.
    let document = fs::read(sealed_file(&members[0])).unwrap();
    let sealed = read_genesis(&sealed_file(&members[0])).unwrap();
    assert_eq!(
        Genesis {
            sealing: None,
            ..sealed.clone()
        },
        unsealed
    );
    for (member, told) in members.iter().zip(&told) {
        assert_eq!(fs::read(sealed_file(member)).unwrap(), document);
        assert_eq!(told["genesisHash"], sealed.hash().to_string());
        assert_eq!(told["already"], false);
        for of in told["members"].as_array().unwrap() {
            assert_eq!(of["finished"], true, "{told}");
        }
    }

    // Any three shares open what is sealed to the key, and no two do.
    let target = Identity::Time(7).here();
    let mut partials = Vec::new();
    let mut group = None;
    for (member, key) in members.iter().zip(sealed.member_keys().unwrap()) {
        let (of, share) = seal_share::read(&member.config, &sealed, &key)
            .unwrap()
            .unwrap();
        partials.push(share.unwrap().partial(&target));
        group = Some(of);
    }
    let group = group.unwrap();
    let mut rng = commonhold_node::keys::os_rng().unwrap();
    let data_key = commonhold_seal::DataKey::random(&mut rng);
    let to_open = SealedKey::seal(&group.key(), &target, &data_key, &mut rng).unwrap();
    for without in 0..4 {
        let mut three = partials.clone();
        three.remove(without);
        let opening = group.combine(&target, &three).unwrap().opening;
        let opened = to_open.open(&opening).unwrap();
        assert_eq!(opened.as_bytes(), data_key.as_bytes());
        assert!(group.combine(&target, &three[..2]).is_err());
    }

    // Whoever runs it again is told that it is done, and no other round begins.
    let again = Ceremony::start(dir, &members[1]).result();
    assert_eq!(again["already"], true);
    assert_eq!(again["genesisHash"], told[0]["genesisHash"]);
    let next = commonhold(dir)
        .args(["seal", "ceremony", "--round", "1", "--config"])
        .arg(&members[1].config_file)
        .output()
        .unwrap();
    assert_eq!(next.status.code(), Some(1));

    // The network runs with it, and what is sealed to it opens.
    for member in members {
        let file = fs::read_to_string(&member.config_file).unwrap();
        let file = file.replace("../genesis.json", "sealed.json");
        fs::write(&member.config_file, file).unwrap();
    }
    let mut running: Vec<Child> = members.iter().map(|m| nodes::start(dir, m)).collect();
    for (node, member) in running.iter_mut().zip(members) {
        nodes::wait_for_answer(node, member).unwrap();
    }
    let client = Client::new(&members[2].url()).unwrap();
    assert_eq!(client.genesis().unwrap(), sealed);
    let owner = nodes::account(1);
    client.ensure_registered(&owner, "Ada").unwrap();
    fs::write(dir.join("in"), "sealed\n").unwrap();
    let options = PutOptions {
        kind: "text/plain".into(),
        seal: true,
        ..PutOptions::default()
    };
    let records = Records::new(&client, &owner);
    let id = records.put(&dir.join("in"), &options, &()).unwrap().id;
    let ask = Ask {
        purpose: Default::default(),
        secret: &reader_secret().unwrap(),
        resume: false,
    };
    let to = dir.join("out");
    let opened = records
        .open_sealed(id, &ask, Form::Plain, &to, &())
        .unwrap();
    assert_eq!((opened.bytes, opened.blamed.len()), (7, 0));
    assert_eq!(fs::read_to_string(&to).unwrap(), "sealed\n");
    for node in &mut running {
        node.kill().unwrap();
        node.wait().unwrap();
    }
}
