//! What is too long, too deep, too many or too slow.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use commonhold_rpc::{Config, limits};
use serde_json::{Value, json};

use crate::support::Node;

#[test]
fn a_body_that_is_too_long_is_refused_before_it_is_parsed() {
    let node = Node::start();
    let max = usize::try_from(limits::REQUEST_BYTES_MAX).unwrap();
    let answer = node.send(
        "POST",
        "/",
        &[("content-type", "application/json")],
        &vec![b' '; max + 1],
    );
    assert_eq!(answer.status, 413);
    let message = answer.json()["error"]["message"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(message.contains("REQUEST_BYTES_MAX"), "{message}");
    // Chunked, so that nothing announces the length.
    let mut stream = TcpStream::connect(("127.0.0.1", node.port)).unwrap();
    let head = "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
        transfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    let mut answer = Vec::new();
    for _ in 0..32 {
        // The server stops reading when it has seen too much.
        if stream.write_all(chunk.as_bytes()).is_err() {
            break;
        }
    }
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[test]
fn deep_json_is_refused() {
    let node = Node::start();
    let deep = format!("{}1{}", "[".repeat(20_000), "]".repeat(20_000));
    let call = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"eth_call","params":{deep}}}"#);
    let headers = [("content-type", "application/json")];
    let answer = node.send("POST", "/", &headers, call.as_bytes()).json();
    assert_eq!(answer["error"]["code"], -32005);
    // Brackets inside a text do not count.
    let flat =
        json!({ "jsonrpc": "2.0", "id": 1, "method": "web3_sha3", "params": ["[".repeat(99)] });
    assert_eq!(node.post(&flat).json()["error"]["code"], -32602);
}

#[test]
fn wrong_and_doubled_and_huge_values_are_typed_errors() {
    let node = Node::start();
    let headers = [("content-type", "application/json")];
    for params in [
        r#"["0x0000000000000000000000000000000000000000", 1e400]"#,
        r#"["0x0000000000000000000000000000000000000000", "0xffffffffffffffffffffffff"]"#,
        r#"[{"a":1,"a":2}]"#,
        r#"{"address":"0x00"}"#,
        r#"[null]"#,
        r#"[[[[]]]]"#,
        r#""text""#,
        r"[]",
    ] {
        let call =
            format!(r#"{{"jsonrpc":"2.0","id":1,"method":"eth_getBalance","params":{params}}}"#);
        let answer = node.send("POST", "/", &headers, call.as_bytes());
        let code = answer.json()["error"]["code"].as_i64().unwrap();
        assert!([-32600, -32602, -32700].contains(&code), "{params}: {code}");
    }
    for broken in ["", "{", "nonsense", "[", "\u{0}"] {
        let answer = node.send("POST", "/", &headers, broken.as_bytes());
        assert_eq!(answer.json()["error"]["code"], -32700, "{broken:?}");
    }
}

#[test]
fn batches_are_bounded() {
    let node = Node::start();
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "eth_chainId" });
    let max = usize::try_from(limits::BATCH_ENTRIES_MAX).unwrap();
    let fits = node.post(&Value::from(vec![call.clone(); max])).json();
    assert_eq!(fits.as_array().unwrap().len(), max);
    let bomb = node.post(&Value::from(vec![call; max + 1])).json();
    assert!(
        bomb["error"]["message"].as_str().unwrap().contains("batch"),
        "{bomb}"
    );
}

#[test]
fn log_queries_name_the_bound_they_break() {
    let node = Node::start();
    for _ in 0..3 {
        node.chain.mine();
    }
    assert_eq!(
        node.call(
            "eth_getLogs",
            json!([{ "fromBlock": "0x0", "toBlock": "0x3" }])
        ),
        json!([])
    );
    let (code, _, _) = node.error(
        "eth_getLogs",
        json!([{ "fromBlock": "0x3", "toBlock": "0x1" }]),
    );
    assert_eq!(code, -32602);
    let addresses = vec![alloy_primitives::Address::ZERO; 2];
    let topics: Vec<_> = (0u64..1_001)
        .map(|n| {
            json!(alloy_primitives::B256::from(alloy_primitives::U256::from(
                n
            )))
        })
        .collect();
    let query = json!([{ "fromBlock": "0x0", "address": addresses, "topics": [topics] }]);
    let (code, message, _) = node.error("eth_getLogs", query);
    assert_eq!(code, -32005);
    assert!(message.contains("LOG_VALUES_MAX"), "{message}");
}

/// A loop that never ends is ended by its gas.
#[test]
fn an_endless_call_ends() {
    let node = Node::start();
    let contract = node.deploy(0, &[0x5b, 0x5f, 0x56]);
    let (code, _, _) = node.error("eth_call", json!([{ "to": contract }]));
    assert_eq!(code, -32000);
}

/// Connections that say nothing give way to those that ask.
#[test]
fn silent_connections_do_not_keep_others_out() {
    let node = Node::with(Config {
        connections_max: 8,
        ..Config::default()
    });
    let silent: Vec<_> = (0..32)
        .map(|_| TcpStream::connect(("127.0.0.1", node.port)).unwrap())
        .collect();
    assert_eq!(node.call("eth_chainId", json!([])), "0x7a69");
    let mut first = silent.into_iter().next().unwrap();
    assert!(
        matches!(first.read(&mut [0; 1]), Ok(0) | Err(_)),
        "the oldest is closed"
    );
}
