//! What the gateway asks the ledger, and what it brings to its node.
//!
//! Answers are awaited, and a gateway may end while it waits: whatever was asked for may have happened
//! all the same.

use alloy_primitives::{Address, B256};
use commonhold_reading::DeviceId;
use commonhold_sdk::SdkError;
use commonhold_seal::{SealKey, SealedKey};
use commonhold_system::devices::interface::IDevices::Batch;
use commonhold_vault::BodyId;
use futures::future::BoxFuture;

use crate::journal::KnownRow;

/// What a node answers, some time.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, SdkError>>;

/// What the ledger says of devices.
pub trait Ledger: Send + Sync + 'static {
    /// A device; `None` where the ledger does not know it. Fails where the node does not answer.
    fn device(&self, id: DeviceId) -> Answer<'_, Option<KnownRow>>;

    /// The number of the newest final block.
    fn head(&self) -> Answer<'_, u64>;

    /// Everything that the devices module named in its events in these blocks: devices, streams.
    fn named(&self, from: u64, to: u64) -> Answer<'_, Vec<B256>>;
}

/// An encrypted batch on its way to the vault.
#[derive(Clone, Debug)]
pub struct Deposit {
    /// Its name and length.
    pub body: BodyId,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The record that it will be the content of.
    pub record: B256,
    /// The key of its day, sealed to the network.
    pub sealed: SealedKey,
}

/// The node by way of which batches come to vault and ledger. Answers may be waited for in place: what
/// drives the batcher drives nothing else.
pub trait Anchoring: Send + Sync + 'static {
    /// The network's EIP-155 chain id.
    fn chain_id(&self) -> Answer<'_, u64>;

    /// The owner of a stream, whose records its batches become.
    fn owner(&self, stream: B256) -> Answer<'_, Address>;

    /// The key to which the keys of days are sealed.
    fn seal_key(&self) -> Answer<'_, SealKey>;

    /// Brings content and its sealed key. Doing it again changes nothing.
    fn deposit(&self, deposit: Deposit) -> Answer<'_, ()>;

    /// Anchors batches in one transaction, and gives its hash when it is final. It may be or become final
    /// where this fails, too, unless with [`SdkError::Reverted`].
    fn anchor(&self, batches: Vec<Batch>) -> Answer<'_, B256>;

    /// Whether the ledger has a batch under this record.
    fn is_anchored(&self, record: B256) -> Answer<'_, bool>;

    /// The record of a stream's batch of this number.
    fn record(&self, stream: B256, number: u64) -> Answer<'_, Option<B256>>;
}
