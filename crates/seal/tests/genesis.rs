//! The seal key in the genesis document.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod common;

use alloy_primitives::{Address, B256, keccak256};
use commonhold_primitives::{
    Genesis,
    genesis::{GenesisError, Member},
};
use commonhold_seal::{Group, deal};
use commonware_codec::Encode as _;
use commonware_cryptography::{
    Signer as _,
    bls12381::{
        dkg::feldman_desmedt,
        primitives::{sharing::Mode, variant::MinSig},
    },
    ed25519::PrivateKey,
};
use commonware_utils::{N3f1, NZU64, ordered::Set};

fn group(seed: u64, members: u32) -> Group {
    deal(members, &mut common::rng(seed)).unwrap().0
}

fn genesis() -> Genesis {
    let keys = (0..4).map(|i| PrivateKey::from_seed(i).public_key());
    let (output, _) = feldman_desmedt::deal::<MinSig, _, N3f1>(
        common::rng(1),
        Mode::NonZeroCounter,
        Set::from_iter_dedup(keys),
    )
    .unwrap();
    Genesis {
        name: "test".into(),
        chain_id: 1,
        timestamp: 1,
        gas_limit: 30_000_000,
        base_fee_per_gas: 0,
        heartbeat_ms: 1_000,
        network_key: output.public().public().encode().to_vec().into(),
        output: output.encode().to_vec().into(),
        epoch_blocks: NZU64!(32),
        sealing: None,
        members: (0..4u8)
            .map(|i| Member {
                name: format!("Member {i}"),
                public_key: B256::from_slice(
                    PrivateKey::from_seed(u64::from(i)).public_key().as_ref(),
                ),
                endpoint: format!("127.0.0.1:{}", 9701 + u16::from(i)),
                account: Address::with_last_byte(i + 1),
            })
            .collect(),
        alloc: Default::default(),
    }
}

fn parse(genesis: &Genesis) -> Result<Genesis, GenesisError> {
    Genesis::parse(&serde_json::to_vec(genesis).unwrap())
}

#[test]
fn a_network_without_a_seal_key_keeps_its_hash() {
    let genesis = genesis();
    assert_eq!(parse(&genesis).unwrap(), genesis);
    assert_eq!(genesis.sealing().unwrap(), None);
    let json = serde_json::to_string(&genesis).unwrap();
    assert!(!json.contains("sealing"));
    assert_eq!(genesis.hash(), keccak256(json));
}

#[test]
fn a_seal_key_is_part_of_what_members_agree_on() {
    let mut sealed = genesis();
    let sealing = group(2, 4);
    sealed.sealing = Some(sealing.to_bytes().into());
    assert_eq!(parse(&sealed).unwrap(), sealed);
    let read = Group::new(sealed.sealing().unwrap().unwrap()).unwrap();
    assert_eq!(read, sealing);
    assert_ne!(sealed.hash(), genesis().hash());
}

#[test]
fn a_seal_key_that_does_not_fit_is_refused() {
    let refused = |bytes: Vec<u8>| {
        let mut genesis = genesis();
        genesis.sealing = Some(bytes.into());
        match parse(&genesis).unwrap_err() {
            GenesisError::Field {
                field: "sealing",
                why,
            } => why,
            e => panic!("{e}"),
        }
    };
    assert_eq!(
        refused(genesis().sharing().unwrap().encode().to_vec()),
        "must not be the network key"
    );
    for members in [3, 5] {
        assert_eq!(
            refused(group(2, members).to_bytes()),
            "its number of shares differs from the number of members"
        );
    }
    // Four shares of which two would open: mode ‖ total ‖ coefficients of a smaller sharing.
    let mut weak = group(2, 2).to_bytes();
    weak[1..5].copy_from_slice(&4u32.to_be_bytes());
    assert_eq!(refused(weak), "a quorum of members must open it");
    let whole = group(2, 4).to_bytes();
    for bad in [vec![], whole[..whole.len() - 1].to_vec(), vec![0]] {
        assert!(!refused(bad).is_empty());
    }
}
