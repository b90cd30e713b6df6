//! What the law of health says, asked through a node.

use alloy_primitives::{Address, B256};
use commonhold_health_contract::{
    ADDRESS,
    interface::IHealth::{
        self, emergenciesOfCall, emergencyCall, requestOfCall, requestsByCall, requestsToCall,
        sliceCall, slicesOfCall,
    },
};
use commonhold_sdk::{
    Abis, Client, SdkError,
    page::{Page, all},
};

/// Entries asked for at a time.
const PAGE: u64 = 100;

/// The interface of the law of health, so that its refusals are put into words.
pub fn abis() -> Abis {
    let mut abis = Abis::default();
    abis.add(ADDRESS, "health", IHealth::abi::contract());
    abis
}

/// Everything that is registered about a subject.
pub(crate) fn slices(client: &Client, subject: Address) -> Result<Vec<IHealth::Slice>, SdkError> {
    let ids: Vec<B256> = all(|from| {
        let call = slicesOfCall {
            subject,
            from,
            max: PAGE,
        };
        let told = client.call(ADDRESS, &call)?;
        Ok(Page {
            items: told.page,
            total: told.total,
        })
    })?;
    let one = |id| client.call(ADDRESS, &sliceCall { id });
    ids.into_iter().map(one).collect()
}

/// A request.
pub(crate) fn request(client: &Client, number: u64) -> Result<IHealth::Request, SdkError> {
    client.call(ADDRESS, &requestOfCall { number })
}

/// Requests to somebody, oldest first.
pub(crate) fn requests_to(
    client: &Client,
    subject: Address,
) -> Result<Vec<IHealth::Request>, SdkError> {
    let numbers: Vec<u64> = all(|from| {
        let call = requestsToCall {
            subject,
            from,
            max: PAGE,
        };
        let told = client.call(ADDRESS, &call)?;
        Ok(Page {
            items: told.page,
            total: told.total,
        })
    })?;
    numbers.into_iter().map(|n| request(client, n)).collect()
}

/// Requests that somebody made, oldest first.
pub(crate) fn requests_by(
    client: &Client,
    requester: Address,
) -> Result<Vec<IHealth::Request>, SdkError> {
    let numbers: Vec<u64> = all(|from| {
        let call = requestsByCall {
            requester,
            from,
            max: PAGE,
        };
        let told = client.call(ADDRESS, &call)?;
        Ok(Page {
            items: told.page,
            total: told.total,
        })
    })?;
    numbers.into_iter().map(|n| request(client, n)).collect()
}

/// Somebody's emergencies, oldest first.
pub(crate) fn emergencies(
    client: &Client,
    subject: Address,
) -> Result<Vec<IHealth::Case>, SdkError> {
    let numbers: Vec<u64> = all(|from| {
        let call = emergenciesOfCall {
            subject,
            from,
            max: PAGE,
        };
        let told = client.call(ADDRESS, &call)?;
        Ok(Page {
            items: told.page,
            total: told.total,
        })
    })?;
    let one = |number| client.call(ADDRESS, &emergencyCall { number });
    numbers.into_iter().map(one).collect()
}
