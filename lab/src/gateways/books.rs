//! What devices were promised, held against what the ledger and the vault have.
//!
//! Of the state that every member has ([`crate::checker`] compares them), every batch of every stream is
//! read, opened with members' shares of the seal key, and looked into.

use std::collections::BTreeMap;

use alloy_primitives::{B256, keccak256};
use alloy_sol_types::SolCall;
use commonhold_gateway::ledger::Deposit;
use commonhold_primitives::system::{DEVICES, RECORDS};
use commonhold_reading::{Batch, DeviceId};
use commonhold_seal::{Day, Identity};
use commonhold_system::{
    devices::interface::IDevices::{Anchor, anchorsCall},
    records::interface::IRecords::recordCall,
};
use commonhold_vault::{DataKey, crypt4gh::decrypt};

use crate::{founding::Founding, model::Model};

/// A reading: whose, and its counter.
pub type Key = (DeviceId, u64);

/// A batch as the ledger has it, opened.
#[derive(Clone, Debug)]
pub struct Opened {
    /// What the ledger says.
    pub anchor: Anchor,
    /// What is in it.
    pub batch: Batch,
}

/// Reads and opens every batch of these streams.
///
/// # Errors
/// Names the first that cannot be opened, or is not what the ledger says.
pub fn open(
    founding: &Founding,
    model: &Model,
    vault: &BTreeMap<B256, Deposit>,
    streams: &[B256],
) -> Result<Vec<Opened>, String> {
    let mut opened = Vec::new();
    let mut keys: BTreeMap<B256, DataKey> = BTreeMap::new();
    for stream in streams {
        for (anchor, number) in anchors(model, *stream)?.into_iter().zip(0u64..) {
            let id = anchor.record;
            if anchor.number != number || anchor.stream != *stream {
                return Err(format!("batch {number} of {stream} is another"));
            }
            let deposit = vault
                .get(&id)
                .ok_or_else(|| format!("record {id} is anchored, and nobody has its content"))?;
            let record = ask(model, RECORDS, recordCall { id })?;
            let (body, sealed) = (&deposit.body, &deposit.sealed);
            if B256::from(body.hash) != record.contentHash
                || body.len != record.length
                || sealed.digest() != record.sealedKeyHash
                || (record.stream, record.day) != (*stream, anchor.day)
            {
                return Err(format!("record {id} is not of what was brought"));
            }
            let key = match keys.get(&sealed.digest()) {
                Some(key) => key.clone(),
                None => unseal(founding, *stream, anchor.day, deposit)?,
            };
            keys.insert(sealed.digest(), key.clone());
            let mut plain = Vec::new();
            let mut input = std::io::Cursor::new(&deposit.bytes);
            decrypt(&[key], body, &mut input, &mut plain)
                .map_err(|e| format!("record {id}: {e}"))?;
            let batch = Batch::decode(&plain).map_err(|e| format!("record {id}: {e}"))?;
            opened.push(Opened { anchor, batch });
        }
    }
    Ok(opened)
}

fn anchors(model: &Model, stream: B256) -> Result<Vec<Anchor>, String> {
    let mut all = Vec::new();
    loop {
        let from = all.len() as u64;
        let call = anchorsCall {
            stream,
            from,
            max: 100,
        };
        let answer = ask(model, DEVICES, call)?;
        all.extend(answer.page);
        if all.len() as u64 >= answer.total {
            return Ok(all);
        }
    }
}

fn ask<C: SolCall>(
    model: &Model,
    to: alloy_primitives::Address,
    call: C,
) -> Result<C::Return, String> {
    let output = model.call(to, call.abi_encode().into())?;
    C::abi_decode_returns(&output).map_err(|e| e.to_string())
}

/// The key of a day, by as many members as it takes.
fn unseal(
    founding: &Founding,
    stream: B256,
    day: u32,
    deposit: &Deposit,
) -> Result<DataKey, String> {
    let failed = |e: commonhold_seal::SealError| format!("day {day} of {stream}: {e}");
    let day = Day::of_number(day).map_err(failed)?;
    let target = Identity::StreamDay { stream, day }.here();
    let enough = usize::try_from(founding.group.threshold()).unwrap_or(usize::MAX);
    let shares = founding.seal_shares.iter().take(enough);
    let partials: Vec<_> = shares.map(|share| share.partial(&target)).collect();
    let opening = founding.group.combine(&target, &partials).map_err(failed)?;
    let content = deposit.sealed.open(&opening.opening).map_err(failed)?;
    Ok(DataKey::from_bytes(content.as_bytes()))
}

