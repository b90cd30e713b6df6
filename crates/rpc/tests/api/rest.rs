//! REST, the vault, and the description of both.

use std::path::Path;

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_signer::SignerSync as _;
use alloy_sol_types::SolCall as _;
use commonhold_primitives::system::{ACCOUNTS, RECORDS};
use commonhold_system::{
    accounts::interface::IAccounts,
    records::interface::IRecords::{
        Registration, grantCall, registerCall, requestOpeningCall, revokeCall,
    },
};
use commonhold_vault::auth::{Authorisation, Request};
use serde_json::{Value, json};

use crate::support::{Answer, CHAIN, Node, signer};

/// The description that is checked in is the one that the node gives.
#[test]
fn the_description_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let current = commonhold_rpc::openapi();
    if std::env::var_os("COMMONHOLD_BLESS").is_some() {
        std::fs::write(&path, &current).unwrap();
    }
    let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        current == checked_in,
        "the REST interface changed; COMMONHOLD_BLESS=1 writes openapi.json anew"
    );
    assert_eq!(Node::start().get("/openapi.json").text(), current);
}

/// Every path that is described answers, and what it answers has the fields that are described.
#[test]
fn the_description_is_true() {
    let node = Node::start();
    let hash = node.transact(0, Some(Address::repeat_byte(9)), 1, Bytes::new());
    for _ in 0..2 {
        node.chain.mine();
    }
    let record = register(&node, 0, B256::repeat_byte(7));
    let ask = requestOpeningCall {
        id: record,
        purpose: B256::ZERO,
        readerKey: B256::repeat_byte(9),
    };
    node.transact(0, Some(RECORDS), 0, ask.abi_encode().into());
    let described: Value = serde_json::from_str(&commonhold_rpc::openapi()).unwrap();
    let mut seen = 0;
    for (path, methods) in described["paths"].as_object().unwrap() {
        if path.contains("vault") {
            continue;
        }
        let real = match path.as_str() {
            "/api/blocks/{id}" => "/api/blocks/latest".to_owned(),
            "/api/transactions/{hash}" => format!("/api/transactions/{hash}"),
            "/api/stamps/{hash}" => format!("/api/stamps/{hash}"),
            "/api/records/{id}" => format!("/api/records/{record}"),
            "/api/openings/{number}" => "/api/openings/0".to_owned(),
            // A node alone has nobody to ask: `commonhold`'s tests of whole networks do.
            "/api/openings/{number}/answers" | "/api/times/{seconds}" => {
                let answer = node.get(&path.replace("{number}", "0").replace("{seconds}", "0"));
                assert_eq!(answer.status, 404);
                assert!(answer.text().contains("no seal key"), "{}", answer.text());
                continue;
            }
            other => other.to_owned(),
        };
        let answer = node.get(&real);
        assert_eq!(answer.status, 200, "{real}: {}", answer.text());
        let schema = &methods["get"]["responses"]["200"]["content"]["application/json"]["schema"];
        check(&described, schema, &answer.json(), path);
        seen += 1;
    }
    assert_eq!(seen, 13);
}

/// What cannot be a number is refused as everything else is.
#[test]
fn a_wrong_number_is_a_problem() {
    let node = Node::start();
    for path in ["openings/x", "openings/-1/answers", "times/1e9"] {
        let answer = node.get(&format!("/api/{path}"));
        assert_eq!(answer.status, 400, "{path}");
        let message = answer.json()["error"]["message"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(message.contains("a number"), "{path}: {message}");
    }
}

fn check(described: &Value, schema: &Value, value: &Value, path: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap();
        return check(
            described,
            &described["components"]["schemas"][name],
            value,
            path,
        );
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        check(described, part, value, path);
    }
    for field in schema["required"].as_array().into_iter().flatten() {
        assert!(
            value.get(field.as_str().unwrap()).is_some(),
            "{path}: {field} in {value}"
        );
    }
    if let (Some(fields), Some(found)) = (schema["properties"].as_object(), value.as_object()) {
        for (name, schema) in fields {
            if let Some(value) = found.get(name) {
                check(described, schema, value, path);
            }
        }
    }
    for item in value.as_array().into_iter().flatten() {
        check(described, &schema["items"], item, path);
    }
}

