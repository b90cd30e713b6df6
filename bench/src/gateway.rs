//! A gateway under load: signed readings of a thousand devices over MQTT on the loopback, and what they
//! cost the disk and the ledger.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use alloy_primitives::{B256, Bytes, U64, keccak256};
use alloy_sol_types::SolCall as _;
use commonhold_primitives::system::DEVICES;
use commonhold_sdk::{
    Account, Client,
    IDevices::{assignCall, enrolCall},
    Keystore,
    clock::now_ms,
    devices::Description,
    reading::{Algorithm, DeviceSecret, Envelope, Reading, Record, Value},
    readings::write_key,
    transaction::{Draft, Fees},
};
use eyre::{ensure, eyre};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value as Json, json};

use crate::{
    Args,
    load::quantile,
    network::{Network, free_port},
    process,
    report::{Bar, Report},
    rpc::Rpc,
};

/// Devices, each with a connection of its own.
const DEVICES_COUNT: u64 = 1_000;
/// Readings of each.
const READINGS: u64 = 100;
/// Readings of one device that are not acknowledged yet.
const WINDOW: u64 = 8;
/// Transactions that are sent before the last of them is waited for.
const AT_ONCE: usize = 32;
/// What a device's enrolment may cost.
const GAS: u64 = 2_000_000;
/// Bytes of a signed transaction around its call.
const AROUND_CALL: f64 = 115.0;
const PASSWORD: &str = "bench";

pub(crate) fn run(report: &mut Report, args: &Args) -> eyre::Result<()> {
    let dir = tempfile::tempdir()?;
    let network = Network::up(&args.bin, &dir.path().join("gateway"), 4)?;
    let url = network.urls.first().ok_or_else(|| eyre!("no member"))?;
    let client = Client::new(url)?;
    let owner = Account::from_secret(keccak256("bench owner").as_slice())?;
    let account = Account::from_secret(keccak256("bench gateway").as_slice())?;
    client.ensure_registered(&owner, "owner")?;
    client.ensure_registered(&account, "gateway")?;
    client.open_stream(&owner, "bench", account.address())?;
    let streams = client.streams_of(owner.address(), 0)?.items;
    let stream = *streams.first().ok_or_else(|| eyre!("no stream"))?;
    let gateway = secret(u64::MAX)?;
    let model = Description {
        model: "bench".to_owned(),
        calibrated_until: 0,
    };
    client.enrol(&owner, &gateway, &model)?;
    let devices = (0..DEVICES_COUNT)
        .map(secret)
        .collect::<eyre::Result<Vec<_>>>()?;
    enrol(&client, &Rpc::new(url), &owner, stream, &devices)?;

    let home = dir.path().join("home");
    let (mqtt, http) = (free_port()?, free_port()?);
    configure(&home, url, stream, &account, &gateway, mqtt, http)?;
    let mut running = start(&args.bin, &home, http)?;
    let pid = [running.id()];

    report.part(
        "A gateway: signed readings of 1,000 devices over MQTT (QoS 1), four members beside it",
    );
    let packets = sign(&devices)?;
    let before = process::cpu(&pid);
    let since = Instant::now();
    let mut times = deliver(mqtt, &packets)?;
    let seconds = since.elapsed().as_secs_f64();
    let cpu = (process::cpu(&pid) - before) * 1e6;
    let all = (DEVICES_COUNT * READINGS) as f64;
    let beside = format!("{all} Ed25519 readings, each on the disk before its acknowledgement");
    report.figure(
        "accepted",
        all / seconds,
        "1/s",
        Bar::AtLeast(5_000.0),
        &beside,
    )?;
    times.sort_by(f64::total_cmp);
    report.figure(
        "from sending to acknowledged, p50",
        quantile(&times, 0.5),
        "ms",
        Bar::None,
        "",
    )?;
    report.figure("the same, p99", quantile(&times, 0.99), "ms", Bar::None, "")?;
    report.figure("processor time", cpu / all, "us", Bar::None, "a reading")?;
    let memory = process::peak_memory(&pid);
    report.figure("peak memory", memory, "MiB", Bar::AtMost(400.0), "")?;
    let disk = process::disk(&home.join("data")) / all;
    report.figure("disk before anchoring", disk, "B", Bar::None, "a reading")?;

    let since = Instant::now();
    let ledger = loop {
        let status = status(http)?;
        let ledger = status.get("ledger").cloned().unwrap_or_default();
        if ledger.get("anchored_readings").and_then(Json::as_f64) == Some(all) {
            break ledger;
        }
        ensure!(
            since.elapsed() < Duration::from_secs(300),
            "not anchored: {status}"
        );
        thread::sleep(Duration::from_millis(200));
    };
    let number = |name: &str| ledger.get(name).and_then(Json::as_f64).unwrap_or(f64::NAN);
    let transactions = number("transactions");
    let bytes = number("call_bytes") + transactions * AROUND_CALL;
    let million = 1e6 / all;
    let beside = "of 1,000,000 readings, in batches as they filled";
    report.figure(
        "transactions",
        transactions * million,
        "",
        Bar::AtMost(400.0),
        beside,
    )?;
    report.figure("bytes of them", bytes * million, "B", Bar::None, beside)?;
    report.figure(
        "batches",
        number("anchored") * million,
        "",
        Bar::None,
        beside,
    )?;

    kill_process(Pid::from_child(&running), Signal::TERM)?;
    ensure!(
        running.wait()?.success(),
        "the gateway did not stop in order"
    );
    network.stop()
}

