//! The street of the stories, its meters and what they measure.

use std::fmt::Debug;

use alloy_primitives::{Address, B256, Bytes, Log, U256};
use alloy_sol_types::{SolCall, SolError, SolEvent};
use commonhold_energy_contract::{
    ADDRESS,
    interface::IEnergy::{
        CertificateWithdrawn, Community, Fault, Member, Mode, ReadingRefused, Rules, clearCall,
        communityCall, correctCall, depositCall, foundCall, inviteCall, joinCall, memberCall,
        reportCall, setTariffCall, settleCall,
    },
    measuring::{GENERATED, NET, VERSION, WH},
};
use commonhold_module::{
    Outcome,
    bench::{Bench, account, genesis},
};
use commonhold_primitives::system::{DEVICES, TOKEN};
use commonhold_reading::{Algorithm, DeviceSecret, Envelope, Reading, Record, Value};
use commonhold_system::{
    devices::interface::IDevices::enrolCall,
    token::interface::IToken::{
        approveCall, approveIssueCall, balanceOfCall, proposeIssueCall, transferCall,
    },
};

/// Who founds the street.
pub(crate) const MANAGER: Address = account(0xa0);
/// The network operator, the treasury, the taxes, the supplier.
pub(crate) const NETWORK: Address = account(0xb0);
pub(crate) const TREASURY: Address = account(0xb1);
pub(crate) const TAXES: Address = account(0xb2);
pub(crate) const SUPPLIER: Address = account(0xb3);
/// Nobody in particular.
pub(crate) const STRANGER: Address = account(0xf0);

/// Where certificates are from, and what they are of.
pub(crate) const ZONE: B256 = B256::repeat_byte(0x5a);
pub(crate) const SUN: B256 = B256::repeat_byte(0x50);

/// The first slot, and its length.
pub(crate) const SLOT: u64 = 1_000_800;
pub(crate) const SECONDS: u64 = 900;
pub(crate) const GRACE: u64 = 3_600;
/// What no kWh costs more than.
pub(crate) const CEILING: u64 = 300_000;
pub(crate) const RETAIL: i64 = 280_000;
pub(crate) const FEED_IN: i64 = 60_000;
/// Every member's fuse, W.
pub(crate) const FUSE: u32 = 10_000;
/// What it lets through in a slot.
pub(crate) const WH_OF_A_SLOT: u64 = 2_500;
/// What a member has to have, and is given in the stories.
pub(crate) const RESERVE: u64 = 10_000 * CEILING;
pub(crate) const GIVEN: u64 = 2 * RESERVE;

#[derive(Clone)]
pub(crate) struct World {
    pub(crate) bench: Bench,
    pub(crate) street: u64,
    logs: Vec<Log>,
}

/// The `n`th household.
pub(crate) const fn house(n: u8) -> Address {
    account(0x10 + n)
}

/// Its meter's key.
pub(crate) fn meter(n: u8) -> DeviceSecret {
    DeviceSecret::from_bytes(Algorithm::Ed25519, &[n + 1; 32]).unwrap()
}

pub(crate) fn rules(mode: Mode) -> Rules {
    Rules {
        mode,
        rounds: if mode == Mode::Hybrid { 5 } else { 0 },
        kNumerator: 1,
        kDenominator: 2,
        localPrice: 150_000,
        networkFee: 50_000,
        communityFee: 3_000,
        levy: 1_000,
        slotSeconds: 900,
        graceSeconds: GRACE as u32,
        finalSeconds: 0,
    }
}

/// What a meter signs.
pub(crate) fn signed(n: u8, counter: u64, time: u64, pack: Vec<Record>) -> Bytes {
    let reading = Reading {
        counter,
        time: time * 1_000,
        pack,
        nonce: None,
        origin: None,
    };
    let envelope = Envelope::sign(&meter(n), reading).unwrap();
    Bytes::copy_from_slice(envelope.bytes())
}

