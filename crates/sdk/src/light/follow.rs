//! Following the network from head to head.

use super::{Fault, Head, LightClient, NoAnswer, NodeFault, Question, Told};
use crate::{error::SdkError, limits::LIGHT_QUIET_LOOKS_MAX};

impl LightClient {
    /// The next head: newer than all that was seen. Between two looks `pause` waits, for `LIGHT_LOOK_MS` say, and
    /// tells whether to go on; nothing comes where it does not.
    ///
    /// A node that lies or does not answer is left for the next one. So is one that has had nothing new for
    /// [`LIGHT_QUIET_LOOKS_MAX`] looks, where another has.
    ///
    /// # Errors
    /// [`SdkError::Light`] where no node answers well. Whoever calls again goes on where this ended.
    pub fn next_head(
        &mut self,
        mut pause: impl FnMut() -> bool,
    ) -> Result<Option<Told<Head>>, SdkError> {
        let mut faults: Vec<NodeFault> = Vec::new();
        let mut quiet = 0u32;
        loop {
            // A node that is behind may catch up: that is for the looks to count.
            let looked = self.ask(Question::Head, |light, node| light.newest(node));
            let looked = match looked {
                Ok(looked) => looked,
                Err(SdkError::Light(none)) => {
                    none.faults.into_iter().for_each(|f| note(&mut faults, f));
                    return Err(NoAnswer { faults }.into());
                }
                Err(e) => return Err(e),
            };
            (looked.faults.into_iter()).for_each(|fault| note(&mut faults, fault));
            if self.raise(&looked.answer.block) {
                let (answer, node) = (looked.answer, looked.node);
                return Ok(Some(Told {
                    answer,
                    node,
                    faults,
                }));
            }
            quiet = quiet.saturating_add(1);
            if quiet >= LIGHT_QUIET_LOOKS_MAX {
                quiet = 0;
                if let Some((answer, node)) = self.elsewhere(&mut faults) {
                    let fault = Fault::Behind {
                        told: looked.answer.block.number,
                        seen: answer.block.number,
                    };
                    let (left, asked) = (looked.node, Question::Head);
                    note(
                        &mut faults,
                        NodeFault {
                            node: left,
                            asked,
                            fault,
                        },
                    );
                    return Ok(Some(Told {
                        answer,
                        node,
                        faults,
                    }));
                }
            }
            if !pause() {
                return Ok(None);
            }
        }
    }

    /// A newer head of another node than the one that was asked last, which is asked from then on.
    fn elsewhere(&mut self, faults: &mut Vec<NodeFault>) -> Option<(Head, String)> {
        let before = self.at;
        for _ in 1..self.nodes.len() {
            self.next_node();
            let client = self.nodes.get(self.at)?;
            let node = client.url().to_owned();
            match self.newest(client) {
                Ok(head) if self.raise(&head.block) => return Some((head, node)),
                Ok(_) => {}
                Err(fault) => {
                    let asked = Question::Head;
                    note(faults, NodeFault { node, asked, fault });
                }
            }
        }
        self.at = before;
        None
    }
}

/// Keeps the newest fault of each node.
fn note(faults: &mut Vec<NodeFault>, fault: NodeFault) {
    faults.retain(|known| known.node != fault.node);
    faults.push(fault);
}
