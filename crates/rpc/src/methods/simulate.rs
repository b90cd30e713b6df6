//! `eth_simulateV1`: blocks that are not.

use std::sync::Arc;

use alloy_consensus::transaction::Recovered;
use alloy_primitives::{Bytes, U256};
use alloy_rpc_types_eth::{
    Block as RpcBlock, BlockTransactions, Header as RpcHeader, Log as RpcLog,
    Transaction as RpcTransaction, Withdrawals,
    simulate::{SimCallResult, SimulateError, SimulatePayload, SimulatedBlock as Shown},
};
use commonhold_execution::{CallError, SimulatedBlock};
use jsonrpsee::{RpcModule, core::RegisterMethodError, types::Params};

use super::methods;
use crate::{
    backend::Backend,
    context::Context,
    convert::{self, BlockJson},
    error::{Fault, Outcome},
    params::Args,
    revert::Reasons,
    session::Session,
};

pub(super) fn register<B: Backend>(
    module: &mut RpcModule<Context<B>>,
) -> Result<(), RegisterMethodError> {
    methods!(module: "eth_simulateV1" => simulate,);
    Ok(())
}

async fn simulate<B: Backend>(
    context: Arc<Context<B>>,
    params: Params<'_>,
) -> Outcome<Vec<Shown<BlockJson>>> {
    let mut args = Args::new(&params)?;
    let payload: SimulatePayload = args.need("payload")?;
    if payload.block_state_calls.is_empty() {
        return Err(Fault::params("empty input"));
    }
    let full = payload.return_full_transactions;
    let session = Session::open(&context, args.may("block")?)?;
    let parent = session.header().clone();
    let ran = session
        .run(move |machine, _, overlay| machine.simulate(&parent, overlay, &payload))
        .await?;
    let blocks = ran.map_err(|error| Fault::Code(error.code, error.message))?;
    Ok(blocks
        .into_iter()
        .map(|block| show(block, full, &context.reasons))
        .collect())
}

fn show(block: SimulatedBlock, full: bool, reasons: &Reasons) -> Shown<BlockJson> {
    let (hash, number, time) = (block.hash, block.header.number, block.header.timestamp);
    let raws: Vec<_> = block
        .transactions
        .iter()
        .map(|(envelope, _)| alloy_eips::eip2718::Encodable2718::encoded_2718(envelope).into())
        .collect();
    let size = U256::from(convert::size_of(&block.header, &raws));
    let hashes: Vec<_> = block
        .transactions
        .iter()
        .map(|(envelope, _)| *envelope.tx_hash())
        .collect();
    let mut log_index = 0u64;
    let mut calls = Vec::with_capacity(block.calls.len());
    for (index, (call, transaction)) in block.calls.into_iter().zip(&hashes).enumerate() {
        let logs = call
            .logs
            .into_iter()
            .map(|inner| {
                let log = RpcLog {
                    inner,
                    block_hash: Some(hash),
                    block_number: Some(number),
                    block_timestamp: Some(time),
                    transaction_hash: Some(*transaction),
                    transaction_index: Some(index as u64),
                    log_index: Some(log_index),
                    removed: false,
                };
                log_index = log_index.saturating_add(1);
                log
            })
            .collect();
        calls.push(SimCallResult {
            // What a revert said stands in its error.
            return_data: if call.error.is_none() {
                call.output
            } else {
                Bytes::new()
            },
            logs,
            gas_used: call.gas_used,
            max_used_gas: Some(call.max_used_gas),
            status: call.error.is_none(),
            error: call.error.map(|error| failure(error, reasons)),
        });
    }
    let transactions = if full {
        let all = block.transactions.into_iter().enumerate();
        let price = block.header.base_fee_per_gas;
        let all = all.map(|(index, (envelope, from))| RpcTransaction {
            effective_gas_price: Some(alloy_consensus::Transaction::effective_gas_price(
                &envelope, price,
            )),
            inner: Recovered::new_unchecked(envelope, from),
            block_hash: Some(hash),
            block_number: Some(number),
            transaction_index: Some(index as u64),
            block_timestamp: Some(time),
        });
        BlockTransactions::Full(all.collect())
    } else {
        BlockTransactions::Hashes(hashes)
    };
    let header = RpcHeader {
        hash,
        inner: block.header,
        total_difficulty: None,
        size: Some(size),
    };
    let withdrawals = Some(Withdrawals::default());
    Shown {
        inner: RpcBlock {
            header,
            uncles: Vec::new(),
            transactions,
            withdrawals,
        },
        calls,
    }
}

fn failure(error: CallError, reasons: &Reasons) -> SimulateError {
    match error {
        CallError::Revert { data, .. } => SimulateError {
            code: SimulateError::EXECUTION_REVERTED_CODE,
            message: reasons.message(&data),
            data: Some(data),
        },
        other => SimulateError {
            code: SimulateError::VM_EXECUTION_ERROR_CODE,
            message: format!("vm execution error: {other}"),
            data: None,
        },
    }
}
