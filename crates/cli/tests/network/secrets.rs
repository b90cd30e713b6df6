//! What others on the machine could see: files and their modes, arguments, environments, logs.

use std::{
    fs,
    os::unix::fs::{FileExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use commonhold_sdk::{
    Client, Records,
    records::{Ask, Form, PutOptions, Terms, reader_secret},
};
use commonhold_vault::crypt4gh::Header;
use rustix::process::Signal;

use crate::{CANARY, Up, member_pid, nodes};

/// Every file and directory below `path`.
pub(crate) fn walk(path: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, into);
        }
        into.push(path);
    }
}

pub(crate) fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn keys_are_their_owners_alone() {
    let temp = tempfile::tempdir().unwrap();
    let up = Up::start(
        temp.path(),
        &[
            "--members",
            "1",
            "--port-base",
            "23600",
            "--heartbeat",
            "200",
        ],
    );
    let data = temp.path().join("data");
    let member = data.join("member-1");
    let mut keys = Vec::new();
    for name in ["identity.key", "share.key", "account.key"] {
        let text = fs::read_to_string(member.join(name)).unwrap();
        keys.push((name, text.trim().to_owned()));
    }
    // The keys also as the bytes they are.
    let raw = |hex: &str| -> Vec<u8> {
        let digits = hex.as_bytes().chunks(2);
        digits
            .map(|d| u8::from_str_radix(std::str::from_utf8(d).unwrap(), 16).unwrap())
            .collect()
    };
    let secrets: Vec<(&str, Vec<Vec<u8>>)> = keys
        .iter()
        .map(|(name, hex)| (*name, vec![hex.clone().into_bytes(), raw(hex)]))
        .chain([("the passphrase", vec![CANARY.into()])])
        .collect();

    let id = member_pid(temp.path(), 1).as_raw_nonzero();
    for file in ["cmdline", "environ"] {
        let seen = fs::read(format!("/proc/{id}/{file}")).unwrap();
        assert!(!seen.is_empty());
        for (name, forms) in &secrets {
            assert!(
                forms.iter().all(|form| !contains(&seen, form)),
                "{name} in {file}"
            );
        }
    }
    let limits = fs::read_to_string(format!("/proc/{id}/limits")).unwrap();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"))
        .unwrap();
    assert_eq!(
        core.split_whitespace().filter(|word| *word == "0").count(),
        2,
        "{core}"
    );
    assert_eq!(up.stop(Signal::TERM), Some(0));

    let mut files = Vec::new();
    walk(&data, &mut files);
    assert!(files.len() > 10, "{files:?}");
    for path in files {
        let metadata = fs::metadata(&path).unwrap();
        let mode = metadata.permissions().mode() & 0o777;
        assert_eq!(mode & 0o077, 0, "{} has mode {mode:03o}", path.display());
        if metadata.is_dir() {
            continue;
        }
        let content = fs::read(&path).unwrap();
        for (name, forms) in &secrets {
            let own = path.ends_with(name);
            assert!(
                own || forms.iter().all(|f| !contains(&content, f)),
                "{name} in {path:?}"
            );
        }
    }
}

/// What a process has in memory, in the regions that it can write.
fn memory(pid: i32) -> Vec<Vec<u8>> {
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap();
    let memory = fs::File::open(format!("/proc/{pid}/mem")).unwrap();
    let mut regions = Vec::new();
    for line in maps.lines() {
        let mut words = line.split_whitespace();
        let (range, modes) = (words.next().unwrap(), words.next().unwrap());
        let (from, to) = range.split_once('-').unwrap();
        let from = u64::from_str_radix(from, 16).unwrap();
        let to = u64::from_str_radix(to, 16).unwrap();
        // The system's own regions cannot be read.
        if modes.starts_with("rw") && !line.ends_with("[vvar]") {
            let mut region = vec![0; usize::try_from(to - from).unwrap()];
            if memory.read_exact_at(&mut region, from).is_ok() {
                regions.push(region);
            }
        }
    }
    regions
}

/// A record is put in, opened by another, and looked for: in every file that members have and in all of
/// their memory.
#[test]
fn no_member_ever_has_content_or_its_key() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    let (network, mut running) = nodes::running(dir, 24_900);
    let client = Client::new(&network.members[0].url()).unwrap();
    let (owner, reader) = (nodes::account(1), nodes::account(2));
    client.ensure_registered(&owner, "Ada").unwrap();
    client.ensure_registered(&reader, "Bob").unwrap();
    // Every word of it is one that stands nowhere else.
    let word = b"canary-content-51c8e0";
    let from = dir.join("in");
    fs::write(&from, word.repeat(5_000)).unwrap();
    let options = PutOptions {
        kind: "text/plain".into(),
        seal: true,
        ..PutOptions::default()
    };
    let owners = Records::new(&client, &owner);
    let put = owners.put(&from, &options, &()).unwrap();
    owners
        .grant(put.id, reader.address(), Terms::default())
        .unwrap();
    let elsewhere = Client::new(&network.members[2].url()).unwrap();
    let ask = Ask {
        purpose: Default::default(),
        secret: &reader_secret().unwrap(),
        resume: false,
    };
    let to = dir.join("out");
    Records::new(&elsewhere, &reader)
        .open_sealed(put.id, &ask, Form::Encrypted, &to, &())
        .unwrap();
    let file = fs::read(&to).unwrap();
    let keys = Header::read(&mut file.as_slice())
        .unwrap()
        .open(reader.encryption())
        .unwrap();
    let key = keys[0].to_bytes();

    for node in &running {
        let regions = memory(i32::try_from(node.id()).unwrap());
        let all: usize = regions.iter().map(Vec::len).sum();
        assert!(all > 10_000_000, "only {all} bytes were read");
        // The ciphertext went through: what is searched is what the process works with.
        for region in &regions {
            assert!(!contains_any(region, &[word, key.as_slice()]));
        }
    }
    for node in &mut running {
        nodes::stop(node);
    }
    let mut files = Vec::new();
    walk(&dir.join("data"), &mut files);
    let body = put.body.hash.to_string();
    let mut bodies = 0;
    for path in files.iter().filter(|path| path.is_file()) {
        let content = fs::read(path).unwrap();
        bodies += usize::from(path.to_string_lossy().ends_with(&body[2..]));
        assert!(
            !contains_any(&content, &[word, key.as_slice()]),
            "{}",
            path.display()
        );
    }
    assert!(bodies > 0, "the body is nowhere, so nothing was searched");
}

fn contains_any(bytes: &[u8], parts: &[&[u8]]) -> bool {
    parts
        .iter()
        .any(|part| memchr::memmem::find(bytes, part).is_some())
}
