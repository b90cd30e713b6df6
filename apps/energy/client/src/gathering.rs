//! Evidence of a month, gathered through any node.

mod held;

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{B256, Bytes};
use alloy_sol_types::SolCall as _;
use commonhold_energy_contract::interface::IEnergy::{
    self, Cleared, DeltaNote, Joined, LimitsSet, Read, RulesDecided, Settled, SlotState, TariffSet,
    WeightSet, correctCall, reportCall,
};
use commonhold_sdk::{
    Client, SdkError,
    reading::{DeviceId, Envelope},
};
use commonhold_session::{Refused, Session};

use crate::{
    evidence::{
        Evidence, Held, LimitsFrom, LineTold, NoteTold, RulesFrom, Seat, SignerKey, SlotTold,
        TariffFrom, WeightFrom,
    },
    ledger::{self, Asked, Told, events},
    limits::MONTH_SLOTS_MAX,
};

/// The shortest slot there is, in seconds.
const STEP: u64 = 900;

/// How much is gathered.
#[derive(Clone, Copy)]
pub(crate) struct Wanted {
    /// Only what a place measured and got.
    pub(crate) index: Option<u32>,
    /// The signed readings too.
    pub(crate) readings: bool,
}

impl Wanted {
    /// All that there is.
    pub(crate) const ALL: Self = Self {
        index: None,
        readings: true,
    };
    /// What everybody got and paid.
    pub(crate) const MONEY: Self = Self {
        index: None,
        readings: false,
    };
}

/// What is asked of a transaction.
#[derive(serde::Deserialize)]
struct Sent {
    input: Bytes,
}

/// Gathers all that the ledger tells of the slots from `from` to just before `to`.
///
/// # Errors
/// Where the node does not answer, tells what does not fit together, or slots are not settled yet.
pub(crate) fn gather(
    session: &dyn Session,
    client: &Client,
    number: u64,
    (from, to): (u64, u64),
    wanted: Wanted,
) -> eyre::Result<Evidence> {
    let community = ledger::community(client, number)?;
    let slots = times(from, to)?;
    let cleared = of_slots::<Cleared>(client, number, &slots, None)?;
    let mut evidence = Evidence {
        chain: client.chain_id()?,
        community: number,
        name: community.name,
        from,
        to,
        ceiling: community.ceiling,
        zone: community.zone,
        network: community.network,
        treasury: community.treasury,
        levy_to: community.levyTo,
        seats: seats(client, number)?,
        keys: BTreeMap::new(),
        rules: rules(client, number, to)?,
        tariffs: tariffs(client, number, to)?,
        limits: limits(client, number, to)?,
        weights: weights(client, number, to)?,
        slots: Vec::new(),
        held: Held::default(),
    };
    let found: Vec<u64> = cleared.iter().map(|told| told.event.slot).collect();
    let third = wanted.index;
    let told = of_slots::<Settled>(client, number, &found, third)?;
    let mut settled = by_slot(told, |e| e.slot);
    let mut notes = by_slot(of_slots::<DeltaNote>(client, number, &found, third)?, |e| {
        e.slot
    });
    let mut reads = if wanted.readings {
        by_slot(of_slots::<Read>(client, number, &found, third)?, |e| e.slot)
    } else {
        BTreeMap::new()
    };
    let bar = session.count(found.len() as u64, "Gathering");
    let mut signed = Signed::default();
    for (done, told) in (1u64..).zip(cleared) {
        let (event, when) = (told.event, told.place);
        let now = ledger::slot(client, number, event.slot)?;
        if now.state != SlotState::Settled {
            let why = format!(
                "slot {} is not settled yet: `commonhold energy settle` settles what is due",
                event.slot
            );
            return Err(Refused(why).into());
        }
        let said = reads.remove(&event.slot).unwrap_or_default();
        // What came after a slot was cleared corrects it.
        let (said, later) = said.into_iter().partition(|read| read.place < when);
        let said = wanted.readings.then_some(said);
        let posted = settled.remove(&event.slot).unwrap_or_default();
        let lines = lines(client, posted, said, &mut signed)?;
        let of_slot = notes.remove(&event.slot).unwrap_or_default();
        let notes = corrections(client, of_slot, later, &mut signed)?;
        evidence.slots.push(SlotTold {
            slot: event.slot,
            traded: event.traded,
            price: event.price,
            volume: event.volume,
            mode: now.mode as u8,
            weights: now.weights,
            key: now.key,
            meters: now.meters,
            lines,
            notes,
        });
        bar.at(done);
    }
    evidence.slots.sort_by_key(|slot| slot.slot);
    for device in signed.signers {
        let key = client.device_key(device)?;
        let algorithm = key.algorithm().number();
        let key = Bytes::copy_from_slice(key.bytes());
        evidence.keys.insert(device, SignerKey { algorithm, key });
    }
    if wanted.readings {
        evidence.held = held::held(client, &evidence, &found, third)?;
    }
    Ok(evidence)
}

