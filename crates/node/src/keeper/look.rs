//! What of a record's content is to be here, and what of it is.

use alloy_primitives::{Address, B256};
use commonhold_system::records::{
    limits::REPLICAS_DEFAULT,
    placement::{Member, order},
};
use commonhold_vault::{BlobHash, BodyId, Store, VaultError};

use super::{ledger::Found, wanted::Care};

/// What is to be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Want {
    /// The body that packets and sealed key belong to.
    pub(super) id: BodyId,
    /// Whether the body itself is.
    pub(super) body: bool,
    /// The sealed key that is missing; zero for none.
    pub(super) sealed_key: B256,
    /// Who registered the content first.
    pub(super) owner: Address,
}

/// Identity keys of those who are to keep a record's content: its keepers, whether they are `away` or
/// not, and as many of the next as are away.
pub(super) fn keepers(
    record: &Found,
    members: &[Member],
    away: impl Fn(&B256) -> bool,
) -> Vec<B256> {
    let order = order(record.content, record.custodian, members);
    let mut keepers = Vec::new();
    let mut here = 0;
    for (place, (_, key)) in order.into_iter().enumerate() {
        let stands_in = here < REPLICAS_DEFAULT && !away(&key);
        here += usize::from(stands_in);
        if stands_in || place < REPLICAS_DEFAULT {
            keepers.push(key);
        }
    }
    keepers
}

/// What of a record is missing here, and how many bytes were read to find that out.
pub(super) fn look(
    vault: &Store,
    record: &Found,
    care: Care,
) -> Result<(Option<Want>, u64), VaultError> {
    let id = BodyId {
        hash: BlobHash::from(record.content),
        len: record.length,
    };
    let mut read = 0;
    let there = match vault.len(&id.hash) {
        Ok(len) if len == id.len && care.verify => {
            read = len;
            match vault.verify(&id.hash) {
                Ok(_) => true,
                Err(VaultError::Hash { .. } | VaultError::NotFound) => {
                    tracing::warn!(hash = %id.hash, "the disk has damaged a body: it is fetched again");
                    false
                }
                Err(e) => return Err(e),
            }
        }
        Ok(len) => len == id.len,
        Err(VaultError::NotFound) => false,
        Err(e) => return Err(e),
    };
    let sealed_key = record.sealed_key;
    let lacks_key = !sealed_key.is_zero() && vault.get_sealed(&id.hash, &sealed_key).is_err();
    let lacks_packets = care.packets || vault.readers(&id.hash)?.is_empty();
    if there && !lacks_key && !lacks_packets {
        return Ok((None, read));
    }
    let want = Want {
        id,
        body: !there,
        sealed_key: if lacks_key { sealed_key } else { B256::ZERO },
        owner: record.first,
    };
    Ok((Some(want), read))
}

/// Works on the vault where it blocks nobody.
pub(super) async fn off<T: Send + 'static>(
    vault: &Store,
    work: impl FnOnce(&Store) -> Result<T, VaultError> + Send + 'static,
) -> Result<T, VaultError> {
    let vault = vault.clone();
    let ran = tokio::task::spawn_blocking(move || work(&vault)).await;
    ran.unwrap_or_else(|e| Err(VaultError::Io(std::io::Error::other(e))))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use commonhold_vault::crypt4gh::identify;

    use super::*;

    fn record(content: B256, length: u64) -> Found {
        Found {
            content,
            length,
            sealed_key: B256::ZERO,
            custodian: Address::ZERO,
            first: Address::repeat_byte(0xa1),
        }
    }

    #[test]
    fn the_next_in_order_stand_in_for_those_who_are_away() {
        let members: Vec<Member> = (1..=6)
            .map(|n| (Address::repeat_byte(n), B256::repeat_byte(n)))
            .collect();
        let record = record(B256::repeat_byte(0x77), 1);
        let order: Vec<B256> = order(record.content, record.custodian, &members)
            .into_iter()
            .map(|member| member.1)
            .collect();
        let keepers = |away: &[usize]| {
            let away: Vec<B256> = away.iter().map(|place| order[*place]).collect();
            keepers(&record, &members, |member| away.contains(member))
        };
        assert_eq!(keepers(&[]), order[..3]);
        assert_eq!(keepers(&[4, 5]), order[..3]);
        assert_eq!(keepers(&[1]), order[..4]);
        assert_eq!(keepers(&[0, 2]), order[..5]);
        // Who is away does not stand in for another.
        assert_eq!(keepers(&[1, 3]), [order[0], order[1], order[2], order[4]]);
        assert_eq!(keepers(&[0, 1, 2, 3, 4, 5]), order[..3]);
    }

    #[test]
    fn what_is_missing_is_wanted_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let vault = Store::open(&dir.path().join("vault"), 1 << 20).unwrap();
        let bytes = b"ciphertext".as_slice();
        let id = identify(&mut &bytes[..]).unwrap();
        let sealed = [7; 160];
        let mut record = record(id.hash.into(), id.len);
        record.sealed_key = alloy_primitives::keccak256(sealed);
        let verify = Care {
            verify: true,
            packets: false,
        };
        let want = |care| look(&vault, &record, care).unwrap();
        let all = Want {
            id,
            body: true,
            sealed_key: record.sealed_key,
            owner: record.first,
        };
        assert_eq!(want(Care::default()), (Some(all), 0));
        vault.put(id, &mut &bytes[..]).unwrap();
        let keys = Want { body: false, ..all };
        assert_eq!(want(Care::default()), (Some(keys), 0));
        vault.put_sealed(&id.hash, &sealed).unwrap();
        let packets = Want {
            sealed_key: B256::ZERO,
            ..keys
        };
        assert_eq!(want(Care::default()), (Some(packets), 0));
        let reader = commonhold_vault::SecretKey::random().unwrap().public();
        let key = commonhold_vault::DataKey::random().unwrap();
        let packet = commonhold_vault::Packet::seal(&key, &reader).unwrap();
        vault.put_packet(&id.hash, &reader, &packet).unwrap();
        assert_eq!(want(Care::default()), (None, 0));
        assert_eq!(want(verify), (None, id.len));
        let again = Care {
            packets: true,
            ..Care::default()
        };
        assert_eq!(want(again), (Some(packets), 0));

        // A changed byte is seen where it is looked for, another length at once.
        let name = id.hash.to_string();
        let file = dir
            .path()
            .join("vault/blobs")
            .join(&name[..2])
            .join(&name[2..]);
        std::fs::write(&file, b"ciphertexT").unwrap();
        assert_eq!(want(Care::default()), (None, 0));
        let body = Want {
            body: true,
            ..packets
        };
        assert_eq!(want(verify), (Some(body), id.len));
        std::fs::write(&file, b"cipher").unwrap();
        assert_eq!(want(Care::default()), (Some(body), 0));
    }
}
