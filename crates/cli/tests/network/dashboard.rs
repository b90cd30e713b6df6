//! Every metric that the dashboard asks for is one that a node reports.

use std::collections::BTreeSet;

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
        // A counter with labels appears with its first event; its description is there from the start.
        let family = name.trim_end_matches("_total").trim_end_matches("_bucket");
        let told = text
            .lines()
            .any(|line| line.starts_with(&format!("# TYPE {family} ")));
        assert!(told, "no node reports {name}");
    }
}
