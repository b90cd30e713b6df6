//! Bringing content whose record another call registers: batches of a stream, which `devices` registers.

use std::io::Read;

use alloy_primitives::B256;
use commonhold_seal::SealedKey;
use commonhold_vault::BodyId;

use super::{Progress, Records};
use crate::error::SdkError;

impl Records<'_> {
    /// Uploads an encrypted body, and leaves its sealed key beside it. `record` is the id that it will
    /// have. Doing it again changes nothing.
    ///
    /// # Errors
    /// Where the node refuses the content or does not answer.
    pub fn deposit(
        &self,
        body: &BodyId,
        input: &mut impl Read,
        record: B256,
        sealed: &SealedKey,
        progress: &dyn Progress,
    ) -> Result<(), SdkError> {
        self.upload(body, input, progress)?;
        self.leave_sealed(&body.hash, record, sealed)
    }
}
