//! The member that a gateway talks to, as its node would answer: from its own final state, and by its own
//! pool.
//!
//! Questions and answers take time and may be lost. Where an answer is lost, what was asked for has
//! happened; where the member ends meanwhile, it may have. A gateway whose power is off gets no answer
//! any more, and does nothing.

use std::{
    future::{Future, pending},
    sync::Arc,
    time::Duration,
};

use alloy_primitives::{Address, B256, Bytes, TxKind, U256};
use alloy_sol_types::{SolCall, SolInterface as _};
use commonhold_execution::{CallError, CallRequest, CallResult, Env, Overlay, Resumable};
use commonhold_gateway::{
    journal::KnownRow,
    ledger::{Anchoring, Answer, Deposit, Ledger},
};
use commonhold_pool::{PoolError, submit::SubmitError};
use commonhold_primitives::{limits::TRANSACTION_GAS_MAX, system::DEVICES};
use commonhold_reading::DeviceId;
use commonhold_sdk::{
    Account, SdkError,
    transaction::{Draft, Fees},
};
use commonhold_seal::SealKey;
use commonhold_system::devices::interface::IDevices::{
    Batch, IDevicesErrors, anchorCall, anchorOfCall, anchorsCall, deviceCall, streamCall,
};
use commonware_runtime::{Clock as _, deterministic};
use commonware_utils::{channel::oneshot, sync::Mutex};
use futures::FutureExt as _;
use rand_core::Rng as _;

use super::{disk, fleet::Fleet};
use crate::{
    founding::{CHAIN_ID, Founding},
    member::{Door, Letter},
    world::{Life, World},
};

/// Milliseconds that a question or an answer is under way, at most.
const LATENCY_MS: u64 = 30;
/// How long somebody waits for an answer that was lost.
const PATIENCE: Duration = Duration::from_millis(800);
/// How long a transaction is waited for.
const FINALITY: Duration = Duration::from_secs(8);
/// Time between two looks for it.
const LOOK: Duration = Duration::from_millis(20);
/// How often a nonce is asked for that somebody else has taken meanwhile.
const NONCE_ATTEMPTS: usize = 4;
/// How often a question is put again because the state moved on while it was answered.
const STATE_ATTEMPTS: usize = 16;

/// One gateway's.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) world: World,
    pub(super) founding: Founding,
    pub(super) gateway: usize,
    pub(super) member: usize,
    pub(super) account: Account,
    pub(super) power: disk::Life,
    pub(super) clock: Arc<deterministic::Context>,
    pub(super) dice: Arc<Mutex<deterministic::Context>>,
}

fn unavailable<T>(why: &str) -> Result<T, SdkError> {
    Err(SdkError::Unavailable {
        node: "member".to_owned(),
        why: why.to_owned(),
    })
}

