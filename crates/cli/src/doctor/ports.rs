//! A node's ports, and whether other members' can be reached from here.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs as _},
    time::Duration,
};

use commonhold_node::config::NodeConfig;

use super::Level;
use crate::limits::PORT_ANSWER_MS;

/// The ports of a node that does not answer: others may have taken them.
pub(super) fn unused(config: &NodeConfig) -> Vec<(Level, String)> {
    let ports = [
        ("p2p.listen", config.p2p.listen),
        ("http.listen", config.http.listen),
    ];
    let taken = ports.into_iter().filter_map(|(setting, address)| {
        let e = TcpListener::bind(address).err()?;
        Some((Level::Refused, format!("{setting} {address}: {e}")))
    });
    taken.collect()
}

/// Whether a running node listens for other members.
pub(super) fn own(config: &NodeConfig) -> (Level, String) {
    let mut address = config.p2p.listen;
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        });
    }
    match TcpStream::connect_timeout(&address, Duration::from_millis(PORT_ANSWER_MS)) {
        Ok(_) => (
            Level::Ok,
            format!("listens for members on {}", config.p2p.listen),
        ),
        Err(e) => (
            Level::Unavailable,
            format!("nobody listens for members on {}: {e}", config.p2p.listen),
        ),
    }
}

/// Why `endpoint`, `host:port`, does not take a connection; none where it does.
pub(super) fn unreached(endpoint: &str) -> Option<String> {
    let found = match endpoint.to_socket_addrs() {
        Ok(found) => found,
        Err(e) => return Some(format!("the name is not found: {e}")),
    };
    let mut why = "the name has no address".to_owned();
    for address in found {
        match TcpStream::connect_timeout(&address, Duration::from_millis(PORT_ANSWER_MS)) {
            Ok(_) => return None,
            Err(e) => why = format!("{address}: {e}"),
        }
    }
    Some(why)
}
