//! Energy: a slot of the largest community, on the law, in memory and on one core.

use std::time::Instant;

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::SolCall;
use commonhold_energy_contract::{
    ADDRESS,
    interface::IEnergy::{
        Mode, Rules, clearCall, depositCall, foundCall, inviteCall, joinCall, reportCall,
        setTariffCall, settleCall,
    },
    limits::{METERS_MAX, READINGS_PER_CALL_MAX, SETTLED_PER_CALL_MAX},
    measuring::{NET, WH},
};
use commonhold_module::bench::{Bench, account, genesis};
use commonhold_primitives::{
    limits::{BLOCK_GAS_DEFAULT, TRANSACTION_GAS_MAX},
    system::{DEVICES, TOKEN},
};
use commonhold_reading::{Algorithm, DeviceSecret, Envelope, Reading, Record, Value};
use commonhold_system::{
    devices::interface::IDevices::enrolCall,
    token::interface::IToken::{approveCall, approveIssueCall, proposeIssueCall, transferCall},
};
use eyre::{ensure, eyre};

use crate::report::{Bar, Report};

/// The first slot, and its length: long ago, so that nobody waits for its end.
pub(crate) const SLOT: u64 = 1_000_800;
pub(crate) const SECONDS: u32 = 900;
/// Seconds within which the slot is settled after its last reading.
const SETTLED: f64 = 5.0;
/// Readings per second that one core takes, for a thousand on four members that share two.
const READINGS: f64 = 2_000.0;

struct Street {
    bench: Bench,
    meters: Vec<DeviceSecret>,
}

impl Street {
    fn send<C: SolCall>(&mut self, from: Address, to: Address, call: C) -> eyre::Result<C::Return> {
        let answer = self.bench.send(from, to, call);
        answer.map_err(|fault| eyre!("{fault}"))
    }
}

fn household(n: u32) -> Address {
    Address::from_word(B256::from(U256::from(0xabcd_0000_0000u64 + u64::from(n))))
}

fn founded() -> eyre::Result<Street> {
    let mut modules = commonhold_system::modules();
    modules.push(commonhold_energy_contract::module());
    let mut bench = Bench::new(modules)?;
    bench
        .genesis(&genesis(4))
        .map_err(|fault| eyre!("{fault}"))?;
    let mut street = Street {
        bench,
        meters: Vec::new(),
    };
    let manager = account(1);
    let issue = proposeIssueCall {
        to: manager,
        amount: U256::from(10u64.pow(18)),
        reason: "a street".to_owned(),
    };
    let number = street.send(manager, TOKEN, issue)?;
    for member in [2, 3] {
        street.send(account(member), TOKEN, approveIssueCall { number })?;
    }
    let call = foundCall {
        name: "A street".to_owned(),
        zone: B256::ZERO,
        network: account(5),
        treasury: account(6),
        levyTo: account(7),
        ceiling: 300_000,
        start: SLOT,
        rules: rules(),
    };
    street.send(manager, ADDRESS, call)?;
    let call = setTariffCall {
        community: 1,
        retail: 280_000,
        feedIn: 60_000,
    };
    street.send(manager, ADDRESS, call)?;
    for n in 0..METERS_MAX {
        join(&mut street, manager, n)?;
    }
    Ok(street)
}

fn join(street: &mut Street, manager: Address, n: u32) -> eyre::Result<()> {
    let home = household(n);
    let value = U256::from(10u64.pow(10));
    let to = home;
    street.send(manager, TOKEN, transferCall { to, value })?;
    let spender = ADDRESS;
    street.send(home, TOKEN, approveCall { spender, value })?;
    let (community, household) = (1, home);
    let call = inviteCall {
        community,
        household,
    };
    street.send(manager, ADDRESS, call)?;
    let mut seed = [7; 32];
    for (byte, of) in seed.iter_mut().zip(n.to_be_bytes()) {
        *byte = of;
    }
    let secret = DeviceSecret::from_bytes(Algorithm::Ed25519, &seed)?;
    let key = secret.key();
    let message = key.enrolment(1_337, DEVICES, home);
    let call = enrolCall {
        algorithm: key.algorithm().number(),
        key: key.bytes().to_vec().into(),
        model: "Meter".to_owned(),
        calibratedUntil: 0,
        proof: secret.sign(message.as_slice()).to_vec().into(),
    };
    street.send(home, DEVICES, call)?;
    let call = joinCall {
        community: 1,
        meter: key.id().0,
        fuse: 10_000,
        buy: 200_000 + i64::from(n % 400) * 100,
        sell: 60_000 + i64::from(n % 300) * 100,
        supplier: manager,
        technology: B256::repeat_byte(1),
    };
    street.send(home, ADDRESS, call)?;
    let amount = U256::from(5 * 10u64.pow(9));
    street.send(home, ADDRESS, depositCall { community, amount })?;
    street.meters.push(secret);
    Ok(())
}

