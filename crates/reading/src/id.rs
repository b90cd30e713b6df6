//! The id of a device.

use core::{fmt, str::FromStr};

use alloy_primitives::B256;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What the id of a device begins with, before it is hashed.
pub const DEVICE_DOMAIN: &[u8] = b"commonhold/device/v1";

/// Which device: `SHA-256("commonhold/device/v1" ‖ algorithm u8 ‖ key)`. SHA-256, and not the ledger's
/// own hash, because every device has it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeviceId(pub B256);

impl DeviceId {
    /// The id of a device with this key.
    pub(crate) fn of(algorithm: u8, key: &[u8]) -> Self {
        Self(sha256(&[DEVICE_DOMAIN, &[algorithm], key]))
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0.0
    }
}

impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl FromStr for DeviceId {
    type Err = alloy_primitives::hex::FromHexError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl From<B256> for DeviceId {
    fn from(id: B256) -> Self {
        Self(id)
    }
}

impl From<DeviceId> for B256 {
    fn from(id: DeviceId) -> Self {
        id.0
    }
}

/// SHA-256 of the parts, one after the other.
pub(crate) fn sha256(parts: &[&[u8]]) -> B256 {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    let digest: [u8; 32] = hash.finalize().into();
    digest.into()
}
