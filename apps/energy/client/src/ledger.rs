//! What the law of energy says, asked through a node: its views, and the events that it told.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, U256};
use alloy_rpc_types_eth::{Filter, Log};
use alloy_sol_types::SolEvent;
use commonhold_energy_contract::{
    ADDRESS,
    interface::IEnergy::{
        Community, Line, Member, Slot, communitiesCall, communityCall, linesOfCall, memberCall,
        membersCall, slotOfCall,
    },
    limits::LINES_PER_PAGE_MAX,
    module,
};
use commonhold_sdk::{Abis, Client, SdkError, page::every};

use crate::limits::SLOTS_PER_QUESTION_MAX;

/// The interface of the law of energy, so that its refusals are put into words.
pub fn abis() -> Abis {
    Abis::of(&module())
}

/// Where an event stands in the chain: its block, and its place among the block's.
pub(crate) type Place = (u64, u64);

/// An event and what told it.
#[derive(Clone, Debug)]
pub(crate) struct Told<E> {
    pub(crate) event: E,
    pub(crate) transaction: B256,
    pub(crate) place: Place,
}

/// A number as a topic.
pub(crate) fn topic(number: u64) -> B256 {
    B256::from(U256::from(number))
}

/// What a question about events asks for, beside their kind and community.
#[derive(Clone, Copy, Default)]
pub(crate) struct Asked<'a> {
    /// Only of these slots, or whatever an event's second topic is.
    pub(crate) slots: Option<&'a [u64]>,
    /// Only of this place, or whatever its third topic is.
    pub(crate) third: Option<u64>,
    /// Whether the community is the second topic: what is told of a proposal has that first.
    pub(crate) second: bool,
}

/// The community that was meant: the only one there is, where none is named.
pub(crate) fn meant(client: &Client, number: Option<u64>) -> eyre::Result<u64> {
    if let Some(number) = number {
        return Ok(number);
    }
    match client.call(ADDRESS, &communitiesCall {})? {
        0 => Err(commonhold_session::Refused(
            "there is no community yet: found one with `energy community create`".to_owned(),
        )
        .into()),
        1 => Ok(1),
        total => Err(commonhold_session::Refused(format!(
            "there are {total} communities: say which by --community (see `energy community show`)"
        ))
        .into()),
    }
}

pub(crate) fn community(client: &Client, number: u64) -> Result<Community, SdkError> {
    client.call(ADDRESS, &communityCall { number })
}

pub(crate) fn slot(client: &Client, number: u64, slot: u64) -> Result<Slot, SdkError> {
    client.call(ADDRESS, &slotOfCall { number, slot })
}

pub(crate) fn member(client: &Client, number: u64, household: Address) -> Result<Member, SdkError> {
    client.call(ADDRESS, &memberCall { number, household })
}

/// The households of all places, in the order of joining.
pub(crate) fn households(client: &Client, number: u64) -> Result<Vec<Address>, SdkError> {
    every(|from, max| {
        let told = client.call(ADDRESS, &membersCall { number, from, max })?;
        Ok((told.page, told.total))
    })
}

/// What a slot says of every place.
pub(crate) fn lines(client: &Client, number: u64, slot: u64) -> Result<Vec<Line>, SdkError> {
    let mut lines: Vec<Line> = Vec::new();
    loop {
        let from = u32::try_from(lines.len()).unwrap_or(u32::MAX);
        let max = LINES_PER_PAGE_MAX;
        let call = linesOfCall {
            number,
            slot,
            from,
            max,
        };
        let told = client.call(ADDRESS, &call)?;
        let ended = told.page.is_empty();
        lines.extend(told.page);
        if ended || lines.len() >= told.total as usize {
            return Ok(lines);
        }
    }
}

/// Events of a community, in the chain's order.
pub(crate) fn events<E: SolEvent>(
    client: &Client,
    number: u64,
    asked: Asked<'_>,
) -> Result<Vec<Told<E>>, SdkError> {
    let base = Filter::new()
        .address(ADDRESS)
        .event_signature(E::SIGNATURE_HASH);
    let mut filter = if asked.second {
        base.topic2(topic(number))
    } else {
        base.topic1(topic(number))
    };
    if let Some(third) = asked.third {
        filter = filter.topic3(topic(third));
    }
    let filters: Vec<Filter> = match asked.slots {
        None => vec![filter],
        Some(slots) => {
            let some = slots.chunks(SLOTS_PER_QUESTION_MAX);
            let topics = some.map(|some| some.iter().map(|slot| topic(*slot)).collect::<Vec<_>>());
            topics.map(|some| filter.clone().topic2(some)).collect()
        }
    };
    let last = client.block_number()?;
    let mut found = BTreeMap::new();
    for filter in filters {
        for log in client.filtered(&filter, (0, last))? {
            let (place, told) = told(&log)
                .ok_or_else(|| SdkError::Integrity("a log that was not asked for".to_owned()))?;
            found.insert(place, told);
        }
    }
    Ok(found.into_values().collect())
}

fn told<E: SolEvent>(log: &Log) -> Option<(Place, Told<E>)> {
    let event = E::decode_log_data(log.data()).ok()?;
    let place = (log.block_number?, log.log_index?);
    let told = Told {
        event,
        transaction: log.transaction_hash?,
        place,
    };
    Some((place, told))
}
