//! Energy on four members: a slot of a large community from its meters' readings to what everybody owes, and how
//! many signed readings become final in a second.

use std::time::Instant;

use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::SolCall;
use commonhold_energy_contract::{
    ADDRESS,
    interface::IEnergy::{
        Founded, SlotState, clearCall, depositCall, foundCall, inviteCall, joinCall, reportCall,
        setTariffCall, settleCall, slotOfCall,
    },
    limits::{METERS_MAX, READINGS_PER_CALL_MAX, SETTLED_PER_CALL_MAX},
};
use commonhold_primitives::{
    limits::TRANSACTION_GAS_MAX,
    system::{DEVICES, TOKEN},
};
use commonhold_reading::{Algorithm, DeviceSecret};
use commonhold_sdk::{
    Account, Client,
    lane::Lane,
    transaction::{Draft, Fees},
};
use commonhold_system::{
    devices::interface::IDevices::enrolCall,
    token::interface::IToken::{approveCall, approveIssueCall, proposeIssueCall, transferCall},
};
use eyre::eyre;

use crate::{
    Args, load,
    network::Network,
    report::{Bar, Report},
    slot::{self, SECONDS, SLOT},
    wallet::Signed,
};

/// Slots that are measured, after one that takes everybody in.
const SLOTS: u64 = 2;
/// Seconds from the last reading until a slot is settled.
const SETTLED: f64 = 5.0;
/// Signed readings per second.
const READINGS: f64 = 1_000.0;
/// Who hands money on to the homes, so that no account has to send all of it.
const TREASURERS: usize = 100;
/// Gas of the calls that found a community, of those that a home sends, and of readings and settling.
const SMALL_GAS: u64 = 500_000;
const HOME_GAS: u64 = 1_500_000;
const LARGE_GAS: u64 = TRANSACTION_GAS_MAX;
/// Networks of the measured kind take none.
const NO_FEES: Fees = Fees {
    max_fee_per_gas: 0,
    max_priority_fee_per_gas: 0,
};
/// Nano units: one unit each.
const MONEY: u64 = 1_000_000_000;

/// A household, and its meter.
struct Home {
    account: Account,
    meter: DeviceSecret,
}

/// An account's next transactions.
struct Sender<'a> {
    account: &'a Account,
    nonce: u64,
    chain: u64,
}

impl Sender<'_> {
    fn sign<C: SolCall>(&mut self, to: Address, call: &C, gas: u64) -> eyre::Result<Signed> {
        let draft = Draft::call(to, call.abi_encode().into());
        let signed = draft.sign(self.account, self.chain, self.nonce, gas, NO_FEES)?;
        self.nonce += 1;
        Ok(Signed {
            hash: signed.hash.to_string(),
            raw: signed.raw.to_string(),
        })
    }
}

struct Street<'a> {
    network: &'a Network,
    client: Client,
    manager: Account,
    community: u64,
    homes: Vec<Home>,
    chain: u64,
}

pub(crate) fn run(report: &mut Report, args: &Args) -> eyre::Result<()> {
    let meters = args.meters.clamp(1, METERS_MAX);
    report.part("Energy on four members: a community's slots from readings to what everybody owes");
    let dir = tempfile::tempdir()?;
    let network = Network::up(&args.bin, &dir.path().join("street"), 4)?;
    let since = Instant::now();
    let street = Street::founded(&network, meters)?;
    let beside = format!("{meters} homes: devices enrolled, money, invited, joined, paid in");
    let took = since.elapsed().as_secs_f64();
    report.figure("a community founded", took, "s", Bar::None, &beside)?;
    street.slot(0)?;
    let (mut taking, mut settling) = (0.0, 0.0f64);
    for number in 1..=SLOTS {
        let (read, settled) = street.slot(number)?;
        taking += read;
        settling = settling.max(settled);
    }
    let all = f64::from(meters) * SLOTS as f64;
    let beside = format!("{READINGS_PER_CALL_MAX} a call, {SLOTS} slots of {meters}, full load");
    report.figure(
        "signed readings made final",
        all / taking,
        "/s",
        Bar::AtLeast(READINGS),
        &beside,
    )?;
    let beside = format!("{meters} meters, the slower of {SLOTS} slots");
    report.figure(
        "a slot settled after its last reading",
        settling,
        "s",
        Bar::AtMost(SETTLED),
        &beside,
    )?;
    network.stop()
}

