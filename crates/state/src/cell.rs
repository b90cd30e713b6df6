//! Cells: the fixed-size entries of the database.
//!
//! ```text
//! key   = SHA-256(tag ‖ name)            tag: "a" account, "s" slot, "c" code
//!         account: name = address (20)
//!         slot:    name = address (20) ‖ slot (32, big-endian)
//!         code:    name = code hash (32) ‖ cell number (2, big-endian)
//! value = length (1) ‖ data (63, zero-padded)
//!         account: nonce (8, big-endian) ‖ balance (big-endian, no leading zeros)       no code
//!                  nonce (8) ‖ code hash (32) ‖ balance (≤ 22)                          with code
//!                  the first data byte says which: 0 no code, 1 with code
//!         slot:    the value, big-endian, no leading zeros (a zero slot has no cell)
//!         code:    cell 0 begins with the length of the code (4, big-endian)
//! ```

use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, U256};
use commonhold_primitives::{Account, StateKey, StateValue};
use commonware_cryptography::{Hasher as _, Sha256, sha256::Digest};
use commonware_utils::sequence::FixedBytes;

use crate::limits::{CELL_BYTES, CELL_DATA_BYTES, CODE_CELLS_MAX};

/// A database key.
pub type CellKey = Digest;
/// A database value.
pub type Cell = FixedBytes<CELL_BYTES>;

