//! The parts that need a running network.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use alloy_primitives::{Address, B256, U256, keccak256};
use commonhold_primitives::{Genesis, genesis::Allocation, system};
use commonhold_sdk::{Abis, Client, stamp};
use eyre::{ensure, eyre};
use serde_json::{Value, json};

use crate::{
    Args,
    load::{self, Outcome, Pace, quantile},
    micro::Costs,
    network::Network,
    peers::{self, Anvil},
    process,
    report::{Bar, Report, number},
    rpc::Rpc,
    wallet::{Signed, Wallet},
};

/// Accounts that send in a load.
const SENDERS: usize = 200;
/// Transfers sent one after the other to an idle network.
const SEQUENTIAL: usize = 200;
/// Transfers per second beside which a view is called: a network with nearly nothing to do, and two with
/// light load.
const LIGHT: [u32; 3] = [1, 10, 50];
/// Seconds of each.
const LIGHT_SECONDS: usize = 25;
/// How often a receipt is asked for.
const POLL: Duration = Duration::from_millis(1);

/// Sends one after the other; milliseconds from sending to the final receipt, ascending.
fn sequential(rpc: &Rpc, transfers: &[(usize, Signed)]) -> eyre::Result<Vec<f64>> {
    let mut times = Vec::new();
    for (_, signed) in transfers {
        let since = Instant::now();
        rpc.call("eth_sendRawTransaction", json!([signed.raw]))?;
        while rpc
            .call("eth_getTransactionReceipt", json!([signed.hash]))?
            .is_null()
        {
            ensure!(
                since.elapsed() < Duration::from_secs(60),
                "no receipt in a minute"
            );
            thread::sleep(POLL);
        }
        times.push(since.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    Ok(times)
}

/// Latency of an idle network of four, and what a person reading meets.
pub(crate) fn idle(report: &mut Report, args: &Args) -> eyre::Result<()> {
    let dir = tempfile::tempdir()?;
    let network = Network::up(&args.bin, &dir.path().join("four"), 4)?;
    let url = network
        .urls
        .first()
        .ok_or_else(|| eyre!("no member"))?
        .clone();
    let rpc = Rpc::new(&url);
    let mut wallet = Wallet::fund(&rpc, "idle", 4)?;
    report.part("Four members, idle: from sending to the final receipt, one after the other");
    let before = process::cpu(&network.pids());
    let times = sequential(&rpc, &wallet.sign(SEQUENTIAL)?)?;
    let cpu = (process::cpu(&network.pids()) - before) * 1e3 / SEQUENTIAL as f64;
    let beside = "best of the field 300 to 500 ms, consortium norm 1 to 3 s";
    report.figure(
        "p50",
        quantile(&times, 0.5),
        "ms",
        Bar::AtMost(100.0),
        beside,
    )?;
    report.figure("p99", quantile(&times, 0.99), "ms", Bar::AtMost(200.0), "")?;
    let halves = drift(&rpc, &wallet.sign(SEQUENTIAL)?)?;
    let name = "second half against the first, p50";
    report.figure(
        name,
        halves,
        "x",
        Bar::AtMost(1.2),
        "no growth while it runs",
    )?;
    report.figure(
        "processor time of all members",
        cpu,
        "ms/tx",
        Bar::None,
        "blocks of one",
    )?;

    report.part("Reading, one request after the other");
    for rate in LIGHT {
        reading(report, &rpc, &url, &mut wallet, rate)?;
    }
    stamps(report, &url, &wallet.sign(1)?, &rpc)?;
    network.stop()
}

/// How long a view takes beside `rate` transfers a second.
fn reading(
    report: &mut Report,
    rpc: &Rpc,
    url: &str,
    wallet: &mut Wallet,
    rate: u32,
) -> eyre::Result<()> {
    let light = wallet.sign(rate as usize * LIGHT_SECONDS)?;
    let calls = thread::scope(|scope| {
        let urls = [url.to_owned()];
        let load = scope.spawn(move || load::run(&urls, &light, Pace::Rate(rate.into())));
        let view = json!([{ "to": system::MEMBERS, "data": "0x11aee380" }, "latest"]);
        let (mut times, mut nothing) = (Vec::new(), Vec::new());
        while !load.is_finished() {
            for (method, asked, times) in [
                ("eth_call", view.clone(), &mut times),
                // What any request takes: the connection, the node's turn on the processor.
                ("eth_chainId", json!([]), &mut nothing),
            ] {
                let since = Instant::now();
                rpc.call(method, asked)?;
                times.push(since.elapsed().as_secs_f64() * 1e3);
                thread::sleep(Duration::from_millis(5));
            }
        }
        load.join().map_err(|_| eyre!("the load failed"))??;
        Ok::<_, eyre::Report>((times, nothing))
    });
    let (mut calls, mut nothing) = calls?;
    calls.sort_by(f64::total_cmp);
    nothing.sort_by(f64::total_cmp);
    let beside = format!(
        "a request for nothing: p50 {:.2} ms, p99 {:.2} ms",
        quantile(&nothing, 0.5),
        quantile(&nothing, 0.99)
    );
    let name = format!("eth_call of a view beside {rate} transfers/s, p50");
    report.figure(&name, quantile(&calls, 0.5), "ms", Bar::None, &beside)?;
    let name = format!("eth_call of a view beside {rate} transfers/s, p99");
    // Beside more, four members on two cores keep even a request for nothing waiting for longer.
    let bar = if rate == 1 {
        Bar::AtMost(5.0)
    } else {
        Bar::None
    };
    report.figure(&name, quantile(&calls, 0.99), "ms", bar, &beside)
}

/// The median of the second half of a run over that of the first.
fn drift(rpc: &Rpc, transfers: &[(usize, Signed)]) -> eyre::Result<f64> {
    let (first, second) = transfers.split_at(transfers.len() / 2);
    let first = quantile(&sequential(rpc, first)?, 0.5);
    Ok(quantile(&sequential(rpc, second)?, 0.5) / first)
}

/// How long the offline check of a stamp takes.
fn stamps(report: &mut Report, url: &str, one: &[(usize, Signed)], rpc: &Rpc) -> eyre::Result<()> {
    sequential(rpc, one)?;
    let (_, signed) = one.first().ok_or_else(|| eyre!("nothing was sent"))?;
    let client = Client::new(url)?;
    let key = client.network_key()?;
    let hash: B256 = signed.hash.parse()?;
    let stamp = client.stamp(hash)?;
    let abis = Abis::system();
    let mut times = Vec::new();
    for _ in 0..50 {
        let since = Instant::now();
        stamp::verify(&stamp, &key, &abis)?;
        times.push(since.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    let bar = Bar::AtMost(10.0);
    report.figure(
        "check of a stamp, p99",
        quantile(&times, 0.99),
        "ms",
        bar,
        "offline",
    )
}

/// Four members under rising load, then under full load.
pub(crate) fn four(report: &mut Report, args: &Args, costs: &Costs) -> eyre::Result<()> {
    let dir = tempfile::tempdir()?;
    let network = Network::up(&args.bin, &dir.path().join("four"), 4)?;
    let url = network.urls.first().ok_or_else(|| eyre!("no member"))?;
    let mut wallet = Wallet::fund(&Rpc::new(url), "four", SENDERS)?;
    let pids = network.pids();
    report.part("Four members under rising load (open loop; latency from due to final, over RPC)");
    report.row(
        "  offered/s   final/s   p50 ms   p90 ms   p99 ms   max ms   refused   us/tx and member",
        json!(null),
    )?;
    for rate in &args.rates {
        let transactions = wallet.sign((rate * args.seconds) as usize)?;
        let before = process::cpu(&pids);
        let outcome = load::run(&network.urls, &transactions, Pace::Rate(f64::from(*rate)))?;
        let cpu = process::cpu(&pids) - before;
        step(report, *rate, &outcome, cpu)?;
        // What a refusal left unused would block its sender's lane: take new senders.
        if outcome.finalised < transactions.len() {
            wallet = Wallet::fund(&Rpc::new(url), &format!("after-{rate}"), SENDERS)?;
        }
    }

    report.part("Four members under full load");
    let transactions = wallet.sign(args.count)?;
    let disk_before = process::disk(&network.dir);
    let before = process::cpu(&pids);
    let outcome = load::run(&network.urls, &transactions, Pace::Full)?;
    let cpu = (process::cpu(&pids) - before) * 1e6 / outcome.finalised.max(1) as f64 / 4.0;
    let disk = (process::disk(&network.dir) - disk_before) / outcome.finalised.max(1) as f64 / 4.0;
    let limit = costs.limit(4.0);
    full(report, "own load", outcome.rate(), limit)?;
    if !outcome.refused.is_empty() {
        report.row(
            &format!("refused: {:?}", outcome.refused),
            json!(outcome.refused),
        )?;
    }
    if let Some(program) = &args.peerload {
        let result = peers::peerload(program, &network.urls, &pids, args.count)?;
        let field = |name: &str| result.get(name).and_then(Value::as_f64).unwrap_or(f64::NAN);
        full(report, "peerload", field("included_tps"), limit)?;
        let bar = Bar::AtLeast(args.count as f64);
        report.figure(
            "peerload: found in blocks",
            field("found_in_blocks"),
            "tx",
            bar,
            "",
        )?;
        let per_member = field("server_cpu_us_per_tx") / 4.0;
        report.figure(
            "peerload: cpu per member",
            per_member,
            "us/tx",
            Bar::None,
            "",
        )?;
        report.row(
            &format!(
                "peerload: p50 {:.0} ms, p99 {:.0} ms after the load",
                field("lat_p50_ms"),
                field("lat_p99_ms")
            ),
            result.clone(),
        )?;
    }
    let beside = "extrapolated: leaves out the load tool, waiting and the disk";
    report.figure(
        "share of the limit by processor time",
        costs.recovery / cpu,
        "x",
        Bar::None,
        beside,
    )?;
    let parts = format!(
        "recovery {}, state {}, tries {}, execution {}, the rest {}",
        number(costs.recovery),
        number(costs.state),
        number(costs.tries),
        number(costs.execution),
        number(cpu - costs.recovery - costs.state - costs.tries - costs.execution),
    );
    let beside = format!("{parts}; reth --dev 196 to 218");
    report.figure(
        "processor time per member",
        cpu,
        "us/tx",
        Bar::None,
        &beside,
    )?;
    report.figure("disk per member", disk, "B/tx", Bar::None, "")?;
    let memory = process::peak_memory(&pids);
    report.figure(
        "peak memory of a member",
        memory,
        "MiB",
        Bar::AtMost(600.0),
        "",
    )?;
    network.stop()
}

fn full(report: &mut Report, who: &str, rate: f64, limit: f64) -> eyre::Result<()> {
    let name = format!("{who}: finalised transfers");
    report.figure(
        &name,
        rate,
        "tx/s",
        Bar::None,
        "best published four-member figure 1,200",
    )?;
    let beside = format!("limit {} = cores / (4 x recovery); aim 0.5", number(limit));
    let bar = Bar::AtLeast(0.35);
    report.figure(
        &format!("{who}: share of the limit"),
        rate / limit,
        "x",
        bar,
        &beside,
    )
}

fn step(report: &mut Report, rate: u32, outcome: &Outcome, cpu: f64) -> eyre::Result<()> {
    let times = &outcome.latencies;
    let [p50, p90, p99, max] = [0.5, 0.9, 0.99, 1.0].map(|part| quantile(times, part));
    let per_member = cpu * 1e6 / outcome.finalised.max(1) as f64 / 4.0;
    let text = format!(
        "  {rate:>9} {:>9.0} {p50:>8.0} {p90:>8.0} {p99:>8.0} {max:>8.0} {:>9} {per_member:>10.0}",
        outcome.rate(),
        outcome.refusals(),
    );
    report.row(
        &text,
        json!({
            "offered": rate, "final": outcome.rate(), "p50_ms": p50, "p90_ms": p90, "p99_ms": p99,
            "max_ms": max, "refused": outcome.refused, "blocks": outcome.blocks,
            "cpu_us_per_tx_and_member": per_member,
        }),
    )
}

/// One member beside anvil: same client, same load, by turns.
pub(crate) fn one(report: &mut Report, args: &Args) -> eyre::Result<()> {
    let dir = tempfile::tempdir()?;
    let network = Network::up(&args.bin, &dir.path().join("one"), 1)?;
    report.part("One member under full load, beside one anvil");
    let anvil = args.anvil.as_deref().map(Anvil::start).transpose()?;
    let mut ours = (0.0, 0.0);
    let mut theirs = (0.0, 0.0);
    for round in 0..2 {
        let name = format!("one-{round}");
        ours = best(
            ours,
            blast(&network.urls, &network.pids(), &name, args.count)?,
        );
        if let Some(anvil) = &anvil {
            let urls = [anvil.url.clone()];
            theirs = best(theirs, blast(&urls, &[anvil.pid()], &name, args.count)?);
        }
    }
    let bar = if anvil.is_some() {
        Bar::AtLeast(theirs.0)
    } else {
        Bar::None
    };
    let beside = match anvil {
        Some(_) => format!("anvil in this run {}", number(theirs.0)),
        None => "anvil is not here: give --anvil".into(),
    };
    report.figure("finalised transfers", ours.0, "tx/s", bar, &beside)?;
    let beside = format!(
        "anvil in this run {}; reth --dev 196 to 218",
        number(theirs.1)
    );
    report.figure("processor time", ours.1, "us/tx", Bar::None, &beside)?;
    network.stop()
}

/// Transactions per second and microseconds of processor time per transaction of a full load.
fn blast(urls: &[String], pids: &[u32], name: &str, count: usize) -> eyre::Result<(f64, f64)> {
    let url = urls.first().ok_or_else(|| eyre!("no member"))?;
    let mut wallet = Wallet::fund(&Rpc::new(url), name, SENDERS)?;
    let transactions = wallet.sign(count)?;
    let before = process::cpu(pids);
    let outcome = load::run(urls, &transactions, Pace::Full)?;
    let cpu = (process::cpu(pids) - before) * 1e6 / outcome.finalised.max(1) as f64;
    ensure!(
        outcome.finalised == count,
        "{} of {count} became final",
        outcome.finalised
    );
    Ok((outcome.rate(), cpu))
}

fn best(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    if b.0 > a.0 { b } else { a }
}

/// How long a member with a large state takes to start.
pub(crate) fn start(report: &mut Report, args: &Args) -> eyre::Result<()> {
    let dir = tempfile::tempdir()?;
    let home = dir.path().join("large");
    // A new network's files, with a larger genesis document before it has made its second block.
    Network::up(&args.bin, &home, 1)?.stop()?;
    fs::remove_dir_all(home.join("member-1/data"))?;
    let path = home.join("genesis.json");
    let mut genesis = Genesis::parse(&fs::read(&path)?)?;
    for i in 0..args.accounts {
        let allocation = Allocation {
            balance: U256::from(1_000_000_000),
            ..Allocation::default()
        };
        let address = Address::from_word(keccak256(i.to_be_bytes()));
        genesis.alloc.insert(address, allocation);
    }
    fs::write(&path, serde_json::to_vec(&genesis)?)?;
    report.part("One member with a large state");
    let since = Instant::now();
    let network = Network::up(&args.bin, &home, 1)?;
    let rpc = Rpc::new(network.urls.first().ok_or_else(|| eyre!("no member"))?);
    while rpc.number("eth_blockNumber", json!([]))? < 2 {
        thread::sleep(POLL);
    }
    let first = since.elapsed().as_secs_f64();
    network.stop()?;
    let since = Instant::now();
    let network = Network::up(&args.bin, &home, 1)?;
    let again = since.elapsed().as_secs_f64();
    let memory = process::peak_memory(&network.pids());
    let disk = process::disk(&network.dir) / f64::from(args.accounts);
    network.stop()?;
    let beside = format!("{} accounts", args.accounts);
    report.figure(
        "first start, from the genesis document",
        first,
        "s",
        Bar::None,
        &beside,
    )?;
    report.figure("start", again, "s", Bar::AtMost(10.0), &beside)?;
    report.figure("memory after the start", memory, "MiB", Bar::None, "")?;
    report.figure(
        "disk",
        disk,
        "B/acct",
        Bar::None,
        "with the genesis document",
    )
}
