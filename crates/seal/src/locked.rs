//! A member's secrets on disk: encrypted, and bound to what they are for.
//!
//! ```text
//! magic       8   "chseal/1"
//! kind        1   1 a share, 2 the memory of a key ceremony, 8 a backup of a member
//! network    32   hash of the genesis document
//! subject    32   of a share: keccak-256 of the encoded sharing; of a ceremony: of its terms; of a backup: the
//!                 member's identity key
//! member      4   the member's place, u32; 0 of a backup
//! lock        1   0 a key of 32 bytes, 1 a passphrase
//! cost        1   scrypt's N as a power of two, r 8, p 1; 0 where the lock is a key
//! salt       16   of scrypt; zeros where the lock is a key
//! nonce      12
//! ciphertext      ChaCha20-Poly1305; all that stands before it is authenticated
//! tag        16
//! ```
//! What a file is for stands in the clear, so that a file of another network is named as such before
//! anybody is asked for a passphrase; nobody can change it.

use core::fmt;

use alloy_primitives::B256;
use chacha20poly1305::{AeadInOut as _, ChaCha20Poly1305, KeyInit as _, Nonce, Tag};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::limits::{SCRYPT_LOG_N, SCRYPT_LOG_N_MAX};

const MAGIC: &[u8; 8] = b"chseal/1";
/// Bytes before the ciphertext.
const HEAD_LEN: usize = 107;
const NONCE_LEN: usize = 12;
const TAG_LEN: usize = 16;

/// Why a locked file is refused. What is in it is never repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LockedError {
    /// Not such a file.
    #[error("not a {kind}: {why}")]
    Malformed {
        /// What was expected.
        kind: Kind,
        /// What is wrong.
        why: &'static str,
    },
    /// It belongs to another network.
    #[error("this is a {kind} of network {found}, and this network is {expected}")]
    OtherNetwork {
        /// What it is.
        kind: Kind,
        /// Its network.
        found: B256,
        /// Ours.
        expected: B256,
    },
    /// It belongs to another seal key, to another sharing of it, or to another ceremony.
    #[error("this is a {kind} for another key or round ({found}, and {expected} is in use)")]
    OtherSubject {
        /// What it is.
        kind: Kind,
        /// What it is for.
        found: B256,
        /// What it should be for.
        expected: B256,
    },
    /// It belongs to another member.
    #[error("this is the {kind} of member {found}, and this is member {expected}")]
    OtherMember {
        /// What it is.
        kind: Kind,
        /// Its member's place.
        found: u32,
        /// Ours.
        expected: u32,
    },
    /// It is locked with a passphrase and a key was given, or the other way round.
    #[error("this {kind} is locked with a {with}")]
    OtherLock {
        /// What it is.
        kind: Kind,
        /// What opens it.
        with: &'static str,
    },
    /// It does not open.
    #[error("this {0} does not open: the passphrase or key is wrong, or the file is damaged")]
    DoesNotOpen(Kind),
    /// It asks for more work than it may.
    #[error("this {kind} asks for scrypt at 2^{cost}, more than SCRYPT_LOG_N_MAX")]
    Cost {
        /// What it is.
        kind: Kind,
        /// What it asks for.
        cost: u8,
    },
    /// The key could not be made of the passphrase.
    #[error("scrypt failed: {0}")]
    Scrypt(String),
}

/// What a locked file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A share of the seal key.
    Share,
    /// The memory of a key ceremony.
    Ceremony,
    /// A backup of what makes a member.
    Backup,
}

impl Kind {
    const fn byte(self) -> u8 {
        match self {
            Self::Share => 1,
            Self::Ceremony => 2,
            Self::Backup => 8,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Share => "seal share file",
            Self::Ceremony => "key ceremony file",
            Self::Backup => "backup",
        })
    }
}

/// What a locked file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Hash of the network's genesis document.
    pub network: B256,
    /// [`crate::Group::digest`], or the digest of a ceremony's terms.
    pub subject: B256,
    /// The member's place.
    pub member: u32,
}

/// What a person or a node has to lock and unlock with.
#[derive(Clone, Copy)]
pub enum Unlock<'a> {
    /// A passphrase.
    Passphrase(&'a str),
    /// The 32 bytes of a key that the node keeps elsewhere.
    Key(&'a [u8; 32]),
}

impl fmt::Debug for Unlock<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Passphrase(_) => "passphrase",
            Self::Key(_) => "key",
        })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Method {
    Key,
    Passphrase { cost: u8, salt: [u8; 16] },
}

