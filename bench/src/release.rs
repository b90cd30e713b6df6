//! Health records out: what a decision costs, and how long it takes from a request that standing consent
//! permits to the readable file, by the command line as people use it.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
    time::Instant,
};

use alloy_primitives::{B256, U64, U256, keccak256};
use alloy_sol_types::SolCall as _;
use commonhold_health_contract::{
    ADDRESS,
    codes::{ALL_NORMAL, class_bit},
    interface::IHealth::{Ask, Class, Purpose, Sensitivity, decideRequestCall},
};
use commonhold_primitives::system::ACCOUNTS;
use commonhold_sdk::{Account, Client, transaction::Draft};
use commonhold_system::accounts::interface::IAccounts::isRegisteredCall;
use eyre::{ensure, eyre};
use serde_json::{Value, json};

use crate::{
    Args,
    load::quantile,
    network::Network,
    report::{Bar, Report},
};

/// Requests that are timed.
const REQUESTS: usize = 20;
/// Calls that are timed.
const CALLS: usize = 200;
/// Observations that make a slice of a little more than one MB.
const OBSERVATIONS: usize = 1_700;
/// Milliseconds beyond finality in which the file is to be there.
const BEYOND_FINALITY: f64 = 500.0;
/// Seconds for which a decision is asked for.
const ASKED_FOR: u64 = 86_400;

/// People with a keystore beside a node.
struct People<'a> {
    bin: &'a Path,
    dir: &'a Path,
    url: &'a str,
}

impl People<'_> {
    fn say(&self, words: &[&str]) -> eyre::Result<String> {
        let Output {
            status,
            stdout,
            stderr,
        } = Command::new(self.bin)
            .args(words)
            .env("COMMONHOLD_RPC", self.url)
            .env("COMMONHOLD_PASSPHRASE", "measured")
            .env("COMMONHOLD_KEYSTORE", self.dir.join("keystore"))
            .output()?;
        let said = String::from_utf8_lossy(&stderr);
        ensure!(status.success(), "{words:?}: {said}");
        Ok(String::from_utf8(stdout)?)
    }

    /// A hospital, a clinician, and a patient with a slice of one MB that is open to clinicians.
    fn come(&self, network: &Path, bundle: &Path) -> eyre::Result<()> {
        let key = network.join("member-1/account.key");
        self.say(&["account", "import", "clinic", text(&key)?])?;
        for name in ["anna", "clara"] {
            self.say(&["account", "new", name])?;
            self.say(&["account", "register", name])?;
        }
        let attest = ["account", "role", "attest", "clinician", "--to", "clara"];
        self.say(&[&attest[..], &["--account", "clinic"]].concat())?;
        self.say(&["health", "import", text(bundle)?, "--account", "anna"])?;
        let permit = "health consent set --purpose treatment --classes labs --to role:clinician \
                      --duo DUO:0000004 --standing --veto 0 --account anna";
        self.say(&permit.split_whitespace().collect::<Vec<_>>())?;
        Ok(())
    }
}

fn text(path: &Path) -> eyre::Result<&str> {
    path.to_str().ok_or_else(|| eyre!("an unreadable path"))
}

/// A bundle whose observations make one slice of a little more than one MB.
fn bundle() -> Value {
    let code = |system: &str, code: &str| json!({ "coding": [{ "system": system, "code": code }] });
    let category = "http://terminology.hl7.org/CodeSystem/observation-category";
    let entry = |id: String, resource: Value| {
        let request = json!({ "method": "PUT", "url": id });
        json!({ "fullUrl": format!("http://example.org/{id}"), "resource": resource, "request": request })
    };
    let patient = json!({ "resourceType": "Patient", "id": "p1", "birthDate": "1980-01-01" });
    let mut entries = vec![entry("Patient/p1".to_owned(), patient)];
    entries.extend((0..OBSERVATIONS).map(|n| {
        let observation = json!({
            "resourceType": "Observation",
            "id": format!("o{n}"),
            "status": "final",
            "category": [code(category, "laboratory")],
            "code": code("http://loinc.org", "2339-0"),
            "subject": { "reference": "Patient/p1" },
            "effectiveDateTime": "2024-01-01T00:00:00Z",
            "valueQuantity": { "value": n % 200, "unit": "mg/dL" },
            "note": [{ "text": "-".repeat(200) }],
        });
        entry(format!("Observation/o{n}"), observation)
    }));
    json!({ "resourceType": "Bundle", "type": "transaction", "entry": entries })
}