impl Node {
    /// Asks, over a way on which things take time and are lost.
    fn ask<'a, T: Send>(
        &'a self,
        question: impl Future<Output = Result<T, SdkError>> + Send + 'a,
    ) -> Answer<'a, T> {
        async move {
            self.way().await?;
            let answer = question.await;
            self.way().await?;
            answer
        }
        .boxed()
    }

    async fn way(&self) -> Result<(), SdkError> {
        let (takes, dice) = {
            let mut dice = self.dice.lock();
            (1 + dice.next_u64() % LATENCY_MS, dice.next_u64() % 100)
        };
        self.sleep(Duration::from_millis(takes)).await;
        let now = self.now();
        let is_lost = self.world.gateways(|g| {
            let mut cuts = g.fleet.cuts.iter();
            let is_cut =
                cuts.any(|cut| cut.gateway == self.gateway && (cut.from..cut.until).contains(&now));
            let is_lost = is_cut || dice < g.fleet.lost;
            g.tally.ways_lost += u64::from(is_lost);
            is_lost
        });
        if is_lost {
            self.sleep(PATIENCE).await;
            return unavailable("no answer");
        }
        Ok(())
    }

    fn now(&self) -> Duration {
        let since = self.clock.current().duration_since(std::time::UNIX_EPOCH);
        since.unwrap_or_default()
    }

    /// Waits. Whose power is off waits for ever.
    async fn sleep(&self, time: Duration) {
        self.clock.sleep(time).await;
        if !self.power.is_on() {
            pending::<()>().await;
        }
    }

    fn door(&self) -> Result<(Life, Door), SdkError> {
        match self.world.door(self.member) {
            Some(door) => Ok(door),
            None => unavailable("it is down"),
        }
    }

    /// What a call gives in the newest state of the member.
    async fn run(&self, input: Vec<u8>) -> Result<CallResult, SdkError> {
        let (_, door) = self.door()?;
        let request = CallRequest {
            from: Some(self.account.address()),
            to: Some(DEVICES),
            input: input.into(),
            ..CallRequest::default()
        };
        for _ in 0..STATE_ATTEMPTS {
            let Some(number) = door.ledger.processed().await else {
                break;
            };
            let Some(block) = door.ledger.block(number).await else {
                break;
            };
            let env = Env::of(block.header());
            let Some(done) = self.run_in(&door, &env, &request).await else {
                break;
            };
            if door.ledger.processed().await == Some(number) {
                return match done {
                    Ok(result) => Ok(result),
                    Err(CallError::Revert { data, .. }) => Err(SdkError::Reverted {
                        message: "execution reverted".to_owned(),
                        data,
                        decoded: None,
                    }),
                    Err(e) => Err(SdkError::Refused {
                        code: -32_000,
                        message: e.to_string(),
                    }),
                };
            }
        }
        unavailable("its state cannot be read")
    }

    async fn run_in(
        &self,
        door: &Door,
        env: &Env,
        request: &CallRequest,
    ) -> Option<Result<CallResult, CallError>> {
        let mut overlay = Overlay::default();
        loop {
            match self.founding.machine.call(env, &mut overlay, request) {
                Resumable::Done(done) => return Some(done),
                Resumable::Need(keys) => {
                    let (answer, answered) = oneshot::channel();
                    door.questions.send((keys, answer)).await.ok()?;
                    for (key, value) in answered.await.ok()? {
                        overlay.insert_read(key, value);
                    }
                }
            }
        }
    }

    async fn call<C: SolCall>(&self, call: C) -> Result<C::Return, SdkError> {
        let result = self.run(call.abi_encode()).await?;
        C::abi_decode_returns(&result.output).map_err(|e| SdkError::Integrity(e.to_string()))
    }

    /// Sends a call as a client does, and waits until it is final.
    async fn send(&self, input: Bytes) -> Result<B256, SdkError> {
        let gas = self.run(input.to_vec()).await?.gas_used;
        let gas = (gas + gas / 5).min(TRANSACTION_GAS_MAX);
        let free = Fees {
            max_fee_per_gas: 0,
            max_priority_fee_per_gas: 0,
        };
        for _ in 0..NONCE_ATTEMPTS {
            let (life, door) = self.door()?;
            let (answer, answered) = oneshot::channel();
            let letter = Letter::Nonce(self.account.address(), answer);
            let Ok(nonce) = post(&door, letter, answered).await else {
                return unavailable("it ended");
            };
            let draft = Draft {
                kind: TxKind::Call(DEVICES),
                value: U256::ZERO,
                input: input.clone(),
            };
            let signed = draft.sign(&self.account, CHAIN_ID, nonce, gas, free)?;
            self.world.gateways(|g| g.sent.insert(signed.hash));
            let (answer, answered) = oneshot::channel();
            let letter = Letter::Transaction(signed.raw, answer);
            match post(&door, letter, answered).await {
                Ok(Ok(_) | Err(SubmitError::Pool(PoolError::AlreadyKnown))) => {
                    return self.wait(life, signed.hash, &input).await;
                }
                Ok(Err(SubmitError::Pool(
                    PoolError::NonceTooLow { .. } | PoolError::Underpriced,
                ))) => {}
                Ok(Err(e)) => {
                    return Err(SdkError::Refused {
                        code: -32_000,
                        message: e.to_string(),
                    });
                }
                Err(_) => return unavailable("it ended"),
            }
        }
        unavailable("the nonce is always another's")
    }

    async fn wait(&self, life: Life, hash: B256, input: &Bytes) -> Result<B256, SdkError> {
        let until = self.now() + FINALITY;
        while self.now() < until {
            self.sleep(LOOK).await;
            let (lives, outcome) = self.world.with(|w| {
                let outcome = w.outcome_on(life.0, &hash);
                (w.living.contains(&life), outcome)
            });
            match outcome {
                _ if !lives => return unavailable("it ended"),
                Some(true) => return Ok(hash),
                Some(false) => {
                    // The same call on the newest state mostly tells why.
                    self.run(input.to_vec()).await?;
                    return Err(SdkError::Reverted {
                        message: format!("transaction {hash} is final, but failed"),
                        data: Bytes::new(),
                        decoded: None,
                    });
                }
                None => {}
            }
        }
        unavailable("not yet final")
    }
}

