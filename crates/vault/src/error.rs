use std::{io, path::PathBuf};

use crate::name::BlobHash;

/// Why the vault refuses or fails.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// There is nothing to encrypt, or an empty body was sent.
    #[error("the content is empty")]
    Empty,
    /// A body or its announced length goes over a limit.
    #[error("{len} bytes exceed {limit} ({max})")]
    TooLarge {
        /// The length announced or reached.
        len: u64,
        /// The limit's name.
        limit: &'static str,
        /// The limit.
        max: u64,
    },
    /// The store holds as much as its configuration allows.
    #[error("the vault is full: {needed} more bytes exceed the {max} it may hold")]
    StoreFull {
        /// What was to be added.
        needed: u64,
        /// What the store may hold.
        max: u64,
    },
    /// An account has brought as much as it may.
    #[error(
        "the account has brought {brought} bytes to this node: {needed} more exceed the {max} that one \
         account may bring (limits.account_quota_mib)"
    )]
    Quota {
        /// Bytes that it has brought, or is bringing.
        brought: u64,
        /// What was to be added.
        needed: u64,
        /// What it may bring.
        max: u64,
    },
    /// Another member sent bytes that are not the body's.
    #[error("what was sent is not the body from byte {0} on")]
    Lie(u64),
    /// What another member sent ended before its time.
    #[error("the sender broke off: {0}")]
    CutOff(String),
    /// A part of a body cannot begin here.
    #[error("byte {0} is not where a part of this body begins")]
    Part(u64),
    /// The disk has no room.
    #[error("the disk is full")]
    DiskFull,
    /// What is left of the disk is not for content.
    #[error(
        "the disk has {free} bytes free, and {reserve} of them are kept for the ledger: there is no room \
         for this content"
    )]
    DiskReserve {
        /// Bytes free.
        free: u64,
        /// Bytes that stay free.
        reserve: u64,
    },
    /// The body has another length than was announced or registered.
    #[error("the body has {got} bytes instead of {want}")]
    Length {
        /// Bytes expected.
        want: u64,
        /// Bytes found.
        got: u64,
    },
    /// The body's BLAKE3 is not the one expected.
    #[error("the body's hash is {got} instead of {want}")]
    Hash {
        /// The hash expected.
        want: BlobHash,
        /// The hash found.
        got: BlobHash,
    },
    /// A segment of a body does not authenticate under the data key.
    #[error("segment {0} of the body is damaged or belongs elsewhere")]
    Segment(u64),
    /// A body was another one when it was read for the second time.
    #[error("the encrypted content changed while it was read")]
    Changed,
    /// Not a Crypt4GH header, or one that goes over a limit.
    #[error("malformed Crypt4GH header: {0}")]
    Header(&'static str),
    /// The header holds an edit list. They could hide parts of the content, and we never make them.
    #[error("the file has a Crypt4GH edit list, which is not supported")]
    EditList,
    /// No packet opens with the reader's key.
    #[error("no header packet is meant for this key")]
    NotForThisKey,
    /// A public key that makes the shared secret predictable.
    #[error("the public key is weak")]
    WeakKey,
    /// A key file or a key's text does not parse.
    #[error("malformed key: {0}")]
    Key(&'static str),
    /// A key file needs a passphrase, or the one given is wrong.
    #[error("the passphrase is missing or wrong")]
    Passphrase,
    /// Text that should be a 64-digit lower-case hex hash.
    #[error("not a BLAKE3 hash: 64 lower-case hex digits are expected")]
    Name,
    /// Nothing is stored under this name.
    #[error("not in the vault")]
    NotFound,
    /// A body has as many readers' packets as it may have.
    #[error("the blob has {0} header packets already, PACKETS_PER_BLOB_MAX")]
    TooManyPackets(usize),
    /// A body has as many sealed keys as it may have.
    #[error("the blob has {0} sealed keys already, SEALED_KEYS_PER_BLOB_MAX")]
    TooManySealedKeys(usize),
    /// A directory of the store is open to others than its owner.
    #[error("{path} has mode {mode:o}: it must not be open to others (chmod 700)")]
    Mode {
        /// The directory.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The operating system gave no random bytes.
    #[error("no random bytes from the operating system")]
    Random,
    /// Reading or writing failed.
    #[error("{0}")]
    Io(io::Error),
}

impl From<io::Error> for VaultError {
    fn from(e: io::Error) -> Self {
        match e.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::Io(e),
        }
    }
}

impl VaultError {
    /// Whether the content, not the asker or the machine, is at fault.
    pub const fn is_integrity(&self) -> bool {
        matches!(
            self,
            Self::Length { .. }
                | Self::Hash { .. }
                | Self::Segment(_)
                | Self::Changed
                | Self::Lie(_)
        )
    }
}
