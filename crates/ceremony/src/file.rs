//! A member's memory on disk: a [locked](commonhold_seal::locked) file of kind 2.
//!
//! It is bound to the network, to its members ([`Terms::committee`]) and to the member's place, and not
//! to a round: there is one file through all rounds, so that a member that has left a round for a later
//! one cannot come back to it.

use commonhold_seal::{
    ceremony::{Ceremony, Terms},
    locked::{Binding, Kind, Lock, Locked, LockedError, Unlock},
};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::limits::MEMORY_FILE_BYTES_MAX;

/// A memory and the lock that opened it, which locks its later versions too.
pub struct Opened {
    /// What [`Ceremony::resume`] takes. It is secret.
    pub memory: Zeroizing<Vec<u8>>,
    /// The lock.
    pub lock: Lock,
}

fn binding(terms: &Terms, member: u32) -> Binding {
    Binding {
        network: terms.network(),
        subject: terms.committee(),
        member,
    }
}

/// Encrypts the memory of the member at place `member` for the disk.
///
/// # Errors
/// As [`Lock::seal`].
pub fn write(
    ceremony: &Ceremony,
    member: u32,
    lock: &Lock,
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, LockedError> {
    let binding = binding(ceremony.terms(), member);
    lock.seal(Kind::Ceremony, &binding, &ceremony.memory(), rng)
}

/// Decrypts the memory of the member at place `member`. The round of `terms` is not looked at.
///
/// # Errors
/// [`LockedError`] says whether the file is of another network, of other members or of another
/// member, or does not open.
pub fn read(
    bytes: &[u8],
    terms: &Terms,
    member: u32,
    unlock: Unlock<'_>,
) -> Result<Opened, LockedError> {
    if bytes.len() > MEMORY_FILE_BYTES_MAX {
        return Err(LockedError::Malformed {
            kind: Kind::Ceremony,
            why: "longer than MEMORY_FILE_BYTES_MAX",
        });
    }
    let file = Locked::parse(Kind::Ceremony, bytes)?;
    file.check(&binding(terms, member))?;
    let lock = file.lock(unlock)?;
    Ok(Opened {
        memory: file.open(&lock)?,
        lock,
    })
}

/// Which round a member takes part in, from what it remembers and what it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The one that it remembers.
    Resume,
    /// This one, which is the first or a later one.
    Begin(u64),
}

/// Why a member may not take part in the round that it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChoiceError {
    /// It is over for this member.
    #[error(
        "round {at} has given this network its key; there is no round {asked}. Run the command \
         without naming a round"
    )]
    Finished {
        /// The round that it remembers.
        at: u64,
        /// The one that was asked for.
        asked: u64,
    },
    /// It was left.
    #[error("this member has left round {asked} for round {at}, and a round's number only rises")]
    Back {
        /// The round that it remembers.
        at: u64,
        /// The one that was asked for.
        asked: u64,
    },
    /// The others may hold its result.
    #[error(
        "this member has confirmed the key of round {at}, and others may have finished with it: run \
         the command without naming a round to learn. Where all members agree that nobody has finished, \
         --abandon leaves it for good"
    )]
    Confirmed {
        /// The round that it remembers.
        at: u64,
    },
}

/// Decides which round a member takes part in. `abandon` lets it leave one whose key it has confirmed.
///
/// A member never leaves such a round by itself: where it did, others could finish the old round while
/// it makes another key with the rest.
///
/// # Errors
/// [`ChoiceError`].
pub fn choose(
    remembered: Option<&Ceremony>,
    asked: Option<u64>,
    abandon: bool,
) -> Result<Choice, ChoiceError> {
    let Some(ceremony) = remembered else {
        return Ok(Choice::Begin(asked.unwrap_or_default()));
    };
    let at = ceremony.terms().round();
    let Some(asked) = asked.filter(|asked| *asked != at) else {
        return Ok(Choice::Resume);
    };
    if ceremony.finished().is_some() {
        return Err(ChoiceError::Finished { at, asked });
    }
    if asked < at {
        return Err(ChoiceError::Back { at, asked });
    }
    if !ceremony.missing().proposal && !abandon {
        return Err(ChoiceError::Confirmed { at });
    }
    Ok(Choice::Begin(asked))
}
