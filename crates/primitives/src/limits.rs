//! Named limits of what travels and of what is kept. `commonhold limits` prints them.

/// Bytes of all transactions of a block together.
pub const BLOCK_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Transactions in a block.
pub const BLOCK_TRANSACTIONS_MAX: usize = 16_384;
/// Bytes of one encoded transaction (EIP-2718): the largest raw file of an instrument, 250 KiB, with what is
/// said about it. Its gas (EIP-7623) is within [`TRANSACTION_GAS_MAX`].
pub const TRANSACTION_BYTES_MAX: usize = 256 * 1024;
/// Gas of one transaction (EIP-7825).
pub const TRANSACTION_GAS_MAX: u64 = 16_777_216;
/// Bytes of a block header's extra data.
pub const EXTRA_BYTES_MAX: usize = 224;
/// Blocks of the shortest epoch. Every holder of a share proposes a block in an epoch's second half, and
/// some of their turns time out: see [`epoch_blocks_min`].
pub const EPOCH_BLOCKS_MIN: u64 = 32;
/// Blocks of an epoch where the genesis document does not say otherwise: an hour of an idle network.
pub const EPOCH_BLOCKS_DEFAULT: u64 = 3_600;
/// Bytes of deployed code (EIP-170).
pub const CODE_BYTES_MAX: usize = 24_576;
/// How far a block's time may run ahead of its parent's, in milliseconds. A block proposed after a
/// longer pause catches up over the blocks that follow.
pub const BLOCK_TIME_STEP_MAX_MS: u64 = 3_600_000;
/// How far a block's time may run ahead of a member's own clock before the member waits with its
/// vote, in milliseconds.
pub const CLOCK_DRIFT_MAX_MS: u64 = 500;
/// Members of a network.
pub const MEMBERS_MAX: u32 = 100;
/// Bytes of a member's name.
pub const MEMBER_NAME_BYTES_MAX: usize = 64;
/// Bytes of a member's endpoint, `host:port`: a DNS name has 253 at most.
pub const MEMBER_ENDPOINT_BYTES_MAX: usize = 260;
/// Gas of a block where the genesis document does not say otherwise.
pub const BLOCK_GAS_DEFAULT: u64 = 300_000_000;
/// Milliseconds between blocks of an idle network where the genesis document does not say otherwise.
pub const HEARTBEAT_DEFAULT_MS: u64 = 1_000;

/// Bytes of a stamp's file: the largest transaction and a receipt of its size, in hex, with proofs.
pub const STAMP_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Entries of the state in one stamp.
pub const STAMP_ENTRIES_MAX: usize = 64;
/// Headers in a stamp between its block and the next one with a certificate of its own.
pub const STAMP_DESCENDANTS_MAX: usize = 256;

/// Blocks of the shortest epoch among so many members: eight for each, [`EPOCH_BLOCKS_MIN`] at least.
pub const fn epoch_blocks_min(members: u64) -> u64 {
    let eight = members.saturating_mul(8);
    if eight > EPOCH_BLOCKS_MIN {
        eight
    } else {
        EPOCH_BLOCKS_MIN
    }
}

/// Every limit of this crate by name, for printing.
pub const ALL: &[(&str, u64)] = &[
    ("BLOCK_BYTES_MAX", BLOCK_BYTES_MAX as u64),
    ("BLOCK_TRANSACTIONS_MAX", BLOCK_TRANSACTIONS_MAX as u64),
    ("TRANSACTION_BYTES_MAX", TRANSACTION_BYTES_MAX as u64),
    ("TRANSACTION_GAS_MAX", TRANSACTION_GAS_MAX),
    ("EXTRA_BYTES_MAX", EXTRA_BYTES_MAX as u64),
    ("EPOCH_BLOCKS_MIN", EPOCH_BLOCKS_MIN),
    ("EPOCH_BLOCKS_DEFAULT", EPOCH_BLOCKS_DEFAULT),
    ("CODE_BYTES_MAX", CODE_BYTES_MAX as u64),
    ("BLOCK_TIME_STEP_MAX_MS", BLOCK_TIME_STEP_MAX_MS),
    ("CLOCK_DRIFT_MAX_MS", CLOCK_DRIFT_MAX_MS),
    ("MEMBERS_MAX", MEMBERS_MAX as u64),
    ("MEMBER_NAME_BYTES_MAX", MEMBER_NAME_BYTES_MAX as u64),
    (
        "MEMBER_ENDPOINT_BYTES_MAX",
        MEMBER_ENDPOINT_BYTES_MAX as u64,
    ),
    ("BLOCK_GAS_DEFAULT", BLOCK_GAS_DEFAULT),
    ("HEARTBEAT_DEFAULT_MS", HEARTBEAT_DEFAULT_MS),
    ("STAMP_BYTES_MAX", STAMP_BYTES_MAX as u64),
    ("STAMP_DESCENDANTS_MAX", STAMP_DESCENDANTS_MAX as u64),
    ("STAMP_ENTRIES_MAX", STAMP_ENTRIES_MAX as u64),
];
