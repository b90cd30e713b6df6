//! Clients: people who send transactions to members that are up.
//!
//! A client is one task beside each living member. A person's next transaction may enter through any
//! member. What only members acknowledged that crashed since is sent again, as a person would do.

use std::{collections::BTreeMap, ops::Range, sync::Arc, time::Duration};

use alloy_consensus::{SignableTransaction as _, TxEip1559, TxEnvelope};
use alloy_eips::eip2718::Encodable2718 as _;
use alloy_primitives::{Address, B256, Bytes, TxKind, U256, keccak256};
use alloy_signer::SignerSync as _;
use alloy_signer_local::PrivateKeySigner;
use alloy_sol_types::SolCall as _;
use commonhold_chain::rules::millis;
use commonhold_pool::{
    AccountView, PoolError,
    gossip::AccountReader,
    submit::{SubmitError, Submitter},
};
use commonhold_primitives::{StateValue, system};
use commonhold_system::records::interface::IRecords;
use commonware_runtime::{Clock as _, deterministic};
use rand_core::Rng as _;

use crate::{
    founding::{CHAIN_ID, COUNTER},
    world::{Life, State, World},
};

/// Transactions of one person that may be on their way at once.
const OUTSTANDING_MAX: u64 = 6;

/// How long clients wait where a scenario does not say otherwise.
pub const PAUSE_MS: Range<u64> = 10..70;

/// A transaction that was made.
pub struct Submission {
    /// Its bytes.
    pub raw: Bytes,
    /// Who made it.
    pub person: usize,
    /// Its place among that person's.
    pub nonce: u64,
    /// When a client first sent it, and to which member: milliseconds of simulated time.
    pub sent: Option<(usize, u64)>,
    /// The lives that acknowledged it.
    pub acknowledged: Vec<Life>,
}

/// What a person wants a transaction to do.
pub struct Call {
    /// Who.
    pub person: usize,
    /// To whom.
    pub to: Address,
    /// With how many wei.
    pub value: U256,
    /// With which input.
    pub input: Bytes,
    /// For how much gas at most.
    pub gas_limit: u64,
}

/// All transactions of a run.
#[derive(Default)]
pub struct Load {
    people: Arc<Vec<PrivateKeySigner>>,
    next: Vec<u64>,
    wanted: usize,
    /// How long each client waits until it sends another: milliseconds of simulated time.
    pub pause_ms: Range<u64>,
    /// What was made, by hash.
    pub submissions: BTreeMap<B256, Submission>,
    /// Times that a transaction was sent again because all who acknowledged it had crashed.
    pub sent_again: u64,
    /// Refusals that a client should not get.
    pub refused: Vec<String>,
}

impl Load {
    /// These people want to make so many transactions together.
    pub fn new(people: Arc<Vec<PrivateKeySigner>>, wanted: usize) -> Self {
        Self {
            next: vec![0; people.len()],
            people,
            wanted,
            pause_ms: PAUSE_MS,
            ..Self::default()
        }
    }

    fn pause(&self, dice: u64) -> Duration {
        let span = self.pause_ms.end.saturating_sub(self.pause_ms.start).max(1);
        Duration::from_millis(self.pause_ms.start + dice % span)
    }

    /// Whether everything that was wanted was made.
    pub fn is_made(&self) -> bool {
        self.submissions.len() >= self.wanted
    }

    /// Makes a transaction that is wanted besides.
    pub fn ask_for(&mut self, call: Call) -> B256 {
        self.wanted += 1;
        self.make(call)
    }

    fn make(&mut self, call: Call) -> B256 {
        let Call {
            person,
            to,
            value,
            input,
            gas_limit,
        } = call;
        let nonce = self.next[person];
        self.next[person] += 1;
        let tx = TxEip1559 {
            chain_id: CHAIN_ID,
            nonce,
            gas_limit,
            to: TxKind::Call(to),
            value,
            input,
            ..TxEip1559::default()
        };
        let signature = self.people[person]
            .sign_hash_sync(&tx.signature_hash())
            .expect("sign");
        let raw: Bytes = TxEnvelope::from(tx.into_signed(signature))
            .encoded_2718()
            .into();
        let hash = keccak256(&raw);
        let submission = Submission {
            raw,
            person,
            nonce,
            sent: None,
            acknowledged: Vec::new(),
        };
        self.submissions.insert(hash, submission);
        hash
    }
}

