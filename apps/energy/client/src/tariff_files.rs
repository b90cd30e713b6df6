//! The file of tariffs that belongs to a folder.

use std::path::{Path, PathBuf};

use commonhold_session::Refused;

use crate::community::{self, Regime};

/// The tariffs of a file, or of the one in the folder or beside it.
///
/// # Errors
/// Where there is none, or it is refused.
pub(crate) fn read(dir: &Path, file: Option<&Path>) -> eyre::Result<Vec<Regime>> {
    let file = match file {
        Some(file) => file.to_owned(),
        None => beside(dir).ok_or_else(|| {
            Refused("there is no tariffs.json in the folder or beside it; give --tariffs, or --retail and --feed-in".to_owned())
        })?,
    };
    Ok(community::tariffs(&file).map_err(|e| Refused(e.to_string()))?)
}

fn beside(dir: &Path) -> Option<PathBuf> {
    let places = [dir.join("tariffs.json"), dir.join("../tariffs.json")];
    places.into_iter().find(|place| place.is_file())
}
