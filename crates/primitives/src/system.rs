//! Addresses of the native modules. System modules start at `0xC0…01`, applications at `0xC0…10`.

use alloy_primitives::{Address, address};

/// The consortium: who its members are.
pub const MEMBERS: Address = address!("c000000000000000000000000000000000000001");
/// Names and encryption keys of people and organisations.
pub const ACCOUNTS: Address = address!("c000000000000000000000000000000000000002");
/// Measuring devices, streams of their readings, and what is anchored of them.
pub const DEVICES: Address = address!("c000000000000000000000000000000000000003");
/// Registered content and who may open it.
pub const RECORDS: Address = address!("c000000000000000000000000000000000000004");
/// Settlement money and escrows.
pub const TOKEN: Address = address!("c000000000000000000000000000000000000005");
/// The seal key, and the opening keys of times that have come.
pub const SEALS: Address = address!("c000000000000000000000000000000000000006");

/// The code byte of every native module's account: `INVALID`. It makes `extcodesize` positive, which
/// Solidity checks before a call; it never runs, because calls to the address are dispatched natively.
pub const MODULE_CODE: &[u8] = &[0xfe];