fn secret(number: u64) -> eyre::Result<DeviceSecret> {
    let bytes = keccak256(number.to_be_bytes()).0;
    Ok(DeviceSecret::from_bytes(Algorithm::Ed25519, &bytes)?)
}

/// Enrols and assigns the devices: many transactions of one account, a window of them at a time.
fn enrol(
    client: &Client,
    rpc: &Rpc,
    owner: &Account,
    stream: B256,
    devices: &[DeviceSecret],
) -> eyre::Result<()> {
    let mut inputs: Vec<Bytes> = Vec::new();
    for device in devices {
        let key = device.key();
        let challenge = client.enrolment(key, owner.address())?;
        let call = enrolCall {
            algorithm: key.algorithm().number(),
            key: Bytes::copy_from_slice(key.bytes()),
            model: "bench".to_owned(),
            calibratedUntil: 0,
            proof: Bytes::copy_from_slice(&device.sign(challenge.as_slice())),
        };
        inputs.push(call.abi_encode().into());
        let device = key.id().0;
        inputs.push(assignCall { device, stream }.abi_encode().into());
    }
    let chain = client.chain_id()?;
    let fees = Fees {
        max_fee_per_gas: 0,
        max_priority_fee_per_gas: 0,
    };
    let latest = (owner.address(), "latest");
    let mut nonce: u64 = client
        .request::<U64>("eth_getTransactionCount", latest)?
        .to();
    for window in inputs.chunks(AT_ONCE) {
        let mut last = B256::ZERO;
        for input in window {
            let draft = Draft::call(DEVICES, input.clone());
            let signed = draft.sign(owner, chain, nonce, GAS, fees)?;
            rpc.call("eth_sendRawTransaction", json!([signed.raw]))?;
            (nonce, last) = (nonce + 1, signed.hash);
        }
        let since = Instant::now();
        while rpc
            .call("eth_getTransactionReceipt", json!([last]))?
            .is_null()
        {
            ensure!(
                since.elapsed() < Duration::from_secs(60),
                "no receipt in a minute"
            );
            thread::sleep(Duration::from_millis(5));
        }
    }
    let enrolled = client.devices_in(stream, 0)?.total;
    ensure!(
        enrolled == devices.len() as u64,
        "{enrolled} devices are in the stream"
    );
    Ok(())
}

fn configure(
    home: &Path,
    url: &str,
    stream: B256,
    account: &Account,
    gateway: &DeviceSecret,
    mqtt: u16,
    http: u16,
) -> eyre::Result<()> {
    fs::create_dir(home)?;
    Keystore::open(&home.join("keystore"))?.store("gateway", account, PASSWORD)?;
    let key = home.join("gateway.key");
    fs::write(&key, write_key(gateway))?;
    fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    let hash = commonhold_gateway::password::Hash::of_random(PASSWORD);
    let text = format!(
        r#"
        data = "data"
        streams = ["{stream}"]
        node = {{ url = "{url}" }}
        account = {{ name = "gateway", keystore = "keystore" }}
        device = {{ key = "gateway.key" }}
        mqtt = {{ listen = "127.0.0.1:{mqtt}" }}
        http = {{ listen = "127.0.0.1:{http}" }}
        batch = {{ seconds = 20 }}
        log = {{ filter = "warn" }}
        bounds = {{ readings_per_second = 100000, burst_readings = 1000000 }}
        [[client]]
        user = "bench"
        password = "{hash}"
        topics = ["readings"]
        connections = {DEVICES_COUNT}
        [[source]]
        topic = "readings"
        adapter = "signed"
        "#
    );
    Ok(fs::write(home.join("gateway.toml"), text)?)
}

fn start(bin: &Path, home: &Path, http: u16) -> eyre::Result<Child> {
    let mut child = Command::new(bin)
        .args(["gateway", "--stop-with-stdin", "--config"])
        .arg(home.join("gateway.toml"))
        .env("COMMONHOLD_PASSPHRASE", PASSWORD)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(fs::File::create(home.join("log"))?)
        .spawn()?;
    let since = Instant::now();
    while status(http).is_err() {
        let ended = child.try_wait()?;
        let log = || fs::read_to_string(home.join("log")).unwrap_or_default();
        ensure!(ended.is_none(), "the gateway ended: {}", log());
        ensure!(
            since.elapsed() < Duration::from_secs(60),
            "the gateway is silent: {}",
            log()
        );
        thread::sleep(Duration::from_millis(20));
    }
    Ok(child)
}

