//! Who takes people's requests to members, and brings the answers back.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::{Arc, mpsc},
    time::Duration,
};

use alloy_primitives::{B256, Bytes, keccak256};
use axum::{Router, body::to_bytes};
use commonhold_rpc::{Config, service};
use commonhold_sdk::{Carrier, Request, Response};
use commonware_runtime::{Clock as _, deterministic};
use futures::future::{Either, select};
use rand_core::Rng as _;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

use super::window::Window;
use crate::{
    member::Network,
    world::{Life, World},
};

/// Milliseconds that a request is under way, at most.
const LATENCY_MS: u64 = 20;
/// Time between two looks at whether a member is there.
const LOOK: Duration = Duration::from_millis(10);
/// How long somebody waits before they send a transaction again whose member went away: others may have
/// heard of it.
const PATIENCE: Duration = Duration::from_millis(400);
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

type Answer = Result<Response<Vec<u8>>, String>;

/// A request of somebody who lives beside a member.
#[derive(Debug)]
pub struct Errand {
    beside: usize,
    request: Request<Vec<u8>>,
    answer: mpsc::Sender<Answer>,
}

/// Somebody's way to the clerk.
#[derive(Debug)]
pub struct Door {
    /// Beside which member.
    pub beside: usize,
    /// Where requests go.
    pub errands: mpsc::Sender<Errand>,
}

impl Carrier for Door {
    fn carry(&self, request: Request<Vec<u8>>) -> Answer {
        let (answer, answered) = mpsc::channel();
        let errand = Errand {
            beside: self.beside,
            request,
            answer,
        };
        let over = |_| "the simulation is over".to_owned();
        let sent = self.errands.send(errand);
        sent.map_err(|_| "the simulation is over".to_owned())?;
        answered.recv().map_err(over)?
    }
}

/// What a node answers that stops before it knows.
const STOPS: &str = "the node stops";

/// The clerk.
pub(super) struct Clerk {
    context: deterministic::Context,
    network: Network,
    runtime: Arc<Runtime>,
    /// The newest block that people were told of.
    seen: u64,
    /// The member that was asked last.
    at: usize,
    router: Option<(Life, Router)>,
}

/// What a request waits for.
enum Waits {
    /// For nothing that goes on in the network.
    No,
    /// For a transaction to be final.
    Transaction(Bytes),
    /// For members' answers.
    Members,
}

impl Waits {
    fn of(request: &Request<Vec<u8>>) -> Self {
        if request.uri().path().starts_with("/api/openings/")
            || request.uri().path().starts_with("/api/times/")
        {
            return Self::Members;
        }
        let call: Value = serde_json::from_slice(request.body()).unwrap_or_default();
        let raw = call["params"][0].as_str().and_then(|raw| raw.parse().ok());
        match (call["method"].as_str(), raw) {
            (Some("eth_sendRawTransactionSync"), Some(raw)) => Self::Transaction(raw),
            _ => Self::No,
        }
    }
}

impl Clerk {
    pub(super) fn new(context: deterministic::Context, network: &Network) -> Self {
        Self {
            context,
            network: network.clone(),
            runtime: network.world.town(|town| town.runtime.clone()),
            seen: 0,
            at: 0,
            router: None,
        }
    }

    /// Attends to people for as long as there are any.
    pub(super) async fn attend(mut self, inbox: mpsc::Receiver<Errand>) {
        // This stops the whole simulation until somebody wants something.
        while let Ok(errand) = inbox.recv() {
            self.world().town(|town| town.errands += 1);
            self.way().await;
            let answer = self.answer(errand.beside, errand.request).await;
            let height = self.world().town(|town| town.shown[self.at].height());
            self.seen = self.seen.max(height);
            self.way().await;
            // Whoever does not wait any more has gone.
            let _ = errand.answer.send(answer);
        }
    }

    const fn world(&self) -> &World {
        &self.network.world
    }

    async fn way(&mut self) {
        let takes = 1 + self.context.next_u64() % LATENCY_MS;
        self.context.sleep(Duration::from_millis(takes)).await;
    }

