//! Slow clients, with limits that are short.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use axum::routing::{get, post};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

use super::*;
use crate::server::body;

const LONG: usize = 1 << 22;
const SHORT: Duration = Duration::from_millis(20);
/// Longer than any test may take: where it is waited for, the test fails.
const NEVER: Duration = Duration::from_secs(3_600);

/// A connection to a server that takes bodies and gives long answers.
fn connect(times: Times) -> (DuplexStream, tokio::task::JoinHandle<()>) {
    let take = move |request: Request| async move {
        format!("{:?}", body::read(request.into_body(), times.body).await)
    };
    let router = Router::new()
        .route("/long", get(|| async { "x".repeat(LONG) }))
        .route("/", post(take));
    let open = Arc::new(Open {
        begun: Instant::now(),
        slots: Mutex::default(),
    });
    let (client, server) = duplex(1024);
    let local = SocketAddr::from(([127, 0, 0, 1], 1));
    (
        client,
        tokio::spawn(talk(server, local, router, times, Activity::new(open))),
    )
}

#[tokio::test]
async fn a_header_that_never_ends_is_cut_off() {
    let (mut client, served) = connect(Times {
        header: SHORT,
        body: NEVER,
        send: NEVER,
        linger: SHORT,
    });
    client
        .write_all(b"GET /long HTTP/1.1\r\nhost: localhost\r\n")
        .await
        .unwrap();
    // A line now and then does not buy more time.
    while client.write_all(b"x: 1\r\n").await.is_ok() && !served.is_finished() {
        tokio::task::yield_now().await;
    }
    served.await.unwrap();
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_closed() {
    let (_client, served) = connect(Times {
        header: SHORT,
        body: NEVER,
        send: NEVER,
        linger: SHORT,
    });
    served.await.unwrap();
}

#[tokio::test]
async fn a_body_that_never_ends_is_given_up() {
    let (mut client, _served) = connect(Times {
        header: NEVER,
        body: SHORT,
        send: NEVER,
        linger: SHORT,
    });
    let head = b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\nsome";
    client.write_all(head).await.unwrap();
    let mut answer = vec![0; 512];
    let read = client.read(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(answer.get(..read).unwrap()).into_owned();
    assert!(answer.contains("TooSlow"), "{answer}");
}

#[tokio::test]
async fn a_client_that_does_not_read_is_dropped() {
    let (mut client, served) = connect(Times {
        header: NEVER,
        body: NEVER,
        send: SHORT,
        linger: SHORT,
    });
    client
        .write_all(b"GET /long HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await
        .unwrap();
    served.await.unwrap();
    let mut rest = Vec::new();
    client.read_to_end(&mut rest).await.unwrap();
    assert!(rest.len() < LONG);
}

#[tokio::test]
async fn a_client_that_reads_gets_everything() {
    let (mut client, _served) = connect(Times {
        header: NEVER,
        body: NEVER,
        send: NEVER,
        linger: SHORT,
    });
    let request = b"GET /long HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    client.write_all(request).await.unwrap();
    let mut all = Vec::new();
    client.read_to_end(&mut all).await.unwrap();
    assert!(all.len() > LONG);
}

/// A request that is refused before its body was read: the client hears of it all the same.
#[tokio::test]
async fn an_answer_arrives_before_the_body_is_read() {
    let times = Times {
        header: NEVER,
        body: NEVER,
        send: NEVER,
        linger: NEVER,
    };
    let (mut client, served) = connect(times);
    let head = b"PUT /nothing HTTP/1.1\r\nhost: localhost\r\ncontent-length: 4194304\r\n\r\n";
    client.write_all(head).await.unwrap();
    client.write_all(&vec![0; LONG]).await.unwrap();
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 404"));
    drop(client);
    served.await.unwrap();
}