/// A lock, ready for use: a passphrase has been stretched once, for as many files as will be written.
#[derive(Clone)]
pub struct Lock {
    method: Method,
    key: Zeroizing<[u8; 32]>,
}

impl fmt::Debug for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lock")
    }
}

impl Lock {
    /// A new lock. A passphrase costs some tenths of a second and 128 MiB.
    ///
    /// # Errors
    /// [`LockedError::Scrypt`] where the library refuses.
    pub fn new(unlock: Unlock<'_>, rng: &mut impl CryptoRng) -> Result<Self, LockedError> {
        let method = match unlock {
            Unlock::Key(_) => Method::Key,
            Unlock::Passphrase(_) => {
                let mut salt = [0; 16];
                rng.fill_bytes(&mut salt);
                Method::Passphrase {
                    cost: SCRYPT_LOG_N,
                    salt,
                }
            }
        };
        Self::of(method, unlock, Kind::Share)
    }

    fn of(method: Method, unlock: Unlock<'_>, kind: Kind) -> Result<Self, LockedError> {
        let key = match (method, unlock) {
            (Method::Key, Unlock::Key(key)) => Zeroizing::new(*key),
            (Method::Passphrase { cost, salt }, Unlock::Passphrase(passphrase)) => {
                let failed = |e: &dyn fmt::Display| LockedError::Scrypt(e.to_string());
                let mut key = Zeroizing::new([0; 32]);
                let params = scrypt::Params::new(cost, 8, 1).map_err(|e| failed(&e))?;
                scrypt::scrypt(passphrase.as_bytes(), &salt, &params, key.as_mut_slice())
                    .map_err(|e| failed(&e))?;
                key
            }
            (Method::Key, Unlock::Passphrase(_)) => {
                return Err(LockedError::OtherLock { kind, with: "key" });
            }
            (Method::Passphrase { .. }, Unlock::Key(_)) => {
                return Err(LockedError::OtherLock {
                    kind,
                    with: "passphrase",
                });
            }
        };
        Ok(Self { method, key })
    }

    /// Encrypts `secret` for `binding`.
    ///
    /// # Errors
    /// Where the secret is longer than the cipher takes, 256 GiB.
    pub fn seal(
        &self,
        kind: Kind,
        binding: &Binding,
        secret: &[u8],
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, LockedError> {
        let mut nonce = [0; NONCE_LEN];
        rng.fill_bytes(&mut nonce);
        let head = self.head(kind, binding, &nonce);
        let mut text = Zeroizing::new(secret.to_vec());
        let tag = ChaCha20Poly1305::new((&*self.key).into())
            .encrypt_inout_detached(&Nonce::from(nonce), &head, text.as_mut_slice().into())
            .map_err(|_| LockedError::DoesNotOpen(kind))?;
        Ok([head.as_slice(), &text, tag.as_slice()].concat())
    }

    fn head(&self, kind: Kind, binding: &Binding, nonce: &[u8; NONCE_LEN]) -> Vec<u8> {
        let (lock, cost, salt) = match self.method {
            Method::Key => (0, 0, [0; 16]),
            Method::Passphrase { cost, salt } => (1, cost, salt),
        };
        [
            MAGIC.as_slice(),
            &[kind.byte()],
            binding.network.as_slice(),
            binding.subject.as_slice(),
            &binding.member.to_be_bytes(),
            &[lock, cost],
            &salt,
            nonce,
        ]
        .concat()
    }
}

/// A locked file that has been parsed and not yet opened.
#[derive(Clone)]
pub struct Locked<'a> {
    kind: Kind,
    binding: Binding,
    method: Method,
    nonce: [u8; NONCE_LEN],
    head: &'a [u8],
    text: &'a [u8],
    tag: [u8; TAG_LEN],
}

