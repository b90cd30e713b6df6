//! Who may ask: `Host` × `Origin` × method × content type.

use commonhold_rpc::Config;
use serde_json::{Value, json};

use crate::support::Node;

fn node() -> Node {
    Node::with(Config {
        hosts: vec!["node.example".into()],
        origins: vec!["https://explorer.example".into()],
        ..Config::default()
    })
}

/// The status of a request with these headers.
fn status(node: &Node, method: &str, host: &str, origin: Option<&str>, kind: &str) -> u16 {
    let host = host.replace("PORT", &node.port.to_string());
    let origin = origin.map(|origin| origin.replace("PORT", &node.port.to_string()));
    let mut headers = vec![("host", host.as_str())];
    headers.extend(origin.as_deref().map(|origin| ("origin", origin)));
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "eth_chainId" }).to_string();
    if method == "POST" {
        headers.push(("content-type", kind));
        return node.send(method, "/", &headers, body.as_bytes()).status;
    }
    node.send(method, "/api/network", &headers, b"").status
}

const JSON: &str = "application/json";

#[test]
fn hosts_are_checked_before_anything_else() {
    let node = node();
    for (host, want) in [
        ("127.0.0.1:PORT", 200),
        ("localhost:PORT", 200),
        ("LOCALHOST", 200),
        ("node.localhost:1", 200),
        ("[::1]:PORT", 200),
        ("node.example", 200),
        ("node.example.:8545", 200),
        ("evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("localhost.evil.example", 403),
        ("10.1.2.3", 403),
        ("169.254.169.254", 403),
        ("node.example.evil.example", 403),
    ] {
        assert_eq!(status(&node, "POST", host, None, JSON), want, "POST {host}");
        assert_eq!(status(&node, "GET", host, None, ""), want, "GET {host}");
    }
    // Not even what is not there is told to a stranger.
    let stranger = [("host", "evil.example")];
    assert_eq!(node.send("GET", "/nothing", &stranger, b"").status, 403);
}

#[test]
fn pages_from_elsewhere_cannot_write() {
    let node = node();
    for (origin, post) in [
        (None, 200),
        (Some("http://127.0.0.1:PORT"), 200),
        (Some("https://explorer.example"), 200),
        (
            Some("chrome-extension://nkbihfbeogaeaoehlefnkodbefgpgknn"),
            200,
        ),
        (Some("moz-extension://b1d1b1a0"), 200),
        (Some("http://127.0.0.1:1"), 403),
        (Some("http://localhost:PORT"), 403),
        (Some("https://evil.example"), 403),
        (Some("https://explorer.example.evil.example"), 403),
        (Some("null"), 403),
    ] {
        assert_eq!(
            status(&node, "POST", "127.0.0.1:PORT", origin, JSON),
            post,
            "{origin:?}"
        );
        // Reading is harmless without CORS: the page does not get to see the answer.
        assert_eq!(
            status(&node, "GET", "127.0.0.1:PORT", origin, ""),
            200,
            "{origin:?}"
        );
    }
}

#[test]
fn only_configured_origins_get_cors() {
    let node = node();
    let headers = |origin| [("host", "localhost"), ("origin", origin)];
    let allowed = node.send(
        "GET",
        "/api/network",
        &headers("https://explorer.example"),
        b"",
    );
    assert_eq!(
        allowed.headers["access-control-allow-origin"],
        "https://explorer.example"
    );
    let preflight = node.send("OPTIONS", "/", &headers("https://explorer.example"), b"");
    assert_eq!(preflight.status, 204);
    let other = node.send("GET", "/api/network", &headers("https://evil.example"), b"");
    assert!(!other.headers.contains_key("access-control-allow-origin"));
    let preflight = node.send("OPTIONS", "/", &headers("https://evil.example"), b"");
    assert_eq!(preflight.status, 403);
}

#[test]
fn json_must_be_called_json() {
    let node = node();
    for (kind, want) in [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data", 415),
        ("", 415),
    ] {
        assert_eq!(
            status(&node, "POST", "localhost", None, kind),
            want,
            "{kind}"
        );
    }
}

#[test]
fn the_page_brings_everything_itself() {
    let node = Node::start();
    // Whether the app was built or not: what is served there may do the same.
    let page = node.get("/");
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert_eq!(page.headers["x-content-type-options"], "nosniff");
    assert_eq!(page.headers["referrer-policy"], "no-referrer");
    let text = page.text();
    assert!(!text.contains("http://") && !text.contains("https://"));
    assert_eq!(node.get("/nothing.js").status, 404);
    assert_eq!(node.get("/nothing").status, 404);
    assert_eq!(node.get("/api/nothing").status, 404);
}

#[test]
fn health_and_metrics_are_there() {
    let node = Node::start();
    node.call("eth_chainId", json!([]));
    node.ask("made_up", json!([]));
    let before = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis();
    let health = node.get("/health").json();
    assert_eq!(health["status"], "ok");
    let time = u128::from(health["timeMs"].as_u64().unwrap());
    let after = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis();
    assert!((before..=after).contains(&time), "{before} {time} {after}");
    assert_eq!(health["diskLow"], false);
    assert_eq!(health["sealShare"], Value::Null);
    // Who goes there with a browser gets the app, as at every path of it.
    let browser = [("accept", "text/html,application/xhtml+xml")];
    let page = node.send("GET", "/health", &browser, &[]);
    assert!(
        page.headers["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
    assert_eq!(page.text(), node.send("GET", "/", &browser, &[]).text());
    let metrics = node.get("/metrics").text();
    assert!(metrics.contains("node_blocks_total 1"), "{metrics}");
    assert!(
        metrics.contains("rpc_calls_total{method=\"eth_chainId\"} 1"),
        "{metrics}"
    );
    assert!(
        metrics.contains("rpc_errors_total{method=\"unknown\"} 1"),
        "{metrics}"
    );
    assert!(!metrics.contains("made_up"));
    assert_eq!(metrics.matches("# EOF").count(), 1);
    assert!(metrics.ends_with("# EOF\n"));
}
