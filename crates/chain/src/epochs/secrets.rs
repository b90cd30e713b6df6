//! This member's secrets of a key whose shares are dealt anew: its shares, its seeds as a dealer, and what
//! it was dealt.
//!
//! ```text
//! partition PREFIX-secrets of the network key, PREFIX-seal-secrets of the seal key
//!                           key   kind u8 ‖ epoch u64 ‖ the dealer's key (32), zeros where there is none
//!                           value nonce (12) ‖ ciphertext ‖ tag (16), ChaCha20-Poly1305
//! ```
//! The key is authenticated with the value, so that no entry passes for another. What is of an epoch
//! that is over is deleted, and the store is written anew without it.

use alloy_primitives::{B256, keccak256};
use chacha20poly1305::{AeadInOut as _, ChaCha20Poly1305, KeyInit as _, Nonce, Tag};
use commonhold_primitives::consensus::MemberKey;
use commonware_codec::{Copying, DecodeExt as _, Encode as _, RangeCfg};
use commonware_consensus::types::Epoch;
use commonware_cryptography::{
    PublicKey,
    bls12381::{dkg::feldman_desmedt::DealerPrivMsg, primitives::group::Share},
    transcript::Summary,
};
use commonware_glue::dkg::SecretStore;
use commonware_storage::{
    Context,
    metadata::{Config, Error, Metadata},
};
use commonware_utils::sequence::FixedBytes;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::limits::SECRET_BYTES_MAX;

const NONCE_LEN: usize = 12;
const TAG_LEN: usize = 16;
const KEY_LEN: usize = 41;

type Key = FixedBytes<KEY_LEN>;
type Table<E> = Metadata<E, Key, Vec<u8>>;

#[derive(Clone, Copy)]
enum Kind {
    Share = 1,
    Seed = 2,
    Dealing = 3,
    /// The public side of what a dealer dealt.
    Commitment = 4,
    /// What this member has said in public of what it dealt.
    Log = 5,
}

/// Why secrets cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// The storage.
    #[error("this member's shares cannot be read: {0}")]
    Storage(#[from] Error),
    /// Another key, or damage.
    #[error("this member's shares do not open: they are damaged, or of another identity key")]
    DoesNotOpen,
}

/// The store of one member.
pub struct Secrets<E: Context + CryptoRng> {
    rng: E,
    /// Taken only while something is written.
    table: Option<Table<E>>,
    cipher: ChaCha20Poly1305,
}

impl<E: Context + CryptoRng> Secrets<E> {
    /// Opens the store in `partition`, whose entries are encrypted under `key`.
    ///
    /// # Errors
    /// Where it cannot be read, or an entry does not open.
    pub async fn open(
        context: E,
        partition: String,
        key: &Zeroizing<[u8; 32]>,
    ) -> Result<Self, SecretsError> {
        let config = Config {
            partition,
            codec_config: (RangeCfg::from(0..=SECRET_BYTES_MAX), ()),
        };
        let table = Table::init(context.child("secrets"), config).await?;
        let secrets = Self {
            rng: context,
            cipher: ChaCha20Poly1305::new((&**key).into()),
            table: Some(table),
        };
        let keys: Vec<Key> = secrets
            .table
            .iter()
            .flat_map(|t| t.keys())
            .cloned()
            .collect();
        if keys.iter().any(|key| secrets.get(key).is_none()) {
            return Err(SecretsError::DoesNotOpen);
        }
        Ok(secrets)
    }

    /// Puts the share that the founding gave, where nothing was ever dealt here.
    pub async fn begin(&mut self, share: Share) {
        if self.table.iter().all(|table| table.keys().next().is_none()) {
            self.put_share(Epoch::zero(), share).await;
        }
    }

    /// Keeps what `dealer` committed to, beside what it dealt.
    pub(crate) async fn put_commitment(&mut self, epoch: u64, dealer: &MemberKey, bytes: &[u8]) {
        let key = key(Kind::Commitment, Epoch::new(epoch), dealer.as_ref());
        self.put(key, bytes).await;
    }

    /// What [`Self::put_commitment`] keeps.
    pub(crate) fn commitment(&self, epoch: u64, dealer: &MemberKey) -> Option<Zeroizing<Vec<u8>>> {
        self.get(&key(Kind::Commitment, Epoch::new(epoch), dealer.as_ref()))
    }

    /// Keeps this member's log: it signs one in an epoch.
    pub(crate) async fn put_log(&mut self, epoch: u64, bytes: &[u8]) {
        self.put(key(Kind::Log, Epoch::new(epoch), &[]), bytes)
            .await;
    }

    /// What [`Self::put_log`] keeps.
    pub(crate) fn log(&self, epoch: u64) -> Option<Zeroizing<Vec<u8>>> {
        self.get(&key(Kind::Log, Epoch::new(epoch), &[]))
    }

