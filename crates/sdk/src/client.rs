//! A node, and what one asks it.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use alloy_primitives::{Address, B256, Bytes, TxKind, U64, U256};
use alloy_rpc_types_eth::{
    BlockNumberOrTag, TransactionInput, TransactionReceipt, TransactionRequest,
};
use alloy_sol_types::{SolCall, SolEvent};
use commonhold_primitives::consensus::NetworkKey;
use commonware_codec::{Copying, DecodeExt as _};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    abi::Abis,
    account::Account,
    error::SdkError,
    http::{Bounds, CallError, Carrier, Node, RpcError},
    limits::{FINALITY_SECONDS_MAX, NONCE_ATTEMPTS_MAX, RECEIPT_POLL_MS},
    tls::Authorities,
    transaction::{Draft, Fees},
};

/// JSON-RPC: the method does not exist.
const NO_METHOD: i64 = -32601;
/// EIP-7966: the node has the transaction, but it was not final within its time.
const NOT_YET_FINAL: i64 = 4;

/// A connection to one node.
#[derive(Debug)]
pub struct Client {
    node: Node,
    abis: Abis,
    chain_id: OnceLock<u64>,
}

/// What is read of a block.
#[derive(serde::Deserialize)]
struct BlockHead {
    hash: B256,
    timestamp: U64,
}

/// The events of one kind in a receipt that `by` logged, in their order.
pub fn events<E: SolEvent>(
    receipt: &TransactionReceipt,
    by: Address,
) -> impl Iterator<Item = E> + '_ {
    let logs = receipt.inner.logs().iter();
    logs.filter(move |log| log.address() == by)
        .filter_map(|log| E::decode_log_data(log.data()).ok())
}

/// Reads a network key: 96 bytes in hex.
///
/// # Errors
/// [`SdkError::Usage`] where it is none.
pub fn network_key(text: &str) -> Result<NetworkKey, SdkError> {
    let wrong = |why: String| SdkError::Usage(format!("not a network key: {why}"));
    let bytes: Bytes = text.trim().parse().map_err(|e| wrong(format!("{e}")))?;
    NetworkKey::decode(Copying(bytes.as_ref())).map_err(|e| wrong(e.to_string()))
}

impl Client {
    /// The node at `url` (`http://localhost:8545`), vouched for, where it is asked over TLS, by an
    /// authority that the operating system trusts. Nothing is sent yet.
    ///
    /// # Errors
    /// Where the address is not one of HTTP.
    pub fn new(url: &str) -> Result<Self, SdkError> {
        Self::vouched(url, &Authorities::default())
    }

