//! What a signed reading says of a slot: values in, a measure or a fault out.

use commonhold_reading::{Reading, Value};

use crate::{interface::IEnergy::Fault, packing};

/// The record that says the net energy of a slot: imports less exports.
pub const NET: &str = "net";
/// The record that says what was generated behind the meter in the slot, where there is a meter for that.
pub const GENERATED: &str = "generated";
/// The unit that both are in.
pub const WH: &str = "Wh";
/// The record that says which version of the slot's reading it is; 1 where there is none.
pub const VERSION: &str = "version";
/// The record that says how good it is: 0 measured, 1 estimated, up to 7; 0 where there is none.
pub const QUALITY: &str = "quality";
/// What is added to the quality where a gateway signed for a source that cannot.
pub const BY_GATEWAY: u8 = 8;
/// The quality of what the network operator decided.
pub const BY_NETWORK: u8 = 16;

/// What a signed reading says of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// What the slot is dealt by.
    pub reading: packing::Reading,
    /// What was generated behind the meter, Wh, where it says so.
    pub generated: Option<u64>,
}

impl Said {
    /// What of it the household used itself: what did not leave by the grid's meter.
    pub fn own(&self) -> u64 {
        let exported = self.reading.net.min(0).unsigned_abs();
        self.generated.map_or(0, |wh| wh.saturating_sub(exported))
    }
}

/// What a reading says of the slot that begins at `slot` and takes `seconds`.
///
/// # Errors
/// The [`Fault`].
pub fn measure(reading: &Reading, slot: u64, seconds: u32) -> Result<Said, Fault> {
    let begin = slot.checked_mul(1_000).ok_or(Fault::OtherSlot)?;
    let length = u64::from(seconds).saturating_mul(1_000);
    let since = reading.time.checked_sub(begin).ok_or(Fault::OtherSlot)?;
    if since == 0 || since > length {
        return Err(Fault::OtherSlot);
    }
    let (mut net, mut generated) = (None, None);
    let mut marks = [None, None];
    for record in &reading.pack {
        let unit = record.unit.as_deref();
        match record.name.as_str() {
            NET | GENERATED => {
                if unit != Some(WH) {
                    return Err(Fault::WrongUnit);
                }
                let wh = whole(&record.value).ok_or(Fault::NotWhole)?;
                let said = if record.name == NET {
                    &mut net
                } else {
                    &mut generated
                };
                if said.replace(wh).is_some() {
                    return Err(Fault::NoEnergy);
                }
            }
            VERSION | QUALITY => {
                let value = whole(&record.value).and_then(|value| u8::try_from(value).ok());
                let value = value.ok_or(Fault::UnfitMark)?;
                let [version, quality] = &mut marks;
                let mark = if record.name == VERSION {
                    version
                } else {
                    quality
                };
                if mark.replace(value).is_some() {
                    return Err(Fault::UnfitMark);
                }
            }
            _ => {}
        }
    }
    let [version, quality] = marks;
    let (version, quality) = (version.unwrap_or(1), quality.unwrap_or(0));
    if version == 0 || quality >= BY_GATEWAY {
        return Err(Fault::UnfitMark);
    }
    let by_gateway = if reading.origin.is_some() {
        BY_GATEWAY
    } else {
        0
    };
    let reading = packing::Reading {
        net: net.ok_or(Fault::NoEnergy)?,
        version,
        quality: quality.saturating_add(by_gateway),
    };
    let exported = reading.net.min(0).unsigned_abs();
    let generated = match generated.map(u64::try_from) {
        None => None,
        // What a fuse lets through at most is what a certificate is of at most.
        Some(Ok(wh)) if (exported..=u32::MAX.into()).contains(&wh) => Some(wh),
        Some(_) => return Err(Fault::UnfitGeneration),
    };
    Ok(Said { reading, generated })
}

/// What a fuse of so many watts lets through in a slot, in Wh.
pub fn through(fuse: u32, seconds: u32) -> u64 {
    let all = u64::from(fuse).saturating_mul(seconds.into());
    all.div_euclid(3_600)
}

