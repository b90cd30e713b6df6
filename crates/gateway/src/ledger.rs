//! What the gateway asks the ledger about devices. Questions block.

use alloy_primitives::B256;
use commonhold_reading::DeviceId;
use commonhold_sdk::SdkError;

use crate::journal::KnownRow;

/// What the ledger says of devices.
pub trait Ledger: Send + Sync + 'static {
    /// A device; `None` where the ledger does not know it.
    ///
    /// # Errors
    /// Where the node does not answer.
    fn device(&self, id: DeviceId) -> Result<Option<KnownRow>, SdkError>;

    /// The number of the newest final block.
    ///
    /// # Errors
    /// As [`Self::device`].
    fn head(&self) -> Result<u64, SdkError>;

    /// Everything that the devices module named in its events in these blocks: devices, streams.
    ///
    /// # Errors
    /// As [`Self::device`].
    fn named(&self, from: u64, to: u64) -> Result<Vec<B256>, SdkError>;
}
