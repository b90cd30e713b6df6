//! What the messages cost: gas, and how often a member that has nothing in memory stops to load state. A
//! change of either shows in the diff. What grows with the meters is measured for two sizes, and follows
//! from them for the largest.

use std::fmt::Write as _;

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::SolCall;
use commonhold_energy_contract::{
    ADDRESS,
    interface::IEnergy::{
        Mode, certificateCall, certificatesOfCall, checkSlotCall, claimCall, clearCall,
        correctCall, decideDisputeCall, depositCall, disputeCall, inviteCall, joinCall, lockCall,
        proposeRulesCall, reportCall, setLimitsCall, settleCall, slotOfCall,
        transferCertificateCall, voteCall, withdrawCall,
    },
    limits::{
        CERTIFICATES_PER_CALL_MAX, CHANGES_PER_CALL_MAX, METERS_MAX, READINGS_PER_CALL_MAX,
        SETTLED_PER_CALL_MAX,
    },
    measuring::{NET, VERSION, WH},
};
use commonhold_primitives::{
    limits::{TRANSACTION_BYTES_MAX, TRANSACTION_GAS_MAX},
    system::{DEVICES, TOKEN},
};
use commonhold_reading::{Algorithm, DeviceSecret, Envelope, Reading};
use commonhold_system::{
    devices::interface::IDevices::enrolCall,
    token::interface::IToken::{approveCall, transferCall},
};

use crate::world::{
    FUSE, GIVEN, MANAGER, NETWORK, SECONDS, SLOT, STRANGER, SUN, SUPPLIER, World, record, rules,
};

/// How often a transaction may make a proposer load state before it is left out: the machine's
/// `TRANSACTION_ROUNDS_MAX`.
const PATIENCE: u64 = 32;

struct Table {
    world: World,
    text: String,
}

impl Table {
    fn line<C: SolCall>(&mut self, what: &str, from: Address, call: C) -> (C::Return, u64) {
        let answer = self.world.bench.send(from, ADDRESS, call).unwrap();
        let gas = self.told(what);
        assert!(gas < TRANSACTION_GAS_MAX, "{what} fits no transaction");
        (answer, gas)
    }

    fn told(&mut self, what: &str) -> u64 {
        let (gas, stops) = (self.world.bench.gas_used(), self.world.bench.stops());
        assert!(stops <= PATIENCE, "{what} loads state {stops} times");
        writeln!(self.text, "{what:<40} {gas:>9} gas {stops:>3} stops").unwrap();
        gas
    }

    fn quiet<C: SolCall>(&mut self, from: Address, to: Address, call: C) -> C::Return {
        self.world.bench.send(from, to, call).unwrap()
    }
}

fn house(n: u16) -> Address {
    Address::from_word(B256::from(U256::from(0xabcd_0000u32 + u32::from(n))))
}

fn meter(n: u16) -> DeviceSecret {
    let mut bytes = [7; 32];
    bytes[..2].copy_from_slice(&n.to_be_bytes());
    DeviceSecret::from_bytes(Algorithm::Ed25519, &bytes).unwrap()
}

fn reading(n: u16, slot: u64, net: i64, version: i64) -> Bytes {
    let reading = Reading {
        counter: slot + u64::try_from(version).unwrap(),
        time: (slot + SECONDS) * 1_000,
        pack: vec![record(NET, Some(WH), net), record(VERSION, None, version)],
        nonce: None,
        origin: None,
    };
    let envelope = Envelope::sign(&meter(n), reading).unwrap();
    Bytes::copy_from_slice(envelope.bytes())
}

/// House `n` has money, a meter and an invitation.
fn furnish(table: &mut Table, n: u16) {
    let (community, household) = (table.world.street, house(n));
    let value = U256::from(GIVEN * 2);
    let to = household;
    table.quiet(MANAGER, TOKEN, transferCall { to, value });
    let spender = ADDRESS;
    table.quiet(household, TOKEN, approveCall { spender, value });
    let call = inviteCall {
        community,
        household,
    };
    table.quiet(MANAGER, ADDRESS, call);
    let secret = meter(n);
    let key = secret.key();
    let message = key.enrolment(1_337, DEVICES, household);
    let call = enrolCall {
        algorithm: key.algorithm().number(),
        key: key.bytes().to_vec().into(),
        model: "Meter".to_owned(),
        calibratedUntil: 0,
        proof: secret.sign(message.as_slice()).to_vec().into(),
    };
    table.quiet(household, DEVICES, call);
}

fn join(table: &mut Table, n: u16, told: bool) {
    furnish(table, n);
    let community = table.world.street;
    let call = joinCall {
        community,
        meter: meter(n).key().id().0,
        fuse: FUSE,
        buy: 200_000,
        sell: 60_000,
        supplier: SUPPLIER,
        technology: SUN,
    };
    let amount = U256::from(GIVEN);
    let deposit = depositCall { community, amount };
    if told {
        table.line("join", house(n), call);
        table.line("deposit", house(n), deposit);
    } else {
        table.quiet(house(n), ADDRESS, call);
        table.quiet(house(n), ADDRESS, deposit);
    }
}

/// A street of so many houses, half of which sell.
fn street(meters: u16) -> Table {
    let mut table = Table {
        world: World::empty(Mode::Auction),
        text: String::new(),
    };
    for n in 0..meters {
        join(&mut table, n, n == 0 && meters < 100);
    }
    table
}

