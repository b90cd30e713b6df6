//! A place in a block, and what stands there.

use super::SorError;
use crate::limits::SOR_NAME_BYTES_MAX;

/// Where reading is in a block.
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    position: usize,
    block: &'static str,
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(bytes: &'a [u8], block: &'static str) -> Self {
        Self {
            bytes,
            position: 0,
            block,
        }
    }

    pub(super) const fn position(&self) -> usize {
        self.position
    }

    /// So many bytes.
    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], SorError> {
        let end = self.position.checked_add(count);
        let end = end.ok_or(SorError::Truncated(self.block))?;
        let taken = self.bytes.get(self.position..end);
        let taken = taken.ok_or(SorError::Truncated(self.block))?;
        self.position = end;
        Ok(taken)
    }

    pub(super) fn skip(&mut self, count: usize) -> Result<(), SorError> {
        self.take(count).map(|_| ())
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], SorError> {
        let taken = self.take(N)?;
        taken
            .try_into()
            .map_err(|_| SorError::Truncated(self.block))
    }

    pub(super) fn u16(&mut self) -> Result<u16, SorError> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn i16(&mut self) -> Result<i16, SorError> {
        self.array().map(i16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, SorError> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn i32(&mut self) -> Result<i32, SorError> {
        self.array().map(i32::from_le_bytes)
    }

    /// A text up to its zero, as it stands.
    pub(super) fn text(&mut self, max: usize) -> Result<&'a [u8], SorError> {
        let rest = self.bytes.get(self.position..).unwrap_or_default();
        let end = rest.iter().position(|byte| *byte == 0);
        let end = end.ok_or(SorError::Truncated(self.block))?;
        if end > max {
            return Err(SorError::TooMany {
                what: "bytes of the name of a block",
                limit: "SOR_NAME_BYTES_MAX",
                max: SOR_NAME_BYTES_MAX,
            });
        }
        let text = self.take(end)?;
        self.skip(1)?;
        Ok(text)
    }

    /// A text up to its zero, without white space around it.
    pub(super) fn trimmed(&mut self) -> Result<&'a [u8], SorError> {
        self.text(usize::MAX).map(<[u8]>::trim_ascii)
    }
}
