//! What members vote on in a run, step by step.
//!
//! A step's transactions are made when those of the step before are final and the chain is high enough.

use std::collections::VecDeque;

use alloy_primitives::{B256, Bytes, U256};
use alloy_sol_types::SolCall;
use commonhold_primitives::system::MEMBERS;
use commonhold_system::members::{
    forms::{admission, proof_message},
    interface::IMembers::{
        Parameter, proposeAdmissionCall, proposeExpulsionCall, proposeParameterCall, voteCall,
    },
};
use commonware_cryptography::Signer as _;

use crate::{
    founding::{CHAIN_ID, Founding},
    load::Call,
};

const GAS: u64 = 5_000_000;

/// One step.
#[derive(Clone)]
pub struct Step {
    /// Not before this block.
    pub from: u64,
    /// Who sends what, in no order.
    pub inputs: Vec<(usize, Bytes)>,
}

/// The steps that are to come, and what is on its way of the last one.
#[derive(Clone, Default)]
pub struct Script {
    /// In order.
    pub steps: VecDeque<Step>,
    /// What of the last step is not known to be final.
    pub waiting: Vec<B256>,
}

impl Script {
    /// Whether everything was made and is final.
    pub fn is_over(&self) -> bool {
        self.steps.is_empty() && self.waiting.is_empty()
    }

    /// The transactions of the next step, where it is time for it.
    pub fn next(&mut self, height: u64, is_final: impl Fn(&B256) -> bool) -> Vec<Call> {
        self.waiting.retain(|hash| !is_final(hash));
        let due = self.waiting.is_empty() && self.steps.front().is_some_and(|s| s.from <= height);
        let step = if due { self.steps.pop_front() } else { None };
        let inputs = step.map(|step| step.inputs).unwrap_or_default();
        let call = |(person, input)| Call {
            person,
            to: MEMBERS,
            value: U256::ZERO,
            input,
            gas_limit: GAS,
        };
        inputs.into_iter().map(call).collect()
    }

    /// A proposal by the first of `voters`, which has the number `id`, and the others' votes for it.
    fn decide(&mut self, from: u64, id: u64, proposal: Bytes, voters: &[usize]) {
        let Some((first, others)) = voters.split_first() else {
            return;
        };
        self.steps.push_back(Step {
            from,
            inputs: vec![(*first, proposal)],
        });
        let vote = voteCall {
            id,
            approve: true,
            reason: "lab".to_owned(),
        };
        let vote = Bytes::from(vote.abi_encode());
        self.steps.push_back(Step {
            from,
            inputs: others.iter().map(|voter| (*voter, vote.clone())).collect(),
        });
    }

    /// From a block on, members admit a candidate.
    pub fn admit(
        &mut self,
        founding: &Founding,
        from: u64,
        id: u64,
        candidate: usize,
        voters: &[usize],
    ) {
        let key = B256::from_slice(founding.keys[candidate].as_ref());
        let name = format!("member-{}", candidate + 1);
        let endpoint = format!("member-{}:9701", candidate + 1);
        let account = founding.people[candidate].address();
        let hash = admission(CHAIN_ID, &name, key, &endpoint, account);
        // The proof's bytes are the namespaced ones already.
        let message = proof_message(hash);
        let (namespace, signed) = message.split_at(message.len() - 32);
        let signature = founding.identities[candidate].sign(&namespace[1..], signed);
        let call = proposeAdmissionCall {
            name,
            publicKey: key,
            endpoint,
            account,
            proof: Bytes::copy_from_slice(signature.as_ref()),
            reason: "lab".to_owned(),
        };
        self.decide(from, id, call.abi_encode().into(), voters);
    }

    /// From a block on, members decide on the gas of a block.
    pub fn set_gas(&mut self, from: u64, id: u64, gas: u64, voters: &[usize]) {
        let call = proposeParameterCall {
            parameter: Parameter::BlockGasLimit,
            value: gas,
            reason: "lab".to_owned(),
        };
        self.decide(from, id, call.abi_encode().into(), voters);
    }

    /// From a block on, members expel one.
    pub fn expel(&mut self, from: u64, id: u64, member: u64, voters: &[usize]) {
        let call = proposeExpulsionCall {
            number: member,
            reason: "lab".to_owned(),
        };
        self.decide(from, id, call.abi_encode().into(), voters);
    }
}
