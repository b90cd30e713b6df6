//! Who and how the node is: `net_*`, `web3_*`, chain id, syncing.

use std::sync::Arc;

use alloy_primitives::{B256, Bytes, U64, keccak256};
use jsonrpsee::{RpcModule, core::RegisterMethodError, types::Params};
use serde_json::{Value, json};

use super::methods;
use crate::{
    backend::Backend, context::Context, error::Outcome, limits::STATE_BLOCKS_KEPT, params::Args,
};

pub(super) fn register<B: Backend>(
    module: &mut RpcModule<Context<B>>,
) -> Result<(), RegisterMethodError> {
    methods!(module:
        "eth_chainId" => chain_id,
        "net_version" => net_version,
        "net_listening" => net_listening,
        "net_peerCount" => net_peer_count,
        "web3_clientVersion" => client_version,
        "web3_sha3" => sha3,
        "eth_syncing" => syncing,
        "eth_accounts" => accounts,
        "eth_protocolVersion" => protocol_version,
        "eth_capabilities" => capabilities,
        "eth_config" => config,
        "rpc_modules" => modules,
    );
    Ok(())
}

type Call<B> = Arc<Context<B>>;

async fn chain_id<B: Backend>(context: Call<B>, _: Params<'_>) -> Outcome<U64> {
    Ok(U64::from(context.node.genesis().chain_id))
}

async fn net_version<B: Backend>(context: Call<B>, _: Params<'_>) -> Outcome<String> {
    Ok(context.node.genesis().chain_id.to_string())
}

async fn net_listening<B: Backend>(_: Call<B>, _: Params<'_>) -> Outcome<bool> {
    Ok(true)
}

async fn net_peer_count<B: Backend>(context: Call<B>, _: Params<'_>) -> Outcome<U64> {
    Ok(U64::from(context.node.status().peers))
}

async fn client_version<B: Backend>(context: Call<B>, _: Params<'_>) -> Outcome<String> {
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    Ok(format!(
        "commonhold/v{}/{arch}-{os}",
        context.node.status().version
    ))
}

async fn sha3<B: Backend>(_: Call<B>, params: Params<'_>) -> Outcome<B256> {
    Ok(keccak256(Args::new(&params)?.need::<Bytes>("data")?))
}

/// The literal `false`, always: clients take anything else for an outage, and what is served here is
/// final whether or not there is more.
async fn syncing<B: Backend>(_: Call<B>, _: Params<'_>) -> Outcome<bool> {
    Ok(false)
}

/// The node holds nobody's keys.
async fn accounts<B: Backend>(_: Call<B>, _: Params<'_>) -> Outcome<[u8; 0]> {
    Ok([])
}

async fn protocol_version<B: Backend>(_: Call<B>, _: Params<'_>) -> Outcome<&'static str> {
    Ok("0x45")
}

/// What of the past can be asked for.
async fn capabilities<B: Backend>(context: Call<B>, _: Params<'_>) -> Outcome<Value> {
    let head = context.head();
    let floor = context.index().floor();
    let oldest_state = head.number.saturating_sub(STATE_BLOCKS_KEPT).max(floor);
    let kept = |oldest: u64| json!({ "disabled": false, "oldestBlock": U64::from(oldest) });
    Ok(json!({
        "head": { "number": U64::from(head.number), "hash": head.hash },
        "state": kept(oldest_state),
        "tx": kept(floor),
        "logs": kept(floor),
        "receipts": kept(floor),
        "blocks": kept(floor),
        "stateproofs": { "disabled": true },
    }))
}

/// The network's rules (EIP-7910): one set of rules since the first block.
async fn config<B: Backend>(context: Call<B>, _: Params<'_>) -> Outcome<Value> {
    let genesis = context.node.genesis();
    Ok(json!({
        "current": {
            "activationTime": genesis.timestamp,
            "blobSchedule": { "baseFeeUpdateFraction": 1, "max": 0, "target": 0 },
            "chainId": U64::from(genesis.chain_id),
            "forkId": "0x00000000",
            "precompiles": {
                "ECREC": "0x0000000000000000000000000000000000000001",
                "SHA256": "0x0000000000000000000000000000000000000002",
                "RIPEMD160": "0x0000000000000000000000000000000000000003",
                "ID": "0x0000000000000000000000000000000000000004",
                "MODEXP": "0x0000000000000000000000000000000000000005",
                "BN254_ADD": "0x0000000000000000000000000000000000000006",
                "BN254_MUL": "0x0000000000000000000000000000000000000007",
                "BN254_PAIRING": "0x0000000000000000000000000000000000000008",
                "BLAKE2F": "0x0000000000000000000000000000000000000009",
                "KZG_POINT_EVALUATION": "0x000000000000000000000000000000000000000a",
                "BLS12_G1ADD": "0x000000000000000000000000000000000000000b",
                "BLS12_G1MSM": "0x000000000000000000000000000000000000000c",
                "BLS12_G2ADD": "0x000000000000000000000000000000000000000d",
                "BLS12_G2MSM": "0x000000000000000000000000000000000000000e",
                "BLS12_PAIRING_CHECK": "0x000000000000000000000000000000000000000f",
                "BLS12_MAP_FP_TO_G1": "0x0000000000000000000000000000000000000010",
                "BLS12_MAP_FP2_TO_G2": "0x0000000000000000000000000000000000000011",
                "P256VERIFY": "0x0000000000000000000000000000000000000100",
            },
            "systemContracts": {
                "HISTORY_STORAGE_ADDRESS": alloy_eips::eip2935::HISTORY_STORAGE_ADDRESS,
            },
        },
        "next": null,
        "last": null,
    }))
}

async fn modules<B: Backend>(_: Call<B>, _: Params<'_>) -> Outcome<Value> {
    let names = [
        "commonhold",
        "debug",
        "eth",
        "net",
        "ots",
        "rpc",
        "txpool",
        "web3",
    ];
    Ok(names
        .into_iter()
        .map(|name| (name.to_owned(), json!("1.0")))
        .collect())
}