/// Has the ledger know the accounts: only theirs is content taken.
pub(crate) fn introduce(node: &Node, who: impl IntoIterator<Item = u64>) {
    for who in who {
        let call = IAccounts::registerCall {
            name: format!("Person {who}"),
            encryptionKey: B256::repeat_byte(0x42),
        };
        node.transact(who, Some(ACCOUNTS), 0, call.abi_encode().into());
    }
}

pub(crate) fn register(node: &Node, who: u64, content: B256) -> B256 {
    let registration = Registration {
        salt: B256::repeat_byte(u8::try_from(who).unwrap()),
        contentHash: content,
        length: 12,
        kind: "text/plain".into(),
        sealedKeyHash: B256::ZERO,
        policy: Address::ZERO,
        custodian: Address::ZERO,
    };
    let input = registerCall {
        registration: registration.clone(),
    }
    .abi_encode();
    let hash = node.transact(who, Some(RECORDS), 0, input.into());
    assert_eq!(
        node.call("eth_getTransactionReceipt", json!([hash]))["status"],
        "0x1"
    );
    let fields = (
        "rec".to_owned(),
        U256::from(CHAIN),
        signer(who).address(),
        registration.contentHash,
        registration.salt,
    );
    keccak256(alloy_sol_types::SolValue::abi_encode_params(&fields))
}

pub(crate) fn signed(node: &Node, who: u64, method: &str, path: &str, body: &[u8]) -> Answer {
    signed_with(node, who, method, path, body, &[])
}

fn signed_with(
    node: &Node,
    who: u64,
    method: &str,
    path: &str,
    body: &[u8],
    more: &[(&str, &str)],
) -> Answer {
    let seconds = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let hash = (method == "PUT").then(|| blake3::hash(body).into());
    let request = Request {
        method,
        path,
        body: hash,
    };
    let key = signer(who);
    let signature = key.sign_hash_sync(&request.signing_hash(seconds)).unwrap();
    let header = Authorisation {
        signer: key.address(),
        seconds,
        signature,
    }
    .to_string();
    let headers = [&[("x-commonhold-auth", header.as_str())], more].concat();
    node.send(method, path, &headers, body)
}

pub(crate) const READER: &str = "1111111111111111111111111111111111111111111111111111111111111111";

#[test]
fn content_goes_to_whom_the_ledger_lets_open_it() {
    let node = Node::start();
    introduce(&node, [0, 2]);
    let body = b"twelve bytes";
    let hash = blake3::hash(body);
    let blob = format!("/api/vault/blobs/{hash}");
    assert_eq!(node.send("PUT", &blob, &[], body).status, 401);
    assert_eq!(signed(&node, 0, "PUT", &blob, b"twelve bytez").status, 401);
    assert_eq!(signed(&node, 0, "PUT", &blob, body).status, 201);
    let record = register(&node, 0, B256::from(*hash.as_bytes()));
    let named = format!("{blob}?record={record}");
    assert_eq!(node.get(&named).status, 401);
    let got = signed(&node, 0, "GET", &named, b"");
    assert_eq!((got.status, got.body.as_slice()), (200, body.as_slice()));
    assert_eq!(got.headers["content-disposition"], "attachment");
    assert_eq!(got.headers["x-content-type-options"], "nosniff");
    let refused = signed(&node, 1, "GET", &named, b"");
    assert_eq!(refused.status, 403);
    assert!(
        refused.json()["error"]["message"]
            .as_str()
            .unwrap()
            .contains("NoGrant")
    );
    let grant = grantCall {
        id: record,
        grantee: signer(1).address(),
        notBefore: 0,
        until: 0,
        uses: 0,
        headerHash: B256::ZERO,
    };
    node.transact(0, Some(RECORDS), 0, grant.abi_encode().into());
    assert_eq!(signed(&node, 1, "GET", &named, b"").status, 200);
    let packet = format!("{blob}/packets/{READER}?record={record}");
    let bytes = sample_packet();
    assert_eq!(signed(&node, 1, "PUT", &packet, &bytes).status, 403);
    assert_eq!(signed(&node, 0, "PUT", &packet, &bytes).status, 201);
    assert_eq!(signed(&node, 1, "GET", &packet, b"").body, bytes);
    assert_eq!(signed(&node, 2, "GET", &packet, b"").status, 403);
    // Whoever registers the same content again gets no say over its packets.
    let theirs = register(&node, 2, B256::from(*hash.as_bytes()));
    let packet_of_theirs = format!("{blob}/packets/{READER}?record={theirs}");
    assert_eq!(
        signed(&node, 2, "PUT", &packet_of_theirs, &bytes).status,
        403
    );
    assert_eq!(
        signed(&node, 2, "DELETE", &packet_of_theirs, b"").status,
        403
    );
    let revoke = revokeCall {
        id: record,
        grantee: signer(1).address(),
    };
    node.transact(0, Some(RECORDS), 0, revoke.abi_encode().into());
    assert_eq!(signed(&node, 1, "GET", &named, b"").status, 403);
    assert_eq!(signed(&node, 0, "DELETE", &packet, b"").status, 204);
    assert_eq!(signed(&node, 0, "GET", &packet, b"").status, 404);
}

