//! The sample traces, as if they had been measured just now: an order takes only what was measured after it.

use commonhold_works_client::sor;

/// The block of what is fixed begins with its name; the time of the measurement is the next four bytes.
const FIXED: &[u8] = b"FxdParams\0";

/// The same trace, measured at `time` (seconds since 1970), with its checksum made good. `None` where it is no
/// trace.
pub(super) fn at(trace: &[u8], time: u32) -> Option<Vec<u8>> {
    let mut trace = trace.to_vec();
    // The map has the name, too, and stands before.
    let named = trace.windows(FIXED.len()).rposition(|part| part == FIXED)?;
    let place = named.checked_add(FIXED.len())?;
    let bytes = trace.get_mut(place..place.checked_add(4)?)?;
    bytes.copy_from_slice(&time.to_le_bytes());
    let sum = sor::parse(&trace).ok()?.checksum?.computed;
    let end = trace.len().checked_sub(2)?;
    trace.get_mut(end..)?.copy_from_slice(&sum.to_le_bytes());
    Some(trace)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    const TRACE: &[u8] = include_bytes!("../../../../../samples/works/traces/K01_AB_1310.sor");

    #[test]
    fn nothing_but_the_time_is_another() {
        let moved = at(TRACE, 1_800_000_000).unwrap();
        let (before, after) = (sor::parse(TRACE).unwrap(), sor::parse(&moved).unwrap());
        assert_eq!(after.fixed.time, 1_800_000_000);
        assert!(after.checksum.unwrap().matches());
        assert_eq!(after.events, before.events);
        let others = TRACE.iter().zip(&moved).filter(|(a, b)| a != b).count();
        assert!(others <= 6, "{others}");
        assert_eq!(at(b"no trace", 1), None);
    }
}
