//! The network between members: encrypted, authenticated connections to the members that the genesis
//! document names, and to nobody else. Nodes connect to nodes of the same network, and a key ceremony to
//! the ceremony of the same network: what the connections are for stands in their namespace.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::{num::NonZeroUsize, time::Duration};

use alloy_primitives::B256;
use commonhold_ceremony::limits as ceremony;
use commonhold_chain::network::message_bytes_max;
use commonhold_primitives::{Genesis, consensus::MemberKey};
use commonware_cryptography::{ChaCha20Poly1305, ed25519::PrivateKey};
use commonware_p2p::{
    Address, AddressableManager as _, Ingress,
    authenticated::lookup::{self, Network, Oracle, Receiver, Sender},
};
use commonware_runtime::{Handle, Quota, Supervisor as _, tokio::Context};
use commonware_stream::{
    SakeCups,
    cups::{self, Cups},
    sake::{self, Sake},
};
use commonware_utils::{Hostname, NZU32, NZUsize, ordered::Map};

use crate::{config::P2p, error::NodeError};

/// How far the clocks of two members may differ when they connect.
const CLOCKS_APART_MAX: Duration = Duration::from_secs(5);
/// Messages per second and peer on each channel.
const MESSAGES_PER_SECOND_MAX: u32 = 4096;
/// What the namespaces of connections between nodes, and between programs in a key ceremony, begin with.
/// The hash of the genesis document follows.
const NODES: &[u8] = b"commonhold/p2p/v1";
const CEREMONY: &[u8] = b"commonhold/p2p/v1/ceremony";
/// The channel of a key ceremony.
const CEREMONY_CHANNEL: u64 = 0;

/// A channel to the other members.
pub type Link = (Sender<MemberKey, Context>, Receiver<MemberKey>);
type Unstarted = Network<Context, SakeCups<PrivateKey, ChaCha20Poly1305>>;
/// The channels of a node.
pub type Channels = commonhold_chain::Network<Link0, Link1>;
/// Sends on a channel.
pub type Link0 = Sender<MemberKey, Context>;
/// Receives on a channel.
pub type Link1 = Receiver<MemberKey>;

/// Starts the network of the node of the member `identity`.
///
/// # Errors
/// Where a member's endpoint is not `host:port`, or the port is not to be had.
pub fn start(
    context: &Context,
    config: &P2p,
    genesis: &Genesis,
    identity: PrivateKey,
) -> Result<(Oracle<MemberKey>, Channels, Handle<()>), NodeError> {
    let (mut network, oracle) = open(
        context,
        config,
        genesis,
        identity,
        NODES,
        message_bytes_max(),
    )?;
    let quota = Quota::per_second(NZU32!(MESSAGES_PER_SECOND_MAX));
    let channels = Channels::register(|channel| -> Link { network.register(channel, quota) });
    Ok((oracle, channels, network.start()))
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
    let longest = u32::try_from(ceremony::WIRE_BYTES_MAX).unwrap_or(u32::MAX);
    let (mut network, oracle) = open(context, config, genesis, identity, CEREMONY, longest)?;
    let quota = Quota::per_second(NZU32!(ceremony::MESSAGES_PER_SECOND_MAX));
    let link = network.register(CEREMONY_CHANNEL, quota);
    Ok((oracle, link, network.start()))
}

/// Opens the network without channels. `purpose` sets its connections apart from others'.
fn open(
    context: &Context,
    config: &P2p,
    genesis: &Genesis,
    identity: PrivateKey,
    purpose: &[u8],
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
    // The hash of the genesis document: members of other networks do not connect.
    let namespace = [purpose, genesis.hash().as_slice()].concat();
    let mut settings = lookup::Config::local(
        handshake,
        &namespace,
        config.listen,
        NonZeroUsize::new(genesis.members.len()).unwrap_or(NZUsize!(1)),
        message_bytes_max,
        NZUsize!(1024),
    );
    // Members are known by their key. Where they connect from says nothing: they may sit behind one
    // address, or behind one that changes.
    settings.bypass_ip_check = true;
    // Inboxes are allocated for every peer of every set that is followed.
    settings.tracked_peer_sets = NZUsize!(1);
    let (network, mut oracle) = Network::new(context.child("p2p"), settings);
    oracle.track(0, peers(config, genesis)?);
    Ok((network, oracle))
}

fn peers(config: &P2p, genesis: &Genesis) -> Result<Map<MemberKey, Address>, NodeError> {
    let mut peers = Vec::new();
    for (member, key) in genesis.members.iter().zip(genesis.member_keys()?) {
        let endpoint = config
            .endpoints
            .get(&member.public_key)
            .unwrap_or(&member.endpoint);
        peers.push((key, address(&member.public_key, endpoint)?));
    }
    Ok(Map::from_iter_dedup(peers))
}

fn address(key: &B256, endpoint: &str) -> Result<Address, NodeError> {
    if let Ok(socket) = endpoint.parse::<SocketAddr>() {
        return Ok(Address::Symmetric(socket));
    }
    let wrong = || NodeError::Endpoint {
        member: *key,
        endpoint: endpoint.into(),
    };
    let (host, port) = endpoint.rsplit_once(':').ok_or_else(wrong)?;
    let port = port.parse().map_err(|_| wrong())?;
    let host = Hostname::try_from(host).map_err(|_| wrong())?;
    let anywhere = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), port);
    Ok(Address::Asymmetric {
        ingress: Ingress::Dns { host, port },
        egress: anywhere,
    })
}
