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
/// Bytes of a backup of a member: its genesis document in hex, and little else.
pub const BACKUP_BYTES_MAX: u64 = 4 * 1024 * 1024 * 1024;
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
/// Mebibytes of content of one account that an operator may allow.
pub const ACCOUNT_QUOTA_MIB_MAX: u64 = 1024 * 1024;
/// Blocks without one of its own after which a member counts as away, where nothing else is set.
pub const ABSENT_BLOCKS_DEFAULT: u64 = 600;
/// Blocks after which an operator may have a member count as away.
pub const ABSENT_BLOCKS_MAX: u64 = 1_000_000;
/// Records that wait to be looked after by the keeper; others the sweep finds.
pub const WANTED_MAX: usize = 16_384;
/// Blocks whose news the keeper hears at once; older ones are the sweep's.
pub const NEWS_BLOCKS_MAX: u64 = 256;
/// Records that the keeper looks after for one block.
pub const LOOKS_PER_BLOCK_MAX: usize = 64;
/// Tries to fetch a record's content before it is left to the sweep.
pub const TRIES_MAX: u32 = 6;
/// Records that the keeper's sweep comes by in one block.
pub const SWEEP_RECORDS_MAX: u64 = 32;
/// Blocks between two passes of the sweep.
pub const SWEEP_REST_BLOCKS: u64 = 64;
/// Bytes of bodies that the sweep reads for one block, on average.
pub const SWEEP_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Bodies that are fetched from other members at a time.
pub const FETCHES_AT_ONCE_MAX: usize = 4;
/// Seconds for another member's node to take a connection.
pub const PEER_CONNECT_SECONDS: u64 = 3;
/// Seconds for another member's node to begin its answer.
pub const PEER_ANSWER_SECONDS: u64 = 60;
/// Seconds for another member's node to send a part of a body.
pub const PEER_PART_SECONDS: u64 = 600;
/// Rounds of loading state for one question to the records module.
pub const LOAD_ROUNDS_MAX: usize = 1_024;
/// Final blocks that wait for the index.
pub const FEED_BLOCKS_MAX: usize = 64;
/// Blocks before and after the head among which a proven state is looked for.
pub const PROOF_ROOTS_MAX: u64 = 16;
/// Bytes of state that a node keeps in memory for clients' reads.
pub const HOT_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// Peers of an epoch, of the next and of the one after it, beyond as many as the founders.
pub const PEERS_BESIDE_FOUNDERS_MAX: usize = 16;
/// Tries to find free ports for one member of a development network.
pub const DEVNET_PORT_TRIES_MAX: u64 = 1_000;

/// Every limit of this crate by name, for printing.
pub const ALL: &[(&str, u64)] = &[
    ("CONFIG_BYTES_MAX", CONFIG_BYTES_MAX),
    ("KEY_FILE_BYTES_MAX", KEY_FILE_BYTES_MAX as u64),
    ("STORE_MARKER_BYTES_MAX", STORE_MARKER_BYTES_MAX),
    ("DISK_PROBE_BYTES", DISK_PROBE_BYTES as u64),
    ("GENESIS_BYTES_MAX", GENESIS_BYTES_MAX),
    ("BACKUP_BYTES_MAX", BACKUP_BYTES_MAX),
    ("DISK_RESERVE_MIB_DEFAULT", DISK_RESERVE_MIB_DEFAULT),
    ("DISK_RESERVE_MIB_MAX", DISK_RESERVE_MIB_MAX),
    ("VAULT_BYTES_MAX", VAULT_BYTES_MAX),
    ("ACCOUNT_QUOTA_MIB_MAX", ACCOUNT_QUOTA_MIB_MAX),
    ("ABSENT_BLOCKS_DEFAULT", ABSENT_BLOCKS_DEFAULT),
    ("ABSENT_BLOCKS_MAX", ABSENT_BLOCKS_MAX),
    ("WANTED_MAX", WANTED_MAX as u64),
    ("NEWS_BLOCKS_MAX", NEWS_BLOCKS_MAX),
    ("LOOKS_PER_BLOCK_MAX", LOOKS_PER_BLOCK_MAX as u64),
    ("TRIES_MAX", TRIES_MAX as u64),
    ("SWEEP_RECORDS_MAX", SWEEP_RECORDS_MAX),
    ("SWEEP_REST_BLOCKS", SWEEP_REST_BLOCKS),
    ("SWEEP_BYTES_MAX", SWEEP_BYTES_MAX),
    ("FETCHES_AT_ONCE_MAX", FETCHES_AT_ONCE_MAX as u64),
    ("PEER_CONNECT_SECONDS", PEER_CONNECT_SECONDS),
    ("PEER_ANSWER_SECONDS", PEER_ANSWER_SECONDS),
    ("PEER_PART_SECONDS", PEER_PART_SECONDS),
    ("LOAD_ROUNDS_MAX", LOAD_ROUNDS_MAX as u64),
    ("FEED_BLOCKS_MAX", FEED_BLOCKS_MAX as u64),
    ("PROOF_ROOTS_MAX", PROOF_ROOTS_MAX),
    ("HOT_BYTES_MAX", HOT_BYTES_MAX),
    ("CONFIG_ENTRIES_MAX", CONFIG_ENTRIES_MAX as u64),
    ("PAGE_CACHE_MIB_MAX", PAGE_CACHE_MIB_MAX),
    ("POOL_MIB_MAX", POOL_MIB_MAX),
    ("POOL_TRANSACTIONS_MAX", POOL_TRANSACTIONS_MAX),
    ("HTTP_CONNECTIONS_MAX", HTTP_CONNECTIONS_MAX),
    ("THREADS_MAX", THREADS_MAX),
    (
        "PEERS_BESIDE_FOUNDERS_MAX",
        PEERS_BESIDE_FOUNDERS_MAX as u64,
    ),
    ("DEVNET_PORT_TRIES_MAX", DEVNET_PORT_TRIES_MAX),
];

/// The limits of every crate that a node is made of, by crate.
pub fn every() -> Vec<(&'static str, &'static [(&'static str, u64)])> {
    vec![
        ("primitives", commonhold_primitives::limits::ALL),
        ("module", commonhold_module::limits::ALL),
        ("reading", commonhold_reading::limits::ALL),
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
        ("health", commonhold_health_contract::limits::ALL),
        ("energy", commonhold_energy_contract::limits::ALL),
        ("works", commonhold_works_contract::limits::ALL),
        ("node", ALL),
    ]
}
