//! Permits (EIP-2612): what an owner signed instead of calling `approve`.
//!
//! The signature is over EIP-712 data of the domain `{name, version, chainId, verifyingContract}`; its
//! `s` is in the lower half of the curve's order and its `v` 27 or 28, so that there is one signature
//! for one permit. Accounts sign, contracts cannot.

use alloy_primitives::{B256, FixedBytes, U256};
use alloy_sol_types::{Eip712Domain, SolStruct as _, sol};
use commonhold_module::{Context, Fault, Outcome, ensure};
use commonhold_primitives::{signature, system::TOKEN};

use super::{
    NAME, VERSION,
    contract::allow,
    interface::IToken::{
        DOMAIN_SEPARATORCall, ERC2612ExpiredSignature, ERC2612InvalidSigner, eip712DomainCall,
        eip712DomainReturn, noncesCall, permitCall,
    },
    limits::PERMIT_GAS,
    state::{ALLOWANCES, NONCES},
};

/// Which fields of the domain there are (EIP-5267): name, version, chain id, verifying contract.
const FIELDS: FixedBytes<1> = FixedBytes([0x0f]);

sol! {
    /// What an owner signs.
    #[derive(Debug)]
    struct Permit {
        address owner;
        address spender;
        uint256 value;
        uint256 nonce;
        uint256 deadline;
    }
}

/// The EIP-712 domain of permits on the network `chain_id`.
pub fn domain(chain_id: u64) -> Eip712Domain {
    Eip712Domain {
        name: Some(NAME.into()),
        version: Some(VERSION.into()),
        chain_id: Some(U256::from(chain_id)),
        verifying_contract: Some(TOKEN),
        salt: None,
    }
}

pub(super) fn permit(ctx: &mut Context<'_>, call: permitCall) -> Outcome<()> {
    let permitCall {
        owner,
        spender,
        value,
        deadline,
        v,
        r,
        s,
    } = call;
    let now = U256::from(ctx.now());
    ensure(now <= deadline, || ERC2612ExpiredSignature { deadline })?;
    let place = NONCES.at(&owner);
    ctx.fetch(&[&place, &ALLOWANCES.at(&owner).at(&spender)])?;
    let nonce = place.read(ctx)?;
    ctx.charge(PERMIT_GAS)?;
    let permit = Permit {
        owner,
        spender,
        value,
        nonce,
        deadline,
    };
    let hash = permit.eip712_signing_hash(&domain(ctx.block().chain_id));
    let signer = signature::signer(&hash, v, r, s).unwrap_or_default();
    ensure(signer == owner && !owner.is_zero(), || {
        ERC2612InvalidSigner { signer, owner }
    })?;

    let Some(next) = nonce.checked_add(U256::ONE) else {
        return Err(Fault::Fatal("an account has no more permits".to_owned()));
    };
    place.write(ctx, &next)?;
    allow(ctx, owner, spender, value)
}

pub(super) fn nonces(ctx: &mut Context<'_>, call: noncesCall) -> Outcome<U256> {
    NONCES.at(&call.owner).read(ctx)
}

pub(super) fn domain_separator(ctx: &mut Context<'_>, _: DOMAIN_SEPARATORCall) -> Outcome<B256> {
    Ok(domain(ctx.block().chain_id).separator())
}

pub(super) fn eip712_domain(
    ctx: &mut Context<'_>,
    _: eip712DomainCall,
) -> Outcome<eip712DomainReturn> {
    Ok(eip712DomainReturn {
        fields: FIELDS,
        name: NAME.to_owned(),
        version: VERSION.to_owned(),
        chainId: U256::from(ctx.block().chain_id),
        verifyingContract: ctx.module(),
        salt: B256::ZERO,
        extensions: Vec::new(),
    })
}
