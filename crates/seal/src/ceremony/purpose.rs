//! What a key is for: it sets everything of one ceremony apart from the other's.

/// Which key a ceremony makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The key that content is sealed to.
    Seal,
    /// The key that finality is certified with.
    Network,
}

impl Purpose {
    /// The first byte of a memory.
    pub(super) const fn byte(self) -> u8 {
        match self {
            Self::Seal => 1,
            Self::Network => 2,
        }
    }

    pub(super) const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::Seal),
            2 => Some(Self::Network),
            _ => None,
        }
    }

    /// What terms, and the dealings under them, begin with.
    pub(super) const fn namespace(self) -> &'static [u8] {
        match self {
            Self::Seal => b"commonhold/seal/v1/ceremony",
            Self::Network => b"commonhold/network-key/v1/ceremony",
        }
    }

    /// From what a dealer's polynomial grows.
    pub(super) const fn dealer(self) -> &'static [u8] {
        match self {
            Self::Seal => b"commonhold/seal/v1/dealer",
            Self::Network => b"commonhold/network-key/v1/dealer",
        }
    }

    /// Under what the chair signs.
    pub(super) const fn proposal(self) -> &'static [u8] {
        match self {
            Self::Seal => b"commonhold/seal/v1/proposal",
            Self::Network => b"commonhold/network-key/v1/proposal",
        }
    }

    /// Under what a member confirms.
    pub(super) const fn confirm(self) -> &'static [u8] {
        match self {
            Self::Seal => b"commonhold/seal/v1/confirm",
            Self::Network => b"commonhold/network-key/v1/confirm",
        }
    }
}
