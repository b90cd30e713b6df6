use super::*;
use alloy_primitives::U256;

fn member(n: u64, wants: u64, parts: u32, rank: u32) -> Member {
    Member {
        id: B256::from(U256::from(n)),
        wants,
        parts,
        rank,
    }
}

fn shared(key: Key, available: u64, members: &[Member]) -> Vec<u64> {
    share(key, available, members, &B256::ZERO).unwrap()
}

#[test]
fn a_static_share_that_is_not_used_is_used_by_nobody() {
    let members = [member(1, 100, 500_000, 0), member(2, 10, 500_000, 0)];
    assert_eq!(shared(Key::Static, 99, &members), [49, 10]);
    assert_eq!(shared(Key::Static, 0, &members), [0, 0]);
}

#[test]
fn further_rounds_hand_out_what_was_left() {
    let members = [
        member(1, 100, 250_000, 0),
        member(2, 10, 250_000, 0),
        member(3, 0, 500_000, 0),
    ];
    let hybrid = |rounds| shared(Key::Hybrid { rounds }, 99, &members);
    // Whoever wants nothing takes no part in a round.
    assert_eq!(hybrid(1), [49, 10, 0]);
    assert_eq!(hybrid(2), [89, 10, 0]);
    assert_eq!(hybrid(ROUNDS_MAX), [89, 10, 0]);
}

#[test]
fn dynamic_shares_are_in_proportion_to_what_is_wanted() {
    let members = [member(1, 30, 0, 0), member(2, 10, 0, 0), member(3, 0, 0, 0)];
    assert_eq!(shared(Key::Dynamic, 20, &members), [15, 5, 0]);
    assert_eq!(shared(Key::Dynamic, 50, &members), [30, 10, 0]);
}

#[test]
fn ranks_go_one_after_the_other() {
    let members = [
        member(1, 30, 0, 7),
        member(2, 10, 0, 1),
        member(3, 10, 0, 7),
        member(4, 5, 0, 9),
    ];
    assert_eq!(shared(Key::Priority, 30, &members), [15, 10, 5, 0]);
    assert_eq!(shared(Key::Priority, 52, &members), [30, 10, 10, 2]);
    assert_eq!(shared(Key::Priority, 9, &members), [0, 9, 0, 0]);
}

#[test]
fn a_key_is_no_more_than_the_whole() {
    let members = [member(1, 1, 600_000, 0), member(2, 1, 400_001, 0)];
    for key in [Key::Static, Key::Hybrid { rounds: 1 }] {
        assert_eq!(share(key, 9, &members, &B256::ZERO), Err(Unfit::Parts));
    }
    for rounds in [0, ROUNDS_MAX + 1] {
        let found = share(Key::Hybrid { rounds }, 9, &[], &B256::ZERO);
        assert_eq!(found, Err(Unfit::Rounds));
    }
    let many = [member(1, u64::MAX, 0, 0), member(2, 1, 0, 0)];
    for key in [Key::Dynamic, Key::Priority] {
        assert_eq!(share(key, 9, &many, &B256::ZERO), Err(Unfit::Sum));
    }
}

#[test]
fn exporters_give_in_proportion() {
    let exports = [
        Part {
            id: B256::repeat_byte(1),
            size: 30,
        },
        Part {
            id: B256::repeat_byte(2),
            size: 10,
        },
    ];
    assert_eq!(given(20, &exports, &B256::ZERO), Ok(vec![15, 5]));
}
