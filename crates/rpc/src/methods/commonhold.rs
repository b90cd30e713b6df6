//! What is this network's own: its key, members, certificates, stamps and state proofs.

use std::sync::Arc;

use alloy_eips::BlockId;
use alloy_primitives::{Address, B256, Bytes, U256};
use commonhold_index::Entry;
use commonhold_primitives::{
    StateKey,
    consensus::MemberKey,
    limits::STAMP_DESCENDANTS_MAX,
    receipt,
    stamp::{Claim, Entry as StampEntry, Stamp, VERSION},
    trie,
};
use jsonrpsee::{RpcModule, core::RegisterMethodError, types::Params};
use serde_json::{Value, json};

use super::{methods, state::SlotKey};
use crate::{
    backend::Backend,
    context::Context,
    error::{Fault, Outcome},
    limits::STATE_PROOFS_MAX,
    params::Args,
};

pub(super) fn register<B: Backend>(
    module: &mut RpcModule<Context<B>>,
) -> Result<(), RegisterMethodError> {
    methods!(module:
        "commonhold_networkKey" => network_key,
        "commonhold_sealKey" => seal_key,
        "commonhold_genesis" => genesis,
        "commonhold_members" => members,
        "commonhold_status" => status,
        "commonhold_limits" => limits,
        "commonhold_getCertificate" => certificate,
        "commonhold_getStamp" => stamp,
        "commonhold_getStateProof" => state_proof,
        "commonhold_getStateStamp" => state_proof,
    );
    Ok(())
}

type Call<B> = Arc<Context<B>>;

async fn network_key<B: Backend>(context: Call<B>, _: Params<'_>) -> Outcome<Bytes> {
    Ok(context.node.genesis().network_key.clone())
}

/// What to seal with, and who holds it: the seal key, the public side of the sharing in force, the epoch
/// from which on it is, the identity keys of its holders by their places, and to whom it is dealt in this
/// epoch. A node that joined within the epoch knows the key alone until the next one.
async fn seal_key<B: Backend>(context: Call<B>, _: Params<'_>) -> Outcome<Value> {
    let key = Bytes::from(context.seal_group()?.key().to_bytes());
    let keys = |of: &[MemberKey]| -> Vec<B256> {
        of.iter()
            .map(|key| B256::from_slice(key.as_ref()))
            .collect()
    };
    let held = context.node.holdings().now();
    let Some(current) = &held.current else {
        return Ok(json!({ "key": key }));
    };
    Ok(json!({
        "key": key,
        "sharing": Bytes::from(current.group.to_bytes()),
        "epoch": current.epoch,
        "threshold": current.group.threshold(),
        "members": keys(&current.holders),
        "next": keys(&held.next),
        "hasShare": current.share.is_some(),
    }))
}

async fn genesis<B: Backend>(context: Call<B>, _: Params<'_>) -> Outcome<Value> {
    let genesis = context.node.genesis();
    Ok(json!({ "hash": genesis.hash(), "document": genesis.as_ref() }))
}

async fn members<B: Backend>(context: Call<B>, _: Params<'_>) -> Outcome<Value> {
    Ok(json!(crate::views::members(&context.node)))
}

async fn status<B: Backend>(context: Call<B>, _: Params<'_>) -> Outcome<Value> {
    Ok(json!(crate::views::network(&context.node)))
}

async fn limits<B: Backend>(_: Call<B>, _: Params<'_>) -> Outcome<Value> {
    let all = [
        ("primitives", commonhold_primitives::limits::ALL),
        ("execution", commonhold_execution::limits::ALL),
        ("pool", commonhold_pool::limits::ALL),
        ("index", commonhold_index::limits::ALL),
        ("seal", commonhold_seal::limits::ALL),
        ("opening", commonhold_opening::limits::ALL),
        ("vault", commonhold_vault::limits::ALL),
        ("rpc", crate::limits::ALL),
    ];
    let map = |limits: &[(&str, u64)]| -> Value {
        limits
            .iter()
            .map(|(name, value)| ((*name).to_owned(), json!(value)))
            .collect()
    };
    Ok(all
        .into_iter()
        .map(|(name, limits)| (name.to_owned(), map(limits)))
        .collect())
}

/// The certificate that covers a block, and the headers from the block to the one it names. Where a
/// round ended before all votes were in, a later block's certificate covers the block as well.
async fn certificate_of<B: Backend>(
    context: &Context<B>,
    number: u64,
) -> Outcome<(Vec<Bytes>, Bytes)> {
    let mut descendants = Vec::new();
    let mut at = number;
    while descendants.len() <= STAMP_DESCENDANTS_MAX {
        if let Some(certificate) = context.node.certificate(at).await {
            return Ok((descendants, certificate));
        }
        at = at.saturating_add(1);
        let Some(next) = context.index().block(at)? else {
            break;
        };
        descendants.push(alloy_rlp::encode(&next.header).into());
    }
    Err(Fault::NotFound(format!(
        "no certificate of block {number} is kept here"
    )))
}