fn clear(table: &mut Table, meters: u16) -> u64 {
    let community = table.world.street;
    let full = format!("clear, {CHANGES_PER_CALL_MAX} changes taken in");
    loop {
        let call = clearCall { community };
        let answer = table.world.bench.send(STRANGER, ADDRESS, call).unwrap();
        if answer.cleared {
            return table.told(&format!("clear, {meters} meters"));
        }
        if !table.text.contains(&full) {
            table.told(&full);
        }
    }
}

/// One slot of a street: what clearing cost.
fn slot(table: &mut Table, meters: u16, slot: u64) -> u64 {
    let community = table.world.street;
    table.world.bench.at(slot + SECONDS);
    let net = |n: u16| 500 + i64::from(n) - if n.is_multiple_of(2) { 0 } else { 1_500 };
    let all: Vec<Bytes> = (0..meters).map(|n| reading(n, slot, net(n), 1)).collect();
    for readings in all.chunks(READINGS_PER_CALL_MAX) {
        let many = readings.len();
        let call = reportCall {
            community,
            slot,
            readings: readings.to_vec(),
        };
        assert!(call.abi_encode().len() < TRANSACTION_BYTES_MAX - 1_000);
        table.line(&format!("report, {many} readings"), STRANGER, call);
    }
    let cost = clear(table, meters);
    loop {
        let left = (meters as u32).min(SETTLED_PER_CALL_MAX);
        let call = settleCall {
            community,
            max: SETTLED_PER_CALL_MAX,
        };
        let what = format!("settle, {left} meters");
        if table.line(&what, STRANGER, call).0 == 0 {
            return cost;
        }
    }
}

/// What members do, beside slots.
fn members(table: &mut Table) {
    let community = table.world.street;
    let call = setLimitsCall {
        community,
        buy: 1,
        sell: 1,
    };
    table.line("setLimits", house(0), call);
    let call = proposeRulesCall {
        community,
        rules: rules(Mode::Hybrid),
    };
    let proposal = table.line("proposeRules", house(0), call).0;
    let approve = true;
    table.line("vote", house(1), voteCall { proposal, approve });
    let amount = U256::from(1);
    table.line("withdraw", house(1), withdrawCall { community, amount });
}

/// What comes after a slot.
fn aftermath(table: &mut Table, slot: u64) {
    let (community, index) = (table.world.street, 1);
    let give = transferCertificateCall {
        community,
        slot,
        index,
        to: house(2),
        wh: 3,
    };
    table.line("transferCertificate, first", house(1), give.clone());
    table.line("transferCertificate", house(1), give);
    let registry = B256::ZERO;
    let call = lockCall {
        community,
        slot,
        index,
        wh: 1,
        registry,
    };
    table.line("lock", house(1), call);
    let short = correctCall {
        community,
        slot,
        reading: reading(2, slot, 600, 2),
    };
    table.line("correct, an import", STRANGER, short);
    let call = claimCall {
        community,
        slot,
        index,
        wh: 1,
    };
    table.line("claim", house(2), call);
    let call = correctCall {
        community,
        slot,
        reading: reading(1, slot, -1_200, 2),
    };
    table.line("correct, an export", STRANGER, call);
    let evidence = B256::repeat_byte(1);
    let call = disputeCall {
        community,
        slot,
        index,
        evidence,
    };
    table.line("dispute", house(1), call);
    let call = decideDisputeCall {
        community,
        slot,
        index,
        net: -1_000,
        reading: evidence,
    };
    table.line("decideDispute", NETWORK, call);
    let number = community;
    let owner = house(1);
    let bench = &mut table.world.bench;
    bench.view(ADDRESS, slotOfCall { number, slot }).unwrap();
    table.told("slotOf");
    let call = certificateCall {
        number,
        slot,
        index,
        owner,
    };
    table.world.bench.view(ADDRESS, call).unwrap();
    table.told("certificate");
}

pub(crate) fn table() -> String {
    let mut small = street(32);
    let few = slot(&mut small, 32, SLOT);
    aftermath(&mut small, SLOT);
    members(&mut small);
    slot(&mut small, 32, SLOT + SECONDS);
    let mut large = street(256);
    large.text = small.text;
    let many = slot(&mut large, 256, SLOT);
    let number = large.world.street;
    let slot = SLOT;
    let call = checkSlotCall { number, slot };
    assert!(large.world.bench.view(ADDRESS, call).unwrap());
    large.told("checkSlot, 256 meters");
    let call = certificatesOfCall {
        number,
        slots: vec![slot; CERTIFICATES_PER_CALL_MAX],
        indexes: (0..CERTIFICATES_PER_CALL_MAX as u32).collect(),
    };
    large.world.bench.view(ADDRESS, call).unwrap();
    large.told("certificatesOf, 100");
    let each = (many - few) / (256 - 32);
    let most = few + each * u64::from(METERS_MAX - 32);
    assert!(
        most < TRANSACTION_GAS_MAX,
        "the largest community is not cleared"
    );
    let text = &mut large.text;
    writeln!(
        text,
        "clear, {METERS_MAX} meters, by the two above {most:>11} gas"
    )
    .unwrap();
    large.text
}
