//! Key files: a member's ed25519 identity key and its share of the network key.
//!
//! A key file holds one line of lower-case hex (the key's 32 bytes, or the encoding of the share)
//! and is readable by its owner alone. It is created whole or not at all, never replaces another
//! file, and is refused when anybody but its owner may read or write it. What is read from it is
//! wiped from memory once decoded; the decoded types hide themselves when printed.

use std::{
    fs::{self, File},
    io::{self, Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use alloy_primitives::{B256, keccak256};
use commonhold_primitives::{
    consensus::MemberKey,
    genesis::{Genesis, GenesisError},
};
use commonware_codec::{Copying, DecodeExt as _, Encode, Write as _};
use commonware_cryptography::{
    Signer as _,
    bls12381::primitives::{group::Share, variant::MinSig},
    ed25519::PrivateKey,
};
use commonware_math::algebra::Random as _;
use rand_core::{TryRng, UnwrapErr};
use zeroize::Zeroizing;

use crate::limits::KEY_FILE_BYTES_MAX;

/// Mode bits that nobody but the owner may have.
const OTHERS: u32 = 0o077;
/// Mode of a key file.
const FILE_MODE: u32 = 0o600;
/// Mode of a file that is no secret.
const PUBLIC_MODE: u32 = 0o644;
/// Mode of a directory that holds key files.
pub(crate) const DIR_MODE: u32 = 0o700;

/// Why a key file was refused or could not be written.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Others than the owner may use the file.
    #[error(
        "{} has mode {mode:04o}: others than its owner may use this key. Run: chmod 600 {}",
        path.display(), quote(path)
    )]
    Mode {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file is not what a key file holds. The content is not repeated here.
    #[error("{} is not a key file: {why}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, without the content.
        why: &'static str,
    },
    /// A file of that name exists; keys are never overwritten.
    #[error("{} exists already; a key is never overwritten", .0.display())]
    Exists(PathBuf),
    /// The file system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Its answer.
        source: io::Error,
    },
    /// The genesis document is damaged.
    #[error(transparent)]
    Genesis(#[from] GenesisError),
    /// The keys belong to no founding member of the network.
    #[error("{} is no member's identity key by this genesis document", .0.display())]
    NoMember(PathBuf),
    /// The share is not the member's.
    #[error("{} is not this member's share of the network key", .0.display())]
    WrongShare(PathBuf),
    /// The operating system gave no random bytes.
    #[error("the operating system gave no randomness: {0}")]
    Randomness(String),
}

fn quote(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@".contains(c);
    if text.chars().all(plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

pub(crate) fn io_error(path: &Path) -> impl FnOnce(io::Error) -> KeyError + '_ {
    |source| KeyError::Io {
        path: path.to_path_buf(),
        source,
    }
}

/// The operating system's random number generator.
///
/// # Errors
/// Where it does not work: checked once here, so that its later use cannot fail at random.
pub fn os_rng() -> Result<UnwrapErr<rand::rngs::SysRng>, KeyError> {
    let mut rng = rand::rngs::SysRng;
    rng.try_next_u64()
        .map_err(|e| KeyError::Randomness(e.to_string()))?;
    Ok(UnwrapErr(rng))
}

/// A new identity key from the operating system's randomness.
///
/// # Errors
/// Where there is no randomness.
pub fn new_identity() -> Result<PrivateKey, KeyError> {
    Ok(PrivateKey::random(os_rng()?))
}

/// Creates a directory (with its parents) that its owner alone may enter.
///
/// # Errors
/// Where the file system refuses.
pub fn create_private_dir(path: &Path) -> Result<(), KeyError> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(DIR_MODE)
        .create(path)
        .map_err(io_error(path))
}

/// Writes an identity key to a new file.
///
/// # Errors
/// Where the file exists, or cannot be written.
pub fn write_identity(path: &Path, key: &PrivateKey) -> Result<(), KeyError> {
    write_key(path, key)
}

