//! Values that a variable can hold: single fields, and records of several.

use alloy_primitives::U256;

use super::{Field, layout::Layout};
use crate::{Context, Outcome};

/// Whatever lies at a slot and the slots right after it.
pub trait Value: Sized {
    /// Slots it takes.
    const WORDS: u64;

    /// Names the type in Solidity, and its fields to `layout`.
    fn describe(layout: &mut Layout) -> String;

    /// Reads the value at `slot`.
    ///
    /// # Errors
    /// Out of gas, or what the machine runs into.
    fn load(ctx: &mut Context<'_>, slot: U256) -> Outcome<Self>;

    /// Writes the value at `slot`.
    ///
    /// # Errors
    /// A rejection in a read-only call, out of gas, or what the machine runs into.
    fn store(&self, ctx: &mut Context<'_>, slot: U256) -> Outcome<()>;
}

impl<F: Field> Value for F {
    const WORDS: u64 = 1;

    fn describe(_: &mut Layout) -> String {
        F::solidity()
    }

    fn load(ctx: &mut Context<'_>, slot: U256) -> Outcome<Self> {
        let word = ctx.sload(slot)?;
        F::load(ctx, slot, bits(word, 0, F::BYTES))
    }

    fn store(&self, ctx: &mut Context<'_>, slot: U256) -> Outcome<()> {
        let bits = Field::store(self, ctx, slot)?;
        ctx.sstore(slot, bits)
    }
}

/// `words` slots from `base` on.
pub(super) fn consecutive(base: U256, words: u64) -> Vec<U256> {
    (0..words)
        .map(|word| base.wrapping_add(U256::from(word)))
        .collect()
}

/// `bytes` bytes of `word`, `offset` bytes from its low-order end.
fn bits(word: U256, offset: usize, bytes: usize) -> U256 {
    let mask = U256::MAX.wrapping_shr(256usize.saturating_sub(bytes.saturating_mul(8)));
    word.wrapping_shr(offset.saturating_mul(8)) & mask
}

/// Walks over the slots of a record as Solidity packs it.
#[derive(Clone, Copy, Default)]
pub(super) struct Cursor {
    /// Slots before this one.
    pub(super) word: u64,
    /// Bytes taken in this one.
    used: usize,
}

impl Cursor {
    /// The byte offset of the next field, of `bytes` bytes; true where it starts a slot.
    pub(super) const fn next(&mut self, bytes: usize) -> (usize, bool) {
        let end = self.used.saturating_add(bytes);
        let (offset, fresh) = if end > 32 {
            self.word = self.word.saturating_add(1);
            (0, true)
        } else {
            (self.used, self.used == 0)
        };
        self.used = offset.saturating_add(bytes);
        (offset, fresh)
    }
}

/// Slots that fields of these sizes take together.
#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler")]
pub const fn words(fields: &[usize]) -> u64 {
    let mut cursor = Cursor { word: 0, used: 0 };
    let mut i = 0usize;
    while i < fields.len() {
        cursor.next(fields[i]);
        i = i.saturating_add(1);
    }
    cursor.word.saturating_add(1)
}

/// Reads the fields of a record in their order.
pub struct Reader<'c, 'a> {
    ctx: &'c mut Context<'a>,
    base: U256,
    cursor: Cursor,
    word: U256,
}

impl<'c, 'a> Reader<'c, 'a> {
    /// Starts at `base`; the record takes `words` slots.
    ///
    /// # Errors
    /// What the machine runs into.
    pub fn new(ctx: &'c mut Context<'a>, base: U256, words: u64) -> Outcome<Self> {
        ctx.prefetch(&consecutive(base, words))?;
        Ok(Self {
            ctx,
            base,
            cursor: Cursor::default(),
            word: U256::ZERO,
        })
    }

    /// The next field.
    ///
    /// # Errors
    /// Out of gas, or what the machine runs into.
    pub fn field<F: Field>(&mut self) -> Outcome<F> {
        let (offset, fresh) = self.cursor.next(F::BYTES);
        let slot = self.base.wrapping_add(U256::from(self.cursor.word));
        if fresh {
            self.word = self.ctx.sload(slot)?;
        }
        F::load(self.ctx, slot, bits(self.word, offset, F::BYTES))
    }
}

/// Writes the fields of a record in their order, each slot once.
pub struct Writer<'c, 'a> {
    ctx: &'c mut Context<'a>,
    base: U256,
    cursor: Cursor,
    word: U256,
    started: bool,
}

impl<'c, 'a> Writer<'c, 'a> {
    /// Starts at `base`; the record takes `words` slots.
    ///
    /// # Errors
    /// What the machine runs into.
    pub fn new(ctx: &'c mut Context<'a>, base: U256, words: u64) -> Outcome<Self> {
        ctx.prefetch(&consecutive(base, words))?;
        Ok(Self {
            ctx,
            base,
            cursor: Cursor::default(),
            word: U256::ZERO,
            started: false,
        })
    }

    /// The next field.
    ///
    /// # Errors
    /// A rejection in a read-only call, out of gas, or what the machine runs into.
    pub fn field<F: Field>(&mut self, field: &F) -> Outcome<()> {
        let before = self.cursor.word;
        let (offset, fresh) = self.cursor.next(F::BYTES);
        if fresh {
            if self.started {
                let slot = self.base.wrapping_add(U256::from(before));
                self.ctx.sstore(slot, self.word)?;
            }
            self.started = true;
            self.word = U256::ZERO;
        }
        let slot = self.base.wrapping_add(U256::from(self.cursor.word));
        let bits = field.store(self.ctx, slot)?;
        self.word |= bits.wrapping_shl(offset.saturating_mul(8));
        Ok(())
    }

    /// Writes the last slot.
    ///
    /// # Errors
    /// A rejection in a read-only call, out of gas, or what the machine runs into.
    pub fn finish(self) -> Outcome<()> {
        let slot = self.base.wrapping_add(U256::from(self.cursor.word));
        self.ctx.sstore(slot, self.word)
    }
}

/// Declares a record: a struct whose fields lie packed in consecutive slots, in the order they are
/// written, exactly as a Solidity struct of the same fields.
#[macro_export]
macro_rules! record {
    ($(
        $(#[$meta:meta])*
        $vis:vis struct $name:ident {
            $( $(#[$field_meta:meta])* $field_vis:vis $field:ident : $ty:ty, )+
        }
    )+) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        $vis struct $name {
            $( $(#[$field_meta])* $field_vis $field: $ty, )+
        }

        impl $crate::storage::Value for $name {
            const WORDS: u64 =
                $crate::storage::words(&[$( <$ty as $crate::storage::Field>::BYTES ),+]);

            fn describe(layout: &mut $crate::storage::Layout) -> String {
                layout.record(
                    stringify!($name),
                    &[$( (
                        stringify!($field),
                        <$ty as $crate::storage::Field>::solidity(),
                        <$ty as $crate::storage::Field>::BYTES,
                    ) ),+],
                )
            }

            fn load(
                ctx: &mut $crate::Context<'_>,
                slot: $crate::storage::SlotNumber,
            ) -> $crate::Outcome<Self> {
                let mut reader = $crate::storage::Reader::new(ctx, slot, Self::WORDS)?;
                Ok(Self { $( $field: reader.field()?, )+ })
            }

            fn store(
                &self,
                ctx: &mut $crate::Context<'_>,
                slot: $crate::storage::SlotNumber,
            ) -> $crate::Outcome<()> {
                let mut writer = $crate::storage::Writer::new(ctx, slot, Self::WORDS)?;
                $( writer.field(&self.$field)?; )+
                writer.finish()
            }
        }
    )+};
}
