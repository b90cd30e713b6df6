//! Who signed a hash. Transactions have their own way ([`crate::transaction::recover`]); this is for
//! contracts that are handed signatures.

use alloy_consensus::crypto::secp256k1::recover_signer;
use alloy_primitives::{Address, B256, Signature};

/// The account whose secp256k1 key signed `hash`. `v` is 27 or 28, `s` in the lower half of the curve's
/// order (EIP-2), so that nobody makes a second signature of one. `None` where there is no such account.
pub fn signer(hash: &B256, v: u8, r: B256, s: B256) -> Option<Address> {
    let odd = match v {
        27 => false,
        28 => true,
        _ => return None,
    };
    let signature = Signature::new(r.into(), s.into(), odd);
    recover_signer(&signature, *hash).ok()
}

#[cfg(test)]
mod tests {
    use alloy_primitives::{address, b256, keccak256};

    use super::*;

    #[test]
    fn a_known_signature_names_its_signer() {
        // EIP-155's example: its signing hash, and the signature with recovery id 0.
        let hash = b256!("daf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53");
        let r = b256!("28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276");
        let s = b256!("67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83");
        let who = address!("9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F");
        assert_eq!(signer(&hash, 27, r, s), Some(who));
        assert_ne!(signer(&hash, 28, r, s), Some(who));
        assert_ne!(signer(&keccak256("other"), 27, r, s), Some(who));
        for v in [0, 1, 26, 29, 255] {
            assert_eq!(signer(&hash, v, r, s), None);
        }
        assert_eq!(signer(&hash, 27, B256::ZERO, s), None);
        assert_eq!(signer(&hash, 27, r, B256::ZERO), None);
        // The same with `s` in the upper half.
        let order = b256!("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
        let high = alloy_primitives::U256::from_be_bytes(order.0)
            - alloy_primitives::U256::from_be_bytes(s.0);
        assert_eq!(signer(&hash, 28, r, high.into()), None);
    }
}
