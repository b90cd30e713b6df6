//! Anna signs, and somebody else brings it to the ledger.

use alloy_primitives::{Address, B256, U256, b256, keccak256};
use alloy_signer::SignerSync as _;
use alloy_signer_local::PrivateKeySigner;
use alloy_sol_types::{SolStruct as _, SolValue as _, sol};
use commonhold_module::errors::StaticCall;
use commonhold_primitives::system::TOKEN;
use commonhold_system::token::{
    interface::IToken::{
        Approval, DOMAIN_SEPARATORCall, ERC20InvalidSpender, ERC2612ExpiredSignature,
        ERC2612InvalidSigner, eip712DomainCall, noncesCall, permitCall,
    },
    permit::domain,
};

use super::{allowance, desk, told, units};
use crate::{ANNA, BEN, CARLA, Desk, refused};

/// The order of secp256k1.
const ORDER: B256 = b256!("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
const CHAIN: u64 = 1_337;

sol! {
    /// As EIP-2612 has it; written here once more, so that the contract's own is checked.
    struct Permit {
        address owner;
        address spender;
        uint256 value;
        uint256 nonce;
        uint256 deadline;
    }
}

fn signer(n: u8) -> PrivateKeySigner {
    PrivateKeySigner::from_bytes(&B256::repeat_byte(n)).unwrap()
}

fn unsigned(owner: Address, nonce: u64, deadline: u64) -> Permit {
    Permit {
        owner,
        spender: BEN,
        value: units(50),
        nonce: units(nonce),
        deadline: units(deadline),
    }
}

fn signed(by: &PrivateKeySigner, permit: &Permit, chain: u64) -> permitCall {
    let hash = permit.eip712_signing_hash(&domain(chain));
    let signature = by.sign_hash_sync(&hash).unwrap();
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

fn nonce(desk: &mut Desk, owner: Address) -> U256 {
    desk.view(noncesCall { owner }).unwrap()
}

/// Checks that a permit was refused as not its owner's, and left nothing.
#[track_caller]
fn not_the_owners(desk: &mut Desk, owner: Address, call: permitCall) -> Address {
    let before = desk.bench.stored().clone();
    let Err(fault) = desk.send(CARLA, call) else {
        panic!("went through")
    };
    let error = fault.decode::<ERC2612InvalidSigner>().unwrap();
    assert_eq!(error.owner, owner);
    assert_ne!(error.signer, owner);
    assert_eq!(*desk.bench.stored(), before);
    error.signer
}

#[test]
fn the_domain_is_what_wallets_compute() {
    let mut desk = desk(ANNA, 1);
    let told = desk.view(eip712DomainCall {}).unwrap();
    assert_eq!(told.fields.0, [0x0f]);
    assert_eq!(
        (told.name.as_str(), told.version.as_str()),
        ("Commonhold Settlement", "1")
    );
    assert_eq!(
        (told.chainId, told.verifyingContract),
        (U256::from(CHAIN), TOKEN)
    );
    assert_eq!((told.salt, told.extensions), (B256::ZERO, vec![]));
    let kind = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)",
    );
    let (name, version) = (keccak256(told.name), keccak256(told.version));
    let words = (kind, name, version, told.chainId, told.verifyingContract);
    assert_eq!(
        desk.view(DOMAIN_SEPARATORCall {}),
        Ok(keccak256(words.abi_encode()))
    );
}

#[test]
fn carla_brings_what_anna_signed() {
    let anna = signer(1);
    let mut desk = desk(anna.address(), 100);
    let now = desk.bench.now();
    let call = signed(&anna, &unsigned(anna.address(), 0, now), CHAIN);
    desk.bench.send(CARLA, TOKEN, call.clone()).unwrap();
    let approval = Approval {
        owner: anna.address(),
        spender: BEN,
        value: units(50),
    };
    told(&desk, approval);
    assert_eq!(allowance(&mut desk, anna.address(), BEN), units(50));
    assert_eq!(nonce(&mut desk, anna.address()), units(1));
    // It counts once.
    not_the_owners(&mut desk, anna.address(), call);
    // Each has the next number, whoever brings it, and the value may be any.
    let next = Permit {
        value: U256::MAX,
        ..unsigned(anna.address(), 1, u64::MAX)
    };
    desk.send(BEN, signed(&anna, &next, CHAIN)).unwrap();
    assert_eq!(allowance(&mut desk, anna.address(), BEN), U256::MAX);
    assert_eq!(nonce(&mut desk, anna.address()), units(2));
}