/// Reads an identity key.
///
/// # Errors
/// Where the file is missing, open to others, or no key.
pub fn read_identity(path: &Path) -> Result<PrivateKey, KeyError> {
    let bytes = read_secret(path)?;
    PrivateKey::decode(Copying(bytes.as_slice())).map_err(|_| KeyError::Malformed {
        path: path.to_path_buf(),
        why: "an identity key is 32 bytes in hex",
    })
}

/// Writes a share of the network key to a new file.
///
/// # Errors
/// Where the file exists, or cannot be written.
pub fn write_share(path: &Path, share: &Share) -> Result<(), KeyError> {
    write_key(path, share)
}

/// The public side of an identity key, as the ledger writes it.
pub fn public(identity: &PrivateKey) -> B256 {
    B256::from_slice(identity.public_key().as_ref())
}

/// What a member's later shares of the network key are encrypted with: it follows from its identity key.
pub fn network_secret(identity: &PrivateKey, genesis: B256) -> Zeroizing<[u8; 32]> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(96));
    bytes.extend_from_slice(b"commonhold/network-shares/v1");
    bytes.extend_from_slice(genesis.as_slice());
    identity.write(&mut *bytes);
    Zeroizing::new(keccak256(bytes.as_slice()).0)
}

/// Reads a share of the network key.
///
/// # Errors
/// Where the file is missing, open to others, or no share.
pub fn read_share(path: &Path) -> Result<Share, KeyError> {
    let bytes = read_secret(path)?;
    Share::decode(Copying(bytes.as_slice())).map_err(|_| KeyError::Malformed {
        path: path.to_path_buf(),
        why: "it does not decode as a share of a network key",
    })
}

/// Checks that the key files are a member's, and gives the name of one that the genesis document names: members
/// that joined later are not in it. A founder's share of the first epoch is there until that is over.
///
/// # Errors
/// Where a file is missing, open to others, malformed, or somebody else's.
pub fn check_member(
    genesis: &Path,
    identity: &Path,
    share: &Path,
) -> Result<Option<String>, KeyError> {
    let key = read_identity(identity)?.public_key();
    let document = Genesis::parse(&fs::read(genesis).map_err(io_error(genesis))?)?;
    let keys = document.member_keys()?;
    let position = keys.iter().position(|member| *member == key);
    let member = position.and_then(|i| document.members.get(i));
    let name = member.map(|member| member.name.clone());
    let secret = match read_share(share) {
        Ok(secret) => secret,
        Err(KeyError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            return Ok(name);
        }
        Err(e) => return Err(e),
    };
    if name.is_none() {
        Err(KeyError::NoMember(identity.to_path_buf()))
    } else if is_own_share(&document, &key, &secret)? {
        Ok(name)
    } else {
        Err(KeyError::WrongShare(share.to_path_buf()))
    }
}

/// Whether `share` is the share of the network key that was dealt to the founding member `key`: the
/// one of the key's place in the order of all keys. With another's, two members would sign as one.
///
/// # Errors
/// Where the genesis document does not decode.
pub fn is_own_share(genesis: &Genesis, key: &MemberKey, share: &Share) -> Result<bool, KeyError> {
    let place = genesis
        .member_keys()?
        .iter()
        .filter(|other| *other < key)
        .count();
    let public = genesis.sharing()?.partial_public(share.index);
    Ok(usize::try_from(share.index.get()) == Ok(place)
        && public.is_ok_and(|public| public == share.public::<MinSig>()))
}

fn write_key(path: &Path, key: &impl Encode) -> Result<(), KeyError> {
    let mut encoded = Zeroizing::new(Vec::with_capacity(key.encode_size()));
    key.write(&mut *encoded);
    write_secret(path, &encoded)
}

/// Writes `secret` in hex, as one line, to a new private file.
///
/// # Errors
/// As [`write_private`].
pub fn write_secret(path: &Path, secret: &[u8]) -> Result<(), KeyError> {
    let mut text = Zeroizing::new(vec![
        b'\n';
        secret.len().saturating_mul(2).saturating_add(1)
    ]);
    if let Some((_newline, digits)) = text.split_last_mut() {
        hex::encode_to_slice(secret, digits).map_err(|_| KeyError::Malformed {
            path: path.to_path_buf(),
            why: "too long",
        })?;
    }
    write_private(path, &text)
}

