//! Proofs in the standard tries over transactions and receipts (key: RLP of the index).

use alloy_primitives::{B256, Bytes};
use alloy_trie::{HashBuilder, Nibbles, proof::ProofRetainer, root::adjust_index_for_rlp};

/// The nodes from the root to the item at `index`, as any Ethereum library checks them. `None` where
/// there is no such item.
pub fn prove<T: AsRef<[u8]>>(items: &[T], index: usize) -> Option<Vec<Bytes>> {
    items.get(index)?;
    let target = key(index);
    let mut builder = HashBuilder::default().with_proof_retainer(ProofRetainer::new(vec![target]));
    for position in 0..items.len() {
        let at = adjust_index_for_rlp(position, items.len());
        builder.add_leaf(key(at), items.get(at)?.as_ref());
    }
    builder.root();
    let nodes = builder.take_proof_nodes().into_nodes_sorted();
    Some(nodes.into_iter().map(|(_, node)| node).collect())
}

/// Whether `proof` shows that the trie under `root` holds `item` at `index`.
pub fn verify(root: B256, index: usize, item: &[u8], proof: &[Bytes]) -> bool {
    alloy_trie::proof::verify_proof(root, key(index), Some(item.to_vec()), proof).is_ok()
}

fn key(index: usize) -> Nibbles {
    Nibbles::unpack(alloy_rlp::encode_fixed_size(&index))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;
    use crate::receipt::transactions_root;

    fn items(count: usize) -> Vec<Bytes> {
        (0..count)
            .map(|i| {
                alloy_primitives::keccak256(i.to_be_bytes())
                    .to_vec()
                    .repeat(1 + i % 5)
                    .into()
            })
            .collect()
    }

    #[test]
    fn every_item_is_proven_and_no_other() {
        for count in [1usize, 2, 16, 127, 128, 129, 300] {
            let items = items(count);
            let root = transactions_root(&items);
            for index in 0..count {
                let proof = prove(&items, index).unwrap();
                assert!(
                    verify(root, index, &items[index], &proof),
                    "{index} of {count}"
                );
                assert!(!verify(root, index + 1, &items[index], &proof));
                assert!(!verify(root, index, b"another", &proof));
                assert!(!verify(B256::ZERO, index, &items[index], &proof));
            }
            assert_eq!(prove(&items, count), None);
        }
    }

    #[test]
    fn any_changed_byte_or_missing_node_fails() {
        let items = items(200);
        let root = transactions_root(&items);
        let proof = prove(&items, 137).unwrap();
        for node in 0..proof.len() {
            for at in 0..proof[node].len() {
                let mut changed = proof.clone();
                let mut bytes = changed[node].to_vec();
                bytes[at] ^= 1;
                changed[node] = bytes.into();
                assert!(!verify(root, 137, &items[137], &changed));
            }
            let mut missing = proof.clone();
            missing.remove(node);
            assert!(!verify(root, 137, &items[137], &missing));
        }
        let longer = [proof.as_slice(), &[Bytes::from_static(&[0x80])]].concat();
        assert!(!verify(root, 137, &items[137], &longer));
    }
}
