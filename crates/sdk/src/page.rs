//! Lists that the ledger gives in pages.

use crate::error::SdkError;

/// Entries that one view gives.
pub(crate) const PAGE: u64 = 100;

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The entries.
    pub items: Vec<T>,
    /// How many there are in all.
    pub total: u64,
}

impl<T> Page<T> {
    pub(crate) const fn new(items: Vec<T>, total: u64) -> Self {
        Self { items, total }
    }
}

/// Every entry of a list, of which `page` gives the part from a number on.
///
/// # Errors
/// As `page`.
pub fn all<T>(page: impl Fn(u64) -> Result<Page<T>, SdkError>) -> Result<Vec<T>, SdkError> {
    let mut items = Vec::new();
    loop {
        let next = page(items.len() as u64)?;
        let ended = next.items.is_empty();
        items.extend(next.items);
        if ended || items.len() as u64 >= next.total {
            return Ok(items);
        }
    }
}

/// Every entry of a list, of which a view tells so many from a number on, and how many there are.
///
/// # Errors
/// As `view`.
pub fn every<T>(
    view: impl Fn(u64, u64) -> Result<(Vec<T>, u64), SdkError>,
) -> Result<Vec<T>, SdkError> {
    all(|from| view(from, PAGE).map(|(items, total)| Page::new(items, total)))
}
