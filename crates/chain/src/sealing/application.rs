//! What a block carries of the ceremony: chosen where this node proposes, checked where it votes.

use std::future::pending;

use commonhold_primitives::{
    Block,
    consensus::{ConsensusContext, Scheme},
    epoch::Directory,
    sealing::Sealing,
};
use commonware_consensus::{Application, Handoff, marshal::ancestry::Ancestry};
use commonware_cryptography::{
    Digested, bls12381::primitives::variant::MinSig, ed25519::PrivateKey,
};
use commonware_glue::dkg::reshare;
use commonware_parallel::Strategy;
use futures::StreamExt as _;
use rand_core::CryptoRng;
use tracing::warn;

use super::known::{Known, Phase};

/// What the engine gives to a proposer: what the block is to carry of the resharings, of the network key
/// and of the seal key.
pub type Upstream = reshare::Input<Option<Sealing>, MinSig, PrivateKey, Directory>;

/// An application whose blocks carry what they have to of the seal key's ceremony.
#[derive(Clone)]
pub struct Sealed<A, S> {
    inner: A,
    /// None where the network has no seal key.
    known: Option<Known>,
    strategy: S,
}

/// Why a block is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Misplaced {
    #[error("this network has no seal key")]
    NoSealKey,
    #[error("nothing of a resharing belongs into this block")]
    Early,
    #[error("only an epoch's last block says who holds the seal key next")]
    Sharing,
    #[error("the log is not signed by a dealer of this ceremony")]
    Stranger,
    #[error("an epoch's last block says who holds the seal key next")]
    Missing,
    #[error("it is another sharing than the logs give")]
    Other,
}

impl<A, S: Strategy> Sealed<A, S> {
    pub(crate) const fn new(inner: A, known: Option<Known>, strategy: S) -> Self {
        Self {
            inner,
            known,
            strategy,
        }
    }

    /// What the block after `ancestry` is to carry. None where this node cannot tell, and must not propose.
    async fn choose(
        &self,
        ancestry: impl Ancestry<Block>,
        rng: &mut (impl CryptoRng + Send),
    ) -> Option<Option<Sealing>> {
        let Some(known) = &self.known else {
            return Some(None);
        };
        let number = ancestry.peek()?.inner().number().checked_add(1)?;
        let (epoch, phase) = known.place(number)?;
        match phase {
            Phase::Dealing => Some(None),
            Phase::Logs => {
                let log = known.round(epoch).and_then(|_| known.log_for(number));
                Some(log.map(|log| Sealing::Log(Box::new(log))))
            }
            Phase::Last => {
                let next = known.sharing_after(epoch, ancestry, rng, &self.strategy);
                Some(Some(Sealing::Sharing(Box::new(next.await?))))
            }
        }
    }

    /// Checks what the newest block of `ancestry` carries. None where this node cannot tell.
    async fn check(
        &self,
        mut ancestry: impl Ancestry<Block>,
        rng: &mut (impl CryptoRng + Send),
    ) -> Option<Result<(), Misplaced>> {
        let block = ancestry.peek()?.inner().clone();
        let carried = block.sealing();
        let Some(known) = &self.known else {
            return Some(carried.map_or(Ok(()), |_| Err(Misplaced::NoSealKey)));
        };
        let (epoch, phase) = known.place(block.number())?;
        Some(match (phase, carried) {
            (Phase::Dealing | Phase::Logs, None) => Ok(()),
            (Phase::Dealing, Some(_)) => Err(Misplaced::Early),
            (Phase::Logs, Some(Sealing::Sharing(_))) => Err(Misplaced::Sharing),
            (Phase::Logs, Some(Sealing::Log(log))) => match known.round(epoch) {
                Some(round) if round.admit(log).is_none() => Err(Misplaced::Stranger),
                // One that does not know the dealers takes the others' word: what does not count is
                // left out when logs are put together.
                _ => Ok(()),
            },
            (Phase::Last, None | Some(Sealing::Log(_))) => Err(Misplaced::Missing),
            (Phase::Last, Some(Sealing::Sharing(named))) => {
                ancestry.next().await?;
                let next = known.sharing_after(epoch, ancestry, rng, &self.strategy);
                if next.await? == **named {
                    Ok(())
                } else {
                    Err(Misplaced::Other)
                }
            }
        })
    }
}

impl<E, A, S> Application<E> for Sealed<A, S>
where
    E: CryptoRng + Send,
    S: Strategy,
    A: Application<
            E,
            SigningScheme = Scheme,
            Context = ConsensusContext,
            Block = Block,
            Input = Option<Sealing>,
        > + Sync,
{
    type SigningScheme = Scheme;
    type Context = ConsensusContext;
    type Block = Block;
    type Input = ();

    // Built on a parent that may yet fail: it may hold the log that this one would hold too.
    async fn prepare(
        &mut self,
        context: (E, ConsensusContext),
        ancestry: impl Ancestry<Block>,
        (): (),
    ) -> Handoff<Digested<Block>> {
        let Some(parent) = ancestry.peek() else {
            return Handoff::Wait;
        };
        let number = parent.inner().number().saturating_add(1);
        let place = self.known.as_ref().and_then(|known| known.place(number));
        if matches!(place, Some((_, Phase::Logs | Phase::Last))) {
            return Handoff::Wait;
        }
        self.inner.prepare(context, ancestry, None).await
    }

    async fn propose(
        &mut self,
        (mut runtime, context): (E, ConsensusContext),
        ancestry: impl Ancestry<Block>,
        (): (),
    ) -> Option<Digested<Block>> {
        let carried = self.choose(ancestry.clone(), &mut runtime).await?;
        self.inner
            .propose((runtime, context), ancestry, carried)
            .await
    }

    async fn verify(
        &mut self,
        (mut runtime, context): (E, ConsensusContext),
        ancestry: impl Ancestry<Block>,
    ) -> bool {
        match self.check(ancestry.clone(), &mut runtime).await {
            Some(Ok(())) => self.inner.verify((runtime, context), ancestry).await,
            Some(Err(why)) => {
                let leader = &context.leader;
                warn!(%leader, error = %why, "refused a block");
                false
            }
            // It may be good: nobody votes for what they cannot check.
            None => pending().await,
        }
    }
}
