//! This member's part in one ceremony, as a dealer, as a player, or as both. Its secrets are in the store
//! before anything of them is sent.

use std::{collections::BTreeMap, sync::Arc};

use commonhold_primitives::sealing::SealingLog;
use commonhold_primitives::{consensus::MemberKey, epoch::Output, limits::MEMBERS_MAX};
use commonware_codec::{Copying, Decode as _, Encode as _};
use commonware_consensus::types::Epoch;
use commonware_cryptography::{
    Signer as _,
    bls12381::{
        dkg::feldman_desmedt::{Dealer, DealerPrivMsg, Player},
        primitives::{group::Share, variant::MinSig},
    },
    ed25519::PrivateKey,
    transcript::{Summary, Transcript, Version},
};
use commonware_glue::dkg::SecretStore as _;
use commonware_math::algebra::Random as _;
use commonware_parallel::Strategy;
use commonware_storage::Context;
use commonware_utils::{N3f1, NZU32};
use rand_core::CryptoRng;
use tracing::{debug, warn};

use super::{
    message::{Ack, Body, Commitment, Message},
    round::{Logs, Round},
};
use crate::epochs::Secrets;

const MEMBERS: core::num::NonZeroU32 = NZU32!(MEMBERS_MAX);

/// What this member deals.
struct Dealing {
    dealer: Dealer<MinSig, PrivateKey>,
    commitment: Commitment,
    /// Of players that have not acknowledged.
    unsent: BTreeMap<MemberKey, DealerPrivMsg>,
}

pub(super) struct Part {
    round: Arc<Round>,
    me: MemberKey,
    /// Until its log is signed.
    dealing: Option<Dealing>,
    log: Option<SealingLog>,
    player: Option<Player<MinSig, PrivateKey>>,
    /// What this member has acknowledged.
    given: BTreeMap<MemberKey, (Commitment, Ack)>,
}

impl Part {
    /// Begins, or goes on with what is in the store. `share` is this member's of the sharing before; where
    /// it has none it deals nothing.
    pub(super) async fn begin<E: Context + CryptoRng>(
        round: Arc<Round>,
        signer: &PrivateKey,
        share: Option<Share>,
        secrets: &mut Secrets<E>,
        rng: &mut impl CryptoRng,
    ) -> Self {
        let epoch = round.epoch();
        let log = secrets.log(epoch);
        let log =
            log.and_then(|bytes| SealingLog::decode_cfg(Copying(bytes.as_slice()), &MEMBERS).ok());
        let mut this = Self {
            me: signer.public_key(),
            dealing: None,
            log,
            player: Player::new(round.info().clone(), signer.clone()).ok(),
            given: BTreeMap::new(),
            round,
        };
        this.recall(secrets).await;
        if let Some(share) = share
            && this.log.is_none()
        {
            this.deal(signer, share, secrets, rng).await;
        }
        this
    }

    /// Takes the dealings that are in the store.
    async fn recall<E: Context + CryptoRng>(&mut self, secrets: &mut Secrets<E>) {
        let epoch = self.round.epoch();
        for dealer in self.round.clone().previous().players() {
            let commitment = secrets
                .commitment(epoch, dealer)
                .and_then(|bytes| Commitment::decode_cfg(Copying(bytes.as_slice()), &MEMBERS).ok());
            let dealt = secrets.get_dealing(Epoch::new(epoch), dealer).await;
            if let (Some(commitment), Some(dealt)) = (commitment, dealt) {
                self.acknowledge(dealer, commitment, dealt);
            }
        }
    }

    async fn deal<E: Context + CryptoRng>(
        &mut self,
        signer: &PrivateKey,
        share: Share,
        secrets: &mut Secrets<E>,
        rng: &mut impl CryptoRng,
    ) {
        let epoch = Epoch::new(self.round.epoch());
        let seed = match secrets.get_seed(epoch).await {
            Some(seed) => seed,
            None => {
                let seed = Summary::random(rng);
                secrets.put_seed(epoch, seed).await;
                seed
            }
        };
        let started = Dealer::start::<N3f1>(
            Transcript::resume(seed, Version::V1).noise(b"seal-dealer"),
            self.round.info().clone(),
            signer.clone(),
            Some(share),
        );
        let (dealer, commitment, parts) = match started {
            Ok(started) => started,
            Err(e) => {
                warn!(error = %e, "this member deals nothing of the seal key");
                return;
            }
        };
        let mut dealing = Dealing {
            dealer,
            commitment,
            unsent: parts.into_iter().collect(),
        };
        let me = self.me.clone();
        if let Some(own) = dealing.unsent.get(&me).cloned() {
            let commitment = dealing.commitment.clone();
            if let Some(ack) = self.hear_dealing(&me, commitment, own, secrets).await {
                dealing.take(&me, ack);
            }
        }
        self.dealing = Some(dealing);
    }

