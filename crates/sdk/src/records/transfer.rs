//! Bodies and packets on their way between the client and a node's vault.

use std::{
    io::{self, Read},
    time::{SystemTime, UNIX_EPOCH},
};

use alloy_primitives::B256;
use commonhold_vault::{
    BlobHash, BodyId, Packet, PublicKey,
    auth::Request,
    crypt4gh::{PACKET_LEN, identify},
};

use super::Records;
use crate::error::SdkError;

/// What takes its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Encrypting.
    Encrypt,
    /// Sending to the node.
    Upload,
    /// Fetching from the node.
    Download,
}

/// Hears how far a step has come.
pub trait Progress {
    /// `done` of `total` bytes.
    fn at(&self, step: Step, done: u64, total: u64);
}

impl Progress for () {
    fn at(&self, _: Step, _: u64, _: u64) {}
}

/// A reader that tells how far it has come.
pub(super) struct Counted<'p, R> {
    inner: R,
    step: Step,
    done: u64,
    total: u64,
    progress: &'p dyn Progress,
}

impl<'p, R> Counted<'p, R> {
    pub(super) const fn new(inner: R, step: Step, total: u64, progress: &'p dyn Progress) -> Self {
        Self {
            inner,
            step,
            done: 0,
            total,
            progress,
        }
    }
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.done = self.done.saturating_add(n as u64);
        self.progress.at(self.step, self.done, self.total);
        Ok(n)
    }
}

fn blob_path(hash: &BlobHash) -> String {
    format!("/api/vault/blobs/{hash}")
}

fn packet_path(hash: &BlobHash, id: B256, reader: &PublicKey) -> String {
    format!("{}/packets/{reader}?record={id}", blob_path(hash))
}

impl Records<'_> {
    pub(super) fn upload(
        &self,
        body: &BodyId,
        input: &mut impl Read,
        progress: &dyn Progress,
    ) -> Result<(), SdkError> {
        let path = blob_path(&body.hash);
        let authorisation = self.authorise("PUT", &path, Some(body.hash))?;
        let mut input = Counted::new(input, Step::Upload, body.len, progress);
        let sent = Some((&mut input as &mut dyn Read, body.len));
        self.client
            .node()
            .rest("PUT", &path, Some(&authorisation), sent)
            .map(|_| ())
    }

    pub(super) fn download<'p>(
        &self,
        body: &BodyId,
        id: B256,
        progress: &'p dyn Progress,
    ) -> Result<impl Read + use<'p>, SdkError> {
        let path = format!("{}?record={id}", blob_path(&body.hash));
        let authorisation = self.authorise("GET", &path, None)?;
        let response = self
            .client
            .node()
            .rest("GET", &path, Some(&authorisation), None)?;
        // One byte more than the ledger says is enough to see that there is more.
        let limit = body.len.saturating_add(1);
        let reader = response
            .into_body()
            .into_with_config()
            .limit(limit.saturating_add(1))
            .reader();
        Ok(Counted::new(reader, Step::Download, body.len, progress))
    }

    pub(super) fn leave_packet(
        &self,
        hash: &BlobHash,
        id: B256,
        reader: &PublicKey,
        packet: &Packet,
    ) -> Result<(), SdkError> {
        let path = packet_path(hash, id, reader);
        let mut bytes = packet.as_bytes().as_slice();
        let content = identify(&mut packet.as_bytes().as_slice())?.hash;
        let authorisation = self.authorise("PUT", &path, Some(content))?;
        let sent = Some((&mut bytes as &mut dyn Read, PACKET_LEN as u64));
        self.client
            .node()
            .rest("PUT", &path, Some(&authorisation), sent)
            .map(|_| ())
    }

    pub(super) fn fetch_packet(
        &self,
        hash: &BlobHash,
        id: B256,
        reader: &PublicKey,
    ) -> Result<Packet, SdkError> {
        let path = packet_path(hash, id, reader);
        let authorisation = self.authorise("GET", &path, None)?;
        let mut response = self
            .client
            .node()
            .rest("GET", &path, Some(&authorisation), None)?;
        let bytes = response
            .body_mut()
            .with_config()
            .limit(PACKET_LEN as u64 + 1)
            .read_to_vec()
            .map_err(|e| self.client.node().unavailable(e))?;
        Ok(Packet::from_bytes(&bytes)?)
    }

    pub(super) fn take_packet(
        &self,
        hash: &BlobHash,
        id: B256,
        reader: &PublicKey,
    ) -> Result<(), SdkError> {
        let path = packet_path(hash, id, reader);
        let authorisation = self.authorise("DELETE", &path, None)?;
        self.client
            .node()
            .rest("DELETE", &path, Some(&authorisation), None)
            .map(|_| ())
    }

    fn authorise(
        &self,
        method: &str,
        path: &str,
        body: Option<BlobHash>,
    ) -> Result<String, SdkError> {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |d| d.as_secs());
        Ok(self
            .account
            .authorise(&Request { method, path, body }, now)?
            .to_string())
    }
}
