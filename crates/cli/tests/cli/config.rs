//! `config show`.

use std::fs;

use commonhold_node::config::LOG_FILTER;

use crate::{commonhold, failed, json, ok, run};

#[test]
fn what_is_shown_is_a_configuration_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    fs::write(
        &path,
        "[http]\nlisten = \"127.0.0.1:1234\"\npeers = [\"http://a:1\"]\n",
    )
    .unwrap();
    let config = ["--config", path.to_str().unwrap()];
    let shown = ok(&run(&[&["config", "show"], &config[..]].concat()));
    assert!(
        shown.contains("http.listen = \"127.0.0.1:1234\"\n"),
        "{shown}"
    );
    fs::write(&path, &shown).unwrap();
    assert_eq!(
        ok(&run(&[&["config", "show"], &config[..]].concat())),
        shown
    );
}

#[test]
fn the_origin_of_every_value_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    fs::write(&path, "[limits]\nthreads = 2\npool_mib = 3\n").unwrap();
    let output = commonhold(&["config", "show", "--origin", "--json", "--config"])
        .arg(&path)
        .args([
            "--http-listen",
            "127.0.0.1:9",
            "--set",
            "limits.page_cache_mib=7",
        ])
        .env("COMMONHOLD_LIMITS_POOL_MIB", "5")
        .output()
        .unwrap();
    let shown = json(&output);
    let entry = |name: &str| (shown[name]["value"].clone(), shown[name]["origin"].clone());
    assert_eq!(
        entry("limits.threads"),
        (2.into(), path.to_str().unwrap().into())
    );
    let variable = "environment variable COMMONHOLD_LIMITS_POOL_MIB";
    assert_eq!(entry("limits.pool_mib"), (5.into(), variable.into()));
    assert_eq!(
        entry("http.listen"),
        ("127.0.0.1:9".into(), "command line".into())
    );
    assert_eq!(
        entry("limits.page_cache_mib"),
        (7.into(), "command line".into())
    );
    assert_eq!(entry("log.filter"), (LOG_FILTER.into(), "default".into()));
}

#[test]
fn what_is_wrong_is_wrong_usage() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    let show = ["config", "show", "--config", path.to_str().unwrap()];
    assert!(failed(&run(&show), 2).contains("config.toml"));
    fs::write(&path, "identity_key = \"00\"\n").unwrap();
    assert!(failed(&run(&show), 2).contains("unknown field `identity_key`"));
    failed(&run(&["config", "show", "--set", "http.port=1"]), 2);
    failed(&run(&["config", "show", "--set", "nonsense"]), 2);
    failed(&run(&["config", "show", "--http-listen", "nowhere"]), 2);
}
