//! What an address did: the transactions it sent, received, or was created by.

use std::collections::BTreeSet;

use alloy_primitives::Address;
use redb::ReadOnlyTable;

use crate::{
    Index,
    error::IndexError,
    limits::HISTORY_PAGE_MAX,
    tables::{Position, SENT, TOUCHED, short_address},
    write::parties,
};

/// A page of an address's transactions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Where the transactions stand, newest first. All of a block are on one page, so that a page
    /// may be longer than was asked for.
    pub positions: Vec<Position>,
    /// Nothing is newer than this page.
    pub first: bool,
    /// Nothing is older than this page.
    pub last: bool,
}

/// All of a block's transactions of one address stand on one page, up to this many more.
const BLOCK_OVERRUN_MAX: usize = 16_384;

impl Index {
    /// Where the transaction with this sender and nonce stands.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn sent(&self, sender: &Address, nonce: u64) -> Result<Option<Position>, IndexError> {
        for entry in self.unwritten() {
            for (index, from) in entry.senders.iter().enumerate() {
                if from == sender && parties(&entry, index).is_some_and(|p| p.0 == nonce) {
                    return Ok(Some(Position {
                        number: entry.number(),
                        index,
                    }));
                }
            }
        }
        let found = self.inner().read(|file| {
            let table = file.open_table(SENT)?;
            let at = table.get((short_address(sender), nonce))?;
            Ok(at.map(|at| Position::unpack(at.value())))
        })?;
        let Some(position) = found else {
            return Ok(None);
        };
        let entry = self.block(position.number)?;
        let is_theirs = entry.is_some_and(|e| e.senders.get(position.index) == Some(sender));
        Ok(is_theirs.then_some(position))
    }

    /// Transactions of `address` in blocks before `number` (0: from the newest), newest first.
    ///
    /// # Errors
    /// [`IndexError::Limit`] above [`HISTORY_PAGE_MAX`].
    pub fn before(&self, address: &Address, number: u64, size: usize) -> Result<Page, IndexError> {
        let end = if number == 0 {
            u64::MAX
        } else {
            Position::first_of(number)
        };
        let found = self.history(address, 0, end, size, true)?;
        let (positions, complete) = cut(found.iter().rev().copied(), size);
        Ok(Page {
            positions,
            first: number == 0,
            last: complete,
        })
    }

    /// Transactions of `address` in blocks after `number` (0: from the oldest), newest first.
    ///
    /// # Errors
    /// [`IndexError::Limit`] above [`HISTORY_PAGE_MAX`].
    pub fn after(&self, address: &Address, number: u64, size: usize) -> Result<Page, IndexError> {
        let start = if number == 0 {
            0
        } else {
            Position::first_of(number.saturating_add(1))
        };
        let found = self.history(address, start, u64::MAX, size, false)?;
        let (mut positions, complete) = cut(found.iter().copied(), size);
        positions.reverse();
        Ok(Page {
            positions,
            first: complete,
            last: number == 0,
        })
    }

    /// Positions in `start..end`, at least `size` and one more block of them from one end.
    fn history(
        &self,
        address: &Address,
        start: u64,
        end: u64,
        size: usize,
        newest: bool,
    ) -> Result<BTreeSet<u64>, IndexError> {
        if size > HISTORY_PAGE_MAX {
            return Err(IndexError::Limit {
                limit: "HISTORY_PAGE_MAX",
                max: HISTORY_PAGE_MAX as u64,
                advice: "ask for a smaller page",
            });
        }
        let unwritten = self.unwritten();
        let mut found = BTreeSet::new();
        for entry in &unwritten {
            for (index, sender) in entry.senders.iter().enumerate() {
                let at = Position {
                    number: entry.number(),
                    index,
                }
                .pack();
                let theirs =
                    sender == address || parties(entry, index).is_some_and(|p| p.2 == *address);
                if theirs && (start..end).contains(&at) {
                    found.insert(at);
                }
            }
        }
        let short = short_address(address);
        self.inner().read(|file| {
            let touched = file.open_table(TOUCHED)?;
            let rows = touched
                .range((short, start)..(short, end))?
                .map(|row| Ok(row?.0.value().1));
            collect(&mut found, rows, size, newest)?;
            let sent = file.open_table(SENT)?;
            let first = bisect(&sent, short, start)?;
            let last = bisect(&sent, short, end)?;
            let rows = sent
                .range((short, first)..(short, last))?
                .map(|row| Ok(row?.1.value()));
            collect(&mut found, rows, size, newest)?;
            Ok(found)
        })
    }
}

/// Takes rows from the wanted end until `size` are taken and the block is complete.
fn collect(
    found: &mut BTreeSet<u64>,
    rows: impl DoubleEndedIterator<Item = Result<u64, redb::StorageError>>,
    size: usize,
    newest: bool,
) -> Result<(), IndexError> {
    let mut rows: Box<dyn Iterator<Item = _>> = if newest {
        Box::new(rows.rev())
    } else {
        Box::new(rows)
    };
    let mut beyond = None;
    for taken in 0..size.saturating_add(BLOCK_OVERRUN_MAX) {
        let Some(at) = rows.next().transpose()? else {
            break;
        };
        let number = Position::unpack(at).number;
        // One row of the block after the page is taken, to know that there is one.
        if beyond.is_some_and(|beyond| beyond != number) {
            found.insert(at);
            break;
        }
        if taken >= size {
            beyond = Some(number);
        }
        found.insert(at);
    }
    Ok(())
}

/// Cuts a page after the block in which it reaches `size`. True where nothing was cut off.
fn cut(positions: impl Iterator<Item = u64>, size: usize) -> (Vec<Position>, bool) {
    let mut page: Vec<Position> = Vec::new();
    for at in positions.map(Position::unpack) {
        if page.len() >= size && page.last().is_some_and(|last| last.number != at.number) {
            return (page, false);
        }
        page.push(at);
    }
    (page, true)
}

/// The first nonce of an address whose transaction stands at or after `at`: nonces and positions
/// grow together.
fn bisect(
    table: &ReadOnlyTable<(u64, u64), u64>,
    short: u64,
    at: u64,
) -> Result<u64, redb::StorageError> {
    let (mut low, mut high) = (0u64, u64::MAX);
    while low < high {
        let middle = low + (high - low) / 2;
        let next = table
            .range((short, middle)..=(short, u64::MAX))?
            .next()
            .transpose()?;
        match next {
            Some((key, position)) if position.value() < at => {
                low = key.value().1.saturating_add(1);
            }
            _ => high = middle,
        }
    }
    Ok(low)
}
