//! Handles: where things lie. A handle holds a slot number, never a value.

use std::marker::PhantomData;

use alloy_primitives::{Address, B256, U256, keccak256};

use super::{Field, Layout, Text, Value, record::consecutive};
use crate::{Context, Fault, Outcome, limits};

/// What can stand in a declaration or be the value of a [`Map`].
pub trait Item {
    /// The handle of it.
    type Handle;
    /// Slots it takes.
    const WORDS: u64;
    /// The handle of what lies at `slot`.
    fn handle(slot: U256) -> Self::Handle;
    /// Names the type in Solidity, and its records to `layout`.
    fn describe(layout: &mut Layout) -> String;
}

impl<V: Value> Item for V {
    type Handle = Slot<V>;
    const WORDS: u64 = V::WORDS;
    fn handle(slot: U256) -> Slot<V> {
        Slot {
            slot,
            holds: PhantomData,
        }
    }
    fn describe(layout: &mut Layout) -> String {
        V::describe(layout)
    }
}

/// A handle whose slots are known before anything is read: see [`Context::fetch`].
pub trait Place {
    /// The slots that reading it starts with.
    fn slots(&self) -> Vec<U256>;
}

impl<V: Value> Place for Slot<V> {
    fn slots(&self) -> Vec<U256> {
        consecutive(self.slot, V::WORDS)
    }
}

/// A list's count; where its values lie is known only then.
impl<V: Value> Place for List<V> {
    fn slots(&self) -> Vec<U256> {
        vec![self.slot]
    }
}

/// Where values will lie that are about to be added to a list: see [`List::upcoming`].
#[derive(Clone, Debug)]
pub struct Upcoming(Vec<U256>);

impl Place for Upcoming {
    fn slots(&self) -> Vec<U256> {
        self.0.clone()
    }
}

/// One value.
pub struct Slot<V> {
    slot: U256,
    holds: PhantomData<fn() -> V>,
}

impl<V: Value> Slot<V> {
    /// The variable at slot number `slot`.
    pub const fn declared(slot: u64) -> Self {
        Self {
            slot: U256::from_limbs([slot, 0, 0, 0]),
            holds: PhantomData,
        }
    }

    /// Reads it.
    ///
    /// # Errors
    /// Out of gas, or what the machine runs into.
    pub fn read(&self, ctx: &mut Context<'_>) -> Outcome<V> {
        V::load(ctx, self.slot)
    }

    /// Writes it.
    ///
    /// # Errors
    /// A rejection in a read-only call, out of gas, or what the machine runs into.
    pub fn write(&self, ctx: &mut Context<'_>, value: &V) -> Outcome<()> {
        value.store(ctx, self.slot)
    }

    /// Its slot number.
    pub const fn slot(&self) -> U256 {
        self.slot
    }
}

impl<V: Value> Item for Slot<V> {
    type Handle = Self;
    const WORDS: u64 = V::WORDS;
    fn handle(slot: U256) -> Self {
        Self {
            slot,
            holds: PhantomData,
        }
    }
    fn describe(layout: &mut Layout) -> String {
        V::describe(layout)
    }
}

/// What a [`Map`] can be keyed by.
pub trait Key {
    /// The key's bytes as Solidity hashes them: value types padded to 32 bytes, texts as they are.
    fn preimage(&self) -> Vec<u8>;
    /// The type's name in Solidity.
    fn solidity() -> String;
}

macro_rules! word_key {
    ($($ty:ty => $word:expr;)+) => {$(
        impl Key for $ty {
            fn preimage(&self) -> Vec<u8> {
                let word: fn(&$ty) -> B256 = $word;
                word(self).to_vec()
            }
            fn solidity() -> String {
                <$ty as Field>::solidity()
            }
        }
    )+};
}

word_key! {
    u8 => |key| U256::from(*key).into();
    u32 => |key| U256::from(*key).into();
    u64 => |key| U256::from(*key).into();
    U256 => |key| (*key).into();
    B256 => |key| *key;
    Address => |key| key.into_word();
}

impl<const N: usize> Key for Text<N> {
    fn preimage(&self) -> Vec<u8> {
        self.as_str().as_bytes().to_vec()
    }
    fn solidity() -> String {
        <Self as Field>::solidity()
    }
}

/// Values by key.
pub struct Map<K, V> {
    slot: U256,
    holds: PhantomData<fn() -> (K, V)>,
}

impl<K: Key, V: Item> Map<K, V> {
    /// The variable at slot number `slot`.
    pub const fn declared(slot: u64) -> Self {
        Self {
            slot: U256::from_limbs([slot, 0, 0, 0]),
            holds: PhantomData,
        }
    }

