#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use super::*;
use std::fs;

fn env(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(k, v)| ((*k).into(), (*v).into()))
        .collect()
}

fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    fs::write(&path, text).unwrap();
    (dir, path)
}

fn refusal(text: &str) -> ConfigError {
    let (_dir, path) = file(text);
    load(Some(&path), [], &[]).unwrap_err()
}

#[test]
fn nothing_set_is_the_default() {
    let loaded = load(None, [], &[]).unwrap();
    assert_eq!(loaded.config, NodeConfig::default());
    assert!(
        loaded
            .settings
            .values()
            .all(|(_, origin)| *origin == Origin::Default)
    );
    assert_eq!(loaded.settings.len(), 22);
}

#[test]
fn the_command_line_beats_the_environment_beats_the_file_beats_the_default() {
    let (_dir, path) = file(
        "[http]\nlisten = \"127.0.0.1:1\"\n[limits]\npool_mib = 2\nthreads = 3\n[log]\nfilter = \"warn\"\n",
    );
    let env = env(&[
        ("COMMONHOLD_HTTP_LISTEN", "127.0.0.1:10"),
        ("COMMONHOLD_LIMITS_POOL_MIB", "20"),
        ("COMMONHOLD_RPC", "not a setting of a node"),
    ]);
    let cli = [("http.listen".to_owned(), "127.0.0.1:100".to_owned())];
    let loaded = load(Some(&path), env, &cli).unwrap();
    assert_eq!(loaded.config.http.listen.port(), 100);
    assert_eq!(loaded.config.limits.pool_mib, 20);
    assert_eq!(loaded.config.limits.threads, 3);
    assert_eq!(loaded.config.limits.page_cache_mib, 64);
    let origin = |name: &str| loaded.settings.get(name).unwrap().1.clone();
    assert_eq!(origin("http.listen"), Origin::CommandLine);
    assert_eq!(
        origin("limits.pool_mib"),
        Origin::Environment("COMMONHOLD_LIMITS_POOL_MIB".into())
    );
    assert_eq!(origin("limits.threads"), Origin::File(path));
    assert_eq!(origin("limits.page_cache_mib"), Origin::Default);
}

#[test]
fn paths_of_the_file_are_relative_to_it_and_others_to_the_working_directory() {
    let (dir, path) = file("data = \"elsewhere\"\nshare = \"/absolute/share.key\"\n");
    let cli = [("genesis".to_owned(), "here.json".to_owned())];
    let config = load(Some(&path), [], &cli).unwrap().config;
    assert_eq!(config.data, dir.path().join("elsewhere"));
    assert_eq!(config.identity, dir.path().join("identity.key"));
    assert_eq!(config.share, Path::new("/absolute/share.key"));
    assert_eq!(config.genesis, Path::new("here.json"));
}

#[test]
fn a_list_and_a_map_are_one_setting_each() {
    let key = B256::repeat_byte(7);
    let (_dir, path) = file(&format!(
        "[p2p.endpoints]\n\"{key}\" = \"a.example:9701\"\n"
    ));
    let loaded = load(Some(&path), [], &[]).unwrap();
    assert_eq!(
        loaded.config.p2p.endpoints.get(&key).unwrap(),
        "a.example:9701"
    );
    let env = env(&[
        ("COMMONHOLD_P2P_ENDPOINTS", &format!("{key}=b.example:1")),
        (
            "COMMONHOLD_HTTP_PEERS",
            "http://127.0.0.1:8546, http://127.0.0.1:8547",
        ),
    ]);
    let config = load(Some(&path), env, &[]).unwrap().config;
    assert_eq!(config.p2p.endpoints.get(&key).unwrap(), "b.example:1");
    assert_eq!(config.http.peers.len(), 2);
}

#[test]
fn what_is_written_is_read_back() {
    let mut config = NodeConfig::default();
    config
        .p2p
        .endpoints
        .insert(B256::repeat_byte(1), "host:1".into());
    config.log.format = LogFormat::Json;
    config.http.peers = vec!["http://127.0.0.1:8546".into()];
    let (dir, path) = file(&config.to_toml().unwrap());
    let read = NodeConfig::read(&path).unwrap();
    assert_eq!(read.genesis, dir.path().join("genesis.json"));
    assert_eq!(
        (read.p2p, read.log, read.http),
        (config.p2p, config.log, config.http)
    );
}