    fn get(&self, key: &Key) -> Option<Zeroizing<Vec<u8>>> {
        let entry = self.table.as_ref()?.get(key)?;
        let (nonce, rest) = entry.split_first_chunk::<NONCE_LEN>()?;
        let (text, tag) = rest.split_last_chunk::<TAG_LEN>()?;
        let mut text = Zeroizing::new(text.to_vec());
        let (nonce, tag) = (Nonce::from(*nonce), Tag::from(*tag));
        let opened = self.cipher.decrypt_inout_detached(
            &nonce,
            key.as_ref(),
            text.as_mut_slice().into(),
            &tag,
        );
        opened.ok().map(|()| text)
    }

    fn sealed(&mut self, key: &Key, secret: &[u8]) -> Option<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        self.rng.fill_bytes(&mut nonce);
        let mut text = Zeroizing::new(secret.to_vec());
        let tag = self.cipher.encrypt_inout_detached(
            &Nonce::from(nonce),
            key.as_ref(),
            text.as_mut_slice().into(),
        );
        Some([nonce.as_slice(), &text, tag.ok()?.as_slice()].concat())
    }

    async fn put(&mut self, key: Key, secret: &[u8]) {
        let entry = self.sealed(&key, secret);
        // A secret is some tens of bytes; the cipher takes 256 GiB.
        assert!(entry.is_some(), "a secret is too long");
        if let Some(entry) = entry {
            self.change(|table| drop(table.put(key, entry))).await;
        }
    }

    /// A member whose secrets cannot be stored must not go on: it would deal twice, or sign with a share
    /// that nobody can find again.
    async fn change(&mut self, what: impl FnOnce(&mut Table<E>)) {
        if let Some(mut table) = self.table.take() {
            what(&mut table);
            self.table = table.sync().await.ok();
        }
        assert!(
            self.table.is_some(),
            "this member's shares cannot be stored"
        );
    }
}

fn key(kind: Kind, epoch: Epoch, dealer: &[u8]) -> Key {
    let dealer = match <[u8; 32]>::try_from(dealer) {
        Ok(bytes) => B256::new(bytes),
        Err(_) if dealer.is_empty() => B256::ZERO,
        Err(_) => keccak256(dealer),
    };
    let mut bytes = [0; KEY_LEN];
    let (head, tail) = bytes.split_at_mut(9);
    if let Some((first, rest)) = head.split_first_mut() {
        *first = kind as u8;
        rest.copy_from_slice(&epoch.get().to_be_bytes());
    }
    tail.copy_from_slice(dealer.as_slice());
    Key::new(bytes)
}

fn epoch_of(key: &Key) -> Option<u64> {
    let bytes: &[u8] = key.as_ref();
    let epoch = bytes.get(1..9)?.try_into().ok()?;
    Some(u64::from_be_bytes(epoch))
}

impl<E: Context + CryptoRng> SecretStore for Secrets<E> {
    async fn put_share(&mut self, epoch: Epoch, share: Share) {
        let bytes = Zeroizing::new(share.encode().to_vec());
        self.put(key(Kind::Share, epoch, &[]), &bytes).await;
    }

    async fn get_share(&mut self, epoch: Epoch) -> Option<Share> {
        let bytes = self.get(&key(Kind::Share, epoch, &[]))?;
        Share::decode(Copying(bytes.as_slice())).ok()
    }

    async fn put_seed(&mut self, epoch: Epoch, seed: Summary) {
        let bytes = Zeroizing::new(seed.encode().to_vec());
        self.put(key(Kind::Seed, epoch, &[]), &bytes).await;
    }

    async fn get_seed(&mut self, epoch: Epoch) -> Option<Summary> {
        let bytes = self.get(&key(Kind::Seed, epoch, &[]))?;
        Summary::decode(Copying(bytes.as_slice())).ok()
    }

    async fn put_dealing<P: PublicKey>(&mut self, epoch: Epoch, dealer: P, private: DealerPrivMsg) {
        let bytes = Zeroizing::new(private.encode().to_vec());
        self.put(key(Kind::Dealing, epoch, dealer.as_ref()), &bytes)
            .await;
    }

    async fn get_dealing<P: PublicKey>(
        &mut self,
        epoch: Epoch,
        dealer: &P,
    ) -> Option<DealerPrivMsg> {
        let bytes = self.get(&key(Kind::Dealing, epoch, dealer.as_ref()))?;
        DealerPrivMsg::decode(Copying(bytes.as_slice())).ok()
    }

    async fn prune(&mut self, min: Epoch) {
        let stays = |key: &Key| epoch_of(key).is_some_and(|epoch| epoch >= min.get());
        self.change(|table| table.retain(|key, _| stays(key))).await;
    }
}
