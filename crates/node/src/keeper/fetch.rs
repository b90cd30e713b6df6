//! Fetching bodies, packets and sealed keys from other members' HTTP ports.
//!
//! Members are asked in turn, each for what the ones before did not give, beginning with another one at
//! each try. What comes of a body is checked group by group; who sends something else is named in the
//! log and asked for no more of it. A thread of its own for each fetch: it may wait for the network long,
//! and the node's end does not wait for it.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use alloy_primitives::{Address, B256};
use commonhold_rpc::peer_tls;
use commonhold_vault::{
    BlobHash, Store, VaultError,
    limits::KEYS_BYTES_MAX,
    member::{HEADER, Signed},
    store::{Arrival, Keys},
};
use commonware_cryptography::ed25519::PrivateKey;
use tokio::sync::mpsc;
use tracing::{debug, warn};

use super::{look::Want, wanted::Care};
use crate::limits::{
    FETCHES_AT_ONCE_MAX, PEER_ANSWER_SECONDS, PEER_CONNECT_SECONDS, PEER_PART_SECONDS,
};

/// Why something could not be fetched.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    /// The vault does not take it.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A member's answer.
    #[error("{peer}: {why}")]
    Peer { peer: String, why: String },
    /// Nobody has it, or nobody gave it.
    #[error("no other member gave {0}")]
    Nobody(&'static str),
}

/// How a fetch went.
pub(super) struct Fetched {
    pub(super) id: B256,
    pub(super) care: Care,
    pub(super) want: Want,
    pub(super) outcome: Result<(), FetchError>,
}

/// Fetches under way.
pub(super) struct Fetcher {
    members: Arc<Members>,
    tell: mpsc::Sender<Fetched>,
    /// Records whose content is on its way, and its names.
    under_way: BTreeMap<B256, BlobHash>,
    started: usize,
}

/// Other members, as one that may ask them.
struct Members {
    vault: Store,
    peers: Vec<String>,
    identity: PrivateKey,
    agent: ureq::Agent,
}

impl Fetcher {
    pub(super) fn new(
        vault: Store,
        peers: Vec<String>,
        identity: PrivateKey,
        tell: mpsc::Sender<Fetched>,
    ) -> Self {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .tls_config(peer_tls())
            .timeout_connect(seconds(PEER_CONNECT_SECONDS))
            .timeout_recv_response(seconds(PEER_ANSWER_SECONDS))
            .timeout_recv_body(seconds(PEER_PART_SECONDS))
            .build()
            .into();
        Self {
            members: Arc::new(Members {
                vault,
                peers,
                identity,
                agent,
            }),
            tell,
            under_way: BTreeMap::new(),
            started: 0,
        }
    }

    /// Whether no further fetch can be started.
    pub(super) fn is_busy(&self) -> bool {
        self.under_way.len() >= FETCHES_AT_ONCE_MAX
    }

    /// Begins to fetch; tells whether it does: what is on its way for another record is not fetched twice.
    pub(super) fn start(&mut self, id: B256, care: Care, want: Want) -> bool {
        if self.under_way.values().any(|hash| *hash == want.id.hash) {
            return false;
        }
        self.under_way.insert(id, want.id.hash);
        self.started = self.started.wrapping_add(1);
        let (members, tell, first) = (self.members.clone(), self.tell.clone(), self.started);
        let work = move || {
            let fetched = Fetched {
                id,
                care,
                want,
                outcome: members.fetch(&want, first),
            };
            // Where nobody waits for it the node has stopped.
            let _ = tell.blocking_send(fetched);
        };
        let thread = std::thread::Builder::new().name("fetch".into()).spawn(work);
        if let Err(error) = &thread {
            warn!(%error, "there is no thread to fetch content in");
            self.under_way.remove(&id);
        }
        thread.is_ok()
    }

    pub(super) fn ended(&mut self, id: &B256) {
        self.under_way.remove(id);
    }
}

impl Members {
    fn fetch(&self, want: &Want, first: usize) -> Result<(), FetchError> {
        let mut peers: Vec<&str> = self.peers.iter().map(String::as_str).collect();
        let begin = first.checked_rem(peers.len()).unwrap_or(0);
        peers.rotate_left(begin);
        if want.body {
            self.fetch_body(want, &peers)?;
        }
        let hash = want.id.hash;
        for peer in peers {
            match self.fetch_keys(peer, &hash) {
                Ok(keys) => self
                    .vault
                    .merge(&hash, &keys, |digest| *digest == want.sealed_key)?,
                Err(error) => debug!(%error, "a member gave no packets"),
            }
        }
        let missing =
            !want.sealed_key.is_zero() && self.vault.get_sealed(&hash, &want.sealed_key).is_err();
        if missing {
            return Err(FetchError::Nobody("the sealed key"));
        }
        Ok(())
    }

    fn fetch_body(&self, want: &Want, peers: &[&str]) -> Result<(), FetchError> {
        let mut arrival = self.vault.arrive(want.id)?;
        for peer in peers {
            if let Err(error) = self.fetch_parts(peer, want, &mut arrival) {
                match error {
                    FetchError::Vault(VaultError::Lie(at)) => {
                        warn!(peer, hash = %want.id.hash, at, "a member sent what is not the body");
                    }
                    FetchError::Vault(VaultError::CutOff(_)) | FetchError::Peer { .. } => {
                        debug!(peer, %error, "a member did not give a body whole");
                    }
                    own => return Err(own),
                }
            }
        }
        if !arrival.is_whole() {
            return Err(FetchError::Nobody("the body"));
        }
        arrival.finish()?;
        if want.owner != Address::ZERO {
            self.vault.claim(&want.id.hash, want.owner)?;
        }
        Ok(())
    }

    /// Takes what is missing of a body from one member.
    fn fetch_parts(
        &self,
        peer: &str,
        want: &Want,
        arrival: &mut Arrival,
    ) -> Result<(), FetchError> {
        while !arrival.is_whole() {
            let (hash, len, from) = (want.id.hash, want.id.len, arrival.done());
            let path = format!("/api/vault/replicas/{hash}?length={len}&from={from}");
            let body = self.ask(peer, &path)?;
            arrival.take(body.into_with_config().limit(u64::MAX).reader())?;
        }
        Ok(())
    }

    fn fetch_keys(&self, peer: &str, hash: &BlobHash) -> Result<Keys, FetchError> {
        let body = self.ask(peer, &format!("/api/vault/replicas/{hash}/keys"))?;
        let bytes = body
            .into_with_config()
            .limit(KEYS_BYTES_MAX.saturating_add(1))
            .read_to_vec();
        let refuse = |why: String| FetchError::Peer {
            peer: peer.to_owned(),
            why,
        };
        let bytes = bytes.map_err(|e| refuse(e.to_string()))?;
        Keys::from_bytes(&bytes).ok_or_else(|| refuse("these are no packets".to_owned()))
    }

    fn ask(&self, peer: &str, path: &str) -> Result<ureq::Body, FetchError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let seconds = now.map_or(0, |now| now.as_secs());
        let signed = Signed::new(&self.identity, "GET", path, seconds);
        let answer = self
            .agent
            .get(format!("{}{path}", peer.trim_end_matches('/')))
            .header(HEADER, signed.to_string())
            .call();
        let refuse = |why: String| FetchError::Peer {
            peer: peer.to_owned(),
            why,
        };
        let answer = answer.map_err(|e| refuse(e.to_string()))?;
        if answer.status() != ureq::http::StatusCode::OK {
            return Err(refuse(format!("it answers {}", answer.status())));
        }
        Ok(answer.into_body())
    }
}
