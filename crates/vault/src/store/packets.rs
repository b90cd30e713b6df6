//! The packets beside a body.

use std::{fs, io::Read as _, io::Write as _};

use super::{Store, files};
use crate::{
    crypt4gh::{PACKET_LEN, Packet, PublicKey},
    error::VaultError,
    limits::PACKETS_PER_BLOB_MAX,
    name::BlobHash,
};

impl Store {
    /// Keeps a packet of a stored body for `reader`, in place of the one it may have.
    ///
    /// # Errors
    /// [`VaultError::NotFound`] where the body is not stored, [`VaultError::TooManyPackets`].
    pub fn put_packet(
        &self,
        hash: &BlobHash,
        reader: &PublicKey,
        packet: &Packet,
    ) -> Result<(), VaultError> {
        let _moving = self.0.moving.lock();
        files::open(&self.blob_path(hash))?;
        let path = self.packets_path(hash).join(reader.to_string());
        let readers = self.readers(hash)?;
        if readers.len() >= PACKETS_PER_BLOB_MAX && !readers.contains(reader) {
            return Err(VaultError::TooManyPackets(readers.len()));
        }
        let mut file = tempfile::NamedTempFile::new_in(self.tmp())?;
        file.write_all(packet.as_bytes())?;
        files::settle(file, &path)
    }

    /// The packet for `reader`.
    ///
    /// # Errors
    /// [`VaultError::NotFound`] where there is none.
    pub fn get_packet(&self, hash: &BlobHash, reader: &PublicKey) -> Result<Packet, VaultError> {
        let (file, _) = files::open(&self.packets_path(hash).join(reader.to_string()))?;
        let mut bytes = Vec::with_capacity(PACKET_LEN);
        file.take(PACKET_LEN as u64 + 1).read_to_end(&mut bytes)?;
        Packet::from_bytes(&bytes)
    }

    /// Takes the packet for `reader` away.
    ///
    /// # Errors
    /// [`VaultError::NotFound`] where there is none.
    pub fn delete_packet(&self, hash: &BlobHash, reader: &PublicKey) -> Result<(), VaultError> {
        let _moving = self.0.moving.lock();
        let path = self.packets_path(hash).join(reader.to_string());
        fs::remove_file(&path).map_err(files::absent)?;
        files::sync_parent(&path)
    }

    /// For whom there are packets, in the order of their keys.
    ///
    /// # Errors
    /// Where the disk cannot be read.
    pub fn readers(&self, hash: &BlobHash) -> Result<Vec<PublicKey>, VaultError> {
        let mut readers = Vec::new();
        match fs::read_dir(self.packets_path(hash)) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(e.into()),
            Ok(entries) => {
                for entry in entries {
                    let name = entry?.file_name().into_string().ok();
                    readers.extend(name.and_then(|name| name.parse::<PublicKey>().ok()));
                }
            }
        }
        readers.sort_unstable();
        Ok(readers)
    }
}