    /// The handle of what `key` names.
    pub fn at(&self, key: &K) -> V::Handle {
        let mut preimage = key.preimage();
        preimage.extend_from_slice(&self.slot.to_be_bytes::<32>());
        V::handle(U256::from_be_bytes(keccak256(preimage).0))
    }
}

impl<K: Key, V: Item> Item for Map<K, V> {
    type Handle = Self;
    const WORDS: u64 = 1;
    fn handle(slot: U256) -> Self {
        Self {
            slot,
            holds: PhantomData,
        }
    }
    fn describe(layout: &mut Layout) -> String {
        format!("mapping({} => {})", K::solidity(), V::describe(layout))
    }
}

/// Values in the order they were added, numbered from zero. Nothing is ever taken out.
pub struct List<V> {
    slot: U256,
    holds: PhantomData<fn() -> V>,
}

impl<V: Value> List<V> {
    /// The variable at slot number `slot` and the one after it.
    pub const fn declared(slot: u64) -> Self {
        Self {
            slot: U256::from_limbs([slot, 0, 0, 0]),
            holds: PhantomData,
        }
    }

    const fn count(&self) -> Slot<u64> {
        Slot {
            slot: self.slot,
            holds: PhantomData,
        }
    }

    fn items(&self) -> Map<u64, V> {
        Map {
            slot: self.slot.wrapping_add(U256::from(1)),
            holds: PhantomData,
        }
    }

    /// How many there are.
    ///
    /// # Errors
    /// Out of gas, or what the machine runs into.
    pub fn len(&self, ctx: &mut Context<'_>) -> Outcome<u64> {
        self.count().read(ctx)
    }

    /// The value numbered `index`; `None` beyond the end.
    ///
    /// # Errors
    /// Out of gas, or what the machine runs into.
    pub fn get(&self, ctx: &mut Context<'_>, index: u64) -> Outcome<Option<V>> {
        if index >= self.len(ctx)? {
            return Ok(None);
        }
        self.items().at(&index).read(ctx).map(Some)
    }

    /// Where the value numbered `index` lies, whether there is one or not: to be announced with others,
    /// see [`Context::fetch`].
    pub fn place(&self, index: u64) -> Slot<V> {
        self.items().at(&index)
    }

    /// Adds a value and tells its number.
    ///
    /// # Errors
    /// A rejection in a read-only call, out of gas, or what the machine runs into.
    pub fn push(&self, ctx: &mut Context<'_>, value: &V) -> Outcome<u64> {
        let index = self.len(ctx)?;
        let next = index
            .checked_add(1)
            .ok_or_else(|| Fault::Fatal("a list is full".to_owned()))?;
        self.items().at(&index).write(ctx, value)?;
        self.count().write(ctx, &next)?;
        Ok(index)
    }

    /// Where the next `more` values will lie, to be announced with others: see [`Context::fetch`].
    ///
    /// # Errors
    /// Out of gas, or what the machine runs into.
    pub fn upcoming(&self, ctx: &mut Context<'_>, more: u64) -> Outcome<Upcoming> {
        let from = self.len(ctx)?;
        let items = self.items();
        let places = (from..from.saturating_add(more)).flat_map(|index| items.at(&index).slots());
        Ok(Upcoming(places.collect()))
    }

    /// Overwrites the value numbered `index`; tells whether there is one.
    ///
    /// # Errors
    /// A rejection in a read-only call, out of gas, or what the machine runs into.
    pub fn replace(&self, ctx: &mut Context<'_>, index: u64, value: &V) -> Outcome<bool> {
        if index >= self.len(ctx)? {
            return Ok(false);
        }
        self.items().at(&index).write(ctx, value)?;
        Ok(true)
    }

    /// Up to `max` values from number `from` on, and never more than
    /// [`limits::PAGE_ENTRIES_MAX`].
    ///
    /// # Errors
    /// Out of gas, or what the machine runs into.
    pub fn page(&self, ctx: &mut Context<'_>, from: u64, max: u64) -> Outcome<Vec<V>> {
        let end = from
            .saturating_add(max.min(limits::PAGE_ENTRIES_MAX))
            .min(self.len(ctx)?);
        let items = self.items();
        let slots: Vec<U256> = (from..end)
            .flat_map(|index| items.at(&index).slots())
            .collect();
        ctx.prefetch(&slots)?;
        (from..end)
            .map(|index| items.at(&index).read(ctx))
            .collect()
    }
}

impl<V: Value> Item for List<V> {
    type Handle = Self;
    const WORDS: u64 = 2;
    fn handle(slot: U256) -> Self {
        Self {
            slot,
            holds: PhantomData,
        }
    }
    fn describe(layout: &mut Layout) -> String {
        format!("list of {}", V::describe(layout))
    }
}
