//! Who may do what in `members`.

use alloy_primitives::{B256, Bytes};
use alloy_sol_types::SolCall as _;
use commonhold_primitives::system::MEMBERS;
use commonhold_reading::{Algorithm, DeviceSecret};
use commonhold_system::members::{
    forms::{admission, proof_message, rotation},
    interface::IMembers::{
        Parameter, proposeAccountCall, proposeAdmissionCall, proposeEndpointCall,
        proposeExpulsionCall, proposeKeyCall, proposeParameterCall, proposeUpgradeCall, voteCall,
        withdrawCall,
    },
};

use crate::{
    Part, Row,
    cast::{MEMBER, STRANGER},
    world::World,
};

pub(crate) const PART: Part = Part {
    module: "members",
    prepare,
    rows,
};

const CHAIN: u64 = 1_337;
/// A proposal of the member's that waits for votes.
const OPEN: u64 = 0;
/// A member of which things are proposed.
const THIRD: u64 = 2;

fn reason() -> String {
    "as agreed".to_owned()
}

fn expulsion() -> proposeExpulsionCall {
    proposeExpulsionCall {
        number: THIRD,
        reason: reason(),
    }
}

fn prepare(world: &mut World) {
    assert_eq!(world.send(MEMBER, MEMBERS, expulsion()), OPEN);
}

/// The key of a node of nobody's, and its signature.
fn proven(hash: impl Fn(B256) -> B256) -> (B256, Bytes) {
    let node = DeviceSecret::from_bytes(Algorithm::Ed25519, &[9; 32]).unwrap();
    let key = B256::from_slice(node.key().bytes());
    let proof = node.sign(&proof_message(hash(key)));
    (key, Bytes::copy_from_slice(&proof))
}

fn vote(approve: bool) -> Vec<u8> {
    voteCall {
        id: OPEN,
        approve,
        reason: reason(),
    }
    .abi_encode()
}

fn rows() -> Vec<Row> {
    vec![
        Row::new("proposeAdmission", |_| {
            let (name, endpoint) = ("Valley Hospital", "valley.example:9000");
            let (key, proof) = proven(|key| admission(CHAIN, name, key, endpoint, STRANGER));
            proposeAdmissionCall {
                name: name.to_owned(),
                publicKey: key,
                endpoint: endpoint.to_owned(),
                account: STRANGER,
                proof,
                reason: reason(),
            }
            .abi_encode()
        }),
        Row::new("proposeExpulsion", |_| expulsion().abi_encode()),
        Row::new("proposeKey", |_| {
            let (key, proof) = proven(|key| rotation(CHAIN, THIRD, key));
            proposeKeyCall {
                number: THIRD,
                publicKey: key,
                proof,
                reason: reason(),
            }
            .abi_encode()
        }),
        Row::new("proposeEndpoint", |_| {
            proposeEndpointCall {
                number: THIRD,
                endpoint: "new.example:9000".to_owned(),
                reason: reason(),
            }
            .abi_encode()
        }),
        Row::new("proposeAccount", |_| {
            proposeAccountCall {
                number: THIRD,
                account: STRANGER,
                reason: reason(),
            }
            .abi_encode()
        }),
        Row::new("proposeParameter", |_| {
            proposeParameterCall {
                parameter: Parameter::BlockGasLimit,
                value: 600_000_000,
                reason: reason(),
            }
            .abi_encode()
        }),
        Row::new("proposeUpgrade", |_| {
            proposeUpgradeCall {
                version: "2.0.0".to_owned(),
                epoch: 9,
                reason: reason(),
            }
            .abi_encode()
        }),
        Row::new("vote, for it", |_| vote(true)),
        Row::new("vote, against it", |_| vote(false)),
        Row::new("withdraw", |_| withdrawCall { id: OPEN }.abi_encode()),
    ]
}
