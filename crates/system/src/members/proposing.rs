//! Proposing, as a member. What is proposed is looked at whole, before anybody votes on it.

use alloy_primitives::{Address, B256, Bytes};
use commonhold_module::{Context, Fault, Outcome, Text, ensure, reject};

use super::{
    deciding,
    forms::{admission, is_endpoint, node_key, proves, rotation, version},
    interface::IMembers::{
        FalseProof, Kind, NotMember, Parameter, Proposed, State, UnfitAccount, UnfitEndpoint,
        UnfitKey, UnfitName, UnfitReason, UnfitVersion, proposeAccountCall, proposeAdmissionCall,
        proposeEndpointCall, proposeExpulsionCall, proposeKeyCall, proposeParameterCall,
        proposeUpgradeCall,
    },
    limits::PROOF_GAS,
    roster::{self, current},
    state::{BY_ACCOUNT, EPOCH_BLOCKS, Endpoint, PROPOSALS, Proposal, ROSTERS, Reason, SETTINGS},
    voting,
};
use crate::accounts::naming::is_display_name;

pub(super) fn propose_admission(ctx: &mut Context<'_>, call: proposeAdmissionCall) -> Outcome<u64> {
    let proposeAdmissionCall {
        name,
        publicKey: key,
        endpoint,
        account,
        proof,
        reason,
    } = call;
    let proposer = member(ctx)?;
    ensure(is_display_name(&name), || UnfitName {})?;
    ensure_account(account)?;
    let listens = fit_endpoint(&endpoint)?;
    let hash = admission(ctx.block().chain_id, &name, key, &endpoint, account);
    ensure_proof(ctx, key, hash, &proof)?;
    let proposal = Proposal {
        name: Text::new(name)?,
        key,
        endpoint: listens,
        account,
        ..of(Kind::Admission)
    };
    propose(ctx, proposer, proposal, reason)
}

pub(super) fn propose_expulsion(ctx: &mut Context<'_>, call: proposeExpulsionCall) -> Outcome<u64> {
    let proposer = member(ctx)?;
    let proposal = Proposal {
        member: call.number,
        ..of(Kind::Expulsion)
    };
    propose(ctx, proposer, proposal, call.reason)
}

pub(super) fn propose_key(ctx: &mut Context<'_>, call: proposeKeyCall) -> Outcome<u64> {
    let proposeKeyCall {
        number,
        publicKey: key,
        proof,
        reason,
    } = call;
    let proposer = member(ctx)?;
    let hash = rotation(ctx.block().chain_id, number, key);
    ensure_proof(ctx, key, hash, &proof)?;
    let proposal = Proposal {
        member: number,
        key,
        ..of(Kind::Key)
    };
    propose(ctx, proposer, proposal, reason)
}

pub(super) fn propose_endpoint(ctx: &mut Context<'_>, call: proposeEndpointCall) -> Outcome<u64> {
    let proposer = member(ctx)?;
    let proposal = Proposal {
        member: call.number,
        endpoint: fit_endpoint(&call.endpoint)?,
        ..of(Kind::Endpoint)
    };
    propose(ctx, proposer, proposal, call.reason)
}

pub(super) fn propose_account(ctx: &mut Context<'_>, call: proposeAccountCall) -> Outcome<u64> {
    let proposer = member(ctx)?;
    ensure_account(call.account)?;
    let proposal = Proposal {
        member: call.number,
        account: call.account,
        ..of(Kind::Account)
    };
    propose(ctx, proposer, proposal, call.reason)
}

pub(super) fn propose_parameter(ctx: &mut Context<'_>, call: proposeParameterCall) -> Outcome<u64> {
    let proposer = member(ctx)?;
    let proposal = Proposal {
        parameter: call.parameter as u8,
        value: call.value,
        ..of(Kind::Parameter)
    };
    propose(ctx, proposer, proposal, call.reason)
}

pub(super) fn propose_upgrade(ctx: &mut Context<'_>, call: proposeUpgradeCall) -> Outcome<u64> {
    let proposer = member(ctx)?;
    ensure(version(&call.version).is_some(), || UnfitVersion {})?;
    let proposal = Proposal {
        name: Text::new(call.version)?,
        value: call.epoch,
        ..of(Kind::Upgrade)
    };
    propose(ctx, proposer, proposal, call.reason)
}

/// The number of the member that the caller acts for.
pub(super) fn member(ctx: &mut Context<'_>) -> Outcome<u64> {
    let caller = ctx.caller();
    let holding = BY_ACCOUNT.at(&caller);
    ctx.fetch(&[&EPOCH_BLOCKS, &holding, &PROPOSALS, &ROSTERS])?;
    match roster::number_of(ctx, caller)? {
        Some(number) => Ok(number),
        None => reject(NotMember { caller }),
    }
}

/// A reason that can be shown to people.
pub(super) fn fit_reason(reason: &str) -> Outcome<Reason> {
    let text = Text::new(reason)?;
    ensure(is_display_name(reason), || UnfitReason {})?;
    Ok(text)
}

fn of(kind: Kind) -> Proposal {
    Proposal {
        kind: kind as u8,
        state: State::Open as u8,
        ..Proposal::default()
    }
}

fn fit_endpoint(endpoint: &str) -> Outcome<Endpoint> {
    let text = Text::new(endpoint)?;
    ensure(is_endpoint(endpoint), || UnfitEndpoint {})?;
    Ok(text)
}

fn ensure_account(account: Address) -> Outcome<()> {
    ensure(!account.is_zero(), || UnfitAccount {})
}

fn ensure_proof(ctx: &mut Context<'_>, key: B256, hash: B256, proof: &Bytes) -> Outcome<()> {
    ctx.charge(PROOF_GAS)?;
    let Some(verifier) = node_key(key) else {
        return reject(UnfitKey { publicKey: key });
    };
    let proven = proves(&verifier, hash, proof);
    ensure(proven, || FalseProof { publicKey: key })
}

/// Enters a proposal, with its proposer's vote for it.
fn propose(
    ctx: &mut Context<'_>,
    proposer: u64,
    proposal: Proposal,
    reason: String,
) -> Outcome<u64> {
    let text = fit_reason(&reason)?;
    deciding::check(ctx, &proposal)?;
    let block = ctx.block();
    let epoch = current(ctx)?;
    let setting = SETTINGS.at(&(Parameter::VoteSeconds as u8));
    let seconds = roster::holding(ctx, &setting, epoch)?
        .ok_or_else(|| Fault::Fatal("no time to vote is set".to_owned()))?;
    let expires = block.timestamp.saturating_add(seconds.1.value);
    let proposal = Proposal {
        proposer,
        proposed_at: block.timestamp,
        proposed_in: block.number,
        expires,
        reason: text.clone(),
        ..proposal
    };
    let kind = deciding::kind_of(&proposal)?;
    let id = PROPOSALS.push(ctx, &proposal)?;
    ctx.emit(Proposed {
        id,
        proposer,
        kind,
        reason,
        expires,
    })?;
    voting::cast(ctx, id, proposal, proposer, true, text)?;
    Ok(id)
}
