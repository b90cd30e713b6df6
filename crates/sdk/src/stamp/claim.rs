//! What follows from a header that is final.

use alloy_consensus::{Header, ReceiptWithBloom, Transaction as _};
use alloy_eips::eip2718::Decodable2718 as _;
use alloy_primitives::Bytes;
use commonhold_primitives::{
    Receipt, receipt,
    stamp::{Claim, Entry},
    transaction, trie,
};
use commonhold_state::StateProof;

use super::{
    StampError,
    findings::{EntryFinding, LogFinding, Statement, TransactionFinding},
    state,
};
use crate::abi::Abis;

fn unproven(part: &'static str, why: impl ToString) -> StampError {
    StampError::Claim {
        part,
        why: why.to_string(),
    }
}

pub(super) fn check(claim: &Claim, header: &Header, abis: &Abis) -> Result<Statement, StampError> {
    match claim {
        Claim::Transaction {
            index,
            raw,
            proof,
            receipt,
            receipt_proof,
        } => {
            let index = usize::try_from(*index)
                .map_err(|_| unproven("transaction", "its index is too large"))?;
            if !trie::verify(header.transactions_root, index, raw, proof) {
                return Err(unproven(
                    "transaction",
                    "its proof does not lead to the transactions root",
                ));
            }
            if !trie::verify(header.receipts_root, index, receipt, receipt_proof) {
                return Err(unproven(
                    "receipt",
                    "its proof does not lead to the receipts root",
                ));
            }
            let finding = transaction_finding(index, raw, receipt, abis)?;
            Ok(Statement::Transaction(Box::new(finding)))
        }
        Claim::State { entries } => Ok(Statement::State(
            entries
                .iter()
                .map(|e| entry(e, header))
                .collect::<Result<_, _>>()?,
        )),
        Claim::Record { id, entries } => {
            let proven: Vec<_> = entries
                .iter()
                .map(|e| entry(e, header))
                .collect::<Result<_, _>>()?;
            let record =
                state::record(*id, &proven, header).map_err(|why| unproven("record", why))?;
            Ok(Statement::Record { id: *id, record })
        }
    }
}

fn entry(entry: &Entry, header: &Header) -> Result<EntryFinding, StampError> {
    let proof = StateProof::from_bytes(&entry.proof).map_err(|e| unproven("state entry", e))?;
    if proof.to_bytes() != entry.proof {
        return Err(unproven("state entry", "its proof is not in its one form"));
    }
    let value = proof
        .verify(header.state_root, &entry.key())
        .map_err(|e| unproven("state entry", e))?;
    Ok(EntryFinding {
        address: entry.address,
        slot: entry.slot,
        value,
    })
}

fn transaction_finding(
    index: usize,
    raw: &Bytes,
    encoded_receipt: &Bytes,
    abis: &Abis,
) -> Result<TransactionFinding, StampError> {
    let envelope = transaction::decode(raw).map_err(|e| unproven("transaction", e))?;
    let chain_id = envelope
        .chain_id()
        .ok_or_else(|| unproven("transaction", "it names no chain"))?;
    let transaction =
        transaction::recover(raw.clone(), chain_id).map_err(|e| unproven("transaction", e))?;
    let decoded = ReceiptWithBloom::<Receipt>::decode_2718_exact(encoded_receipt)
        .map_err(|e| unproven("receipt", e))?
        .receipt;
    if receipt::encode(&decoded) != encoded_receipt.as_ref() {
        return Err(unproven("receipt", "it is not in its one form"));
    }
    let to = envelope.to();
    let created =
        (to.is_none() && decoded.success).then(|| transaction.sender().create(transaction.nonce()));
    let logs = decoded
        .logs
        .iter()
        .map(|log| LogFinding {
            address: log.address,
            topics: log.topics().to_vec(),
            data: log.data.data.clone(),
            event: abis.log(log.address, log.topics(), &log.data.data),
        })
        .collect();
    Ok(TransactionFinding {
        hash: transaction.hash(),
        index,
        chain_id,
        sender: transaction.sender(),
        nonce: transaction.nonce(),
        to,
        created,
        value: envelope.value(),
        call: to.and_then(|to| abis.call(to, envelope.input())),
        input: envelope.input().clone(),
        success: decoded.success,
        logs,
    })
}
