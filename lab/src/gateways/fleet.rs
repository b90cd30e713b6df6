//! Which gateways and devices there are, and what makes it hard for them.

use std::{path::Path, time::Duration};

use alloy_primitives::{B256, Bytes, U256, keccak256};
use alloy_sol_types::SolCall as _;
use commonhold_gateway::Config;
use commonhold_primitives::system::DEVICES;
use commonhold_reading::{Algorithm, DeviceSecret};
use commonhold_sdk::Account;
use commonhold_system::devices::{
    interface::IDevices::{assignCall, enrolCall, openStreamCall},
    standing::stream_id,
};

use crate::{
    founding::{CHAIN_ID, Founding},
    load::Call,
};

/// Whose the streams and devices are.
const OWNER: usize = 0;
/// Streams of one gateway.
const STREAMS: usize = 2;
/// Gas that a call of the devices module may take.
const GAS: u64 = 2_000_000;

/// A time in which a gateway does not reach its member.
#[derive(Clone, Debug)]
pub struct Cut {
    /// The gateway.
    pub gateway: usize,
    /// From when on.
    pub from: Duration,
    /// And until when.
    pub until: Duration,
}

/// Gateways, their devices, and what happens to them.
#[derive(Clone, Debug)]
pub struct Fleet {
    /// For each gateway the member that it talks to.
    pub at: Vec<usize>,
    /// Devices of each gateway.
    pub devices: usize,
    /// Readings of each device.
    pub readings: u64,
    /// Of a hundred messages between device and gateway, and between gateway and member, so many are
    /// lost.
    pub lost: u64,
    /// Of a hundred times that a device sends, so often also what was acknowledged before.
    pub again: u64,
    /// How long lives of gateways are, at most. None is ended after `until`.
    pub lives: Duration,
    /// See `lives`.
    pub until: Duration,
    /// Times in which a gateway does not reach its member.
    pub cuts: Vec<Cut>,
    /// Whether disks of gateways do not sync.
    pub deaf: bool,
}

impl Fleet {
    /// One gateway with some devices, and nothing that is hard.
    pub fn new() -> Self {
        Self {
            at: vec![0],
            devices: 4,
            readings: 20,
            lost: 0,
            again: 10,
            lives: Duration::MAX,
            until: Duration::ZERO,
            cuts: Vec::new(),
            deaf: false,
        }
    }

    /// The account of a gateway.
    pub fn account(gateway: usize) -> Account {
        let secret = keccak256(format!("commonhold lab gateway {gateway}"));
        Account::from_secret(secret.as_slice()).expect("a hash is a key")
    }

    /// The key of a gateway as a device.
    pub fn gateway_device(gateway: usize) -> DeviceSecret {
        device_of(Algorithm::Ed25519, &format!("gateway {gateway}"))
    }

    /// The key of a device of a gateway.
    pub fn device(gateway: usize, number: usize) -> DeviceSecret {
        let algorithms = [Algorithm::Ed25519, Algorithm::P256, Algorithm::Secp256k1];
        let name = format!("device {gateway} {number}");
        device_of(algorithms[number % algorithms.len()], &name)
    }

    /// The streams of a gateway.
    pub fn streams(founding: &Founding, gateway: usize) -> Vec<B256> {
        let owner = founding.people[OWNER].address();
        let names = (0..STREAMS).map(|number| stream_name(gateway, number));
        names
            .map(|name| stream_id(CHAIN_ID, owner, &name))
            .collect()
    }

    /// The configuration of a gateway.
    pub fn config(founding: &Founding, gateway: usize) -> Config {
        let streams = Self::streams(founding, gateway);
        let text = format!(
            r#"
            data = "data"
            streams = {:?}
            account = {{ name = "gateway" }}
            device = {{ key = "gateway.key" }}
            batch = {{ seconds = 1, readings = 12 }}
            store = {{ keep_seconds = 2 }}
            "#,
            streams.iter().map(B256::to_string).collect::<Vec<_>>()
        );
        Config::parse(&text, Path::new("gateway.toml")).expect("a configuration")
    }

    /// What the owner does on the ledger before anything can be anchored.
    pub fn calls(&self, founding: &Founding) -> Vec<Call> {
        let mut inputs = Vec::new();
        let owner = founding.people[OWNER].address();
        for gateway in 0..self.at.len() {
            let account = Self::account(gateway).address();
            for number in 0..STREAMS {
                let name = stream_name(gateway, number);
                let call = openStreamCall {
                    name,
                    gateway: account,
                };
                inputs.push(call.abi_encode());
            }
            let streams = Self::streams(founding, gateway);
            for number in 0..self.devices {
                let secret = Self::device(gateway, number);
                let key = secret.key();
                let message = key.enrolment(CHAIN_ID, DEVICES, owner);
                let call = enrolCall {
                    algorithm: key.algorithm().number(),
                    key: Bytes::copy_from_slice(key.bytes()),
                    model: "lab".to_owned(),
                    calibratedUntil: 0,
                    proof: Bytes::copy_from_slice(&secret.sign(message.as_slice())),
                };
                inputs.push(call.abi_encode());
                let call = assignCall {
                    device: key.id().0,
                    stream: streams[number % STREAMS],
                };
                inputs.push(call.abi_encode());
            }
        }
        let call = |input: Vec<u8>| Call {
            person: OWNER,
            to: DEVICES,
            value: U256::ZERO,
            input: input.into(),
            gas_limit: GAS,
        };
        inputs.into_iter().map(call).collect()
    }
}

impl Default for Fleet {
    fn default() -> Self {
        Self::new()
    }
}

fn stream_name(gateway: usize, number: usize) -> String {
    format!("stream {gateway} {number}")
}

fn device_of(algorithm: Algorithm, name: &str) -> DeviceSecret {
    let secret = keccak256(format!("commonhold lab {name}"));
    DeviceSecret::from_bytes(algorithm, &secret.0).expect("a hash is a key")
}
