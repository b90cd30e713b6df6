use alloy_primitives::Bytes;

use super::*;
use crate::{
    evidence::{NoteTold, Unfit},
    testing::street,
};

fn failing(evidence: &Evidence) -> Vec<&'static str> {
    let found = audit(evidence).unwrap();
    let failed = found.items.iter().filter(|item| item.failed != 0);
    let names: Vec<&str> = failed.map(|item| item.item).collect();
    assert_eq!(found.holds, names.is_empty());
    names
}

#[test]
fn what_the_law_computed_holds_in_every_item() {
    let evidence = street();
    let found = audit(&evidence).unwrap();
    assert!(found.holds, "{}", found.text());
    assert_eq!((found.slots, found.readings), (3, 12));
    assert!(
        found.items.iter().all(|item| item.checked != 0),
        "{:?}",
        found.items
    );
    assert_eq!(found.root, evidence.root().unwrap());
    let again = audit(&street()).unwrap();
    assert_eq!(again, found, "whoever gathers it finds the same");
}

#[test]
fn every_field_that_a_ledger_could_have_wrong_is_found() {
    type Change = fn(&mut Evidence);
    let changes: &[(&str, Change)] = &[
        ("signed", |e| e.slots[0].lines[0].net += 1),
        ("signed", |e| e.slots[0].lines[1].version = 2),
        ("signed", |e| e.slots[1].lines[1].quality = 1),
        ("signed", |e| {
            let other = e.slots[0].lines[1].signed.clone();
            e.slots[0].lines[0].signed = other;
        }),
        ("signed", |e| {
            let other = e.slots[1].lines[0].signed.clone();
            e.slots[0].lines[0].signed = other;
        }),
        ("signed", |e| e.keys.clear()),
        ("signed", |e| e.seats[0].fuse = 10),
        ("I1", |e| e.slots[0].volume += 1),
        ("I1", |e| e.slots[0].lines[0].local -= 1),
        ("I2", |e| e.slots[0].lines[0].limit += 1),
        ("I2", |e| e.limits[2].sell -= 1),
        ("I2", |e| e.slots[0].lines[2].ordered = false),
        ("I3", |e| {
            e.slots[0].lines[1].local -= 10;
            e.slots[0].lines[3].local -= 10;
            e.slots[0].volume -= 10;
        }),
        ("I5", |e| e.slots[0].price += 1),
        ("I5", |e| e.slots[0].mode = 1),
        ("I5", |e| e.rules[0].k = (1, 1)),
        ("I6", |e| e.slots[2].lines[0].prepaid -= 1),
        ("I6", |e| e.slots[2].lines[0].statement += 1),
        ("I6", |e| e.rules[0].network_fee += 1),
        ("I6", |e| e.tariffs[0].retail += 1),
        ("I8", |e| e.slots[0].lines[2].local += 1),
        ("I9", |e| e.slots[1].lines[2].local = 101),
        ("I10", |e| {
            e.slots[0].notes.push(NoteTold {
                index: 0,
                before: 900,
                net: 1_000,
                statement: -100 * 300_000 + 1,
                signed: Bytes::new(),
            });
        }),
    ];
    for (number, (item, change)) in changes.iter().enumerate() {
        let mut evidence = street();
        change(&mut evidence);
        let failed = failing(&evidence);
        assert!(failed.contains(item), "{number} {item}: {failed:?}");
    }
}

#[test]
fn a_correction_is_of_what_was_not_traded() {
    let mut evidence = street();
    // Place 1 bought 300 of the 600 that it took; by now it took 700, then 200: 100 less than it bought.
    for (before, net, statement) in [
        (600, 700, -100 * 300_000),
        (700, 200, 400 * 300_000 + 100 * 60_000),
    ] {
        evidence.slots[0].notes.push(NoteTold {
            index: 1,
            before,
            net,
            statement,
            signed: Bytes::new(),
        });
        assert_eq!(failing(&evidence), Vec::<&str>::new());
    }
}

#[test]
fn any_changed_byte_of_a_file_is_found() {
    let evidence = street();
    let file = evidence.to_file().unwrap();
    assert_eq!(Evidence::from_file(&file), Ok(evidence));
    for at in 0..file.len() {
        for bit in [0x01, 0x20] {
            let mut changed = file.clone();
            changed[at] ^= bit;
            assert!(Evidence::from_file(&changed).is_err(), "byte {at}");
        }
    }
    let longer = [file.as_slice(), b"\n"].concat();
    assert_eq!(Evidence::from_file(&longer), Err(Unfit::Bytes));
}