pub(crate) fn record(name: &str, unit: Option<&str>, value: i64) -> Record {
    Record {
        name: name.to_owned(),
        unit: unit.map(str::to_owned),
        value: Value::integer(value),
        offset: 0,
    }
}

/// The reading of a slot.
pub(crate) fn reading(n: u8, slot: u64, net: i64) -> Bytes {
    let counter = slot / SECONDS * 10;
    signed(n, counter, slot + SECONDS, vec![record(NET, Some(WH), net)])
}

/// A version of it that says what was generated behind the meter.
pub(crate) fn generating(n: u8, slot: u64, net: i64, wh: i64, version: u8) -> Bytes {
    let pack = vec![
        record(NET, Some(WH), net),
        record(GENERATED, Some(WH), wh),
        record(VERSION, None, version.into()),
    ];
    let counter = slot / SECONDS * 10 + u64::from(version);
    signed(n, counter, slot + SECONDS, pack)
}

/// A later version of it.
pub(crate) fn again(n: u8, slot: u64, net: i64, version: u8) -> Bytes {
    let pack = vec![
        record(NET, Some(WH), net),
        record(VERSION, None, version.into()),
    ];
    signed(
        n,
        slot / SECONDS * 10 + u64::from(version),
        slot + SECONDS,
        pack,
    )
}

/// The reading of a number in a call is not taken.
pub(crate) fn refusal(number: u64, fault: Fault) -> ReadingRefused {
    ReadingRefused {
        number: U256::from(number),
        fault,
    }
}

pub(crate) fn rejects<E: SolError + Debug + PartialEq, T>(outcome: Outcome<T>, error: &E) {
    match outcome {
        Err(fault) => assert_eq!(fault.decode::<E>().as_ref(), Some(error), "{fault}"),
        Ok(_) => panic!("not rejected"),
    }
}

impl World {
    /// A network with money, and a street of nobody.
    pub(crate) fn empty(mode: Mode) -> Self {
        let mut modules = commonhold_system::modules();
        modules.push(commonhold_energy_contract::module());
        let mut bench = Bench::new(modules).unwrap();
        bench.genesis(&genesis(4)).unwrap();
        let proposal = proposeIssueCall {
            to: MANAGER,
            amount: U256::from(10u64.pow(15)),
            reason: "for the stories".to_owned(),
        };
        let number = bench.send(account(1), TOKEN, proposal).unwrap();
        for member in [2, 3] {
            bench
                .send(account(member), TOKEN, approveIssueCall { number })
                .unwrap();
        }
        let logs = Vec::new();
        let mut world = Self {
            bench,
            street: 0,
            logs,
        };
        let call = foundCall {
            name: "Elm Street".to_owned(),
            zone: ZONE,
            network: NETWORK,
            treasury: TREASURY,
            levyTo: TAXES,
            ceiling: CEILING,
            start: SLOT / 3_600 * 3_600,
            rules: rules(mode),
        };
        world.street = world.send(MANAGER, call).unwrap();
        let community = world.street;
        let call = setTariffCall {
            community,
            retail: RETAIL,
            feedIn: FEED_IN,
        };
        world.send(SUPPLIER, call).unwrap();
        world
    }

    /// A street of so many houses, each with its reserve twice, that buy and sell at the limits.
    pub(crate) fn street(mode: Mode, limits: &[(i64, i64)]) -> Self {
        let mut world = Self::empty(mode);
        for (n, (buy, sell)) in (0u8..).zip(limits) {
            world.settle_in(n);
            world.join(n, *buy, *sell).unwrap();
            world.deposit(house(n), GIVEN).unwrap();
        }
        world.bench.at(SLOT + SECONDS);
        world
    }

    /// The next slot to be cleared.
    pub(crate) fn next(&mut self) -> u64 {
        self.community().next
    }