fn account(name: &str, number: usize) -> eyre::Result<Account> {
    let secret = keccak256(format!("street-{name}-{number}"));
    Ok(Account::from_secret(secret.as_slice())?)
}

impl<'a> Street<'a> {
    /// Everything before the first slot.
    fn founded(network: &'a Network, meters: u32) -> eyre::Result<Self> {
        let url = network.urls.first().ok_or_else(|| eyre!("no member"))?;
        let client = Client::new(url)?;
        let manager = network.account(1)?;
        let amount = U256::from(MONEY) * U256::from(3 * u64::from(meters));
        let issue = proposeIssueCall {
            to: manager.address(),
            amount,
            reason: "a street".to_owned(),
        };
        client.send_call(&manager, TOKEN, &issue)?;
        for number in [2, 3] {
            let approve = approveIssueCall { number: 0 };
            client.send_call(&network.account(number)?, TOKEN, &approve)?;
        }
        let founded: Founded = client.send_for_event(&manager, ADDRESS, &found(&manager))?;
        let community = founded.community;
        let tariff = setTariffCall {
            community,
            retail: 280_000,
            feedIn: 60_000,
        };
        client.send_call(&manager, ADDRESS, &tariff)?;
        let mut homes = Vec::new();
        for number in 0..meters as usize {
            let seed = keccak256(format!("street-meter-{number}"));
            homes.push(Home {
                account: account("home", number)?,
                meter: DeviceSecret::from_bytes(Algorithm::Ed25519, &seed.0)?,
            });
        }
        let chain = client.chain_id()?;
        let street = Self {
            network,
            client,
            manager,
            community,
            homes,
            chain,
        };
        street.money()?;
        street.invited()?;
        street.joined()?;
        Ok(street)
    }

    fn load(&self, queues: &[Vec<Signed>]) -> eyre::Result<f64> {
        Ok(load::all(&self.network.urls, queues)?.seconds)
    }

    fn money(&self) -> eyre::Result<()> {
        let mut treasurers = Vec::new();
        for number in 0..TREASURERS {
            treasurers.push(account("treasurer", number)?);
        }
        let each = self.homes.len().div_ceil(TREASURERS);
        let mut lane = Lane::open(&self.client, &self.manager)?;
        for treasurer in &treasurers {
            let (to, value) = (
                treasurer.address(),
                U256::from(MONEY) * U256::from(2 * each),
            );
            lane.give(TOKEN, &transferCall { to, value }, SMALL_GAS)?;
        }
        lane.check()?;
        let mut queues = Vec::new();
        for (treasurer, homes) in treasurers.iter().zip(self.homes.chunks(each)) {
            let mut sender = self.sender(treasurer);
            let sent = homes.iter().map(|home| {
                let (to, value) = (home.account.address(), U256::from(2 * MONEY));
                sender.sign(TOKEN, &transferCall { to, value }, SMALL_GAS)
            });
            queues.push(sent.collect::<eyre::Result<Vec<_>>>()?);
        }
        self.load(&queues).map(drop)
    }

    fn invited(&self) -> eyre::Result<()> {
        let mut lane = Lane::open(&self.client, &self.manager)?;
        for home in &self.homes {
            let invite = inviteCall {
                community: self.community,
                household: home.account.address(),
            };
            lane.give(ADDRESS, &invite, SMALL_GAS)?;
            lane.forget();
        }
        Ok(lane.settle()?)
    }

