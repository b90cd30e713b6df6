//! The light client: follows a network by way of nodes that it does not trust, with the network's key alone.
//!
//! ```text
//! head       header ── descendants ── certificate under the network key; never older than what was seen
//! header     the same of any block: by its own certificate, or as an ancestor of a certified one
//! receipt    transaction and receipt in the tries under a final header: outcome and logs
//! state      entries proven under a final header's state root, or proven absent
//! view       a module's own view, run here on entries that are proven at one block
//! ```
//!
//! Whoever has the key needs no node's word: the members change, the key stays, so that epochs do not matter
//! here. What a node can do is to withhold. It cannot show what is not final ([`Lie`]); nor an older head than one
//! that was seen ([`Fault::Behind`]); but whether there is a newer one, only other nodes tell, and the age of the
//! head by one's own clock ([`Head::age`]). With several nodes the next is asked where one does not answer well,
//! and each answer says which did not, and how ([`Told::faults`]).
//!
//! Two final blocks of one height cannot be while fewer than a third of the members lie. Where a node shows them
//! ([`Lie::Fork`]), both with a certificate, that is no fault of the node.

mod asking;
mod fault;
mod follow;
mod head;
mod questions;

pub use asking::Told;
pub use fault::{Fault, Lie, NoAnswer, NodeFault, Question};
pub use head::Head;
pub use questions::{Receipt, State};

use commonhold_primitives::consensus::NetworkKey;

use crate::{
    client::Client,
    error::SdkError,
    http::Bounds,
    limits::{LIGHT_ANSWER_BYTES_MAX, LIGHT_NODES_MAX, LIGHT_SECONDS_MAX},
    stamp::BlockFinding,
    tls::Authorities,
};

/// What is known of a network from its key alone.
#[derive(Debug)]
pub struct LightClient {
    key: NetworkKey,
    chain: Option<u64>,
    nodes: Vec<Client>,
    /// Which node is asked first.
    at: usize,
    /// The newest final block that was seen.
    floor: Option<BlockFinding>,
}

impl LightClient {
    /// Nodes of the network with this key; the first is asked, and the next where it does not answer well. Those
    /// at `https://` are vouched for by one of `authorities`. Nothing is sent yet.
    ///
    /// # Errors
    /// [`SdkError::Usage`] where there is no node, more than [`LIGHT_NODES_MAX`], or one that is no address of HTTP.
    pub fn new(
        key: NetworkKey,
        urls: &[impl AsRef<str>],
        authorities: &Authorities,
    ) -> Result<Self, SdkError> {
        if urls.is_empty() || urls.len() > LIGHT_NODES_MAX {
            return Err(SdkError::Usage(format!(
                "{} nodes: a light client asks 1 to LIGHT_NODES_MAX ({LIGHT_NODES_MAX})",
                urls.len()
            )));
        }
        let bounds = Bounds {
            bytes: LIGHT_ANSWER_BYTES_MAX,
            seconds: LIGHT_SECONDS_MAX,
        };
        let node = |url: &_| Client::bounded(AsRef::as_ref(url), authorities, bounds);
        Ok(Self {
            key,
            chain: None,
            nodes: urls.iter().map(node).collect::<Result<_, _>>()?,
            at: 0,
            floor: None,
        })
    }

    /// Takes transactions only where they were signed for this chain.
    #[must_use]
    pub const fn on_chain(mut self, id: u64) -> Self {
        self.chain = Some(id);
        self
    }

    /// Takes nothing older for the head than what was seen before, in another run.
    ///
    /// # Errors
    /// [`SdkError::Usage`] where that was another network.
    pub fn resumed(mut self, seen: BlockFinding) -> Result<Self, SdkError> {
        if seen.network_key != head::bytes(&self.key) {
            let why = "what is remembered is of a network with another key";
            return Err(SdkError::Usage(why.to_owned()));
        }
        self.floor = Some(seen);
        Ok(self)
    }

    /// The newest final block that was seen so far.
    pub const fn seen(&self) -> Option<&BlockFinding> {
        self.floor.as_ref()
    }
}
