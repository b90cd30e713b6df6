//! What the grid operator is told: for each meter and slot the whole, what came from the community, and what
//! from the grid. In the words of the Austrian market, V002 = G003 + G001.

use crate::{evidence::Evidence, moments};

/// A balance does not add up.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// More went by the community than was measured.
    #[error(
        "slot {0}, place {1}: more went by the community than was measured; run `commonhold energy audit`"
    )]
    More(u64, u32),
    /// It cannot be written.
    #[error(transparent)]
    Table(#[from] csv::Error),
}

/// The balance of all meters, slot by slot, as CSV.
///
/// # Errors
/// [`Unfit`].
pub fn table(evidence: &Evidence) -> Result<String, Unfit> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "start",
        "seconds",
        "meter",
        "direction",
        "V002_total_wh",
        "G003_community_wh",
        "G001_grid_wh",
    ])?;
    for told in &evidence.slots {
        let seconds = evidence
            .rules_at(told.slot)
            .map_or(0, |rules| rules.slot_seconds);
        for line in &told.lines {
            let total = line.net.unsigned_abs();
            let grid = total
                .checked_sub(line.local)
                .ok_or(Unfit::More(told.slot, line.index))?;
            let meter = evidence.seat_at(line.index, told.slot);
            writer.write_record([
                moments::show(told.slot),
                seconds.to_string(),
                meter.map(|seat| seat.meter.to_string()).unwrap_or_default(),
                if line.net < 0 { "export" } else { "import" }.to_owned(),
                total.to_string(),
                line.local.to_string(),
                grid.to_string(),
            ])?;
        }
    }
    let bytes = writer
        .into_inner()
        .map_err(|e| csv::Error::from(e.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
