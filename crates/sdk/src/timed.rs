//! Short content that is sealed to a time: nobody reads it before, everybody after.
//!
//! ```text
//! sealed key, 160 bytes ‖ Crypt4GH body of the content
//! ```

use commonhold_seal::{Identity, OpeningKey, SealedKey};
use commonhold_vault::{
    DataKey,
    crypt4gh::{decrypt, encrypt, identify},
};

use crate::{Sealing, error::SdkError};

/// Bytes of a sealed key.
const SEALED_KEY: usize = 160;

/// Thirty-two random bytes, that a commitment is salted with.
///
/// # Errors
/// Where the operating system gives none.
pub fn salt() -> Result<[u8; 32], SdkError> {
    let mut salt = [0; 32];
    rand::TryRng::try_fill_bytes(&mut rand::rngs::SysRng, &mut salt)
        .map_err(|_| commonhold_vault::VaultError::Random)?;
    Ok(salt)
}

/// Seals content to a time, in seconds since 1970.
///
/// # Errors
/// Where the content is empty, or the operating system gives no random bytes.
pub fn seal_until(
    sealing: &Sealing,
    seconds: u64,
    mut content: &[u8],
) -> Result<Vec<u8>, SdkError> {
    let key = DataKey::random()?;
    let sealed = sealing.seal(&Identity::Time(seconds).here(), &key)?;
    let mut bytes = sealed.to_bytes().to_vec();
    encrypt(&key, &mut content, &mut bytes)?;
    Ok(bytes)
}

/// Opens it with the time's opening key.
///
/// # Errors
/// [`SdkError::Integrity`] where it was sealed to another time, or is damaged.
pub fn open_timed(opening: &OpeningKey, sealed: &[u8]) -> Result<Vec<u8>, SdkError> {
    let Some((key, body)) = sealed.split_at_checked(SEALED_KEY) else {
        return Err(SdkError::Integrity("what is sealed is cut off".into()));
    };
    let key = SealedKey::from_bytes(key)?.open(opening)?;
    let key = DataKey::from_bytes(key.as_bytes());
    let mut whole = body;
    let expected = identify(&mut whole)?;
    let mut content = Vec::new();
    let mut input = std::io::Cursor::new(body);
    decrypt(&[key], &expected, &mut input, &mut content)?;
    Ok(content)
}
