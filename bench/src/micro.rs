//! What single steps of a transaction's way cost, one after the other on one thread.

use std::{sync::Arc, time::Instant};

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_sol_types::SolCall as _;
use commonhold_execution::{Env, Executed, Machine, Mode, Overlay, Progress, Step};
use commonhold_module::Registry;
use commonhold_primitives::{
    Account as State, StateKey, StateValue, Transaction, receipt, system::TOKEN, transaction,
};
use commonhold_sdk::{
    Account,
    transaction::{Draft, Fees},
};
use commonhold_state::{Db, cell, db};
use commonhold_system::token::interface::IToken::transferCall;
use commonware_runtime::{
    Runner as _, Strategizer as _, Supervisor as _, buffer::paged::CacheRef, tokio,
};
use commonware_storage::qmdb::floor::Proportional;
use commonware_utils::{NZU16, NZUsize};
use eyre::{bail, ensure, eyre};

use crate::report::{Bar, Report, cores};

const CHAIN: u64 = 49_152;
/// Transfers of one measurement: a well-filled block.
const TRANSFERS: u64 = 2_000;
/// Accounts beside them in the database.
const ACCOUNTS: u64 = 100_000;
/// Batches written one after another.
const BATCHES: u32 = 10;

/// Microseconds per transaction.
pub(crate) struct Costs {
    pub(crate) recovery: f64,
    pub(crate) execution: f64,
    pub(crate) state: f64,
    pub(crate) tries: f64,
}

impl Costs {
    /// Finalised transfers per second at which `members` on this machine would do nothing but
    /// recover senders.
    pub(crate) fn limit(&self, members: f64) -> f64 {
        cores() as f64 * 1e6 / (members * self.recovery)
    }
}

fn each(since: Instant, count: u64) -> f64 {
    since.elapsed().as_secs_f64() * 1e6 / count as f64
}

fn address(i: u64) -> Address {
    Address::from_word(keccak256(i.to_be_bytes()))
}

pub(crate) fn run(report: &mut Report, show: bool) -> eyre::Result<Costs> {
    let raws = transfers(Draft::transfer)?;
    let since = Instant::now();
    let transactions = recovered(&raws)?;
    let recovery = each(since, TRANSFERS);

    let since = Instant::now();
    let done = execute(&transactions)?;
    let execution = each(since, TRANSFERS);
    ensure!(
        done.included.len() == transactions.len(),
        "a transfer failed"
    );

    let since = Instant::now();
    let roots = (
        receipt::transactions_root(&raws),
        receipt::receipts_root(&done.receipts),
    );
    let tries = each(since, TRANSFERS);
    ensure!(roots.0 != roots.1, "two roots are one");

    let tokens = recovered(&transfers(token_transfer)?)?;
    let since = Instant::now();
    let done_tokens = execute(&tokens)?;
    let token = each(since, TRANSFERS);
    let moved = done_tokens
        .receipts
        .iter()
        .filter(|receipt| receipt.success);
    ensure!(moved.count() == tokens.len(), "a token transfer failed");

    let [read, merkleize, apply, commit] = state()?;
    let costs = Costs {
        recovery,
        execution,
        state: read + merkleize + apply,
        tries,
    };
    if show {
        report.part("What single steps cost on one thread");
        let unit = "us/tx";
        let none = Bar::None;
        report.figure(
            "recover the sender (libsecp256k1)",
            recovery,
            unit,
            none,
            "",
        )?;
        report.figure(
            "execute a transfer",
            execution,
            unit,
            none,
            "revm alone 2.3 to 3.1",
        )?;
        let beside = "with the runs that learn what it reads";
        report.figure("execute a token transfer", token, unit, none, beside)?;
        report.figure("transactions and receipts tries", tries, unit, none, "")?;
        report.figure("read two accounts of the state", read, unit, none, "")?;
        report.figure("authenticate two writes", merkleize, unit, none, "")?;
        report.figure("apply two writes", apply, unit, none, "")?;
        report.figure(
            "make a block's writes durable",
            commit / 1e3,
            "ms",
            none,
            "",
        )?;
        let name = "limit of four members by recovery alone";
        report.figure(
            name,
            costs.limit(4.0),
            "tx/s",
            none,
            "cores / (4 x recovery)",
        )?;
    }
    Ok(costs)
}

fn recovered(raws: &[Bytes]) -> eyre::Result<Vec<Arc<Transaction>>> {
    let recover = |raw: &Bytes| transaction::recover(raw.clone(), CHAIN).map(Arc::new);
    Ok(raws.iter().map(recover).collect::<Result<_, _>>()?)
}

