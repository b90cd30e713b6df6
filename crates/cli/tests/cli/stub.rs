//! A node in a thread, which answers what a test tells it to.

use std::{
    io::{BufRead as _, BufReader, Read, Write},
    net::TcpListener,
    sync::Arc,
};

/// Answers to requests: path and body in, JSON out.
pub(crate) type Answers = dyn Fn(&str, &str) -> serde_json::Value + Send + Sync;

/// Starts a node and gives its address, `127.0.0.1:PORT`.
pub(crate) fn start(
    answers: impl Fn(&str, &str) -> serde_json::Value + Send + Sync + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let answers: Arc<Answers> = Arc::new(answers);
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            // A client may go away whenever it likes.
            let _ = serve(connection.unwrap(), &*answers);
        }
    });
    address
}

/// One request and its answer.
pub(crate) fn serve(stream: impl Read + Write, answers: &Answers) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let path = line
        .split_whitespace()
        .nth(1)
        .unwrap_or_default()
        .to_owned();
    let mut len = 0;
    loop {
        let mut header = String::new();
        stream.read_line(&mut header)?;
        let Some((name, value)) = header.trim().split_once(": ") else {
            break;
        };
        if name.eq_ignore_ascii_case("content-length") {
            len = value.parse().unwrap();
        }
    }
    let mut body = vec![0; len];
    stream.read_exact(&mut body)?;
    let answer = answers(&path, &String::from_utf8_lossy(&body)).to_string();
    let stream = stream.get_mut();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{answer}",
        answer.len()
    )?;
    stream.flush()
}