    fn joined(&self) -> eyre::Result<()> {
        let (community, value) = (self.community, U256::from(MONEY));
        let mut queues = Vec::new();
        for (n, home) in (0i64..).zip(&self.homes) {
            let mut sender = self.sender(&home.account);
            let spender = ADDRESS;
            let key = home.meter.key();
            let message = key.enrolment(self.chain, DEVICES, home.account.address());
            let enrol = enrolCall {
                algorithm: key.algorithm().number(),
                key: key.bytes().to_vec().into(),
                model: "Meter".to_owned(),
                calibratedUntil: 0,
                proof: home.meter.sign(message.as_slice()).to_vec().into(),
            };
            let join = joinCall {
                community,
                meter: key.id().0,
                fuse: 10_000,
                buy: 200_000 + n % 400 * 100,
                sell: 60_000 + n % 300 * 100,
                supplier: self.manager.address(),
                technology: B256::repeat_byte(1),
            };
            let deposit = depositCall {
                community,
                amount: value,
            };
            queues.push(vec![
                sender.sign(TOKEN, &approveCall { spender, value }, SMALL_GAS)?,
                sender.sign(DEVICES, &enrol, HOME_GAS)?,
                sender.sign(ADDRESS, &join, HOME_GAS)?,
                sender.sign(ADDRESS, &deposit, HOME_GAS)?,
            ]);
        }
        self.load(&queues).map(drop)
    }

    fn sender<'b>(&self, account: &'b Account) -> Sender<'b> {
        let (nonce, chain) = (0, self.chain);
        Sender {
            account,
            nonce,
            chain,
        }
    }

    /// Reports, clears and settles a slot. Seconds that the readings took, and from the last of them until
    /// everybody's account is settled.
    fn slot(&self, number: u64) -> eyre::Result<(f64, f64)> {
        let (community, slot) = (self.community, SLOT + number * u64::from(SECONDS));
        let meters = self.homes.iter().map(|home| &home.meter);
        let readings = slot::readings(meters, slot, number + 1)?;
        // Anybody may bring readings: an account for each call.
        let mut queues = Vec::new();
        for (at, some) in readings.chunks(READINGS_PER_CALL_MAX).enumerate() {
            let bringer = account(&format!("bringer-{number}"), at)?;
            let report = reportCall {
                community,
                slot,
                readings: some.to_vec(),
            };
            queues.push(vec![
                self.sender(&bringer).sign(ADDRESS, &report, LARGE_GAS)?,
            ]);
        }
        let taking = self.load(&queues)?;
        let since = Instant::now();
        let anybody = account(&format!("clerk-{number}"), 0)?;
        let mut lane = Lane::open(&self.client, &anybody)?;
        let looked = slotOfCall {
            number: community,
            slot,
        };
        while self.client.call(ADDRESS, &looked)?.state == SlotState::Open {
            // The first slot takes everybody in before it clears, many calls long.
            lane.give(ADDRESS, &clearCall { community }, LARGE_GAS)?;
            if number == 0 {
                for _ in 0..8 {
                    lane.give(ADDRESS, &clearCall { community }, LARGE_GAS)?;
                }
            }
            for _ in 0..if number == 0 { 0 } else { self.settling() } {
                lane.give(ADDRESS, &settle(community), LARGE_GAS)?;
            }
            lane.settle()?;
        }
        while self.client.call(ADDRESS, &looked)?.state != SlotState::Settled {
            for _ in 0..self.settling() {
                lane.give(ADDRESS, &settle(community), LARGE_GAS)?;
            }
            lane.settle()?;
        }
        Ok((taking, since.elapsed().as_secs_f64()))
    }

    /// Calls that settle a slot.
    fn settling(&self) -> usize {
        self.homes.len().div_ceil(SETTLED_PER_CALL_MAX as usize)
    }
}

fn settle(community: u64) -> settleCall {
    let max = SETTLED_PER_CALL_MAX;
    settleCall { community, max }
}

fn found(manager: &Account) -> foundCall {
    foundCall {
        name: "A street".to_owned(),
        zone: B256::ZERO,
        network: manager.address(),
        treasury: manager.address(),
        levyTo: manager.address(),
        ceiling: 300_000,
        start: SLOT,
        rules: slot::rules(),
    }
}