/// Every time at which a slot may begin.
pub(crate) fn times(from: u64, to: u64) -> eyre::Result<Vec<u64>> {
    let first = from.div_ceil(STEP);
    let last = to.div_ceil(STEP);
    if last.saturating_sub(first) > MONTH_SLOTS_MAX {
        let why =
            format!("more than {MONTH_SLOTS_MAX} slots (MONTH_SLOTS_MAX): ask month by month");
        return Err(Refused(why).into());
    }
    Ok((first..last).map(|n| n.saturating_mul(STEP)).collect())
}

fn of_slots<E: alloy_sol_types::SolEvent>(
    client: &Client,
    number: u64,
    slots: &[u64],
    index: Option<u32>,
) -> Result<Vec<Told<E>>, SdkError> {
    let asked = Asked {
        slots: Some(slots),
        third: index.map(u64::from),
        second: false,
    };
    events(client, number, asked)
}

fn by_slot<E>(told: Vec<Told<E>>, slot: impl Fn(&E) -> u64) -> BTreeMap<u64, Vec<Told<E>>> {
    let mut by: BTreeMap<u64, Vec<Told<E>>> = BTreeMap::new();
    for one in told {
        by.entry(slot(&one.event)).or_default().push(one);
    }
    by
}

fn whole(amount: alloy_primitives::I256) -> Result<i64, SdkError> {
    i64::try_from(amount)
        .map_err(|_| SdkError::Integrity("a slot's money is beyond what can be".to_owned()))
}

/// Corrections, each with the reading that it follows from; without one where the network operator decided.
fn corrections(
    client: &Client,
    notes: Vec<Told<DeltaNote>>,
    reads: Vec<Told<Read>>,
    signed: &mut Signed,
) -> Result<Vec<NoteTold>, SdkError> {
    let mut found = Vec::new();
    for Told { event, place, .. } in notes {
        let of = |read: &&Told<Read>| {
            let same = read.event.index == event.index && read.event.net == event.net;
            // The reading is told just before its note, in the same block.
            same && read.place.0 == place.0 && read.place < place
        };
        let signed = match reads.iter().rfind(of) {
            Some(read) => signed.of(client, read)?,
            None => Bytes::new(),
        };
        found.push(NoteTold {
            index: event.index,
            before: event.before,
            net: event.net,
            statement: whole(event.statement)?,
            signed,
        });
    }
    Ok(found)
}

/// Signed readings as the transactions brought them.
#[derive(Default)]
struct Signed {
    seen: BTreeSet<B256>,
    envelopes: BTreeMap<B256, Bytes>,
    signers: BTreeSet<DeviceId>,
}

impl Signed {
    /// The envelope that an event names, from the transaction that told it.
    fn of(&mut self, client: &Client, told: &Told<Read>) -> Result<Bytes, SdkError> {
        if self.seen.insert(told.transaction) {
            let sent: Option<Sent> =
                client.request("eth_getTransactionByHash", (told.transaction,))?;
            let input = sent.map(|sent| sent.input).unwrap_or_default();
            // Another contract may have brought them: its call is not read here.
            let brought = match reportCall::abi_decode_validate(&input) {
                Ok(call) => call.readings,
                Err(_) => correctCall::abi_decode_validate(&input)
                    .map(|call| vec![call.reading])
                    .unwrap_or_default(),
            };
            for bytes in brought {
                if let Ok(envelope) = Envelope::parse(&bytes) {
                    self.signers.insert(envelope.device());
                    self.envelopes.insert(envelope.digest(), bytes);
                }
            }
        }
        let digest = told.event.digest;
        self.envelopes.remove(&digest).ok_or_else(|| {
            let transaction = told.transaction;
            SdkError::Integrity(format!(
                "transaction {transaction} does not bring the reading that it told ({digest})"
            ))
        })
    }
}