    /// What the last message that was sent told.
    pub(crate) fn events<E: SolEvent>(&self) -> Vec<E> {
        let found = self.logs.iter();
        found
            .filter_map(|log| E::decode_log_data(&log.data).ok())
            .collect()
    }

    /// Gives a house money, a meter and an invitation.
    pub(crate) fn settle_in(&mut self, n: u8) {
        let community = self.street;
        let household = house(n);
        let value = U256::from(GIVEN * 4);
        let call = transferCall {
            to: household,
            value,
        };
        self.bench.send(MANAGER, TOKEN, call).unwrap();
        let call = approveCall {
            spender: ADDRESS,
            value: U256::MAX,
        };
        self.bench.send(household, TOKEN, call).unwrap();
        self.send(
            MANAGER,
            inviteCall {
                community,
                household,
            },
        )
        .unwrap();
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
        self.bench.send(household, DEVICES, call).unwrap();
    }

    pub(crate) fn join(&mut self, n: u8, buy: i64, sell: i64) -> Outcome<u32> {
        let call = joinCall {
            community: self.street,
            meter: meter_id(n),
            fuse: FUSE,
            buy,
            sell,
            supplier: SUPPLIER,
            technology: SUN,
        };
        self.send(house(n), call)
    }

    pub(crate) fn deposit(&mut self, who: Address, amount: u64) -> Outcome<()> {
        let (community, amount) = (self.street, U256::from(amount));
        self.send(who, depositCall { community, amount }).map(drop)
    }

    /// Sends a message, and checks what always holds.
    pub(crate) fn send<C: SolCall>(&mut self, from: Address, call: C) -> Outcome<C::Return> {
        let answer = self.bench.send(from, ADDRESS, call);
        self.logs = self.bench.logs().to_vec();
        let findings = self.bench.invariants().unwrap();
        assert!(findings.is_empty(), "{findings:?}");
        answer
    }

    pub(crate) fn report(&mut self, slot: u64, readings: Vec<Bytes>) -> Outcome<()> {
        let call = reportCall {
            community: self.street,
            slot,
            readings,
        };
        self.send(STRANGER, call).map(drop)
    }

    /// Clears and settles what is due.
    pub(crate) fn clear(&mut self) -> Outcome<u64> {
        let community = self.street;
        let cleared = self.send(STRANGER, clearCall { community })?;
        if cleared.cleared {
            self.settle_all();
        }
        Ok(cleared.volume)
    }

    pub(crate) fn settle(&mut self, community: u64, max: u32) -> u32 {
        self.send(STRANGER, settleCall { community, max }).unwrap()
    }

    pub(crate) fn community(&mut self) -> Community {
        let number = self.street;
        self.bench.view(ADDRESS, communityCall { number }).unwrap()
    }

    /// What of certificates the last message took back.
    pub(crate) fn withdrawn_last(&self) -> u64 {
        let told = self.events::<CertificateWithdrawn>();
        told.iter().map(|told| told.wh).sum()
    }

    /// Settles what is cleared.
    pub(crate) fn settle_all(&mut self) {
        while self.settle(self.street, 2) != 0 {}
    }

    pub(crate) fn correct(&mut self, slot: u64, reading: Bytes) -> Outcome<()> {
        let call = correctCall {
            community: self.street,
            slot,
            reading,
        };
        self.send(STRANGER, call).map(drop)
    }

    pub(crate) fn member(&mut self, n: u8) -> Member {
        let (number, household) = (self.street, house(n));
        self.bench
            .view(ADDRESS, memberCall { number, household })
            .unwrap()
    }

    pub(crate) fn tokens(&mut self, who: Address) -> u64 {
        let call = balanceOfCall { account: who };
        self.bench.view(TOKEN, call).unwrap().try_into().unwrap()
    }
}

/// The id of a house's meter.
pub(crate) fn meter_id(n: u8) -> B256 {
    meter(n).key().id().0
}