fn status(http: u16) -> eyre::Result<Json> {
    let mut answer = ureq::get(format!("http://127.0.0.1:{http}/status"))
        .header("authorization", format!("Bearer {PASSWORD}"))
        .call()?;
    Ok(serde_json::from_slice(&answer.body_mut().read_to_vec()?)?)
}

/// The PUBLISH packets of each device.
fn sign(devices: &[DeviceSecret]) -> eyre::Result<Vec<Vec<Vec<u8>>>> {
    let now = now_ms();
    let packet = |device: &DeviceSecret, counter: u64| -> eyre::Result<Vec<u8>> {
        let record = |name: &str, unit: &str, mantissa, exponent| Record {
            name: name.to_owned(),
            unit: Some(unit.to_owned()),
            value: Value::Number { mantissa, exponent },
            offset: 0,
        };
        let reading = Reading {
            counter,
            time: now + counter,
            pack: vec![
                record(
                    "energy/import",
                    "kWh",
                    1_234_567 + i64::try_from(counter)?,
                    -3,
                ),
                record("power", "W", 230, 0),
            ],
            nonce: None,
            origin: None,
        };
        let envelope = Envelope::sign(device, reading)?;
        Ok(publish(u16::try_from(counter)?, envelope.bytes()))
    };
    let all = |device| {
        (1..=READINGS)
            .map(|counter| packet(device, counter))
            .collect()
    };
    devices.iter().map(all).collect()
}

/// An MQTT 5 PUBLISH of QoS 1.
fn publish(id: u16, payload: &[u8]) -> Vec<u8> {
    let topic = b"readings";
    let mut body = vec![0, u8::try_from(topic.len()).unwrap_or(0)];
    body.extend_from_slice(topic);
    body.extend_from_slice(&id.to_be_bytes());
    body.push(0);
    body.extend_from_slice(payload);
    packet(0x32, &body)
}

/// An MQTT 5 CONNECT.
fn connect(name: &str) -> Vec<u8> {
    let mut body = vec![0, 4, b'M', b'Q', b'T', b'T', 5, 0xc2, 0, 60, 0];
    for text in [name, "bench", PASSWORD] {
        body.extend_from_slice(&u16::try_from(text.len()).unwrap_or(0).to_be_bytes());
        body.extend_from_slice(text.as_bytes());
    }
    packet(0x10, &body)
}

fn packet(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![kind];
    let mut left = body.len();
    loop {
        let seven = u8::try_from(left % 128).unwrap_or(0);
        left /= 128;
        bytes.push(if left > 0 { seven | 0x80 } else { seven });
        if left == 0 {
            break;
        }
    }
    bytes.extend_from_slice(body);
    bytes
}

/// Reads one packet; its kind and body.
fn read_packet(stream: &mut TcpStream) -> eyre::Result<(u8, Vec<u8>)> {
    let mut one = [0u8];
    stream.read_exact(&mut one)?;
    let [kind] = one;
    let (mut len, mut shift) = (0usize, 0);
    loop {
        stream.read_exact(&mut one)?;
        let [byte] = one;
        len |= usize::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            break;
        }
    }
    let mut body = vec![0; len];
    stream.read_exact(&mut body)?;
    Ok((kind, body))
}

/// Sends everything, a connection and a thread for each device; milliseconds from sending to
/// acknowledged.
fn deliver(port: u16, packets: &[Vec<Vec<u8>>]) -> eyre::Result<Vec<f64>> {
    let device = |number: usize, packets: &[Vec<u8>]| -> eyre::Result<Vec<f64>> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        stream.write_all(&connect(&format!("device-{number}")))?;
        let (kind, body) = read_packet(&mut stream)?;
        ensure!(
            kind == 0x20 && body.get(1) == Some(&0),
            "not let in: {body:?}"
        );
        let mut sent = Vec::with_capacity(packets.len());
        let mut times = Vec::with_capacity(packets.len());
        let mut rest = packets.iter();
        for packet in rest.by_ref().take(usize::try_from(WINDOW)?) {
            sent.push(Instant::now());
            stream.write_all(packet)?;
        }
        while times.len() < packets.len() {
            let (kind, body) = read_packet(&mut stream)?;
            let fine = kind == 0x40 && body.get(2).is_none_or(|code| *code == 0);
            ensure!(fine, "not acknowledged: {kind:02x} {body:?}");
            let since: &Instant = sent
                .get(times.len())
                .ok_or_else(|| eyre!("too many answers"))?;
            times.push(since.elapsed().as_secs_f64() * 1e3);
            if let Some(packet) = rest.next() {
                sent.push(Instant::now());
                stream.write_all(packet)?;
            }
        }
        Ok(times)
    };
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for (number, packets) in packets.iter().enumerate() {
            let builder = thread::Builder::new().stack_size(64 * 1024);
            threads.push(builder.spawn_scoped(scope, move || device(number, packets))?);
        }
        let mut times = Vec::new();
        for thread in threads {
            times.extend(thread.join().map_err(|_| eyre!("a device failed"))??);
        }
        Ok(times)
    })
}
