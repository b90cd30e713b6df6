//! A node that answers what it is told to, whatever that is.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::Arc,
};

use commonhold_primitives::consensus::NetworkKey;
use commonhold_sdk::{Authorities, LightClient};
use parking_lot::Mutex;
use serde::Serialize;
use serde_json::{Value, json};

/// What is answered to each method: by its first parameter, or, without one, always.
#[derive(Default)]
struct Told {
    answers: BTreeMap<String, Vec<u8>>,
    asked: usize,
}

#[derive(Clone)]
pub struct Node {
    pub url: String,
    told: Arc<Mutex<Told>>,
}

impl Node {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let told = Arc::new(Mutex::new(Told::default()));
        let shared = told.clone();
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                // Who asks may leave before the end of what is too long.
                let _ = serve(&shared, connection.unwrap());
            }
        });
        Self { url, told }
    }

    /// From now on it answers this to the method, whatever the parameters are.
    pub fn says(&self, method: &str, answer: &impl Serialize) -> &Self {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "result": answer });
        self.sends(method, body.to_string().into_bytes())
    }

    /// The same, of the whole body.
    pub fn sends(&self, method: &str, body: Vec<u8>) -> &Self {
        self.told.lock().answers.insert(method.to_owned(), body);
        self
    }

    pub fn asked(&self) -> usize {
        self.told.lock().asked
    }
}

fn serve(told: &Mutex<Told>, mut connection: TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(connection.try_clone()?);
    let mut len = 0usize;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.trim().split_once(": ")
            && name.eq_ignore_ascii_case("content-length")
        {
            len = value.parse().unwrap();
        }
    }
    let mut body = vec![0; len];
    reader.read_exact(&mut body)?;
    let call: Value = serde_json::from_slice(&body).unwrap();
    let method = call["method"].as_str().unwrap().to_owned();
    let answer = {
        let mut told = told.lock();
        told.asked += 1;
        told.answers.get(&method).cloned().unwrap_or_else(|| {
            json!({ "jsonrpc": "2.0", "id": 1, "error": { "code": -32001, "message": "there is none" } })
                .to_string()
                .into_bytes()
        })
    };
    write!(
        connection,
        "HTTP/1.1 200 X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        answer.len()
    )?;
    connection.write_all(&answer)
}

pub fn light(key: NetworkKey, nodes: &[&Node]) -> LightClient {
    let urls: Vec<&str> = nodes.iter().map(|node| node.url.as_str()).collect();
    LightClient::new(key, &urls, &Authorities::default()).unwrap()
}
