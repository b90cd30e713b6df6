//! Signed requests: text pinned, every change refused.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use alloy_signer::SignerSync as _;
use alloy_signer_local::PrivateKeySigner;
use commonhold_vault::{
    BlobHash,
    auth::{AuthError, Authorisation, Request},
};

const NOW: u64 = 1_800_000_000;

fn signer() -> PrivateKeySigner {
    PrivateKeySigner::from_slice(&[7; 32]).unwrap()
}

fn signed(request: &Request<'_>) -> Authorisation {
    let signature = signer().sign_hash_sync(&request.signing_hash(NOW)).unwrap();
    Authorisation {
        signer: signer().address(),
        seconds: NOW,
        signature,
    }
}

#[test]
fn the_message_is_pinned() {
    let request = Request {
        method: "GET",
        path: "/api/vault/blobs/00?record=0x01",
        body: None,
    };
    assert_eq!(
        request.message(5),
        "commonhold vault\nGET\n/api/vault/blobs/00?record=0x01\n5\n-"
    );
    let request = Request {
        method: "PUT",
        path: "/p",
        body: Some(BlobHash([0xab; 32])),
    };
    assert_eq!(
        request.message(5),
        format!("commonhold vault\nPUT\n/p\n5\n{}", "ab".repeat(32))
    );
}

#[test]
fn an_ethereum_personal_message_signature_is_taken() {
    let request = Request {
        method: "DELETE",
        path: "/p",
        body: None,
    };
    let text = request.message(NOW);
    let by_wallet = signer().sign_message_sync(text.as_bytes()).unwrap();
    assert_eq!(by_wallet, signed(&request).signature);
    let header = signed(&request).to_string();
    let parsed = Authorisation::parse(&header).unwrap();
    assert_eq!(parsed.to_string(), header);
    assert_eq!(parsed.check(&request, NOW + 60), Ok(signer().address()));
    assert_eq!(parsed.check(&request, NOW - 60), Ok(signer().address()));
}

#[test]
fn another_request_time_or_signer_is_refused() {
    let request = Request {
        method: "PUT",
        path: "/p",
        body: Some(BlobHash([1; 32])),
    };
    let good = signed(&request);
    for other in [
        Request {
            method: "GET",
            ..request
        },
        Request {
            path: "/q",
            ..request
        },
        Request {
            body: None,
            ..request
        },
        Request {
            body: Some(BlobHash([2; 32])),
            ..request
        },
    ] {
        assert_eq!(good.check(&other, NOW), Err(AuthError::Signature));
    }
    assert_eq!(good.check(&request, NOW + 61), Err(AuthError::Time(61)));
    assert_eq!(good.check(&request, NOW - 61), Err(AuthError::Time(61)));
    let later = Authorisation {
        seconds: NOW + 1,
        ..good
    };
    assert_eq!(later.check(&request, NOW), Err(AuthError::Signature));
    let other = Authorisation {
        signer: [9; 20].into(),
        ..good
    };
    assert_eq!(other.check(&request, NOW), Err(AuthError::Signature));
}

#[test]
fn malformed_headers_are_refused() {
    let good = signed(&Request {
        method: "GET",
        path: "/",
        body: None,
    })
    .to_string();
    let many = format!("{good}:1");
    let long = format!("{good}{}", "0".repeat(300));
    let plus = good.replace(":18", ":+18");
    for bad in [
        "",
        ":",
        "::",
        "a:b:c",
        &good[1..],
        &good[..good.len() - 1],
        &many,
        &long,
        &plus,
    ] {
        assert_eq!(
            Authorisation::parse(bad),
            Err(AuthError::Malformed),
            "{bad}"
        );
    }
}
