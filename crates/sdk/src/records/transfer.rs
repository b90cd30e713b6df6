//! Bodies and packets on their way between the client and a node's vault.

use std::{
    fs::File,
    io::{self, Read, Write},
    path::Path,
};

use alloy_primitives::B256;
use commonhold_seal::{SEALED_KEY_LEN, SealedKey};
use commonhold_vault::{
    BlobHash, BodyId, Packet, PublicKey,
    auth::{self, Request},
    crypt4gh::{PACKET_LEN, fetch, identify},
};
use ureq::{Body, http::Response};

use super::{Records, download::Download};
use crate::{clock::now_ms, error::SdkError};

/// What takes its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Encrypting.
    Encrypt,
    /// Sending to the node.
    Upload,
    /// Fetching from the node.
    Download,
    /// Decrypting what was fetched.
    Decrypt,
    /// Writing what was fetched as it is.
    Write,
}

/// Hears how far a step has come.
pub trait Progress {
    /// `done` of `total` bytes.
    fn at(&self, step: Step, done: u64, total: u64);
}

impl Progress for () {
    fn at(&self, _: Step, _: u64, _: u64) {}
}

/// A reader or writer that tells how far it has come.
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

impl<T> Counted<'_, T> {
    fn count(&mut self, n: usize) -> usize {
        self.done = self.done.saturating_add(n as u64);
        self.progress.at(self.step, self.done, self.total);
        n
    }
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        Ok(self.count(n))
    }
}

impl<W: Write> Write for Counted<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.inner.write(bytes)?;
        Ok(self.count(n))
    }
    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

fn blob_path(hash: &BlobHash) -> String {
    format!("/api/vault/blobs/{hash}")
}

fn packet_path(hash: &BlobHash, id: B256, reader: &PublicKey) -> String {
    format!("{}/packets/{reader}?record={id}", blob_path(hash))
}

fn sealed_path(hash: &BlobHash, id: B256, digest: &B256) -> String {
    format!("{}/sealed/{digest:x}?record={id}", blob_path(hash))
}

impl Records<'_> {
    pub(super) fn upload(
        &self,
        body: &BodyId,
        input: &mut impl Read,
        progress: &dyn Progress,
    ) -> Result<(), SdkError> {
        let path = blob_path(&body.hash);
        let mut input = Counted::new(input, Step::Upload, body.len, progress);
        self.bring(&path, body, &mut input)
    }

    /// Fetches a body, verified, into a nameless file in `directory`.
    pub(super) fn download(
        &self,
        body: &BodyId,
        id: B256,
        directory: &Path,
        progress: &dyn Progress,
    ) -> Result<File, SdkError> {
        let path = format!("{}?record={id}", blob_path(&body.hash));
        let mut download = Download::new(self, path, body.len);
        let mut input = Counted::new(&mut download, Step::Download, body.len, progress);
        let fetched = fetch(body, &mut input, directory);
        fetched.map_err(|e| download.failure.take().unwrap_or_else(|| e.into()))
    }

    pub(super) fn leave_packet(
        &self,
        hash: &BlobHash,
        id: B256,
        reader: &PublicKey,
        packet: &Packet,
    ) -> Result<(), SdkError> {
        let mut bytes = packet.as_bytes().as_slice();
        let content = identify(&mut packet.as_bytes().as_slice())?;
        self.bring(&packet_path(hash, id, reader), &content, &mut bytes)
    }

    pub(super) fn fetch_packet(
        &self,
        hash: &BlobHash,
        id: B256,
        reader: &PublicKey,
    ) -> Result<Packet, SdkError> {
        let path = packet_path(hash, id, reader);
        let mut response = self.ask("GET", &path, None, None)?;
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
        self.ask("DELETE", &packet_path(hash, id, reader), None, None)
            .map(|_| ())
    }

    pub(super) fn leave_sealed(
        &self,
        hash: &BlobHash,
        id: B256,
        sealed: &SealedKey,
    ) -> Result<(), SdkError> {
        let bytes = sealed.to_bytes();
        let content = identify(&mut bytes.as_slice())?;
        let path = sealed_path(hash, id, &sealed.digest());
        self.bring(&path, &content, &mut bytes.as_slice())
    }

    /// Fetches a sealed key, which is checked against its name.
    pub(super) fn fetch_sealed(
        &self,
        hash: &BlobHash,
        id: B256,
        digest: B256,
    ) -> Result<SealedKey, SdkError> {
        let mut response = self.ask("GET", &sealed_path(hash, id, &digest), None, None)?;
        let bytes = response
            .body_mut()
            .with_config()
            .limit(SEALED_KEY_LEN as u64 + 1)
            .read_to_vec()
            .map_err(|e| self.client.node().unavailable(e))?;
        let sealed = SealedKey::from_bytes(&bytes)?;
        if sealed.digest() != digest {
            let why = "the sealed key is not the one that the owner registered";
            return Err(SdkError::Integrity(why.to_owned()));
        }
        Ok(sealed)
    }

    fn bring(&self, path: &str, content: &BodyId, input: &mut dyn Read) -> Result<(), SdkError> {
        self.ask("PUT", path, None, Some((content, input)))
            .map(|_| ())
    }

    /// One signed request. What is sent is signed for by its hash; `from` is the first byte wanted.
    pub(super) fn ask(
        &self,
        method: &str,
        path: &str,
        from: Option<u64>,
        content: Option<(&BodyId, &mut dyn Read)>,
    ) -> Result<Response<Body>, SdkError> {
        let now = now_ms() / 1000;
        let body = content.as_ref().map(|(content, _)| content.hash);
        let signed = self
            .account
            .authorise(&Request { method, path, body }, now)?;
        let mut headers = vec![(auth::HEADER, signed.to_string())];
        headers.extend(from.map(|from| ("range", format!("bytes={from}-"))));
        let content = content.map(|(content, input)| (input, content.len));
        self.client.node().rest(method, path, &headers, content)
    }
}