impl<'a> Locked<'a> {
    /// Parses a file of this kind.
    ///
    /// # Errors
    /// [`LockedError::Malformed`], or [`LockedError::Cost`] where it asks for too much work.
    pub fn parse(kind: Kind, bytes: &'a [u8]) -> Result<Self, LockedError> {
        let malformed = |why| LockedError::Malformed { kind, why };
        let short = malformed("it ends too early");
        let Some((head, rest)) = bytes.split_at_checked(HEAD_LEN) else {
            return Err(if bytes.starts_with(MAGIC) {
                short
            } else {
                malformed("it does not begin with \"chseal/1\"")
            });
        };
        let (text, tag) = rest.split_last_chunk::<TAG_LEN>().ok_or(short)?;
        let fields = Fields::take(head).ok_or_else(|| malformed("it ends too early"))?;
        if fields.magic != *MAGIC {
            return Err(malformed("it does not begin with \"chseal/1\""));
        }
        if fields.kind != kind.byte() {
            return Err(malformed("it holds something else"));
        }
        let method = match (fields.lock, fields.cost, fields.salt) {
            (0, 0, salt) if salt == [0; 16] => Method::Key,
            (1, cost, salt) if (1..=SCRYPT_LOG_N_MAX).contains(&cost) => {
                Method::Passphrase { cost, salt }
            }
            (1, cost, _) if cost > SCRYPT_LOG_N_MAX => {
                return Err(LockedError::Cost { kind, cost });
            }
            _ => return Err(malformed("its lock is of an unknown kind")),
        };
        Ok(Self {
            kind,
            binding: Binding {
                network: fields.network.into(),
                subject: fields.subject.into(),
                member: u32::from_be_bytes(fields.member),
            },
            method,
            nonce: fields.nonce,
            head,
            text,
            tag: *tag,
        })
    }

    /// What it says that it is for. Known to be true once it has been opened.
    pub const fn binding(&self) -> &Binding {
        &self.binding
    }

    /// Checks that it is for what is expected, network first.
    ///
    /// # Errors
    /// The first thing that differs.
    pub fn check(&self, expected: &Binding) -> Result<(), LockedError> {
        let kind = self.kind;
        let found = &self.binding;
        if found.network != expected.network {
            return Err(LockedError::OtherNetwork {
                kind,
                found: found.network,
                expected: expected.network,
            });
        }
        if found.subject != expected.subject {
            return Err(LockedError::OtherSubject {
                kind,
                found: found.subject,
                expected: expected.subject,
            });
        }
        if found.member != expected.member {
            return Err(LockedError::OtherMember {
                kind,
                found: found.member,
                expected: expected.member,
            });
        }
        Ok(())
    }

    /// Makes the lock that opens this file. It can lock later versions of it too.
    ///
    /// # Errors
    /// [`LockedError::OtherLock`] where the file is locked in the other way.
    pub fn lock(&self, unlock: Unlock<'_>) -> Result<Lock, LockedError> {
        Lock::of(self.method, unlock, self.kind)
    }

    /// Decrypts the secret.
    ///
    /// # Errors
    /// [`LockedError::DoesNotOpen`] where passphrase or key are wrong, or a bit of the file changed.
    pub fn open(&self, lock: &Lock) -> Result<Zeroizing<Vec<u8>>, LockedError> {
        let mut text = Zeroizing::new(self.text.to_vec());
        ChaCha20Poly1305::new((&*lock.key).into())
            .decrypt_inout_detached(
                &Nonce::from(self.nonce),
                self.head,
                text.as_mut_slice().into(),
                &Tag::from(self.tag),
            )
            .map_err(|_| LockedError::DoesNotOpen(self.kind))?;
        Ok(text)
    }
}

/// The parts of a head, by length.
struct Fields {
    magic: [u8; 8],
    kind: u8,
    network: [u8; 32],
    subject: [u8; 32],
    member: [u8; 4],
    lock: u8,
    cost: u8,
    salt: [u8; 16],
    nonce: [u8; NONCE_LEN],
}

impl Fields {
    fn take(head: &[u8]) -> Option<Self> {
        let (magic, rest) = head.split_first_chunk()?;
        let (kind, rest) = rest.split_first()?;
        let (network, rest) = rest.split_first_chunk()?;
        let (subject, rest) = rest.split_first_chunk()?;
        let (member, rest) = rest.split_first_chunk()?;
        let (lock, rest) = rest.split_first()?;
        let (cost, rest) = rest.split_first()?;
        let (salt, rest) = rest.split_first_chunk()?;
        Some(Self {
            magic: *magic,
            kind: *kind,
            network: *network,
            subject: *subject,
            member: *member,
            lock: *lock,
            cost: *cost,
            salt: *salt,
            nonce: rest.try_into().ok()?,
        })
    }
}
