//! Named limits of the vault. `commonhold limits` prints them.

/// Bytes of one encrypted body.
pub const BLOB_BYTES_MAX: u64 = 16 * 1024 * 1024 * 1024;
/// Segments of a body, each of 64 KiB, that one thread seals or opens in one go: few enough that what
/// the line holds stays in a processor's cache.
pub const BODY_BLOCK_SEGMENTS: usize = 4;
/// Blocks of a body that are in memory at once, encrypted and decrypted.
pub const BODY_BLOCKS_MAX: usize = 6;
/// Threads that work on one body.
pub const BODY_THREADS_MAX: usize = 8;
/// Bytes of all bodies in one store where its configuration does not say otherwise.
pub const STORE_BYTES_DEFAULT: u64 = 256 * 1024 * 1024 * 1024;
/// Mebibytes of the bodies that one account may bring where a store's configuration does not say
/// otherwise.
pub const ACCOUNT_QUOTA_MIB_DEFAULT: u64 = 32 * 1024;
/// Bytes of a body that one request between members asks for.
pub const PART_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Bodies that are kept half while they come from other members; the oldest goes first.
pub const PARTIALS_MAX: usize = 16;
/// Bytes of all packets and sealed keys of one body, between members.
pub const KEYS_BYTES_MAX: u64 = 8 + 1_024 * (32 + 108) + 1_024 * 160;
/// Readers that may have a header packet for one body.
pub const PACKETS_PER_BLOB_MAX: usize = 1_024;
/// Sealed keys beside one body: one for each record of it.
pub const SEALED_KEYS_PER_BLOB_MAX: usize = 1_024;
/// Blobs on one page of a listing.
pub const LIST_PAGE_MAX: usize = 1_000;
/// Packets in the header of a file that we read.
pub const HEADER_PACKETS_MAX: u32 = 1_024;
/// Bytes of one packet in the header of a file that we read.
pub const HEADER_PACKET_BYTES_MAX: u32 = 64 * 1024;
/// Bytes of all packets in the header of a file that we read.
pub const HEADER_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of a key file.
pub const KEY_FILE_BYTES_MAX: usize = 4 * 1024;
/// Bytes of a signed request's authorisation header.
pub const AUTH_BYTES_MAX: usize = 256;
/// How far the time in a signed request may be from the node's, in seconds.
pub const AUTH_WINDOW_SECONDS: u64 = 60;

/// Every limit of this crate by name, for printing.
pub const ALL: &[(&str, u64)] = &[
    ("BLOB_BYTES_MAX", BLOB_BYTES_MAX),
    ("BODY_BLOCK_SEGMENTS", BODY_BLOCK_SEGMENTS as u64),
    ("BODY_BLOCKS_MAX", BODY_BLOCKS_MAX as u64),
    ("BODY_THREADS_MAX", BODY_THREADS_MAX as u64),
    ("STORE_BYTES_DEFAULT", STORE_BYTES_DEFAULT),
    ("ACCOUNT_QUOTA_MIB_DEFAULT", ACCOUNT_QUOTA_MIB_DEFAULT),
    ("PART_BYTES_MAX", PART_BYTES_MAX),
    ("PARTIALS_MAX", PARTIALS_MAX as u64),
    ("KEYS_BYTES_MAX", KEYS_BYTES_MAX),
    ("PACKETS_PER_BLOB_MAX", PACKETS_PER_BLOB_MAX as u64),
    ("SEALED_KEYS_PER_BLOB_MAX", SEALED_KEYS_PER_BLOB_MAX as u64),
    ("LIST_PAGE_MAX", LIST_PAGE_MAX as u64),
    ("HEADER_PACKETS_MAX", HEADER_PACKETS_MAX as u64),
    ("HEADER_PACKET_BYTES_MAX", HEADER_PACKET_BYTES_MAX as u64),
    ("HEADER_BYTES_MAX", HEADER_BYTES_MAX as u64),
    ("KEY_FILE_BYTES_MAX", KEY_FILE_BYTES_MAX as u64),
    ("AUTH_BYTES_MAX", AUTH_BYTES_MAX as u64),
    ("AUTH_WINDOW_SECONDS", AUTH_WINDOW_SECONDS),
];
