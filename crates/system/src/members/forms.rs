//! The pure rules of what members are called, where they listen, and what a node's key signs.

use alloy_primitives::{B256, U256, keccak256};
use alloy_sol_types::SolValue as _;
pub use commonhold_primitives::application::{PROOF_NAMESPACE, admission};
use commonhold_reading::{Algorithm, DeviceKey, SIGNATURE_LEN};

/// Bytes of a DNS name, and of each of its labels.
const HOST_BYTES_MAX: usize = 253;
const LABEL_BYTES_MAX: usize = 63;

/// What a new node key signs to take the place of a member's old one:
/// `keccak256(abi.encode("key", chainid, number, publicKey))`.
pub fn rotation(chain_id: u64, number: u64, key: B256) -> B256 {
    keccak256(("key", U256::from(chain_id), number, key).abi_encode_params())
}

/// The bytes under the ed25519 signature of a proof over `hash`: the namespace's length in one byte, the
/// namespace, the hash. The engine's keys sign so.
pub fn proof_message(hash: B256) -> Vec<u8> {
    let length = u8::try_from(PROOF_NAMESPACE.len()).unwrap_or(u8::MAX);
    [&[length], PROOF_NAMESPACE, hash.as_slice()].concat()
}

/// A node's identity key, where these bytes are one that can sign: no point of small order.
pub fn node_key(key: B256) -> Option<DeviceKey> {
    DeviceKey::new(Algorithm::Ed25519, key.as_slice()).ok()
}

/// Whether `proof` is the key's signature over `hash`.
pub fn proves(key: &DeviceKey, hash: B256, proof: &[u8]) -> bool {
    <&[u8; SIGNATURE_LEN]>::try_from(proof)
        .is_ok_and(|proof| key.verify(&proof_message(hash), proof).is_ok())
}

/// Whether `endpoint` is `host:port`. The host is a DNS name in lower case (RFC 1123), an IPv4 address in
/// the usual form, or an IPv6 address in brackets; the port is a number from 1 to 65,535.
pub fn is_endpoint(endpoint: &str) -> bool {
    let Some((host, port)) = endpoint.rsplit_once(':') else {
        return false;
    };
    let host = match host.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']').is_some_and(is_ipv6),
        None => is_host(host),
    };
    host && decimal(port).is_some_and(|port| port != 0)
}

/// A number below 65,536 in decimal, without a sign or zeros before it.
fn decimal(text: &str) -> Option<u16> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let padded = text.len() > 1 && text.starts_with('0');
    if plain && !padded {
        text.parse().ok()
    } else {
        None
    }
}

fn is_host(host: &str) -> bool {
    let labels = || host.split('.');
    let last = labels().next_back().unwrap_or_default();
    // A name that ends in a number would be taken for an address.
    if last.bytes().all(|byte| byte.is_ascii_digit()) {
        let octet = |label| decimal(label).is_some_and(|n| n <= 0xff);
        return labels().count() == 4 && labels().all(octet);
    }
    host.len() <= HOST_BYTES_MAX && labels().all(is_label)
}

fn is_label(label: &str) -> bool {
    let bytes = label.as_bytes();
    let plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (1..=LABEL_BYTES_MAX).contains(&bytes.len())
        && bytes.iter().all(|byte| plain(byte) || *byte == b'-')
        && bytes.first().is_some_and(plain)
        && bytes.last().is_some_and(plain)
}

/// Eight groups of up to four hex digits, in lower case; one `::` stands for as many as are missing.
fn is_ipv6(text: &str) -> bool {
    let group = |group: &str| {
        let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (1..=4).contains(&group.len()) && group.bytes().all(hex)
    };
    let groups = |text: &str| {
        if text.is_empty() {
            return Some(0);
        }
        text.split(':').all(group).then(|| text.split(':').count())
    };
    match text.split_once("::") {
        Some((before, after)) => {
            let there = groups(before).zip(groups(after));
            there.is_some_and(|(before, after)| before.saturating_add(after) < 8)
        }
        None => groups(text) == Some(8),
    }
}

/// The three numbers of a version, `1.2.3`, in the order in which versions are compared.
pub fn version(text: &str) -> Option<[u16; 3]> {
    let mut parts = text.split('.').map(decimal);
    let three = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(three)
}

#[cfg(test)]
mod tests {
    use commonhold_primitives::epoch::address;

    use super::*;

    #[test]
    fn an_endpoint_is_a_host_and_a_port() {
        let label = "a".repeat(63);
        let long = [&label[..], &label, &label, &label[..61]].join(".");
        assert_eq!(long.len(), 253);
        for good in [
            "member1.example:9000",
            "localhost:1",
            "10.0.0.1:65535",
            "xn--bcher-kva.example:80",
            "[::1]:9000",
            "[fe80::1:2]:9000",
            "[1:2:3:4:5:6:7:8]:9000",
            "[1::]:9000",
            &format!("{long}:9000"),
        ] {
            assert!(is_endpoint(good), "{good}");
            assert!(address(good).is_some(), "the engine takes {good}");
        }
        for bad in [
            "",
            "member1.example",
            ":9000",
            "member1.example:",
            "member1.example:0",
            "member1.example:65536",
            "member1.example:+1",
            "member1.example:080",
            "Member1.example:9000",
            "member_1.example:9000",
            "-a.example:9000",
            "a-.example:9000",
            "a..example:9000",
            "a.example.:9000",
            "10.0.0.300:9000",
            "10.0.1:9000",
            "010.0.0.1:9000",
            "10.0.0.0.1:9000",
            "::1:9000",
            "[::1:9000",
            "[:::1]:9000",
            "[1:2:3:4:5:6:7]:9000",
            "[1:2:3:4:5:6:7:8:9]:9000",
            "[1:2:3:4::5:6:7:8]:9000",
            "[1::2::3]:9000",
            "[fe80::1%eth0]:9000",
            "[12345::]:9000",
            "http://member1.example:9000",
            "member1.example:9000 ",
            &format!("a{long}:9000"),
        ] {
            assert!(!is_endpoint(bad), "{bad}");
        }
    }

    #[test]
    fn what_is_an_address_is_one_for_everybody() {
        for text in ["[::1]:9000", "[fe80::1:2]:9000", "[1::]:9000", "10.0.0.1:1"] {
            assert!(text.parse::<std::net::SocketAddr>().is_ok(), "{text}");
        }
    }

    #[test]
    fn versions_are_compared_by_their_numbers() {
        assert_eq!(version("1.2.3"), Some([1, 2, 3]));
        assert!(version("0.10.0") > version("0.9.9"));
        for bad in [
            "",
            "1",
            "1.2",
            "1.2.3.4",
            "1.2.x",
            "1.2.03",
            "1.2.70000",
            "v1.2.3",
        ] {
            assert_eq!(version(bad), None, "{bad}");
        }
    }
}
