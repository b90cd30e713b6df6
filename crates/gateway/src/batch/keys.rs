//! The data key of a stream's day.

use commonhold_seal::{DataKey as Content, Day, Identity, SealedKey};
use commonhold_vault::{DataKey, Packet, SecretKey};
use rand::Rng as _;
use zeroize::Zeroizing;

use super::{StepError, Work};
use crate::journal::{DayKey, StreamDay};

impl Work {
    /// The key of a stream's day, and the same sealed. Made where it was not, and on the disk before
    /// anything is encrypted with it.
    pub(super) async fn day_key(
        &mut self,
        place: StreamDay,
    ) -> Result<(DataKey, SealedKey), StepError> {
        if let Some(known) = self.keys.get(&place) {
            return Ok(known.clone());
        }
        let keys = match self.it.journal.day_key(place)? {
            Some(kept) => {
                let packet = Packet::from_bytes(&kept.packet)?;
                let key = packet.open(&self.it.secret)?;
                (key, SealedKey::from_bytes(&kept.sealed).map_err(other)?)
            }
            None => self.new_day_key(place).await?,
        };
        self.keys.insert(place, keys.clone());
        Ok(keys)
    }

    async fn new_day_key(&mut self, place: StreamDay) -> Result<(DataKey, SealedKey), StepError> {
        let stream = self.stream(place.0)?;
        let day = Day::of_number(place.1).map_err(other)?;
        // Asked for once: days that come while the node is away are sealed, too.
        let seal_key = match self.seal_key.take() {
            Some(known) => known,
            None => self.it.node.seal_key().await?,
        };
        let seal_key = self.seal_key.insert(seal_key);
        let random = &mut self.it.random;
        let (mut bytes, mut writer) = (Zeroizing::new([0; 32]), Zeroizing::new([0; 32]));
        let mut nonce = [0; 12];
        random.fill_bytes(bytes.as_mut_slice());
        random.fill_bytes(writer.as_mut_slice());
        random.fill_bytes(&mut nonce);
        let key = DataKey::from_bytes(&bytes);
        let target = Identity::StreamDay { stream, day }.here();
        let content = Content::from_bytes(&bytes);
        let sealed = SealedKey::seal(seal_key, &target, &content, random).map_err(other)?;
        let (reader, writer) = (self.it.secret.public(), SecretKey::from_bytes(&writer));
        let packet = Packet::seal_drawn(&key, &reader, &writer, nonce)?;
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