/// Milliseconds that something takes, sorted.
fn times(count: usize, mut what: impl FnMut(usize) -> eyre::Result<()>) -> eyre::Result<Vec<f64>> {
    let mut times = Vec::new();
    for n in 0..count {
        let since = Instant::now();
        what(n)?;
        times.push(since.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    Ok(times)
}

/// What a decision by consent and DUO costs.
fn decision(report: &mut Report, client: &Client, people: &People<'_>) -> eyre::Result<()> {
    let address = |name: &str| -> eyre::Result<alloy_primitives::Address> {
        let shown = people.say(&["account", "show", name, "--json"])?;
        let shown: Value = serde_json::from_str(&shown)?;
        let address = shown.get("address").and_then(Value::as_str);
        Ok(address.ok_or_else(|| eyre!("no address"))?.parse()?)
    };
    let (clara, anna) = (address("clara")?, address("anna")?);
    let until = client.block_time()? + ASKED_FOR;
    let call = |classes| decideRequestCall {
        requester: clara,
        ask: Ask {
            study: 0,
            purpose: Purpose::Treatment,
            classes,
            until,
            uses: 0,
            reason: B256::ZERO,
        },
        subject: anna,
    };
    report.part("Four members, idle: a decision by consent and DUO");
    let known = isRegisteredCall { account: anna };
    let empty = times(CALLS, |_| Ok(client.call(ACCOUNTS, &known).map(drop)?))?;
    let beside = format!(
        "a view that decides nothing: p50 {:.2} ms",
        quantile(&empty, 0.5)
    );
    let labs = class_bit(Class::Labs, Sensitivity::Normal);
    for (name, classes) in [("one class", labs), ("every normal class", ALL_NORMAL)] {
        let call = call(classes);
        let draft = Draft::call(ADDRESS, call.abi_encode().into());
        let spent: U64 = client.request("eth_estimateGas", (draft.request(clara),))?;
        report.figure(
            &format!("{name}: as a transaction"),
            spent.to::<u64>() as f64,
            "gas",
            Bar::None,
            "",
        )?;
        let took = times(CALLS, |_| Ok(client.call(ADDRESS, &call).map(drop)?))?;
        let p50 = quantile(&took, 0.5);
        report.figure(
            &format!("{name}: asked, p50"),
            p50,
            "ms",
            Bar::None,
            &beside,
        )?;
    }
    Ok(())
}

pub(crate) fn run(report: &mut Report, args: &Args) -> eyre::Result<()> {
    let temp = tempfile::tempdir()?;
    let dir = temp.path();
    let network = Network::up(&args.bin, &dir.join("network"), 4)?;
    let url = network.urls.first().ok_or_else(|| eyre!("no member"))?;
    let people = People {
        bin: &args.bin,
        dir,
        url,
    };
    let file = dir.join("bundle.json");
    fs::write(&file, bundle().to_string())?;
    people.come(&network.dir, &file)?;
    let client = Client::new(url)?;
    decision(report, &client, &people)?;

    let account = Account::from_secret(keccak256("bench release").as_slice())?;
    let draft = Draft::transfer(account.address(), U256::ZERO);
    let final_after = times(REQUESTS, |_| {
        Ok(client.send(&account, draft.clone()).map(drop)?)
    })?;
    let mut bytes = 0;
    let took = times(REQUESTS, |n| {
        let ask = "health request --from anna --purpose treatment --classes labs --account clara";
        let number = people.say(&ask.split(' ').collect::<Vec<_>>())?;
        let into = dir.join(format!("out-{n}"));
        let fetch = ["health", "fetch", number.trim(), "--account", "clara", "-o"];
        people.say(&[&fetch[..], &[text(&into)?]].concat())?;
        for entry in fs::read_dir(into)? {
            bytes = entry?.metadata()?.len();
        }
        Ok(())
    })?;
    ensure!(bytes >= 1_000_000, "a slice of {bytes} bytes");
    report.part(
        "Four members, idle: from a request under standing consent to a readable file of 1 MB, by commands",
    );
    let finality = quantile(&final_after, 0.5);
    let beside = format!(
        "finality p50 {finality:.0} ms, twice; to a key: Calypso 0.2 to 8 s, Threshold TACo 3.5 to 20 s"
    );
    let bar = Bar::AtMost(finality + BEYOND_FINALITY);
    report.figure("p50", quantile(&took, 0.5), "ms", bar, &beside)?;
    report.figure("p95", quantile(&took, 0.95), "ms", bar, "")?;
    network.stop()
}
