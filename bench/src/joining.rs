//! A member that joins a network with a large state, by state sync, while the others are under load.

use std::{
    fs::{self, File},
    path::Path,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use alloy_primitives::{Address, U256, keccak256};
use commonhold_primitives::{Genesis, genesis::Allocation};
use eyre::{ensure, eyre};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::{
    Args,
    network::Network,
    process,
    report::{Bar, Report},
    rpc::Rpc,
    wallet::Wallet,
};

/// How often one looks.
const POLL: Duration = Duration::from_millis(50);
/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(1_800);
/// Transfers in one request of the load, ten times a second.
const TRANSFERS: usize = 10;
const PAUSE: Duration = Duration::from_millis(100);
/// Seconds that state sync may take.
const SECONDS_MAX: f64 = 120.0;

/// One member's process. It is killed when this is dropped.
struct Node(Child);

impl Node {
    fn start(bin: &Path, home: &Path, member: usize, more: &[&str]) -> eyre::Result<Self> {
        let dir = home.join(format!("member-{member}"));
        let log = File::create(dir.join("bench.log"))?;
        let child = Command::new(bin)
            .args(["node", "--config"])
            .arg(dir.join("config.toml"))
            .args(more)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        Ok(Self(child))
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // Where it has ended already there is nothing to interrupt.
        kill_process(Pid::from_child(&self.0), Signal::INT).ok();
        self.0.wait().ok();
    }
}

/// Four members, of which the last one comes when there are `args.accounts` accounts and the others are under load.
pub(crate) fn run(report: &mut Report, args: &Args) -> eyre::Result<()> {
    let dir = tempfile::tempdir()?;
    let home = dir.path().join("joining");
    let network = Network::up(&args.bin, &home, 4)?;
    let urls = network.urls.clone();
    network.stop()?;
    enlarge(&home, args.accounts)?;
    report.part("A member joins by state sync, under load");
    let since = Instant::now();
    let mut nodes = Vec::new();
    for member in 1..=3 {
        nodes.push(Node::start(&args.bin, &home, member, &[])?);
    }
    let rpc = |member: usize| urls.get(member).map(|url| Rpc::new(url));
    let first = rpc(0).ok_or_else(|| eyre!("no member"))?;
    reach(&first, 2)?;
    let founded = since.elapsed().as_secs_f64();
    let mut wallet = Wallet::fund(&first, "joining", TRANSFERS)?;
    let over = AtomicBool::new(false);
    let (seconds, sent) = thread::scope(|scope| {
        let load = scope.spawn(|| {
            let mut sent = 0_u64;
            while !over.load(Ordering::Relaxed) {
                let batch = wallet.sign(TRANSFERS)?;
                let raws: Vec<&str> = batch
                    .iter()
                    .map(|(_, signed)| signed.raw.as_str())
                    .collect();
                let refused = first.send(&raws)?;
                ensure!(refused.is_empty(), "refused under load: {refused:?}");
                sent += raws.len() as u64;
                thread::sleep(PAUSE);
            }
            Ok(sent)
        });
        let joined = (|| {
            let since = Instant::now();
            let fourth = rpc(3).ok_or_else(|| eyre!("three members"))?;
            nodes.push(Node::start(&args.bin, &home, 4, &["--join"])?);
            reach(&fourth, first.number("eth_blockNumber", json!([]))?)?;
            let seconds = since.elapsed().as_secs_f64();
            // The last of the accounts is there.
            let address = account(args.accounts.saturating_sub(1));
            let balance = fourth.number("eth_getBalance", json!([address, "latest"]))?;
            ensure!(balance == BALANCE, "an account has {balance}");
            Ok::<_, eyre::Report>(seconds)
        })();
        over.store(true, Ordering::Relaxed);
        let sent = load.join().map_err(|_| eyre!("the load failed"))?;
        Ok::<_, eyre::Report>((joined?, sent?))
    })?;
    let beside = format!("{} accounts, {sent} transfers meanwhile", args.accounts);
    report.figure(
        "first block, from the genesis document",
        founded,
        "s",
        Bar::None,
        &beside,
    )?;
    report.figure(
        "state sync",
        seconds,
        "s",
        Bar::AtMost(SECONDS_MAX),
        &beside,
    )?;
    let pids: Vec<u32> = nodes.last().map(|node| node.0.id()).into_iter().collect();
    report.figure(
        "memory of who joined",
        process::peak_memory(&pids),
        "MiB",
        Bar::None,
        "",
    )
}

const BALANCE: u64 = 1_000_000_000;

fn account(number: u32) -> Address {
    Address::from_word(keccak256(number.to_be_bytes()))
}

/// Makes the network another with so many accounts more, before it has made a block.
fn enlarge(home: &Path, accounts: u32) -> eyre::Result<()> {
    for member in 1..=4 {
        fs::remove_dir_all(home.join(format!("member-{member}/data")))?;
    }
    let path = home.join("genesis.json");
    let mut genesis = Genesis::parse(&fs::read(&path)?)?;
    for number in 0..accounts {
        let allocation = Allocation {
            balance: U256::from(BALANCE),
            ..Allocation::default()
        };
        genesis.alloc.insert(account(number), allocation);
    }
    Ok(fs::write(&path, serde_json::to_vec(&genesis)?)?)
}

/// Waits until a member has a block.
fn reach(rpc: &Rpc, height: u64) -> eyre::Result<()> {
    let since = Instant::now();
    loop {
        // It does not listen before it has its state.
        if rpc
            .number("eth_blockNumber", json!([]))
            .is_ok_and(|at| at >= height)
        {
            return Ok(());
        }
        ensure!(since.elapsed() < PATIENCE, "block {height} does not come");
        thread::sleep(POLL);
    }
}
