//! Crypt4GH key files, as the reference tool `crypt4gh-keygen` writes them.
//!
//! ```text
//! -----BEGIN CRYPT4GH PUBLIC KEY-----      base64 of the 32 bytes
//! -----BEGIN CRYPT4GH PRIVATE KEY-----     base64 of
//!   "c4gh-v1" ‖ text(kdf) ‖ [text(u32 rounds ‖ salt)] ‖ text(cipher) ‖ text(key) ‖ [text(comment)]
//! text(x)  u16 big-endian length ‖ x
//! ```
//! With a passphrase: kdf `scrypt` (N 16384, r 8, p 1), cipher `chacha20_poly1305`, key = nonce (12) ‖
//! ciphertext ‖ tag. Without: kdf and cipher `none`. Other kdfs are refused.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chacha20poly1305::{AeadInOut as _, ChaCha20Poly1305, KeyInit as _, Nonce, Tag};
use zeroize::Zeroizing;

use super::{
    keys::{PublicKey, SecretKey},
    random,
};
use crate::{error::VaultError, limits::KEY_FILE_BYTES_MAX};

const MAGIC: &[u8] = b"c4gh-v1";
const PUBLIC: &str = "CRYPT4GH PUBLIC KEY";
const PRIVATE: &str = "CRYPT4GH PRIVATE KEY";
const SALT_LEN: usize = 16;

/// The text of a public key file.
pub fn write_public(key: &PublicKey) -> String {
    armour(PUBLIC, &key.0)
}

/// Reads a public key file.
///
/// # Errors
/// [`VaultError::Key`] where it is not one.
pub fn read_public(text: &str) -> Result<PublicKey, VaultError> {
    let bytes = strip(PUBLIC, text)?;
    Ok(PublicKey(bytes.as_slice().try_into().map_err(|_| {
        VaultError::Key("a public key has 32 bytes")
    })?))
}

/// The text of a private key file, encrypted where a passphrase is given.
///
/// # Errors
/// Where the operating system gives no random bytes.
pub fn write_secret(
    key: &SecretKey,
    passphrase: Option<&str>,
) -> Result<Zeroizing<String>, VaultError> {
    let mut out = Zeroizing::new(MAGIC.to_vec());
    let secret = key.to_bytes();
    match passphrase {
        None => {
            for part in [b"none".as_slice(), b"none", secret.as_slice()] {
                put(&mut out, part);
            }
        }
        Some(passphrase) => {
            let mut salt = [0u8; SALT_LEN];
            let mut nonce = [0u8; 12];
            random(&mut salt)?;
            random(&mut nonce)?;
            let mut cipher = Zeroizing::new(secret.to_vec());
            let tag = ChaCha20Poly1305::new((&*stretch(passphrase, &salt)?).into())
                .encrypt_inout_detached(&Nonce::from(nonce), b"", cipher.as_mut_slice().into())
                .map_err(|_| VaultError::Passphrase)?;
            put(&mut out, b"scrypt");
            put(&mut out, &[0u32.to_be_bytes().as_slice(), &salt].concat());
            put(&mut out, b"chacha20_poly1305");
            put(
                &mut out,
                &[nonce.as_slice(), &cipher, tag.as_slice()].concat(),
            );
        }
    }
    Ok(Zeroizing::new(armour(PRIVATE, &out)))
}

/// Reads a private key file.
///
/// # Errors
/// [`VaultError::Passphrase`] where it is encrypted and the passphrase is missing or wrong,
/// [`VaultError::Key`] where it is not a key file we know.
pub fn read_secret(text: &str, passphrase: Option<&str>) -> Result<SecretKey, VaultError> {
    let bytes = strip(PRIVATE, text)?;
    let mut rest = bytes
        .strip_prefix(MAGIC)
        .ok_or(VaultError::Key("not a Crypt4GH private key"))?;
    let options = match take(&mut rest)? {
        b"none" => None,
        b"scrypt" => Some(take(&mut rest)?),
        _ => {
            return Err(VaultError::Key(
                "its key derivation is not supported, only scrypt and none are",
            ));
        }
    };
    let cipher = take(&mut rest)?;
    let material = take(&mut rest)?;
    let plain = match (options, cipher) {
        (_, b"none") => Zeroizing::new(material.to_vec()),
        (Some(options), b"chacha20_poly1305") => {
            let salt = options
                .get(4..)
                .ok_or(VaultError::Key("its salt is missing"))?;
            unlock(material, salt, passphrase.ok_or(VaultError::Passphrase)?)?
        }
        _ => return Err(VaultError::Key("its cipher is not supported")),
    };
    let key: &[u8; 32] = plain
        .as_slice()
        .try_into()
        .map_err(|_| VaultError::Key("a private key has 32 bytes"))?;
    Ok(SecretKey::from_bytes(key))
}

fn unlock(
    material: &[u8],
    salt: &[u8],
    passphrase: &str,
) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let short = VaultError::Key("its encrypted part is too short");
    let Some((nonce, rest)) = material.split_first_chunk::<12>() else {
        return Err(short);
    };
    let Some((cipher, tag)) = rest.split_last_chunk::<16>() else {
        return Err(short);
    };
    let mut plain = Zeroizing::new(cipher.to_vec());
    ChaCha20Poly1305::new((&*stretch(passphrase, salt)?).into())
        .decrypt_inout_detached(
            &Nonce::from(*nonce),
            b"",
            plain.as_mut_slice().into(),
            &Tag::from(*tag),
        )
        .map_err(|_| VaultError::Passphrase)?;
    Ok(plain)
}

fn stretch(passphrase: &str, salt: &[u8]) -> Result<Zeroizing<[u8; 32]>, VaultError> {
    let mut key = Zeroizing::new([0u8; 32]);
    let params = scrypt::Params::new(14, 8, 1).map_err(|_| VaultError::Key("scrypt"))?;
    scrypt::scrypt(passphrase.as_bytes(), salt, &params, key.as_mut_slice())
        .map_err(|_| VaultError::Key("scrypt"))?;
    Ok(key)
}

fn armour(kind: &str, bytes: &[u8]) -> String {
    let text = Zeroizing::new(STANDARD.encode(bytes));
    format!("-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n", *text)
}

fn strip(kind: &'static str, text: &str) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let wrong = VaultError::Key("not a Crypt4GH key file of the kind expected");
    if text.len() > KEY_FILE_BYTES_MAX {
        return Err(VaultError::Key("the key file exceeds KEY_FILE_BYTES_MAX"));
    }
    let inner = text
        .trim()
        .strip_prefix(format!("-----BEGIN {kind}-----").as_str())
        .and_then(|rest| rest.strip_suffix(format!("-----END {kind}-----").as_str()));
    let Some(inner) = inner else {
        return Err(wrong);
    };
    let packed = Zeroizing::new(inner.split_ascii_whitespace().collect::<String>());
    STANDARD
        .decode(packed.as_bytes())
        .map(Zeroizing::new)
        .map_err(|_| wrong)
}

/// What we put is short: a name, a salt, a key.
fn put(out: &mut Vec<u8>, part: &[u8]) {
    out.extend_from_slice(&u16::try_from(part.len()).unwrap_or(u16::MAX).to_be_bytes());
    out.extend_from_slice(part);
}

fn take<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], VaultError> {
    let short = VaultError::Key("it ends too early");
    let Some((len, after)) = rest.split_first_chunk::<2>() else {
        return Err(short);
    };
    let Some((part, after)) = after.split_at_checked(u16::from_be_bytes(*len).into()) else {
        return Err(short);
    };
    *rest = after;
    Ok(part)
}
