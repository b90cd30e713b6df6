//! Nodes at `https://`: who is believed, and what is said of who is not.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    sync::Arc,
};

use commonhold_sdk::{Authorities, Client, Kind, SdkError};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    crypto::aws_lc_rs::default_provider,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
};

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::new([]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn params(name: &str) -> CertificateParams {
    CertificateParams::new([name.to_owned()]).unwrap()
}

/// A node that says that its chain is 1337, with a certificate of `params` by `authority`.
fn serve(params: &CertificateParams, authority: &Authority) -> String {
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, authority).unwrap();
    serve_with(certificate.der().clone(), &key)
}

fn serve_with(certificate: CertificateDer<'static>, key: &KeyPair) -> String {
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let connection = connection.unwrap();
            let tls = ServerConnection::new(config.clone()).unwrap();
            // Whoever is not believed goes away in the middle.
            let _ = answer(StreamOwned::new(tls, connection));
        }
    });
    url
}

fn answer(stream: impl std::io::Read + std::io::Write) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut len = 0;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        match line.trim().split_once(": ") {
            Some(("content-length", value)) => len = value.parse().unwrap(),
            None if line.trim().is_empty() => break,
            _ => {}
        }
    }
    stream.read_exact(&mut vec![0; len])?;
    let body = r#"{"jsonrpc":"2.0","id":1,"result":"0x539"}"#;
    let stream = stream.get_mut();
    write!(
        stream,
        "HTTP/1.1 200 X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )?;
    stream.flush()
}

fn trusting(authority: &Authority) -> Authorities {
    Authorities::from_pem(authority.pem().as_bytes()).unwrap()
}

fn ask(url: &str, authorities: &Authorities) -> Result<u64, SdkError> {
    Client::vouched(url, authorities).unwrap().chain_id()
}

#[track_caller]
fn refused(url: &str, authorities: &Authorities, words: &str) {
    let e = ask(url, authorities).unwrap_err();
    assert_eq!(e.kind(), Kind::Integrity, "{e}");
    assert!(e.to_string().contains(words), "{e}");
    assert!(e.to_string().contains(url), "{e}");
}

#[test]
fn a_node_is_believed_when_a_trusted_authority_vouches_for_it() {
    let ours = authority("ours");
    let url = serve(&params("127.0.0.1"), &ours);
    assert_eq!(ask(&url, &trusting(&ours)).unwrap(), 1337);
    refused(&url, &trusting(&authority("theirs")), "signed by nobody");
    refused(&url, &trusting(&authority("ours")), "not signed by");
    refused(&url, &Authorities::default(), "signed by nobody");
    // Several in one file, with words between them.
    let many = format!(
        "ours\n{}\ntheirs\n{}",
        ours.pem(),
        authority("theirs").pem()
    );
    let many = Authorities::from_pem(many.as_bytes()).unwrap();
    assert_eq!(ask(&url, &many).unwrap(), 1337);
}

#[test]
fn a_certificate_that_vouches_for_itself_is_believed_when_it_was_given() {
    let key = KeyPair::generate().unwrap();
    let certificate = params("127.0.0.1").self_signed(&key).unwrap();
    let url = serve_with(certificate.der().clone(), &key);
    refused(&url, &Authorities::default(), "signed by nobody");
    let given = Authorities::from_pem(certificate.pem().as_bytes()).unwrap();
    assert_eq!(ask(&url, &given).unwrap(), 1337);
}

#[test]
fn a_certificate_for_another_name_or_another_time_is_refused_with_what_is_wrong() {
    let ours = authority("ours");
    let trusted = trusting(&ours);
    let url = serve(&params("node.example"), &ours);
    refused(&url, &trusted, "node.example");
    let mut old = params("127.0.0.1");
    (old.not_before, old.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
    refused(&serve(&old, &ours), &trusted, "no longer valid");
    let mut early = params("127.0.0.1");
    early.not_before = date_time_ymd(4000, 1, 1);
    refused(&serve(&early, &ours), &trusted, "not valid yet");
}

#[test]
fn who_does_not_speak_tls_is_unavailable() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let _ = write!(connection.unwrap(), "HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    let e = ask(&url, &Authorities::default()).unwrap_err();
    assert_eq!(e.kind(), Kind::Unavailable, "{e}");
    assert!(e.to_string().contains("http://"), "{e}");
}

#[test]
fn a_file_that_names_no_authority_is_wrong_usage() {
    let torn = "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n";
    let junk = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let key = KeyPair::generate().unwrap().serialize_pem();
    let long = "x".repeat(commonhold_sdk::limits::AUTHORITIES_BYTES_MAX + 1);
    for file in ["", "no certificate", torn, junk, &key, &long] {
        let e = Authorities::from_pem(file.as_bytes()).unwrap_err();
        assert_eq!(e.kind(), Kind::Usage, "{e}");
    }
}
