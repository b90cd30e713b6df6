//! What a node knows of a block once it is final: the stream that the index and the RPC live on.
//!
//! Beside the block, whose encoding `block` describes, it is kept as RLP:
//!
//! ```text
//! [senders, receipts, witness]
//! sender   address
//! receipt  [type, success, cumulative gas, logs]
//! witness  [kind, address or code hash, slot, present, nonce, balance or slot value, code hash or code]
//!          kind: 0 account, 1 slot, 2 code; fields that a kind lacks are empty
//! ```

use std::sync::Arc;

use alloy_consensus::TxType;
use alloy_primitives::{Address, B256, Bytes, Log, U256};
use alloy_rlp::{Decodable, RlpDecodable, RlpEncodable};

use crate::{Account, Block, Receipt, StateKey, StateValue};

/// Entries of the state as a block found them, sorted by key: enough to execute the block again.
pub type Witness = Vec<(StateKey, Option<StateValue>)>;

/// Entries of the state that a block changed, as they are after it.
pub type Writes = Vec<(StateKey, Option<StateValue>)>;

/// A final block and what its execution gave on this node.
#[derive(Clone, Debug)]
pub struct Finalised {
    /// The block.
    pub block: Block,
    /// Who sent each transaction, in the block's order.
    pub senders: Vec<Address>,
    /// What each transaction did, in the block's order.
    pub receipts: Arc<Vec<Receipt>>,
    /// The state that the block read, as it was before it.
    pub witness: Arc<Witness>,
}

impl Finalised {
    /// Encodes everything but the block.
    pub fn outcome(&self) -> Bytes {
        let outcome = Outcome {
            senders: self.senders.clone(),
            receipts: self.receipts.iter().map(ReceiptFields::from).collect(),
            witness: self.witness.iter().map(Entry::from).collect(),
        };
        alloy_rlp::encode(&outcome).into()
    }

    /// Puts a block and its encoded outcome together again.
    ///
    /// # Errors
    /// Where the bytes are not the outcome of a block with that many transactions.
    pub fn from_parts(block: Block, outcome: &[u8]) -> Result<Self, alloy_rlp::Error> {
        let mut rest = outcome;
        let decoded = Outcome::decode(&mut rest)?;
        let count = block.transactions().len();
        if !rest.is_empty() || decoded.senders.len() != count || decoded.receipts.len() != count {
            return Err(alloy_rlp::Error::Custom(
                "the outcome does not fit the block",
            ));
        }
        let receipts = decoded
            .receipts
            .into_iter()
            .map(Receipt::try_from)
            .collect::<Result<_, _>>()?;
        let witness = decoded
            .witness
            .into_iter()
            .map(Entry::into_pair)
            .collect::<Result<_, _>>()?;
        Ok(Self {
            block,
            senders: decoded.senders,
            receipts: Arc::new(receipts),
            witness: Arc::new(witness),
        })
    }
}

#[derive(RlpEncodable, RlpDecodable)]
struct Outcome {
    senders: Vec<Address>,
    receipts: Vec<ReceiptFields>,
    witness: Vec<Entry>,
}

#[derive(RlpEncodable, RlpDecodable)]
struct ReceiptFields {
    kind: u8,
    success: bool,
    cumulative_gas_used: u64,
    logs: Vec<Log>,
}

impl From<&Receipt> for ReceiptFields {
    fn from(receipt: &Receipt) -> Self {
        Self {
            kind: receipt.tx_type.into(),
            success: receipt.success,
            cumulative_gas_used: receipt.cumulative_gas_used,
            logs: receipt.logs.clone(),
        }
    }
}

impl TryFrom<ReceiptFields> for Receipt {
    type Error = alloy_rlp::Error;
    fn try_from(fields: ReceiptFields) -> Result<Self, alloy_rlp::Error> {
        let tx_type = TxType::try_from(fields.kind)
            .map_err(|_| alloy_rlp::Error::Custom("unknown transaction type"))?;
        Ok(Self {
            tx_type,
            success: fields.success,
            cumulative_gas_used: fields.cumulative_gas_used,
            logs: fields.logs,
        })
    }
}

const ACCOUNT: u8 = 0;
const SLOT: u8 = 1;
const CODE: u8 = 2;

#[derive(RlpEncodable, RlpDecodable)]
struct Entry {
    kind: u8,
    name: Bytes,
    slot: U256,
    present: bool,
    nonce: u64,
    amount: U256,
    code: Bytes,
}

impl From<&(StateKey, Option<StateValue>)> for Entry {
    fn from((key, value): &(StateKey, Option<StateValue>)) -> Self {
        let (kind, name, slot) = match key {
            StateKey::Account(address) => (
                ACCOUNT,
                Bytes::copy_from_slice(address.as_slice()),
                U256::ZERO,
            ),
            StateKey::Slot(address, slot) => {
                (SLOT, Bytes::copy_from_slice(address.as_slice()), *slot)
            }
            StateKey::Code(hash) => (CODE, Bytes::copy_from_slice(hash.as_slice()), U256::ZERO),
        };
        let (nonce, amount, code) = match value {
            None => (0, U256::ZERO, Bytes::new()),
            Some(StateValue::Account(a)) => (
                a.nonce,
                a.balance,
                Bytes::copy_from_slice(a.code_hash.as_slice()),
            ),
            Some(StateValue::Slot(value)) => (0, *value, Bytes::new()),
            Some(StateValue::Code(code)) => (0, U256::ZERO, code.clone()),
        };
        Self {
            kind,
            name,
            slot,
            present: value.is_some(),
            nonce,
            amount,
            code,
        }
    }
}

impl Entry {
    fn into_pair(self) -> Result<(StateKey, Option<StateValue>), alloy_rlp::Error> {
        const BAD: alloy_rlp::Error = alloy_rlp::Error::Custom("malformed witness entry");
        let address = || Address::try_from(self.name.as_ref()).map_err(|_| BAD);
        let (key, value) = match self.kind {
            ACCOUNT => {
                let key = StateKey::Account(address()?);
                let account = || -> Result<StateValue, alloy_rlp::Error> {
                    let code_hash = B256::try_from(self.code.as_ref()).map_err(|_| BAD)?;
                    let (nonce, balance) = (self.nonce, self.amount);
                    Ok(StateValue::Account(Account {
                        nonce,
                        balance,
                        code_hash,
                    }))
                };
                (key, self.present.then(account).transpose()?)
            }
            SLOT => {
                let value = self.present.then_some(StateValue::Slot(self.amount));
                (StateKey::Slot(address()?, self.slot), value)
            }
            CODE => {
                let hash = B256::try_from(self.name.as_ref()).map_err(|_| BAD)?;
                (
                    StateKey::Code(hash),
                    self.present.then(|| StateValue::Code(self.code.clone())),
                )
            }
            _ => return Err(BAD),
        };
        Ok((key, value))
    }
}
