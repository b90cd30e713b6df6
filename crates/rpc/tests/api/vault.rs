//! What the vault takes from whom, what members give one another, and what was erased.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use alloy_primitives::B256;
use alloy_sol_types::SolCall as _;
use commonhold_primitives::system::RECORDS;
use commonhold_system::records::interface::IRecords::eraseCall;
use commonhold_vault::{
    BodyId, Store,
    member::{HEADER, Signed},
    store::Keys,
};
use commonware_cryptography::{Signer as _, ed25519::PrivateKey};

use crate::{
    rest::{READER, introduce, register, sample_packet, signed},
    support::{ACCOUNT_BYTES_MAX, Answer, Node},
};

fn message(answer: &Answer) -> String {
    let message = &answer.json()["error"]["message"];
    message.as_str().unwrap().to_owned()
}

fn blob(body: &[u8]) -> String {
    format!("/api/vault/blobs/{}", blake3::hash(body))
}

#[test]
fn content_is_taken_from_accounts_that_the_ledger_knows() {
    let node = Node::start();
    let body = b"somebody answers for it";
    let refused = signed(&node, 0, "PUT", &blob(body), body);
    assert_eq!(refused.status, 403);
    let why = message(&refused);
    assert!(why.contains("commonhold account register"), "{why}");
    introduce(&node, [0]);
    assert_eq!(signed(&node, 0, "PUT", &blob(body), body).status, 201);
    assert_eq!(signed(&node, 1, "PUT", &blob(body), body).status, 403);
}

#[test]
fn an_account_brings_no_more_than_it_may() {
    let node = Node::start();
    introduce(&node, [0, 1]);
    let bodies = [vec![1; 600_000], vec![2; 600_000]];
    let put = |who, body: &[u8]| signed(&node, who, "PUT", &blob(body), body);
    assert!(bodies.concat().len() as u64 > ACCOUNT_BYTES_MAX);
    assert_eq!(put(0, &bodies[0]).status, 201);
    let over = put(0, &bodies[1]);
    assert_eq!(over.status, 413);
    assert!(message(&over).contains("limits.account_quota_mib"));
    // Nothing is left of it, the same again costs nothing, and others have their own.
    assert_eq!(put(0, &bodies[0]).status, 201);
    assert_eq!(put(1, &bodies[1]).status, 201);
}

