//! Accounts, code and storage.

use std::{collections::BTreeMap, sync::Arc};

use alloy_eips::BlockId;
use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, U64, U256};
use commonhold_primitives::{Account, StateKey, StateValue};
use jsonrpsee::{RpcModule, core::RegisterMethodError, types::Params};
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::{Value, json};

use super::methods;
use crate::{
    backend::Backend,
    context::Context,
    error::{Fault, Outcome},
    limits::STORAGE_VALUES_MAX,
    params::Args,
    session::Session,
};

pub(super) fn register<B: Backend>(
    module: &mut RpcModule<Context<B>>,
) -> Result<(), RegisterMethodError> {
    methods!(module:
        "eth_getBalance" => balance,
        "eth_getTransactionCount" => nonce,
        "eth_getCode" => code,
        "eth_getStorageAt" => storage,
        "eth_getStorageValues" => storage_values,
        "eth_getAccount" => account,
        "eth_getAccountInfo" => account_info,
        "eth_getProof" => proof,
    );
    Ok(())
}

type Call<B> = Arc<Context<B>>;

/// A storage slot: clients write it as 32 bytes or as a short quantity (`0x0`).
pub(crate) struct SlotKey(pub(crate) U256);

impl<'de> Deserialize<'de> for SlotKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
        let Some(digits) =
            digits.filter(|d| d.len() <= 64 && d.bytes().all(|b| b.is_ascii_hexdigit()))
        else {
            let why = "a storage key is 0x and up to 64 hex digits";
            return Err(D::Error::custom(why));
        };
        if digits.is_empty() {
            return Ok(Self(U256::ZERO));
        }
        U256::from_str_radix(digits, 16)
            .map(Self)
            .map_err(D::Error::custom)
    }
}

pub(crate) async fn load_account<B: Backend>(
    session: &Session<B>,
    address: Address,
) -> Outcome<Option<Account>> {
    Ok(match session.get(StateKey::Account(address)).await? {
        Some(StateValue::Account(account)) => Some(account),
        _ => None,
    })
}

pub(crate) async fn load_code<B: Backend>(
    session: &Session<B>,
    account: Option<&Account>,
) -> Outcome<Bytes> {
    let Some(hash) = account
        .map(|a| a.code_hash)
        .filter(|hash| *hash != KECCAK256_EMPTY)
    else {
        return Ok(Bytes::new());
    };
    match session.get(StateKey::Code(hash)).await? {
        Some(StateValue::Code(code)) => Ok(code),
        _ => Err(Fault::Internal(format!("code {hash} is missing"))),
    }
}

async fn balance<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<U256> {
    let mut args = Args::new(&params)?;
    let address = args.need("address")?;
    let session = Session::open(&context, args.may("block")?)?;
    Ok(load_account(&session, address)
        .await?
        .unwrap_or_default()
        .balance)
}

async fn nonce<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<U64> {
    let mut args = Args::new(&params)?;
    let address: Address = args.need("address")?;
    let block: Option<BlockId> = args.may("block")?;
    if block == Some(BlockId::pending())
        && let Some(nonce) = context.node.pool().pending_nonce(&address)
    {
        return Ok(U64::from(nonce));
    }
    let session = Session::open(&context, block)?;
    Ok(U64::from(
        load_account(&session, address)
            .await?
            .unwrap_or_default()
            .nonce,
    ))
}

async fn code<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<Bytes> {
    let mut args = Args::new(&params)?;
    let address = args.need("address")?;
    let session = Session::open(&context, args.may("block")?)?;
    let account = load_account(&session, address).await?;
    load_code(&session, account.as_ref()).await
}

/// Slots of one account. An account that did not exist has none, whatever stands there later.
async fn slots<B: Backend>(
    session: &Session<B>,
    address: Address,
    slots: &[U256],
) -> Outcome<Vec<B256>> {
    let mut keys = vec![StateKey::Account(address)];
    keys.extend(slots.iter().map(|slot| StateKey::Slot(address, *slot)));
    let mut values = session.load(keys).await?.into_iter();
    let exists = values.next().flatten().is_some();
    Ok(values
        .map(|value| match value {
            Some(StateValue::Slot(word)) if exists => B256::from(word),
            _ => B256::ZERO,
        })
        .collect())
}

async fn storage<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<B256> {
    let mut args = Args::new(&params)?;
    let address = args.need("address")?;
    let slot: SlotKey = args.need("storage slot")?;
    let session = Session::open(&context, args.may("block")?)?;
    Ok(slots(&session, address, &[slot.0])
        .await?
        .pop()
        .unwrap_or_default())
}

async fn storage_values<B: Backend>(
    context: Call<B>,
    params: Params<'_>,
) -> Outcome<BTreeMap<Address, Vec<B256>>> {
    let mut args = Args::new(&params)?;
    let requests: BTreeMap<Address, Vec<SlotKey>> = args.need("requests")?;
    let session = Session::open(&context, args.may("block")?)?;
    let count: usize = requests.values().map(Vec::len).sum();
    if count == 0 {
        return Err(Fault::params("empty request"));
    }
    if count > STORAGE_VALUES_MAX {
        let max = STORAGE_VALUES_MAX as u64;
        let why = format!("too many slots (max {max}, STORAGE_VALUES_MAX)");
        return Err(Fault::Code(-38026, why));
    }
    let mut answer = BTreeMap::new();
    for (address, keys) in requests {
        let keys: Vec<U256> = keys.into_iter().map(|key| key.0).collect();
        answer.insert(address, slots(&session, address, &keys).await?);
    }
    Ok(answer)
}

async fn account<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<Value> {
    drop((context, params));
    Err(Fault::Unsupported(
        "accounts have no storage root of their own here: see commonhold_getStateProof".into(),
    ))
}

async fn account_info<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<Value> {
    let mut args = Args::new(&params)?;
    let address = args.need("address")?;
    let session = Session::open(&context, args.may("block")?)?;
    let account = load_account(&session, address).await?;
    let code = load_code(&session, account.as_ref()).await?;
    let account = account.unwrap_or_default();
    Ok(json!({
        "balance": account.balance, "nonce": U64::from(account.nonce), "code": code,
    }))
}

/// The state is not a Merkle-Patricia trie: a wrong proof would be worse than none.
async fn proof<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<Value> {
    let mut args = Args::new(&params)?;
    args.need::<Address>("address")?;
    args.need::<Vec<SlotKey>>("storage keys")?;
    drop(context);
    Err(Fault::Unsupported(
        "eth_getProof is not supported: the state is no Merkle-Patricia trie; \
         commonhold_getStateProof proves accounts and slots, present or absent"
            .into(),
    ))
}
