use alloy_primitives::Bytes;

use super::*;
use crate::{evidence::NoteTold, testing::street};

fn household(n: u8) -> Address {
    Address::repeat_byte(n)
}

#[test]
fn a_bill_is_the_sum_of_its_slots_rounded_once() {
    let evidence = street();
    let months: Vec<Month> = (1..=4)
        .map(|n| month(&evidence, household(n)).unwrap())
        .collect();
    for (number, found) in months.iter().enumerate() {
        let posted = evidence.slots.iter().map(|told| {
            let line = &told.lines[number];
            i128::from(line.prepaid) + i128::from(line.statement)
        });
        assert_eq!(found.bill.total, posted.sum::<i128>());
        assert_eq!(found.cents() * CENT_NANO + found.rest(), found.bill.total);
        let parts = found.bill.local + found.bill.fees + found.bill.grid;
        assert_eq!(parts, found.bill.total);
        assert_eq!((found.rows.len(), found.bill.slots), (3, 3));
        assert!(found.bill.total >= found.grid_only, "nobody is worse off");
    }
    // The first slot's price is 180,000: 900 Wh of it and 54,000 of fees.
    assert_eq!(months[0].rows[0].line.household, -900 * 234_000);
    assert_eq!(months[0].grid_only, -(900 + 500 + 920) * 300_000);
    let of_nobody = month(&evidence, household(9)).unwrap();
    assert_eq!(of_nobody.rows.len(), 0);
}

#[test]
fn corrections_are_on_the_bill() {
    let mut evidence = street();
    let before = month(&evidence, household(1)).unwrap();
    evidence.slots[1].notes.push(NoteTold {
        index: 0,
        before: 500,
        net: 600,
        statement: -100 * 300_000,
        signed: Bytes::new(),
    });
    let after = month(&evidence, household(1)).unwrap();
    let note = -100 * 300_000;
    assert_eq!(after.bill.total, before.bill.total + note);
    assert_eq!(after.bill.grid, before.bill.grid + note);
    assert_eq!(after.grid_only, before.grid_only + note);
    assert_eq!(after.notes.len(), 1);
}

#[test]
fn nothing_is_billed_that_the_rules_do_not_say() {
    let mut evidence = street();
    evidence.slots[2].lines[0].prepaid -= 1;
    let found = month(&evidence, household(1));
    assert_eq!(found, Err(Unfit::Posted(7_200)));
    assert!(month(&evidence, household(2)).is_ok());
    evidence.tariffs.clear();
    assert_eq!(month(&evidence, household(2)), Err(Unfit::Slot(3_600)));
}
