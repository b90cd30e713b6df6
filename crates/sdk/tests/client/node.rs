//! A node in this process: the real modules and the real store behind a small HTTP server, and
//! answers that a test puts before theirs.

use std::{
    collections::VecDeque,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use alloy_primitives::{Address, B256, Bytes, U256};
use commonhold_module::{Fault, bench::Bench};
use commonhold_primitives::{Genesis, system::RECORDS, transaction};
use commonhold_system::records::interface::IRecords::{mayOpenCall, recordCall};
use commonhold_vault::{
    BlobHash, BodyId, Packet, Store,
    auth::{self, Authorisation, Request},
    crypt4gh::identify,
};
use parking_lot::{Mutex, MutexGuard};
use serde_json::{Value, json};

const CHAIN: u64 = 1_337;

pub struct State {
    pub bench: Bench,
    pub store: Store,
    /// Answers to be given instead of the node's own: method, and `result` or `error`.
    pub instead: VecDeque<(&'static str, Value)>,
    /// What was asked, in order.
    pub asked: Vec<String>,
    /// Bytes put in place of a blob.
    pub forged: Option<Vec<u8>>,
    /// Whether large bodies are turned away.
    pub full: bool,
    /// How many answers with bodies break off, and after how many bytes.
    pub cuts: (u32, usize),
    /// Whether a body is given from a byte on that is asked for.
    pub ranges: bool,
    nonce: u64,
    receipts: Vec<(B256, Value)>,
}

#[derive(Clone)]
pub struct FakeNode {
    state: Arc<Mutex<State>>,
    pub url: String,
    _dir: Arc<tempfile::TempDir>,
}

impl FakeNode {
    pub fn start() -> Self {
        let dir = Arc::new(tempfile::tempdir().unwrap());
        let state = Arc::new(Mutex::new(State {
            bench: Bench::new(commonhold_node::modules::modules()).unwrap(),
            store: Store::open(&dir.path().join("vault"), 1 << 30).unwrap(),
            instead: VecDeque::new(),
            asked: Vec::new(),
            forged: None,
            full: false,
            cuts: (0, 0),
            ranges: true,
            nonce: 0,
            receipts: Vec::new(),
        }));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = state.clone();
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let _ = serve(&shared, connection.unwrap());
            }
        });
        Self {
            state,
            url,
            _dir: dir,
        }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    /// Writes what a network begins with.
    pub fn found(&self, genesis: &Genesis) {
        self.state().bench.genesis(genesis).unwrap();
    }

    /// The next answer to `method`.
    pub fn instead(&self, method: &'static str, answer: Value) {
        self.state().instead.push_back((method, answer));
    }
}

