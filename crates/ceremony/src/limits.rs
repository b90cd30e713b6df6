//! Named limits of running a key ceremony. `commonhold limits` prints them.

use commonhold_seal::limits::{CEREMONY_MESSAGE_BYTES_MAX, CEREMONY_STATE_BYTES_MAX};

/// Bytes of the longest message between members: one of the ceremony and the byte that says so.
pub const WIRE_BYTES_MAX: usize = CEREMONY_MESSAGE_BYTES_MAX + 1;
/// Bytes of a member's memory on disk: locked, with all that stands before and after it.
pub const MEMORY_FILE_BYTES_MAX: usize = CEREMONY_STATE_BYTES_MAX + 256;
/// Messages per second and peer.
pub const MESSAGES_PER_SECOND_MAX: u32 = 64;
/// Milliseconds after which a member says again how far it is, and sends again what another has not
/// answered, the first time.
pub const TICK_MILLIS: u64 = 500;
/// Milliseconds after which it is sent again to one who keeps not answering.
pub const RESEND_MILLIS_MAX: u64 = 4_000;
/// Milliseconds without a word after which a member counts as away.
pub const SILENT_MILLIS_MAX: u64 = 20_000;
/// Milliseconds that a member stays for those who have not finished, after it has.
pub const LINGER_MILLIS_MAX: u64 = 60_000;
/// How often it is told of one member that it comes, goes, starts anew, or is in another round.
pub const COMINGS_TOLD_MAX: u32 = 64;
/// Milliseconds in which the last word has time to leave.
pub const FAREWELL_MILLIS: u64 = 250;

/// Every limit of this crate by name, for printing.
pub const ALL: &[(&str, u64)] = &[
    ("WIRE_BYTES_MAX", WIRE_BYTES_MAX as u64),
    ("MEMORY_FILE_BYTES_MAX", MEMORY_FILE_BYTES_MAX as u64),
    ("MESSAGES_PER_SECOND_MAX", MESSAGES_PER_SECOND_MAX as u64),
    ("TICK_MILLIS", TICK_MILLIS),
    ("RESEND_MILLIS_MAX", RESEND_MILLIS_MAX),
    ("SILENT_MILLIS_MAX", SILENT_MILLIS_MAX),
    ("LINGER_MILLIS_MAX", LINGER_MILLIS_MAX),
    ("COMINGS_TOLD_MAX", COMINGS_TOLD_MAX as u64),
    ("FAREWELL_MILLIS", FAREWELL_MILLIS),
];
