//! The vault: content encrypted by its owner, kept under the name of its ciphertext.
//!
//! - [`crypt4gh`]: the container. A *body* is a file encrypted under a fresh data key; a *packet* is
//!   that key wrapped for one reader. The body is kept without a header; a header is made for each
//!   reader, so that every Crypt4GH tool reads what is handed out.
//! - [`store`]: bodies on disk, named by the BLAKE3 of the ciphertext, and the packets beside them.
//! - [`auth`]: how a request to a node's vault is signed, by an account; [`member`]: by a member.
//! - [`place`]: files that appear complete or not at all.
//!
//! # Between members
//!
//! A body goes from member to member as a verified stream (BLAKE3's tree, the encoding of `bao`, in
//! groups of 16 KiB): every group is checked against the body's name as it comes ([`store::Arrival`]), so
//! that who sends something else is found out at once, and nothing of it is kept. It is asked for in
//! parts and taken up where it was cut off, also after a restart. Memory is one group and the tree's path
//! to it. The tree's hashes lie in a file of 0.4 % of the body's size.
//!
//! Looked at first was `iroh-blobs` 0.104, which does this over QUIC. It brings an endpoint of its own
//! with relays, discovery, DNS and another TLS stack: 420 crates, 108 of which nothing else here needs. Its
//! own verified streaming is `bao-tree`, which is used here: eight small crates, no feature of a shared one
//! changed. The bytes go over the HTTP port that members have anyway, to whom signs as a member.
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
pub mod member;
mod name;
pub mod place;
pub mod store;

pub use crypt4gh::{BodyId, DataKey, Packet, PublicKey, SecretKey};
pub use error::VaultError;
pub use name::BlobHash;
pub use store::Store;
