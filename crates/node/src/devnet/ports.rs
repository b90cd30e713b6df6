//! Choice of ports on the loopback interface.

use std::net::{Ipv4Addr, TcpListener};

use super::DevnetError;
use crate::limits::DEVNET_PORT_TRIES_MAX;

/// The first `count` ports from `first` on that are neither reserved nor in use. Those in use are
/// added to `taken`. Another program may still come first; the node then says so when it starts.
pub(super) fn choose(
    first: u16,
    count: usize,
    reserved: &[u16],
    taken: &mut Vec<u16>,
) -> Result<Vec<u16>, DevnetError> {
    let mut chosen = Vec::new();
    let mut tries = 0;
    for port in first.max(1)..=u16::MAX {
        if chosen.len() == count || tries == DEVNET_PORT_TRIES_MAX {
            break;
        }
        tries += 1;
        if reserved.contains(&port) {
            continue;
        }
        if is_free(port) {
            chosen.push(port);
        } else {
            taken.push(port);
        }
    }
    if chosen.len() == count {
        Ok(chosen)
    } else {
        Err(DevnetError::Ports { first, tries })
    }
}

/// Whether nobody listens on `port` of the loopback interface.
pub(super) fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}
