//! The runbook of `docs/operating.md`, each case as an operator follows it: the commands of the page, with names
//! and ports of a test in their places.

use std::{
    fs,
    num::NonZeroU64,
    path::{Path, PathBuf},
    process::{Child, Command, Output},
};

use commonhold_node::devnet::{self, Devnet, DevnetMember, Options};
use commonhold_sdk::Client;
use serde_json::Value;

use crate::{
    Up, commonhold,
    nodes::{account, copy, spawn, start, stop, transfer, wait_for_answer, wait_until},
    ok, run,
};

const PAGE: &str = include_str!("../../../../docs/operating.md");

/// The words of the command of the page that begins so, without the program's name, with `changes` made.
fn page(begin: &str, changes: &[(&str, &str)]) -> Vec<String> {
    let wanted = format!("    commonhold {begin}");
    let at = PAGE
        .find(&wanted)
        .unwrap_or_else(|| panic!("the page has no command {begin:?}"));
    let joined = PAGE[at..].replace("\\\n", " ");
    let line = joined.lines().next().unwrap();
    let mut words: Vec<String> = Vec::new();
    // Quoted are reasons alone, at the beginning and the end of a word.
    for (i, part) in line.trim().split('\'').enumerate() {
        if i % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words.remove(0);
    for (from, to) in changes {
        let found = words.iter_mut().filter(|word| word == from);
        let mut changed = 0;
        for word in found {
            (*to).clone_into(word);
            changed += 1;
        }
        assert!(changed > 0, "{begin:?} has no {from:?}");
    }
    words
}

fn strs(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

/// A network of members whose epochs are over soon.
struct Town {
    dir: PathBuf,
    network: Devnet,
}

impl Town {
    fn new(dir: &Path, members: u32, port: u16) -> (Self, Vec<Child>) {
        let options = Options {
            members,
            http_port: port,
            p2p_port: port + 100,
            heartbeat_ms: 100,
            epoch_blocks: NonZeroU64::new(40).unwrap(),
            ..Options::default()
        };
        let network = devnet::create(&dir.join("data"), &options).unwrap();
        let mut nodes: Vec<Child> = network.members.iter().map(|m| start(dir, m)).collect();
        for (node, member) in nodes.iter_mut().zip(&network.members) {
            wait_for_answer(node, member).unwrap();
        }
        let dir = dir.to_path_buf();
        (Self { dir, network }, nodes)
    }

    fn member(&self, at: usize) -> &DevnetMember {
        &self.network.members[at]
    }

    fn client(&self, at: usize) -> Client {
        Client::new(&self.member(at).url()).unwrap()
    }

    /// The page's command as this member's operator gives it, with its account in the keystore.
    fn says(&self, at: usize, words: &[String]) -> Output {
        run(&self.dir, &strs(words), &self.member(at).url())
    }

    fn import(&self, members: usize) {
        for at in 0..members {
            let file = self.member(at).dir.join("account.key");
            let name = format!("member{at}");
            let words = ["account", "import", &name, file.to_str().unwrap()];
            ok(&run(&self.dir, &words, &self.member(0).url()));
        }
    }

    /// Has these members vote for a proposal, and gives the epoch from which on it holds.
    fn votes(&self, id: &str, members: &[usize]) -> u64 {
        let mut last = String::new();
        for at in members {
            let name = format!("member{at}");
            let words = page("member vote", &[("0", id), ("east", &name)]);
            last = ok(&self.says(*at, &words));
        }
        assert_eq!(last, "accepted\n");
        let words = ["member", "proposal", id, "--json"];
        let shown = ok(&run(&self.dir, &words, &self.member(members[0]).url()));
        serde_json::from_str::<Value>(&shown).unwrap()["fromEpoch"]
            .as_u64()
            .unwrap()
    }

    fn wait_for_epoch(&self, at: usize, epoch: u64) {
        let url = self.member(at).url();
        wait_until(|| health(&url)["epoch"].as_u64() >= Some(epoch));
    }
}

/// What a node says of itself; null where it does not answer.
fn health(url: &str) -> Value {
    let answer = ureq::get(format!("{url}/health")).call();
    let text = answer
        .ok()
        .and_then(|mut answer| answer.body_mut().read_to_string().ok());
    text.and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}

fn log(member: &DevnetMember) -> String {
    fs::read_to_string(member.log_file()).unwrap()
}

/// What the doctor finds of one check, on a node's configuration.
fn doctor(dir: &Path, config: &Path) -> impl Fn(&str) -> (String, String) + use<> {
    let words = page(
        "doctor --config",
        &[("member/config.toml", config.to_str().unwrap())],
    );
    let output = commonhold(dir)
        .args(strs(&words))
        .arg("--json")
        .output()
        .unwrap();
    let found: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    move |check| {
        let found = found.iter().find(|found| found["check"] == check).unwrap();
        let text = |field: &str| found[field].as_str().unwrap().to_owned();
        (text("level"), text("detail"))
    }
}

#[test]
fn a_lost_disk_is_restored_and_an_old_copy_votes_no_more() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    let (town, mut nodes) = Town::new(dir, 4, 25_600);
    let client = town.client(0);

    // Backup, while the node runs; what unlocks it lies elsewhere.
    let north = town.member(1);
    let lock = dir.join("seal.lock");
    fs::copy(&north.config.seal_lock, &lock).unwrap();
    let config = north.config_file.to_str().unwrap();
    let words = page("backup --config", &[("member/config.toml", config)]);
    ok(&commonhold(dir).args(strs(&words)).output().unwrap());

    // A whole copy of another member's directory, made while it was stopped.
    let east = town.member(2);
    let old = dir.join("old");
    stop(&mut nodes[2]);
    copy(&east.config.data, &old);
    let copied = client.block_number().unwrap();
    nodes[2] = start(dir, east);

    // A lost disk.
    nodes[1].kill().unwrap();
    nodes[1].wait().unwrap();
    fs::rename(&north.dir, dir.join("lost")).unwrap();
    fs::create_dir(&north.dir).unwrap();
    let restored = north.dir.join("member");
    let words = page(
        "restore north.backup",
        &[("member", restored.to_str().unwrap())],
    );
    ok(&commonhold(dir).args(strs(&words)).output().unwrap());
    let config = restored.join("config.toml");
    let words = page(
        "node --config member",
        &[("member/config.toml", config.to_str().unwrap())],
    );
    nodes[1] = spawn(commonhold(dir).args(strs(&words)), north);
    wait_for_answer(&mut nodes[1], north).unwrap();
    // It follows at once, and signs when shares were dealt to it again.
    let told = transfer(&town.client(1), &account(0)).unwrap();
    wait_until(|| client.receipt(told.0).is_ok());
    wait_until(|| health(&north.url())["signs"] == true);
    let found = doctor(dir, &config);
    for check in [
        "keys",
        "seal share",
        "ports",
        "epoch",
        "share",
        "version",
        "founding",
    ] {
        let (level, said) = found(check);
        assert_eq!(level, "ok", "{check}: {said}");
    }

    // Founders' shares of the first epoch are gone by themselves, and votes of epochs that are over.
    let first = &town.member(0).config;
    town.wait_for_epoch(0, 2);
    wait_until(|| !first.share.exists());
    wait_until(|| !first.data.join("engine/member_consensus_0").exists());

    // The old copy is put back, by hand. Its owner has made blocks since.
    let own = commonhold_node::keys::public(
        &commonhold_node::keys::read_identity(&east.config.identity).unwrap(),
    );
    wait_until(|| {
        let members = ureq::get(format!("{}/api/members", town.member(0).url())).call();
        let members = members.unwrap().body_mut().read_to_string().unwrap();
        let members: Vec<Value> = serde_json::from_str(&members).unwrap();
        let member = members.iter().find(|m| m["publicKey"] == own.to_string());
        member.unwrap()["lastProposed"].as_u64() > Some(copied)
    });
    stop(&mut nodes[2]);
    fs::remove_dir_all(&east.config.data).unwrap();
    copy(&old, &east.config.data);
    nodes[2] = start(dir, east);
    assert_eq!(nodes[2].wait().unwrap().code(), Some(4), "{}", log(east));
    let said = log(east);
    assert!(said.contains("this store knows nothing of it"), "{said}");
    // What it says helps.
    fs::remove_dir_all(east.config.data.join("engine")).unwrap();
    let config = east.config_file.to_str().unwrap();
    let words = page(
        "node --config member/config.toml --join",
        &[("member/config.toml", config)],
    );
    nodes[2] = spawn(commonhold(dir).args(strs(&words)), east);
    wait_for_answer(&mut nodes[2], east).unwrap();
    wait_until(|| health(&east.url())["signs"] == true);

    // All have one chain, and nobody stopped.
    let told = transfer(&town.client(2), &account(0)).unwrap();
    for at in 0..4 {
        let client = town.client(at);
        wait_until(|| client.receipt(told.0).is_ok());
        assert_eq!(client.receipt(told.0).unwrap().block_hash, Some(told.1));
    }
    nodes.iter_mut().for_each(stop);
}

#[test]
fn a_stolen_key_a_member_gone_for_good_and_an_upgrade() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    let (town, mut nodes) = Town::new(dir, 5, 25_800);
    town.import(5);

    // A stolen key: its owner stops the node; the thief goes on with a copy of everything, elsewhere.
    let north = town.member(0);
    stop(&mut nodes[0]);
    let thief = dir.join("thief");
    copy(&north.dir, &thief);
    fs::copy(&north.config.genesis, dir.join("genesis.json")).unwrap();
    let thiefs = "http://127.0.0.1:25990";
    let ports = [
        "--http-listen",
        "127.0.0.1:25990",
        "--p2p-listen",
        "127.0.0.1:25991",
    ];
    let mut stolen: Command = commonhold(dir);
    let config = thief.join(north.config_file.file_name().unwrap());
    stolen
        .args(["node", "--config", config.to_str().unwrap()])
        .args(ports);
    let mut stolen = spawn(&mut stolen, north);
    wait_until(|| {
        assert!(stolen.try_wait().unwrap().is_none(), "{}", log(north));
        health(thiefs)["block"].as_u64() >= Some(1)
    });

    let anew = dir.join("anew");
    let acts = commonhold_sdk::Account::from_secret(
        &commonhold_node::keys::read_secret(&north.dir.join("account.key")).unwrap(),
    )
    .unwrap()
    .address()
    .to_string();
    let endpoint = north.config.p2p.listen.to_string();
    let mut words = page(
        "network identity -o anew",
        &[
            ("anew", anew.to_str().unwrap()),
            ("north.example:9701", &endpoint),
            ("0x70997970C51812dc3A010C7d01b50e0d17dc79C8", &acts),
        ],
    );
    words.extend(["--http-listen".into(), north.config.http.listen.to_string()]);
    ok(&town.says(1, &words));
    fs::copy(&north.config.genesis, anew.join("genesis.json")).unwrap();
    let config = anew.join("config.toml");
    let config = config.to_str().unwrap();
    ok(&town.says(
        1,
        &page("member application", &[("anew/config.toml", config)]),
    ));
    let propose = page("member propose key", &[("north", "member0")]);
    assert_eq!(ok(&town.says(1, &propose)), "0\n");
    let from = town.votes("0", &[1, 2, 3]);
    let words = page(
        "node --config anew/config.toml --join",
        &[("anew/config.toml", config)],
    );
    nodes[0] = spawn(commonhold(dir).args(strs(&words)), north);
    town.wait_for_epoch(1, from);
    wait_for_answer(&mut nodes[0], north).unwrap();
    wait_until(|| health(&north.url())["signs"] == true);
    // The old key is worth nothing: nobody speaks with it, and it stands where the last epoch of it ended.
    let stands = health(thiefs)["block"].as_u64().unwrap();
    assert!(stands <= from * 40, "{stands}");
    let found = doctor(dir, Path::new(config));
    assert_eq!(found("share").0, "ok", "{}", found("share").1);

    // A member gone for good.
    nodes[4].kill().unwrap();
    nodes[4].wait().unwrap();
    let name = town.member(4).name.clone();
    let propose = page(
        "member propose expel",
        &[("West", &name), ("north", "member0")],
    );
    assert_eq!(ok(&town.says(0, &propose)), "1\n");
    let from = town.votes("1", &[1, 2, 3]);
    town.wait_for_epoch(0, from);
    let committee = ["member", "list", "--epoch", &from.to_string(), "--json"];
    let committee = ok(&run(dir, &committee, &town.member(0).url()));
    let committee: Vec<Value> = serde_json::from_str(&committee).unwrap();
    assert_eq!(committee.len(), 4);
    assert_eq!(health(thiefs)["block"].as_u64(), Some(stands));
    stolen.kill().unwrap();
    stolen.wait().unwrap();

    // One of four may be away again: whoever keeps the network's first five says that two are members no more,
    // and the other three make blocks.
    nodes[..4].iter_mut().for_each(stop);
    let mut up = Up::start(dir, &[]);
    up.wait_for("Member 1 is no member any more, or has another key by now");
    up.wait_for("Member 5 is no member any more, or has another key by now");
    assert_eq!(up.banner["members"][4]["running"], false);
    transfer(&town.client(1), &account(0)).unwrap();

    // An upgrade.
    let epochs = ok(&town.says(1, &page("member epochs", &[])));
    assert!(epochs.contains("fixed until epoch"), "{epochs}");
    let words = ["member", "epochs", "--json"];
    let epochs = ok(&run(dir, &words, &town.member(1).url()));
    let epochs: Value = serde_json::from_str(&epochs).unwrap();
    let epoch = epochs["fixedUntil"].as_u64().unwrap() + 2;
    let at = epoch.to_string();
    let propose = page(
        "member propose upgrade",
        &[("0.2.0", "99.0.0"), ("42", &at), ("north", "member0")],
    );
    assert_eq!(ok(&town.says(1, &propose)), "2\n");
    assert_eq!(town.votes("2", &[1, 2]), epoch);
    town.wait_for_epoch(1, epoch - 3);
    let (level, said) = doctor(dir, &town.member(1).config_file)("version");
    assert!(
        level == "warn" && said.contains("99.0.0"),
        "{level}: {said}"
    );
    let said = up.wait_for("cannot run (exit code 2)");
    assert!(said.contains("nodes need version 99.0.0"), "{said}");
}
