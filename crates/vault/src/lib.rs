//! The vault: content encrypted by its owner, kept under the name of its ciphertext.
//!
//! - [`crypt4gh`]: the container. A *body* is a file encrypted under a fresh data key; a *packet* is
//!   that key wrapped for one reader. The body is kept without a header; a header is made for each
//!   reader, so that every Crypt4GH tool reads what is handed out.
//! - [`store`]: bodies on disk, named by the BLAKE3 of the ciphertext, and the packets beside them.
//! - [`auth`]: how a request to a node's vault is signed.
//! - [`place`]: files that appear complete or not at all.
//!
//! Invariants:
//! - No plaintext byte leaves before hash and length of the whole body have been checked.
//! - A path in the store is made of a hash and a reader's key and of nothing else.
//! - What stands under a name is complete: it is written aside, flushed, and renamed.
//! - Secrets are wiped when dropped and have no `Debug` that shows them.

pub mod auth;
pub mod crypt4gh;
mod error;
pub mod limits;
mod name;
pub mod place;
pub mod store;

pub use crypt4gh::{BodyId, DataKey, Packet, PublicKey, SecretKey};
pub use error::VaultError;
pub use name::BlobHash;
pub use store::Store;
