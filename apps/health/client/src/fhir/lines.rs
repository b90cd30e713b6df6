//! Bulk Data: one resource to a line.

use super::Gathering;
use crate::{
    json::{Cursor, Limit},
    limits::RESOURCE_BYTES_MAX,
    refusal::{Place, Refusal},
    source::{Coat, Source},
};

/// Adds the resources of a file.
pub(crate) fn read(source: &Source, coat: Coat, into: &mut Gathering) -> Result<(), Refusal> {
    let mut cursor = Cursor::new(source.unpacked(coat)?);
    let limit = Limit::new(RESOURCE_BYTES_MAX, "RESOURCE_BYTES_MAX");
    while cursor.peek()?.is_some() {
        let place = Place::line(cursor.line());
        let mut text = Vec::new();
        cursor.value(&mut text, limit).map_err(|refusal| Refusal {
            place: place.clone(),
            ..refusal
        })?;
        into.add(text, None, place)?;
    }
    Ok(())
}
