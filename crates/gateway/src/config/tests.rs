//! What a configuration may say.

use super::*;

const HEAD: &str = r#"
data = "data"
streams = ["0x5151515151515151515151515151515151515151515151515151515151515151"]
account = { name = "gateway" }
device = { key = "gateway.key" }
"#;

fn parse(more: &str) -> Result<Config, ConfigError> {
    Config::parse(
        &format!("{HEAD}{more}"),
        Path::new("/etc/gateway/gateway.toml"),
    )
}

#[test]
fn the_example_is_one_and_paths_are_the_files_own() {
    let example = Config::parse(EXAMPLE, Path::new("/etc/gateway/gateway.toml")).unwrap();
    assert_eq!(example.data, Path::new("/etc/gateway/gateway-data"));
    assert_eq!(example.sources.len(), 4);
    // What it shows is what holds where nothing is said.
    let bare = parse("").unwrap();
    assert_eq!(
        bare.bounds.late_max_seconds,
        example.bounds.late_max_seconds
    );
    assert_eq!(bare.batch.readings, example.batch.readings);
    assert_eq!(bare.store.bytes_max, example.store.bytes_max);
    assert_eq!(bare.mqtt.listen, example.mqtt.listen);
    assert_eq!(bare.http.listen, example.http.listen);
}

#[test]
fn an_error_names_the_line_or_the_setting() {
    for (more, why) in [
        ("bounds = { late = 1 }", "line 6"),
        (
            "[[client]]\nuser = \"a\"\npassword = \"secret\"\ntopics = [\"#\"]",
            "line 8",
        ),
        ("[[source]]\ntopic = \"a\"\nadapter = \"csv\"", "line 8"),
        (
            "[[source]]\ntopic = \"a\"\nadapter = \"senml\"",
            "say the source's name",
        ),
        (
            "[[source]]\ntopic = \"{a}\"\nadapter = \"senml\"",
            "{device} once",
        ),
        (
            "bounds = { future_max_seconds = 7200 }",
            "the ledger takes at most 3600",
        ),
        ("batch = { readings = 8193 }", "1 to 8192"),
        ("batch = { seconds = 0 }", "at least 1"),
    ] {
        let error = parse(more).unwrap_err().to_string();
        assert!(
            error.contains(why) && error.contains("gateway.toml"),
            "{error}"
        );
    }
    let client = |user: &str, topic: &str| {
        let digest = "00".repeat(32);
        format!(
            "[[client]]\nuser = \"{user}\"\npassword = \"$sha256${digest}\"\ntopics = [\"{topic}\"]\n"
        )
    };
    assert!(parse(&client("a", "a/#")).is_ok());
    for (more, why) in [
        (client("", "a"), "1 to 128 bytes"),
        (client("a", "a#"), "no topic filter"),
        ([client("a", "a"), client("a", "b")].concat(), "twice"),
    ] {
        let error = parse(&more).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
    let none = HEAD.replace(
        "0x5151515151515151515151515151515151515151515151515151515151515151",
        "",
    );
    assert!(Config::parse(&none.replace("\"\"", ""), Path::new("g")).is_err());
}
