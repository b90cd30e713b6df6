//! What tests share.

use std::path::PathBuf;

/// The samples that come with the project.
pub(crate) fn sample(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../samples/energy")
        .join(name)
}
