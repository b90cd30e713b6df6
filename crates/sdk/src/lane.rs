//! Many transactions of one account, sent without waiting for each.
//!
//! They become final in the order in which they were given. Gas is given with each, as what it needs cannot
//! be asked before what stands ahead of it has happened. What is given waits here until a request is full;
//! [`Lane::settle`] sends the rest and waits until all are final.

use std::{collections::VecDeque, thread, time::Duration};

use alloy_primitives::{Address, B256, Bytes, U64};
use alloy_rpc_types_eth::{BlockNumberOrTag, TransactionReceipt};
use alloy_sol_types::SolCall;

use crate::{
    account::Account,
    client::Client,
    error::SdkError,
    http::CallError,
    limits::{
        FINALITY_SECONDS_MAX, LANE_BYTES_MAX, LANE_IN_FLIGHT_MAX, LANE_POLL_MS,
        LANE_SENT_BYTES_MAX, LANE_SENT_MAX,
    },
    transaction::{Draft, Fees},
};

/// One account's transactions on their way.
pub struct Lane<'a> {
    client: &'a Client,
    account: &'a Account,
    chain: u64,
    fees: Fees,
    next: u64,
    /// Signed and not sent.
    waiting: Vec<Bytes>,
    bytes: usize,
    /// Given since they were last forgotten, by [`Self::check`] or [`Self::forget`]: whoever gives much forgets in
    /// between.
    sent: Vec<(B256, Draft)>,
    /// The bytes of each that is not known to be final, oldest first.
    flying: VecDeque<usize>,
}

impl<'a> Lane<'a> {
    /// The transactions of an account, from the first on that it has not sent yet. What it sent before is
    /// waited for.
    ///
    /// # Errors
    /// Where the node does not answer, or an earlier transaction does not become final.
    pub fn open(client: &'a Client, account: &'a Account) -> Result<Self, SdkError> {
        let lane = Self {
            client,
            account,
            chain: client.chain_id()?,
            fees: client.fees()?,
            next: count(client, account.address(), BlockNumberOrTag::Pending)?,
            waiting: Vec::new(),
            bytes: 0,
            sent: Vec::new(),
            flying: VecDeque::new(),
        };
        lane.wait(lane.next)?;
        Ok(lane)
    }

    /// Signs a call and has it go along. Sends what waits where that fills a request, and waits where too
    /// much is on its way, until half of it is final.
    ///
    /// # Errors
    /// As [`Self::settle`].
    pub fn give(&mut self, to: Address, call: &impl SolCall, gas: u64) -> Result<(), SdkError> {
        let draft = Draft::call(to, call.abi_encode().into());
        let signed = draft
            .clone()
            .sign(self.account, self.chain, self.next, gas, self.fees)?;
        self.next = self.next.saturating_add(1);
        let bytes = signed.raw.len();
        let full = self.bytes.saturating_add(bytes) > LANE_SENT_BYTES_MAX
            || self.waiting.len() >= LANE_SENT_MAX;
        if full {
            self.send()?;
        }
        let flying = self.flying.len();
        if flying >= LANE_IN_FLIGHT_MAX || self.flying.iter().sum::<usize>() >= LANE_BYTES_MAX {
            self.ease(flying / 2)?;
        }
        self.waiting.push(signed.raw);
        self.bytes = self.bytes.saturating_add(bytes);
        self.sent.push((signed.hash, draft));
        self.flying.push_back(bytes);
        Ok(())
    }

    /// Sends what waits; it need not be final then.
    ///
    /// # Errors
    /// Where the node refuses a transaction, or does not answer.
    pub fn send(&mut self) -> Result<(), SdkError> {
        let waiting = core::mem::take(&mut self.waiting);
        self.bytes = 0;
        if waiting.is_empty() {
            return Ok(());
        }
        let params: Vec<(Bytes,)> = waiting.into_iter().map(|raw| (raw,)).collect();
        let answers = self
            .client
            .node()
            .rpc_all::<B256>("eth_sendRawTransaction", &params)?;
        for answer in answers {
            match answer {
                Ok(_) => {}
                // Sent before, by an earlier run that did not hear of it.
                Err(e) if e.message.contains("already known") => {}
                Err(e) => return Err(self.client.explain(CallError::Rpc(e), None)),
            }
        }
        Ok(())
    }

    /// Sends what waits, and waits until all is final. Whether it did what it should is not asked: see
    /// [`Self::check`].
    ///
    /// # Errors
    /// As [`Self::send`]; [`SdkError::Unavailable`] where nothing becomes final for long.
    pub fn settle(&mut self) -> Result<(), SdkError> {
        self.ease(0)
    }

    /// Sends what waits, and waits until no more than so many are not final.
    ///
    /// # Errors
    /// As [`Self::settle`].
    pub fn ease(&mut self, open: usize) -> Result<(), SdkError> {
        self.send()?;
        self.wait(self.next.saturating_sub(open as u64))?;
        let over = self.flying.len().saturating_sub(open);
        self.flying.drain(..over);
        Ok(())
    }

    /// How many are not known to be final.
    pub fn flying(&self) -> usize {
        self.flying.len()
    }

    /// As [`Self::settle`], and looks whether each did what it should.
    ///
    /// # Errors
    /// Likewise, and why the first one failed.
    pub fn check(&mut self) -> Result<Vec<TransactionReceipt>, SdkError> {
        self.settle()?;
        let mut receipts = Vec::new();
        for some in self.sent.chunks(LANE_SENT_MAX) {
            let params: Vec<(B256,)> = some.iter().map(|(hash, _)| (*hash,)).collect();
            let told = self
                .client
                .node()
                .rpc_all::<Option<TransactionReceipt>>("eth_getTransactionReceipt", &params)?;
            for ((hash, draft), receipt) in some.iter().zip(told) {
                let receipt = receipt
                    .map_err(|e| self.client.explain(CallError::Rpc(e), None))?
                    .ok_or_else(|| SdkError::NotFound(format!("no final transaction {hash}")))?;
                if !receipt.status() {
                    return Err(self.client.failed(self.account.address(), draft, &receipt));
                }
                receipts.push(receipt);
            }
        }
        self.forget();
        Ok(receipts)
    }

    /// Forgets what was sent: it is known by other means that it did what it should.
    pub fn forget(&mut self) {
        self.sent.clear();
    }

    fn wait(&self, until: u64) -> Result<(), SdkError> {
        let who = self.account.address();
        let looks = FINALITY_SECONDS_MAX.saturating_mul(1_000) / LANE_POLL_MS;
        let (mut left, mut seen) = (looks, 0);
        loop {
            let now = count(self.client, who, BlockNumberOrTag::Latest)?;
            if now >= until {
                return Ok(());
            }
            if now != seen {
                (left, seen) = (looks, now);
            }
            left = left.saturating_sub(1);
            if left == 0 {
                let open = until.saturating_sub(now);
                let why = format!("{open} transactions of {who} are sent, but not final yet");
                return Err(self.client.node().unavailable(why));
            }
            thread::sleep(Duration::from_millis(LANE_POLL_MS));
        }
    }
}

/// Gas that is enough for a call like one that used so much: the state differs from one to the next.
pub fn enough(used: u64) -> u64 {
    let limit = commonhold_primitives::limits::TRANSACTION_GAS_MAX;
    used.saturating_mul(2).saturating_add(500_000).min(limit)
}

fn count(client: &Client, who: Address, tag: BlockNumberOrTag) -> Result<u64, SdkError> {
    let count: U64 = client.request("eth_getTransactionCount", (who, tag))?;
    Ok(count.to())
}
