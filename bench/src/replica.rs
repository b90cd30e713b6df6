//! Giving a body to another member as a verified stream, beside a plain copy over the same loopback.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    thread,
    time::Instant,
};

use commonhold_vault::{BodyId, Store, crypt4gh::identify, store::part_end};
use eyre::{ensure, eyre};

use crate::report::{Bar, Report};

/// Bytes of the body.
const BYTES: u64 = 1 << 30;
const BUFFER: usize = 64 * 1024;

pub(crate) fn run(report: &mut Report) -> eyre::Result<()> {
    let dir = tempfile::tempdir()?;
    let (from, to) = (
        Store::open(&dir.path().join("from"), u64::MAX)?,
        Store::open(&dir.path().join("to"), u64::MAX)?,
    );
    let id = fill(&from, dir.path())?;
    let plain = copy(&from, &id, &dir.path().join("copy"))?;
    // The first giving makes the body's tree; those after it find it.
    let first = replicate(&from, &to, &id)?;
    ensure!(to.erase(&id.hash)?, "the body did not arrive");
    let further = replicate(&from, &to, &id)?;
    report.part("One GiB from one member's vault to another's");
    let (unit, none) = ("MiB/s", Bar::None);
    let rate = |seconds: f64| BYTES as f64 / f64::from(1 << 20) / seconds;
    report.figure(
        "plain copy over loopback, flushed",
        rate(plain),
        unit,
        none,
        "",
    )?;
    report.figure(
        "verified stream, first",
        rate(first),
        unit,
        none,
        "makes the tree",
    )?;
    report.figure("verified stream, further", rate(further), unit, none, "")?;
    let beside = "plain copy in the same run";
    report.figure("verified, of plain", plain / further, "x", none, beside)
}

fn fill(store: &Store, dir: &Path) -> eyre::Result<BodyId> {
    let path = dir.join("body");
    let mut file = BufWriter::new(File::create(&path)?);
    let mut word = 0x9e37_79b9_7f4a_7c15u64;
    for _ in 0..BYTES / 8 {
        word ^= word << 13;
        word ^= word >> 7;
        word ^= word << 17;
        file.write_all(&word.to_le_bytes())?;
    }
    file.flush()?;
    drop(file);
    let id = identify(&mut File::open(&path)?)?;
    store.put(id, &mut File::open(&path)?)?;
    std::fs::remove_file(&path)?;
    Ok(id)
}

/// Seconds of sending a body as it is into a file.
fn copy(from: &Store, id: &BodyId, to: &Path) -> eyre::Result<f64> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let mut body = from.get(&id.hash)?.0;
    let sending = thread::spawn(move || -> io::Result<u64> {
        let mut output = BufWriter::with_capacity(BUFFER, listener.accept()?.0);
        let sent = io::copy(&mut body, &mut output)?;
        output.flush()?;
        Ok(sent)
    });
    let since = Instant::now();
    let mut input = TcpStream::connect(address)?;
    let mut file = File::create(to)?;
    let mut buffer = vec![0; BUFFER];
    let mut received = 0;
    loop {
        let n = input.read(&mut buffer)?;
        let Some(piece) = buffer.get(..n).filter(|piece| !piece.is_empty()) else {
            break;
        };
        file.write_all(piece)?;
        received += n as u64;
    }
    file.sync_all()?;
    let seconds = since.elapsed().as_secs_f64();
    let sent = sending.join().map_err(|_| eyre!("the sender failed"))??;
    ensure!(
        sent == received && sent == id.len,
        "{sent} sent, {received} received"
    );
    std::fs::remove_file(to)?;
    Ok(seconds)
}

/// Seconds of sending a body as a verified stream into another store.
fn replicate(from: &Store, to: &Store, id: &BodyId) -> eyre::Result<f64> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let (store, body) = (from.clone(), *id);
    let sending = thread::spawn(move || -> eyre::Result<()> {
        let mut output = BufWriter::with_capacity(BUFFER, listener.accept()?.0);
        let mut at = 0;
        while at < body.len {
            at = store.send(&body, at, &mut output)?;
        }
        Ok(output.flush()?)
    });
    let since = Instant::now();
    let mut input = BufReader::with_capacity(BUFFER, TcpStream::connect(address)?);
    let mut arrival = to.arrive(*id)?;
    while !arrival.is_whole() {
        let end = part_end(id.len, arrival.done());
        arrival.take(&mut input)?;
        ensure!(arrival.done() == end, "a part is missing");
    }
    arrival.finish()?;
    let seconds = since.elapsed().as_secs_f64();
    sending.join().map_err(|_| eyre!("the sender failed"))??;
    Ok(seconds)
}
