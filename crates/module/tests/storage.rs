//! Storage against a plain model: whatever is written reads back, nothing else changes, and what is
//! set back to zero leaves nothing behind.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, U256, address};
use commonhold_module::{List, Map, Slot, Text, bench::Bench, record, storage};
use proptest::prelude::*;
use state::{NAME, SAMPLES, Sample, TRAIL};

const HERE: Address = address!("00000000000000000000000000000000000000ee");

mod state {
    use super::{Address, B256, List, Map, Slot, Text, U256, record, storage};

    record! {
        /// Fields of every kind, in an order that leaves gaps.
        pub(super) struct Sample {
            pub(super) flag: bool,
            pub(super) note: Text<70>,
            pub(super) small: u8,
            pub(super) wide: u128,
            pub(super) who: Address,
            pub(super) when: u64,
            pub(super) count: u32,
            pub(super) whole: U256,
            pub(super) port: u16,
            pub(super) hash: B256,
            pub(super) last: Text<40>,
        }
    }

    storage! {
        NAME: Slot<Text<100>> = 0;
        SAMPLES: Map<u64, Map<Address, Sample>> = 1;
        TRAIL: Map<Text<3>, List<Sample>> = 2;
    }
}

#[derive(Clone, Debug)]
enum Write {
    Name(String),
    Sample(u64, u8, Box<Sample>),
    Push(String, Box<Sample>),
    Replace(String, u64, Box<Sample>),
}

fn sample() -> impl Strategy<Value = Box<Sample>> {
    let texts = ("[a-z]{0,70}", "[a-z]{0,40}");
    let numbers = any::<(bool, u8, u128, u64, u32, u16)>();
    let words = any::<([u8; 20], [u8; 32], [u8; 32])>();
    (texts, numbers, words).prop_map(
        |((note, last), (flag, small, wide, when, count, port), w)| {
            Box::new(Sample {
                flag,
                note: Text::new(note).unwrap(),
                small,
                wide,
                who: w.0.into(),
                when,
                count,
                whole: U256::from_be_bytes(w.1),
                port,
                hash: w.2.into(),
                last: Text::new(last).unwrap(),
            })
        },
    )
}

fn write() -> impl Strategy<Value = Write> {
    prop_oneof![
        "[a-z]{0,100}".prop_map(Write::Name),
        (0..2u64, 0..2u8, sample()).prop_map(|(a, b, value)| Write::Sample(a, b, value)),
        ("[ab]", sample()).prop_map(|(list, value)| Write::Push(list, value)),
        ("[ab]", 0..4u64, sample()).prop_map(|(list, n, value)| Write::Replace(list, n, value)),
    ]
}

#[derive(Default)]
struct Model {
    name: String,
    samples: BTreeMap<(u64, u8), Sample>,
    trail: BTreeMap<String, Vec<Sample>>,
}

impl Model {
    fn apply(&mut self, write: Write) {
        match write {
            Write::Name(name) => self.name = name,
            Write::Sample(a, b, value) => {
                self.samples.insert((a, b), *value);
            }
            Write::Push(list, value) => self.trail.entry(list).or_default().push(*value),
            Write::Replace(list, n, value) => {
                let list = self.trail.entry(list).or_default();
                if let Some(place) = list.get_mut(usize::try_from(n).unwrap()) {
                    *place = *value;
                }
            }
        }
    }
}

fn apply(bench: &mut Bench, write: Write) {
    bench
        .within(HERE, HERE, |ctx| match write {
            Write::Name(name) => NAME.write(ctx, &Text::new(name)?),
            Write::Sample(a, b, value) => SAMPLES
                .at(&a)
                .at(&Address::repeat_byte(b))
                .write(ctx, &value),
            Write::Push(list, value) => TRAIL.at(&Text::new(list)?).push(ctx, &value).map(|_| ()),
            Write::Replace(list, n, value) => TRAIL
                .at(&Text::new(list)?)
                .replace(ctx, n, &value)
                .map(|_| ()),
        })
        .unwrap();
}

fn read(bench: &mut Bench) -> Model {
    bench
        .within(HERE, HERE, |ctx| {
            let mut model = Model {
                name: NAME.read(ctx)?.into(),
                ..Model::default()
            };
            for (a, b) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                let value = SAMPLES.at(&a).at(&Address::repeat_byte(b)).read(ctx)?;
                model.samples.insert((a, b), value);
            }
            for list in ["a", "b"] {
                let page = TRAIL.at(&Text::new(list)?).page(ctx, 0, u64::MAX)?;
                model.trail.insert(list.to_owned(), page);
            }
            Ok(model)
        })
        .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn storage_holds_what_was_written(writes in prop::collection::vec(write(), 1..25)) {
        let mut bench = Bench::new(Vec::new()).unwrap();
        let mut model = Model::default();
        for write in writes {
            apply(&mut bench, write.clone());
            model.apply(write);
            let found = read(&mut bench);
            prop_assert_eq!(&found.name, &model.name);
            for (key, value) in found.samples {
                prop_assert_eq!(value, model.samples.get(&key).cloned().unwrap_or_default());
            }
            for (list, values) in found.trail {
                prop_assert_eq!(values, model.trail.get(&list).cloned().unwrap_or_default());
            }
        }
        apply(&mut bench, Write::Name(String::new()));
        for (a, b) in model.samples.into_keys() {
            apply(&mut bench, Write::Sample(a, b, Box::default()));
        }
        let mut counts = 0;
        for (list, values) in model.trail {
            counts += usize::from(!values.is_empty());
            for (n, _) in (0..).zip(values) {
                apply(&mut bench, Write::Replace(list.clone(), n, Box::default()));
            }
        }
        prop_assert_eq!(bench.stored().len(), counts, "only the lists' counts are left");
    }
}
