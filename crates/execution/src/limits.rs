//! Named limits of the machine. `commonhold limits` prints them.

/// Gas of a read-only call, and what a call may use where it names none.
pub const CALL_GAS_MAX: u64 = 50_000_000;
/// Entries of the state that one step asks for.
pub const NEED_KEYS_MAX: usize = 4_096;
/// Steps that one transaction may ask for entries before a proposer leaves it out. Each step runs the
/// transaction again from its start; entries named by its access list are loaded before the first.
pub const TRANSACTION_ROUNDS_MAX: u32 = 32;
/// Gas that a proposer spends on runs of transactions that ended in asking for entries. Beyond it, a
/// transaction that asks is left out.
pub const REPEATED_GAS_MAX: u64 = 500_000_000;
/// Gas of the transactions behind a miss that are run ahead in one step, to learn what they will ask
/// for.
pub const LOOKAHEAD_STEP_GAS_MAX: u64 = 8_000_000;
/// Gas after which a run stops between two transactions, so that whoever runs it can look at the time.
pub const PIECE_GAS: u64 = 4_000_000;
/// Gas of all that is run ahead in a block.
pub const LOOKAHEAD_GAS_MAX: u64 = 300_000_000;
/// Transactions that are run ahead behind a miss.
pub const LOOKAHEAD_TRANSACTIONS_MAX: usize = 256;
/// Times that a call runs to find the access list that no longer changes.
pub const ACCESS_LIST_ROUNDS_MAX: u32 = 8;
/// Blocks of a simulation, those filled in among them.
pub const SIMULATED_BLOCKS_MAX: u64 = 256;
/// Bytes of stacks, memory and inputs that a trace records.
pub const TRACE_BYTES_MAX: u64 = 128 * 1024 * 1024;
/// Blocks that `BLOCKHASH` reaches back.
pub const BLOCK_HASH_WINDOW: u64 = 256;

/// Every limit of this crate by name, for printing.
pub const ALL: &[(&str, u64)] = &[
    ("CALL_GAS_MAX", CALL_GAS_MAX),
    ("NEED_KEYS_MAX", NEED_KEYS_MAX as u64),
    ("TRANSACTION_ROUNDS_MAX", TRANSACTION_ROUNDS_MAX as u64),
    ("REPEATED_GAS_MAX", REPEATED_GAS_MAX),
    ("LOOKAHEAD_STEP_GAS_MAX", LOOKAHEAD_STEP_GAS_MAX),
    ("PIECE_GAS", PIECE_GAS),
    ("LOOKAHEAD_GAS_MAX", LOOKAHEAD_GAS_MAX),
    (
        "LOOKAHEAD_TRANSACTIONS_MAX",
        LOOKAHEAD_TRANSACTIONS_MAX as u64,
    ),
    ("ACCESS_LIST_ROUNDS_MAX", ACCESS_LIST_ROUNDS_MAX as u64),
    ("SIMULATED_BLOCKS_MAX", SIMULATED_BLOCKS_MAX),
    ("TRACE_BYTES_MAX", TRACE_BYTES_MAX),
    ("BLOCK_HASH_WINDOW", BLOCK_HASH_WINDOW),
];
