//! What is asked of a final block: receipts, entries of the state, views.

use std::{thread, time::Duration};

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolCall;
use commonhold_module::Module;
use commonhold_primitives::{Stamp, limits::STAMP_ENTRIES_MAX};
use serde::Serialize;

use super::{Fault, Lie, LightClient, Question, Told};
use crate::{
    client::Client,
    error::SdkError,
    limits::{LIGHT_LOOK_MS, LIGHT_STATE_LOOKS_MAX, PROVING_ROUNDS_MAX},
    proving::Proving,
    stamp::{self, BlockFinding, EntryFinding, Findings, Statement, TransactionFinding},
};

/// A final transaction and what it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// The block that holds it.
    pub block: BlockFinding,
    /// Who signed what, whether it succeeded, what was told.
    pub transaction: TransactionFinding,
}

/// Entries of the state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct State {
    /// The block after which they hold.
    pub block: BlockFinding,
    /// In the order in which they were asked for; a value that is `None` is proven to be absent.
    pub entries: Vec<EntryFinding>,
}

impl LightClient {
    /// A final transaction and what it did.
    ///
    /// # Errors
    /// [`SdkError::Light`] where no node proves it: refused where they say that they know of none, which no node
    /// can prove.
    pub fn receipt(&mut self, hash: B256) -> Result<Told<Receipt>, SdkError> {
        let told = self.ask(Question::Receipt(hash), |light, node| {
            let (block, statement) = light.proven(node, &node.stamp(hash)?)?;
            let Statement::Transaction(transaction) = statement else {
                return Err(Lie::Other("no transaction".to_owned()).into());
            };
            if transaction.hash != hash {
                return Err(Lie::Other(format!("transaction {}", transaction.hash)).into());
            }
            match light.chain {
                Some(asked) if asked != transaction.chain_id => Err(Lie::Chain {
                    told: transaction.chain_id,
                    asked,
                }
                .into()),
                _ => Ok(Receipt {
                    block,
                    transaction: *transaction,
                }),
            }
        })?;
        self.raise(&told.answer.block);
        Ok(told)
    }

    /// Slots of an account in the newest state, or, where there are none, the account itself: each with its value
    /// or proven to be absent.
    ///
    /// # Errors
    /// [`SdkError::Light`] where no node proves them; [`SdkError::Usage`] for more than [`STAMP_ENTRIES_MAX`].
    pub fn state(&mut self, address: Address, slots: &[U256]) -> Result<Told<State>, SdkError> {
        if slots.len() > STAMP_ENTRIES_MAX {
            return Err(SdkError::Usage(format!(
                "{} slots exceed STAMP_ENTRIES_MAX ({STAMP_ENTRIES_MAX})",
                slots.len()
            )));
        }
        let told = self.ask(Question::State(address), |light, node| {
            patient(|| light.entries(node, address, slots))
        })?;
        self.raise(&told.answer.block);
        Ok(told)
    }

    fn entries(&self, node: &Client, address: Address, slots: &[U256]) -> Result<State, Fault> {
        let stamp = node.stamp_state(address, slots)?;
        let (block, statement) = self.proven(node, &stamp)?;
        let Statement::State(entries) = statement else {
            return Err(Lie::Other("no entries of the state".to_owned()).into());
        };
        let asked: Vec<Option<U256>> = match slots {
            [] => vec![None],
            some => some.iter().copied().map(Some).collect(),
        };
        let told: Vec<_> = entries.iter().map(|e| (e.address, e.slot)).collect();
        if !asked.iter().map(|slot| (address, *slot)).eq(told) {
            return Err(Lie::Other("other entries of the state".to_owned()).into());
        }
        self.is_new(&block)?;
        Ok(State { block, entries })
    }

    /// What a module's view says: run here, by the module's own code, on entries that are proven at one block.
    ///
    /// # Errors
    /// As [`Self::state`]; what the module rejects. A view that reads more than fits into one stamp cannot be proven
    /// at one block: [`Proving`] proves it over several.
    pub fn view<C: SolCall>(
        &mut self,
        module: &Module,
        call: &C,
    ) -> Result<Told<(BlockFinding, C::Return)>, SdkError> {
        let told = self.ask(Question::View(module.address()), |light, node| {
            patient(|| light.viewed(node, module, call))
        })?;
        self.raise(&told.answer.0);
        Ok(told)
    }

    fn viewed<C: SolCall>(
        &self,
        node: &Client,
        module: &Module,
        call: &C,
    ) -> Result<(BlockFinding, C::Return), Fault> {
        for _ in 0..PROVING_ROUNDS_MAX {
            let mut proving = Proving::new(node, self.key);
            let answer = proving.ask(module, core::slice::from_ref(call));
            let answer = answer.map_err(|e| match e {
                SdkError::Stamp(e) => Fault::Lie(Lie::Unproven(e)),
                e => Fault::NoAnswer(e),
            })?;
            let at = proving.as_of().zip(proving.up_to());
            if let Some((oldest, newest)) = at
                && oldest == newest
                && let Some(answer) = answer.into_iter().next()
            {
                self.fits(oldest)?;
                self.is_new(oldest)?;
                return Ok((oldest.clone(), answer));
            }
        }
        let why = "the view cannot be proven at one block: it reads too much, or changes too fast";
        Err(SdkError::Integrity(why.to_owned()).into())
    }

    /// What a stamp proves, by the key and what was seen.
    fn proven(&self, node: &Client, stamp: &Stamp) -> Result<(BlockFinding, Statement), Fault> {
        let Findings { block, statement } = stamp::verify(stamp, &self.key, node.abis())?;
        self.fits(&block)?;
        Ok((block, statement))
    }
}

/// JSON-RPC: the node keeps no certificate that covers its newest state, because the next block is yet to come.
const NO_CERTIFICATE_YET: i64 = -32001;

/// A node's state follows its head within moments, and the certificate its state: it is asked a few times.
fn patient<T>(ask: impl Fn() -> Result<T, Fault>) -> Result<T, Fault> {
    for _ in 1..LIGHT_STATE_LOOKS_MAX {
        match ask() {
            Err(
                Fault::Behind { .. }
                | Fault::NoAnswer(SdkError::Refused {
                    code: NO_CERTIFICATE_YET,
                    ..
                }),
            ) => thread::sleep(Duration::from_millis(LIGHT_LOOK_MS)),
            answer => return answer,
        }
    }
    ask()
}
