//! What others on the machine could see: files and their modes, arguments, environments, logs.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use rustix::process::Signal;

use crate::{CANARY, Up, member_pid};

/// Every file and directory below `path`.
fn walk(path: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, into);
        }
        into.push(path);
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
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