/// A whole number.
fn whole(value: &Value) -> Option<i64> {
    let Value::Number { mantissa, exponent } = *value else {
        return None;
    };
    let scale = 10i64.checked_pow(exponent.unsigned_abs().into())?;
    if exponent >= 0 {
        return mantissa.checked_mul(scale);
    }
    if mantissa.checked_rem(scale)? == 0 {
        mantissa.checked_div(scale)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use commonhold_reading::Record;

    fn reading(time: u64, pack: &[(&str, Option<&str>, Value)]) -> Reading {
        let records = pack.iter().map(|(name, unit, value)| Record {
            name: (*name).to_owned(),
            unit: unit.map(str::to_owned),
            value: value.clone(),
            offset: 0,
        });
        Reading {
            counter: 1,
            time,
            pack: records.collect(),
            nonce: None,
            origin: None,
        }
    }

    fn net(value: Value) -> (&'static str, Option<&'static str>, Value) {
        (NET, Some(WH), value)
    }

    #[test]
    fn what_is_said_is_taken() {
        let power = Value::Number {
            mantissa: -12,
            exponent: 2,
        };
        let quality = (QUALITY, None, Value::integer(1));
        let version = (VERSION, None, Value::integer(3));
        let other = ("voltage", Some("V"), Value::integer(230));
        let found = measure(
            &reading(4_500_000, &[net(power), quality, version, other]),
            3_600,
            900,
        );
        let expected = packing::Reading {
            net: -1_200,
            version: 3,
            quality: 1,
        };
        let said = Said {
            reading: expected,
            generated: None,
        };
        assert_eq!((found, said.own()), (Ok(said), 0));
    }

    #[test]
    fn what_was_generated_and_not_exported_was_used_at_home() {
        let wh = |name, wh| (name, Some("Wh"), Value::integer(wh));
        for (exported, generated, own) in [(-400, 1_000, 600), (-400, 400, 0), (300, 250, 250)] {
            let pack = [wh(NET, exported), wh(GENERATED, generated)];
            let said = measure(&reading(4_500_000, &pack), 3_600, 900).unwrap();
            assert_eq!(said.own(), own);
        }
        for generated in [399, -1, i64::from(u32::MAX) + 1] {
            let pack = [wh(NET, -400), wh(GENERATED, generated)];
            let found = measure(&reading(4_500_000, &pack), 3_600, 900);
            assert_eq!(found, Err(Fault::UnfitGeneration), "{generated}");
        }
        let unit = [wh(NET, 1), (GENERATED, Some("kWh"), Value::integer(1))];
        let found = measure(&reading(4_500_000, &unit), 3_600, 900);
        assert_eq!(found, Err(Fault::WrongUnit));
    }

    #[test]
    fn what_cannot_be_taken_has_its_fault() {
        let one = || Value::integer(1);
        let part = Value::Number {
            mantissa: 15,
            exponent: -1,
        };
        for (time, pack, fault) in [
            (3_600_000, vec![net(one())], Fault::OtherSlot),
            (4_500_001, vec![net(one())], Fault::OtherSlot),
            (0, vec![net(one())], Fault::OtherSlot),
            (4_000_000, vec![], Fault::NoEnergy),
            (4_000_000, vec![net(one()), net(one())], Fault::NoEnergy),
            (4_000_000, vec![(NET, Some("kWh"), one())], Fault::WrongUnit),
            (4_000_000, vec![(NET, None, one())], Fault::WrongUnit),
            (4_000_000, vec![net(part)], Fault::NotWhole),
            (4_000_000, vec![net(Value::Flag(true))], Fault::NotWhole),
            (
                4_000_000,
                vec![net(one()), (QUALITY, None, Value::integer(8))],
                Fault::UnfitMark,
            ),
            (
                4_000_000,
                vec![net(one()), (VERSION, None, Value::integer(0))],
                Fault::UnfitMark,
            ),
            (
                4_000_000,
                vec![net(one()), (VERSION, None, Value::integer(256))],
                Fault::UnfitMark,
            ),
        ] {
            let found = measure(&reading(time, &pack), 3_600, 900);
            assert_eq!(found, Err(fault), "{time} {pack:?}");
        }
        assert_eq!(
            (through(10_000, 900), through(u32::MAX, 3_600)),
            (2_500, u64::from(u32::MAX))
        );
    }
}
