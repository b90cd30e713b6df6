//! What households used of what they generated themselves, where their readings say what was generated behind
//! the meter. The grid's meter does not see it: it trades nothing, costs nothing and moves no account. It is
//! certified, and claimed in the same step ([`crate::holding`]).

use commonhold_module::{Context, Outcome};

use crate::{interface::IEnergy::Generated, measuring::Said, packing, state::OWN};

/// What a place used of its own in a slot, by its newest reading, Wh.
pub(super) fn own(
    ctx: &mut Context<'_>,
    (community, slot, index): (u64, u64, u32),
) -> Outcome<u64> {
    let (word, part) = packing::place(index);
    let word = OWN.at(&community).at(&slot).at(&word).read(ctx)?;
    Ok(packing::get(&word, part))
}

/// Keeps what a reading that was taken says of it.
pub(super) fn keep(
    ctx: &mut Context<'_>,
    (community, slot, index): (u64, u64, u32),
    said: &Said,
) -> Outcome<()> {
    let (word, part) = packing::place(index);
    let place = OWN.at(&community).at(&slot).at(&word);
    let word = place.read(ctx)?;
    let own = said.own();
    let changed = packing::get(&word, part) != own;
    if changed {
        place.write(ctx, &packing::with(&word, part, own))?;
    }
    if !changed && said.generated.is_none() {
        return Ok(());
    }
    ctx.emit(Generated {
        community,
        slot,
        index,
        wh: said.generated.unwrap_or_default(),
        own,
    })
}
