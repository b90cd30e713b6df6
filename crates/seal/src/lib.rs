//! Sealing to a rule: content that no single party can open, and that opens for whom the ledger says.
//!
//! # How it works
//!
//! Identity-based encryption (Boneh and Franklin, made safe against chosen ciphertexts by Fujisaki and
//! Okamoto) on BLS12-381, with the identity keys extracted by a threshold of the network's members:
//! `commonware-cryptography`'s `tle`, MinSig. `n = 3f + 1` members share one **seal key** `s`, which
//! nobody holds. It has a key generation of its own and is never the consensus key. Its public side
//! `P = s·G2` is the [`SealKey`]; the [`Group`] says what each member's share must be.
//!
//! 1. **Seal.** Whoever has the public key encrypts a 32-byte [`DataKey`] to an [`Identity`]: a record
//!    in an epoch, a day of a stream, a time. [`SealedKey::seal`], 160 bytes. Nobody is asked, and the
//!    identity may lie in the future.
//! 2. **Ask.** The reader's request stands on the ledger, with the reader's key. When the record's policy
//!    permits it, and when a member has itself seen it become final, the member signs the identity with
//!    its share: [`SealShare::partial`].
//! 3. **Answer.** The member encrypts its partial to the reader's key, for this request alone, and signs
//!    the [`Answer`]. One node relays for all and learns nothing.
//! 4. **Open.** The reader combines 2f + 1 partials into the [`OpeningKey`], the group's one signature of
//!    that identity, checks it with one pairing ([`Group::combine`]), and opens ([`SealedKey::open`]).
//!
//! A **time** opens for everyone: once block time has passed it, members publish their partials of
//! [`Identity::Time`], and anybody combines them. The opening key is the same for all that is sealed to
//! that second, and anybody can check it ([`OpeningKey::verify`]).
//!
//! # What is promised
//!
//! - **Fewer than 2f + 1 members open nothing.** 2f that collude learn nothing about a data key; with f
//!   away or lying, opening works ([`Group::combine`] names for whom false partials came).
//! - **A sealed key is bound to its identity and namespace.** Copied under another record, it does not
//!   open with that record's opening key. A changed bit is refused.
//! - **An opening key opens one identity.** The kinds of identity cannot collide, and neither can
//!   namespaces.
//! - **A partial opening is for one reader, one request, one block, one member.** What a relay changes,
//!   swaps, repeats or makes up is refused, and is not blamed on a member.
//! - **Who learns what.** Nodes and relay: who asked for what, when. The reader: the opening key, hence
//!   everything sealed to that identity. Members never see a data key or content.
//! - Secrets are wiped when dropped, and have no `Debug` that shows them. What the cryptographic library
//!   puts on the stack or the heap while it computes is not wiped.
//!
//! # What is not
//!
//! 2f + 1 members that collude open everything. An opening cannot be taken back: the owner seals what
//! comes later to the next epoch. Shares are dealt anew in every epoch (`commonhold-chain`'s `sealing`):
//! a quorum of former holders that kept theirs, of one and the same sharing, still opens everything.
//!
//! # Who does what
//!
//! This crate computes. It has no clock, no disk, no network and no ledger: when a member may sign is
//! decided by whoever calls it. [`mod@ceremony`] makes the key, and by the same steps the network key; [`deal`]
//! does for development, and
//! [`read_share`] and [`write_share`] keep a share on disk. Byte formats stand in the modules and in
//! `docs/formats.md`, and golden files pin them.

mod answer;
pub mod ceremony;
mod dealer;
mod error;
mod group;
mod holding;
mod identity;
pub mod limits;
pub mod locked;
mod partial;
mod reader;
mod sealed;
mod share_file;

pub use answer::{ANSWER_LEN, Answer, PARTIAL_OPENING_LEN, PartialOpening, Request};
pub use dealer::deal;
pub use error::SealError;
pub use group::{Group, SEAL_KEY_LEN, SealKey, SealShare};
pub use holding::{Held, Holding, Holdings};
pub use identity::{Day, Identity, Namespace, RecordIdentity, Target};
pub use partial::{Combined, OpeningKey, PARTIAL_LEN, Partial, SIGNATURE_LEN};
pub use reader::{ReaderKey, ReaderSecret};
pub use sealed::{DATA_KEY_LEN, DataKey, SEALED_KEY_LEN, SealedKey};
pub use share_file::{ShareFileError, read_share, write_share};
