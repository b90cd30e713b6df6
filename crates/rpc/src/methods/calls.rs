//! Calls that change nothing.

use std::sync::Arc;

use alloy_eips::BlockId;
use alloy_primitives::{Bytes, U64};
use alloy_rpc_types_eth::{BlockOverrides, TransactionRequest, state::StateOverride};
use commonhold_execution::{CallError, CallRequest};
use jsonrpsee::{RpcModule, core::RegisterMethodError, types::Params};
use serde_json::{Value, json};

use super::methods;
use crate::{
    backend::Backend,
    context::Context,
    error::{Fault, Outcome},
    params::Args,
    session::Session,
};

pub(super) fn register<B: Backend>(
    module: &mut RpcModule<Context<B>>,
) -> Result<(), RegisterMethodError> {
    methods!(module:
        "eth_call" => call,
        "eth_estimateGas" => estimate,
        "eth_createAccessList" => access_list,
    );
    Ok(())
}

type Call<B> = Arc<Context<B>>;

impl From<CallError> for Fault {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Revert { data, .. } => Self::Reverted(data),
            CallError::Parameters(why) => Self::Params(why),
            other => Self::Refused(other.to_string()),
        }
    }
}

/// A request with its overrides, and the block it is for.
fn read(params: &Params<'_>, chain_id: u64) -> Outcome<(CallRequest, Option<BlockId>)> {
    let mut args = Args::new(params)?;
    let transaction: TransactionRequest = args.need("transaction")?;
    if transaction.chain_id.is_some_and(|id| id != chain_id) {
        return Err(Fault::refused(format!(
            "invalid chain id: this network is {chain_id}"
        )));
    }
    let input = &transaction.input;
    if let (Some(a), Some(b)) = (&input.input, &input.data)
        && a != b
    {
        let why = "both \"data\" and \"input\" are set and not equal: use \"input\"";
        return Err(Fault::params(why));
    }
    let block: Option<BlockId> = args.may("block")?;
    let mut request = CallRequest::from(transaction);
    request.state_overrides = args
        .may::<StateOverride>("state overrides")?
        .unwrap_or_default();
    request.block_overrides = args
        .may::<BlockOverrides>("block overrides")?
        .unwrap_or_default();
    Ok((request, block))
}

async fn call<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<Bytes> {
    let (request, block) = read(&params, context.node.machine().chain_id())?;
    let session = Session::open(&context, block)?;
    let ran = session
        .run(move |machine, env, overlay| machine.call(env, overlay, &request))
        .await?;
    Ok(ran?.output)
}

async fn estimate<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<U64> {
    let (request, block) = read(&params, context.node.machine().chain_id())?;
    let session = Session::open(&context, block)?;
    let ran = session
        .run(move |machine, env, overlay| machine.estimate(env, overlay, &request))
        .await?;
    Ok(U64::from(ran?))
}

async fn access_list<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<Value> {
    let (request, block) = read(&params, context.node.machine().chain_id())?;
    let session = Session::open(&context, block)?;
    let ran = session
        .run(move |machine, env, overlay| machine.access_list(env, overlay, &request))
        .await?;
    let listed = ran?;
    let gas_used = U64::from(listed.gas_used);
    let mut answer = json!({ "accessList": listed.access_list, "gasUsed": gas_used });
    if let (Some(error), Some(answer)) = (listed.error, answer.as_object_mut()) {
        answer.insert(
            "error".into(),
            context.reasons.error(Fault::from(error)).message().into(),
        );
    }
    Ok(answer)
}
