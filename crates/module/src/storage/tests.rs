#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, reason = "tests")]

use alloy_primitives::{Address, B256, U256, address, keccak256};

use super::{Key, Layout, List, Map, Text, Value, Variable, disjoint};
use crate::{Fault, bench::Bench, errors::TextTooLong};

mod layout {
    use alloy_primitives::{Address, B256};

    use crate::{
        record, storage,
        storage::{List, Map, Slot, Text},
    };

    record! {
        /// Packed as `struct { address; uint64; bool; uint64; bytes32; string; uint8 }`.
        pub(super) struct Sample {
            pub(super) who: Address,
            pub(super) when: u64,
            pub(super) flag: bool,
            pub(super) until: u64,
            pub(super) hash: B256,
            pub(super) name: Text<100>,
            pub(super) last: u8,
        }

        /// Fields that fill their slots exactly.
        pub(super) struct Full {
            pub(super) hash: B256,
            pub(super) who: Address,
            pub(super) when: u64,
            pub(super) count: u32,
            pub(super) next: u8,
        }
    }

    storage! {
        NUMBER: Slot<u64> = 0;
        NAME: Slot<Text<100>> = 1;
        SAMPLES: Map<Address, Sample> = 2;
        NESTED: Map<B256, Map<u64, Sample>> = 3;
        QUEUE: List<B256> = 4;
        LISTS: Map<Text<8>, List<Sample>> = 7;
        FULL: Slot<Full> = 8;
    }
}

use layout::{FULL, Full, LAYOUT, LISTS, NAME, NESTED, NUMBER, QUEUE, SAMPLES, Sample};

const HERE: Address = address!("00000000000000000000000000000000000000ee");

fn bench() -> Bench {
    Bench::new(Vec::new()).unwrap()
}

fn text<const N: usize>(text: &str) -> Text<N> {
    Text::new(text).unwrap()
}

fn sample(name: &str) -> Sample {
    Sample {
        who: Address::repeat_byte(0xaa),
        when: 0x1122_3344_5566_7788,
        flag: true,
        until: 0x99,
        hash: B256::repeat_byte(0xbb),
        name: text(name),
        last: 7,
    }
}

fn plus(slot: U256, n: u64) -> U256 {
    slot + U256::from(n)
}

/// keccak-256 of a padded key and a slot, as Solidity's documentation gives it.
fn mapped(key: impl Key, slot: U256) -> U256 {
    let mut bytes = key.preimage();
    bytes.extend_from_slice(&slot.to_be_bytes::<32>());
    U256::from_be_bytes(keccak256(bytes).0)
}

#[test]
fn a_record_is_packed_as_a_solidity_struct() {
    let mut bench = bench();
    let who = Address::repeat_byte(1);
    bench
        .within(HERE, HERE, |ctx| SAMPLES.at(&who).write(ctx, &sample("x")))
        .unwrap();
    let base = mapped(who, U256::from(2));
    assert_eq!(Sample::WORDS, 5);
    let slot = |n| B256::from(bench.slot(HERE, plus(base, n))).to_string();
    // address, uint64 and bool share a slot, from the low-order end; the next uint64 does not fit.
    let first =
        "0x0000000111223344556677 88aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".replace(' ', "");
    assert_eq!(slot(0), first);
    assert_eq!(slot(1), B256::with_last_byte(0x99).to_string());
    assert_eq!(slot(2), B256::repeat_byte(0xbb).to_string());
    assert_eq!(slot(3), format!("0x78{}02", "00".repeat(30)));
    assert_eq!(slot(4), B256::with_last_byte(7).to_string());
    let read = bench
        .within(HERE, HERE, |ctx| SAMPLES.at(&who).read(ctx))
        .unwrap();
    assert_eq!(read, sample("x"));
}

#[test]
fn fields_may_fill_a_slot_exactly() {
    let mut bench = bench();
    let full = Full {
        hash: B256::repeat_byte(1),
        who: Address::repeat_byte(2),
        when: 3,
        count: 4,
        next: 5,
    };
    assert_eq!(Full::WORDS, 3);
    bench
        .within(HERE, HERE, |ctx| FULL.write(ctx, &full))
        .unwrap();
    assert_eq!(
        bench.slot(HERE, U256::from(8)),
        U256::from_be_bytes([1; 32])
    );
    let second = format!("{:08x}{:016x}{}", 4, 3, "02".repeat(20));
    assert_eq!(
        bench.slot(HERE, U256::from(9)),
        U256::from_str_radix(&second, 16).unwrap()
    );
    assert_eq!(bench.slot(HERE, U256::from(10)), U256::from(5));
    assert_eq!(bench.within(HERE, HERE, |ctx| FULL.read(ctx)), Ok(full));
}

