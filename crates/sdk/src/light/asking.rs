//! Asking one node after another.

use super::{
    LightClient,
    fault::{Fault, Lie, NoAnswer, NodeFault, Question},
    head::FinalAnswer,
};
use crate::{
    client::Client,
    error::SdkError,
    stamp::{BlockFinding, finality},
};

/// An answer that holds, and who did not give one.
#[derive(Debug)]
pub struct Told<T> {
    /// What holds.
    pub answer: T,
    /// Address of the node that told it.
    pub node: String,
    /// Those that were asked before it, and what they did instead.
    pub faults: Vec<NodeFault>,
}

impl LightClient {
    /// Asks each node once at most, beginning with the one that answered well the last time.
    pub(super) fn ask<T>(
        &mut self,
        asked: Question,
        question: impl Fn(&Self, &Client) -> Result<T, Fault>,
    ) -> Result<Told<T>, SdkError> {
        let mut faults = Vec::new();
        for _ in 0..self.nodes.len() {
            let Some(client) = self.nodes.get(self.at) else {
                break;
            };
            let node = client.url().to_owned();
            match question(self, client) {
                Ok(answer) => {
                    return Ok(Told {
                        answer,
                        node,
                        faults,
                    });
                }
                Err(fault) => {
                    faults.push(NodeFault { node, asked, fault });
                    self.next_node();
                }
            }
        }
        Err(NoAnswer { faults }.into())
    }

    pub(super) fn next_node(&mut self) {
        self.at = (self.at + 1) % self.nodes.len();
    }

    /// Checks the block that a node shows.
    pub(super) fn checked(&self, told: &FinalAnswer) -> Result<super::Head, Fault> {
        let block = finality(
            &told.header,
            &told.descendants,
            &told.certificate,
            &self.key,
        )?;
        let head = super::Head::new(&block, &self.key);
        self.fits(&head.block)?;
        Ok(head)
    }

    /// Whether a final block can be of the same chain as what was seen.
    pub(super) fn fits(&self, told: &BlockFinding) -> Result<(), Lie> {
        let Some(seen) = &self.floor else {
            return Ok(());
        };
        if told.genesis != seen.genesis {
            return Err(Lie::Network {
                told: told.genesis,
                seen: seen.genesis,
            });
        }
        if told.number == seen.number && told.hash != seen.hash {
            return Err(Lie::Fork {
                number: told.number,
                seen: seen.hash,
                told: told.hash,
            });
        }
        let by_number = told.number.cmp(&seen.number);
        let by_time = told.timestamp_ms.cmp(&seen.timestamp_ms);
        // Blocks that follow one another may have the same time.
        if by_time.is_ne() && by_time != by_number {
            return Err(Lie::Time {
                seen: seen.number,
                told: told.number,
            });
        }
        Ok(())
    }

    /// Whether what is shown as the newest is no older than what was seen.
    pub(super) fn is_new(&self, told: &BlockFinding) -> Result<(), Fault> {
        match &self.floor {
            Some(seen) if told.number < seen.number => Err(Fault::Behind {
                told: told.number,
                seen: seen.number,
            }),
            _ => Ok(()),
        }
    }

    /// Remembers a final block; tells whether it is newer than all that were seen.
    pub(super) fn raise(&mut self, told: &BlockFinding) -> bool {
        let newer = (self.floor.as_ref()).is_none_or(|seen| seen.number < told.number);
        if newer {
            self.floor = Some(told.clone());
        }
        newer
    }
}
