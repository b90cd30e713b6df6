//! How things are numbered, listed and kept.

use alloy_primitives::{Address, U256};
use alloy_sol_types::{SolType, SolValue};
use commonhold_module::{Context, Fault, List, Outcome, Value, ensure, reject, storage::Place};

use crate::{
    interface::IWorks::{Kind, UnfitCount, UnfitState, Unknown},
    limits::WORDS_MAX,
    state::{BY, OF, Words},
};

/// Entries of a list that are announced at a time.
const ANNOUNCED: u64 = 1_000;

/// The thing of this number, from 1.
pub(super) fn known<V: Value>(
    ctx: &mut Context<'_>,
    list: &List<V>,
    what: Kind,
    number: u64,
) -> Outcome<V> {
    let Some(index) = number.checked_sub(1) else {
        return reject(Unknown { what, number });
    };
    ctx.fetch(&[list, &list.place(index)])?;
    match list.get(ctx, index)? {
        Some(found) => Ok(found),
        None => reject(Unknown { what, number }),
    }
}

/// Adds a thing and tells its number.
pub(super) fn add<V: Value>(ctx: &mut Context<'_>, list: &List<V>, value: &V) -> Outcome<u64> {
    Ok(list.push(ctx, value)?.saturating_add(1))
}

/// Writes a thing anew.
pub(super) fn write<V: Value>(
    ctx: &mut Context<'_>,
    list: &List<V>,
    number: u64,
    value: &V,
) -> Outcome<()> {
    list.replace(ctx, number.saturating_sub(1), value)
        .map(|_| ())
}

/// Notes that something belongs to something.
pub(super) fn belongs(ctx: &mut Context<'_>, what: Kind, to: u64, number: u64) -> Outcome<()> {
    OF.at(&(what as u8)).at(&to).push(ctx, &number).map(|_| ())
}

/// Notes that somebody has a part in something.
pub(super) fn concerns(
    ctx: &mut Context<'_>,
    what: Kind,
    whom: Address,
    number: u64,
) -> Outcome<()> {
    BY.at(&(what as u8))
        .at(&whom)
        .push(ctx, &number)
        .map(|_| ())
}

/// Rejects what does not stand so that this could be done.
pub(super) fn stands(holds: bool, what: Kind, number: u64) -> Outcome<()> {
    ensure(holds, || UnfitState { what, number })
}

/// Keeps a value by the words of its ABI encoding.
pub(super) fn keep<T: SolValue>(ctx: &mut Context<'_>, words: &Words, value: &T) -> Outcome<()> {
    let encoded = value.abi_encode();
    let count = u64::try_from(encoded.len().div_ceil(32)).unwrap_or(u64::MAX);
    ensure(count <= WORDS_MAX, || UnfitCount {
        given: U256::from(count),
        max: U256::from(WORDS_MAX),
    })?;
    let upcoming = words.upcoming(ctx, count)?;
    ctx.fetch(&[&upcoming])?;
    for word in encoded.chunks(32) {
        let mut whole = [0u8; 32];
        for (to, from) in whole.iter_mut().zip(word) {
            *to = *from;
        }
        words.push(ctx, &U256::from_be_bytes(whole))?;
    }
    Ok(())
}

/// The value that was kept; `None` where none was.
pub(super) fn kept<T>(ctx: &mut Context<'_>, words: &Words) -> Outcome<Option<T>>
where
    T: SolValue + From<<T::SolType as SolType>::RustType>,
{
    let count = words.len(ctx)?;
    if count == 0 {
        return Ok(None);
    }
    let mut encoded = Vec::new();
    for word in all(ctx, words, WORDS_MAX)? {
        encoded.extend_from_slice(&word.to_be_bytes::<32>());
    }
    let decoded = T::abi_decode(&encoded);
    decoded
        .map(Some)
        .map_err(|e| Fault::Fatal(format!("works keeps what it cannot read: {e}")))
}

/// The value that was kept when the thing was made.
pub(super) fn surely<T>(ctx: &mut Context<'_>, words: &Words) -> Outcome<T>
where
    T: SolValue + From<<T::SolType as SolType>::RustType>,
{
    match kept(ctx, words)? {
        Some(value) => Ok(value),
        None => Err(Fault::Fatal(
            "works keeps nothing where something is".to_owned(),
        )),
    }
}

/// All entries of a list, up to `max`.
pub(super) fn all<V: Value>(ctx: &mut Context<'_>, list: &List<V>, max: u64) -> Outcome<Vec<V>> {
    from(ctx, list, 0, max)
}

/// Entries of a list from one on, up to `max`.
pub(super) fn from<V: Value>(
    ctx: &mut Context<'_>,
    list: &List<V>,
    first: u64,
    max: u64,
) -> Outcome<Vec<V>> {
    let end = list.len(ctx)?.min(first.saturating_add(max));
    let mut entries = Vec::new();
    let (mut at, mut announced) = (first, first);
    while at < end {
        if at >= announced {
            announced = at.saturating_add(ANNOUNCED).min(end);
            let places: Vec<_> = (at..announced).map(|index| list.place(index)).collect();
            let places: Vec<&dyn Place> = places.iter().map(|place| place as _).collect();
            ctx.fetch(&places)?;
        }
        let page = list.page(ctx, at, end.saturating_sub(at))?;
        if page.is_empty() {
            break;
        }
        at = at.saturating_add(u64::try_from(page.len()).unwrap_or(u64::MAX));
        entries.extend(page);
    }
    Ok(entries)
}

/// Adds entries to a list, whose places are announced together.
pub(super) fn extend<V: Value>(
    ctx: &mut Context<'_>,
    list: &List<V>,
    entries: &[V],
) -> Outcome<()> {
    let upcoming = list.upcoming(ctx, u64::try_from(entries.len()).unwrap_or(u64::MAX))?;
    ctx.fetch(&[&upcoming])?;
    for entry in entries {
        list.push(ctx, entry)?;
    }
    Ok(())
}