    /// A message of another member. Gives what to answer.
    pub(super) async fn hear<E: Context + CryptoRng>(
        &mut self,
        from: &MemberKey,
        body: Body,
        secrets: &mut Secrets<E>,
    ) -> Option<Message> {
        match body {
            Body::Dealing(commitment, part) => {
                let ack = self.hear_dealing(from, commitment, part, secrets).await?;
                Some(self.message(Body::Ack(ack)))
            }
            Body::Ack(ack) => {
                if let Some(dealing) = &mut self.dealing {
                    dealing.take(from, ack);
                }
                None
            }
            // Kept by whoever runs this, whether it takes part or not.
            Body::Log(_) => None,
        }
    }

    async fn hear_dealing<E: Context + CryptoRng>(
        &mut self,
        dealer: &MemberKey,
        commitment: Commitment,
        part: DealerPrivMsg,
        secrets: &mut Secrets<E>,
    ) -> Option<Ack> {
        if let Some((known, ack)) = self.given.get(dealer) {
            // Another dealing in the place of the first: it is answered by nothing.
            return (*known == commitment).then(|| ack.clone());
        }
        let ack = self.acknowledge(dealer, commitment.clone(), part.clone())?;
        let epoch = self.round.epoch();
        secrets
            .put_commitment(epoch, dealer, &commitment.encode())
            .await;
        secrets
            .put_dealing(Epoch::new(epoch), dealer.clone(), part)
            .await;
        Some(ack)
    }

    fn acknowledge(
        &mut self,
        dealer: &MemberKey,
        commitment: Commitment,
        part: DealerPrivMsg,
    ) -> Option<Ack> {
        let player = self.player.as_mut()?;
        match player.dealer_message::<N3f1>(dealer.clone(), commitment.clone(), part) {
            Ok(ack) => {
                let ack = ack?;
                self.given.insert(dealer.clone(), (commitment, ack.clone()));
                Some(ack)
            }
            Err(e) => {
                warn!(%dealer, error = %e, "a member dealt the seal key wrongly");
                None
            }
        }
    }

    fn message(&self, body: Body) -> Message {
        Message {
            epoch: self.round.epoch(),
            body,
        }
    }

    /// What players have not acknowledged yet.
    pub(super) fn dealings(&self) -> Vec<(MemberKey, Message)> {
        let Some(dealing) = &self.dealing else {
            return Vec::new();
        };
        let to = dealing.unsent.iter();
        to.map(|(player, part)| {
            let body = Body::Dealing(dealing.commitment.clone(), part.clone());
            (player.clone(), self.message(body))
        })
        .collect()
    }

    /// Signs this member's log, where everybody has acknowledged or `now`.
    pub(super) async fn close<E: Context + CryptoRng>(
        &mut self,
        now: bool,
        secrets: &mut Secrets<E>,
    ) {
        if let Some(dealing) = self
            .dealing
            .take_if(|dealing| now || dealing.unsent.is_empty())
        {
            for player in dealing.unsent.keys() {
                debug!(%player, "a member did not acknowledge its part: it is made public");
            }
            let log = dealing.dealer.finalize::<N3f1>();
            secrets.put_log(self.round.epoch(), &log.encode()).await;
            self.log = Some(log);
        }
    }

    /// This member's log, once it is signed.
    pub(super) const fn log(&self) -> Option<&SealingLog> {
        self.log.as_ref()
    }

    /// That log as others are told of it.
    pub(super) fn log_message(&self) -> Option<Message> {
        let log = self.log.clone()?;
        Some(self.message(Body::Log(Box::new(log))))
    }

    /// This member's share of the sharing that `logs` give, where it is a player.
    pub(super) fn finish(
        self,
        logs: &Logs,
        expected: &Output,
        rng: &mut impl CryptoRng,
        strategy: &impl Strategy,
    ) -> Option<Share> {
        let player = self.player?;
        match player.finalize::<N3f1>(rng, self.round.logs(logs), strategy) {
            Ok((output, share)) if output == *expected => Some(share),
            Ok(_) => {
                warn!("the sharing of the seal key is another than this member computed");
                None
            }
            Err(e) => {
                warn!(error = %e, "this member has no share of the seal key in the next epoch");
                None
            }
        }
    }
}

impl Dealing {
    fn take(&mut self, player: &MemberKey, ack: Ack) {
        match self.dealer.receive_player_ack(player.clone(), ack) {
            Ok(()) => {
                self.unsent.remove(player);
            }
            // It may be of a dealing that this member has forgotten with its disk.
            Err(e) => debug!(%player, error = %e, "an acknowledgement is of something else"),
        }
    }
}