fn token_transfer(to: Address, value: U256) -> Draft {
    Draft::call(TOKEN, transferCall { to, value }.abi_encode().into())
}

fn transfers(draft: fn(Address, U256) -> Draft) -> eyre::Result<Vec<Bytes>> {
    let fees = Fees {
        max_fee_per_gas: 0,
        max_priority_fee_per_gas: 0,
    };
    (0..TRANSFERS)
        .map(|i| {
            let from = Account::from_secret(keccak256(i.to_be_bytes()).as_slice())?;
            let draft = draft(address(i), U256::from(1));
            let gas = if draft.input.is_empty() {
                21_000
            } else {
                60_000
            };
            Ok(draft.sign(&from, CHAIN, 0, gas, fees)?.raw)
        })
        .collect()
}

fn execute(transactions: &[Arc<Transaction>]) -> eyre::Result<Executed> {
    let registry = Registry::new(commonhold_system::modules()).map_err(|e| eyre!("{e}"))?;
    let machine = Machine::new(CHAIN, true, Arc::new(registry));
    let env = Env {
        number: 1,
        timestamp_ms: 1_000,
        gas_limit: 300_000_000,
        ..Env::default()
    };
    let rich = StateValue::Account(State {
        balance: U256::from(1_000_000),
        ..State::default()
    });
    let mut overlay = Overlay::default();
    for key in machine.prefetch(&env, transactions) {
        overlay.insert_read(key, Some(rich.clone()));
    }
    let mut step = machine.run(&env, transactions, Progress::new(overlay), Mode::Verify);
    loop {
        match step {
            Step::Done(done) => return Ok(done),
            Step::Invalid { why, .. } => bail!("{why}"),
            Step::Need { mut progress, keys } => {
                for key in keys {
                    // Whoever is asked about has some of the token.
                    let slot = StateValue::Slot(U256::from(1_000_000));
                    let value = matches!(key, StateKey::Slot(TOKEN, _)).then_some(slot);
                    progress.overlay.insert_read(key, value);
                }
                step = machine.run(&env, transactions, progress, Mode::Verify);
            }
        }
    }
}

/// Per transfer of two accounts: reading, authenticating, applying; and microseconds of one commit.
fn state() -> eyre::Result<[f64; 4]> {
    let dir = tempfile::tempdir()?;
    let threads = std::thread::available_parallelism()?;
    let config = tokio::Config::new()
        .with_worker_threads(threads.get())
        .with_storage_directory(dir.path());
    tokio::Runner::new(config).start(|context| async move {
        let strategy = context.child("strategy").strategy(threads);
        let cache = CacheRef::new(NZU16!(4084), NZUsize!(16_384));
        let config = db::config("bench", cache, strategy);
        let mut database = Db::init(context.child("db"), config, None).await?;
        let mut costs = [0.0; 4];
        let per_batch = 2 * TRANSFERS;
        let rounds = ACCOUNTS.div_ceil(per_batch);
        for round in 0..rounds + u64::from(BATCHES) {
            let filling = round < rounds;
            let start = if filling {
                round * per_batch
            } else {
                round.wrapping_mul(7_919)
            };
            let numbers = (start..start + per_batch).map(|i| i % ACCOUNTS);
            let keys: Vec<StateKey> = numbers.map(|i| StateKey::Account(address(i))).collect();
            let value = StateValue::Account(State {
                nonce: round,
                balance: U256::from(round),
                code_hash: State::default().code_hash,
            });
            let mut cells = Vec::new();
            for key in &keys {
                cells.extend(cell::encode(key, Some(&value))?);
            }
            let names: Vec<_> = cells.iter().map(|(name, _)| name).collect();
            let mut batch = database.new_batch();

            let mut since = Instant::now();
            let mut lap = || std::mem::replace(&mut since, Instant::now()).elapsed();
            batch.get_many(&names, &database).await?;
            let read = lap();
            for (name, cell) in &cells {
                batch = batch.write(*name, cell.clone());
            }
            let merkleized = batch.merkleize(&database, None, &mut Proportional).await?;
            let authenticated = lap();
            database = database.apply_batch(merkleized).await?;
            let applied = lap();
            database = database.commit().await?;
            let committed = lap();
            if !filling {
                let laps = [read, authenticated, applied, committed];
                for (cost, lap) in costs.iter_mut().zip(laps) {
                    *cost += lap.as_secs_f64() * 1e6 / f64::from(BATCHES);
                }
            }
        }
        ensure!(
            B256::from_slice(database.root().as_ref()) != B256::ZERO,
            "no root"
        );
        let [read, authenticated, applied, committed] = costs;
        let per = TRANSFERS as f64;
        Ok([read / per, authenticated / per, applied / per, committed])
    })
}
