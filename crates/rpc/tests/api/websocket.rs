//! Subscriptions.

use alloy_primitives::{Bytes, hex};
use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest as _},
};

use crate::support::Node;

type Socket = WebSocketStream<TcpStream>;

async fn connect(node: &Node, origin: Option<&str>) -> Option<Socket> {
    let stream = TcpStream::connect(("127.0.0.1", node.port)).await.unwrap();
    let mut request = format!("ws://127.0.0.1:{}/", node.port)
        .into_client_request()
        .unwrap();
    if let Some(origin) = origin {
        request
            .headers_mut()
            .insert("origin", origin.parse().unwrap());
    }
    client_async(request, stream)
        .await
        .ok()
        .map(|(socket, _)| socket)
}

async fn next(socket: &mut Socket) -> Value {
    loop {
        match socket.next().await.unwrap().unwrap() {
            Message::Text(text) => return serde_json::from_str(&text).unwrap(),
            Message::Ping(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

async fn ask(socket: &mut Socket, method: &str, params: Value) -> Value {
    let call = json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params });
    socket.send(Message::text(call.to_string())).await.unwrap();
    loop {
        let answer = next(socket).await;
        if answer["id"] == 7 {
            return answer;
        }
    }
}

fn run(test: impl AsyncFnOnce(&Node)) {
    let node = Node::start();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(test(&node));
}

#[test]
fn new_heads_come_once_each_and_in_order() {
    run(async |node| {
        let mut socket = connect(node, None).await.unwrap();
        let id = ask(&mut socket, "eth_subscribe", json!(["newHeads"])).await["result"].clone();
        assert!(id.as_str().unwrap().starts_with("0x"), "{id}");
        for number in 1..=5u64 {
            node.chain.mine();
            if number == 3 {
                node.chain.mine();
            }
        }
        for number in 1..=6u64 {
            let news = next(&mut socket).await;
            assert_eq!(news["method"], "eth_subscription");
            assert_eq!(news["params"]["subscription"], id);
            assert_eq!(
                news["params"]["result"]["number"],
                json!(format!("{number:#x}"))
            );
        }
        assert_eq!(
            ask(&mut socket, "eth_unsubscribe", json!([id])).await["result"],
            true
        );
        node.chain.mine();
        assert_eq!(
            ask(&mut socket, "eth_blockNumber", json!([])).await["result"],
            "0x7"
        );
    });
}

#[test]
fn logs_and_pending_transactions_are_told() {
    run(async |node| {
        // LOG1 with topic 7 and no data.
        let contract = node.deploy(0, &hex!("60075f5fa100"));
        let other = node.deploy(0, &hex!("60085f5fa100"));
        let mut socket = connect(node, None).await.unwrap();
        let topic = format!("0x{:064x}", 7);
        let filter = json!(["logs", { "address": contract, "topics": [[topic]] }]);
        let logs = ask(&mut socket, "eth_subscribe", filter).await["result"].clone();
        let pending = ask(
            &mut socket,
            "eth_subscribe",
            json!(["newPendingTransactions"]),
        )
        .await;
        let pending = pending["result"].clone();
        node.transact(0, Some(other), 0, Bytes::new());
        let hash = node.transact(0, Some(contract), 0, Bytes::new());
        let (mut hashes, mut found) = (Vec::new(), Vec::new());
        while hashes.last() != Some(&json!(hash)) || found.is_empty() {
            let news = next(&mut socket).await;
            let result = news["params"]["result"].clone();
            if news["params"]["subscription"] == pending {
                hashes.push(result);
            } else {
                assert_eq!(news["params"]["subscription"], logs);
                found.push(result);
            }
        }
        assert!(hashes.len() >= 2);
        assert_eq!(found[0]["transactionHash"], json!(hash));
        assert_eq!(
            found[0]["address"],
            json!(contract.to_string().to_lowercase())
        );
        assert_eq!(found[0]["removed"], false);
    });
}

#[test]
fn a_page_from_elsewhere_gets_no_socket() {
    run(async |node| {
        let own = format!("http://127.0.0.1:{}", node.port);
        assert!(connect(node, Some(&own)).await.is_some());
        assert!(connect(node, Some("https://evil.example")).await.is_none());
        assert!(connect(node, Some("null")).await.is_none());
    });
}

#[test]
fn subscriptions_are_bounded() {
    run(async |node| {
        let mut socket = connect(node, None).await.unwrap();
        for _ in 0..commonhold_rpc::limits::SUBSCRIPTIONS_PER_CONNECTION_MAX {
            let answer = ask(&mut socket, "eth_subscribe", json!(["newHeads"])).await;
            assert!(answer["result"].is_string(), "{answer}");
        }
        let answer = ask(&mut socket, "eth_subscribe", json!(["newHeads"])).await;
        assert!(answer["error"].is_object(), "{answer}");
        let answer = ask(&mut socket, "eth_subscribe", json!(["nonsense"])).await;
        assert!(answer["error"].is_object(), "{answer}");
    });
}

#[test]
fn a_socket_answers_batches_too() {
    run(async |node| {
        let mut socket = connect(node, None).await.unwrap();
        let call = |id: u64| json!({ "jsonrpc": "2.0", "id": id, "method": "eth_chainId" });
        let batch = json!([call(1), call(2)]).to_string();
        socket.send(Message::text(batch)).await.unwrap();
        assert_eq!(next(&mut socket).await.as_array().unwrap().len(), 2);
    });
}

#[test]
fn filters_are_polled() {
    run(async |node| {
        let contract = node.deploy(0, &hex!("60075f5fa100"));
        let blocks = node.call("eth_newBlockFilter", json!([]));
        let pending = node.call("eth_newPendingTransactionFilter", json!([]));
        let logs = node.call("eth_newFilter", json!([{ "address": contract }]));
        let hash = node.transact(0, Some(contract), 0, Bytes::new());
        let head = node.call("eth_getBlockByNumber", json!(["latest", false]));
        assert_eq!(
            node.call("eth_getFilterChanges", json!([blocks])),
            json!([head["hash"]])
        );
        assert_eq!(
            node.call("eth_getFilterChanges", json!([blocks])),
            json!([])
        );
        let found = node.call("eth_getFilterChanges", json!([logs]));
        assert_eq!(found[0]["transactionHash"], json!(hash));
        assert_eq!(node.call("eth_getFilterChanges", json!([logs])), json!([]));
        assert_eq!(node.call("eth_getFilterLogs", json!([logs])), found);
        // News of the pool come when they come, and may be of a moment before.
        let mut hashes = Vec::new();
        while hashes.last() != Some(&json!(hash)) {
            let more = node.call("eth_getFilterChanges", json!([pending]));
            hashes.extend(more.as_array().unwrap().iter().cloned());
        }
        assert_eq!(node.call("eth_uninstallFilter", json!([logs])), true);
        assert_eq!(node.call("eth_uninstallFilter", json!([logs])), false);
        let (code, message, _) = node.error("eth_getFilterChanges", json!([logs]));
        assert_eq!((code, message.as_str()), (-32000, "filter not found"));
    });
}

/// What a connection held is given back when it ends.
#[test]
fn a_socket_that_closes_is_forgotten() {
    run(async |node| {
        let count = |name: &str| {
            let text = node.get("/metrics").text();
            let line = text.lines().find(|line| line.starts_with(name)).unwrap();
            line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()
        };
        let mut socket = connect(node, None).await.unwrap();
        ask(&mut socket, "eth_subscribe", json!(["newHeads"])).await;
        assert_eq!(
            (count("rpc_websockets"), count("rpc_subscriptions")),
            (1, 1)
        );
        drop(socket);
        while (count("rpc_websockets"), count("rpc_subscriptions")) != (0, 0) {
            tokio::task::yield_now().await;
        }
    });
}