/// An auction, and nothing to wait for.
pub(crate) const fn rules() -> Rules {
    Rules {
        mode: Mode::Auction,
        rounds: 0,
        kNumerator: 1,
        kDenominator: 2,
        localPrice: 0,
        networkFee: 50_000,
        communityFee: 0,
        levy: 0,
        slotSeconds: SECONDS,
        graceSeconds: 0,
        finalSeconds: 0,
    }
}

/// What each meter signs of a slot. Half of them sell.
pub(crate) fn readings<'a>(
    meters: impl Iterator<Item = &'a DeviceSecret>,
    slot: u64,
    counter: u64,
) -> eyre::Result<Vec<Bytes>> {
    let mut all = Vec::new();
    for (n, meter) in (0i64..).zip(meters) {
        let wh = 100 + n * 7 % 2_000;
        let reading = Reading {
            counter,
            time: (slot + u64::from(SECONDS)) * 1_000,
            pack: vec![Record {
                name: NET.to_owned(),
                unit: Some(WH.to_owned()),
                value: Value::integer(if n % 2 == 0 { wh } else { -wh }),
                offset: 0,
            }],
            nonce: None,
            origin: None,
        };
        let envelope = Envelope::sign(meter, reading)?;
        all.push(Bytes::copy_from_slice(envelope.bytes()));
    }
    Ok(all)
}

pub(crate) fn run(report: &mut Report) -> eyre::Result<()> {
    report.part("A slot of 10,000 meters on the law, one core, in memory");
    let mut street = founded()?;
    let all = readings(street.meters.iter(), SLOT, 1)?;
    street.bench.at(SLOT + u64::from(SECONDS));
    let anybody = account(9);
    let community = 1;

    let (mut gas, mut most) = (0, 0);
    let since = Instant::now();
    for part in all.chunks(READINGS_PER_CALL_MAX) {
        let call = reportCall {
            community,
            slot: SLOT,
            readings: part.to_vec(),
        };
        street.send(anybody, ADDRESS, call)?;
        gas += street.bench.gas_used();
        most = most.max(street.bench.gas_used());
    }
    let many = f64::from(METERS_MAX);
    let beside = format!(
        "{READINGS_PER_CALL_MAX} a call, {most} gas; {} gas a reading",
        gas / u64::from(METERS_MAX)
    );
    let rate = many / since.elapsed().as_secs_f64();
    report.figure(
        "signed readings taken",
        rate,
        "/s",
        Bar::AtLeast(READINGS),
        &beside,
    )?;

    let since = Instant::now();
    let (mut calls, mut taken_in) = (0u32, 0);
    let clearing = loop {
        let answer = street.send(anybody, ADDRESS, clearCall { community })?;
        if answer.cleared {
            break street.bench.gas_used();
        }
        calls += 1;
        taken_in += street.bench.gas_used();
    };
    ensure!(
        clearing < TRANSACTION_GAS_MAX,
        "clearing fits no transaction"
    );
    let beside = format!(
        "{clearing} gas of {TRANSACTION_GAS_MAX}; before, once, {calls} calls and {taken_in} gas to take members in"
    );
    let seconds = since.elapsed().as_secs_f64();
    report.figure("cleared", seconds, "s", Bar::None, &beside)?;

    let since = Instant::now();
    let (mut gas, mut most, mut calls) = (0u64, 0, 0u32);
    loop {
        let call = settleCall {
            community,
            max: SETTLED_PER_CALL_MAX,
        };
        let left = street.send(anybody, ADDRESS, call)?;
        gas += street.bench.gas_used();
        most = most.max(street.bench.gas_used());
        calls += 1;
        if left == 0 {
            break;
        }
    }
    let beside = format!(
        "{calls} calls, {most} gas at most; {gas} gas, {:.2} blocks",
        gas as f64 / BLOCK_GAS_DEFAULT as f64
    );
    let seconds = seconds + since.elapsed().as_secs_f64();
    report.figure(
        "cleared and settled",
        seconds,
        "s",
        Bar::AtMost(SETTLED),
        &beside,
    )
}