    /// The node at `url` (`https://node.example`), vouched for by one of `authorities`.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn vouched(url: &str, authorities: &Authorities) -> Result<Self, SdkError> {
        Self::bounded(url, authorities, Bounds::default())
    }

    /// As [`Self::vouched`], with bounds of its own.
    pub(crate) fn bounded(
        url: &str,
        authorities: &Authorities,
        bounds: Bounds,
    ) -> Result<Self, SdkError> {
        Ok(Self::of(Node::new(url, authorities, bounds)?))
    }

    /// The node that a carrier knows the way to, such as one of this process.
    pub fn carried(carrier: Arc<dyn Carrier>) -> Self {
        Self::of(Node::carried(carrier))
    }

    fn of(node: Node) -> Self {
        Self {
            node,
            abis: Abis::system(),
            chain_id: OnceLock::new(),
        }
    }

    /// Lets the client put the reasons of further modules into words.
    #[must_use]
    pub fn with_abis(mut self, abis: Abis) -> Self {
        self.abis = self.abis.with(abis);
        self
    }

    /// The interfaces that the client knows.
    pub const fn abis(&self) -> &Abis {
        &self.abis
    }

    /// The node's address.
    pub fn url(&self) -> &str {
        self.node.base()
    }

    pub(crate) const fn node(&self) -> &Node {
        &self.node
    }

    /// Any JSON-RPC method.
    ///
    /// # Errors
    /// [`SdkError::Reverted`], [`SdkError::Refused`], [`SdkError::Unavailable`].
    pub fn request<T: DeserializeOwned>(
        &self,
        method: &str,
        params: impl Serialize,
    ) -> Result<T, SdkError> {
        self.node
            .rpc(method, params)
            .map_err(|e| self.explain(e, None))
    }

    /// EIP-155 chain id of the network.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn chain_id(&self) -> Result<u64, SdkError> {
        if let Some(id) = self.chain_id.get() {
            return Ok(*id);
        }
        let id: U64 = self.request("eth_chainId", ())?;
        Ok(*self.chain_id.get_or_init(|| id.to()))
    }

    /// The network key as the node tells it. To check what the node itself says, take the key from
    /// somebody else.
    ///
    /// # Errors
    /// Where the node does not answer, or not with a key.
    pub fn network_key(&self) -> Result<NetworkKey, SdkError> {
        let bytes: Bytes = self.request("commonhold_networkKey", ())?;
        NetworkKey::decode(Copying(bytes.as_ref())).map_err(|e| {
            SdkError::Integrity(format!("the node's network key does not decode: {e}"))
        })
    }

    /// Number of the newest final block.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn block_number(&self) -> Result<u64, SdkError> {
        self.request::<U64>("eth_blockNumber", ()).map(|n| n.to())
    }

    /// The hash of a final block.
    ///
    /// # Errors
    /// [`SdkError::NotFound`] where there is none of that number.
    pub fn block_hash(&self, number: u64) -> Result<B256, SdkError> {
        Ok(self.block(BlockNumberOrTag::Number(number))?.hash)
    }

    /// The time of the newest final block, in seconds since 1970.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn block_time(&self) -> Result<u64, SdkError> {
        Ok(self.block(BlockNumberOrTag::Latest)?.timestamp.to())
    }

    fn block(&self, tag: BlockNumberOrTag) -> Result<BlockHead, SdkError> {
        let found: Option<BlockHead> = self.request("eth_getBlockByNumber", (tag, false))?;
        found.ok_or_else(|| SdkError::NotFound(format!("no block {tag}")))
    }

    /// An account's balance.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn balance(&self, address: Address) -> Result<U256, SdkError> {
        self.request("eth_getBalance", (address, BlockNumberOrTag::Latest))
    }

    /// A storage slot.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn storage(&self, address: Address, slot: U256) -> Result<U256, SdkError> {
        self.request::<B256>(
            "eth_getStorageAt",
            (address, slot, BlockNumberOrTag::Latest),
        )
        .map(Into::into)
    }

    /// Calls a view.
    ///
    /// # Errors
    /// [`SdkError::Reverted`] with the reason in words.
    pub fn call<C: SolCall>(&self, to: Address, call: &C) -> Result<C::Return, SdkError> {
        self.call_as(None, to, call)
    }

    /// Calls a view as somebody.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub fn call_as<C: SolCall>(
        &self,
        from: Option<Address>,
        to: Address,
        call: &C,
    ) -> Result<C::Return, SdkError> {
        let request = TransactionRequest {
            from,
            to: Some(TxKind::Call(to)),
            input: TransactionInput::both(call.abi_encode().into()),
            ..Default::default()
        };
        let output: Bytes = self
            .node
            .rpc("eth_call", (request, BlockNumberOrTag::Latest))
            .map_err(|e| self.explain(e, Some(to)))?;
        C::abi_decode_returns_validate(&output).map_err(|e| {
            SdkError::Integrity(format!(
                "the answer of {} does not decode: {e}",
                C::SIGNATURE
            ))
        })
    }

    /// Sends a call of a module or contract and waits until it is final.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub fn send_call<C: SolCall>(
        &self,
        account: &Account,
        to: Address,
        call: &C,
    ) -> Result<TransactionReceipt, SdkError> {
        self.send(account, Draft::call(to, call.abi_encode().into()))
    }

    /// As [`Self::send_call`], of a call that answers with an event: gives it.
    ///
    /// # Errors
    /// As [`Self::send`]; [`SdkError::Integrity`] where the receipt does not have it.
    pub fn send_for_event<E: SolEvent>(
        &self,
        account: &Account,
        to: Address,
        call: &impl SolCall,
    ) -> Result<E, SdkError> {
        let receipt = self.send_call(account, to, call)?;
        let event = events(&receipt, to).next();
        event.ok_or_else(|| {
            SdkError::Integrity(format!(
                "the receipt of {} has no {}",
                receipt.transaction_hash,
                E::SIGNATURE
            ))
        })
    }

    /// Signs a transaction, sends it and waits until it is final. A receipt is of a transaction that
    /// did what it should: one that is final but failed is an error.
    ///
    /// # Errors
    /// [`SdkError::Reverted`] where it fails, mostly before it is sent; [`SdkError::Unavailable`] where
    /// it is not final within `FINALITY_SECONDS_MAX`.
    pub fn send(&self, account: &Account, draft: Draft) -> Result<TransactionReceipt, SdkError> {
        let chain_id = self.chain_id()?;
        let fees = self.fees()?;
        let gas = self.gas(account.address(), &draft)?;
        let mut attempt = 1;
        loop {
            let nonce: U64 = self.request(
                "eth_getTransactionCount",
                (account.address(), BlockNumberOrTag::Pending),
            )?;
            let signed = draft
                .clone()
                .sign(account, chain_id, nonce.to(), gas, fees)?;
            match self.submit(&signed.raw, signed.hash) {
                Ok(receipt) if receipt.status() => return Ok(receipt),
                Ok(receipt) => return Err(self.failed(account.address(), &draft, &receipt)),
                // Another transaction of this account came first; this one cannot become final.
                Err(CallError::Rpc(e)) if is_nonce_taken(&e) && attempt < NONCE_ATTEMPTS_MAX => {
                    attempt += 1
                }
                Err(e) => return Err(self.explain(e, draft.to())),
            }
        }
    }

    /// The receipt of a final transaction.
    ///
    /// # Errors
    /// [`SdkError::NotFound`] where there is none.
    pub fn receipt(&self, hash: B256) -> Result<TransactionReceipt, SdkError> {
        self.request::<Option<TransactionReceipt>>("eth_getTransactionReceipt", (hash,))?
            .ok_or_else(|| SdkError::NotFound(format!("no final transaction {hash}")))
    }

    fn submit(&self, raw: &Bytes, hash: B256) -> Result<TransactionReceipt, CallError> {
        match self.node.rpc("eth_sendRawTransactionSync", (raw,)) {
            Err(CallError::Rpc(e)) if e.code == NO_METHOD => {
                let _: B256 = self.node.rpc("eth_sendRawTransaction", (raw,))?;
                self.wait(hash)
            }
            Err(CallError::Rpc(e)) if e.code == NOT_YET_FINAL => self.wait(hash),
            answer => answer,
        }
    }

    /// Looks for the receipt until it is there.
    fn wait(&self, hash: B256) -> Result<TransactionReceipt, CallError> {
        let looks = FINALITY_SECONDS_MAX.saturating_mul(1000) / RECEIPT_POLL_MS;
        for _ in 0..looks {
            let found: Option<TransactionReceipt> =
                self.node.rpc("eth_getTransactionReceipt", (hash,))?;
            if let Some(receipt) = found {
                return Ok(receipt);
            }
            std::thread::sleep(Duration::from_millis(RECEIPT_POLL_MS));
        }
        Err(self
            .node
            .unavailable(format!("transaction {hash} was sent, but is not final yet"))
            .into())
    }

    pub(crate) fn fees(&self) -> Result<Fees, SdkError> {
        let price: U256 = self.request("eth_gasPrice", ())?;
        let price = u128::try_from(price)
            .map_err(|_| SdkError::Integrity("the node's gas price is absurd".to_owned()))?;
        // A base fee is fixed at genesis; twice the price leaves room all the same.
        Ok(Fees {
            max_fee_per_gas: price.saturating_mul(2),
            max_priority_fee_per_gas: 0,
        })
    }

    /// What the transaction needs, and a fifth more: the state may change until it runs.
    fn gas(&self, from: Address, draft: &Draft) -> Result<u64, SdkError> {
        let gas: U64 = self
            .node
            .rpc("eth_estimateGas", (draft.request(from),))
            .map_err(|e| self.explain(e, draft.to()))?;
        let gas: u64 = gas.to();
        let limit = commonhold_primitives::limits::TRANSACTION_GAS_MAX;
        Ok(gas.saturating_add(gas / 5).min(limit.max(gas)))
    }

    /// Why a final transaction failed: the same call on the newest state mostly tells.
    pub(crate) fn failed(
        &self,
        from: Address,
        draft: &Draft,
        receipt: &TransactionReceipt,
    ) -> SdkError {
        let again = self
            .node
            .rpc::<Bytes>("eth_call", (draft.request(from), BlockNumberOrTag::Latest));
        match again {
            Err(CallError::Rpc(e)) if e.revert_data().is_some() => {
                self.explain(CallError::Rpc(e), draft.to())
            }
            _ => SdkError::Reverted {
                message: format!(
                    "transaction {} is final, but failed",
                    receipt.transaction_hash
                ),
                data: Bytes::new(),
                decoded: None,
            },
        }
    }

    pub(crate) fn explain(&self, e: CallError, to: Option<Address>) -> SdkError {
        match e {
            CallError::Other(e) => e,
            CallError::Rpc(e) => match e.revert_data() {
                Some(data) => SdkError::Reverted {
                    message: e.message,
                    decoded: self.abis.reason(to, &data).map(Box::new),
                    data,
                },
                None => SdkError::Refused {
                    code: e.code,
                    message: e.message,
                },
            },
        }
    }
}

fn is_nonce_taken(e: &RpcError) -> bool {
    e.message.contains("nonce too low") || e.message.contains("replacement transaction underpriced")
}