#[test]
fn a_wrong_file_is_refused_with_its_line() {
    for (text, part) in [
        ("colour = 1\n", "unknown field `colour`"),
        ("[http]\nport = 1\n", "unknown field `port`"),
        ("[limits]\nthreads = -1\n", "threads"),
        ("[http]\nlisten = \"localhost\"\n", "listen"),
        ("genesis = \n", "line 1"),
        ("http = 3\n", "http"),
        ("identity_key = \"c0ffee\"\n", "unknown field"),
    ] {
        let error = refusal(text);
        assert!(
            matches!(error, ConfigError::Malformed { .. }),
            "{text}: {error}"
        );
        assert!(error.to_string().contains(part), "{text}: {error}");
    }
    let long = format!("# {}\n", "x".repeat(1024 * 1024));
    assert!(refusal(&long).to_string().contains("CONFIG_BYTES_MAX"));
    assert!(matches!(
        load(Some(Path::new("/absent")), [], &[]),
        Err(ConfigError::Io { .. })
    ));
}

#[test]
fn a_value_out_of_range_names_its_setting() {
    for (text, setting) in [
        ("[limits]\npage_cache_mib = 0\n", "limits.page_cache_mib"),
        (
            "[limits]\npool_transactions = 1000001\n",
            "limits.pool_transactions",
        ),
        ("[limits]\nthreads = 257\n", "limits.threads"),
        (
            "[limits]\ndisk_reserve_mib = 1048577\n",
            "limits.disk_reserve_mib",
        ),
        (
            "[limits]\naccount_quota_mib = 0\n",
            "limits.account_quota_mib",
        ),
        ("[limits]\nabsent_blocks = 0\n", "limits.absent_blocks"),
        ("[http]\nallowed_hosts = []\n", "http.allowed_hosts"),
        ("[http]\npeers = [\"ftp://x\"]\n", "http.peers"),
        ("[http]\npeers = [\"http://\"]\n", "http.peers"),
    ] {
        let error = refusal(text);
        assert!(
            matches!(error, ConfigError::Range { setting: s, .. } if s == setting),
            "{error}"
        );
    }
    let many = vec!["\"http://x\""; limits::CONFIG_ENTRIES_MAX + 1].join(",");
    assert!(
        refusal(&format!("[http]\npeers = [{many}]\n"))
            .to_string()
            .contains("http.peers")
    );
    for endpoint in ["", "host", "host:0", "host:x", ":1", "a b:1", "host:70000"] {
        let text = format!("[p2p.endpoints]\n\"{}\" = \"{endpoint}\"\n", B256::ZERO);
        assert!(
            matches!(refusal(&text), ConfigError::Range { .. }),
            "{endpoint}"
        );
    }
}

#[test]
fn a_wrong_variable_or_argument_names_itself() {
    let bad = load(None, env(&[("COMMONHOLD_LIMITS_THREADS", "many")]), &[]).unwrap_err();
    let text = bad.to_string();
    assert!(
        text.starts_with("environment variable COMMONHOLD_LIMITS_THREADS"),
        "{text}"
    );
    let bad = load(None, env(&[("COMMONHOLD_LOG_FORMAT", "xml")]), &[]).unwrap_err();
    assert!(matches!(bad, ConfigError::Value { .. }), "{bad}");
    let cli = |k: &str, v: &str| load(None, [], &[(k.to_owned(), v.to_owned())]).unwrap_err();
    assert!(matches!(cli("http.port", "1"), ConfigError::Unknown(_)));
    assert!(matches!(cli("http", "1"), ConfigError::Unknown(_)));
    let bad = cli("http.listen", "nowhere");
    assert!(
        bad.to_string()
            .starts_with("command line: http.listen cannot be \"nowhere\""),
        "{bad}"
    );
}
