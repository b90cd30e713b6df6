//! A node that serves, and a client of it.

use alloy_consensus::{SignableTransaction as _, TxEip1559, TxLegacy};
use alloy_eips::eip2718::Encodable2718 as _;
use alloy_primitives::{Address, Bytes, TxKind, U256, hex};
use alloy_signer::SignerSync as _;
use commonhold_rpc::Config;
use serde_json::{Value, json};

use super::{CHAIN, Chain, signer};

/// A node that serves, and stops when it is dropped.
pub struct Node {
    pub chain: Chain,
    pub port: u16,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
    agent: ureq::Agent,
}

/// A whole HTTP answer.
pub struct Answer {
    pub status: u16,
    pub headers: ureq::http::HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&self.body)))
    }
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }
}

impl Node {
    pub fn start() -> Self {
        Self::with(Config::default())
    }

    pub fn with(config: Config) -> Self {
        Self::serve(Chain::new(), config)
    }

    pub fn serve(chain: Chain, config: Config) -> Self {
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let (told, port) = std::sync::mpsc::channel();
        let backend = chain.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                told.send(listener.local_addr().unwrap().port()).unwrap();
                let stop = async move {
                    let _ = stopped.await;
                };
                commonhold_rpc::serve(listener, backend, config, stop)
                    .await
                    .unwrap();
            });
        });
        let port = port.recv().unwrap();
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .into();
        Self {
            chain,
            port,
            stop: Some(stop),
            thread: Some(thread),
            agent,
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(self.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = self.agent.run(request.body(body).unwrap()).unwrap();
        Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response
                .body_mut()
                .with_config()
                .limit(1 << 28)
                .read_to_vec()
                .unwrap(),
        }
    }

    pub fn get(&self, path: &str) -> Answer {
        let request = ureq::http::Request::get(self.url(path)).body(()).unwrap();
        let mut response = self.agent.run(request).unwrap();
        Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.body_mut().read_to_vec().unwrap(),
        }
    }

    pub fn post(&self, body: &Value) -> Answer {
        let body = serde_json::to_vec(body).unwrap();
        self.send("POST", "/", &[("content-type", "application/json")], &body)
    }

    /// The whole answer to one call.
    pub fn ask(&self, method: &str, params: Value) -> Value {
        let call = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let answer = self.post(&call);
        assert_eq!(answer.status, 200, "{method}");
        answer.json()
    }

    /// The result of a call that has one.
    pub fn call(&self, method: &str, params: Value) -> Value {
        let mut answer = self.ask(method, params);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].take()
    }

    /// The error of a call that has one.
    pub fn error(&self, method: &str, params: Value) -> (i64, String, Value) {
        let answer = self.ask(method, params);
        let error = answer
            .get("error")
            .unwrap_or_else(|| panic!("{method}: {answer}"));
        let message = error["message"].as_str().unwrap().to_owned();
        (
            error["code"].as_i64().unwrap(),
            message,
            error["data"].clone(),
        )
    }

    /// Sends a transaction of account `from` and gives its hash.
    pub fn transact(&self, from: u64, to: Option<Address>, value: u64, input: Bytes) -> String {
        let address = signer(from).address();
        let nonce = self.call("eth_getTransactionCount", json!([address, "pending"]));
        let nonce = u64::from_str_radix(&nonce.as_str().unwrap()[2..], 16).unwrap();
        let raw = raw(from, nonce, to, value, input);
        self.call("eth_sendRawTransaction", json!([raw]))
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Deploys code and gives the contract's address.
    pub fn deploy(&self, from: u64, runtime: &[u8]) -> Address {
        let hash = self.transact(from, None, 0, creation(runtime));
        let receipt = self.call("eth_getTransactionReceipt", json!([hash]));
        assert_eq!(receipt["status"], "0x1", "{receipt}");
        receipt["contractAddress"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

/// Init code that returns `runtime`.
pub fn creation(runtime: &[u8]) -> Bytes {
    // PUSH2 len, DUP1, PUSH1 0x0b, PUSH0, CODECOPY, PUSH0, RETURN: eleven bytes with the padding.
    let len = u16::try_from(runtime.len()).unwrap().to_be_bytes();
    let mut code = vec![
        0x61, len[0], len[1], 0x80, 0x60, 0x0a, 0x5f, 0x39, 0x5f, 0xf3,
    ];
    code.extend_from_slice(runtime);
    code.into()
}

/// A signed EIP-1559 transaction as hex.
pub fn raw(from: u64, nonce: u64, to: Option<Address>, value: u64, input: Bytes) -> String {
    let tx = TxEip1559 {
        chain_id: CHAIN,
        nonce,
        gas_limit: 1_000_000,
        max_fee_per_gas: 2_000_000_000,
        max_priority_fee_per_gas: 1_000_000_000,
        to: to.map_or(TxKind::Create, TxKind::Call),
        value: U256::from(value),
        input,
        ..TxEip1559::default()
    };
    let signature = signer(from).sign_hash_sync(&tx.signature_hash()).unwrap();
    hex::encode_prefixed(tx.into_signed(signature).encoded_2718_envelope())
}

/// A signed legacy transfer as hex.
pub fn legacy(from: u64, nonce: u64, to: Address, chain_id: Option<u64>) -> String {
    let tx = TxLegacy {
        chain_id,
        nonce,
        gas_price: 7,
        gas_limit: 21_000,
        to: TxKind::Call(to),
        value: U256::from(1),
        input: Bytes::new(),
    };
    let signature = signer(from).sign_hash_sync(&tx.signature_hash()).unwrap();
    hex::encode_prefixed(tx.into_signed(signature).encoded_2718_envelope())
}

/// EIP-2718 bytes of a signed transaction.
trait Encoded {
    fn encoded_2718_envelope(self) -> Vec<u8>;
}

impl<T> Encoded for alloy_consensus::Signed<T>
where
    commonhold_primitives::transaction::Envelope: From<alloy_consensus::Signed<T>>,
{
    fn encoded_2718_envelope(self) -> Vec<u8> {
        commonhold_primitives::transaction::Envelope::from(self).encoded_2718()
    }
}
