//! Every metric that the dashboard asks for is one that a node reports.

use std::collections::BTreeSet;

use alloy_primitives::{Address, B256, Bytes, U256};
use commonhold_node::devnet::accounts::WELL_KNOWN;
use commonhold_sdk::{Account, Client, transaction::Draft};

use crate::Up;

const DASHBOARD: &str = include_str!("../../../../ops/grafana/commonhold.json");

/// The names of metrics in a query: words with an underscore that are neither functions nor labels.
fn names(query: &str) -> BTreeSet<String> {
    query
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .filter(|word| word.contains('_') && *word != "histogram_quantile")
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_dashboard_asks_for_what_there_is() {
    let dir = tempfile::tempdir().unwrap();
    let up = Up::start(dir.path(), &["--members", "1"]);
    // Counters by label appear with their first event: one transaction taken, one refused.
    let client = Client::new(&up.url(0)).unwrap();
    let secret: B256 = WELL_KNOWN[0].private_key.parse().unwrap();
    let account = Account::from_secret(secret.as_slice()).unwrap();
    let draft = Draft::transfer(Address::repeat_byte(1), U256::from(1));
    let receipt = client.send(&account, draft).unwrap();
    let raw = client.request::<Bytes>("eth_getRawTransactionByHash", (receipt.transaction_hash,));
    let again = client.request::<B256>("eth_sendRawTransaction", (raw.unwrap(),));
    assert!(again.is_err(), "a transaction was taken twice");
    let mut answer = ureq::get(format!("{}/metrics", up.url(0))).call().unwrap();
    let text = answer.body_mut().read_to_string().unwrap();
    let dashboard: serde_json::Value = serde_json::from_str(DASHBOARD).unwrap();
    let mut asked = BTreeSet::new();
    for panel in dashboard["panels"].as_array().unwrap() {
        for target in panel["targets"].as_array().unwrap() {
            asked.extend(names(target["expr"].as_str().unwrap()));
        }
    }
    assert!(
        asked.len() > 12,
        "the dashboard was not understood: {asked:?}"
    );
    for name in asked {
        let family = name.trim_end_matches("_total").trim_end_matches("_bucket");
        let told = text
            .lines()
            .any(|line| line.starts_with(&format!("# TYPE {family} ")));
        assert!(told, "no node reports {name}");
    }
}
