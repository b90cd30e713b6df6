//! A device's key file: JSON with the algorithm and the 32 secret bytes, unencrypted, as it lies in a
//! device. It belongs in a place that only the device's own program reads.

use commonhold_reading::{Algorithm, DeviceSecret};
use commonhold_vault::VaultError;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use crate::{error::SdkError, limits::DEVICE_KEY_BYTES_MAX};

/// What the file says that it is.
const TYPE: &str = "commonhold device key";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    r#type: String,
    algorithm: String,
    /// The public key, in hex. For people: it follows from the secret.
    key: String,
    /// The device's id. Likewise.
    device: String,
    secret: String,
}

impl Drop for Written {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

/// A new key, from the operating system's randomness.
///
/// # Errors
/// Where there is none.
pub fn device_secret(algorithm: Algorithm) -> Result<DeviceSecret, SdkError> {
    let mut bytes = Zeroizing::new([0; 32]);
    loop {
        rand::TryRng::try_fill_bytes(&mut rand::rngs::SysRng, bytes.as_mut())
            .map_err(|_| VaultError::Random)?;
        match DeviceSecret::from_bytes(algorithm, &bytes) {
            Ok(secret) => return Ok(secret),
            Err(e @ commonhold_reading::ReadingError::CannotSign) => return Err(e.into()),
            // Not a scalar of the curve: once in 2^32 keys at most.
            Err(_) => {}
        }
    }
}

/// The file of a key.
pub fn write_key(secret: &DeviceSecret) -> Zeroizing<Vec<u8>> {
    let key = secret.key();
    let written = Written {
        r#type: TYPE.to_owned(),
        algorithm: key.algorithm().to_string(),
        key: hex::encode(key.bytes()),
        device: key.id().to_string(),
        secret: hex::encode(*secret.to_bytes()),
    };
    let mut file = serde_json::to_vec_pretty(&written).unwrap_or_default();
    file.push(b'\n');
    Zeroizing::new(file)
}

/// Reads a key's file.
///
/// # Errors
/// [`SdkError::Usage`] where it is none.
pub fn read_key(file: &[u8]) -> Result<DeviceSecret, SdkError> {
    let wrong =
        |why: &dyn core::fmt::Display| SdkError::Usage(format!("not a device's key: {why}"));
    if file.len() > DEVICE_KEY_BYTES_MAX {
        return Err(wrong(&"it exceeds DEVICE_KEY_BYTES_MAX"));
    }
    let written: Written = serde_json::from_slice(file).map_err(|e| wrong(&e))?;
    if written.r#type != TYPE {
        return Err(wrong(&"its type is another"));
    }
    let algorithm: Algorithm = written.algorithm.parse().map_err(|e| wrong(&e))?;
    let mut bytes = Zeroizing::new([0; 32]);
    hex::decode_to_slice(&written.secret, bytes.as_mut())
        .map_err(|_| wrong(&"the secret has not 64 hex digits"))?;
    let secret = DeviceSecret::from_bytes(algorithm, &bytes).map_err(|e| wrong(&e))?;
    if hex::encode(secret.key().bytes()) != written.key {
        return Err(wrong(&"its public key is another's"));
    }
    Ok(secret)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_and_a_damaged_one_is_refused() {
        for algorithm in [Algorithm::Ed25519, Algorithm::P256, Algorithm::Secp256k1] {
            let secret = device_secret(algorithm).unwrap();
            let file = write_key(&secret);
            assert_eq!(read_key(&file).unwrap().key(), secret.key());
            let other = String::from_utf8(file.to_vec()).unwrap();
            let public = hex::encode(secret.key().bytes());
            let damaged = other.replacen(&public[public.len() - 8..], "00000000", 1);
            assert!(read_key(damaged.as_bytes()).is_err());
            assert!(read_key(other.replace(TYPE, "key").as_bytes()).is_err());
            assert!(read_key(&file[1..]).is_err());
        }
        assert!(device_secret(Algorithm::Unsigned).is_err());
        assert!(read_key(&vec![b' '; DEVICE_KEY_BYTES_MAX + 1]).is_err());
    }
}
