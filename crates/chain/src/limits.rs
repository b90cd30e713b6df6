//! Named limits of the engine's wiring.

/// Transactions in a block from which on the next one gathers.
pub const GATHER_AFTER: usize = 2;
/// Milliseconds from such a block to the next.
pub const GATHER_MS: u64 = 100;
/// Milliseconds after which a proposer takes no further transactions: every member runs them again before it
/// votes, and a round waits little more than a second for its leader.
pub const BUILD_MS: u64 = 250;
/// Executed blocks whose outcome is kept in memory until one of them is final.
pub const OUTCOMES_KEPT: usize = 1_024;
/// Messages waiting for one of the engine's actors.
pub const MAILBOX_MESSAGES_MAX: usize = 1_024;
/// State operations in one answer to a joining member.
pub const SYNC_OPERATIONS_MAX: u64 = 512;
/// Blocks handed to the application and not yet durable.
pub const PENDING_BLOCKS_MAX: usize = 16;
/// Blocks fetched at once by a member that was away.
pub const REPAIR_BLOCKS_MAX: usize = 32;
/// Bytes of code kept in memory by its hash.
pub const CODE_CACHE_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Rounds in which a block may ask for state that was not loaded before it is given up.
pub const LOAD_ROUNDS_MAX: usize = 1_000_000;

/// Epochs whose signers are kept in memory.
pub const EPOCHS_KEPT: usize = 4;
/// Rounds of a member's own blocks that are remembered until one of them is final.
pub const OWN_ROUNDS_MAX: usize = 4_096;
/// Bytes of one secret of a key that is dealt anew on the disk: the longest is a dealer's own log.
pub const SECRET_BYTES_MAX: usize = 64 * 1024;
/// Blocks after which what a member sent in a ceremony of the seal key, and nobody has answered, is sent
/// again.
pub const SEALING_RESEND_BLOCKS: u64 = 2;
/// Epochs for which a share of the seal key is kept after its own, for what was asked for before the border.
pub const SEAL_SHARES_KEPT: u64 = 1;

/// Every limit of this crate by name, for printing.
pub const ALL: &[(&str, u64)] = &[
    ("GATHER_AFTER", GATHER_AFTER as u64),
    ("GATHER_MS", GATHER_MS),
    ("BUILD_MS", BUILD_MS),
    ("OUTCOMES_KEPT", OUTCOMES_KEPT as u64),
    ("MAILBOX_MESSAGES_MAX", MAILBOX_MESSAGES_MAX as u64),
    ("SYNC_OPERATIONS_MAX", SYNC_OPERATIONS_MAX),
    ("PENDING_BLOCKS_MAX", PENDING_BLOCKS_MAX as u64),
    ("REPAIR_BLOCKS_MAX", REPAIR_BLOCKS_MAX as u64),
    ("CODE_CACHE_BYTES_MAX", CODE_CACHE_BYTES_MAX as u64),
    ("EPOCHS_KEPT", EPOCHS_KEPT as u64),
    ("OWN_ROUNDS_MAX", OWN_ROUNDS_MAX as u64),
    ("SECRET_BYTES_MAX", SECRET_BYTES_MAX as u64),
    ("SEALING_RESEND_BLOCKS", SEALING_RESEND_BLOCKS),
    ("SEAL_SHARES_KEPT", SEAL_SHARES_KEPT),
    ("LOAD_ROUNDS_MAX", LOAD_ROUNDS_MAX as u64),
];
