//! What holds of every sharing key.

use alloy_primitives::{B256, U256};
use commonhold_energy_contract::sharing::{Key, Member, share};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn nobody_gets_more_than_is_wanted_and_all_no_more_than_there_is(
        rows in prop::collection::vec((0u64..500, 0u32..30_000, 0u32..4), 0..30),
        available in 0u64..9_000, rounds in 1u8..=16,
    ) {
        let numbered = rows.into_iter().enumerate();
        let members: Vec<Member> = numbered.map(|(n, (wants, parts, rank))| Member {
            id: B256::from(U256::from(n)), wants, parts, rank,
        }).collect();
        let wanted: u64 = members.iter().map(|member| member.wants).sum();
        let mut totals = Vec::new();
        for key in [Key::Static, Key::Hybrid { rounds }, Key::Dynamic, Key::Priority] {
            let got = share(key, available, &members, &B256::ZERO).unwrap();
            prop_assert!(got.iter().zip(&members).all(|(got, member)| *got <= member.wants));
            let total: u64 = got.iter().sum();
            prop_assert!(total <= available);
            let mut back = members.clone();
            back.reverse();
            let mut again = share(key, available, &back, &B256::ZERO).unwrap();
            again.reverse();
            prop_assert_eq!(&again, &got);
            totals.push(total);
        }
        // The last two leave nothing that anybody wants.
        prop_assert_eq!(totals[2], wanted.min(available));
        prop_assert_eq!(totals[3], wanted.min(available));
    }
}