/// Holds batches against what devices made and were promised; by reading, the hash of its bytes.
///
/// # Errors
/// The first promise that was broken.
pub fn audit(
    made: &BTreeMap<Key, B256>,
    acknowledged: &BTreeMap<Key, B256>,
    opened: &[Opened],
) -> Result<(), String> {
    let mut found: BTreeMap<Key, B256> = BTreeMap::new();
    for Opened { anchor, batch } in opened {
        let record = anchor.record;
        if anchor.root != batch.root()
            || anchor.count != batch.count()
            || (anchor.from, anchor.to) != (batch.from(), batch.to())
            || Some(anchor.day) != batch.day()
        {
            return Err(format!("record {record} is not anchored as what it is"));
        }
        let mut last: Option<Key> = None;
        for entry in batch.entries() {
            let key = entry.key();
            let digest = keccak256(entry.envelope.bytes());
            if made.get(&key) != Some(&digest) {
                return Err(format!("nobody made reading {key:?} of record {record}"));
            }
            if last.is_some_and(|last| last >= key) {
                return Err(format!("counters of record {record} do not grow"));
            }
            last = Some(key);
            if found.insert(key, digest).is_some() {
                return Err(format!("reading {key:?} is counted twice"));
            }
        }
    }
    for (key, digest) in acknowledged {
        match found.get(key) {
            Some(anchored) if anchored == digest => {}
            Some(_) => return Err(format!("reading {key:?} is anchored as another")),
            None => {
                return Err(format!(
                    "reading {key:?} was acknowledged, and is missing on the ledger"
                ));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use commonhold_reading::{Entry, Envelope, Flags, Reading, Record, Value};

    use super::*;
    use crate::gateways::fleet::Fleet;

    fn entry(counter: u64, value: i64) -> Entry {
        let reading = Reading {
            counter,
            time: 1_000 + counter,
            pack: vec![Record {
                name: "power".to_owned(),
                unit: None,
                value: Value::integer(value),
                offset: 0,
            }],
            nonce: None,
            origin: None,
        };
        Entry {
            received: 2_000,
            flags: Flags::NONE,
            envelope: Envelope::sign(&Fleet::device(0, 0), reading).unwrap(),
        }
    }

    fn opened(counters: &[u64]) -> Opened {
        let entries = counters.iter().map(|counter| entry(*counter, 7)).collect();
        let batch = Batch::new(entries).unwrap();
        let anchor = Anchor {
            root: batch.root(),
            count: batch.count(),
            from: batch.from(),
            to: batch.to(),
            ..Anchor::default()
        };
        Opened { anchor, batch }
    }

    fn keys(counters: &[u64]) -> BTreeMap<Key, B256> {
        let entries = counters.iter().map(|counter| entry(*counter, 7));
        entries
            .map(|entry| (entry.key(), keccak256(entry.envelope.bytes())))
            .collect()
    }

    #[test]
    fn every_broken_promise_is_found() {
        let made = keys(&[1, 2, 3, 4]);
        let acknowledged = keys(&[1, 2, 3]);
        let audit = |opened: &[Opened]| audit(&made, &acknowledged, opened);
        let says = |opened: &[Opened], what: &str| {
            let why = audit(opened).unwrap_err();
            assert!(why.contains(what), "{why}");
        };
        // What was not acknowledged may be there or not.
        assert_eq!(audit(&[opened(&[2]), opened(&[1, 3])]), Ok(()));
        assert_eq!(audit(&[opened(&[1, 2, 3, 4])]), Ok(()));
        says(&[opened(&[1, 2])], "is missing on the ledger");
        says(&[opened(&[1, 2, 3]), opened(&[3])], "is counted twice");
        says(&[opened(&[1, 2, 3, 5])], "nobody made");
        let mut other = opened(&[1, 2, 3]);
        other.batch = Batch::new(vec![entry(1, 7), entry(2, 7), entry(3, 8)]).unwrap();
        says(&[other.clone()], "is not anchored as what it is");
        other.anchor.root = other.batch.root();
        says(&[other], "nobody made");
        for change in [
            |anchor: &mut Anchor| anchor.count += 1,
            |anchor: &mut Anchor| anchor.from += 1,
            |anchor: &mut Anchor| anchor.to += 1,
            |anchor: &mut Anchor| anchor.day += 1,
        ] {
            let mut changed = opened(&[1, 2, 3]);
            change(&mut changed.anchor);
            says(&[changed], "is not anchored as what it is");
        }
    }
}
