use crate::{id::DeviceId, key::Algorithm, limits::BATCH_BYTES_MAX};

/// Why a reading, a key or a batch is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadingError {
    /// Bytes that are not what they should be.
    #[error("malformed {what}: {why}")]
    Malformed {
        /// What they should have been.
        what: &'static str,
        /// What is wrong.
        why: String,
    },
    /// The same content has another, shorter or better ordered form, which is the one that is taken.
    #[error(
        "the {0} is not in deterministic CBOR (RFC 8949, 4.2.1) or not in the fields' one form: \
         encode it anew"
    )]
    NotDeterministic(&'static str),
    /// Longer than a limit allows.
    #[error("{what} has {actual}, and {limit} allows {max}")]
    TooMuch {
        /// What is too long, and what is counted.
        what: &'static str,
        /// How much there is.
        actual: usize,
        /// How much the limit allows.
        max: usize,
        /// The limit's name.
        limit: &'static str,
    },
    /// A key that is not one of its algorithm.
    #[error("not a usable {algorithm} public key: {why}")]
    Key {
        /// The algorithm.
        algorithm: Algorithm,
        /// What is wrong.
        why: &'static str,
    },
    /// A number of no known algorithm.
    #[error("no algorithm has the number {0}: 1 is Ed25519, 2 is P-256, 3 is secp256k1")]
    UnknownAlgorithm(i64),
    /// The envelope names another device than the key's.
    #[error("the reading is of device {found}, and the key is of device {expected}")]
    WrongDevice {
        /// The device in the envelope.
        found: DeviceId,
        /// The key's device.
        expected: DeviceId,
    },
    /// The signature is not the device's of this content.
    #[error("the signature does not verify: the reading was changed, or another key signed it")]
    WrongSignature,
    /// A source that cannot sign is asked to verify or sign.
    #[error("this source cannot sign: its gateway signs for it")]
    CannotSign,
    /// Two readings of one device with one counter in a batch.
    #[error("two readings of device {device} have the counter {counter}")]
    Duplicate {
        /// The device.
        device: DeviceId,
        /// The counter.
        counter: u64,
    },
    /// The readings of a batch do not stand in order.
    #[error("readings of a batch stand by device and counter, and these do not")]
    Disordered,
    /// A batch of nothing.
    #[error("a batch has at least one reading")]
    Empty,
    /// A place that a batch does not have.
    #[error("there is no reading at place {index} of {count}")]
    NoSuchReading {
        /// The place, from 0 on.
        index: u32,
        /// How many readings there are.
        count: u32,
    },
    /// A proof does not lead to the root.
    #[error("the proof does not lead from this reading to the anchored root")]
    WrongProof,
}

impl ReadingError {
    pub(crate) fn malformed(what: &'static str, why: impl ToString) -> Self {
        Self::Malformed {
            what,
            why: why.to_string(),
        }
    }

    /// [`ReadingError::TooMuch`] where `actual` exceeds `max`.
    pub(crate) fn bound(
        what: &'static str,
        actual: usize,
        max: usize,
        limit: &'static str,
    ) -> Result<(), Self> {
        if actual > max {
            return Err(Self::TooMuch {
                what,
                actual,
                max,
                limit,
            });
        }
        Ok(())
    }

    /// Whether a batch of this many bytes may be.
    pub(crate) fn batch_bytes(actual: usize) -> Result<(), Self> {
        Self::bound(
            "a batch (bytes)",
            actual,
            BATCH_BYTES_MAX,
            "BATCH_BYTES_MAX",
        )
    }
}
