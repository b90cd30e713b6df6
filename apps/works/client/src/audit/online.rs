//! A node, as a ledger that proves what it says; and what an earlier run that was ended has left.

use std::{collections::BTreeMap, fs, path::Path};

use alloy_primitives::B256;
use alloy_sol_types::SolCall;
use commonhold_sdk::{
    Client, NetworkKey, SdkError, Stamp,
    bundle::write,
    devices_module,
    proving::Proving,
    stamp::{self, BlockFinding, Statement},
};
use commonhold_session::{Count, Refused, Session};
use commonhold_works_contract::{ADDRESS, module};

use super::{
    index::{broken, read},
    proof::{Happened, Ledger, Transactions, Views, Wanted, stamp_name},
};

/// An event, and the transaction that a node says it is of.
struct Told {
    transaction: B256,
    topics: Vec<B256>,
    data: Vec<u8>,
}

/// A node, with everything that it tells proven.
pub(crate) struct Online<'a> {
    session: &'a dyn Session,
    client: &'a Client,
    key: NetworkKey,
    proving: Proving<'a>,
    transactions: Transactions,
    /// Where stamps of transactions are kept as they come.
    directory: &'a Path,
    /// What events were told in which transactions, by what was asked.
    asked: BTreeMap<Vec<Option<B256>>, Vec<Told>>,
    shown: Option<Box<dyn Count + 'a>>,
}

impl<'a> Online<'a> {
    /// With what lies in the directory already: stamps of transactions stay as they are; stamps of states are
    /// of earlier blocks and are taken away.
    pub(crate) fn new(
        session: &'a dyn Session,
        client: &'a Client,
        directory: &'a Path,
    ) -> eyre::Result<Self> {
        let key = client.network_key()?;
        let mut online = Self {
            session,
            client,
            key,
            proving: Proving::new(client, key),
            transactions: Transactions::default(),
            directory,
            asked: BTreeMap::new(),
            shown: None,
        };
        for path in super::offline::stamps(directory)? {
            let found = Stamp::parse(&read(&path)?)
                .map_err(|e| e.to_string())
                .and_then(|stamp| {
                    stamp::verify(&stamp, &key, client.abis()).map_err(|e| e.to_string())
                });
            match found {
                Ok(found) if path.ends_with(name(&found.statement)) => {
                    online.take(found.statement, found.block);
                }
                // Of a state, or changed since: it is asked for again.
                _ => fs::remove_file(&path)?,
            }
        }
        Ok(online)
    }

    fn take(&mut self, statement: Statement, block: BlockFinding) {
        if let Statement::Transaction(did) = statement {
            self.transactions.add(Happened { did: *did, block });
        }
    }

    fn go_on(&self) -> eyre::Result<()> {
        if !self.session.stopping() {
            return Ok(());
        }
        let what = format!(
            "ended: {} transactions are there; the same command goes on from them",
            self.transactions.len()
        );
        Err(Refused(what).into())
    }

    /// The transaction of an event.
    fn find(&mut self, wanted: &Wanted) -> eyre::Result<()> {
        let topics = wanted.topics().to_vec();
        if !self.asked.contains_key(&topics) {
            let blocks = (0, self.client.block_number()?);
            let logs = self.client.logs(ADDRESS, &topics, blocks)?;
            let told = logs.into_iter().filter_map(|log| {
                Some(Told {
                    transaction: log.transaction_hash?,
                    topics: log.topics().to_vec(),
                    data: log.data().data.to_vec(),
                })
            });
            self.asked.insert(topics.clone(), told.collect());
        }
        let told = self.asked.get(&topics).into_iter().flatten();
        let mut told = told.filter(|told| wanted.is(&told.topics, &told.data));
        let none = || {
            let what = "the node knows of no transaction in which that happened";
            SdkError::NotFound(what.to_owned())
        };
        let hash = told.next().map(|told| told.transaction).ok_or_else(none)?;
        let stamp = self.client.stamp(hash)?;
        let found = stamp::verify(&stamp, &self.key, self.client.abis())?;
        if name(&found.statement) != stamp_name(&hash) {
            return Err(broken("the node stamps something else").into());
        }
        write(&self.directory.join(stamp_name(&hash)), &stamp.to_json())?;
        self.take(found.statement, found.block);
        Ok(())
    }

    /// Takes away what nothing needed, and writes the stamps of the state. Up to the block that is given
    /// everything is there.
    pub(crate) fn finish(self) -> eyre::Result<Option<BlockFinding>> {
        for hash in self.transactions.unused() {
            fs::remove_file(self.directory.join(stamp_name(&hash)))?;
        }
        let as_of = self.proving.as_of().cloned();
        for (number, stamp) in (1u32..).zip(self.proving.into_stamps()) {
            let name = format!("state-{number:04}.json");
            write(&self.directory.join(name), &stamp.to_json())?;
        }
        Ok(as_of)
    }
}

fn name(statement: &Statement) -> String {
    match statement {
        Statement::Transaction(did) => stamp_name(&did.hash),
        _ => String::from("/"),
    }
}

impl Views for Online<'_> {
    fn works<C: SolCall>(&mut self, calls: &[C]) -> eyre::Result<Vec<C::Return>> {
        self.go_on()?;
        Ok(self.proving.ask(&module(), calls)?)
    }

    fn devices<C: SolCall>(&mut self, calls: &[C]) -> eyre::Result<Vec<C::Return>> {
        self.go_on()?;
        Ok(self.proving.ask(&devices_module(), calls)?)
    }
}

impl Ledger for Online<'_> {
    fn happened(&mut self, wanted: &Wanted) -> eyre::Result<Happened> {
        self.go_on()?;
        if let Some(found) = self.transactions.find(wanted) {
            return Ok(found);
        }
        self.find(wanted)?;
        let found = self.transactions.find(wanted);
        let none = || broken("a transaction did something else than the node says");
        Ok(found.ok_or_else(none)?)
    }

    fn reached(&mut self, done: u64, total: u64) {
        let session = self.session;
        let shown = self
            .shown
            .get_or_insert_with(|| session.count(total, "Stamping"));
        shown.at(done);
    }
}
