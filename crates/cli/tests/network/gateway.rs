//! A gateway between devices and a running network.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{SystemTime, UNIX_EPOCH},
};

use alloy_primitives::B256;
use commonhold_sdk::{
    Account, Client, Keystore,
    devices::Description,
    reading::{Algorithm, Batch, DeviceKey, DeviceSecret, Envelope, Reading, Record, Value},
    readings::write_key,
};
use rustix::process::{Signal, kill_process};
use serde_json::Value as Json;

use crate::{CANARY, commonhold, nodes, ok, person, pid};

/// A password that the gateway made.
const PASSWORD: &str = "6f2c";
/// `$sha256$` of it.
const HASH: &str = "$sha256$14174767530b755cbd62f3cc445d01472892370d6cbf93550fd4f6ae0a08f8e0";

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    u64::try_from(since.as_millis()).unwrap()
}

fn secret(number: u8, algorithm: Algorithm) -> DeviceSecret {
    DeviceSecret::from_bytes(algorithm, &[number; 32]).unwrap()
}

fn reading(secret: &DeviceSecret, counter: u64) -> Envelope {
    let reading = Reading {
        counter,
        time: now_ms(),
        pack: vec![Record {
            name: "energy".to_owned(),
            unit: Some("kWh".to_owned()),
            value: Value::Number {
                mantissa: i64::try_from(counter).unwrap(),
                exponent: -3,
            },
            offset: 0,
        }],
        nonce: None,
        origin: None,
    };
    Envelope::sign(secret, reading).unwrap()
}

/// A gateway's files, and who is who on the ledger.
struct Place {
    dir: PathBuf,
    owner: Account,
    stream: B256,
    http: u16,
}

impl Place {
    /// Opens a stream, enrols devices and a source, and writes the gateway's files.
    fn new(dir: &Path, client: &Client, devices: &[&DeviceSecret], http: u16) -> Self {
        let (owner, account) = (nodes::account(0), nodes::account(1));
        client.ensure_registered(&owner, "owner").unwrap();
        client.ensure_registered(&account, "house-gateway").unwrap();
        client
            .open_stream(&owner, "house", account.address())
            .unwrap();
        let stream = client.streams_of(owner.address(), 0).unwrap().items[0];
        let model = Description {
            model: "test".to_owned(),
            calibrated_until: 0,
        };
        let gateway = secret(200, Algorithm::Ed25519);
        client.enrol(&owner, &gateway, &model).unwrap();
        for device in devices {
            client.enrol(&owner, device, &model).unwrap();
            client
                .assign_device(&owner, device.key().id(), stream)
                .unwrap();
        }
        client
            .enrol_source(&owner, gateway.key().id(), "plug", &model)
            .unwrap();
        let plug = DeviceKey::source(gateway.key().id(), "plug").unwrap();
        client.assign_device(&owner, plug.id(), stream).unwrap();

        let keystore = Keystore::open(&dir.join("keystore")).unwrap();
        keystore.store("gateway", &account, CANARY).unwrap();
        keystore.store("owner", &owner, CANARY).unwrap();
        let key = dir.join("gateway.key");
        fs::write(&key, write_key(&gateway)).unwrap();
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        fs::set_permissions(&key, private).unwrap();
        let url = client.url();
        let config = format!(
            r#"
            data = "gateway-data"
            streams = ["{stream}"]
            node = {{ url = "{url}" }}
            account = {{ name = "gateway", keystore = "keystore" }}
            device = {{ key = "gateway.key" }}
            mqtt = {{ listen = "127.0.0.1:{mqtt}" }}
            http = {{ listen = "127.0.0.1:{http}" }}
            batch = {{ seconds = 1, readings = 40 }}
            [[client]]
            user = "house"
            password = "{HASH}"
            topics = ["readings/#", "tele/+/SENSOR", "sources/+"]
            [[source]]
            topic = "readings/#"
            adapter = "signed"
            [[source]]
            topic = "tele/{{device}}/SENSOR"
            adapter = "tasmota"
            "#,
            mqtt = http + 1,
        );
        fs::write(dir.join("gateway.toml"), config).unwrap();
        Self {
            dir: dir.to_owned(),
            owner,
            stream,
            http,
        }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.http)
    }

    /// Starts the gateway and waits until it answers.
    fn start(&self) -> Child {
        let log = fs::File::options()
            .append(true)
            .create(true)
            .open(self.dir.join("gateway.log"));
        let mut gateway = commonhold(&self.dir)
            .args(["gateway", "--config", "gateway.toml"])
            .env("COMMONHOLD_PASSPHRASE", CANARY)
            .stdout(Stdio::null())
            .stderr(log.unwrap())
            .spawn()
            .unwrap();
        loop {
            if let Some(ended) = gateway.try_wait().unwrap() {
                panic!(
                    "{ended}: {}",
                    fs::read_to_string(self.dir.join("gateway.log")).unwrap()
                );
            }
            if ureq::get(self.url("/health")).call().is_ok() {
                return gateway;
            }
            thread::yield_now();
        }
    }

    /// Sends readings. Whether they were acknowledged.
    fn send(&self, path: &str, body: &[u8]) -> Option<Json> {
        let sent = ureq::post(self.url(path))
            .header("authorization", format!("Bearer {PASSWORD}"))
            .config()
            .http_status_as_error(false)
            .build()
            .send(body);
        let mut answer = sent.ok()?;
        let told = answer.body_mut().read_to_string().ok()?;
        let told: Json = serde_json::from_str(&told).unwrap();
        assert_eq!(answer.status(), 200, "{told}");
        Some(told)
    }

    fn status(&self) -> Json {
        let mut answer = ureq::get(self.url("/status"))
            .header("authorization", format!("Bearer {PASSWORD}"))
            .call()
            .unwrap();
        serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap()
    }

    fn anchored(&self, client: &Client) -> u64 {
        let anchors = client.anchors(self.stream, 0).unwrap().items;
        anchors.iter().map(|anchor| u64::from(anchor.count)).sum()
    }

    fn command(&self, args: &[&str], rpc: &str) -> Command {
        let mut command = person(&self.dir, args, rpc);
        command.env("COMMONHOLD_ACCOUNT", "owner");
        command
    }
}

