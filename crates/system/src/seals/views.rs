//! Reads of `seals`.

use alloy_primitives::Bytes;
use commonhold_module::{Context, Outcome};
use commonhold_primitives::opening_key::OPENING_KEY_LEN;

use super::{
    interface::ISeals::{openingKeyCall, sealKeyCall, timesCall, timesReturn},
    state::{OPENED, SEAL_KEY, TIMES},
};

pub(super) fn seal_key(ctx: &mut Context<'_>, _: sealKeyCall) -> Outcome<Bytes> {
    let key = SEAL_KEY.read(ctx)?.bytes();
    Ok(key.unwrap_or_default().into())
}

pub(super) fn opening_key(ctx: &mut Context<'_>, call: openingKeyCall) -> Outcome<Bytes> {
    let key = found(ctx, call.time)?;
    Ok(key.map(Bytes::from).unwrap_or_default())
}

pub(super) fn times(ctx: &mut Context<'_>, call: timesCall) -> Outcome<timesReturn> {
    let total = TIMES.len(ctx)?;
    let page = TIMES.page(ctx, call.from, call.max)?;
    Ok(timesReturn { page, total })
}

/// The opening key of a time, where it has been published.
pub(super) fn found(ctx: &mut Context<'_>, time: u64) -> Outcome<Option<[u8; OPENING_KEY_LEN]>> {
    Ok(OPENED.at(&time).read(ctx)?.bytes())
}
