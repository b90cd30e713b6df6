//! A published book of two thousand orders, as two thousand meters of a community, on four members.

use std::{env, fs, path::PathBuf};

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::SolCall;
use commonhold_energy_contract::{
    ADDRESS,
    interface::IEnergy::{
        Mode, Rules, SlotState, checkSlotCall, clearCall, depositCall, foundCall, inviteCall,
        joinCall, reportCall, setTariffCall, settleCall, slotOfCall,
    },
    limits::{READINGS_PER_CALL_MAX, SETTLED_PER_CALL_MAX},
    measuring::{NET, WH},
};
use commonhold_module::bench::Bench;
use commonhold_primitives::system::{DEVICES, TOKEN};
use commonhold_reading::{Algorithm, DeviceSecret, Envelope, Reading};
use commonhold_system::{
    devices::interface::IDevices::enrolCall,
    token::interface::IToken::{approveCall, transferCall},
};

use crate::{
    Numbers,
    world::{CEILING, MANAGER, SECONDS, SLOT, STRANGER, SUN, SUPPLIER, World, record, rules},
};

/// What the largest order of the book takes in a slot, and more.
const FUSE: u32 = 20_000;

/// An order: what it pays or asks for, and what its meter says.
type Order = (i64, i64);

/// The shared data, if it is there.
fn data(name: &str) -> Option<String> {
    let root = env::var_os("COMMONHOLD_ENERGY_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/data/energy"),
        PathBuf::from,
    );
    let path = root.join(name);
    let found = fs::read_to_string(&path).ok();
    if found.is_none() {
        eprintln!("skipped: {} is missing", path.display());
    }
    found
}

fn orders(table: &str) -> Vec<Order> {
    let order = |line: &str| {
        let fields: Vec<&str> = line.split(',').collect();
        let wh: i64 = fields[3].parse().unwrap();
        let net = if fields[0] == "B" { wh } else { -wh };
        (fields[2].parse().unwrap(), net)
    };
    table.lines().skip(1).map(order).collect()
}

fn household(n: usize) -> Address {
    Address::from_word(B256::from(U256::from(0xabcd_0000usize + n)))
}

fn meter(n: usize) -> DeviceSecret {
    let mut bytes = [9; 32];
    bytes[..8].copy_from_slice(&(n as u64).to_be_bytes());
    DeviceSecret::from_bytes(Algorithm::Ed25519, &bytes).unwrap()
}

fn reading(n: usize, net: i64) -> Bytes {
    let reading = Reading {
        counter: 1,
        time: (SLOT + SECONDS) * 1_000,
        pack: vec![record(NET, Some(WH), net)],
        nonce: None,
        origin: None,
    };
    let envelope = Envelope::sign(&meter(n), reading).unwrap();
    Bytes::copy_from_slice(envelope.bytes())
}

fn send<C: SolCall>(bench: &mut Bench, from: Address, to: Address, call: C) -> C::Return {
    bench.send(from, to, call).unwrap()
}

/// A community without fees, and a meter of each order in it; its number.
fn founded(bench: &mut Bench, orders: &[Order]) -> u64 {
    let call = foundCall {
        name: "Two thousand".to_owned(),
        zone: B256::ZERO,
        network: MANAGER,
        treasury: MANAGER,
        levyTo: MANAGER,
        ceiling: CEILING,
        start: SLOT / 3_600 * 3_600,
        rules: Rules {
            networkFee: 0,
            communityFee: 0,
            levy: 0,
            graceSeconds: 0,
            ..rules(Mode::Auction)
        },
    };
    let community = send(bench, MANAGER, ADDRESS, call);
    let call = setTariffCall {
        community,
        retail: 1,
        feedIn: 0,
    };
    send(bench, SUPPLIER, ADDRESS, call);
    let amount = U256::from(u64::from(FUSE) * CEILING);
    for (n, (limit, _)) in orders.iter().enumerate() {
        let home = household(n);
        let (to, value, spender, household) = (home, amount, ADDRESS, home);
        send(bench, MANAGER, TOKEN, transferCall { to, value });
        send(bench, home, TOKEN, approveCall { spender, value });
        let call = inviteCall {
            community,
            household,
        };
        send(bench, MANAGER, ADDRESS, call);
        let secret = meter(n);
        let key = secret.key();
        let message = key.enrolment(1_337, DEVICES, home);
        let call = enrolCall {
            algorithm: key.algorithm().number(),
            key: key.bytes().to_vec().into(),
            model: "Meter".to_owned(),
            calibratedUntil: 0,
            proof: secret.sign(message.as_slice()).to_vec().into(),
        };
        send(bench, home, DEVICES, call);
        let call = joinCall {
            community,
            meter: key.id().0,
            fuse: FUSE,
            buy: *limit,
            sell: *limit,
            supplier: SUPPLIER,
            technology: SUN,
        };
        send(bench, home, ADDRESS, call);
        send(bench, home, ADDRESS, depositCall { community, amount });
    }
    community
}

#[test]
fn four_members_make_one_state_of_a_published_book() {
    let (Some(table), Some(results)) = (
        data("orderbook_2k_tick100.csv"),
        data("orderbook_2k_results.json"),
    ) else {
        return;
    };
    let results: serde_json::Value = serde_json::from_str(&results).unwrap();
    let reference = &results["books"][0]["reference"];
    let orders = orders(&table);
    assert_eq!(orders.len(), 2_000);
    let mut start = World::empty(Mode::Auction).bench;
    let number = founded(&mut start, &orders);
    let nets = orders.iter().enumerate();
    let mut readings: Vec<Bytes> = nets.map(|(n, (_, net))| reading(n, *net)).collect();
    start.at(SLOT + SECONDS);
    let (community, slot) = (number, SLOT);
    let mut numbers = Numbers(2_000);
    let mut first = None;
    // Whoever brings readings in whatever order and parts, and settles whichever pages.
    for _ in 0..4 {
        let mut bench = start.clone();
        numbers.shuffle(&mut readings);
        let mut rest = readings.as_slice();
        while !rest.is_empty() {
            let most = READINGS_PER_CALL_MAX as u64;
            let many = (1 + numbers.below(most)).min(rest.len() as u64);
            let (some, later) = rest.split_at(many as usize);
            rest = later;
            let readings = some.to_vec();
            let call = reportCall {
                community,
                slot,
                readings,
            };
            send(&mut bench, STRANGER, ADDRESS, call);
        }
        while !send(&mut bench, STRANGER, ADDRESS, clearCall { community }).cleared {}
        loop {
            let max = 1 + numbers.below(SETTLED_PER_CALL_MAX.into()) as u32;
            let call = settleCall { community, max };
            if send(&mut bench, STRANGER, ADDRESS, call) == 0 {
                break;
            }
        }
        let found = bench.view(ADDRESS, slotOfCall { number, slot }).unwrap();
        assert_eq!((found.state, found.readings), (SlotState::Settled, 2_000));
        assert_eq!(found.volume, reference["max_energy_wh"].as_u64().unwrap());
        assert_eq!(Some(found.lowest), reference["price_lo"].as_i64());
        assert_eq!(Some(found.highest), reference["price_hi"].as_i64());
        assert!(bench.view(ADDRESS, checkSlotCall { number, slot }).unwrap());
        let findings = bench.invariants().unwrap();
        assert!(findings.is_empty(), "{findings:?}");
        let state = bench.stored().clone();
        assert!(*first.get_or_insert_with(|| state.clone()) == state);
    }
}