/// The newest block that is covered by a certificate now: most often the head itself. Where the head has none
/// yet, what is asked for by a tag is the block before.
async fn newest_certified<B: Backend>(context: &Context<B>) -> Outcome<Arc<Entry>> {
    let head = context.head().number;
    let mut at = head;
    while head.saturating_sub(at) <= STAMP_DESCENDANTS_MAX as u64 {
        if context.node.certificate(at).await.is_some()
            && let Some(entry) = context.index().block(at)?
        {
            return Ok(entry);
        }
        let Some(before) = at.checked_sub(1) else {
            break;
        };
        at = before;
    }
    Err(Fault::NotFound(format!(
        "no certificate of block {head} or of one shortly before is kept here"
    )))
}

async fn certificate<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<Value> {
    let id: BlockId = Args::new(&params)?.need("block")?;
    let entry = match id {
        BlockId::Number(tag) if !tag.is_number() && !tag.is_earliest() => {
            newest_certified(&context).await?
        }
        id => context.block(id)?,
    };
    let (descendants, certificate) = certificate_of(&context, entry.number()).await?;
    let header: Bytes = alloy_rlp::encode(&entry.header).into();
    Ok(json!({
        "number": alloy_primitives::U64::from(entry.number()),
        "hash": entry.hash, "header": header, "descendants": descendants, "certificate": certificate,
    }))
}

pub(crate) async fn stamp_of<B: Backend>(context: &Context<B>, hash: B256) -> Outcome<Stamp> {
    let unknown = || Fault::NotFound(format!("no final transaction {hash} is known"));
    let (entry, index) = context.index().find(&hash)?.ok_or_else(unknown)?;
    let receipts: Vec<Vec<u8>> = entry.receipts.iter().map(receipt::encode).collect();
    let claim = Claim::Transaction {
        index: index as u64,
        raw: entry.transactions.get(index).cloned().ok_or_else(unknown)?,
        proof: trie::prove(&entry.transactions, index).ok_or_else(unknown)?,
        receipt_proof: trie::prove(&receipts, index).ok_or_else(unknown)?,
        receipt: receipts
            .into_iter()
            .nth(index)
            .map(Into::into)
            .ok_or_else(unknown)?,
    };
    let (descendants, certificate) = certificate_of(context, entry.number()).await?;
    let header = alloy_rlp::encode(&entry.header).into();
    Ok(Stamp {
        version: VERSION,
        header,
        descendants,
        certificate,
        claim,
    })
}

async fn stamp<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<Stamp> {
    let hash: B256 = Args::new(&params)?.need("transaction hash")?;
    stamp_of(&context, hash).await
}

/// A stamp about entries of the latest state: an account where no slots are named, slots otherwise.
async fn state_proof<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<Stamp> {
    let mut args = Args::new(&params)?;
    let address: Address = args.need("address")?;
    let slots: Vec<SlotKey> = args.may("slots")?.unwrap_or_default();
    if slots.len() > STATE_PROOFS_MAX {
        return Err(Fault::limit(
            "STATE_PROOFS_MAX",
            STATE_PROOFS_MAX as u64,
            "the query",
        ));
    }
    let mut entries: Vec<Option<U256>> = slots.into_iter().map(|slot| Some(slot.0)).collect();
    if entries.is_empty() {
        entries.push(None);
    }
    state_stamp(&context, address, entries).await
}

pub(crate) async fn state_stamp<B: Backend>(
    context: &Context<B>,
    address: Address,
    slots: Vec<Option<U256>>,
) -> Outcome<Stamp> {
    let keys = slots
        .iter()
        .map(|slot| {
            slot.map_or(StateKey::Account(address), |slot| {
                StateKey::Slot(address, slot)
            })
        })
        .collect();
    let proven = context.node.prove(keys).await?;
    let mut heads = context.node.head();
    let shown = heads.wait_for(|head| head.number >= proven.number);
    let waited = tokio::time::timeout(std::time::Duration::from_secs(2), shown)
        .await
        .is_ok();
    let entry = context.index().block(proven.number)?.filter(|_| waited);
    let entry = entry.ok_or_else(|| Fault::Internal("the index is behind the state".into()))?;
    let (descendants, certificate) = certificate_of(context, proven.number).await?;
    let entries = slots
        .into_iter()
        .zip(proven.proofs)
        .map(|(slot, proof)| StampEntry {
            address,
            slot,
            proof,
        })
        .collect();
    let header = alloy_rlp::encode(&entry.header).into();
    Ok(Stamp {
        version: VERSION,
        header,
        descendants,
        certificate,
        claim: Claim::State { entries },
    })
}