/// A transfer to another person or to a new account, a call of the counter, or a registration.
fn what(
    people: &[PrivateKeySigner],
    person: usize,
    nonce: u64,
    dice: u64,
) -> (Address, U256, Bytes, u64) {
    let value = U256::from(dice % 1_000_000);
    match dice % 5 {
        0 | 1 => (
            people[(person + 1) % people.len()].address(),
            value,
            Bytes::new(),
            21_000,
        ),
        2 => (
            Address::from_word(keccak256(dice.to_be_bytes())),
            value,
            Bytes::new(),
            21_000,
        ),
        3 => (COUNTER, U256::ZERO, Bytes::new(), 100_000),
        _ => {
            let salt = keccak256(format!("{person} {nonce}"));
            let call = IRecords::registerCall {
                registration: IRecords::Registration {
                    salt,
                    contentHash: keccak256(salt),
                    length: 1_000 + nonce,
                    kind: "text/plain".into(),
                    sealedKeyHash: B256::ZERO,
                    policy: Address::ZERO,
                    custodian: Address::ZERO,
                },
            };
            (
                system::RECORDS,
                U256::ZERO,
                call.abi_encode().into(),
                1_000_000,
            )
        }
    }
}

/// One client beside one life of a member, for as long as that life lasts.
pub async fn run<A: AccountReader>(
    mut context: deterministic::Context,
    world: World,
    life: Life,
    member: Submitter<deterministic::Context, A>,
) {
    loop {
        let dice = context.next_u64();
        let pause = world.with(|w| w.load.pause(dice));
        context.sleep(pause).await;
        let dice = context.next_u64();
        let Some(hash) = world.with(|w| choose(w, dice)) else {
            continue;
        };
        let now = millis(context.current());
        let raw = world.with(|w| {
            let submission = w.load.submissions.get_mut(&hash)?;
            submission.sent.get_or_insert((life.0, now));
            Some(submission.raw.clone())
        });
        let Some(raw) = raw else { continue };
        let answer = member.submit(raw).await;
        world.with(|w| match answer {
            Ok(_) | Err(SubmitError::Pool(PoolError::AlreadyKnown)) => acknowledged(w, life, hash),
            // It became final meanwhile, or this member has not heard of an earlier one.
            Err(SubmitError::Pool(
                PoolError::NonceTooLow { .. } | PoolError::NonceTooHigh { .. },
            )) => {}
            // Genesis is written by block 1: before it, nobody has anything.
            Err(SubmitError::Pool(PoolError::InsufficientFunds { balance, .. }))
                if balance.is_zero() => {}
            // Its disk fails: it is about to stop, or promises nothing until the disk takes its journal.
            Err(SubmitError::Unavailable | SubmitError::Pool(PoolError::NotKept(_))) => {}
            Err(e) => w.load.refused.push(format!("member {}: {e}", life.0)),
        });
    }
}

fn acknowledged(world: &mut State, life: Life, hash: B256) {
    if let Some(submission) = world.load.submissions.get_mut(&hash)
        && !submission.acknowledged.contains(&life)
    {
        submission.acknowledged.push(life);
    }
}

/// What to send now: what was lost with its members first, else something new.
fn choose(world: &mut State, dice: u64) -> Option<B256> {
    let lost = world
        .load
        .submissions
        .iter()
        .filter(|(hash, s)| {
            !world.is_final(hash)
                && !s
                    .acknowledged
                    .iter()
                    .any(|life| world.living.contains(life))
        })
        .min_by_key(|(_, s)| (s.nonce, s.person))
        .map(|(hash, s)| (*hash, !s.acknowledged.is_empty()));
    if let Some((hash, was_acknowledged)) = lost {
        world.load.sent_again += u64::from(was_acknowledged);
        return Some(hash);
    }
    if let Some(hash) = world.go_on() {
        return Some(hash);
    }
    if world.load.is_made() {
        return None;
    }
    let people = world.load.people.len();
    let person = usize::try_from(dice >> 32).unwrap_or_default() % people;
    let waiting = world
        .load
        .submissions
        .iter()
        .filter(|(hash, s)| s.person == person && !world.is_final(hash))
        .count();
    if waiting as u64 >= OUTSTANDING_MAX {
        return None;
    }
    let nonce = world.load.next[person];
    let (to, value, input, gas_limit) = what(&world.load.people, person, nonce, dice);
    Some(world.load.make(Call {
        person,
        to,
        value,
        input,
        gas_limit,
    }))
}

/// An account as the pool sees it.
pub fn view(value: Option<&StateValue>) -> AccountView {
    match value {
        Some(StateValue::Account(account)) => AccountView {
            nonce: account.nonce,
            balance: account.balance,
        },
        _ => AccountView::default(),
    }
}
