//! Who may do what in `token`.

use alloy_primitives::{Address, B256, U256};
use alloy_signer::SignerSync as _;
use alloy_signer_local::PrivateKeySigner;
use alloy_sol_types::{SolCall as _, SolStruct as _, sol};
use commonhold_module::bench::account;
use commonhold_primitives::system::TOKEN;
use commonhold_system::token::{
    escrow::escrow_id,
    interface::IToken::{
        Share, addCall, approveCall, approveIssueCall, extendCall, holdCall, permitCall,
        proposeIssueCall, redeemCall, refundCall, rejectIssueCall, releaseCall, splitCall,
        transferCall, transferFromCall, withdrawIssueCall,
    },
    permit::domain,
};

use crate::{
    Part, Row,
    cast::{GRANTEE, MEMBER, OTHER_MEMBER, OWNER, POLICY, STRANGER},
    world::{NOW, OVER, World},
};

pub(crate) const PART: Part = Part {
    module: "token",
    prepare,
    rows,
};

const CHAIN: u64 = 1_337;
/// A proposal of the member's that waits for votes.
const OPEN: u64 = 1;
/// Salt of an escrow of the owner's that the contract `policy` controls.
const HELD: B256 = B256::repeat_byte(1);
/// The same, with a deadline that is over.
const DUE: B256 = B256::repeat_byte(2);

sol! {
    /// EIP-2612.
    struct Permit {
        address owner;
        address spender;
        uint256 value;
        uint256 nonce;
        uint256 deadline;
    }
}

fn units(n: u64) -> U256 {
    U256::from(n)
}

fn propose() -> proposeIssueCall {
    proposeIssueCall {
        to: OWNER,
        amount: units(1_000),
        reason: "paid in".to_owned(),
    }
}

fn hold(salt: B256, deadline: u64) -> holdCall {
    holdCall {
        salt,
        payer: OWNER,
        controller: POLICY,
        amount: units(100),
        deadline,
    }
}

fn id(salt: B256) -> B256 {
    escrow_id(CHAIN, OWNER, salt)
}

/// The owner has money, lets the grantee move some of it, and has set some aside; one proposal to issue
/// is decided and one is open.
fn prepare(world: &mut World) {
    world.bench.at(OVER - 1);
    let number = world.send(MEMBER, TOKEN, propose());
    for member in [OTHER_MEMBER, account(3)] {
        world.send(member, TOKEN, approveIssueCall { number });
    }
    assert_eq!(world.send(MEMBER, TOKEN, propose()), OPEN);
    let (spender, value) = (GRANTEE, units(500));
    world.send(OWNER, TOKEN, approveCall { spender, value });
    assert_eq!(world.send(OWNER, TOKEN, hold(HELD, 0)), id(HELD));
    assert_eq!(world.send(OWNER, TOKEN, hold(DUE, OVER)), id(DUE));
    world.bench.at(NOW);
}

/// What somebody with a key of their own signed, whoever brings it.
fn permit() -> permitCall {
    let signer = PrivateKeySigner::from_bytes(&B256::repeat_byte(7)).unwrap();
    let permit = Permit {
        owner: signer.address(),
        spender: STRANGER,
        value: units(5),
        nonce: U256::ZERO,
        deadline: units(2 * NOW),
    };
    let hash = permit.eip712_signing_hash(&domain(CHAIN));
    let signature = signer.sign_hash_sync(&hash).unwrap();
    permitCall {
        owner: permit.owner,
        spender: permit.spender,
        value: permit.value,
        deadline: permit.deadline,
        v: 27 + u8::from(signature.v()),
        r: signature.r().into(),
        s: signature.s().into(),
    }
}

fn rows() -> Vec<Row> {
    const TO: Address = STRANGER;
    vec![
        Row::new("transfer", |_| {
            let (to, value) = (TO, units(5));
            transferCall { to, value }.abi_encode()
        }),
        Row::new("approve", |_| {
            let (spender, value) = (TO, units(5));
            approveCall { spender, value }.abi_encode()
        }),
        Row::new("transferFrom", |_| {
            let (from, to, value) = (OWNER, TO, units(5));
            transferFromCall { from, to, value }.abi_encode()
        }),
        Row::new("permit", |_| permit().abi_encode()),
        Row::new("redeem", |_| {
            let (amount, mark) = (units(5), B256::ZERO);
            redeemCall { amount, mark }.abi_encode()
        }),
        Row::new("proposeIssue", |_| propose().abi_encode()),
        Row::new("approveIssue", |_| {
            approveIssueCall { number: OPEN }.abi_encode()
        }),
        Row::new("rejectIssue", |_| {
            rejectIssueCall { number: OPEN }.abi_encode()
        }),
        Row::new("withdrawIssue", |_| {
            withdrawIssueCall { number: OPEN }.abi_encode()
        }),
        Row::new("hold", |_| hold(B256::repeat_byte(3), 0).abi_encode()),
        Row::new("add", |_| {
            let (id, amount) = (id(HELD), units(5));
            addCall { id, amount }.abi_encode()
        }),
        Row::new("release", |_| {
            let (id, to, amount) = (id(HELD), TO, units(5));
            releaseCall { id, to, amount }.abi_encode()
        }),
        Row::new("split", |_| {
            let (to, amount) = (TO, units(5));
            let shares = vec![Share { to, amount }];
            splitCall {
                id: id(HELD),
                shares,
            }
            .abi_encode()
        }),
        Row::new("refund", |_| {
            let (id, amount) = (id(HELD), units(5));
            refundCall { id, amount }.abi_encode()
        }),
        Row::new("refund, after the deadline", |_| {
            let (id, amount) = (id(DUE), units(5));
            refundCall { id, amount }.abi_encode()
        }),
        Row::new("extend", |_| {
            let (id, deadline) = (id(DUE), 2 * NOW);
            extendCall { id, deadline }.abi_encode()
        }),
    ]
}
