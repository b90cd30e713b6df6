//! The network between members: encrypted, authenticated connections to the members of this epoch and of
//! the next two, as blocks name them, and to nobody else. Nodes connect to nodes of the same network, a key
//! ceremony to the ceremony of the same network, and a founding to the founding by the same document: what
//! the connections are for stands in their namespace.

use std::{collections::BTreeMap, net::TcpListener, sync::Arc, time::Duration};

use alloy_primitives::B256;
use commonhold_ceremony::limits as ceremony;
use commonhold_chain::network::message_bytes_max;
use commonhold_primitives::{
    Genesis,
    consensus::MemberKey,
    epoch::{Directory, address},
    founding::Draft,
};
use commonware_codec::{Copying, DecodeExt as _};
use commonware_consensus::types::Epoch;
use commonware_cryptography::{ChaCha20Poly1305, ed25519::PrivateKey};
use commonware_glue::dkg::network::{AddressableManager, Manager, MissingAddress};
use commonware_p2p::{
    Address, AddressableManager as _, PeerSetSubscription, Provider, TrackedPeers,
    authenticated::lookup::{self, Network, Oracle, Receiver, Sender},
};
use commonware_runtime::{Handle, Quota, Supervisor as _, tokio::Context};
use commonware_stream::{
    SakeCups,
    cups::{self, Cups},
    sake::{self, Sake},
};
use commonware_utils::{NZU32, NZUsize, ordered::Map};

use crate::{config::P2p, error::NodeError, limits::PEERS_BESIDE_FOUNDERS_MAX};

/// How far the clocks of two members may differ when they connect.
const CLOCKS_APART_MAX: Duration = Duration::from_secs(5);
/// Messages per second and peer on each channel.
const MESSAGES_PER_SECOND_MAX: u32 = 4096;
/// What the namespaces of connections between nodes, between programs in a key ceremony, and in a founding
/// begin with. The hash of the genesis document follows, or of the founding document.
const NODES: &[u8] = b"commonhold/p2p/v1";
const CEREMONY: &[u8] = b"commonhold/p2p/v1/ceremony";
const FOUNDING: &[u8] = b"commonhold/p2p/v1/founding";

/// A channel to the other members.
pub type Link = (Sender<MemberKey, Context>, Receiver<MemberKey>);
type Unstarted = Network<Context, SakeCups<PrivateKey, ChaCha20Poly1305>>;
/// The channels of a node.
pub type Channels = commonhold_chain::Network<Link0, Link1>;
/// Sends on a channel.
pub type Link0 = Sender<MemberKey, Context>;
/// Receives on a channel.
pub type Link1 = Receiver<MemberKey>;

/// Connects to the members of each epoch: where blocks say that they listen, or where this node's
/// configuration does.
#[derive(Clone, Debug)]
pub struct Peers {
    inner: AddressableManager<Oracle<MemberKey>>,
    own: Arc<BTreeMap<MemberKey, Address>>,
}

impl Provider for Peers {
    type PublicKey = MemberKey;

    async fn peer_set(&mut self, id: u64) -> Option<TrackedPeers<MemberKey>> {
        self.inner.peer_set(id).await
    }

    async fn subscribe(&mut self) -> PeerSetSubscription<MemberKey> {
        self.inner.subscribe().await
    }
}

impl Manager for Peers {
    type Directory = Directory;
    type Error = MissingAddress<MemberKey>;

    fn track(
        &mut self,
        epoch: Epoch,
        peers: TrackedPeers<MemberKey>,
        directory: &Directory,
    ) -> Result<(), Self::Error> {
        let told = directory.clone().into_inner().into_iter();
        let addresses = told.map(|(key, told)| {
            let address = self.own.get(&key).cloned().unwrap_or(told);
            (key, address)
        });
        let directory = Directory::from(Map::from_iter_dedup(addresses));
        self.inner.track(epoch, peers, &directory)
    }
}

/// The network of a node: whom it connects to, who cuts a peer off, the channels, and the task that ends
/// when the network does.
pub type Started = (Peers, Oracle<MemberKey>, Channels, Handle<()>);

/// Starts the network of the node of the member `identity`. It connects to nobody yet.
///
/// # Errors
/// Where an endpoint in the configuration is not `host:port`, or the port is not to be had.
pub fn start(
    context: &Context,
    config: &P2p,
    genesis: &Genesis,
    identity: PrivateKey,
) -> Result<Started, NodeError> {
    let (mut network, oracle) = open(
        context,
        config,
        (NODES, genesis.hash(), genesis.members.len()),
        identity,
        message_bytes_max(),
    )?;
    let quota = Quota::per_second(NZU32!(MESSAGES_PER_SECOND_MAX));
    let channels = Channels::register(|channel| -> Link { network.register(channel, quota) });
    let own = own(config)?;
    let peers = Peers {
        inner: AddressableManager::new(oracle.clone()),
        own: Arc::new(own),
    };
    Ok((peers, oracle, channels, network.start()))
}

