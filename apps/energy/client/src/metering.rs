//! Readings of a meter's slots, as the ledger takes them.

use commonhold_energy_contract::measuring::{GENERATED, NET, VERSION, WH};
use commonhold_sdk::reading::{DeviceSecret, Envelope, Reading, ReadingError, Record, Value};

/// A slot of a meter: imports above zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Measured {
    /// When it begins, seconds since 1970.
    pub(crate) slot: u64,
    /// How long it is.
    pub(crate) seconds: u32,
    /// Imports less exports, Wh.
    pub(crate) net: i64,
    /// What was generated behind the meter, Wh, where that is measured.
    pub(crate) generated: Option<u64>,
    /// Which version of the slot's reading it is: 1 the first.
    pub(crate) version: u8,
}

impl Measured {
    /// What was consumed and generated in a slot, as one meter sees it.
    pub(crate) fn net(consumed: u64, generated: u64) -> i64 {
        let whole = |wh: u64| i64::try_from(wh).unwrap_or(i64::MAX);
        whole(consumed).saturating_sub(whole(generated))
    }

    /// When the slot ends, seconds since 1970.
    pub(crate) fn end(&self) -> u64 {
        self.slot.saturating_add(self.seconds.into())
    }

    /// A counter that grows from slot to slot and from version to version, for meters that sign nothing
    /// else.
    pub(crate) fn counter(&self) -> u64 {
        self.end()
            .saturating_mul(256)
            .saturating_add(self.version.into())
    }

    /// The reading, signed by the meter at the slot's end.
    pub(crate) fn sign(
        &self,
        secret: &DeviceSecret,
        counter: u64,
    ) -> Result<Envelope, ReadingError> {
        let record = |name: &str, unit: Option<&str>, value: i64| Record {
            name: name.to_owned(),
            unit: unit.map(str::to_owned),
            value: Value::integer(value),
            offset: 0,
        };
        let mut pack = vec![record(NET, Some(WH), self.net)];
        if let Some(wh) = self.generated.and_then(|wh| i64::try_from(wh).ok()) {
            pack.push(record(GENERATED, Some(WH), wh));
        }
        if self.version != 1 {
            pack.push(record(VERSION, None, self.version.into()));
        }
        let reading = Reading {
            counter,
            time: self.end().saturating_mul(1_000),
            pack,
            nonce: None,
            origin: None,
        };
        Envelope::sign(secret, reading)
    }
}

#[cfg(test)]
mod tests {
    use commonhold_energy_contract::measuring::measure;
    use commonhold_sdk::reading::Algorithm;

    use super::*;

    #[test]
    fn what_is_signed_is_what_the_ledger_measures() {
        let secret = DeviceSecret::from_bytes(Algorithm::Ed25519, &[7; 32]).unwrap();
        let mut counter = 0;
        for (slot, version, net) in [(3_600, 1, -50), (3_600, 2, 70), (5_400, 1, 0)] {
            let measured = Measured {
                slot,
                seconds: 1_800,
                net,
                generated: (net < 0).then_some(80),
                version,
            };
            assert!(measured.counter() > counter);
            counter = measured.counter();
            let envelope = measured.sign(&secret, counter).unwrap();
            envelope.verify(secret.key()).unwrap();
            let said = measure(envelope.reading(), slot, 1_800).unwrap();
            assert_eq!(said.own(), if net < 0 { 30 } else { 0 });
            let said = said.reading;
            assert_eq!((said.net, said.version, said.quality), (net, version, 0));
            assert!(measure(envelope.reading(), slot + 1_800, 1_800).is_err());
        }
        assert_eq!(Measured::net(5, 7), -2);
    }
}
