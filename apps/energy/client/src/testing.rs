//! What tests share.

use std::{collections::BTreeMap, path::PathBuf};

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use commonhold_energy_contract::{
    clearing::{HALF, Order, clear},
    settlement::{Fees, Tariff, line},
};
use commonhold_sdk::reading::{Algorithm, DeviceSecret};

use crate::{
    evidence::{
        Evidence, Held, HeldTold, LimitsFrom, LineTold, RulesFrom, Seat, SignerKey, SlotTold,
        TariffFrom,
    },
    metering::Measured,
};

/// The samples that come with the project.
pub(crate) fn sample(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../samples/energy")
        .join(name)
}

/// A street of two buyers and two sellers, and what a ledger tells of three of its slots: written by the
/// law's own rules.
pub(crate) fn street() -> Evidence {
    let secrets: Vec<DeviceSecret> = (1u8..=4)
        .map(|n| DeviceSecret::from_bytes(Algorithm::Ed25519, &[n; 32]).unwrap())
        .collect();
    let supplier = Address::repeat_byte(0x55);
    let limits = [
        (200_000, 60_000),
        (180_000, 60_000),
        (200_000, 80_000),
        (200_000, 100_000),
    ];
    let mut evidence = Evidence {
        chain: 1_337,
        community: 1,
        name: "Elm Street".to_owned(),
        from: 3_600,
        to: 9_000,
        ceiling: 300_000,
        zone: B256::repeat_byte(9),
        network: Address::repeat_byte(0x56),
        treasury: Address::repeat_byte(0x57),
        levy_to: Address::repeat_byte(0x58),
        seats: Vec::new(),
        keys: BTreeMap::new(),
        rules: vec![RulesFrom {
            from: 3_600,
            mode: 0,
            rounds: 0,
            k: (1, 2),
            local_price: 0,
            network_fee: 50_000,
            community_fee: 3_000,
            levy: 1_000,
            slot_seconds: 1_800,
        }],
        tariffs: vec![TariffFrom {
            supplier,
            from: 3_600,
            retail: 300_000,
            feed_in: 60_000,
        }],
        limits: Vec::new(),
        weights: Vec::new(),
        slots: Vec::new(),
        held: Held::default(),
    };
    for ((index, secret), (buy, sell)) in (0u32..).zip(&secrets).zip(limits) {
        let (key, byte) = (secret.key(), u8::try_from(index).unwrap() + 1);
        evidence.seats.push(Seat {
            index,
            household: Address::repeat_byte(byte),
            meter: key.id(),
            fuse: 10_000,
            supplier,
            technology: B256::repeat_byte(byte / 3),
            from: 3_600,
        });
        let algorithm = key.algorithm().number();
        let bytes = Bytes::copy_from_slice(key.bytes());
        evidence.keys.insert(
            key.id(),
            SignerKey {
                algorithm,
                key: bytes,
            },
        );
        evidence.limits.push(LimitsFrom {
            index,
            from: 3_600,
            buy,
            sell,
        });
    }
    for (slot, nets) in [
        (3_600, [900, 600, -800, -400]),
        (5_400, [500, 700, -100, 0]),
        (7_200, [920, -20, -900, -900]),
    ] {
        let told = settled(&evidence, &secrets, slot, nets);
        certified(&mut evidence, &told);
        evidence.slots.push(told);
    }
    evidence
}

/// The certificates of a slot as the law issues them: each household used 50 Wh of its own.
fn certified(evidence: &mut Evidence, told: &SlotTold) {
    for line in told.lines.iter().filter(|line| line.net < 0) {
        let seat = &evidence.seats[line.index as usize];
        if seat.technology.is_zero() {
            continue;
        }
        let meter = seat.meter.0.to_vec();
        let named = [&meter[..], &told.slot.to_be_bytes(), &1u32.to_be_bytes()].concat();
        let active = line.net.unsigned_abs() - line.local;
        evidence.held.certificates.push(HeldTold {
            slot: told.slot,
            index: line.index,
            id: keccak256(named),
            states: [active, line.local + 50, 0, 0, 0],
            own: 50,
            owed: 0,
            taken_back: 0,
        });
    }
}

/// A slot as the law clears and settles it.
fn settled(evidence: &Evidence, secrets: &[DeviceSecret], slot: u64, nets: [i64; 4]) -> SlotTold {
    let key = B256::from(U256::from(slot));
    let order = |index: usize, price: i64| Order {
        id: B256::from(U256::from(index)),
        price,
        quantity: nets[index].unsigned_abs(),
    };
    let side = |sign: i64| (0..4).filter(move |n| nets[*n].signum() == sign);
    let limits = |n: usize| &evidence.limits[n];
    let bids: Vec<Order> = side(1).map(|n| order(n, limits(n).buy)).collect();
    let offers: Vec<Order> = side(-1).map(|n| order(n, limits(n).sell)).collect();
    let found = clear(&bids, &offers, HALF, &key).unwrap();
    let mut fills = [0u64; 4];
    let both = side(1)
        .zip(&found.bid_fills)
        .chain(side(-1).zip(&found.offer_fills));
    for (n, fill) in both {
        fills[n] = *fill;
    }
    let price = found.price.unwrap_or_default();
    let (rules, tariff) = (&evidence.rules[0], &evidence.tariffs[0]);
    let fees = Fees {
        network: rules.network_fee,
        community: rules.community_fee,
        levy: rules.levy,
    };
    let tariff = Tariff {
        retail: tariff.retail,
        feed_in: tariff.feed_in,
    };
    let lines = (0u32..).zip(nets).zip(fills).map(|((index, net), local)| {
        let line = line(net, local, price, &fees, &tariff).unwrap();
        let measured = Measured {
            slot,
            seconds: 1_800,
            net,
            generated: (net < 0).then(|| net.unsigned_abs() + 50),
            version: 1,
        };
        let at = index as usize;
        let signed = measured.sign(&secrets[at], measured.counter()).unwrap();
        LineTold {
            index,
            net,
            version: 1,
            quality: 0,
            signed: Bytes::copy_from_slice(signed.bytes()),
            ordered: net != 0,
            limit: match net.signum() {
                1 => limits(at).buy,
                -1 => limits(at).sell,
                _ => 0,
            },
            local,
            prepaid: i64::try_from(line.household - line.grid).unwrap(),
            statement: i64::try_from(line.grid).unwrap(),
        }
    });
    SlotTold {
        slot,
        mode: 0,
        weights: 0,
        traded: found.price.is_some(),
        price,
        volume: found.volume,
        key,
        meters: 4,
        lines: lines.collect(),
        notes: Vec::new(),
    }
}
