//! A person is more than one address: the pseudonyms that they took over have a directory each.
//!
//! ```text
//! DIR/                     what is under the person's own address
//! DIR/pseudonyms/0x…/      what is under a pseudonym: the same again, with a proof of its own
//! ```
//!
//! Which pseudonyms somebody holds is proven with the rest, so that a directory that is left out is missed.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use alloy_primitives::Address;

/// Where pseudonyms are.
pub(crate) const PSEUDONYMS: &str = "pseudonyms";

/// Where a pseudonym is.
pub(crate) fn directory(root: &Path, pseudonym: Address) -> PathBuf {
    root.join(PSEUDONYMS).join(pseudonym.to_string())
}

/// The first name among the pseudonyms' directories that is none of these.
pub(crate) fn foreign(root: &Path, pseudonyms: &[Address]) -> io::Result<Option<String>> {
    let names: Vec<String> = pseudonyms.iter().map(Address::to_string).collect();
    let entries = match fs::read_dir(root.join(PSEUDONYMS)) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        entries => entries?,
    };
    let mut others = Vec::new();
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !names.contains(&name) {
            others.push(name);
        }
    }
    Ok(others.into_iter().min())
}
