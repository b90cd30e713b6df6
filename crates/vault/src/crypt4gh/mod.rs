//! Crypt4GH 1.0 (GA4GH): method `X25519_chacha20_ietf_poly1305`, bodies in segments of 64 KiB.
//!
//! ```text
//! body     segment*                     every segment but the last holds 65,536 plaintext bytes
//! segment  nonce (12) ‖ ciphertext ‖ tag (16)
//! header   "crypt4gh" ‖ u32 version = 1 ‖ u32 count ‖ packet*          integers little-endian
//! packet   u32 length = 108 ‖ u32 method = 0 ‖ writer's key (32) ‖ nonce (12)
//!          ‖ ChaCha20-Poly1305(shared key, u32 type = 0 ‖ u32 method = 0 ‖ data key (32)) ‖ tag (16)
//! shared   first 32 bytes of BLAKE2b-512(X25519(writer, reader) ‖ reader's key ‖ writer's key)
//! ```
//!
//! Four rules on top of the standard:
//! 1. A body is kept without a header and named by its BLAKE3; a header is made for each reader.
//! 2. The writer's key of a packet is made for that packet and forgotten: packets by one writer
//!    cannot be linked.
//! 3. Hash and length of the body are checked before any plaintext leaves. Crypt4GH alone lets
//!    segments be swapped, repeated or cut off.
//! 4. Edit lists are never made and never followed: a right covers a whole body.

mod body;
mod header;
mod keyfile;
mod keys;
mod packet;

pub(crate) use body::Tally;
pub use body::{
    BODY_OVERHEAD, BodyId, SEGMENT, body_len, copy, decrypt, encrypt, encrypt_seeded, fetch,
    identify,
};
pub use header::{Header, MAGIC, VERSION};
pub use keyfile::{read_public, read_secret, write_public, write_secret};
pub use keys::{DataKey, PublicKey, SecretKey};
pub use packet::{PACKET_LEN, Packet};

/// Fills `bytes` from the operating system.
pub(crate) fn random(bytes: &mut [u8]) -> Result<(), crate::VaultError> {
    use rand::TryRng as _;
    rand::rngs::SysRng
        .try_fill_bytes(bytes)
        .map_err(|_| crate::VaultError::Random)
}
