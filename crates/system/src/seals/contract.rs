//! What changes the state of `seals`.

use commonhold_module::{Context, Fault, Outcome, ensure, reject};
use commonhold_primitives::{
    Genesis,
    opening_key::{OPENING_KEY_LEN, SEAL_KEY_LEN},
};

use super::{
    interface::ISeals::{FalseOpeningKey, NoSealKey, NotYet, TimeOpened, publishCall},
    key::opens_time,
    limits::CHECK_GAS,
    state::{OPENED, OpeningKey, SEAL_KEY, SealKey, TIMES},
};

/// Writes the seal key.
pub(super) fn genesis(ctx: &mut Context<'_>, genesis: &Genesis) -> Outcome<()> {
    let refuse = |why: String| Fault::Fatal(format!("seal key: {why}"));
    let key = genesis.seal_key().map_err(|e| refuse(e.to_string()))?;
    let Some(key) = key else {
        return Ok(());
    };
    let key: &[u8; SEAL_KEY_LEN] = &key;
    SEAL_KEY.write(ctx, &SealKey::from_bytes(key))
}

pub(super) fn publish(ctx: &mut Context<'_>, call: publishCall) -> Outcome<()> {
    let publishCall { time, openingKey } = call;
    let place = OPENED.at(&time);
    ctx.fetch(&[&SEAL_KEY, &place, &TIMES])?;
    let Some(seal_key) = SEAL_KEY.read(ctx)?.bytes() else {
        return reject(NoSealKey {});
    };
    let now = ctx.now();
    ensure(time <= now, || NotYet { time, now })?;
    if place.read(ctx)?.bytes().is_some() {
        return Ok(());
    }
    let refuse = || FalseOpeningKey { time };
    let Ok(key): Result<&[u8; OPENING_KEY_LEN], _> = openingKey.as_ref().try_into() else {
        return reject(refuse());
    };
    ctx.charge(CHECK_GAS)?;
    ensure(opens_time(&seal_key, time, key), refuse)?;
    place.write(ctx, &OpeningKey::from_bytes(key))?;
    TIMES.push(ctx, &time)?;
    ctx.emit(TimeOpened { time, openingKey })
}
