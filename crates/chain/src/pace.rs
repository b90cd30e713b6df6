//! When a block is proposed: as soon as there is something to include, else when the heartbeat is due.
//! After a block that held several transactions the next one gathers for [`GATHER_MS`] first: each block
//! costs every member its votes, its certificate and its writes, and many small ones would take the
//! processor from whoever asks the members something. A client that sends one after the other waits for
//! nothing.
//!
//! The engine never waits by itself, and while the state actor builds a block it finalises nothing. So
//! the waiting happens here, before it is asked to build: a leader with nothing to do must not keep the
//! block before from becoming final on its own node.

use std::time::Duration;

use commonhold_pool::Pool;
use commonhold_primitives::{
    Block,
    consensus::{ConsensusContext, Scheme},
};
use commonware_consensus::{Application, marshal::ancestry::Ancestry};
use commonware_cryptography::Digested;
use commonware_runtime::Clock;
use futures::{future::select, pin_mut};

use crate::{
    limits::{GATHER_AFTER, GATHER_MS},
    outcome::Outcomes,
    own::Own,
    rules,
};

/// An application that proposes at the network's pace.
#[derive(Clone)]
pub struct Paced<A> {
    inner: A,
    pool: Pool,
    outcomes: Outcomes,
    heartbeat: Duration,
    own: Own,
}

impl<A> Paced<A> {
    /// Paces `inner`: an idle network makes a block every `heartbeat`.
    pub const fn new(
        inner: A,
        pool: Pool,
        outcomes: Outcomes,
        heartbeat: Duration,
        own: Own,
    ) -> Self {
        Self {
            inner,
            pool,
            outcomes,
            heartbeat,
            own,
        }
    }

    async fn wait(&self, clock: &impl Clock, ancestry: impl Ancestry<Block>) {
        let Some(parent) = ancestry.peek().map(|parent| parent.inner().clone()) else {
            return;
        };
        let skip = self.outcomes.in_flight(ancestry).await;
        let age = || {
            let now = rules::millis(clock.current());
            Duration::from_millis(now.saturating_sub(parent.timestamp_ms()))
        };
        let beat = clock.sleep(self.heartbeat.saturating_sub(age()));
        let ready = self.pool.ready(&skip);
        pin_mut!(beat, ready);
        select(ready, beat).await;
        let gather = self.heartbeat.min(Duration::from_millis(GATHER_MS));
        if parent.transactions().len() >= GATHER_AFTER {
            clock.sleep(gather.saturating_sub(age())).await;
        }
    }
}

impl<E, A> Application<E> for Paced<A>
where
    E: Clock,
    A: Application<E, SigningScheme = Scheme, Context = ConsensusContext, Block = Block> + Sync,
{
    type SigningScheme = Scheme;
    type Context = ConsensusContext;
    type Block = Block;
    type Input = A::Input;

    async fn propose(
        &mut self,
        context: (E, ConsensusContext),
        ancestry: impl Ancestry<Block>,
        input: A::Input,
    ) -> Option<Digested<Block>> {
        self.wait(&context.0, ancestry.clone()).await;
        self.own.builds(context.1.round);
        self.inner.propose(context, ancestry, input).await
    }

    async fn verify(
        &mut self,
        context: (E, ConsensusContext),
        ancestry: impl Ancestry<Block>,
    ) -> bool {
        self.inner.verify(context, ancestry).await
    }
}
