//! The data key of a stream's day.

use commonhold_seal::{Day, Identity, SealedKey};
use commonhold_vault::{DataKey, Packet};

use super::{StepError, Work};
use crate::journal::{DayKey, StreamDay};

impl Work {
    /// The key of a stream's day, and the same sealed. Made where it was not, and on the disk before
    /// anything is encrypted with it.
    pub(super) fn day_key(&mut self, place: StreamDay) -> Result<(DataKey, SealedKey), StepError> {
        if let Some(known) = self.keys.get(&place) {
            return Ok(known.clone());
        }
        let keys = match self.it.journal.day_key(place)? {
            Some(kept) => {
                let packet = Packet::from_bytes(&kept.packet)?;
                let key = packet.open(self.it.account.encryption())?;
                (key, SealedKey::from_bytes(&kept.sealed).map_err(other)?)
            }
            None => self.new_day_key(place)?,
        };
        self.keys.insert(place, keys.clone());
        Ok(keys)
    }

    fn new_day_key(&mut self, place: StreamDay) -> Result<(DataKey, SealedKey), StepError> {
        let stream = self.stream(place.0)?;
        let day = Day::of_number(place.1).map_err(other)?;
        // Asked for once: days that come while the node is away are sealed, too.
        let sealing = match self.sealing.take() {
            Some(sealing) => sealing,
            None => self.it.client.sealing_by(self.it.network_key.as_ref())?,
        };
        let sealing = self.sealing.insert(sealing);
        let key = DataKey::random()?;
        let sealed = sealing.seal(&Identity::StreamDay { stream, day }.here(), &key)?;
        let packet = Packet::seal(&key, &self.it.account.encryption_public())?;
        let kept = DayKey {
            packet: packet.as_bytes().to_vec(),
            sealed: sealed.to_bytes().to_vec(),
        };
        self.it.journal.keep_day_key(place, &kept)?;
        Ok((key, sealed))
    }
}

fn other(e: impl ToString) -> StepError {
    StepError::Other(e.to_string())
}
