//! The container of content: Crypt4GH, beside the tool that the field uses.

use std::{
    fs::{self, File},
    io::BufWriter,
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use commonhold_vault::{
    BodyId, DataKey, Packet, SecretKey,
    crypt4gh::{Header, decrypt, encrypt, write_public, write_secret},
};
use eyre::{bail, ensure, eyre};

use crate::{
    Args, process,
    report::{Bar, Report},
};

/// Bytes of the file.
const BYTES: u64 = 1 << 30;
/// Rounds of each step, ours and the peer's in turn.
const ROUNDS: usize = 5;
/// Mebibytes that our side may take.
const MEMORY_MIB: f64 = 64.0;

/// Encrypts or decrypts one file and ends: a process of its own, so that its memory is its own.
/// Encrypting leaves the body's name and length beside the key, where decrypting finds it: a reader has
/// them from the ledger.
pub(crate) fn step(step: &str, key: &Path, from: &Path, to: &Path) -> eyre::Result<()> {
    let secret = SecretKey::from_bytes(
        &fs::read(key)?
            .try_into()
            .map_err(|_| eyre!("a key has 32 bytes"))?,
    );
    let mut output = BufWriter::new(File::create(to)?);
    let note = key.with_extension("body");
    match step {
        "encrypt" => {
            let key = DataKey::random()?;
            let packet = Packet::seal(&key, &secret.public())?;
            std::io::Write::write_all(&mut output, &Header::new(&[packet]).to_bytes())?;
            let body = encrypt(&key, &mut File::open(from)?, &mut output)?;
            fs::write(note, format!("{} {}", body.hash, body.len))?;
        }
        "decrypt" => {
            let mut input = File::open(from)?;
            let keys = Header::read(&mut input)?.open(&secret)?;
            let note = fs::read_to_string(note)?;
            let (hash, len) = note
                .split_once(' ')
                .ok_or_else(|| eyre!("a name and a length, not {note:?}"))?;
            let body = BodyId {
                hash: hash.parse()?,
                len: len.parse()?,
            };
            decrypt(&keys, &body, &mut input, &mut output)?;
        }
        other => bail!("no step {other:?}"),
    }
    drop(output);
    println!("{}", process::peak_memory(&[std::process::id()]));
    Ok(())
}

pub(crate) fn run(report: &mut Report, args: &Args) -> eyre::Result<()> {
    report.part("Crypt4GH, a file of 1 GiB");
    let dir = tempfile::tempdir_in(&args.out)?;
    let at = |name: &str| dir.path().join(name);
    let secret = SecretKey::random()?;
    fs::write(at("key"), secret.to_bytes().as_slice())?;
    fs::write(at("pub"), write_public(&secret.public()))?;
    fs::write(at("sec"), write_secret(&secret, None)?.as_bytes())?;
    fill(&at("plain"))?;
    for (step, from, to, peers) in [
        ("encrypt", "plain", "ours.c4gh", "theirs.c4gh"),
        ("decrypt", "ours.c4gh", "ours", "theirs"),
    ] {
        let (mut ours, mut theirs, mut memory) = (Vec::new(), Vec::new(), 0f64);
        for _ in 0..ROUNDS {
            settle(&at(to))?;
            let since = Instant::now();
            let ran = Command::new(std::env::current_exe()?)
                .args(["--container", step])
                .args([at("key"), at(from), at(to)])
                .stderr(Stdio::inherit())
                .output()?;
            ours.push(since.elapsed().as_secs_f64());
            ensure!(ran.status.success(), "our {step} failed");
            memory = memory.max(String::from_utf8(ran.stdout)?.trim().parse()?);
            if let Some(program) = &args.crypt4gh {
                settle(&at(peers))?;
                theirs.push(peer(program, step, dir.path(), from, peers)?);
                settle(&at(peers))?;
            }
        }
        // The fastest of each: what else a machine does only ever adds, here up to twice the time,
        // for pages that the file cache takes anew.
        let seconds = fastest(&ours);
        let rate = BYTES as f64 / (1 << 20) as f64 / seconds;
        let (ratio, bar, beside) = if theirs.is_empty() {
            (1.0, Bar::None, "no CRYPT4GH given".into())
        } else {
            let peer = fastest(&theirs);
            let beside = format!("crypt4gh {peer:.1} s");
            (peer / seconds, Bar::AtLeast(1.5), beside)
        };
        let beside = format!("{beside}; ours {seconds:.1} s, {rate:.0} MiB/s; fastest of {ROUNDS}");
        report.figure(step, ratio, "x", bar, &beside)?;
        let bar = Bar::AtMost(MEMORY_MIB);
        report.figure(&format!("{step}: peak memory"), memory, "MiB", bar, "")?;
    }
    Ok(())
}

fn fastest(rounds: &[f64]) -> f64 {
    rounds.iter().copied().fold(f64::INFINITY, f64::min)
}

/// Removes what an earlier round wrote and has the disk write what it still holds in memory: a step is
/// to be timed, and not the disk behind the steps before it.
fn settle(output: &Path) -> eyre::Result<()> {
    if output.exists() {
        fs::remove_file(output)?;
    }
    rustix::fs::sync();
    Ok(())
}

/// Seconds that the peer takes for the same.
fn peer(program: &Path, step: &str, dir: &Path, from: &str, to: &str) -> eyre::Result<f64> {
    let mut command = Command::new(program);
    match step {
        "encrypt" => command
            .args(["encrypt", "--recipient_pk"])
            .arg(dir.join("pub")),
        _ => command.args(["decrypt", "--sk"]).arg(dir.join("sec")),
    };
    let since = Instant::now();
    let ran = command
        .stdin(File::open(dir.join(from))?)
        .stdout(File::create(dir.join(to))?)
        .stderr(Stdio::null())
        .status()?;
    ensure!(ran.success(), "crypt4gh {step}: {ran}");
    Ok(since.elapsed().as_secs_f64())
}

/// A file that does not compress.
fn fill(path: &Path) -> eyre::Result<()> {
    let mut source = std::io::Read::take(File::open("/dev/urandom")?, BYTES);
    std::io::copy(&mut source, &mut File::create(path)?)?;
    Ok(())
}
