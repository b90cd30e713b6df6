//! What gas costs.

use std::sync::Arc;

use alloy_consensus::Transaction as _;
use alloy_eips::BlockNumberOrTag;
use alloy_primitives::U64;
use alloy_rpc_types_eth::FeeHistory;
use commonhold_index::Entry;
use jsonrpsee::{RpcModule, core::RegisterMethodError, types::Params};

use super::methods;
use crate::{
    backend::Backend,
    context::{Context, unknown_block},
    convert,
    error::{Fault, Outcome},
    limits::{FEE_HISTORY_BLOCKS_MAX, FEE_HISTORY_PERCENTILES_MAX},
    params::{Args, Number},
};

pub(super) fn register<B: Backend>(
    module: &mut RpcModule<Context<B>>,
) -> Result<(), RegisterMethodError> {
    methods!(module:
        "eth_gasPrice" => gas_price,
        "eth_maxPriorityFeePerGas" => tip,
        "eth_blobBaseFee" => blob_base_fee,
        "eth_baseFee" => base_fee,
        "eth_feeHistory" => history,
    );
    Ok(())
}

type Call<B> = Arc<Context<B>>;

/// The base fee is fixed, and a tip buys nothing: blocks are filled fairly, not by price.
async fn gas_price<B: Backend>(context: Call<B>, _: Params<'_>) -> Outcome<U64> {
    Ok(U64::from(context.node.genesis().base_fee_per_gas))
}

async fn tip<B: Backend>(_: Call<B>, _: Params<'_>) -> Outcome<U64> {
    Ok(U64::ZERO)
}

/// There are no blobs; one wei is what Ethereum asks when there is no demand for them.
async fn blob_base_fee<B: Backend>(_: Call<B>, _: Params<'_>) -> Outcome<U64> {
    Ok(U64::from(1))
}

async fn base_fee<B: Backend>(context: Call<B>, _: Params<'_>) -> Outcome<U64> {
    Ok(U64::from(context.node.genesis().base_fee_per_gas))
}

async fn history<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<FeeHistory> {
    let mut args = Args::new(&params)?;
    let count = args.need::<Number>("block count")?.get();
    let newest: BlockNumberOrTag = args.need("newest block")?;
    let percentiles: Option<Vec<f64>> = args.may("reward percentiles")?;
    check(percentiles.as_deref().unwrap_or_default())?;
    let newest_number = context.number(newest);
    if newest_number > context.head().number {
        return Err(unknown_block(newest.into()));
    }
    let count = count
        .min(FEE_HISTORY_BLOCKS_MAX)
        .min(newest_number.saturating_add(1));
    let base_fee = u128::from(context.node.genesis().base_fee_per_gas);
    if count == 0 {
        return Ok(FeeHistory::default());
    }
    let oldest_block = newest_number.saturating_sub(count.saturating_sub(1));
    let mut answer = FeeHistory {
        oldest_block,
        ..FeeHistory::default()
    };
    let mut rewards = Vec::new();
    for number in oldest_block..=newest_number {
        let entry = context.block(number.into())?;
        answer.base_fee_per_gas.push(base_fee);
        answer.base_fee_per_blob_gas.push(1);
        answer.blob_gas_used_ratio.push(0.0);
        answer
            .gas_used_ratio
            .push(ratio(entry.header.gas_used, entry.header.gas_limit));
        if let Some(percentiles) = &percentiles {
            let free = context.node.machine().is_free();
            rewards.push(reward(&entry, percentiles, free)?);
        }
    }
    answer.base_fee_per_gas.push(base_fee);
    answer.base_fee_per_blob_gas.push(1);
    answer.reward = percentiles.map(|_| rewards);
    Ok(answer)
}

#[allow(clippy::cast_precision_loss, reason = "a ratio for people")]
fn ratio(used: u64, limit: u64) -> f64 {
    if limit == 0 {
        0.0
    } else {
        used as f64 / limit as f64
    }
}

fn check(percentiles: &[f64]) -> Outcome<()> {
    if percentiles.len() > FEE_HISTORY_PERCENTILES_MAX {
        let max = FEE_HISTORY_PERCENTILES_MAX as u64;
        return Err(Fault::limit(
            "FEE_HISTORY_PERCENTILES_MAX",
            max,
            "the query",
        ));
    }
    let ordered = percentiles
        .windows(2)
        .all(|pair| matches!(pair, [a, b] if a <= b));
    if !ordered || percentiles.iter().any(|p| !(0.0..=100.0).contains(p)) {
        return Err(Fault::params("reward percentiles must rise from 0 to 100"));
    }
    Ok(())
}

/// Tips by percentile of gas used.
fn reward(entry: &Entry, percentiles: &[f64], free: bool) -> Outcome<Vec<u128>> {
    let base = entry.header.base_fee_per_gas.unwrap_or(0);
    if free || entry.transactions.is_empty() {
        return Ok(vec![0; percentiles.len()]);
    }
    let mut tips = Vec::with_capacity(entry.transactions.len());
    for index in 0..entry.transactions.len() {
        let tip = convert::envelope(entry, index)?
            .effective_tip_per_gas(base)
            .unwrap_or(0);
        tips.push((tip, entry.gas_used(index)));
    }
    tips.sort_unstable();
    #[allow(clippy::cast_precision_loss, reason = "a statistic for people")]
    let total = entry.header.gas_used as f64;
    let mut answer = Vec::with_capacity(percentiles.len());
    for percentile in percentiles {
        let threshold = total * percentile / 100.0;
        let mut sum = 0u64;
        #[allow(clippy::cast_precision_loss, reason = "a statistic for people")]
        let found = tips.iter().find(|(_, gas)| {
            sum = sum.saturating_add(*gas);
            sum as f64 >= threshold
        });
        answer.push(found.or(tips.last()).map_or(0, |(tip, _)| *tip));
    }
    Ok(answer)
}
