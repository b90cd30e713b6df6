//! What the tests share: reproducible randomness, dealt groups, golden files.
#![allow(dead_code, unreachable_pub, reason = "each test uses a part")]

use alloy_primitives::B256;
use commonhold_seal::{
    DataKey, Group, Identity, OpeningKey, Partial, RecordIdentity, SealShare, SealedKey, Target,
    deal,
};
use rand::{SeedableRng as _, rngs::StdRng};

pub fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

pub fn dealt(members: u32) -> (Group, Vec<SealShare>) {
    deal(members, &mut rng(u64::from(members))).unwrap()
}

pub fn record(byte: u8, epoch: u64) -> Target<'static> {
    Identity::from(RecordIdentity {
        record: B256::repeat_byte(byte),
        epoch,
    })
    .here()
}

pub fn partials(shares: &[SealShare], target: &Target<'_>) -> Vec<Partial> {
    shares.iter().map(|share| share.partial(target)).collect()
}

pub fn sealed(group: &Group, target: &Target<'_>) -> (DataKey, SealedKey) {
    let key = DataKey::random(&mut rng(99));
    let sealed = SealedKey::seal(&group.key(), target, &key, &mut rng(100)).unwrap();
    (key, sealed)
}

pub fn opening(group: &Group, shares: &[SealShare], target: &Target<'_>) -> OpeningKey {
    let combined = group.combine(target, &partials(shares, target)).unwrap();
    assert!(combined.blamed.is_empty());
    combined.opening
}

/// The bytes of a golden file, which `COMMONHOLD_BLESS` makes anew as `made`.
pub fn golden(name: &str, made: &[u8]) -> Vec<u8> {
    let path = format!("{}/tests/golden/{name}.hex", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("COMMONHOLD_BLESS").is_some() {
        std::fs::write(&path, format!("{}\n", hex::encode(made))).unwrap();
    }
    hex::decode(std::fs::read_to_string(&path).unwrap().trim()).unwrap()
}

/// Every byte of `bytes`, changed in one bit and in all.
pub fn flips(bytes: &[u8]) -> impl Iterator<Item = (usize, Vec<u8>)> + '_ {
    (0..bytes.len()).flat_map(move |at| {
        [1 << (at % 8), 0x80, 0xff].map(|mask: u8| {
            let mut flipped = bytes.to_vec();
            flipped[at] ^= mask;
            (at, flipped)
        })
    })
}