/// A packet is opaque to the node: any 108 bytes that are laid out as one.
pub(crate) fn sample_packet() -> Vec<u8> {
    let mut bytes = vec![0x55; 108];
    bytes[..8].copy_from_slice(&[108, 0, 0, 0, 0, 0, 0, 0]);
    bytes
}

#[test]
fn what_a_node_lacks_comes_from_another() {
    let (near, far) = (Node::start(), Node::start());
    introduce(&far, [0]);
    let body = vec![7; 300_000];
    let hash = blake3::hash(&body);
    let blob = format!("/api/vault/blobs/{hash}");
    assert_eq!(signed(&far, 0, "PUT", &blob, &body).status, 201);
    let record = register(&near, 0, B256::from(*hash.as_bytes()));
    assert_eq!(register(&far, 0, B256::from(*hash.as_bytes())), record);
    let named = format!("{blob}?record={record}");
    assert_eq!(signed(&near, 0, "GET", &named, b"").status, 404);
    // One that is not there, itself, and the one that has it.
    near.chain
        .set_peers(vec!["http://127.0.0.1:1".into(), near.url(""), far.url("")]);
    let got = signed(&near, 0, "GET", &named, b"");
    assert_eq!((got.status, got.body.len()), (200, body.len()));
    let packet = format!("{blob}/packets/{READER}?record={record}");
    assert_eq!(
        signed(&near, 0, "PUT", &packet, &sample_packet()).status,
        201
    );
    assert_eq!(signed(&far, 0, "GET", &packet, b"").status, 200);
    assert_eq!(signed(&near, 0, "DELETE", &packet, b"").status, 204);
    assert_eq!(signed(&far, 0, "GET", &packet, b"").status, 404);
}

#[test]
fn a_transfer_is_taken_up_from_a_byte_on() {
    let (near, far) = (Node::start(), Node::start());
    introduce(&far, [0]);
    let body: Vec<u8> = (0..200_000u32).flat_map(u32::to_le_bytes).collect();
    let hash = blake3::hash(&body);
    let blob = format!("/api/vault/blobs/{hash}");
    assert_eq!(signed(&far, 0, "PUT", &blob, &body).status, 201);
    let record = register(&near, 0, B256::from(*hash.as_bytes()));
    register(&far, 0, B256::from(*hash.as_bytes()));
    near.chain.set_peers(vec![far.url("")]);
    let named = format!("{blob}?record={record}");
    let part =
        |node: &Node, range: &str| signed_with(node, 0, "GET", &named, b"", &[("range", range)]);
    // From the node that has it, and by way of one that has not.
    for node in [&far, &near] {
        let got = part(node, "bytes=700001-");
        assert_eq!((got.status, got.body.as_slice()), (206, &body[700_001..]));
        assert_eq!(got.headers["content-range"], "bytes 700001-799999/800000");
        assert_eq!(got.headers["content-length"], "99999");
        let all = part(node, "bytes=0-");
        assert_eq!((all.status, all.body.len()), (206, body.len()));
        for other in [
            "bytes=5-9",
            "bytes=-9",
            "lines=3-",
            "bytes=1-2,5-",
            "bytes=x-",
        ] {
            let whole = part(node, other);
            assert_eq!(
                (whole.status, whole.body.len()),
                (200, body.len()),
                "{other}"
            );
        }
    }
    for beyond in ["bytes=800000-", "bytes=18446744073709551615-"] {
        assert_eq!(part(&far, beyond).status, 416, "{beyond}");
    }
}

