//! What always holds of `seals`.

use commonhold_module::{Context, Findings, Outcome};

use super::{
    key::opens_time,
    state::{OPENED, SEAL_KEY, TIMES},
};

/// Every published key opens its time, and none was published before its time.
pub(super) fn check(ctx: &mut Context<'_>, findings: &mut Findings) -> Outcome<()> {
    let now = ctx.now();
    let seal_key = SEAL_KEY.read(ctx)?.bytes().unwrap_or_default();
    for number in 0..TIMES.len(ctx)? {
        let Some(time) = TIMES.get(ctx, number)? else {
            continue;
        };
        findings.check(time <= now, || {
            format!("seals: {time} was opened before its time")
        });
        let key = OPENED.at(&time).read(ctx)?.bytes();
        let good = key.is_some_and(|key| opens_time(&seal_key, time, &key));
        findings.check(good, || {
            format!("seals: what stands for {time} does not open it")
        });
    }
    Ok(())
}
