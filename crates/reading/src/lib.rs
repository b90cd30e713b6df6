//! Signed readings of devices, batches of them, and proofs of one.
//!
//! # A signed reading
//!
//! A `COSE_Sign1` (RFC 9052) with tag 18, in deterministic CBOR (RFC 8949, 4.2.1): what is not in that
//! form is refused, so that one content has one name.
//!
//! ```text
//! 18([ << {1: alg, 4: device id, 32 bytes} >>, {}, << payload >>, signature, 64 bytes ])
//! alg        -8 EdDSA (Ed25519) · -7 ES256 (P-256) · -47 ES256K (secp256k1)
//! signed     ["Signature1", protected header, "commonhold/reading/v1", payload]
//! payload    {1: counter, 2: time, 3: [record, ...], ?4: nonce, ?5: origin}
//! record     {0: name, ?1: unit, 2: number | 3: text | 4: flag | 8: data, ?6: seconds after time}
//! number     integer | 4([exponent, mantissa])
//! origin     {1: adapter, 2: the source's device id, 3: SHA-256 of the original message}
//! ```
//! Counters begin at 1, and time is milliseconds since 1970 by the device's clock. Records have the
//! labels of SenML (RFC 8428) and no base fields. Numbers are exact: an integer of 64 bits, or such a one
//! times a power of ten other than 0; floating point is refused. ECDSA signatures are `r ‖ s`, and either
//! `s` is taken: two envelopes of one reading can both be right, and count as one reading all the same,
//! because a reading is named by its device and counter.
//!
//! # Devices
//!
//! A device is its public key: its id is `SHA-256("commonhold/device/v1" ‖ algorithm ‖ key)`, with a hash
//! that every device has. A source that cannot sign stands under a gateway's device and a name; the
//! gateway signs its readings, and the payload's origin says so: then `kid` is the gateway's device, and
//! the [subject](Envelope::subject) is the source.
//!
//! # Batches and proofs
//!
//! ```text
//! batch      [1, [[received, flags, << envelope >>], ...]]     by (subject, counter), each once
//! leaf       keccak256(0x00 ‖ received u64 ‖ flags u8 ‖ envelope)
//! node       keccak256(0x01 ‖ left ‖ right); one that is left over moves up as it is (RFC 6962)
//! ```
//! `received` (milliseconds since 1970, by the gateway's clock) and [`Flags`] are the gateway's word; the
//! envelope is the device's. A [`ReadingProof`] leads from one leaf to the root, which the ledger holds.
//!
//! # What this crate does not do
//!
//! It has no clock, disk, network or ledger. Whether a device is enrolled, whether a counter was used,
//! whether a time is plausible: whoever calls decides. No input makes it panic, or keep more than the
//! [limits](mod@limits) allow.

mod batch;
mod cbor;
mod envelope;
mod error;
mod id;
mod key;
pub mod limits;
mod reading;
mod secret;
mod tree;

pub use batch::{Batch, Entry, Flags};
pub use envelope::{Envelope, READING_DOMAIN};
pub use error::ReadingError;
pub use id::{DEVICE_DOMAIN, DeviceId};
pub use key::{Algorithm, DeviceKey, ENROLMENT_DOMAIN, SIGNATURE_LEN};
pub use reading::{DAY_MS, Origin, Reading, Record, Value, day_of};
pub use secret::DeviceSecret;
pub use tree::ReadingProof;
