//! A network of four that signs whatever block it is given.

use std::collections::BTreeMap;

use alloy_consensus::Header;
use alloy_primitives::{Address, B256, Bytes, U256};
use commonhold_primitives::{
    Block, BlockHash, Receipt, StateKey, StateValue,
    block::blank_header,
    consensus::{Certificate, ConsensusContext, MemberKey, NAMESPACE, NetworkKey, Scheme},
    extra::Extra,
    receipt::{self, receipts_root},
    stamp::{Claim, Entry, Stamp, VERSION},
    trie,
};
use commonhold_sdk::{
    Account,
    transaction::{Draft, Fees},
};
use commonhold_state::{Db, StateProof, cell, db};
use commonware_codec::Encode as _;
use commonware_consensus::{
    simplex::types::{Finalize, Proposal},
    types::{Epoch, Round, View},
};
use commonware_cryptography::{
    Digest as _, Signer as _,
    bls12381::{
        dkg::feldman_desmedt::deal,
        primitives::{sharing::Mode, variant::MinSig},
    },
    ed25519, sha256,
};
use commonware_parallel::Sequential;
use commonware_runtime::{Runner as _, Supervisor as _, buffer::paged::CacheRef, deterministic};
use commonware_storage::{mmr::Location, qmdb::floor::Proportional};
use commonware_utils::{
    N3f1, NZU16, NZUsize, TryCollect as _, non_empty, non_empty_range, ordered::Set,
};
use rand::{SeedableRng as _, rngs::StdRng};

pub const CHAIN: u64 = 1_337;

pub struct Network {
    schemes: Vec<Scheme>,
    pub key: NetworkKey,
    leader: MemberKey,
}

impl Network {
    pub fn new(seed: u64) -> Self {
        let members: Set<MemberKey> = (0..4)
            .map(|i| ed25519::PrivateKey::from_seed(seed + i).public_key())
            .try_collect()
            .unwrap();
        let mut rng = StdRng::seed_from_u64(seed);
        let (output, shares) =
            deal::<MinSig, _, N3f1>(&mut rng, Mode::NonZeroCounter, members.clone()).unwrap();
        let scheme = |member| {
            let share = shares.get_value(member).unwrap().clone();
            Scheme::signer(NAMESPACE, members.clone(), output.public().clone(), share).unwrap()
        };
        Self {
            schemes: members.iter().map(scheme).collect(),
            key: *output.public().public(),
            leader: members.iter().next().unwrap().clone(),
        }
    }

    pub fn block(
        &self,
        parent: B256,
        state_root: B256,
        raw: Vec<Bytes>,
        receipts: &[Receipt],
    ) -> Block {
        let header = Header {
            number: 42,
            timestamp: 1_800_000_000,
            state_root,
            ..blank_header(B256::repeat_byte(9))
        };
        self.seal(parent, header, raw, receipts)
    }

    /// The block with this number, time, state root and genesis in its header.
    pub fn seal(
        &self,
        parent: B256,
        header: Header,
        raw: Vec<Bytes>,
        receipts: &[Receipt],
    ) -> Block {
        let header = Header {
            parent_hash: parent,
            receipts_root: receipts_root(receipts),
            gas_limit: 30_000_000,
            base_fee_per_gas: Some(0),
            ..header
        };
        let context = ConsensusContext {
            round: Round::new(Epoch::zero(), View::new(50)),
            leader: self.leader.clone(),
            parent: (View::new(49), BlockHash(parent)),
        };
        let range = non_empty_range!(Location::new(0), Location::new(1));
        Block::seal(
            header,
            Extra {
                context,
                millis: 250,
                ops_root: sha256::Digest::EMPTY,
                range,
                ceremony: None,
                sealing: None,
            },
            raw,
            None,
            None,
        )
    }

    pub fn certify(&self, block: &Block) -> Bytes {
        let round = Round::new(Epoch::zero(), View::new(50));
        let proposal = Proposal::new(round, View::new(49), BlockHash(block.hash()));
        let votes: Vec<_> = self
            .schemes
            .iter()
            .take(3)
            .map(|s| Finalize::sign(s, proposal.clone()).unwrap())
            .collect();
        let certificate =
            Certificate::from_finalizes(&self.schemes[0], non_empty![@&votes], &Sequential)
                .unwrap();
        Bytes::copy_from_slice(&certificate.encode())
    }

    pub fn stamp(&self, block: &Block, claim: Claim) -> Stamp {
        Stamp {
            version: VERSION,
            header: alloy_rlp::encode(block.header()).into(),
            descendants: Vec::new(),
            certificate: self.certify(block),
            claim,
        }
    }

    /// A block of `drafts` with these receipts, and the stamp of the one at `index`.
    pub fn transaction_stamp(
        &self,
        account: &Account,
        drafts: &[Draft],
        receipts: &[Receipt],
        index: usize,
    ) -> Stamp {
        let fees = Fees {
            max_fee_per_gas: 0,
            max_priority_fee_per_gas: 0,
        };
        let raw: Vec<Bytes> = (0..)
            .zip(drafts)
            .map(|(nonce, draft)| {
                draft
                    .clone()
                    .sign(account, CHAIN, nonce, 100_000, fees)
                    .unwrap()
                    .raw
            })
            .collect();
        let block = self.block(
            B256::repeat_byte(1),
            B256::repeat_byte(2),
            raw.clone(),
            receipts,
        );
        let encoded: Vec<_> = receipts.iter().map(receipt::encode).collect();
        let claim = Claim::Transaction {
            index: index as u64,
            raw: raw[index].clone(),
            proof: trie::prove(&raw, index).unwrap(),
            receipt: encoded[index].clone().into(),
            receipt_proof: trie::prove(&encoded, index).unwrap(),
        };
        self.stamp(&block, claim)
    }

    /// A block after which the state holds `slots`, and entries that prove `asked` of it.
    pub fn state_stamp(
        &self,
        slots: &BTreeMap<(Address, U256), U256>,
        asked: &[(Address, Option<U256>)],
    ) -> Stamp {
        let (root, entries) = prove(slots, asked);
        self.stamp(
            &self.block(B256::ZERO, root, Vec::new(), &[]),
            Claim::State { entries },
        )
    }
}

type TestDb = Db<deterministic::Context, Sequential>;

fn prove(
    slots: &BTreeMap<(Address, U256), U256>,
    asked: &[(Address, Option<U256>)],
) -> (B256, Vec<Entry>) {
    let (slots, asked) = (slots.clone(), asked.to_vec());
    deterministic::Runner::default().start(|context| async move {
        let config = db::config(
            "test",
            CacheRef::new(NZU16!(4084), NZUsize!(64)),
            Sequential,
        );
        let database = TestDb::init(context.child("db"), config, None)
            .await
            .unwrap();
        let mut batch = database.new_batch();
        for ((address, slot), value) in slots {
            let key = StateKey::Slot(address, slot);
            for (name, cell) in cell::encode(&key, Some(&StateValue::Slot(value))).unwrap() {
                batch = batch.write(name, cell);
            }
        }
        let merkleized = batch
            .merkleize(&database, None, &mut Proportional)
            .await
            .unwrap();
        let database = database.apply_batch(merkleized).await.unwrap();
        let mut entries = Vec::new();
        for (address, slot) in asked {
            let key = slot.map_or(StateKey::Account(address), |slot| {
                StateKey::Slot(address, slot)
            });
            let proof = StateProof::make(&database, &key).await.unwrap().to_bytes();
            entries.push(Entry {
                address,
                slot,
                proof,
            });
        }
        (B256::from_slice(database.root().as_ref()), entries)
    })
}
