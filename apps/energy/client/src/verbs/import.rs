//! `commonhold energy import`: a load profile becomes signed readings of a meter on the ledger.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use alloy_primitives::Bytes;
use commonhold_energy_contract::{ADDRESS, interface::IEnergy::reportCall};
use commonhold_sdk::{
    clock::now_ms,
    lane::{Lane, enough},
};
use commonhold_session::{Answer, Refused, Session};
use serde_json::json;

use super::which::CommunityArg;
use crate::{import, keys, ledger, metering::Measured, moments, profile::Interval};

/// Sign a load profile's slots as a meter, and bring them to the ledger.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  commonhold energy import profile.csv --meter meter.key
  commonhold energy import greenbutton.xml --meter meter.key --version 2     # a later version

The profile's intervals are the community's slots, or several of them make one. Slots that are not over
are left out; those that are cleared already are told.")]
pub(crate) struct Args {
    /// CSV, or Green Button (ESPI) XML.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The meter's key file.
    #[arg(long, value_name = "FILE")]
    meter: PathBuf,
    /// A profile of the meter behind which power is generated: what is not exported is certified as used at home.
    #[arg(long, value_name = "FILE")]
    production: Option<PathBuf>,
    /// Take a table in which times are missing.
    #[arg(long)]
    gaps: bool,
    /// Which version of the slots' readings these are.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..))]
    version: u8,
    #[command(flatten)]
    community: CommunityArg,
}

/// The slots that intervals make: each interval within one slot, and each slot made of whole ones.
fn slots(intervals: &[Interval], seconds: u32, version: u8) -> Result<Vec<Measured>, String> {
    let length = u64::from(seconds);
    let mut made: Vec<(Measured, u64)> = Vec::new();
    for one in intervals {
        let start = u64::try_from(one.start).map_err(|_| "begins before 1970".to_owned())?;
        let at = moments::show(start);
        let slot = start.div_euclid(length).saturating_mul(length);
        let end = start.saturating_add(one.seconds.into());
        if end > slot.saturating_add(length) {
            return Err(format!(
                "the interval of {at} takes {} s, and the community's slots {seconds} s: export shorter ones",
                one.seconds
            ));
        }
        let net = Measured::net(one.import_wh, one.export_wh);
        match made.last_mut() {
            Some((last, filled)) if last.slot == slot => {
                last.net = last.net.saturating_add(net);
                *filled = filled.saturating_add(one.seconds.into());
            }
            _ => {
                let measured = Measured {
                    slot,
                    seconds,
                    net,
                    generated: None,
                    version,
                };
                made.push((measured, one.seconds.into()));
            }
        }
    }
    // A slot that is not whole would be billed for a part of what it measured.
    made.retain(|(_, filled)| *filled == length);
    Ok(made.into_iter().map(|(measured, _)| measured).collect())
}

/// Puts beside each slot what a production meter's slots say.
fn beside(made: &mut [Measured], production: &[Measured]) -> Result<(), String> {
    let both = |sign: i64| production.iter().any(|one| one.net.signum() == sign);
    if both(1) && both(-1) {
        return Err("has both directions: a production meter's profile has one".to_owned());
    }
    let by: BTreeMap<u64, u64> = production
        .iter()
        .map(|one| (one.slot, one.net.unsigned_abs()))
        .collect();
    for one in made {
        one.generated = by.get(&one.slot).copied();
        let exported = one.net.min(0).unsigned_abs();
        if one.generated.is_some_and(|wh| wh < exported) {
            let at = moments::show(one.slot);
            return Err(format!("has less in {at} than was exported"));
        }
    }
    Ok(())
}