fn kill(gateway: &mut Child) {
    kill_process(pid(gateway.id()), Signal::KILL).unwrap();
    gateway.wait().unwrap();
}

#[test]
fn a_killed_gateway_loses_nothing_and_anchors_nothing_twice() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    let (network, mut running) = nodes::running(dir, 25_300);
    let client = Client::new(&network.members[0].url()).unwrap();
    let devices = [
        secret(1, Algorithm::Ed25519),
        secret(2, Algorithm::P256),
        secret(3, Algorithm::Secp256k1),
    ];
    let place = Place::new(dir, &client, &devices.each_ref(), 25_450);
    let mut gateway = place.start();
    let mut sent = BTreeSet::new();
    for counter in 1..=60u64 {
        let group = devices.each_ref().map(|device| reading(device, counter));
        let body = group.each_ref().map(Envelope::bytes).concat();
        sent.extend(group.iter().map(|one| (one.subject(), counter)));
        let send = || place.send("/readings", &body).is_some();
        let mut acknowledged = if counter % 12 == 7 {
            // At some instant while it is at work.
            let at_once = thread::scope(|scope| {
                let killing = scope.spawn(|| kill(&mut gateway));
                let at_once = send();
                killing.join().unwrap();
                at_once
            });
            gateway = place.start();
            // What it acknowledged it has; some of it comes twice all the same, as devices do.
            at_once && counter % 24 != 7
        } else {
            send()
        };
        // Whatever was not acknowledged is sent again.
        while !acknowledged {
            acknowledged = send();
        }
        match counter {
            // The gateway's node goes away, and comes back.
            25 => nodes::stop(&mut running[0]),
            45 => {
                running[0] = nodes::start(dir, &network.members[0]);
                nodes::wait_for_answer(&mut running[0], &network.members[0]).unwrap();
            }
            _ => {}
        }
    }
    let time = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ");
    let message = format!(r#"{{"Time":"{time}","ENERGY":{{"Total":1.250,"Power":60}}}}"#);
    let plug = "/sources/plug?adapter=tasmota";
    assert_eq!(place.send(plug, message.as_bytes()).unwrap()["accepted"], 1);
    assert_eq!(
        place.send(plug, message.as_bytes()).unwrap()["duplicates"],
        1
    );
    // Once more in the middle of what it does with the ledger.
    kill(&mut gateway);
    gateway = place.start();
    nodes::wait_until(|| place.anchored(&client) >= 181);
    assert_eq!(place.anchored(&client), 181);
    let status = place.status();
    assert_eq!(status["counts"]["valid"], 181, "{status}");
    assert!(
        status["counts"]["duplicates"].as_u64().unwrap() >= 1,
        "{status}"
    );
    nodes::wait_until(|| place.status()["waiting"]["readings"] == 0);

    // Its owner opens every batch, and finds each reading once.
    let rpc = network.members[2].url();
    let mut found = BTreeSet::new();
    let anchors = client.anchors(place.stream, 0).unwrap().items;
    for anchor in &anchors {
        let record = anchor.record.to_string();
        let open = [
            "record",
            "open",
            &record,
            "-o",
            "batch.cbor",
            "--purpose",
            "CHECK",
        ];
        ok(&place.command(&open, &rpc).output().unwrap());
        let batch = Batch::decode(&fs::read(dir.join("batch.cbor")).unwrap()).unwrap();
        assert_eq!((batch.root(), batch.count()), (anchor.root, anchor.count));
        for entry in batch.entries() {
            assert!(found.insert(entry.key()));
        }
        fs::rename(dir.join("batch.cbor"), dir.join("last.cbor")).unwrap();
    }
    assert!(sent.is_subset(&found));
    assert_eq!(found.len(), 181);
    // And proves one to anybody, without a network.
    let record = anchors.last().unwrap().record.to_string();
    let prove = [
        "reading",
        "prove",
        "last.cbor",
        "--record",
        &record,
        "--index",
        "0",
    ];
    let proof = ["-o", "reading.json"];
    ok(&place.command(&prove, &rpc).args(proof).output().unwrap());
    let key = client.network_key().unwrap();
    let key = alloy_primitives::hex::encode_prefixed(commonware_codec::Encode::encode(&key));
    let verify = ["verify", "reading.json", "--network-key", &key];
    let said = ok(&place
        .command(&verify, "http://127.0.0.1:1")
        .output()
        .unwrap());
    assert!(said.contains("kWh"), "{said}");

    // Days become slices that are under health's law, each once.
    let device = devices[1].key().id().to_string();
    let import = |day: &str| {
        let args = ["health", "import", "--stream", &device, "--day", day];
        let told = ok(&place.command(&args, &rpc).arg("--json").output().unwrap());
        let told: Json = serde_json::from_str(&told).unwrap();
        told["days"].clone()
    };
    let days: BTreeSet<u32> = anchors.iter().map(|anchor| anchor.day).collect();
    let date = |day: u32| {
        let time = jiff::Timestamp::from_second(i64::from(day) * 86_400).unwrap();
        time.strftime("%Y-%m-%d").to_string()
    };
    let mut readings = 0;
    for day in days.into_iter().map(date) {
        let told = import(&day);
        assert_eq!(told[0]["day"], day.as_str(), "{told}");
        readings += told[0]["resources"].as_u64().unwrap();
        let again = import(&day);
        assert_eq!(again[0]["record"], told[0]["record"]);
        assert_eq!(again[0]["before"], true);
        let record = told[0]["record"].as_str().unwrap();
        let open = ["record", "open", record, "-o", "day.ndjson"];
        ok(&place.command(&open, &rpc).output().unwrap());
        let text = fs::read_to_string(dir.join("day.ndjson")).unwrap();
        fs::remove_file(dir.join("day.ndjson")).unwrap();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let line: Json = serde_json::from_str(line).unwrap();
            let signed = alloy_primitives::hex::decode(line["signed"].as_str().unwrap()).unwrap();
            let signed = Envelope::parse(&signed).unwrap();
            signed.verify(devices[1].key()).unwrap();
            assert_eq!(signed.reading().counter, line["counter"].as_u64().unwrap());
        }
    }
    assert_eq!(readings, 60);

    // A device that is revoked is refused from then on.
    client
        .revoke_device(&place.owner, devices[0].key().id(), B256::ZERO)
        .unwrap();
    let refused = || {
        let body = reading(&devices[0], 1_000).bytes().to_vec();
        let sent = ureq::post(place.url("/readings"))
            .header("authorization", format!("Bearer {PASSWORD}"))
            .send(&body);
        matches!(sent, Err(ureq::Error::StatusCode(403)))
    };
    nodes::wait_until(refused);
    assert!(
        place.status()["counts"]["refused"]["revoked"]
            .as_u64()
            .unwrap()
            >= 1
    );
    kill_process(pid(gateway.id()), Signal::TERM).unwrap();
    assert_eq!(gateway.wait().unwrap().code(), Some(0));
    running.iter_mut().for_each(nodes::stop);
}
