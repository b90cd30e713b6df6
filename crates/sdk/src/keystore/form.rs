//! What a keystore file may say. The library that opens it trusts the file: it would panic on a short
//! key or take any amount of memory that the file asks for. So the file is read here first.

use alloy_primitives::{Address, hex};
use commonhold_vault::PublicKey;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    account::Account,
    limits::{KEYSTORE_MEMORY_MAX, KEYSTORE_ROUNDS_MAX},
};

/// The field that holds the key for which others encrypt.
const ENCRYPTION_KEY: &str = "encryptionKey";

#[derive(Deserialize)]
struct File {
    version: u64,
    crypto: Crypto,
}

#[derive(Deserialize)]
struct Crypto {
    cipher: String,
    cipherparams: CipherParams,
    ciphertext: String,
    kdf: String,
    kdfparams: KdfParams,
    mac: String,
}

#[derive(Deserialize)]
struct CipherParams {
    iv: String,
}

#[derive(Deserialize)]
struct KdfParams {
    dklen: u64,
    salt: String,
    n: Option<u64>,
    r: Option<u64>,
    p: Option<u64>,
    c: Option<u64>,
    prf: Option<String>,
}

/// Checks that the library can open the file without harm.
pub(super) fn check(text: &str) -> Result<(), String> {
    let file: File = serde_json::from_str(text).map_err(|e| e.to_string())?;
    let crypto = &file.crypto;
    ensure(file.version == 3, "its version is not 3")?;
    ensure(
        crypto.cipher == "aes-128-ctr",
        "its cipher is not aes-128-ctr",
    )?;
    ensure(
        length(&crypto.cipherparams.iv) == Some(16),
        "its iv has not 16 bytes",
    )?;
    ensure(
        length(&crypto.ciphertext) == Some(32),
        "its ciphertext has not 32 bytes",
    )?;
    ensure(length(&crypto.mac) == Some(32), "its mac has not 32 bytes")?;
    let kdf = &crypto.kdfparams;
    ensure(kdf.dklen == 32, "its dklen is not 32")?;
    ensure(
        length(&kdf.salt).is_some_and(|n| n <= 64),
        "its salt has more than 64 bytes",
    )?;
    match (crypto.kdf.as_str(), kdf.n, kdf.r, kdf.p, kdf.c) {
        ("scrypt", Some(n), Some(r), Some(p), None) => {
            ensure(n > 1 && n.is_power_of_two(), "its n is not a power of two")?;
            ensure(
                (1..=64).contains(&r) && (1..=64).contains(&p),
                "its r or p is out of range",
            )?;
            let memory = n.saturating_mul(r).saturating_mul(128);
            ensure(
                memory <= KEYSTORE_MEMORY_MAX,
                "it asks for more than KEYSTORE_MEMORY_MAX",
            )?;
            let work = n.saturating_mul(r).saturating_mul(p);
            ensure(
                work <= KEYSTORE_MEMORY_MAX / 128,
                "it asks for more than KEYSTORE_MEMORY_MAX",
            )
        }
        ("pbkdf2", None, None, None, Some(c)) => {
            ensure(
                kdf.prf.as_deref() == Some("hmac-sha256"),
                "its prf is not hmac-sha256",
            )?;
            ensure(
                (1..=KEYSTORE_ROUNDS_MAX).contains(&c),
                "it asks for more than KEYSTORE_ROUNDS_MAX",
            )
        }
        _ => Err("its kdf is neither scrypt nor pbkdf2".to_owned()),
    }
}

/// The file with what everybody may know in clear: the address, as geth writes it, and the key for
/// which others encrypt, which other tools pass over.
pub(super) fn with_public(text: &str, account: &Account) -> Result<String, String> {
    let mut value: Value = serde_json::from_str(text).map_err(|e| e.to_string())?;
    let Some(object) = value.as_object_mut() else {
        return Err("it is not an object".to_owned());
    };
    let key = account.encryption_public().to_string();
    object.insert("address".to_owned(), hex::encode(account.address()).into());
    object.insert(ENCRYPTION_KEY.to_owned(), key.into());
    Ok(format!("{value:#}\n"))
}

/// What the file tells everybody: the address and the key for which others encrypt.
pub(super) fn public(text: &str) -> (Option<Address>, Option<PublicKey>) {
    let value: Value = serde_json::from_str(text).unwrap_or_default();
    let field = |name: &str| value.get(name).and_then(Value::as_str);
    (
        field("address").and_then(|text| text.parse().ok()),
        field(ENCRYPTION_KEY).and_then(|text| text.parse().ok()),
    )
}

fn length(text: &str) -> Option<usize> {
    hex::decode(text).ok().map(|bytes| bytes.len())
}

fn ensure(holds: bool, why: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(why.to_owned()) }
}
