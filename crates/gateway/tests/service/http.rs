//! The same over HTTP.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use commonhold_reading::{Algorithm, DeviceKey};
use serde_json::Value;
use tower::ServiceExt as _;

use crate::world::{PASSWORD, World, now_ms, reading, secret};

async fn ask(
    world: &World,
    method: &str,
    path: &str,
    who: &str,
    body: Vec<u8>,
) -> (StatusCode, Value) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", who)
        .body(Body::from(body))
        .unwrap();
    let response = world.router().oneshot(request).await.unwrap();
    let status = response.status();
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20)
        .await
        .unwrap();
    let value = serde_json::from_slice(&bytes);
    (
        status,
        value.unwrap_or_else(|_| String::from_utf8(bytes.to_vec()).unwrap().into()),
    )
}

fn basic(user: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{PASSWORD}")))
}

#[tokio::test]
async fn a_sequence_of_readings_is_taken_and_each_is_told_of() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::start(dir.path(), "").await;
    let device = secret(1, Algorithm::Ed25519);
    world.book.enrol(device.key());
    let now = now_ms();
    let one = reading(&device, 1, now).bytes().to_vec();
    let two = reading(&device, 2, now - 400_000).bytes().to_vec();
    let (status, told) = ask(
        &world,
        "POST",
        "/readings",
        &basic("meter"),
        [one.clone(), two].concat(),
    )
    .await;
    assert_eq!(status, StatusCode::OK, "{told}");
    assert_eq!(
        (&told["accepted"], &told["readings"][1]["marks"][0]),
        (&2.into(), &"late".into())
    );
    let stranger = reading(&secret(2, Algorithm::P256), 1, now)
        .bytes()
        .to_vec();
    let token = format!("Bearer {PASSWORD}");
    let (status, told) = ask(
        &world,
        "POST",
        "/readings",
        &token,
        [one, stranger].concat(),
    )
    .await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert_eq!(
        (&told["duplicates"], &told["refused"]),
        (&1.into(), &1.into())
    );
    assert_eq!(told["readings"][1]["reason"], "unknown_device");
    world.stop().await;
}

#[tokio::test]
async fn faults_have_their_status() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::start(
        dir.path(),
        "[bounds]\nburst_readings = 6\nreadings_per_second = 1",
    )
    .await;
    let good = basic("meter");
    for (path, who, body, status, reason) in [
        ("/readings", "Basic nonsense", vec![1], 401, "credential"),
        ("/readings", "", vec![1], 401, "credential"),
        ("/readings", good.as_str(), vec![], 413, "too_large"),
        ("/readings", good.as_str(), vec![0; 5_000], 413, "too_large"),
        (
            "/sources/plug",
            good.as_str(),
            vec![1],
            403,
            "not_authorized",
        ),
    ] {
        let (found, told) = ask(&world, "POST", path, who, body).await;
        assert_eq!(
            (found.as_u16(), &told["error"]["reason"]),
            (status, &reason.into()),
            "{told}"
        );
    }
    let (status, told) = ask(&world, "POST", "/readings", &good, b"junk".to_vec()).await;
    assert_eq!(
        (status.as_u16(), &told["readings"][0]["reason"]),
        (400, &"malformed_payload".into())
    );
    let (status, _) = ask(&world, "POST", "/readings", &good, vec![0; 5 * 1024 * 1024]).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    // More at once than it may send.
    let (status, told) = ask(&world, "POST", "/readings", &good, vec![0; 6]).await;
    assert_eq!(
        (status.as_u16(), &told["error"]["reason"]),
        (429, &"rate".into())
    );
    world.stop().await;
}

#[tokio::test]
async fn sources_send_json_and_everything_is_counted() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::start(dir.path(), "").await;
    let source = DeviceKey::source(world.intake.gateway(), "room").unwrap();
    world.book.enrol(&source);
    let message = format!(
        r#"[{{"bn":"room:","bt":{},"n":"t","u":"Cel","v":21.5}}]"#,
        now_ms() / 1000
    );
    let many = basic("many");
    let (status, told) = ask(&world, "POST", "/sources/room", &many, message.into_bytes()).await;
    assert_eq!(status, StatusCode::OK, "{told}");
    let (status, told) = ask(&world, "POST", "/sources/room", &many, b"{}".to_vec()).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{told}");
    let (status, told) = ask(&world, "GET", "/status", &many, vec![]).await;
    assert_eq!(
        (status, &told["counts"]["valid"]),
        (StatusCode::OK, &1.into())
    );
    assert_eq!(told["waiting"]["readings"], 1);
    assert_eq!(
        ask(&world, "GET", "/status", "", vec![]).await.0,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        ask(&world, "GET", "/health", "", vec![]).await.0,
        StatusCode::OK
    );
    let (_, metrics) = ask(&world, "GET", "/metrics", "", vec![]).await;
    let metrics = metrics.as_str().unwrap();
    assert!(
        metrics.contains("commonhold_gateway_valid_total 1"),
        "{metrics}"
    );
    assert!(
        metrics.contains("reason=\"malformed_payload\"} 1"),
        "{metrics}"
    );
    world.stop().await;
}