#[test]
fn texts_lie_as_solidity_strings() {
    let mut bench = bench();
    for length in [0, 1, 31, 32, 33, 64, 65, 100, 31, 100, 0] {
        let long = "y".repeat(length);
        bench
            .within(HERE, HERE, |ctx| NAME.write(ctx, &text(&long)))
            .unwrap();
        let read = bench.within(HERE, HERE, |ctx| NAME.read(ctx)).unwrap();
        assert_eq!(read.as_str(), long);
        let head = bench.slot(HERE, U256::from(1));
        let tail = if length > 31 { length.div_ceil(32) } else { 0 };
        assert_eq!(
            bench.stored().len(),
            tail + usize::from(length > 0),
            "nothing is left behind"
        );
        if length > 31 {
            assert_eq!(head, U256::from(2 * length + 1));
            let first = U256::from_be_bytes(keccak256(B256::with_last_byte(1)).0);
            assert_eq!(bench.slot(HERE, first), U256::from_be_bytes([b'y'; 32]));
        }
    }
}

#[test]
fn a_text_beyond_its_bound_is_rejected() {
    let error = Text::<3>::new("four").unwrap_err();
    let expected = TextTooLong {
        bytesGiven: U256::from(4),
        bytesMax: U256::from(3),
    };
    assert_eq!(error.decode::<TextTooLong>(), Some(expected));
}

#[test]
fn maps_nest_and_lists_count() {
    let mut bench = bench();
    let id = B256::repeat_byte(9);
    bench
        .within(HERE, HERE, |ctx| {
            NESTED.at(&id).at(&5).write(ctx, &sample("z"))
        })
        .unwrap();
    let base = mapped(5u64, mapped(id, U256::from(3)));
    assert_eq!(bench.slot(HERE, plus(base, 4)), U256::from(7));

    let name = text::<8>("list");
    for n in 0..3u8 {
        let value = Sample {
            last: n,
            ..sample("")
        };
        bench
            .within(HERE, HERE, |ctx| LISTS.at(&name).push(ctx, &value))
            .unwrap();
    }
    let count = mapped(name.clone(), U256::from(7));
    assert_eq!(bench.slot(HERE, count), U256::from(3));
    assert_eq!(
        bench.slot(HERE, plus(mapped(2u64, plus(count, 1)), 4)),
        U256::from(2)
    );
    let (page, beyond) = bench
        .within(HERE, HERE, |ctx| {
            let list = LISTS.at(&name);
            assert!(!list.replace(ctx, 3, &sample(""))?);
            Ok((list.page(ctx, 1, u64::MAX)?, list.get(ctx, 3)?))
        })
        .unwrap();
    assert_eq!(page.iter().map(|s| s.last).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(beyond, None);
}

#[test]
fn a_page_is_bounded_whatever_is_asked_for() {
    let mut bench = bench();
    let length = bench
        .within(HERE, HERE, |ctx| {
            for n in 0..150u64 {
                QUEUE.push(ctx, &U256::from(n).into())?;
            }
            Ok(QUEUE.page(ctx, 0, u64::MAX)?.len())
        })
        .unwrap();
    assert_eq!(length, 100);
}

#[test]
fn what_no_module_writes_is_fatal() {
    let mut bench = bench();
    let wide: super::Slot<U256> = super::Slot::declared(1);
    for bad in [
        U256::MAX,
        U256::from(2 * 20 + 1),
        U256::from(101 * 2 + 1),
        U256::from(0xff << 8 | 64),
    ] {
        bench
            .within(HERE, HERE, |ctx| wide.write(ctx, &bad))
            .unwrap();
        let outcome = bench.within(HERE, HERE, |ctx| NAME.read(ctx));
        assert!(matches!(outcome, Err(Fault::Fatal(_))), "{bad:#x}");
    }
    let number = bench.within(HERE, HERE, |ctx| {
        NUMBER.write(ctx, &u64::MAX)?;
        NUMBER.read(ctx)
    });
    assert_eq!(number, Ok(u64::MAX));
}

#[test]
fn the_layout_reads_well() {
    let expected = "\
slot  0  NUMBER: uint64
slot  1  NAME: string
slot  2  SAMPLES: mapping(address => Sample)
slot  3  NESTED: mapping(bytes32 => mapping(uint64 => Sample))
slot  4  QUEUE: list of bytes32
slot  7  LISTS: mapping(string => list of Sample)
slot  8  FULL: Full

struct Full
  slot +0 byte  0  hash: bytes32
  slot +1 byte  0  who: address
  slot +1 byte 20  when: uint64
  slot +1 byte 28  count: uint32
  slot +2 byte  0  next: uint8

struct Sample
  slot +0 byte  0  who: address
  slot +0 byte 20  when: uint64
  slot +0 byte 28  flag: bool
  slot +1 byte  0  until: uint64
  slot +2 byte  0  hash: bytes32
  slot +3 byte  0  name: string
  slot +4 byte  0  last: uint8
";
    assert_eq!(Layout::render(LAYOUT), expected);
}

#[test]
fn overlapping_variables_are_seen() {
    let at = |first, second| {
        disjoint(&[
            Variable::new::<List<u64>>("A", first),
            Variable::new::<Sample>("B", second),
            Variable::new::<Map<u64, u64>>("C", 9),
        ])
    };
    assert!(at(0, 2));
    assert!(at(1, 4));
    assert!(!at(0, 1), "a list takes two slots");
    assert!(!at(0, 5), "the record takes five slots");
    assert!(!at(2, 0), "out of order");
}
