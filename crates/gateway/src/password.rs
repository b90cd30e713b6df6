//! Passwords of clients, as hashes.
//!
//! ```text
//! $sha256$DIGEST                       SHA-256, 64 hex digits: for passwords that the gateway made,
//!                                      which nobody can guess (256 random bits)
//! $scrypt$ln=LN,r=R,p=P$SALT$HASH      scrypt (PHC string form, base64 without padding): for passwords
//!                                      that somebody chose
//! ```
//! Checking an scrypt hash is slow on purpose. So only `PASSWORD_CHECKS_MAX` are checked at a time, and a
//! password that was right is remembered, as a keyed hash under a key that ends with the process: devices
//! that all come back at once after an outage do not wait for one another.

use core::fmt;
use std::collections::HashMap;

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use parking_lot::Mutex;
use serde::{Deserialize, Deserializer, de::Error as _};
use sha2::{Digest as _, Sha256};

use crate::limits::{PASSWORD_BYTES_MAX, PASSWORD_CHECKS_MAX, PASSWORD_MEMORY_MAX};

/// Bytes of an scrypt hash.
const HASH_BYTES: usize = 32;
/// Cost of a hash that is made here: 2^15 blocks of 1 KiB.
const LOG_N: u8 = 15;

/// The hash of a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Hash(Kind);

#[derive(Clone, PartialEq, Eq)]
enum Kind {
    Sha256([u8; 32]),
    Scrypt {
        log_n: u8,
        r: u32,
        p: u32,
        salt: Vec<u8>,
        hash: [u8; HASH_BYTES],
    },
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::Sha256(_) => "$sha256$…",
            Kind::Scrypt { .. } => "$scrypt$…",
        })
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Sha256(digest) => write!(f, "$sha256${}", hex::encode(digest)),
            Kind::Scrypt {
                log_n,
                r,
                p,
                salt,
                hash,
            } => {
                let (salt, hash) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(hash));
                write!(f, "$scrypt$ln={log_n},r={r},p={p}${salt}${hash}")
            }
        }
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            let form = "not a password's hash: `commonhold gateway password` prints one";
            D::Error::custom(form)
        })
    }
}

impl Hash {
    /// Reads a hash. `None` where it has another form, or checking it would take too much memory.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(digest) = text.strip_prefix("$sha256$") {
            let digest = hex::decode(digest).ok()?.try_into().ok()?;
            return Some(Self(Kind::Sha256(digest)));
        }
        let mut parts = text.strip_prefix("$scrypt$")?.split('$');
        let (costs, salt, hash) = (parts.next()?, parts.next()?, parts.next()?);
        let mut costs = costs.split(',');
        let mut cost = |name: &str| costs.next()?.strip_prefix(name)?.parse::<u32>().ok();
        let (log_n, r, p) = (cost("ln=")?, cost("r=")?, cost("p=")?);
        let log_n = u8::try_from(log_n).ok().filter(|n| *n < 32)?;
        let memory = (1u64 << log_n).checked_mul(128)?.checked_mul(r.into())?;
        if parts.next().is_some() || memory > PASSWORD_MEMORY_MAX || p > 16 {
            return None;
        }
        scrypt::Params::new(log_n, r, p).ok()?;
        Some(Self(Kind::Scrypt {
            log_n,
            r,
            p,
            salt: STANDARD_NO_PAD.decode(salt).ok()?,
            hash: STANDARD_NO_PAD.decode(hash).ok()?.try_into().ok()?,
        }))
    }

    /// The hash of a password that nobody can guess.
    pub fn of_random(password: &str) -> Self {
        Self(Kind::Sha256(Sha256::digest(password).into()))
    }

    /// The hash of a password that somebody chose, with this salt.
    pub fn of_chosen(password: &str, salt: &[u8]) -> Option<Self> {
        let mut hash = [0; HASH_BYTES];
        let params = scrypt::Params::new(LOG_N, 8, 1).ok()?;
        scrypt::scrypt(password.as_bytes(), salt, &params, &mut hash).ok()?;
        Some(Self(Kind::Scrypt {
            log_n: LOG_N,
            r: 8,
            p: 1,
            salt: salt.to_vec(),
            hash,
        }))
    }

    /// The digest by which a password that nobody can guess is found.
    pub const fn digest(&self) -> Option<[u8; 32]> {
        match self.0 {
            Kind::Sha256(digest) => Some(digest),
            Kind::Scrypt { .. } => None,
        }
    }

    /// Whether checking it is slow on purpose.
    pub const fn is_slow(&self) -> bool {
        matches!(self.0, Kind::Scrypt { .. })
    }

    /// Whether it is the hash of this password.
    pub fn is_of(&self, password: &[u8]) -> bool {
        if password.len() > PASSWORD_BYTES_MAX {
            return false;
        }
        match &self.0 {
            Kind::Sha256(digest) => same(digest, &Sha256::digest(password).into()),
            Kind::Scrypt {
                log_n,
                r,
                p,
                salt,
                hash,
            } => {
                let mut made = [0; HASH_BYTES];
                let params = scrypt::Params::new(*log_n, *r, *p);
                let done = params.map(|p| scrypt::scrypt(password, salt, &p, &mut made).is_ok());
                done.unwrap_or(false) && same(hash, &made)
            }
        }
    }
}