/// Why cells do not decode, or a value does not fit its cell.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CellError {
    /// The data is not what this kind of entry looks like.
    #[error("a state cell is malformed: {0}")]
    Malformed(&'static str),
    /// The value is too large for a cell; the genesis rules make this impossible.
    #[error("a state value does not fit its cell: {0}")]
    TooLarge(&'static str),
}

const NO_CODE: u8 = 0;
const WITH_CODE: u8 = 1;

/// The key of the first (for accounts and slots: only) cell of an entry.
pub fn key(key: &StateKey) -> CellKey {
    match key {
        StateKey::Account(address) => account_key(address),
        StateKey::Slot(address, slot) => {
            Sha256::hash(&[b"s", address.as_slice(), &slot.to_be_bytes::<32>()])
        }
        StateKey::Code(hash) => code_key(hash, 0),
    }
}

fn account_key(address: &Address) -> CellKey {
    Sha256::hash(&[b"a", address.as_slice()])
}

/// The key of one cell of a contract's code.
pub fn code_key(hash: &B256, number: u16) -> CellKey {
    Sha256::hash(&[b"c", hash.as_slice(), &number.to_be_bytes()])
}

fn pack(data: &[u8]) -> Result<Cell, CellError> {
    let mut cell = [0u8; CELL_BYTES];
    let len = u8::try_from(data.len()).map_err(|_| CellError::TooLarge("cell"))?;
    let (head, body) = cell.split_at_mut(1);
    head.fill(len);
    body.get_mut(..data.len())
        .ok_or(CellError::TooLarge("cell"))?
        .copy_from_slice(data);
    Ok(Cell::new(cell))
}

/// The data bytes of a cell.
///
/// # Errors
/// Where the length byte exceeds the cell or the padding is not zero.
pub fn unpack(cell: &Cell) -> Result<&[u8], CellError> {
    let bytes: &[u8] = cell.as_ref();
    let (len, data) = bytes.split_first().ok_or(CellError::Malformed("empty"))?;
    let (data, padding) = data
        .split_at_checked(usize::from(*len))
        .ok_or(CellError::Malformed("length"))?;
    if padding.iter().any(|b| *b != 0) {
        return Err(CellError::Malformed("padding"));
    }
    Ok(data)
}

/// The cells that an entry becomes. Code is never deleted, so only accounts and slots have a
/// deletion (`None`).
///
/// # Errors
/// Where the value does not fit.
pub fn encode(
    key_of: &StateKey,
    value: Option<&StateValue>,
) -> Result<Vec<(CellKey, Option<Cell>)>, CellError> {
    match (key_of, value) {
        (StateKey::Account(_) | StateKey::Slot(..), None) => Ok(vec![(key(key_of), None)]),
        (StateKey::Account(_), Some(StateValue::Account(account))) => {
            Ok(vec![(key(key_of), Some(encode_account(account)?))])
        }
        (StateKey::Slot(..), Some(StateValue::Slot(value))) => {
            let cell = (!value.is_zero())
                .then(|| pack(&value.to_be_bytes_trimmed_vec()))
                .transpose()?;
            Ok(vec![(key(key_of), cell)])
        }
        (StateKey::Code(hash), Some(StateValue::Code(code))) => encode_code(hash, code),
        _ => Err(CellError::Malformed(
            "the value is of another kind than its key",
        )),
    }
}

fn encode_account(account: &Account) -> Result<Cell, CellError> {
    let mut data = Vec::with_capacity(CELL_DATA_BYTES);
    let coded = account.code_hash != KECCAK256_EMPTY;
    data.push(if coded { WITH_CODE } else { NO_CODE });
    data.extend_from_slice(&account.nonce.to_be_bytes());
    if coded {
        data.extend_from_slice(account.code_hash.as_slice());
    }
    data.extend_from_slice(&account.balance.to_be_bytes_trimmed_vec());
    if data.len() > CELL_DATA_BYTES {
        Err(CellError::TooLarge("account"))
    } else {
        pack(&data)
    }
}

fn encode_code(hash: &B256, code: &Bytes) -> Result<Vec<(CellKey, Option<Cell>)>, CellError> {
    let len = u32::try_from(code.len()).map_err(|_| CellError::TooLarge("code"))?;
    let mut data = len.to_be_bytes().to_vec();
    data.extend_from_slice(code);
    let mut cells = Vec::new();
    for (number, chunk) in data.chunks(CELL_DATA_BYTES).enumerate() {
        let number = u16::try_from(number).map_err(|_| CellError::TooLarge("code"))?;
        cells.push((code_key(hash, number), Some(pack(chunk)?)));
    }
    if cells.len() > CODE_CELLS_MAX {
        Err(CellError::TooLarge("code"))
    } else {
        Ok(cells)
    }
}

/// Decodes an account's or a slot's cell.
///
/// # Errors
/// Where the cell is not of that form.
pub fn decode(key_of: &StateKey, cell: &Cell) -> Result<StateValue, CellError> {
    let data = unpack(cell)?;
    match key_of {
        StateKey::Account(_) => decode_account(data).map(StateValue::Account),
        StateKey::Slot(..) => decode_uint(data).map(StateValue::Slot),
        StateKey::Code(_) => Err(CellError::Malformed("code spans several cells")),
    }
}

fn decode_uint(data: &[u8]) -> Result<U256, CellError> {
    if data.first() == Some(&0) {
        return Err(CellError::Malformed("leading zero"));
    }
    U256::try_from_be_slice(data).ok_or(CellError::Malformed("number above 256 bits"))
}

fn decode_account(data: &[u8]) -> Result<Account, CellError> {
    const SHORT: CellError = CellError::Malformed("short account");
    let (kind, rest) = data.split_first().ok_or(SHORT)?;
    let (nonce, rest) = rest.split_first_chunk::<8>().ok_or(SHORT)?;
    let (code_hash, rest) = match *kind {
        NO_CODE => (KECCAK256_EMPTY, rest),
        WITH_CODE => {
            let (hash, rest) = rest.split_first_chunk::<32>().ok_or(SHORT)?;
            (B256::new(*hash), rest)
        }
        _ => return Err(CellError::Malformed("account kind")),
    };
    Ok(Account {
        nonce: u64::from_be_bytes(*nonce),
        balance: decode_uint(rest)?,
        code_hash,
    })
}

/// How many cells follow the first one of a contract's code.
///
/// # Errors
/// Where the cell is not the first one of a code, or its length is beyond the limit.
pub fn code_cells_after(first: &Cell) -> Result<u16, CellError> {
    let (len, _) = unpack(first)?
        .split_first_chunk::<4>()
        .ok_or(CellError::Malformed("code"))?;
    let total = usize::try_from(u32::from_be_bytes(*len))
        .unwrap_or(usize::MAX)
        .saturating_add(4);
    let cells = total.div_ceil(CELL_DATA_BYTES);
    if cells > CODE_CELLS_MAX {
        return Err(CellError::Malformed("code length"));
    }
    u16::try_from(cells.saturating_sub(1)).map_err(|_| CellError::Malformed("code length"))
}

/// Puts code together from all its cells in order.
///
/// # Errors
/// Where they do not add up to the length that the first one names.
pub fn decode_code(cells: &[Cell]) -> Result<StateValue, CellError> {
    let mut data = Vec::new();
    for cell in cells {
        data.extend_from_slice(unpack(cell)?);
    }
    let (len, code) = data
        .split_first_chunk::<4>()
        .ok_or(CellError::Malformed("code"))?;
    if usize::try_from(u32::from_be_bytes(*len)) != Ok(code.len()) {
        return Err(CellError::Malformed("code length"));
    }
    Ok(StateValue::Code(Bytes::copy_from_slice(code)))
}