fn lines(
    client: &Client,
    settled: Vec<Told<Settled>>,
    reads: Option<Vec<Told<Read>>>,
    signed: &mut Signed,
) -> Result<Vec<LineTold>, SdkError> {
    let wanted = reads.is_some();
    // Of several versions the last one counts.
    let mut last: BTreeMap<u32, (Told<Read>, Bytes)> = BTreeMap::new();
    for told in reads.into_iter().flatten() {
        let bytes = signed.of(client, &told)?;
        last.insert(told.event.index, (told, bytes));
    }
    let mut lines = BTreeMap::new();
    for Told { event, .. } in settled {
        let (version, quality, bytes) = match last.remove(&event.index) {
            Some((read, bytes)) => (read.event.version, read.event.quality, bytes),
            None if !wanted => (0, 0, Bytes::new()),
            None => {
                let (index, slot) = (event.index, event.slot);
                let why = format!("place {index} of slot {slot} is settled without a reading");
                return Err(SdkError::Integrity(why));
            }
        };
        lines.insert(
            event.index,
            LineTold {
                index: event.index,
                net: event.net,
                version,
                quality,
                signed: bytes,
                ordered: event.ordered,
                limit: event.limit,
                local: event.local,
                prepaid: whole(event.prepaid)?,
                statement: whole(event.statement)?,
            },
        );
    }
    if let Some((index, _)) = last.first_key_value() {
        let why = format!("place {index} has a reading and is not settled");
        return Err(SdkError::Integrity(why));
    }
    Ok(lines.into_values().collect())
}

fn seats(client: &Client, number: u64) -> Result<Vec<Seat>, SdkError> {
    let told = events::<Joined>(client, number, Asked::default())?;
    let mut seats: Vec<Seat> = told
        .into_iter()
        .map(|Told { event, .. }| Seat {
            index: event.index,
            household: event.household,
            meter: DeviceId(event.meter),
            fuse: event.fuse,
            supplier: event.supplier,
            technology: event.technology,
            from: event.from,
        })
        .collect();
    seats.sort_by_key(|seat| (seat.index, seat.from));
    Ok(seats)
}

/// The rules that ever held before a time.
pub(crate) fn rules(client: &Client, number: u64, to: u64) -> Result<Vec<RulesFrom>, SdkError> {
    let asked = Asked {
        second: true,
        ..Asked::default()
    };
    let told = events::<RulesDecided>(client, number, asked)?;
    let of = |Told { event, .. }: Told<RulesDecided>| rules_from(event.from, &event.rules);
    let mut rules: Vec<RulesFrom> = told.into_iter().map(of).collect();
    rules.retain(|rules| rules.from < to);
    rules.sort_by_key(|rules| rules.from);
    Ok(rules)
}

pub(crate) fn rules_from(from: u64, rules: &IEnergy::Rules) -> RulesFrom {
    RulesFrom {
        from,
        mode: rules.mode as u8,
        rounds: rules.rounds,
        k: (rules.kNumerator, rules.kDenominator),
        local_price: rules.localPrice,
        network_fee: rules.networkFee,
        community_fee: rules.communityFee,
        levy: rules.levy,
        slot_seconds: rules.slotSeconds,
    }
}

fn tariffs(client: &Client, number: u64, to: u64) -> Result<Vec<TariffFrom>, SdkError> {
    let told = events::<TariffSet>(client, number, Asked::default())?;
    let of = |Told { event, .. }: Told<TariffSet>| TariffFrom {
        supplier: event.supplier,
        from: event.from,
        retail: event.retail,
        feed_in: event.feedIn,
    };
    let mut tariffs: Vec<TariffFrom> = told.into_iter().map(of).collect();
    tariffs.sort_by_key(|tariff| tariff.from);
    // A supplier's first prices hold before they were stated as well.
    let mut suppliers = BTreeSet::new();
    tariffs.retain(|tariff| suppliers.insert(tariff.supplier) || tariff.from < to);
    Ok(tariffs)
}

fn limits(client: &Client, number: u64, to: u64) -> Result<Vec<LimitsFrom>, SdkError> {
    let told = events::<LimitsSet>(client, number, Asked::default())?;
    let of = |Told { event, .. }: Told<LimitsSet>| LimitsFrom {
        index: event.index,
        from: event.from,
        buy: event.buy,
        sell: event.sell,
    };
    let mut limits: Vec<LimitsFrom> = told.into_iter().map(of).collect();
    limits.retain(|limits| limits.from < to);
    limits.sort_by_key(|limits| (limits.index, limits.from));
    Ok(limits)
}

fn weights(client: &Client, number: u64, to: u64) -> Result<Vec<WeightFrom>, SdkError> {
    let told = events::<WeightSet>(client, number, Asked::default())?;
    let of = |Told { event, .. }: Told<WeightSet>| WeightFrom {
        index: event.index,
        from: event.from,
        weight: event.weight,
    };
    let mut weights: Vec<WeightFrom> = told.into_iter().map(of).collect();
    weights.retain(|weight| weight.from < to);
    weights.sort_by_key(|weight| (weight.index, weight.from));
    Ok(weights)
}
