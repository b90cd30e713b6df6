//! Encrypted batches on the disk, until the vault has them and a while longer.

use std::{
    collections::BTreeSet,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use alloy_primitives::B256;
use commonhold_vault::place::{nameless, place};

/// A place for encrypted batches, each under the name of its hash.
pub trait Bodies: Send + 'static {
    /// Keeps one. When this returns it survives the end of the machine; before, it is not there at all.
    ///
    /// # Errors
    /// Where the disk refuses.
    fn put(&self, name: B256, body: &[u8]) -> io::Result<()>;

    /// One that was kept.
    ///
    /// # Errors
    /// Where it cannot be read.
    fn get(&self, name: B256) -> io::Result<Vec<u8>>;

    /// Deletes one, where it is there.
    ///
    /// # Errors
    /// Where the disk refuses.
    fn delete(&self, name: B256) -> io::Result<()>;

    /// Deletes everything but these: batches that were being closed when the process ended.
    ///
    /// # Errors
    /// Where the disk refuses.
    fn keep_only(&self, names: &BTreeSet<B256>) -> io::Result<()>;
}

/// A directory.
#[derive(Clone, Debug)]
pub struct Folder(pub PathBuf);

impl Folder {
    fn path(&self, name: B256) -> PathBuf {
        self.0.join(format!("{name:x}.c4gh"))
    }
}

fn at(path: &Path) -> impl Fn(io::Error) -> io::Error {
    move |e| io::Error::new(e.kind(), format!("{}: {e}", path.display()))
}

impl Bodies for Folder {
    fn put(&self, name: B256, body: &[u8]) -> io::Result<()> {
        let failed = |e: commonhold_vault::VaultError| io::Error::other(e.to_string());
        let mut file = nameless(&self.0).map_err(failed)?;
        file.write_all(body).map_err(at(&self.0))?;
        place(file, &self.path(name)).map_err(failed)
    }

    fn get(&self, name: B256) -> io::Result<Vec<u8>> {
        let path = self.path(name);
        fs::read(&path).map_err(at(&path))
    }

    fn delete(&self, name: B256) -> io::Result<()> {
        let path = self.path(name);
        match fs::remove_file(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            done => done.map_err(at(&path)),
        }
    }

    fn keep_only(&self, names: &BTreeSet<B256>) -> io::Result<()> {
        let named: BTreeSet<PathBuf> = names.iter().map(|name| self.path(*name)).collect();
        for entry in fs::read_dir(&self.0).map_err(at(&self.0))? {
            let path = entry.map_err(at(&self.0))?.path();
            if !named.contains(&path) {
                fs::remove_file(&path).map_err(at(&path))?;
            }
        }
        Ok(())
    }
}
