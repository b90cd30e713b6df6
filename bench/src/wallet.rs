//! Accounts that send, and what they send.

use std::{thread, time::Duration};

use alloy_primitives::{Address, Bytes, U256, keccak256};
use alloy_sol_types::SolCall as _;
use commonhold_primitives::system::TOKEN;
use commonhold_sdk::{
    Account,
    transaction::{Draft, Fees},
};
use commonhold_system::token::interface::IToken::transferCall;
use eyre::{ensure, eyre};
use serde_json::json;

use crate::{report::cores, rpc::Rpc};

/// The keys that every development network funds.
const FUNDERS: [&str; 4] = [
    "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
    "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
    "5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
    "7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6",
];
/// Funding transactions in flight: pools with low limits take as many from one account.
const FUND_WAVE: usize = 16;
/// What a transfer uses.
const TRANSFER_GAS: u64 = 21_000;
/// More than a token transfer uses.
const TOKEN_GAS: u64 = 60_000;
/// Enough for a fee of two gwei, on networks that take one.
const FEES: Fees = Fees {
    max_fee_per_gas: 4_000_000_000,
    max_priority_fee_per_gas: 1_000_000_000,
};

/// A signed transaction as it travels.
#[derive(Clone)]
pub(crate) struct Signed {
    pub(crate) hash: String,
    pub(crate) raw: String,
}

impl Signed {
    /// A call, by an account under its nonce on a chain.
    pub(crate) fn call(
        from: &Account,
        (chain, nonce): (u64, u64),
        to: Address,
        input: Bytes,
        gas: u64,
    ) -> eyre::Result<Self> {
        let signed = Draft::call(to, input).sign(from, chain, nonce, gas, FEES)?;
        Ok(Self {
            hash: signed.hash.to_string(),
            raw: signed.raw.to_string(),
        })
    }
}

/// Accounts with money.
pub(crate) struct Wallet {
    accounts: Vec<Account>,
    nonces: Vec<u64>,
    chain_id: u64,
}

fn transfer(
    from: &Account,
    to: Address,
    wei: U256,
    nonce: u64,
    chain: u64,
) -> eyre::Result<Signed> {
    let signed = Draft::transfer(to, wei).sign(from, chain, nonce, TRANSFER_GAS, FEES)?;
    Ok(Signed {
        hash: signed.hash.to_string(),
        raw: signed.raw.to_string(),
    })
}

/// What a transfer moves.
#[derive(Clone, Copy)]
enum Money {
    /// The network's own.
    Plain,
    /// The token's.
    Token,
}

impl Money {
    /// Signs the transfer of one unit.
    fn transfer(self, from: &Account, to: Address, nonce: u64, chain: u64) -> eyre::Result<Signed> {
        let value = U256::from(1);
        if let Self::Plain = self {
            return transfer(from, to, value, nonce, chain);
        }
        let input = transferCall { to, value }.abi_encode().into();
        Signed::call(from, (chain, nonce), TOKEN, input, TOKEN_GAS)
    }
}

impl Wallet {
    /// Them.
    pub(crate) fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// Who they are.
    pub(crate) fn addresses(&self) -> Vec<Address> {
        self.accounts.iter().map(Account::address).collect()
    }

    /// Makes `count` accounts and funds them.
    pub(crate) fn fund(rpc: &Rpc, name: &str, count: usize) -> eyre::Result<Self> {
        let chain_id = rpc.number("eth_chainId", json!([]))?;
        let account = |i| Account::from_secret(keccak256(format!("{name}-{i}")).as_slice());
        let accounts = (0..count).map(account).collect::<Result<Vec<_>, _>>()?;
        let secret = |key: &str| -> eyre::Result<Account> {
            let key: alloy_primitives::B256 = key.parse()?;
            Ok(Account::from_secret(key.as_slice())?)
        };
        let funders = FUNDERS
            .map(secret)
            .into_iter()
            .collect::<Result<Vec<_>, _>>()?;
        let nonce_of = |account: &Account| {
            let params = json!([account.address().to_string(), "latest"]);
            rpc.number("eth_getTransactionCount", params)
        };
        let mut nonces = funders
            .iter()
            .map(nonce_of)
            .collect::<Result<Vec<_>, _>>()?;
        for wave in accounts.chunks(FUND_WAVE * funders.len()) {
            let mut raws = Vec::new();
            for (group, (funder, nonce)) in
                wave.chunks(FUND_WAVE).zip(funders.iter().zip(&mut nonces))
            {
                for to in group {
                    let wei = U256::from(10).pow(U256::from(18));
                    raws.push(transfer(funder, to.address(), wei, *nonce, chain_id)?.raw);
                    *nonce += 1;
                }
            }
            let refused = rpc.send(&raws.iter().map(String::as_str).collect::<Vec<_>>())?;
            ensure!(refused.is_empty(), "funding was refused: {refused:?}");
            for (funder, nonce) in funders.iter().zip(&nonces) {
                while nonce_of(funder)? < *nonce {
                    thread::sleep(Duration::from_millis(5));
                }
            }
        }
        Ok(Self {
            nonces: vec![0; accounts.len()],
            accounts,
            chain_id,
        })
    }

    /// Signs `count` transfers around the ring of accounts, in an order in which every account's
    /// nonces ascend. Each comes with its sender's number.
    pub(crate) fn sign(&mut self, count: usize) -> eyre::Result<Vec<(usize, Signed)>> {
        self.sign_each(count, Money::Plain)
    }

    /// The same of the token.
    pub(crate) fn sign_token(&mut self, count: usize) -> eyre::Result<Vec<(usize, Signed)>> {
        self.sign_each(count, Money::Token)
    }

    fn sign_each(&mut self, count: usize, money: Money) -> eyre::Result<Vec<(usize, Signed)>> {
        let all = self.accounts.len();
        let plan: Vec<(usize, u64)> = (0..count)
            .map(|i| {
                let sender = i % all;
                let nonce = self
                    .nonces
                    .get_mut(sender)
                    .ok_or_else(|| eyre!("no account"))?;
                *nonce += 1;
                Ok((sender, *nonce - 1))
            })
            .collect::<eyre::Result<_>>()?;
        let sign = |part: &[(usize, u64)]| {
            part.iter()
                .map(|(sender, nonce)| {
                    let from = self
                        .accounts
                        .get(*sender)
                        .ok_or_else(|| eyre!("no account"))?;
                    let to = self.accounts.get((sender + 1) % all).unwrap_or(from);
                    let signed = money.transfer(from, to.address(), *nonce, self.chain_id)?;
                    Ok((*sender, signed))
                })
                .collect::<eyre::Result<Vec<_>>>()
        };
        let share = plan.len().div_ceil(cores()).max(1);
        let parts = thread::scope(|scope| {
            let threads: Vec<_> = plan
                .chunks(share)
                .map(|part| scope.spawn(move || sign(part)))
                .collect();
            threads
                .into_iter()
                .map(|thread| {
                    thread
                        .join()
                        .unwrap_or_else(|_| Err(eyre!("signing failed")))
                })
                .collect::<eyre::Result<Vec<_>>>()
        })?;
        Ok(parts.into_iter().flatten().collect())
    }
}