/// Writes a new file of mode 0600: first under another name, then moved into place, so that the file
/// is never seen half-written, wider, or instead of another.
///
/// # Errors
/// Where the file exists, or cannot be written.
pub fn write_private(path: &Path, content: &[u8]) -> Result<(), KeyError> {
    put(path, content, FILE_MODE, false)
}

/// Writes a file of mode 0600 in the place of the one that is there, if any: the old one or the new one
/// is there whole, at any instant, and the new one is on the disk when this returns.
///
/// # Errors
/// Where it cannot be written.
pub(crate) fn replace_private(path: &Path, content: &[u8]) -> Result<(), KeyError> {
    put(path, content, FILE_MODE, true)
}

/// Writes a new file that everybody may read, as far as the owner's umask lets them.
///
/// # Errors
/// As [`write_private`].
pub(crate) fn write_public(path: &Path, content: &[u8]) -> Result<(), KeyError> {
    put(path, content, PUBLIC_MODE, false)
}

fn put(path: &Path, content: &[u8], mode: u32, replace: bool) -> Result<(), KeyError> {
    let dir = match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    };
    let mut file = tempfile::Builder::new()
        .permissions(fs::Permissions::from_mode(mode))
        .tempfile_in(dir)
        .map_err(io_error(path))?;
    file.write_all(content).map_err(io_error(path))?;
    file.as_file().sync_all().map_err(io_error(path))?;
    let placed = if replace {
        file.persist(path)
    } else {
        file.persist_noclobber(path)
    };
    placed.map_err(|e| match e.error.kind() {
        io::ErrorKind::AlreadyExists => KeyError::Exists(path.to_path_buf()),
        _ => KeyError::Io {
            path: path.to_path_buf(),
            source: e.error,
        },
    })?;
    File::open(dir)
        .and_then(|dir| dir.sync_all())
        .map_err(io_error(path))
}

/// Reads a hex key file that its owner alone may use.
///
/// # Errors
/// Where the file is missing, open to others, too long, or not hex.
pub fn read_secret(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let text = read_private(path, KEY_FILE_BYTES_MAX)?;
    let hexits = text.trim_ascii();
    let mut bytes = Zeroizing::new(vec![0u8; hexits.len() / 2]);
    hex::decode_to_slice(hexits, &mut bytes).map_err(|_| KeyError::Malformed {
        path: path.to_path_buf(),
        why: "not hex",
    })?;
    Ok(bytes)
}

/// Reads a file of at most `max` bytes that its owner alone may use.
///
/// # Errors
/// Where the file is missing, open to others, or too long.
pub fn read_private(path: &Path, max: usize) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let file = open_private(path)?;
    let limit = u64::try_from(max).unwrap_or(u64::MAX);
    if file.metadata().map_err(io_error(path))?.len() > limit {
        return Err(KeyError::Malformed {
            path: path.to_path_buf(),
            why: "it is too long",
        });
    }
    let mut text = Zeroizing::new(Vec::with_capacity(max));
    file.take(limit)
        .read_to_end(&mut text)
        .map_err(io_error(path))?;
    Ok(text)
}

/// Opens a file, refusing one that others than its owner may read or write. The check is made on the
/// opened file, so that it cannot be exchanged in between.
///
/// # Errors
/// Where the file is missing, no regular file, or open to others.
pub fn open_private(path: &Path) -> Result<File, KeyError> {
    let file = File::open(path).map_err(io_error(path))?;
    let metadata = file.metadata().map_err(io_error(path))?;
    if !metadata.is_file() {
        return Err(KeyError::Malformed {
            path: path.to_path_buf(),
            why: "not a regular file",
        });
    }
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & OTHERS != 0 {
        return Err(KeyError::Mode {
            path: path.to_path_buf(),
            mode,
        });
    }
    Ok(file)
}

#[cfg(test)]
mod tests;
