use super::*;

const TARIFF: Tariff = Tariff {
    retail: 207_500,
    feed_in: 40_000,
};
const FEES: Fees = Fees {
    network: 50_000,
    community: 2_000,
    levy: 1_000,
};

#[test]
fn a_buyer_pays_the_local_price_and_fees_and_retail_for_the_rest() {
    let line = line(1_000, 400, 100_000, &FEES, &TARIFF).unwrap();
    assert_eq!((line.import_local, line.import_grid()), (400, 600));
    assert_eq!(line.local, -40_000_000);
    assert_eq!(line.network, 20_000_000);
    assert_eq!(line.community, 800_000);
    assert_eq!(line.levy, 400_000);
    assert_eq!(line.supplier, 124_500_000);
    assert_eq!(line.household, -185_700_000);
    assert_eq!(line.grid_only(&TARIFF), -207_500_000);
}

#[test]
fn a_seller_earns_the_local_price_and_feed_in_for_the_rest() {
    let line = line(-1_000, 400, 100_000, &FEES, &TARIFF).unwrap();
    assert_eq!((line.export_local, line.export_grid()), (400, 600));
    assert_eq!(line.household, 64_000_000);
    assert_eq!(line.supplier, -24_000_000);
    assert_eq!((line.network, line.market), (0, -40_000_000));
    assert_eq!(line.grid_only(&TARIFF), 40_000_000);
}

#[test]
fn postings_and_the_markets_leg_make_zero() {
    for net in [-5_000i64, -1, 0, 1, 5_000] {
        for price in [-70_000, 0, 99_999] {
            let local = net.unsigned_abs() / 2;
            let line = line(net, local, price, &FEES, &TARIFF).unwrap();
            let paid = line.network + line.community + line.levy + line.supplier + line.market;
            assert_eq!(line.household + paid, 0);
            assert_eq!(
                line.household,
                line.local + line.grid - line.network - line.community - line.levy
            );
        }
    }
}

#[test]
fn nobody_is_settled_beyond_what_was_measured() {
    let settle = |net, local, price| line(net, local, price, &FEES, &TARIFF);
    assert_eq!(settle(10, 11, 1), Err(Unfit::MoreThanMeasured));
    assert_eq!(settle(-10, 11, 1), Err(Unfit::MoreThanMeasured));
    assert_eq!(settle(i64::MIN, 0, 1), Err(Unfit::Energy));
    assert_eq!(settle(1, 0, PRICE_MICRO_MAX + 1), Err(Unfit::Price));
    let far = Tariff {
        retail: i64::MIN,
        ..TARIFF
    };
    assert_eq!(line(1, 0, 1, &FEES, &far), Err(Unfit::Price));
    let fees = Fees {
        network: i64::MAX,
        ..FEES
    };
    assert_eq!(fees.total(), None);
    assert_eq!(FEES.total(), Some(53_000));
}

#[test]
fn a_bill_is_its_lines_and_is_rounded_once() {
    let mut bill = Bill::default();
    let mut sum = 0;
    for n in 0..100i64 {
        let line = line(n * 7 - 300, n.unsigned_abs() % 4, 99_999, &FEES, &TARIFF);
        let line = line.unwrap_or_default();
        sum += line.household;
        bill = bill.with(&line).unwrap();
    }
    assert_eq!((bill.slots, bill.total), (100, sum));
    assert_eq!(bill.total, bill.local + bill.grid + bill.fees);
    let (cents, left) = bill.round();
    assert_eq!(cents * CENT_NANO + left, bill.total);
}

#[test]
fn half_a_cent_goes_away_from_zero() {
    for (nano, rounded) in [
        (0, (0, 0)),
        (4_999_999, (0, 4_999_999)),
        (5_000_000, (1, -5_000_000)),
        (-5_000_000, (-1, 5_000_000)),
        (-4_999_999, (0, -4_999_999)),
        (15_000_001, (2, -4_999_999)),
        (i128::MAX, round(i128::MAX)),
    ] {
        assert_eq!(round(nano), rounded);
        let (cents, left) = rounded;
        assert!(left.abs() <= CENT_NANO / 2);
        assert_eq!(cents.saturating_mul(CENT_NANO).saturating_add(left), nano);
    }
}
