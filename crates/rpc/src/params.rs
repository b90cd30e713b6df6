//! Reading positional parameters.

use alloy_eips::{BlockId, BlockNumberOrTag};
use alloy_primitives::U256;
use jsonrpsee::types::{Params, params::ParamsSequence};
use serde::Deserialize;

use crate::error::{Fault, Outcome};

/// Positional parameters, read one after another.
pub(crate) struct Args<'a>(ParamsSequence<'a>);

impl<'a> Args<'a> {
    pub(crate) fn new(params: &'a Params<'_>) -> Outcome<Self> {
        if params.is_object() {
            return Err(Fault::params(
                "parameters by position are expected, not by name",
            ));
        }
        Ok(Self(params.sequence()))
    }

    /// The next parameter, which must be there.
    pub(crate) fn need<T: Deserialize<'a>>(&mut self, name: &str) -> Outcome<T> {
        match self.0.optional_next::<T>() {
            Ok(Some(value)) => Ok(value),
            Ok(None) => Err(Fault::Params(format!(
                "missing value for required argument: {name}"
            ))),
            Err(error) => Err(bad(name, Fault::from(error))),
        }
    }

    /// The next parameter, which may be missing or `null`.
    pub(crate) fn may<T: Deserialize<'a>>(&mut self, name: &str) -> Outcome<Option<T>> {
        self.0
            .optional_next::<T>()
            .map_err(|error| bad(name, Fault::from(error)))
    }
}

fn bad(name: &str, fault: Fault) -> Fault {
    Fault::Params(format!("invalid argument {name}: {}", fault.message()))
}

/// A number that clients write as one or as a quantity (`0x…`).
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Number {
    /// As JSON has it.
    Plain(u64),
    /// As Ethereum writes it.
    Quantity(U256),
}

impl Number {
    /// The number; the greatest there is where it is greater.
    pub(crate) fn get(self) -> u64 {
        match self {
            Self::Plain(number) => number,
            Self::Quantity(number) => number.saturating_to(),
        }
    }
}

/// A block's tag or number, which some clients write as a plain number.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Tag {
    /// A plain number.
    Plain(u64),
    /// As Ethereum writes it.
    Usual(BlockNumberOrTag),
}

impl From<Tag> for BlockId {
    fn from(tag: Tag) -> Self {
        match tag {
            Tag::Plain(number) => number.into(),
            Tag::Usual(tag) => tag.into(),
        }
    }
}