#[test]
fn a_length_that_cannot_be_is_refused_before_the_body() {
    let node = Node::start();
    introduce(&node, [0]);
    let empty = signed(&node, 0, "PUT", &blob(b""), b"");
    assert_eq!(
        (empty.status, message(&empty).as_str()),
        (400, "the content is empty")
    );
    // A hundred gigabytes, announced and never sent.
    let path = blob(b"x");
    let key = crate::support::signer(0);
    let seconds = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let request = commonhold_vault::auth::Request {
        method: "PUT",
        path: &path,
        body: Some(blake3::hash(b"x").into()),
    };
    let hash = request.signing_hash(seconds);
    let header = commonhold_vault::auth::Authorisation {
        signer: key.address(),
        seconds,
        signature: alloy_signer::SignerSync::sign_hash_sync(&key, &hash).unwrap(),
    };
    let mut stream = TcpStream::connect(("127.0.0.1", node.port)).unwrap();
    write!(
        stream,
        "PUT {path} HTTP/1.1\r\nHost: localhost\r\nx-commonhold-auth: {header}\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        100u64 << 30
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(answer.contains("BLOB_BYTES_MAX"), "{answer}");
}

/// A request signed as the member whose key has this seed.
fn as_member(node: &Node, seed: u64, path: &str) -> Answer {
    let seconds = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let header = Signed::new(&PrivateKey::from_seed(seed), "GET", path, seconds).to_string();
    node.send("GET", path, &[(HEADER, &header)], b"")
}

#[test]
fn members_give_one_another_what_they_keep() {
    let node = Node::start();
    introduce(&node, [0]);
    let body: Vec<u8> = (0..100_000u32).flat_map(u32::to_le_bytes).collect();
    let hash = blake3::hash(&body);
    assert_eq!(signed(&node, 0, "PUT", &blob(&body), &body).status, 201);
    let packet = format!("{}/packets/{READER}", blob(&body));
    assert_eq!(
        signed(&node, 0, "PUT", &packet, &sample_packet()).status,
        201
    );

    let replica = |length: usize, from: u64| {
        format!("/api/vault/replicas/{hash}?length={length}&from={from}")
    };
    let whole = replica(body.len(), 0);
    assert_eq!(node.get(&whole).status, 401);
    assert_eq!(
        node.send("GET", &whole, &[(HEADER, "a:1:b")], b"").status,
        401
    );
    let stranger = as_member(&node, 7, &whole);
    assert_eq!(
        (stranger.status, message(&stranger).as_str()),
        (403, "only members ask for this")
    );
    // Signed for one part, sent for another.
    let seconds = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let header = Signed::new(&PrivateKey::from_seed(0), "GET", &whole, seconds).to_string();
    let other = node.send(
        "GET",
        &replica(body.len(), 16_384),
        &[(HEADER, &header)],
        b"",
    );
    assert_eq!(other.status, 401);
    for (path, status) in [
        (replica(body.len() + 1, 0), 422),
        (replica(body.len(), 5), 416),
        (replica(body.len(), 16_384 * 1_000), 416),
        (whole.replace(&hash.to_string(), &"0".repeat(64)), 404),
    ] {
        assert_eq!(as_member(&node, 0, &path).status, status, "{path}");
    }

    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("vault"), 1 << 30).unwrap();
    let id = BodyId {
        hash: hash.into(),
        len: body.len() as u64,
    };
    let mut arrival = store.arrive(id).unwrap();
    let stream = as_member(&node, 0, &whole);
    assert_eq!(stream.status, 200);
    let half = &stream.body[..stream.body.len() / 2];
    arrival.take(half).unwrap_err();
    let rest = as_member(&node, 0, &replica(body.len(), arrival.done()));
    assert!(arrival.done() > 0 && rest.body.len() < stream.body.len());
    arrival.take(rest.body.as_slice()).unwrap();
    arrival.finish().unwrap();
    let keys = as_member(&node, 0, &format!("/api/vault/replicas/{hash}/keys"));
    let keys = Keys::from_bytes(&keys.body).unwrap();
    assert_eq!(keys.packets.len(), 1);
    assert_eq!(keys.packets[0].1.as_bytes().as_slice(), sample_packet());
}

#[test]
fn what_was_erased_is_neither_given_nor_taken() {
    let node = Node::start();
    introduce(&node, [0, 1]);
    let body = b"to be forgotten";
    assert_eq!(signed(&node, 0, "PUT", &blob(body), body).status, 201);
    let id = register(&node, 0, B256::from(*blake3::hash(body).as_bytes()));
    let named = format!("{}?record={id}", blob(body));
    assert_eq!(signed(&node, 0, "GET", &named, b"").status, 200);
    node.transact(0, Some(RECORDS), 0, eraseCall { id }.abi_encode().into());

    let packet = format!("{}/packets/{READER}?record={id}", blob(body));
    let sealed = [9; 160];
    let digest = alloy_primitives::keccak256(sealed);
    let key = format!("{}/sealed/{digest:x}?record={id}", blob(body));
    let (blob, bytes) = (blob(body), sample_packet());
    let asked: [(u64, &str, &str, &[u8]); 8] = [
        (0, "GET", &named, b""),
        (1, "GET", &named, b""),
        (0, "PUT", &blob, body),
        (1, "PUT", &blob, body),
        (0, "PUT", &packet, &bytes),
        (0, "GET", &packet, b""),
        (0, "PUT", &key, &sealed),
        (0, "GET", &key, b""),
    ];
    for (who, method, path, content) in asked {
        let gone = signed(&node, who, method, path, content);
        assert_eq!(
            gone.status,
            410,
            "{method} {path} by {who}: {}",
            gone.text()
        );
        assert!(message(&gone).contains("erased"));
    }
}