/// Whether two hashes are the same, in the same time whatever they are.
fn same(a: &[u8; 32], b: &[u8; 32]) -> bool {
    a.iter().zip(b).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

/// Passwords that were right before.
pub struct Remembered {
    key: [u8; 32],
    right: Mutex<HashMap<String, [u8; 32]>>,
    slow: tokio::sync::Semaphore,
}

impl fmt::Debug for Remembered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Remembered")
    }
}

impl Remembered {
    /// Nothing is remembered under this key, which must be random.
    pub fn new(key: [u8; 32]) -> Self {
        Self {
            key,
            right: Mutex::default(),
            slow: tokio::sync::Semaphore::new(PASSWORD_CHECKS_MAX),
        }
    }

    /// Whether `password` is the one of `user`, whose hash is `hash`.
    pub async fn check(&self, user: &str, hash: &Hash, password: &[u8]) -> bool {
        if !hash.is_slow() || password.len() > PASSWORD_BYTES_MAX {
            return hash.is_of(password);
        }
        let seen = *blake3::keyed_hash(&self.key, password).as_bytes();
        if self
            .right
            .lock()
            .get(user)
            .is_some_and(|right| same(right, &seen))
        {
            return true;
        }
        let Ok(_permit) = self.slow.acquire().await else {
            return false;
        };
        let (hash, password) = (hash.clone(), zeroize::Zeroizing::new(password.to_vec()));
        let checked = tokio::task::spawn_blocking(move || hash.is_of(&password)).await;
        let right = checked.unwrap_or(false);
        if right {
            self.right.lock().insert(user.to_owned(), seen);
        }
        right
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_written_as_they_are_read() {
        for hash in [
            Hash::of_random("secret"),
            Hash::of_chosen("secret", b"0123456789abcdef").unwrap(),
        ] {
            let read = Hash::parse(&hash.to_string()).unwrap();
            assert!(read == hash && read.is_of(b"secret") && !read.is_of(b"Secret"));
        }
        // RFC 7914, section 12, cut to 32 bytes: the first 32 of PBKDF2's output are the same.
        let known = "$scrypt$ln=10,r=8,p=16$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWI";
        assert!(Hash::parse(known).unwrap().is_of(b"password"));
    }

    #[test]
    fn hashes_that_ask_for_too_much_are_refused() {
        for wrong in [
            "secret",
            "$sha256$00",
            "$scrypt$ln=20,r=8,p=1$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWI",
            "$scrypt$ln=40,r=8,p=1$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWI",
            "$scrypt$ln=10,r=8,p=1$TmFDbA$AAAA",
        ] {
            assert!(Hash::parse(wrong).is_none(), "{wrong}");
        }
    }
}