#[test]
fn a_permit_ends() {
    let anna = signer(1);
    let mut desk = desk(anna.address(), 100);
    let now = desk.bench.now();
    let deadline = units(now - 1);
    let call = signed(&anna, &unsigned(anna.address(), 0, now - 1), CHAIN);
    refused(desk.send(CARLA, call), ERC2612ExpiredSignature { deadline });
    let last = signed(&anna, &unsigned(anna.address(), 0, now + 5), CHAIN);
    desk.bench.at(now + 6);
    let deadline = units(now + 5);
    refused(desk.send(CARLA, last), ERC2612ExpiredSignature { deadline });
    assert_eq!(nonce(&mut desk, anna.address()), U256::ZERO);
}

#[test]
fn what_anna_did_not_sign_is_not_hers() {
    let (anna, ben) = (signer(1), signer(2));
    let owner = anna.address();
    let mut desk = desk(owner, 100);
    let permit = unsigned(owner, 0, u64::MAX);
    let good = signed(&anna, &permit, CHAIN);
    // Another signed it: the error says who.
    let call = signed(&ben, &permit, CHAIN);
    assert_eq!(not_the_owners(&mut desk, owner, call), ben.address());
    // Of another network, and of a number that has not come or has passed.
    not_the_owners(&mut desk, owner, signed(&anna, &permit, CHAIN + 1));
    let early = unsigned(owner, 1, u64::MAX);
    not_the_owners(&mut desk, owner, signed(&anna, &early, CHAIN));
    // Any field changed.
    let mut changed = good.clone();
    changed.value = units(51);
    not_the_owners(&mut desk, owner, changed);
    let mut changed = good.clone();
    changed.spender = CARLA;
    not_the_owners(&mut desk, owner, changed);
    let mut changed = good.clone();
    changed.deadline -= U256::ONE;
    not_the_owners(&mut desk, owner, changed);
    // For another owner than signed.
    let mut changed = good.clone();
    changed.owner = ANNA;
    not_the_owners(&mut desk, ANNA, changed);
    // And for nobody, with a signature of nobody.
    let nobody = permitCall {
        owner: Address::ZERO,
        v: 0,
        ..good.clone()
    };
    let error = ERC2612InvalidSigner {
        signer: Address::ZERO,
        owner: Address::ZERO,
    };
    refused(desk.send(CARLA, nobody), error);
    desk.send(CARLA, good).unwrap();
}

#[test]
fn a_signature_has_one_form() {
    let anna = signer(1);
    let owner = anna.address();
    let mut desk = desk(owner, 100);
    let good = signed(&anna, &unsigned(owner, 0, u64::MAX), CHAIN);
    let nobody = Address::ZERO;
    // The twin that the curve allows, with `s` in the upper half.
    let twin = permitCall {
        v: if good.v == 27 { 28 } else { 27 },
        s: (U256::from_be_bytes(ORDER.0) - U256::from_be_bytes(good.s.0)).into(),
        ..good.clone()
    };
    assert_eq!(not_the_owners(&mut desk, owner, twin), nobody);
    for v in [0, 1, 2, 26, 29, 35, 255] {
        let call = permitCall { v, ..good.clone() };
        assert_eq!(not_the_owners(&mut desk, owner, call), nobody);
    }
    for (r, s) in [
        (B256::ZERO, good.s),
        (good.r, B256::ZERO),
        (ORDER, good.s),
        (good.r, ORDER),
        (B256::repeat_byte(0xff), B256::repeat_byte(0xff)),
    ] {
        let call = permitCall {
            r,
            s,
            ..good.clone()
        };
        assert_eq!(not_the_owners(&mut desk, owner, call), nobody);
    }
    desk.send(CARLA, good).unwrap();
}

#[test]
fn a_permit_follows_the_rules_of_an_approval() {
    let anna = signer(1);
    let owner = anna.address();
    let mut desk = desk(owner, 100);
    let permit = Permit {
        spender: Address::ZERO,
        ..unsigned(owner, 0, u64::MAX)
    };
    let call = signed(&anna, &permit, CHAIN);
    let spender = Address::ZERO;
    refused(desk.send(CARLA, call), ERC20InvalidSpender { spender });
    assert_eq!(nonce(&mut desk, owner), U256::ZERO);
    // Nothing is written where nothing may be.
    let call = signed(&anna, &unsigned(owner, 0, u64::MAX), CHAIN);
    refused(desk.view(call), StaticCall {});
}