async fn post<T>(
    door: &Door,
    letter: Letter,
    answered: oneshot::Receiver<T>,
) -> Result<T, SdkError> {
    let sent = door.letters.send(letter).await;
    match (sent, answered.await) {
        (Ok(()), Ok(answer)) => Ok(answer),
        _ => unavailable("it ended"),
    }
}

fn is(error: &SdkError, which: impl Fn(&IDevicesErrors) -> bool) -> bool {
    match error {
        SdkError::Reverted { data, .. } => {
            IDevicesErrors::abi_decode_validate(data).is_ok_and(|e| which(&e))
        }
        _ => false,
    }
}

impl Ledger for Node {
    fn device(&self, id: DeviceId) -> Answer<'_, Option<KnownRow>> {
        self.ask(async move {
            match self.call(deviceCall { id: id.0 }).await {
                Ok(found) => Ok(Some(KnownRow::from(found))),
                Err(e) if is(&e, |e| matches!(e, IDevicesErrors::UnknownDevice(_))) => Ok(None),
                Err(e) => Err(e),
            }
        })
    }

    fn head(&self) -> Answer<'_, u64> {
        self.ask(async move {
            let (_, door) = self.door()?;
            match door.ledger.processed().await {
                Some(number) => Ok(number),
                None => unavailable("it ended"),
            }
        })
    }

    fn named(&self, from: u64, to: u64) -> Answer<'_, Vec<B256>> {
        self.ask(async move {
            self.door()?;
            Ok(self.world.with(|w| {
                let blocks = w.histories[self.member].range(from..=to);
                let receipts = blocks.flat_map(|(_, told)| told.receipts.iter());
                receipts
                    .flat_map(|receipt| &receipt.logs)
                    .filter(|log| log.address == DEVICES)
                    .flat_map(|log| log.topics().iter().skip(1).copied())
                    .collect()
            }))
        })
    }
}

impl Anchoring for Node {
    fn chain_id(&self) -> Answer<'_, u64> {
        // A client asks once.
        async { Ok(CHAIN_ID) }.boxed()
    }

    fn owner(&self, stream: B256) -> Answer<'_, Address> {
        self.ask(async move { Ok(self.call(streamCall { id: stream }).await?.owner) })
    }

    fn seal_key(&self) -> Answer<'_, SealKey> {
        self.ask(async { Ok(self.founding.group.key()) })
    }

    fn deposit(&self, deposit: Deposit) -> Answer<'_, ()> {
        self.ask(async move {
            self.door()?;
            let record = deposit.record;
            self.world.gateways(|g| g.vault.insert(record, deposit));
            Ok(())
        })
    }

    fn anchor(&self, batches: Vec<Batch>) -> Answer<'_, B256> {
        self.ask(async move {
            let sent = self.send(anchorCall { batches }.abi_encode().into()).await;
            self.world.gateways(|g| match &sent {
                Ok(_) => g.tally.anchorings += 1,
                Err(SdkError::Reverted { .. }) => g.tally.reverted += 1,
                Err(_) => g.tally.doubts += 1,
            });
            sent
        })
    }

    fn is_anchored(&self, record: B256) -> Answer<'_, bool> {
        self.ask(async move {
            match self.call(anchorOfCall { record }).await {
                Ok(_) => {
                    self.world.gateways(|g| g.tally.found += 1);
                    Ok(true)
                }
                Err(e) if is(&e, |e| matches!(e, IDevicesErrors::NoAnchor(_))) => Ok(false),
                Err(e) => Err(e),
            }
        })
    }

    fn record(&self, stream: B256, number: u64) -> Answer<'_, Option<B256>> {
        self.ask(async move {
            let (from, max) = (number, 1);
            let found = self.call(anchorsCall { stream, from, max }).await?;
            Ok(found.page.first().map(|anchor| anchor.record))
        })
    }
}

impl Node {
    /// The node of a gateway in one of its lives.
    pub(super) fn of(
        (world, founding): (World, Founding),
        (gateway, member): (usize, usize),
        power: disk::Life,
        (clock, dice): (deterministic::Context, deterministic::Context),
    ) -> Self {
        Self {
            world,
            founding,
            gateway,
            member,
            account: Fleet::account(gateway),
            power,
            clock: Arc::new(clock),
            dice: Arc::new(Mutex::new(dice)),
        }
    }
}
