use super::*;

const ANNA: Address = Address::repeat_byte(1);
const BERT: Address = Address::repeat_byte(2);
const ISSUER: Address = Address::repeat_byte(9);

fn header() -> Header {
    Header {
        meter: B256::repeat_byte(1),
        device: B256::repeat_byte(2),
        technology: B256::repeat_byte(3),
        zone: B256::repeat_byte(4),
        slot: 3_600,
        seconds: 900,
        issuer: ISSUER,
        reading: B256::repeat_byte(5),
        version: 1,
    }
}

fn stock(wh: u64) -> Stock {
    issue(&header(), wh).unwrap()
}

fn consumption(consumed: u64) -> Consumption {
    Consumption {
        slot: 3_600,
        owner: ANNA,
        consumed,
        claimed: 0,
    }
}

#[test]
fn every_wh_is_in_one_state() {
    let own = (ANNA, ANNA);
    let stock = stock(100);
    let (stock, used) = claim(own, stock, 3_600, consumption(30), 20, true).unwrap();
    assert_eq!((stock.active, stock.claimed, used.claimed), (80, 20, 20));
    let (stock, other) = transfer(own, (stock, Stock::default()), 10, true).unwrap();
    assert_eq!((stock.active, other.active), (70, 10));
    let stock = lock(own, stock, 30, true).unwrap();
    let stock = unlock((ISSUER, ISSUER), stock, 10).unwrap();
    let stock = withdraw((ISSUER, ISSUER), stock, 5).unwrap();
    let stock = expire(stock, false).unwrap();
    assert_eq!(
        stock,
        Stock {
            active: 0,
            claimed: 20,
            expired: 45,
            withdrawn: 5,
            locked: 20,
        }
    );
    assert_eq!(stock.issued().zip(other.issued()), Some((90, 10)));
}

#[test]
fn nothing_comes_back_from_what_is_over() {
    let (stock, _) = claim((ANNA, ANNA), stock(10), 3_600, consumption(10), 10, true).unwrap();
    let there = Refusal::TooFew { there: 0 };
    assert_eq!(lock((ANNA, ANNA), stock, 1, true), Err(there));
    assert_eq!(withdraw((ISSUER, ISSUER), stock, 1), Err(there));
    assert_eq!(unlock((ISSUER, ISSUER), stock, 1), Err(there));
    assert_eq!(expire(stock, false), Err(Refusal::Nothing));
    let given = transfer((ANNA, ANNA), (stock, Stock::default()), 1, true);
    assert_eq!(given, Err(there));
}

#[test]
fn times_are_kept() {
    let own = (ANNA, ANNA);
    let stock = stock(10);
    assert_eq!(expire(stock, true), Err(Refusal::NotOver));
    assert_eq!(lock(own, stock, 1, false), Err(Refusal::Over));
    let given = transfer(own, (stock, stock), 1, false);
    assert_eq!(given, Err(Refusal::Over));
    let claimed = claim(own, stock, 3_600, consumption(10), 1, false);
    assert_eq!(claimed, Err(Refusal::Over));
}

#[test]
fn what_is_claimed_was_consumed_in_the_same_slot_and_only_once() {
    let own = (ANNA, ANNA);
    let later = Consumption {
        slot: 4_500,
        ..consumption(10)
    };
    let found = claim(own, stock(10), 3_600, later, 1, true);
    assert_eq!(found, Err(Refusal::OtherSlot));
    let (stock, used) = claim(own, stock(10), 3_600, consumption(6), 5, true).unwrap();
    let again = claim(own, stock, 3_600, used, 2, true);
    assert_eq!(again, Err(Refusal::NotConsumed { left: 1 }));
    assert_eq!(
        claim(own, stock, 3_600, used, 0, true),
        Err(Refusal::Nothing)
    );
}

// What went wrong in Energy Web Origin, so that it does not here.

#[test]
fn origin_1701_nobody_claims_for_another() {
    let found = claim((BERT, ANNA), stock(10), 3_600, consumption(10), 1, true);
    assert_eq!(found, Err(Refusal::NotOwner));
    // Nor does anybody use up what another consumed.
    let found = claim((BERT, BERT), stock(10), 3_600, consumption(10), 1, true);
    assert_eq!(found, Err(Refusal::NotOwner));
    for found in [
        transfer((BERT, ANNA), (stock(10), stock(10)), 1, true).map(|pair| pair.0),
        lock((BERT, ANNA), stock(10), 1, true),
    ] {
        assert_eq!(found, Err(Refusal::NotOwner));
    }
    for found in [
        withdraw((ANNA, ISSUER), stock(10), 1),
        unlock((ANNA, ISSUER), stock(10), 1),
    ] {
        assert_eq!(found, Err(Refusal::NotIssuer));
    }
}

#[test]
fn origin_1996_a_transfer_tells_of_its_own_certificate_alone() {
    // A certificate's commitment is of its own fields: none of it can be told from another's.
    let (one, other) = (
        header(),
        Header {
            slot: 4_500,
            ..header()
        },
    );
    assert_ne!(one.id(), other.id());
    assert_ne!(one.hash(10), other.hash(10));
    assert_ne!(one.hash(10), one.hash(11));
    let there = stock(7);
    let (from, to) = transfer((ANNA, ANNA), (stock(10), Stock::default()), 4, true).unwrap();
    assert_eq!((from.active, to.active), (6, 4));
    assert_eq!(there, stock(7), "another certificate is as it was");
}

#[test]
fn origin_1176_claiming_twice_makes_no_second_certificate() {
    let own = (ANNA, ANNA);
    let (stock, used) = claim(own, stock(10), 3_600, consumption(99), 10, true).unwrap();
    let again = claim(own, stock, 3_600, used, 10, true);
    assert_eq!(again, Err(Refusal::TooFew { there: 0 }));
    assert_eq!(stock.issued(), Some(10));
    // The same reading has the same id, whatever else the header says: there is no second to issue.
    let twin = Header {
        zone: B256::repeat_byte(8),
        reading: B256::repeat_byte(7),
        ..header()
    };
    assert_eq!(twin.id(), header().id());
    let corrected = Header {
        version: 2,
        ..header()
    };
    assert_ne!(corrected.id(), header().id());
}

#[test]
fn origin_3373_no_certificate_without_all_that_it_has_to_say() {
    let zero = B256::ZERO;
    for bad in [
        Header {
            meter: zero,
            ..header()
        },
        Header {
            device: zero,
            ..header()
        },
        Header {
            technology: zero,
            ..header()
        },
        Header {
            zone: zero,
            ..header()
        },
        Header {
            reading: zero,
            ..header()
        },
        Header {
            issuer: Address::ZERO,
            ..header()
        },
        Header {
            seconds: 0,
            ..header()
        },
        Header {
            seconds: SLOT_SECONDS_MAX + 1,
            slot: 0,
            ..header()
        },
        Header {
            slot: 3_601,
            ..header()
        },
    ] {
        assert_eq!(issue(&bad, 1), Err(Refusal::Incomplete), "{bad:?}");
    }
    assert_eq!(issue(&header(), 0), Err(Refusal::Nothing));
}
