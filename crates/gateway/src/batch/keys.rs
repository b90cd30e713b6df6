//! The data key of a stream's day.

use commonhold_seal::{DataKey as SealedContent, Day, Identity, SealedKey};
use commonhold_vault::{DataKey, Packet, VaultError};
use rand_core::UnwrapErr;

use super::{StepError, Work};
use crate::journal::{DayKey, StreamDay};

const DAY_SECONDS: u64 = 86_400;

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
        let day = Day::of_seconds(u64::from(place.1).saturating_mul(DAY_SECONDS)).map_err(other)?;
        let sealing = match self.sealing.take() {
            Some(sealing) => sealing,
            None => match &self.it.network_key {
                Some(key) => self.it.client.proven_sealing(key)?,
                None => self.it.client.sealing()?,
            },
        };
        let key = DataKey::random()?;
        let content = SealedContent::from_bytes(&key.to_bytes());
        let identity = Identity::StreamDay { stream, day };
        let sealed = SealedKey::seal(
            &sealing.group.key(),
            &identity.here(),
            &content,
            &mut rng()?,
        );
        self.sealing = Some(sealing);
        let sealed = sealed.map_err(other)?;
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

/// The operating system's randomness, which has been seen to work.
fn rng() -> Result<UnwrapErr<rand::rngs::SysRng>, VaultError> {
    let mut rng = rand::rngs::SysRng;
    rand::TryRng::try_next_u64(&mut rng).map_err(|_| VaultError::Random)?;
    Ok(UnwrapErr(rng))
}
