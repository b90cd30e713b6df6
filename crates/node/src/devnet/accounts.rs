//! The funded accounts of development networks.

use std::path::Path;

use alloy_primitives::{Address, address};
use alloy_signer_local::PrivateKeySigner;
use rand_core::Rng as _;
use zeroize::Zeroizing;

use crate::keys::{self, KeyError};

/// An account whose key is public knowledge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WellKnown {
    /// Its address.
    pub address: Address,
    /// Its secp256k1 private key, hex with `0x`. Whoever can read has it.
    pub private_key: &'static str,
}

const fn known(address: Address, private_key: &'static str) -> WellKnown {
    WellKnown {
        address,
        private_key,
    }
}

/// The words that the well-known keys are derived from (path `m/44'/60'/0'/0/i`).
pub const MNEMONIC: &str = "test test test test test test test test test test test junk";

/// The ten accounts that every Ethereum development node funds, so that tools find them.
pub const WELL_KNOWN: [WellKnown; 10] = [
    known(
        address!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266"),
        "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
    ),
    known(
        address!("70997970C51812dc3A010C7d01b50e0d17dc79C8"),
        "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
    ),
    known(
        address!("3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"),
        "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
    ),
    known(
        address!("90F79bf6EB2c4f870365E785982E1f101E93b906"),
        "0x7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6",
    ),
    known(
        address!("15d34AAf54267DB7D7c367839AAf71A00a2C6A65"),
        "0x47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a",
    ),
    known(
        address!("9965507D1a55bcC2695C58ba16FB37d819B0A4dc"),
        "0x8b3a350cf5c34c9194ca85829a2df0ec3153be0318b5e2d3348e872092edffba",
    ),
    known(
        address!("976EA74026E726554dB657fA54763abd0C3a0aa9"),
        "0x92db14e403b83dfe3df233f83dfa3a0d7096f21ca9b0d6d6b8d88b2b4ec1564e",
    ),
    known(
        address!("14dC79964da2C08b23698B3D3cc7Ca32193d9955"),
        "0x4bbbf85ce3377467afe5d46f804f221813b2bb87f24d81f60f1fcdbf7cbf4356",
    ),
    known(
        address!("23618e81E3f5cdF7f54C3d65f7FBc0aBf5B21E8f"),
        "0xdbda1821b80551c9d65939329250298aa3472ba22feea921c0cf5d620ea67b97",
    ),
    known(
        address!("a0Ee7A142d267C1f36714E4a8F75612F20a79720"),
        "0x2a871d0798f97d79848a013d4936a73bf4cc922c825d33c1cf7073dff6d409c6",
    ),
];

/// Makes a member's account: a new key in a new file.
///
/// # Errors
/// Where the file exists or cannot be written, or there is no randomness.
pub fn create(path: &Path) -> Result<Address, KeyError> {
    let mut rng = keys::os_rng()?;
    let mut secret = Zeroizing::new([0u8; 32]);
    loop {
        rng.fill_bytes(secret.as_mut());
        // Fails for zero and for what exceeds the group's order: never, in practice.
        if let Ok(signer) = PrivateKeySigner::from_slice(secret.as_ref()) {
            keys::write_secret(path, secret.as_ref())?;
            return Ok(signer.address());
        }
    }
}