pub(crate) fn run(args: &Args, session: &dyn Session) -> eyre::Result<Answer> {
    let (_, profile) = import::read(&args.file, args.gaps)
        .map_err(|refusal| Refused::file(&args.file, &refusal))?;
    let secret = keys::read(&args.meter)?;
    let (client, account) = (session.client()?, session.account()?);
    let community = args.community.meant(&client)?;
    let found = ledger::community(&client, community)?;
    let seconds = found.rules.slotSeconds;
    let refused = |file: &Path, why: String| Refused(format!("{}: {why}", file.display()));
    let mut made =
        slots(&profile.intervals, seconds, args.version).map_err(|why| refused(&args.file, why))?;
    if let Some(file) = &args.production {
        let (_, profile) =
            import::read(file, args.gaps).map_err(|refusal| Refused::file(file, &refusal))?;
        slots(&profile.intervals, seconds, args.version)
            .and_then(|production| beside(&mut made, &production))
            .map_err(|why| refused(file, why))?;
    }
    let now = client.block_time()?;
    let (mut brought, mut cleared, mut early) = (0u64, 0u64, 0u64);
    // A meter's counter only grows; one that signed before by the clock goes on by the clock.
    let mut counter = now_ms();
    let bar = session.count(made.len() as u64, "Reporting");
    let mut lane = None;
    let (mut first, mut last) = (None, None);
    for (at, measured) in (1u64..).zip(&made) {
        bar.at(at);
        if measured.slot < found.next {
            cleared = cleared.saturating_add(1);
            continue;
        }
        if measured.end() > now {
            early = early.saturating_add(1);
            continue;
        }
        counter = counter.saturating_add(1);
        let signed = measured.sign(&secret, counter)?;
        let call = reportCall {
            community,
            slot: measured.slot,
            readings: vec![Bytes::copy_from_slice(signed.bytes())],
        };
        match &mut lane {
            // The first says what gas the others need.
            None => {
                let used = client.send_call(&account, ADDRESS, &call)?.gas_used;
                lane = Some((Lane::open(&client, &account)?, enough(used)));
            }
            Some((lane, gas)) => lane.give(ADDRESS, &call, *gas)?,
        }
        brought = brought.saturating_add(1);
        first.get_or_insert(measured.slot);
        last = Some(measured.slot);
    }
    if let Some((lane, _)) = &mut lane {
        lane.check()?;
    }
    drop(bar);
    let data = json!({
        "community": community,
        "meter": secret.key().id(),
        "readings": brought,
        "cleared_already": cleared,
        "not_over": early,
        "from": first,
        "last": last,
    });
    let mut text = format!(
        "{brought} readings of meter {} are on the ledger",
        secret.key().id()
    );
    if cleared != 0 {
        text.push_str(&format!(
            "\n{cleared} slots are cleared already: a later version corrects them within thirty days"
        ));
    }
    if early != 0 {
        text.push_str(&format!(
            "\n{early} slots are not over yet: bring them later"
        ));
    }
    if brought != 0 {
        text.push_str("\nnow `commonhold energy settle` clears and settles what is due");
    }
    let mut answer = Answer::of(&data, text)?;
    if brought == 0 {
        answer.refused = Some("no slot of the file can be reported".to_owned());
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(start: i64, seconds: u32, import_wh: u64, export_wh: u64) -> Interval {
        Interval {
            start,
            seconds,
            import_wh,
            export_wh,
        }
    }

    #[test]
    fn intervals_make_whole_slots() {
        let quarters: Vec<Interval> = (0..7)
            .map(|n| interval(3_600 + n * 900, 900, 10, n.unsigned_abs()))
            .collect();
        let made = slots(&quarters, 1_800, 1).unwrap();
        // Seven quarters are three half hours, and one that is not whole.
        let nets: Vec<_> = made.iter().map(|one| (one.slot, one.net)).collect();
        assert_eq!(nets, [(3_600, 19), (5_400, 15), (7_200, 11)]);
        let why = slots(&[interval(3_600, 3_600, 1, 0)], 1_800, 1).unwrap_err();
        assert!(why.contains("1970-01-01T01:00:00Z"), "{why}");
        assert!(slots(&[interval(-900, 900, 1, 0)], 900, 1).is_err());
    }

    #[test]
    fn a_production_meter_says_what_was_generated_beside() {
        let mut made = slots(
            &[interval(3_600, 900, 0, 40), interval(4_500, 900, 7, 0)],
            900,
            1,
        )
        .unwrap();
        let profile = |first: u64, second: u64| {
            let both = [
                interval(3_600, 900, first, 0),
                interval(4_500, 900, 0, second),
            ];
            slots(&both, 900, 1).unwrap()
        };
        beside(&mut made, &profile(50, 0)[..1]).unwrap();
        let said: Vec<_> = made.iter().map(|one| one.generated).collect();
        assert_eq!(said, [Some(50), None]);
        let why = beside(&mut made, &profile(30, 0)).unwrap_err();
        assert!(why.contains("less"), "{why}");
        let why = beside(&mut made, &profile(50, 9)).unwrap_err();
        assert!(why.contains("directions"), "{why}");
    }
}