fn serve(state: &Mutex<State>, mut connection: TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(connection.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
    );
    let (mut len, mut authorisation, mut asks, mut from) = (0usize, None, false, None);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let Some((name, value)) = header.trim().split_once(": ") else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => len = value.parse().unwrap(),
            "range" => {
                let range = value.strip_prefix("bytes=").unwrap();
                from = Some(range.strip_suffix('-').unwrap().parse::<usize>().unwrap());
            }
            "expect" => asks = value == "100-continue",
            "transfer-encoding" => panic!("the length of a body is to be told"),
            name if name == auth::HEADER => authorisation = Some(value.to_owned()),
            _ => {}
        }
    }
    if asks && state.lock().full {
        return write!(
            connection,
            "HTTP/1.1 507 X\r\ncontent-length: 4\r\nconnection: close\r\n\r\nfull"
        );
    }
    if asks {
        write!(connection, "HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    let mut body = vec![0; len];
    reader.read_exact(&mut body)?;
    let mut state = state.lock();
    let (status, answer) = if path == "/" {
        state.rpc(&body)
    } else {
        state.asked.push(format!(
            "{method} {}",
            path.split('/').nth(5).unwrap_or("blob")
        ));
        state.rest(&method, &path, authorisation.as_deref(), &body)
    };
    let is_body = method == "GET" && path != "/" && status == 200 && !path.contains("/packets/");
    let whole = answer.len();
    let mut rest = answer.as_slice();
    let mut status = format!("{status} X");
    if let Some(from) = from.filter(|_| is_body && state.ranges) {
        rest = &answer[from..];
        status = format!("206 X\r\ncontent-range: bytes {from}-{}/{whole}", whole - 1);
    }
    write!(
        connection,
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        rest.len()
    )?;
    if is_body && state.cuts.0 > 0 {
        state.cuts.0 -= 1;
        rest = &rest[..state.cuts.1];
    }
    connection.write_all(rest)
}

fn error(code: i64, message: &str, data: Value) -> Value {
    json!({ "error": { "code": code, "message": message, "data": data } })
}

pub fn reverted(reason: &Bytes) -> Value {
    error(3, "execution reverted", json!(reason))
}

impl State {
    fn rpc(&mut self, body: &[u8]) -> (u16, Vec<u8>) {
        let call: Value = serde_json::from_slice(body).unwrap();
        let method = call["method"].as_str().unwrap();
        self.asked.push(method.to_owned());
        let mut answer = match self
            .instead
            .iter()
            .position(|(wanted, _)| *wanted == method)
        {
            Some(at) => self.instead.remove(at).unwrap().1,
            None => self.method(method, &call["params"]),
        };
        if let Some(raw) = answer.as_str() {
            return (200, raw.as_bytes().to_vec());
        }
        answer["jsonrpc"] = json!("2.0");
        answer["id"] = call["id"].clone();
        (200, answer.to_string().into_bytes())
    }

    fn method(&mut self, method: &str, params: &Value) -> Value {
        let result = match method {
            "eth_chainId" => json!("0x539"),
            "eth_gasPrice" => json!("0x0"),
            "eth_getTransactionCount" => json!(U256::from(self.nonce)),
            "eth_call" | "eth_estimateGas" => {
                let call = &params[0];
                let from = serde_json::from_value(call["from"].clone()).unwrap_or_default();
                let input: Bytes = serde_json::from_value(call["input"].clone()).unwrap();
                let to: Address = serde_json::from_value(call["to"].clone()).unwrap();
                let estimate = method == "eth_estimateGas";
                let mut copy = estimate.then(|| self.bench.clone());
                let bench = copy.as_mut().unwrap_or(&mut self.bench);
                let outcome = bench.raw(from, to, U256::ZERO, !estimate, &input);
                let gas = bench.gas_used();
                match outcome {
                    Ok(_) if estimate => json!(U256::from(gas + 30_000)),
                    Ok(output) => json!(output),
                    Err(Fault::Reject(reason)) => return reverted(&reason),
                    Err(e) => panic!("{e}"),
                }
            }
            "eth_getTransactionReceipt" => {
                let hash: B256 = serde_json::from_value(params[0].clone()).unwrap();
                let found = self.receipts.iter().find(|(of, _)| *of == hash);
                found.map_or(Value::Null, |(_, receipt)| receipt.clone())
            }
            "eth_sendRawTransactionSync" | "eth_sendRawTransaction" => {
                let raw: Bytes = serde_json::from_value(params[0].clone()).unwrap();
                let receipt = self.run(raw);
                if method.ends_with("Sync") {
                    receipt
                } else {
                    receipt["transactionHash"].clone()
                }
            }
            _ => return error(-32601, "the method does not exist", Value::Null),
        };
        json!({ "result": result })
    }

    fn run(&mut self, raw: Bytes) -> Value {
        use alloy_consensus::Transaction as _;
        let transaction = transaction::recover(raw, CHAIN).unwrap();
        let envelope = transaction.envelope();
        let now = self.bench.now() + 1;
        let outcome = self.bench.at(now).raw(
            transaction.sender(),
            envelope.to().unwrap(),
            U256::ZERO,
            false,
            envelope.input(),
        );
        self.nonce += 1;
        let zero = B256::ZERO;
        let receipt = json!({
            "type": "0x2", "status": if outcome.is_ok() { "0x1" } else { "0x0" },
            "transactionHash": transaction.hash(), "transactionIndex": "0x0", "blockHash": zero,
            "blockNumber": "0x1", "from": transaction.sender(), "to": envelope.to(),
            "cumulativeGasUsed": "0x1", "gasUsed": "0x1", "effectiveGasPrice": "0x0",
            "contractAddress": null, "logs": [], "logsBloom": format!("0x{}", "0".repeat(512)),
        });
        self.receipts.push((transaction.hash(), receipt.clone()));
        receipt
    }

    /// As a node does it: bodies from whoever signs, packets by who brought the body, bodies to whom
    /// the ledger lets open the record.
    fn rest(
        &mut self,
        method: &str,
        path: &str,
        auth: Option<&str>,
        body: &[u8],
    ) -> (u16, Vec<u8>) {
        let content = (!body.is_empty()).then(|| identify(&mut &body[..]).unwrap());
        let request = Request {
            method,
            path,
            body: content.map(|id| id.hash),
        };
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_secs();
        let Ok(who) =
            Authorisation::parse(auth.unwrap_or_default()).and_then(|a| a.check(&request, now))
        else {
            return (401, b"not signed".to_vec());
        };
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let parts: Vec<_> = path.split('/').collect();
        let hash: BlobHash = parts[4].parse().unwrap();
        let record: B256 = query
            .strip_prefix("record=")
            .unwrap_or_default()
            .parse()
            .unwrap_or_default();
        let may_open = self
            .bench
            .view(
                RECORDS,
                mayOpenCall {
                    id: record,
                    who,
                    at: 0,
                },
            )
            .is_ok_and(|may| may)
            && self
                .bench
                .view(RECORDS, recordCall { id: record })
                .is_ok_and(|record| BlobHash::from(record.contentHash) == hash);
        let refused = (403, br#"{"error":{"message":"not for you"}}"#.to_vec());
        let absent = (404, br#"{"error":{"message":"no such thing"}}"#.to_vec());
        match (method, parts.get(6)) {
            ("PUT", None) => {
                self.store
                    .put(
                        BodyId {
                            hash,
                            len: body.len() as u64,
                        },
                        &mut &body[..],
                    )
                    .unwrap();
                self.store.claim(&hash, who).unwrap();
                (201, Vec::new())
            }
            ("GET", None) if may_open => match &self.forged {
                Some(forged) => (200, forged.clone()),
                None => {
                    let mut bytes = Vec::new();
                    self.store
                        .get(&hash)
                        .unwrap()
                        .0
                        .read_to_end(&mut bytes)
                        .unwrap();
                    (200, bytes)
                }
            },
            ("PUT", Some(reader)) if self.store.owner(&hash).is_ok_and(|owner| owner == who) => {
                let packet = Packet::from_bytes(body).unwrap();
                self.store
                    .put_packet(&hash, &reader.parse().unwrap(), &packet)
                    .unwrap();
                (201, Vec::new())
            }
            ("GET", Some(reader)) if may_open => {
                match self.store.get_packet(&hash, &reader.parse().unwrap()) {
                    Ok(packet) => (200, packet.as_bytes().to_vec()),
                    Err(_) => absent,
                }
            }
            ("DELETE", Some(reader)) if self.store.owner(&hash).is_ok_and(|owner| owner == who) => {
                match self.store.delete_packet(&hash, &reader.parse().unwrap()) {
                    Ok(()) => (204, Vec::new()),
                    Err(_) => absent,
                }
            }
            _ => refused,
        }
    }
}
