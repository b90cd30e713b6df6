//! Keys, shares, genesis document and people of a simulated network. The same number of members gives
//! the same network every time.

use std::{collections::BTreeMap, num::NonZeroU64, sync::Arc};

use alloy_primitives::{Address, B256, Bytes, U256, address, bytes, keccak256};
use alloy_signer_local::PrivateKeySigner;
use commonhold_execution::Machine;
use commonhold_primitives::{
    Genesis,
    consensus::{MemberKey, NAMESPACE, Scheme},
    genesis::{Allocation, Member},
};
use commonhold_seal::{Group, Holding, SealShare};
use commonware_codec::Encode as _;
use commonware_cryptography::{
    Signer as _,
    bls12381::{
        dkg::feldman_desmedt::deal,
        primitives::{group::Share, sharing::Mode, variant::MinSig},
    },
    ed25519::PrivateKey,
};
use commonware_utils::{N3f1, NZU64, TestRng, ordered::Set};

/// Blocks of an epoch of a simulated network: most runs end in the first.
pub const EPOCH_BLOCKS: NonZeroU64 = NZU64!(1_000_000);
/// EIP-155 chain id of simulated networks.
pub const CHAIN_ID: u64 = 49_153;
/// Milliseconds between blocks of an idle simulated network.
pub const HEARTBEAT_MS: u64 = 200;
/// Gas of a block of simulated networks, until members decide on another.
pub const GAS_LIMIT: u64 = 30_000_000;
/// A contract that counts its calls in slot 0 and logs the count.
pub const COUNTER: Address = address!("00000000000000000000000000000000000c0de0");
/// `count = sload(0) + 1; sstore(0, count); log0(count)`.
const COUNTER_CODE: Bytes = bytes!("5f54600101805f555f5260205fa000");
/// 1,000 ether.
const BALANCE: U256 = U256::from_limbs([0x35c9_adc5_dea0_0000, 0x36, 0, 0]);

/// A network before its first block.
#[derive(Clone)]
pub struct Founding {
    /// The genesis document.
    pub genesis: Arc<Genesis>,
    /// The founders' identity keys, in the document's order, and the candidates'.
    pub keys: Vec<MemberKey>,
    /// The members' shares of the first epoch, in the same order.
    pub shares: Vec<Share>,
    /// The members' signers in the first epoch, in the same order.
    pub schemes: Vec<Scheme>,
    /// The public side of the seal key.
    pub group: Group,
    /// The same with their secret sides.
    pub identities: Vec<PrivateKey>,
    /// The members' shares of the seal key, in the document's order.
    pub seal_shares: Vec<SealShare>,
    /// Verifies certificates with the network key alone.
    pub verifier: Scheme,
    /// The secrets of the members' accounts, in the document's order.
    pub member_secrets: Vec<B256>,
    /// People with funded accounts.
    pub people: Arc<Vec<PrivateKeySigner>>,
    /// The machine with every module that a node runs.
    pub machine: Machine,
}

impl Founding {
    /// The same network with epochs of so many blocks.
    #[must_use]
    pub fn with_epochs(mut self, blocks: NonZeroU64) -> Self {
        Arc::make_mut(&mut self.genesis).epoch_blocks = blocks;
        self
    }

    /// The founders' identity keys, in the document's order.
    pub fn founders(&self) -> &[MemberKey] {
        &self.keys[..self.seal_shares.len()]
    }

    /// The founders' sharing of the seal key, with one of its shares.
    pub fn first_holding(&self, share: Option<SealShare>) -> Holding {
        let first = self.genesis.first_sealing().expect("it decodes");
        let first = first.expect("a simulated network has a seal key");
        Holding::new(0, &first, share).expect("a sharing of founders")
    }
}

/// Founds a network of `members`, with `people` funded accounts.
pub fn found(members: u64, people: u64) -> Founding {
    found_to_grow(members, 0, people)
}

/// Founds a network of `members` that so many candidates may join. Of such a network the first people act
/// for members and candidates, in their order.
pub fn found_to_grow(members: u64, candidates: u64, people: u64) -> Founding {
    let all = members + candidates;
    let identities: Vec<PrivateKey> = (1..=all).map(PrivateKey::from_seed).collect();
    let keys: Vec<MemberKey> = identities.iter().map(PrivateKey::public_key).collect();
    let founders = usize::try_from(members).expect("few members");
    let set: Set<MemberKey> = Set::from_iter_dedup(keys[..founders].iter().cloned());
    let (dealt, shares) =
        deal::<MinSig, _, N3f1>(TestRng::new(7), Mode::NonZeroCounter, set.clone()).expect("deal");
    let sharing = dealt.public().clone();
    let shares: Vec<Share> = keys[..founders]
        .iter()
        .map(|key| {
            shares
                .get_value(key)
                .expect("a share for every member")
                .clone()
        })
        .collect();
    let schemes = shares
        .iter()
        .map(|share| {
            Scheme::signer(NAMESPACE, set.clone(), sharing.clone(), share.clone()).expect("signer")
        })
        .collect();
    let count = u32::try_from(members).expect("few members");
    let (group, by_place) = commonhold_seal::deal(count, &mut TestRng::new(8)).expect("deal");
    let seal_shares = keys[..founders]
        .iter()
        .map(|key| by_place[set.position(key).expect("a member")].clone())
        .collect();
    let verifier = Scheme::certificate_verifier(NAMESPACE, *sharing.public());
    let signer = |secret: &B256| PrivateKeySigner::from_bytes(secret).expect("a hash is a key");
    let people: Vec<PrivateKeySigner> = (0..people)
        .map(|i| signer(&keccak256(format!("commonhold lab person {i}"))))
        .collect();
    let member_secrets: Vec<B256> = (0..members)
        .map(|i| keccak256(format!("commonhold lab member {i}")))
        .collect();
    let mut alloc: BTreeMap<Address, Allocation> = people
        .iter()
        .map(|p| {
            (
                p.address(),
                Allocation {
                    balance: BALANCE,
                    ..Allocation::default()
                },
            )
        })
        .collect();
    alloc.insert(
        COUNTER,
        Allocation {
            code: COUNTER_CODE,
            nonce: 1,
            ..Allocation::default()
        },
    );
    let genesis = Genesis {
        name: "lab".into(),
        chain_id: CHAIN_ID,
        timestamp: 0,
        gas_limit: GAS_LIMIT,
        base_fee_per_gas: 0,
        heartbeat_ms: HEARTBEAT_MS,
        network_key: sharing.public().encode().to_vec().into(),
        output: dealt.encode().to_vec().into(),
        epoch_blocks: EPOCH_BLOCKS,
        sealing: Some(group.to_bytes().into()),
        members: keys[..founders]
            .iter()
            .zip(&member_secrets)
            .enumerate()
            .map(|(i, (key, secret))| Member {
                name: format!("member-{}", i + 1),
                public_key: B256::from_slice(key.as_ref()),
                endpoint: format!("member-{}:9701", i + 1),
                account: match candidates {
                    0 => signer(secret).address(),
                    _ => people[i].address(),
                },
            })
            .collect(),
        alloc,
    };
    let registry = commonhold_node::modules::registry().expect("modules fit");
    let machine = Machine::new(CHAIN_ID, true, registry);
    Founding {
        genesis: Arc::new(genesis),
        keys,
        shares,
        schemes,
        group,
        identities,
        seal_shares,
        verifier,
        member_secrets,
        people: Arc::new(people),
        machine,
    }
}
