//! What people want to do with one sealed record, in which order.

use std::{collections::VecDeque, sync::Arc};

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_signer_local::PrivateKeySigner;
use alloy_sol_types::SolCall as _;
use commonhold_primitives::system::RECORDS;
use commonhold_seal::{
    DataKey, Identity, ReaderSecret, RecordIdentity, SealKey, SealedKey, Target,
};
use commonhold_system::records::{access::record_id, interface::IRecords};
use commonware_utils::TestRng;

use crate::{founding::CHAIN_ID, load::Call};

/// Gas that a call of the records module may take.
const GAS: u64 = 500_000;

/// How the story of one record goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plot {
    /// Somebody is let in, and asks.
    Granted,
    /// The owner asks.
    Owner,
    /// Somebody asks who was never let in.
    Stranger,
    /// Somebody is let in for one opening, and asks twice.
    Once,
    /// Somebody is let in, asks so many times, is let in no longer, and asks as many times again.
    Revoked(u32),
    /// Somebody is let in until this second, and asks.
    Until(u64),
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Act {
    Register,
    Grant {
        until: u64,
        uses: u32,
    },
    Request,
    Revoke,
    /// Until everything before is final.
    Wait,
}

impl Plot {
    fn acts(self) -> VecDeque<Act> {
        let grant = |until, uses| vec![Act::Register, Act::Grant { until, uses }, Act::Wait];
        let requests = |count| vec![Act::Request; usize::try_from(count).unwrap_or_default()];
        let acts = match self {
            Self::Granted => [grant(0, 0), requests(1)].concat(),
            Self::Owner => vec![Act::Register, Act::Request],
            Self::Stranger => vec![Act::Register, Act::Wait, Act::Request],
            Self::Once => [grant(0, 1), requests(2)].concat(),
            Self::Revoked(count) => [
                grant(0, 0),
                requests(count),
                vec![Act::Wait, Act::Revoke, Act::Wait],
                requests(count),
            ]
            .concat(),
            Self::Until(seconds) => [grant(seconds, 0), requests(1)].concat(),
        };
        acts.into()
    }
}

/// One record, and what is still to be done with it.
#[derive(Clone)]
pub struct Story {
    /// How it goes.
    pub plot: Plot,
    /// The record.
    pub record: B256,
    pub(super) sealed: SealedKey,
    /// The key of its content.
    pub(super) key: DataKey,
    owner: usize,
    reader: usize,
    salt: B256,
    people: Arc<Vec<PrivateKeySigner>>,
    acts: VecDeque<Act>,
    made: Vec<B256>,
}

impl Story {
    /// The story of this number. Its record is sealed to the network.
    pub fn new(
        number: usize,
        plot: Plot,
        people: Arc<Vec<PrivateKeySigner>>,
        seal: &SealKey,
    ) -> Self {
        let owner = number % people.len();
        let reader = match plot {
            Plot::Owner => owner,
            _ => (number + 1) % people.len(),
        };
        let salt = keccak256(format!("commonhold lab story {number}"));
        let record = record_id(CHAIN_ID, people[owner].address(), keccak256(salt), salt);
        let key = DataKey::from_bytes(&keccak256(record).0);
        let dice = u64::try_from(number).unwrap_or(u64::MAX);
        let sealed = SealedKey::seal(seal, &target(record), &key, &mut TestRng::new(dice));
        Self {
            plot,
            record,
            sealed: sealed.expect("a key that seals"),
            key,
            owner,
            reader,
            salt,
            people,
            acts: plot.acts(),
            made: Vec::new(),
        }
    }

    /// Whether everything has been done.
    pub(super) fn is_told(&self) -> bool {
        self.acts.is_empty()
    }

    pub(super) fn wrote(&mut self, transaction: B256) {
        self.made.push(transaction);
    }

    /// The next transaction, where it is time for it; of a request also the key that it is to be
    /// answered to. `count` requests were made before.
    pub(super) fn next(
        &mut self,
        is_final: impl Fn(&B256) -> bool,
        count: usize,
    ) -> Option<(Call, Option<ReaderSecret>)> {
        while let Some(Act::Wait) = self.acts.front() {
            if !self.made.iter().all(&is_final) {
                return None;
            }
            self.acts.pop_front();
        }
        let act = self.acts.pop_front()?;
        let (id, grantee) = (self.record, self.people[self.reader].address());
        let mut secret_of = None;
        let (person, input) = match act {
            Act::Register => (self.owner, self.registration()),
            Act::Grant { until, uses } => {
                let call = IRecords::grantCall {
                    id,
                    grantee,
                    notBefore: 0,
                    until,
                    uses,
                    headerHash: B256::ZERO,
                };
                (self.owner, call.abi_encode())
            }
            Act::Revoke => (
                self.owner,
                IRecords::revokeCall { id, grantee }.abi_encode(),
            ),
            Act::Request => {
                let seed = keccak256(format!("commonhold lab request {count}"));
                let secret = ReaderSecret::from_bytes(&seed.0).expect("32 bytes");
                let call = IRecords::requestOpeningCall {
                    id,
                    purpose: B256::ZERO,
                    readerKey: secret.public().0.into(),
                };
                secret_of = Some(secret);
                (self.reader, call.abi_encode())
            }
            Act::Wait => return None,
        };
        let call = Call {
            person,
            to: RECORDS,
            value: U256::ZERO,
            input: Bytes::from(input),
            gas_limit: GAS,
        };
        Some((call, secret_of))
    }

    fn registration(&self) -> Vec<u8> {
        let registration = IRecords::Registration {
            salt: self.salt,
            contentHash: keccak256(self.salt),
            length: 1_000,
            kind: "text/plain".into(),
            sealedKeyHash: self.sealed.digest(),
            policy: Address::ZERO,
            custodian: Address::ZERO,
        };
        IRecords::registerCall { registration }.abi_encode()
    }
}

/// What a record's key is sealed to.
pub(super) fn target(record: B256) -> Target<'static> {
    Identity::from(RecordIdentity { record, epoch: 0 }).here()
}
