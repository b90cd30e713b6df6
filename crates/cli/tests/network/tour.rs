//! The README's tour, word for word.

use std::{fs, path::Path, process::Command};

use rustix::process::Signal;

use crate::{Up, ok};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// The commands of the README's tour, and whether each must be refused.
fn commands(port: u16) -> Vec<(String, bool)> {
    let readme = fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    let tour = readme
        .split("## Five minutes")
        .nth(1)
        .unwrap()
        .split("\n## ")
        .next()
        .unwrap();
    let blocks = tour
        .split("```sh\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap());
    let text = blocks.collect::<String>();
    // The tour is written for the usual ports.
    let text = (0..4).fold(text, |text, i| {
        text.replace(&(8545 + i).to_string(), &(port + i).to_string())
    });
    let mut commands: Vec<(String, bool)> = Vec::new();
    for line in text.replace("\\\n", " ").lines() {
        let refused = line.ends_with("# refused");
        commands.push((
            line.trim_end_matches("# refused").trim().to_owned(),
            refused,
        ));
    }
    commands
}

#[test]
fn the_tour_is_true() {
    let dir = tempfile::tempdir().unwrap();
    let samples = dir.path().join("samples/health");
    fs::create_dir_all(&samples).unwrap();
    let sample = Path::new(ROOT).join("samples/health/visit.json");
    fs::copy(sample, samples.join("visit.json")).unwrap();
    let port = 23_000;
    let up = Up::start(dir.path(), &["--samples", "--port-base", &port.to_string()]);
    assert_eq!(up.url(0), format!("http://127.0.0.1:{port}"));
    assert_eq!(up.banner["samples"][0]["file"], "health/visit.json");
    // Whoever is in the samples can be signed in as.
    let anna = &up.banner["people"][0];
    let file = dir.path().join(anna["file"].as_str().unwrap());
    let file: serde_json::Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let address = anna["address"].as_str().unwrap().to_lowercase();
    assert_eq!(format!("0x{}", file["address"].as_str().unwrap()), address);

    let commands = commands(port);
    assert!(
        commands.iter().filter(|(_, refused)| *refused).count() >= 2,
        "{commands:?}"
    );
    let mut script = String::from("set -u\n");
    for (command, refused) in &commands {
        // One shell for all: variables that a command sets are there for the next.
        let code = i32::from(*refused);
        script.push_str(&format!(
            "cat >&2 <<'SHOWN'\n>>> {command}\nSHOWN\n{command}\ncode=$?\n\
             if [ $code != {code} ]; then echo exit code $code, not {code} >&2; exit 9; fi\n"
        ));
    }
    let program = Path::new(env!("CARGO_BIN_EXE_commonhold"))
        .parent()
        .unwrap()
        .to_owned();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let output = Command::new("bash")
        .arg("-c")
        .arg(&script)
        .current_dir(dir.path())
        .env("PATH", path)
        .env("COMMONHOLD_RPC", up.url(0))
        .output()
        .unwrap();
    let shown = ok(&output);
    assert!(shown.contains("is registered"), "{shown}");
    assert!(
        shown.contains("granted") && shown.contains("revoked"),
        "{shown}"
    );
    assert!(!dir.path().join("again.json").exists());
    assert_eq!(up.stop(Signal::INT), Some(0));
}
