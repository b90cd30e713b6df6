//! What a node's identity key signs so that members can take it in: its application.

use alloy_primitives::{Address, B256, Bytes};
use commonhold_system::members::forms::{PROOF_NAMESPACE, admission, rotation};
use commonware_cryptography::{Signer as _, ed25519::PrivateKey};

/// The public side of an identity key.
pub fn public_key(key: &PrivateKey) -> B256 {
    B256::from_slice(key.public_key().as_ref())
}

/// The proof that an organisation asks to become a member with this node.
pub fn apply(
    key: &PrivateKey,
    chain_id: u64,
    name: &str,
    endpoint: &str,
    account: Address,
) -> Bytes {
    let public = public_key(key);
    sign(key, admission(chain_id, name, public, endpoint, account))
}

/// The proof that this key is to take the place of that of the member of a number.
pub fn take_over(key: &PrivateKey, chain_id: u64, number: u64) -> Bytes {
    sign(key, rotation(chain_id, number, public_key(key)))
}

fn sign(key: &PrivateKey, hash: B256) -> Bytes {
    let signature = key.sign(PROOF_NAMESPACE, hash.as_slice());
    Bytes::copy_from_slice(signature.as_ref())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use commonhold_system::members::forms::{node_key, proves};

    use super::*;
    use crate::keys::new_identity;

    #[test]
    fn the_law_takes_what_a_node_signs() {
        let key = new_identity().unwrap();
        let public = public_key(&key);
        let account = Address::repeat_byte(7);
        let (name, endpoint) = ("Valley Hospital", "valley.example:9000");
        let proof = apply(&key, 1, name, endpoint, account);
        let hash = admission(1, name, public, endpoint, account);
        let verifier = node_key(public).unwrap();
        assert!(proves(&verifier, hash, &proof));
        let elsewhere = admission(2, name, public, endpoint, account);
        assert!(!proves(&verifier, elsewhere, &proof));
        let proof = take_over(&key, 1, 3);
        assert!(proves(&verifier, rotation(1, 3, public), &proof));
        assert!(!proves(&verifier, rotation(1, 2, public), &proof));
    }
}
