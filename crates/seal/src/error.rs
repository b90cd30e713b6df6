/// Why something could not be sealed, or does not open.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Bytes that are not what they should be.
    #[error("malformed {what}: {why}")]
    Malformed {
        /// What they should have been.
        what: &'static str,
        /// What is wrong.
        why: String,
    },
    /// A namespace is empty or too long.
    #[error("a namespace has 1 to NAMESPACE_BYTES_MAX bytes, not {0}")]
    Namespace(usize),
    /// A seal key that cannot seal.
    #[error("the seal key is unusable: {0}")]
    Group(String),
    /// A share is not the one that the group's polynomial commits to at its place.
    #[error("the share of member {0} is not a share of this seal key")]
    WrongShare(u32),
    /// Text that should be a day.
    #[error("not a day: yyyy-mm-dd is expected, from the year 0001 to 9999")]
    Day,
    /// Too few good partials.
    #[error(
        "opening needs {need} good partials and got {good}; false ones came for members {blamed:?}"
    )]
    NotEnough {
        /// How many are needed.
        need: u32,
        /// How many were good.
        good: u32,
        /// The members for which false ones came, by their place in the group.
        blamed: Vec<u32>,
    },
    /// More partials than one combination looks at.
    #[error("{0} partials are more than PARTIALS_MAX")]
    TooManyPartials(usize),
    /// A partial is not its member's signature of the identity.
    #[error("the partial of member {0} is false: it does not verify for this identity")]
    FalsePartial(u32),
    /// An opening key is not the group's signature of the identity.
    #[error("the opening key does not verify for this identity under this seal key")]
    FalseOpening,
    /// A sealed key does not open with this opening key.
    #[error(
        "the sealed key does not open: it is damaged, or was sealed to another identity, namespace \
         or network"
    )]
    DoesNotOpen,
    /// A reader's public key with which the shared secret would be known to all.
    #[error("the reader's key is weak: make another")]
    WeakReader,
    /// A partial opening does not decrypt.
    #[error(
        "the partial opening of member {0} does not decrypt: it is damaged, or for another reader, \
         request or block"
    )]
    NotForThisReader(u32),
    /// An answer is not signed by the member that it names.
    #[error("the answer of member {0} is not signed by that member")]
    NotFromMember(u32),
}

impl SealError {
    pub(crate) fn malformed(what: &'static str, why: impl ToString) -> Self {
        Self::Malformed {
            what,
            why: why.to_string(),
        }
    }
}
