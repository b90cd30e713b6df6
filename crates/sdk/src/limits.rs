//! Named limits of the client. `commonhold limits` prints them.

use commonhold_primitives::limits::STAMP_BYTES_MAX;
use commonhold_reading::limits::ENVELOPE_BYTES_MAX;

/// Bytes of one answer of a node, blobs aside.
pub const RESPONSE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Bytes of a file of certificates of authorities.
pub const AUTHORITIES_BYTES_MAX: usize = 1024 * 1024;
/// Seconds to wait for a node to take a connection.
pub const CONNECT_SECONDS_MAX: u64 = 5;
/// Seconds for one exchange with a node, blobs aside.
pub const REQUEST_SECONDS_MAX: u64 = 60;
/// Seconds for the transfer of one blob, which must not stand still for `REQUEST_SECONDS_MAX`.
pub const TRANSFER_SECONDS_MAX: u64 = 6 * 60 * 60;
/// How often the transfer of a body that was cut off is taken up again.
pub const RESUMES_MAX: u32 = 20;
/// Milliseconds before a transfer is taken up again that was just cut off without a byte.
pub const RESUME_DELAY_MS: u64 = 500;
/// Seconds to wait for a transaction to become final.
pub const FINALITY_SECONDS_MAX: u64 = 120;
/// Milliseconds between two looks for a receipt, where the node cannot answer when it is there.
pub const RECEIPT_POLL_MS: u64 = 100;
/// How often a transaction is signed anew because another of the same account came first.
pub const NONCE_ATTEMPTS_MAX: u32 = 5;
/// Transactions of one account that are sent and not final yet.
pub const LANE_IN_FLIGHT_MAX: usize = 600;
/// Bytes of them.
pub const LANE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Transactions sent in one request.
pub const LANE_SENT_MAX: usize = 150;
/// Bytes of them.
pub const LANE_SENT_BYTES_MAX: usize = 400_000;
/// Milliseconds between two looks at how far an account's transactions have come.
pub const LANE_POLL_MS: u64 = 50;
/// Blocks whose logs are asked for at once.
pub const LOG_BLOCKS_MAX: u64 = 100_000;
/// How often a proof is taken up again because what is proven grew meanwhile.
pub const PROVING_ROUNDS_MAX: u32 = 16;
/// Nodes that a light client asks.
pub const LIGHT_NODES_MAX: usize = 16;
/// Bytes of one answer to a light client.
pub const LIGHT_ANSWER_BYTES_MAX: u64 = STAMP_BYTES_MAX as u64;
/// Seconds for one exchange of a light client with a node.
pub const LIGHT_SECONDS_MAX: u64 = 10;
/// Milliseconds between two looks for a newer head.
pub const LIGHT_LOOK_MS: u64 = 250;
/// Looks without a newer head after which the other nodes are asked whether there is one.
pub const LIGHT_QUIET_LOOKS_MAX: u32 = 20;
/// How often a node is asked anew whose state is not yet that of the head.
pub const LIGHT_STATE_LOOKS_MAX: u32 = 4;
/// Bytes of an account's name.
pub const ACCOUNT_NAME_BYTES_MAX: usize = 64;
/// Accounts in a keystore.
pub const ACCOUNTS_MAX: usize = 10_000;
/// Bytes of a keystore file.
pub const KEYSTORE_BYTES_MAX: u64 = 64 * 1024;
/// Memory that a keystore file may ask for to be opened, in bytes.
pub const KEYSTORE_MEMORY_MAX: u64 = 1024 * 1024 * 1024;
/// Rounds that a keystore file may ask for to be opened.
pub const KEYSTORE_ROUNDS_MAX: u64 = 10_000_000;

/// Bytes of the proof of a reading: a stamp, a signed reading in hex, and what is around them.
pub const READING_PROOF_BYTES_MAX: usize = STAMP_BYTES_MAX + 4 * ENVELOPE_BYTES_MAX;
/// Bytes of a device's key file.
pub const DEVICE_KEY_BYTES_MAX: usize = 1024;

/// Every limit of this crate by name, for printing.
pub const ALL: &[(&str, u64)] = &[
    ("READING_PROOF_BYTES_MAX", READING_PROOF_BYTES_MAX as u64),
    ("DEVICE_KEY_BYTES_MAX", DEVICE_KEY_BYTES_MAX as u64),
    ("RESPONSE_BYTES_MAX", RESPONSE_BYTES_MAX),
    ("AUTHORITIES_BYTES_MAX", AUTHORITIES_BYTES_MAX as u64),
    ("CONNECT_SECONDS_MAX", CONNECT_SECONDS_MAX),
    ("REQUEST_SECONDS_MAX", REQUEST_SECONDS_MAX),
    ("TRANSFER_SECONDS_MAX", TRANSFER_SECONDS_MAX),
    ("RESUMES_MAX", RESUMES_MAX as u64),
    ("RESUME_DELAY_MS", RESUME_DELAY_MS),
    ("FINALITY_SECONDS_MAX", FINALITY_SECONDS_MAX),
    ("RECEIPT_POLL_MS", RECEIPT_POLL_MS),
    ("NONCE_ATTEMPTS_MAX", NONCE_ATTEMPTS_MAX as u64),
    ("LANE_IN_FLIGHT_MAX", LANE_IN_FLIGHT_MAX as u64),
    ("LANE_BYTES_MAX", LANE_BYTES_MAX as u64),
    ("LANE_SENT_MAX", LANE_SENT_MAX as u64),
    ("LANE_SENT_BYTES_MAX", LANE_SENT_BYTES_MAX as u64),
    ("LANE_POLL_MS", LANE_POLL_MS),
    ("LOG_BLOCKS_MAX", LOG_BLOCKS_MAX),
    ("PROVING_ROUNDS_MAX", PROVING_ROUNDS_MAX as u64),
    ("LIGHT_NODES_MAX", LIGHT_NODES_MAX as u64),
    ("LIGHT_ANSWER_BYTES_MAX", LIGHT_ANSWER_BYTES_MAX),
    ("LIGHT_SECONDS_MAX", LIGHT_SECONDS_MAX),
    ("LIGHT_LOOK_MS", LIGHT_LOOK_MS),
    ("LIGHT_QUIET_LOOKS_MAX", LIGHT_QUIET_LOOKS_MAX as u64),
    ("LIGHT_STATE_LOOKS_MAX", LIGHT_STATE_LOOKS_MAX as u64),
    ("ACCOUNT_NAME_BYTES_MAX", ACCOUNT_NAME_BYTES_MAX as u64),
    ("ACCOUNTS_MAX", ACCOUNTS_MAX as u64),
    ("KEYSTORE_BYTES_MAX", KEYSTORE_BYTES_MAX),
    ("KEYSTORE_MEMORY_MAX", KEYSTORE_MEMORY_MAX),
    ("KEYSTORE_ROUNDS_MAX", KEYSTORE_ROUNDS_MAX),
];
