//! Whether a request may be answered, by the newest state that this member holds to be final.

use std::future::Future;

use alloy_eips::eip2935::{HISTORY_SERVE_WINDOW, HISTORY_STORAGE_ADDRESS};
use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::SolCall;
use commonhold_execution::{CallError, CallRequest, Env, Machine, Overlay, Resumable};
use commonhold_primitives::{StateKey, StateValue, system::RECORDS};
use commonhold_seal::{Identity, ReaderKey};
use commonhold_system::records::{
    access::permits,
    interface::IRecords::{Opening, mayReleaseCall, openingCall, recordCall},
};

use crate::{
    limits::{HASHES_BACK_MAX, LOAD_ROUNDS_MAX},
    wire::Refusal,
};

/// The newest final state, and the blocks behind it.
pub trait FinalState: Clone + Send + Sync + 'static {
    /// The newest final block that this member has applied.
    fn newest(&self) -> impl Future<Output = Option<Env>> + Send;
    /// What stands under `keys`, in the state after the newest block or after a later one; one value
    /// for each key.
    fn load(
        &self,
        keys: Vec<StateKey>,
    ) -> impl Future<Output = Option<Vec<Option<StateValue>>>> + Send;
    /// The hash of a final block, where this member has the block.
    fn hash(&self, number: u64) -> impl Future<Output = Option<B256>> + Send;
    /// Waits until a block after block `number` is the newest. `false`: none will come.
    fn after(&self, number: u64) -> impl Future<Output = bool> + Send;
}

/// A request that may be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permitted {
    /// Its number.
    pub number: u64,
    /// The record.
    pub record: B256,
    /// What its data key is sealed to.
    pub identity: Identity,
    /// Who is to read.
    pub reader: Address,
    /// The key to answer to.
    pub reader_key: ReaderKey,
    /// The hash of the block that holds it.
    pub block: B256,
}

/// Whether the request `number` may be answered in the state after `now` or later.
///
/// # Errors
/// [`Refusal`] says why not.
pub(crate) async fn request(
    machine: &Machine,
    state: &impl FinalState,
    now: &Env,
    number: u64,
) -> Result<Permitted, Refusal> {
    let mut overlay = Overlay::default();
    let opening = ask(machine, state, now, &mut overlay, openingCall { number }).await?;
    let Some(opening) = opening else {
        return Err(Refusal::NotFinal);
    };
    let access = ask(machine, state, now, &mut overlay, mayReleaseCall { number }).await?;
    let access = access.ok_or(Refusal::Unavailable)?;
    if !permits(access) {
        return Err(Refusal::Access(access));
    }
    let Opening {
        id,
        reader,
        readerKey,
        blockNumber,
        ..
    } = opening;
    let record = ask(machine, state, now, &mut overlay, recordCall { id }).await?;
    let record = record.ok_or(Refusal::Unavailable)?;
    let identity = Identity::of_record(id, record.stream, record.day);
    let identity = identity.map_err(|_| Refusal::Unavailable)?;
    let block = hash(state, now, blockNumber).await;
    let block = block.ok_or(Refusal::Unavailable)?;
    Ok(Permitted {
        number,
        record: id,
        identity,
        reader,
        reader_key: ReaderKey(readerKey.0),
        block,
    })
}

/// The hash of a final block. A member that joined by state sync does not have the blocks from before;
/// the history contract in its state has the hashes of the last of them.
async fn hash(state: &impl FinalState, now: &Env, number: u64) -> Option<B256> {
    if let Some(hash) = state.hash(number).await {
        return Some(hash);
    }
    let back = now.number.checked_sub(number)?;
    if back == 0 || back > HASHES_BACK_MAX {
        return None;
    }
    let window = u64::try_from(HISTORY_SERVE_WINDOW).ok()?;
    let slot = U256::from(number.checked_rem(window)?);
    let key = StateKey::Slot(HISTORY_STORAGE_ADDRESS, slot);
    match state.load(vec![key]).await?.as_slice() {
        [Some(StateValue::Slot(hash))] => Some(B256::from(*hash)),
        _ => None,
    }
}

/// Asks the records module. `None` where it reverts.
async fn ask<C: SolCall>(
    machine: &Machine,
    state: &impl FinalState,
    now: &Env,
    overlay: &mut Overlay,
    call: C,
) -> Result<Option<C::Return>, Refusal> {
    let request = CallRequest {
        to: Some(RECORDS),
        input: Bytes::from(call.abi_encode()),
        ..CallRequest::default()
    };
    for _ in 0..LOAD_ROUNDS_MAX {
        let keys = match machine.call(now, overlay, &request) {
            Resumable::Need(keys) => keys,
            Resumable::Done(Ok(result)) => {
                let decoded = C::abi_decode_returns(&result.output);
                return decoded.map(Some).map_err(|_| Refusal::Unavailable);
            }
            Resumable::Done(Err(CallError::Revert { .. })) => return Ok(None),
            Resumable::Done(Err(_)) => return Err(Refusal::Unavailable),
        };
        let values = state.load(keys.clone()).await;
        let values = values.filter(|values| values.len() == keys.len());
        for (key, value) in keys.into_iter().zip(values.ok_or(Refusal::Unavailable)?) {
            overlay.insert_read(key, value);
        }
    }
    Err(Refusal::Unavailable)
}
