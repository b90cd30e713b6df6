//! Named limits of a node's own files and of what its operator may set, and the list of every
//! crate's limits that `commonhold limits` prints.

/// Bytes of a configuration file.
pub const CONFIG_BYTES_MAX: u64 = 1024 * 1024;
/// Bytes of a key file. A hex key with its newline is far shorter.
pub const KEY_FILE_BYTES_MAX: usize = 4 * 1024;
/// Bytes of the marker of a store.
pub const STORE_MARKER_BYTES_MAX: u64 = 4 * 1024;
/// Bytes that are written to find out whether the disk has room.
pub const DISK_PROBE_BYTES: usize = 4 * 1024 * 1024;
/// Bytes of a genesis document.
pub const GENESIS_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// Entries of any list or map in a configuration file.
pub const CONFIG_ENTRIES_MAX: usize = 256;
/// Mebibytes of memory that an operator may give the page cache.
pub const PAGE_CACHE_MIB_MAX: u64 = 64 * 1024;
/// Mebibytes of pending transactions that an operator may allow.
pub const POOL_MIB_MAX: u64 = 4 * 1024;
/// Pending transactions that an operator may allow.
pub const POOL_TRANSACTIONS_MAX: u64 = 1_000_000;
/// HTTP connections that an operator may allow.
pub const HTTP_CONNECTIONS_MAX: u64 = 65_536;
/// Threads that an operator may give a node.
pub const THREADS_MAX: u64 = 256;
/// Mebibytes of the disk that content leaves free for the ledger where nothing else is set.
pub const DISK_RESERVE_MIB_DEFAULT: u64 = 256;
/// Mebibytes of the disk that an operator may keep for the ledger.
pub const DISK_RESERVE_MIB_MAX: u64 = 1024 * 1024;
/// Bytes of all content that a node keeps.
pub const VAULT_BYTES_MAX: u64 = 1 << 40;
/// Final blocks that wait for the index.
pub const FEED_BLOCKS_MAX: usize = 64;
/// Blocks before and after the head among which a proven state is looked for.
pub const PROOF_ROOTS_MAX: u64 = 16;
/// Bytes of state that a node keeps in memory for clients' reads.
pub const HOT_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// Tries to find free ports for one member of a development network.
pub const DEVNET_PORT_TRIES_MAX: u64 = 1_000;

/// Every limit of this crate by name, for printing.
pub const ALL: &[(&str, u64)] = &[
    ("CONFIG_BYTES_MAX", CONFIG_BYTES_MAX),
    ("KEY_FILE_BYTES_MAX", KEY_FILE_BYTES_MAX as u64),
    ("STORE_MARKER_BYTES_MAX", STORE_MARKER_BYTES_MAX),
    ("DISK_PROBE_BYTES", DISK_PROBE_BYTES as u64),
    ("GENESIS_BYTES_MAX", GENESIS_BYTES_MAX),
    ("DISK_RESERVE_MIB_DEFAULT", DISK_RESERVE_MIB_DEFAULT),
    ("DISK_RESERVE_MIB_MAX", DISK_RESERVE_MIB_MAX),
    ("VAULT_BYTES_MAX", VAULT_BYTES_MAX),
    ("FEED_BLOCKS_MAX", FEED_BLOCKS_MAX as u64),
    ("PROOF_ROOTS_MAX", PROOF_ROOTS_MAX),
    ("HOT_BYTES_MAX", HOT_BYTES_MAX),
    ("CONFIG_ENTRIES_MAX", CONFIG_ENTRIES_MAX as u64),
    ("PAGE_CACHE_MIB_MAX", PAGE_CACHE_MIB_MAX),
    ("POOL_MIB_MAX", POOL_MIB_MAX),
    ("POOL_TRANSACTIONS_MAX", POOL_TRANSACTIONS_MAX),
    ("HTTP_CONNECTIONS_MAX", HTTP_CONNECTIONS_MAX),
    ("THREADS_MAX", THREADS_MAX),
    ("DEVNET_PORT_TRIES_MAX", DEVNET_PORT_TRIES_MAX),
];

/// The limits of every crate that a node is made of, by crate.
pub fn every() -> Vec<(&'static str, &'static [(&'static str, u64)])> {
    vec![
        ("primitives", commonhold_primitives::limits::ALL),
        ("module", commonhold_module::limits::ALL),
        ("system", commonhold_system::limits::ALL),
        ("execution", commonhold_execution::limits::ALL),
        ("state", commonhold_state::limits::ALL),
        ("seal", commonhold_seal::limits::ALL),
        ("ceremony", commonhold_ceremony::limits::ALL),
        ("opening", commonhold_opening::limits::ALL),
        ("vault", commonhold_vault::limits::ALL),
        ("pool", commonhold_pool::limits::ALL),
        ("chain", commonhold_chain::limits::ALL),
        ("index", commonhold_index::limits::ALL),
        ("rpc", commonhold_rpc::limits::ALL),
        ("node", ALL),
    ]
}