#[test]
fn uploads_that_are_not_what_they_say_leave_nothing() {
    let node = Node::start();
    introduce(&node, [0]);
    let body = b"what it is";
    let hash = blake3::hash(body);
    let blob = format!("/api/vault/blobs/{hash}");
    let wrong = format!("/api/vault/blobs/{}", blake3::hash(b"what it is not"));
    // The signature is over the announced name, so that the body itself must be checked.
    let seconds = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let name = blake3::hash(b"what it is not").into();
    let request = Request {
        method: "PUT",
        path: &wrong,
        body: Some(name),
    };
    let signature = signer(0)
        .sign_hash_sync(&request.signing_hash(seconds))
        .unwrap();
    let header = Authorisation {
        signer: signer(0).address(),
        seconds,
        signature,
    }
    .to_string();
    let answer = node.send("PUT", &wrong, &[("x-commonhold-auth", &header)], body);
    assert_eq!(answer.status, 422, "{}", answer.text());
    assert_eq!(signed(&node, 0, "PUT", &blob, body).status, 201);
    for path in [
        "/api/vault/blobs/..%2f..%2fetc",
        "/api/vault/blobs/ABCDEF",
        "/api/vault/blobs/",
    ] {
        let status = signed(&node, 0, "PUT", path, body).status;
        assert!([400, 404].contains(&status), "{path}: {status}");
    }
}

#[test]
fn what_is_not_there_is_said_in_words() {
    let node = Node::start();
    for (path, status) in [
        ("/api/blocks/99", 404),
        ("/api/blocks/nonsense", 400),
        ("/api/blocks?limit=101", 400),
        ("/api/blocks?limit=x", 400),
        ("/api/transactions/0x12", 400),
        ("/api/records/0x12", 400),
        ("/api/records?owner=me", 400),
        ("/api/nothing", 404),
    ] {
        assert_eq!(node.get(path).status, status, "{path}");
    }
    let none = format!("{:#x}", B256::ZERO);
    for path in ["transactions", "stamps", "records"] {
        let answer = node.get(&format!("/api/{path}/{none}"));
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.json()["error"]["message"].is_string(), "{path}");
    }
}

/// A module's error is said by its name.
#[test]
fn a_modules_refusal_is_decoded() {
    let node = Node::start();
    let call = revokeCall {
        id: B256::ZERO,
        grantee: Address::ZERO,
    };
    let input = Bytes::from(call.abi_encode());
    let (code, message, _) = node.error("eth_call", json!([{ "to": RECORDS, "input": input }]));
    assert_eq!(code, 3);
    assert!(
        message.starts_with("execution reverted: UnknownRecord(0x0000"),
        "{message}"
    );
}

#[test]
fn blocks_that_are_not_are_simulated() {
    let node = Node::start();
    node.chain.mine();
    let (from, to) = (signer(0).address(), Address::repeat_byte(9));
    let send = json!({ "from": from, "to": to, "value": "0x5" });
    let payload = json!({
        "blockStateCalls": [{ "calls": [send, send] }, { "calls": [send] }],
        "traceTransfers": true,
    });
    let blocks = node.call("eth_simulateV1", json!([payload, "latest"]));
    assert_eq!(blocks.as_array().unwrap().len(), 2);
    assert_eq!(blocks[0]["number"], "0x2");
    assert_eq!(blocks[1]["parentHash"], blocks[0]["hash"]);
    assert!(blocks[0]["size"].is_string());
    let call = &blocks[0]["calls"][1];
    assert_eq!(
        (&call["status"], &call["gasUsed"]),
        (&json!("0x1"), &json!("0x5208"))
    );
    assert_eq!(call["logs"][0]["logIndex"], "0x1");
    assert_eq!(node.call("eth_getBalance", json!([to, "latest"])), "0x0");
    let (code, _, _) = node.error("eth_simulateV1", json!([{ "blockStateCalls": [] }]));
    assert_eq!(code, -32602);
}
