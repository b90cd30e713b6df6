//! A million operations on certificates, right and wrong ones: every Wh is in one state all along.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256};
use commonhold_energy_contract::certificates::{
    Consumption, Header, Refusal, Stock, claim, expire, issue, lock, transfer, unlock, withdraw,
};

use crate::Numbers;

const OPERATIONS: u32 = 1_000_000;
const METERS: u64 = 4;
const PEOPLE: u64 = 5;
const SLOTS: u64 = 64;
const SECONDS: u64 = 900;

fn person(n: u64) -> Address {
    Address::repeat_byte(n as u8 + 1)
}

#[derive(Default)]
struct Registry {
    ids: BTreeMap<B256, usize>,
    /// The slot and size of each.
    certificates: Vec<(u64, u64)>,
    stocks: BTreeMap<(usize, u64), Stock>,
    consumed: BTreeMap<(u64, u64), Consumption>,
    done: u64,
    refused: u64,
}

impl Registry {
    /// One operation on what the numbers pick, whoever asks.
    fn step(&mut self, numbers: &mut Numbers) -> Result<(), Refusal> {
        let issuer = Address::repeat_byte(99);
        let wh = numbers.below(40);
        if self.ids.is_empty() || numbers.below(64) == 0 {
            let header = Header {
                meter: B256::repeat_byte(numbers.below(METERS) as u8 + 1),
                device: B256::repeat_byte(2),
                technology: B256::repeat_byte(3),
                zone: B256::repeat_byte(4),
                slot: numbers.below(SLOTS) * SECONDS,
                seconds: SECONDS as u32,
                issuer,
                reading: B256::repeat_byte(5),
                version: 1,
            };
            // A reading that comes again has a certificate already.
            if self.ids.contains_key(&header.id()) {
                return Err(Refusal::Nothing);
            }
            let stock = issue(&header, wh)?;
            let number = self.certificates.len();
            self.ids.insert(header.id(), number);
            self.certificates.push((header.slot, wh));
            self.stocks.insert((number, numbers.below(PEOPLE)), stock);
            return Ok(());
        }
        let id = numbers.below(self.ids.len() as u64) as usize;
        let slot = self.certificates[id].0;
        let owner = numbers.below(PEOPLE);
        let by = match numbers.below(6) {
            0 => person(numbers.below(PEOPLE)),
            _ => person(owner),
        };
        let who = (by, person(owner));
        let says = if numbers.below(6) == 0 { by } else { issuer };
        let stock = self.stocks.get(&(id, owner)).copied().unwrap_or_default();
        let in_time = numbers.below(50) != 0;
        let stock = match numbers.below(6) {
            0 => {
                let to = (owner + 1 + numbers.below(PEOPLE - 1)) % PEOPLE;
                let had = self.stocks.get(&(id, to)).copied().unwrap_or_default();
                let (from, given) = transfer(who, (stock, had), wh, in_time)?;
                self.stocks.insert((id, to), given);
                from
            }
            1 | 2 => {
                let claimed_slot = match numbers.below(6) {
                    0 => numbers.below(SLOTS) * SECONDS,
                    _ => slot,
                };
                let place = (claimed_slot, owner);
                let there = self.consumed.get(&place).copied().unwrap_or(Consumption {
                    slot: claimed_slot,
                    owner: person(owner),
                    consumed: 60,
                    claimed: 0,
                });
                let (stock, used) = claim(who, stock, slot, there, wh, in_time)?;
                self.consumed.insert(place, used);
                stock
            }
            3 => lock(who, stock, wh, in_time)?,
            4 if numbers.below(2) == 0 => unlock((says, issuer), stock, wh)?,
            4 => withdraw((says, issuer), stock, wh)?,
            _ => expire(stock, in_time)?,
        };
        self.stocks.insert((id, owner), stock);
        Ok(())
    }

    fn hold(&self) {
        let mut issued: BTreeMap<usize, u64> = BTreeMap::new();
        let mut claimed: BTreeMap<u64, u64> = BTreeMap::new();
        for ((id, _), stock) in &self.stocks {
            *issued.entry(*id).or_default() += stock.issued().unwrap();
            *claimed.entry(self.certificates[*id].0).or_default() += stock.claimed;
        }
        for (id, (_, wh)) in self.certificates.iter().enumerate() {
            assert_eq!(issued[&id], *wh);
        }
        let mut used: BTreeMap<u64, u64> = BTreeMap::new();
        for ((slot, _), consumption) in &self.consumed {
            assert!(consumption.claimed <= consumption.consumed);
            *used.entry(*slot).or_default() += consumption.claimed;
        }
        claimed.retain(|_, wh| *wh != 0);
        used.retain(|_, wh| *wh != 0);
        assert_eq!(
            claimed, used,
            "what is claimed is claimed against something"
        );
    }
}

#[test]
fn a_million_operations_leave_every_wh_in_one_state() {
    let mut registry = Registry::default();
    let mut numbers = Numbers(11);
    for n in 0..OPERATIONS {
        match registry.step(&mut numbers) {
            Ok(()) => registry.done += 1,
            Err(_) => registry.refused += 1,
        }
        if n % 50_000 == 0 {
            registry.hold();
        }
    }
    registry.hold();
    assert_eq!(registry.certificates.len() as u64, METERS * SLOTS);
    assert!(registry.done > 1_000 && registry.refused > 1_000);
}
