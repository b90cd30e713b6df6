//! Values that take a part of a storage slot, or all of it.

use alloy_primitives::{Address, B256, U256};

use crate::{Context, Fault, Outcome};

/// A value that takes [`Field::BYTES`] bytes of a slot.
pub trait Field: Sized {
    /// Bytes in the slot, 1 to 32.
    const BYTES: usize;

    /// The type's name in Solidity.
    fn solidity() -> String;

    /// The value whose bytes in `slot` are `bits`.
    ///
    /// # Errors
    /// Whatever reading more than the slot itself runs into.
    fn load(ctx: &mut Context<'_>, slot: U256, bits: U256) -> Outcome<Self>;

    /// The bytes to put into `slot`.
    ///
    /// # Errors
    /// Whatever writing more than the slot itself runs into.
    fn store(&self, ctx: &mut Context<'_>, slot: U256) -> Outcome<U256>;
}

/// The state holds what this module never writes: the machine must not go on.
pub(super) fn corrupt(ctx: &Context<'_>, slot: U256, what: &str) -> Fault {
    Fault::Fatal(format!(
        "slot {slot:#x} of {} holds no {what}",
        ctx.module()
    ))
}

macro_rules! integer {
    ($($int:ty, $bytes:literal, $name:literal;)+) => {$(
        impl Field for $int {
            const BYTES: usize = $bytes;
            fn solidity() -> String {
                $name.to_owned()
            }
            fn load(ctx: &mut Context<'_>, slot: U256, bits: U256) -> Outcome<Self> {
                Self::try_from(bits).map_err(|_| corrupt(ctx, slot, $name))
            }
            fn store(&self, _: &mut Context<'_>, _: U256) -> Outcome<U256> {
                Ok(U256::from(*self))
            }
        }
    )+};
}

integer! {
    u8, 1, "uint8";
    u16, 2, "uint16";
    u32, 4, "uint32";
    u64, 8, "uint64";
    u128, 16, "uint128";
}

impl Field for U256 {
    const BYTES: usize = 32;
    fn solidity() -> String {
        "uint256".to_owned()
    }
    fn load(_: &mut Context<'_>, _: U256, bits: U256) -> Outcome<Self> {
        Ok(bits)
    }
    fn store(&self, _: &mut Context<'_>, _: U256) -> Outcome<U256> {
        Ok(*self)
    }
}

impl Field for B256 {
    const BYTES: usize = 32;
    fn solidity() -> String {
        "bytes32".to_owned()
    }
    fn load(_: &mut Context<'_>, _: U256, bits: U256) -> Outcome<Self> {
        Ok(bits.into())
    }
    fn store(&self, _: &mut Context<'_>, _: U256) -> Outcome<U256> {
        Ok((*self).into())
    }
}

impl Field for Address {
    const BYTES: usize = 20;
    fn solidity() -> String {
        "address".to_owned()
    }
    fn load(_: &mut Context<'_>, _: U256, bits: U256) -> Outcome<Self> {
        Ok(Self::from_word(bits.into()))
    }
    fn store(&self, _: &mut Context<'_>, _: U256) -> Outcome<U256> {
        Ok(self.into_word().into())
    }
}

impl Field for bool {
    const BYTES: usize = 1;
    fn solidity() -> String {
        "bool".to_owned()
    }
    fn load(ctx: &mut Context<'_>, slot: U256, bits: U256) -> Outcome<Self> {
        match u8::try_from(bits) {
            Ok(0) => Ok(false),
            Ok(1) => Ok(true),
            _ => Err(corrupt(ctx, slot, "bool")),
        }
    }
    fn store(&self, _: &mut Context<'_>, _: U256) -> Outcome<U256> {
        Ok(U256::from(*self))
    }
}