    async fn answer(&mut self, beside: usize, request: Request<Vec<u8>>) -> Answer {
        let waits = Waits::of(&request);
        let mut is_again = false;
        loop {
            let (life, router) = self.member(beside).await;
            if is_again && let Waits::Transaction(raw) = &waits {
                let known = receipt_of(keccak256(raw));
                let told = self.now(router.clone(), known)?;
                if !is_null(&told) {
                    return Ok(told);
                }
            }
            if matches!(waits, Waits::No) {
                return self.now(router, request);
            }
            let known = self.later(life, router, request.clone()).await;
            // What a member says whose life ends under the question.
            let known = known.filter(|told| !told.as_ref().is_ok_and(|told| says(told, STOPS)));
            match known {
                Some(Ok(told)) if is_again && says(&told, "already known") => {}
                Some(answer) => return answer,
                None => self.world().town(|town| town.begun_again += 1),
            }
            is_again = true;
            self.context.sleep(PATIENCE).await;
        }
    }

    /// The life of a member that is up and knows what was seen: the one they live beside, or the next.
    async fn member(&mut self, beside: usize) -> (Life, Router) {
        let members = self.network.founding.keys.len();
        loop {
            for member in (beside..beside + members).map(|member| member % members) {
                if self.network.byzantine.contains_key(&member) {
                    continue;
                }
                let Some((life, door)) = self.world().door(member) else {
                    continue;
                };
                let (shown, vault) = self
                    .world()
                    .town(|town| (town.shown[member].clone(), town.vault.clone()));
                let height = shown.height();
                if height == 0 || height < self.seen {
                    continue;
                }
                self.at = member;
                if let Some((of, router)) = &self.router
                    && *of == life
                {
                    return (life, router.clone());
                }
                let window = Window {
                    founding: self.network.founding.clone(),
                    shown,
                    pool: door.pool,
                    desk: door.desk,
                    holdings: door.holdings,
                    vault,
                };
                let _inside = self.runtime.enter();
                let router = service(window, &Config::default()).expect("methods");
                self.router = Some((life, router.clone()));
                return (life, router);
            }
            self.context.sleep(LOOK).await;
        }
    }

    /// What needs nothing of the network takes none of its time.
    fn now(&self, router: Router, request: Request<Vec<u8>>) -> Answer {
        self.runtime.block_on(exchange(router, request))
    }

    /// An answer for which the network has to go on. `None`: the life ended first.
    async fn later(&self, life: Life, router: Router, request: Request<Vec<u8>>) -> Option<Answer> {
        let mut answer = pin!(exchange(router, request));
        let mut inside = pin!(poll_fn(|cx| {
            let _inside = self.runtime.enter();
            answer.as_mut().poll(cx)
        }));
        loop {
            let look = pin!(self.context.sleep(LOOK));
            match select(inside.as_mut(), look).await {
                Either::Left((answer, _)) => return Some(answer),
                Either::Right(_) if self.world().with(|w| w.living.contains(&life)) => {}
                Either::Right(_) => return None,
            }
        }
    }
}

async fn exchange(router: Router, request: Request<Vec<u8>>) -> Answer {
    let request = request.map(axum::body::Body::from);
    let answer = router.oneshot(request).await.map_err(|e| e.to_string())?;
    let (parts, body) = answer.into_parts();
    let bytes = to_bytes(body, ANSWER_BYTES_MAX).await;
    let bytes = bytes.map_err(|e| e.to_string())?;
    Ok(Response::from_parts(parts, bytes.to_vec()))
}

fn receipt_of(hash: B256) -> Request<Vec<u8>> {
    let method = "eth_getTransactionReceipt";
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": [hash] });
    Request::post("http://localhost/")
        .header("host", "localhost")
        .header("content-type", "application/json")
        .body(call.to_string().into_bytes())
        .expect("a request")
}

fn is_null(told: &Response<Vec<u8>>) -> bool {
    let answer: Value = serde_json::from_slice(told.body()).unwrap_or_default();
    answer["result"].is_null()
}

fn says(told: &Response<Vec<u8>>, what: &str) -> bool {
    String::from_utf8_lossy(told.body()).contains(what)
}