/// Starts the network of the member `identity` for a key ceremony: one channel.
///
/// # Errors
/// As [`start`].
pub fn start_ceremony(
    context: &Context,
    config: &P2p,
    genesis: &Genesis,
    identity: PrivateKey,
) -> Result<(Oracle<MemberKey>, Link, Handle<()>), NodeError> {
    let purpose = (CEREMONY, genesis.hash(), genesis.members.len());
    let founders = genesis.directory()?;
    let (oracle, [link], handle) = among(context, config, purpose, founders, identity)?;
    Ok((oracle, link, handle))
}

/// Starts the network of the member `identity` for a founding: a channel for the ceremony of the network
/// key, and one for that of the seal key.
///
/// # Errors
/// As [`start`].
pub fn start_founding(
    context: &Context,
    config: &P2p,
    draft: &Draft,
    identity: PrivateKey,
) -> Result<Among<2>, NodeError> {
    let purpose = (FOUNDING, draft.hash(), draft.members.len());
    among(context, config, purpose, draft.directory()?, identity)
}

/// A network for key ceremonies: who cuts a peer off, the channels, and the task that ends when it does.
pub type Among<const CHANNELS: usize> = (Oracle<MemberKey>, [Link; CHANNELS], Handle<()>);

/// Starts a network for key ceremonies among the founding members, with a channel for each.
fn among<const CHANNELS: usize>(
    context: &Context,
    config: &P2p,
    purpose: Purpose,
    founders: Directory,
    identity: PrivateKey,
) -> Result<Among<CHANNELS>, NodeError> {
    let longest = u32::try_from(ceremony::WIRE_BYTES_MAX).unwrap_or(u32::MAX);
    let (mut network, mut oracle) = open(context, config, purpose, identity, longest)?;
    let own = own(config)?;
    let addresses = founders.into_inner().into_iter().map(|(key, told)| {
        let address = own.get(&key).cloned().unwrap_or(told);
        (key, address)
    });
    oracle.track(0, Map::from_iter_dedup(addresses));
    let quota = Quota::per_second(NZU32!(ceremony::MESSAGES_PER_SECOND_MAX));
    let mut channel = 0..;
    let links =
        std::array::from_fn(|_| network.register(channel.next().unwrap_or_default(), quota));
    Ok((oracle, links, network.start()))
}

/// What connections are for: what their namespace begins with, the hash that it ends with, and how many
/// members there are.
type Purpose = (&'static [u8], B256, usize);

/// Opens the network without channels. `purpose` sets its connections apart from others'.
fn open(
    context: &Context,
    config: &P2p,
    (purpose, document, members): Purpose,
    identity: PrivateKey,
    message_bytes_max: u32,
) -> Result<(Unstarted, Oracle<MemberKey>), NodeError> {
    // The network itself panics where it cannot listen.
    drop(
        TcpListener::bind(config.listen).map_err(|source| NodeError::ListenMembers {
            listen: config.listen,
            source,
        })?,
    );
    let handshake = Cups::<_, ChaCha20Poly1305>::new(
        Sake {
            signer: identity,
            synchrony_bound: CLOCKS_APART_MAX,
            max_handshake_age: CLOCKS_APART_MAX.saturating_mul(2),
            version: sake::Version::V1,
        },
        cups::Version::V1,
    );
    // With the document's hash: members of other networks do not connect.
    let namespace = [purpose, document.as_slice()].concat();
    let mut settings = lookup::Config::local(
        handshake,
        &namespace,
        config.listen,
        NZUsize!(PEERS_BESIDE_FOUNDERS_MAX).saturating_add(members),
        message_bytes_max,
        NZUsize!(1024),
    );
    // Members are known by their key. Where they connect from says nothing: they may sit behind one
    // address, or behind one that changes.
    settings.bypass_ip_check = true;
    // Inboxes are allocated for every peer of every set that is followed.
    settings.tracked_peer_sets = NZUsize!(1);
    Ok(Network::new(context.child("p2p"), settings))
}

/// Where the configuration says that members listen, against what blocks say.
fn own(config: &P2p) -> Result<BTreeMap<MemberKey, Address>, NodeError> {
    let mut own = BTreeMap::new();
    for (key, endpoint) in &config.endpoints {
        let wrong = || NodeError::Endpoint {
            member: *key,
            endpoint: endpoint.clone(),
        };
        let member = MemberKey::decode(Copying(key.as_slice())).map_err(|_| wrong())?;
        own.insert(member, address(endpoint).ok_or_else(wrong)?);
    }
    Ok(own)
}
