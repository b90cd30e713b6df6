use alloy_primitives::Bytes;

use super::*;
use crate::{
    evidence::{ClaimTold, HeldTold, NoteTold, Unfit},
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
        ("I9", |e| e.slots[0].lines[1].local = 601),
        ("I9", |e| e.held.certificates[0].states[0] += 1),
        ("I9", |e| e.held.certificates[0].states[1] -= 1),
        ("I9", |e| e.held.certificates[1].owed = 1),
        ("I9", |e| e.held.certificates[2].taken_back = 1),
        ("I9", |e| e.held.certificates[0].own += 1),
        ("I9", |e| e.held.certificates.truncate(1)),
        ("I9", |e| {
            let again = e.held.certificates[0].clone();
            e.held.certificates.push(HeldTold { slot: 9, ..again });
        }),
        ("I9", |e| {
            let (slot, index, wh) = (e.slots[0].slot, 1, 301);
            e.held.claims.push(ClaimTold { slot, index, wh });
        }),
        ("I9", |e| {
            let (slot, index, wh) = (e.slots[0].slot, 2, 1);
            e.held.claims.push(ClaimTold { slot, index, wh });
        }),
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
fn certificates_move_without_moving_the_root() {
    let mut evidence = street();
    let before = audit(&evidence).unwrap();
    // Of what was fed in to the grid ten Wh are locked, and one was taken back by its issuer.
    let fed_in = &mut evidence.held.certificates[4];
    let [active, _, _, withdrawn, locked] = &mut fed_in.states;
    (*active, *withdrawn, *locked) = (*active - 11, 1, 10);
    fed_in.taken_back = 1;
    let (slot, index, wh) = (evidence.slots[0].slot, 1, 1);
    evidence.held.claims.push(ClaimTold { slot, index, wh });
    let after = audit(&evidence).unwrap();
    assert!(after.holds, "{}", after.text());
    assert_eq!(after.root, before.root);
    assert_ne!(after.held_root, before.held_root);
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
