//! Named limits of opening. `commonhold limits` prints them.

/// Clients' questions that one node has under way.
pub const ASKS_AT_ONCE_MAX: usize = 64;
/// Questions of one peer that a member has under way.
pub const PEER_QUESTIONS_AT_ONCE_MAX: usize = 128;
/// Requests of one reader that a member answers within [`READER_SECONDS`].
pub const READER_ANSWERS_MAX: u32 = 1_024;
/// Seconds, of block time, after which a reader's answers are counted anew.
pub const READER_SECONDS: u64 = 60;
/// Readers whose answers are counted; who asked longest ago is forgotten first.
pub const READERS_MAX: usize = 4_096;
/// Milliseconds that a member waits for a block that holds what it is asked for.
pub const SEEN_MILLIS_MAX: u64 = 1_500;
/// Milliseconds after which a node gives back what it has of the members' answers.
pub const ASK_MILLIS_MAX: u64 = 3_000;
/// Rounds of loading state for one judgement.
pub const LOAD_ROUNDS_MAX: usize = 64;
/// How many blocks back the hash of a block is taken from the state, where the member does not have the
/// block. The state has 8,191 (EIP-2935); it may be read a few blocks later than it is judged by.
pub const HASHES_BACK_MAX: u64 = 8_000;

/// Every limit of this crate by name, for printing.
pub const ALL: &[(&str, u64)] = &[
    ("ASKS_AT_ONCE_MAX", ASKS_AT_ONCE_MAX as u64),
    (
        "PEER_QUESTIONS_AT_ONCE_MAX",
        PEER_QUESTIONS_AT_ONCE_MAX as u64,
    ),
    ("READER_ANSWERS_MAX", READER_ANSWERS_MAX as u64),
    ("READER_SECONDS", READER_SECONDS),
    ("READERS_MAX", READERS_MAX as u64),
    ("SEEN_MILLIS_MAX", SEEN_MILLIS_MAX),
    ("ASK_MILLIS_MAX", ASK_MILLIS_MAX),
    ("LOAD_ROUNDS_MAX", LOAD_ROUNDS_MAX as u64),
    ("HASHES_BACK_MAX", HASHES_BACK_MAX),
];
