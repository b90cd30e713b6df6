//! Files of an export, within its limits.

use std::{io, path::Path};

use commonhold_sdk::bundle;
use serde_json::Value;

use crate::limits::EXPORT_FILES_MAX;

/// The list for people.
pub(crate) const PAGE: &str = "index.md";

/// Resources, one to a line.
pub(crate) fn lines(resources: &[Value]) -> Vec<u8> {
    let mut text = Vec::new();
    for resource in resources {
        text.extend_from_slice(resource.to_string().as_bytes());
        text.push(b'\n');
    }
    text
}

/// Every file in a directory, by path, in their order, but the list for programs.
pub(crate) fn files(root: &Path) -> io::Result<Vec<String>> {
    let found = bundle::files(root, EXPORT_FILES_MAX)?;
    found.ok_or_else(|| io::Error::other("more than EXPORT_FILES_MAX files"))
}
