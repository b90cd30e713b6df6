//! `--rpc https://…`.

use std::{fs, net::TcpListener, sync::Arc};

use rcgen::{CertificateParams, KeyPair};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    crypto::aws_lc_rs::default_provider,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use serde_json::json;

use crate::{commonhold, failed, run, stub};

/// A node with a certificate of its own making: its address and the certificate.
fn node() -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let secret = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], secret)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!(
        "https://localhost:{}",
        listener.local_addr().unwrap().port()
    );
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let tls = ServerConnection::new(config.clone()).unwrap();
            let answer = |_: &str, _: &str| {
                json!({ "jsonrpc": "2.0", "id": 1,
                    "error": { "code": -32000, "message": "heard over TLS" } })
            };
            let _ = stub::serve(StreamOwned::new(tls, connection.unwrap()), &answer);
        }
    });
    (url, certificate.pem())
}

#[test]
fn a_node_behind_tls_is_believed_with_its_certificate_alone() {
    let dir = tempfile::tempdir().unwrap();
    let ca = dir.path().join("ca.pem");
    let (url, certificate) = node();
    fs::write(&ca, certificate).unwrap();
    let ca = ca.to_str().unwrap();
    let id = format!("0x{:064x}", 1);
    let show = ["record", "show", &id, "--rpc", &url];

    let refused = failed(&run(&show), 4);
    assert!(refused.contains("certificate"), "{refused}");
    let heard = failed(&run(&[&show[..], &["--rpc-ca", ca]].concat()), 1);
    assert!(heard.contains("heard over TLS"), "{heard}");
    let by_environment = commonhold(&show)
        .env("COMMONHOLD_RPC_CA", ca)
        .output()
        .unwrap();
    assert_eq!(failed(&by_environment, 1), heard);

    fs::write(ca, "no certificate").unwrap();
    assert!(failed(&run(&[&show[..], &["--rpc-ca", ca]].concat()), 2).contains("certificate"));
    failed(&run(&[&show[..], &["--rpc-ca", "/nowhere"]].concat()), 2);
}
