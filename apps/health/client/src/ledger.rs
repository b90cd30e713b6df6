//! What the law of health says, asked through a node.

use alloy_primitives::{Address, B256};
use commonhold_health_contract::{
    ADDRESS,
    interface::IHealth::{
        self, emergenciesOfCall, emergencyCall, pseudonymCall, pseudonymsOfCall, requestOfCall,
        requestsByCall, requestsToCall, sliceCall, slicesOfCall,
    },
    module,
};
use commonhold_sdk::{Abis, Client, SdkError, page::every};

/// The interface of the law of health, so that its refusals are put into words.
pub fn abis() -> Abis {
    Abis::of(&module())
}

/// Everything that is registered about a subject.
pub(crate) fn slices(client: &Client, subject: Address) -> Result<Vec<IHealth::Slice>, SdkError> {
    let ids: Vec<B256> = every(|from, max| {
        let told = client.call(ADDRESS, &slicesOfCall { subject, from, max })?;
        Ok((told.page, told.total))
    })?;
    let one = |id| client.call(ADDRESS, &sliceCall { id });
    ids.into_iter().map(one).collect()
}

/// How many slices are registered about a subject.
pub(crate) fn slice_count(client: &Client, subject: Address) -> Result<u64, SdkError> {
    let (from, max) = (0, 0);
    let told = client.call(ADDRESS, &slicesOfCall { subject, from, max })?;
    Ok(told.total)
}

/// The pseudonyms that somebody took over, and has not passed on.
pub(crate) fn held(client: &Client, holder: Address) -> Result<Vec<Address>, SdkError> {
    let ever: Vec<Address> = every(|from, max| {
        let told = client.call(ADDRESS, &pseudonymsOfCall { holder, from, max })?;
        Ok((told.page, told.total))
    })?;
    let mut held = Vec::new();
    for subject in ever {
        if client.call(ADDRESS, &pseudonymCall { subject })?.holder == holder {
            held.push(subject);
        }
    }
    Ok(held)
}

/// Somebody under all addresses that are theirs: their own, and the pseudonyms that they took over.
pub(crate) fn all_of(client: &Client, who: Address) -> Result<Vec<Address>, SdkError> {
    let mut all = vec![who];
    all.extend(held(client, who)?);
    Ok(all)
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
    let numbers: Vec<u64> = every(|from, max| {
        let told = client.call(ADDRESS, &requestsToCall { subject, from, max })?;
        Ok((told.page, told.total))
    })?;
    numbers.into_iter().map(|n| request(client, n)).collect()
}

/// Requests that somebody made, oldest first.
pub(crate) fn requests_by(
    client: &Client,
    requester: Address,
) -> Result<Vec<IHealth::Request>, SdkError> {
    let numbers: Vec<u64> = every(|from, max| {
        let told = client.call(
            ADDRESS,
            &requestsByCall {
                requester,
                from,
                max,
            },
        )?;
        Ok((told.page, told.total))
    })?;
    numbers.into_iter().map(|n| request(client, n)).collect()
}

/// Somebody's emergencies, oldest first.
pub(crate) fn emergencies(
    client: &Client,
    subject: Address,
) -> Result<Vec<IHealth::Case>, SdkError> {
    let numbers: Vec<u64> = every(|from, max| {
        let told = client.call(ADDRESS, &emergenciesOfCall { subject, from, max })?;
        Ok((told.page, told.total))
    })?;
    let one = |number| client.call(ADDRESS, &emergencyCall { number });
    numbers.into_iter().map(one).collect()
}
