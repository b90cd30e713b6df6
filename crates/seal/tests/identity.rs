//! One thing to sign for one thing to open.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use alloy_primitives::B256;
use commonhold_seal::{Day, Identity, Namespace, RecordIdentity, SealError};
use proptest::prelude::*;

fn day() -> impl Strategy<Value = Day> {
    // To the last second of the year 9999.
    (0..=253_402_300_799u64).prop_map(|seconds| Day::of_seconds(seconds).unwrap())
}

fn identity() -> impl Strategy<Value = Identity> {
    let id = any::<[u8; 32]>();
    prop_oneof![
        (id, any::<u64>()).prop_map(|(record, epoch)| Identity::Record(RecordIdentity {
            record: B256::new(record),
            epoch
        })),
        (id, day()).prop_map(|(stream, day)| Identity::StreamDay {
            stream: B256::new(stream),
            day
        }),
        any::<u64>().prop_map(Identity::Time),
        id.prop_map(Identity::External),
    ]
}

proptest! {
    #[test]
    fn bytes_stand_for_one_identity(a in identity(), b in identity()) {
        prop_assert_eq!(Identity::from_bytes(&a.to_bytes()).unwrap(), a);
        prop_assert_eq!(a == b, a.to_bytes() == b.to_bytes());
    }

    #[test]
    fn bytes_that_parse_are_the_ones_we_write(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        if let Ok(identity) = Identity::from_bytes(&bytes) {
            prop_assert_eq!(identity.to_bytes(), bytes);
        }
    }

    #[test]
    fn a_day_is_written_in_one_way(day in day()) {
        let text = day.to_string();
        prop_assert_eq!(text.len(), 10);
        prop_assert_eq!(text.parse::<Day>().unwrap(), day);
    }
}

#[test]
fn a_record_is_sealed_to_itself_or_to_a_day_of_its_stream() {
    let (record, stream) = (B256::repeat_byte(1), B256::repeat_byte(2));
    let own = Identity::of_record(record, B256::ZERO, 20_000).unwrap();
    assert_eq!(own, RecordIdentity::first(record).into());
    let day = Identity::of_record(record, stream, 20_000).unwrap();
    let expected = "2024-10-04".parse().unwrap();
    assert_eq!(
        day,
        Identity::StreamDay {
            stream,
            day: expected
        }
    );
    assert_eq!(Day::of_number(0).unwrap().to_string(), "1970-01-01");
    // The first day of the year 10000.
    assert_eq!(Day::of_number(2_932_897), Err(SealError::Day));
    assert_eq!(
        Identity::of_record(record, stream, u32::MAX),
        Err(SealError::Day)
    );
}

#[test]
fn the_bytes_are_as_specified() {
    let record = B256::repeat_byte(0xab);
    let identity = Identity::from(RecordIdentity { record, epoch: 258 });
    assert_eq!(
        hex::encode(identity.to_bytes()),
        format!("01{}0000000000000102", "ab".repeat(32))
    );
    let day = "2026-11-25".parse().unwrap();
    let identity = Identity::StreamDay {
        stream: record,
        day,
    };
    assert_eq!(
        hex::encode(identity.to_bytes()),
        format!("02{}{}", "ab".repeat(32), hex::encode("2026-11-25"))
    );
    assert_eq!(
        hex::encode(Identity::Time(1_900_000_000).to_bytes()),
        "0300000000713fb300"
    );
    assert_eq!(
        Namespace::COMMONHOLD.as_bytes(),
        b"commonhold/seal/v1".as_slice()
    );
}

#[test]
fn days_are_days() {
    assert_eq!(
        Day::of_seconds(1_772_236_799).unwrap().to_string(),
        "2026-02-27"
    );
    assert_eq!(
        Day::of_seconds(1_772_236_800).unwrap().to_string(),
        "2026-02-28"
    );
    for text in [
        "",
        "2026-02-29",
        "2026-2-28",
        "2026-02-28T00:00",
        "20260228",
        "0000-01-01",
        "-002026-02-28",
        "+002026-02-28",
        "2026-02-28 ",
        "2026-W09-6",
    ] {
        assert_eq!(text.parse::<Day>(), Err(SealError::Day), "{text:?}");
    }
    assert_eq!(Day::of_seconds(253_402_300_800), Err(SealError::Day));
    assert_eq!(Day::of_seconds(u64::MAX), Err(SealError::Day));
}

#[test]
fn a_namespace_is_short_and_not_empty() {
    assert!(Namespace::new(&[1; 64]).is_ok());
    assert_eq!(Namespace::new(&[]), Err(SealError::Namespace(0)));
    assert_eq!(Namespace::new(&[1; 65]), Err(SealError::Namespace(65)));
}
