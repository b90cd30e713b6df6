//! Answers of modules' views that convince somebody else: the entries that a view reads, each stamped.
//!
//! Lists on the ledger only grow. So a list whose count is proven at one block and whose entries are
//! proven at a later one is whole as of the first: whoever leaves an entry out cannot have the count.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use commonhold_module::{BlockInfo, Module};
use commonhold_primitives::{Stamp, consensus::NetworkKey, limits::STAMP_ENTRIES_MAX};

use crate::{
    client::Client,
    error::SdkError,
    limits::PROVING_ROUNDS_MAX,
    stamp::{self, BlockFinding, Slots, Statement, ViewError},
};

/// What is proven so far.
pub struct Proving<'a> {
    client: &'a Client,
    key: NetworkKey,
    slots: Slots,
    stamps: Vec<Stamp>,
    oldest: Option<BlockFinding>,
    newest: Option<BlockFinding>,
}

impl<'a> Proving<'a> {
    /// Proofs from a node, each checked with the network key.
    pub fn new(client: &'a Client, key: NetworkKey) -> Self {
        Self {
            client,
            key,
            slots: Slots::default(),
            stamps: Vec::new(),
            oldest: None,
            newest: None,
        }
    }

    /// What a module's view answers to each call, with everything proven that it reads.
    ///
    /// # Errors
    /// Where the node does not answer, or proves something else; what the module rejects.
    pub fn ask<C: SolCall>(
        &mut self,
        module: &Module,
        calls: &[C],
    ) -> Result<Vec<C::Return>, SdkError> {
        // More often than this a list would have to grow between two questions.
        for _ in 0..PROVING_ROUNDS_MAX {
            let mut wanted: Vec<U256> = Vec::new();
            let mut answers = Vec::new();
            for call in calls {
                match self.slots.call(module, call, BlockInfo::default()) {
                    Ok(answer) => answers.push(answer),
                    Err(ViewError::Missing { .. }) => self.look(module, call, &mut wanted)?,
                    Err(ViewError::Rejected(reason)) => {
                        let decoded = self.client.abis().reason(Some(module.address()), &reason);
                        return Err(SdkError::Reverted {
                            message: "execution reverted".to_owned(),
                            data: reason,
                            decoded: decoded.map(Box::new),
                        });
                    }
                    Err(e) => return Err(SdkError::Integrity(e.to_string())),
                }
            }
            if wanted.is_empty() {
                return Ok(answers);
            }
            for some in wanted.chunks(STAMP_ENTRIES_MAX) {
                self.stamp(module.address(), some)?;
            }
        }
        Err(SdkError::Integrity(
            "what is to be proven changes faster than it is proven".to_owned(),
        ))
    }

    /// The slots that a call reads and that are not proven yet, by their values now.
    fn look<C: SolCall>(
        &self,
        module: &Module,
        call: &C,
        wanted: &mut Vec<U256>,
    ) -> Result<(), SdkError> {
        let mut slots = self.slots.clone();
        loop {
            match slots.call(module, call, BlockInfo::default()) {
                Err(ViewError::Missing { address, slot, .. }) if address == module.address() => {
                    slots.insert(address, slot, self.client.storage(address, slot)?);
                    if !wanted.contains(&slot) {
                        wanted.push(slot);
                    }
                }
                // What it rejects or breaks by now is told when it is proven.
                _ => return Ok(()),
            }
        }
    }

    fn stamp(&mut self, address: Address, slots: &[U256]) -> Result<(), SdkError> {
        let stamp = self.client.stamp_state(address, slots)?;
        let found = stamp::verify(&stamp, &self.key, self.client.abis())?;
        let Statement::State(entries) = &found.statement else {
            let why = "the node stamps something else than was asked for";
            return Err(SdkError::Integrity(why.to_owned()));
        };
        self.slots.add(entries).map_err(SdkError::Integrity)?;
        let older = |newest: &BlockFinding| newest.number >= found.block.number;
        if !self.newest.as_ref().is_some_and(older) {
            self.newest = Some(found.block.clone());
        }
        let newer = |oldest: &BlockFinding| oldest.number <= found.block.number;
        if !self.oldest.as_ref().is_some_and(newer) {
            self.oldest = Some(found.block);
        }
        self.stamps.push(stamp);
        Ok(())
    }

    /// The stamps of everything that was asked.
    pub fn into_stamps(self) -> Vec<Stamp> {
        self.stamps
    }

    /// The oldest block that something was proven at: everything up to it is there.
    pub const fn as_of(&self) -> Option<&BlockFinding> {
        self.oldest.as_ref()
    }

    /// The newest block that something was proven at. Where it is also the oldest, all of it holds at once.
    pub const fn up_to(&self) -> Option<&BlockFinding> {
        self.newest.as_ref()
    }
}
