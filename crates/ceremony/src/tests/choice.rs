//! Which round a member takes part in, and whose its memory is.

use super::*;
use crate::{
    file::{self, Choice, ChoiceError},
    limits::MEMORY_FILE_BYTES_MAX,
};
use commonhold_seal::locked::{Lock, LockedError, Unlock};

const KEY: [u8; 32] = [7; 32];

/// The state machines of four members at the end of a round, and of one that has confirmed and does not
/// know that the others did.
fn members() -> (Ceremony, Ceremony) {
    let mut rng = StdRng::seed_from_u64(1);
    let keys = keys(4);
    let all = || keys.iter().map(|key| key.public_key());
    let terms = Terms::new(Purpose::Seal, NETWORK, 3, all()).unwrap();
    let mut ceremonies: Vec<Ceremony> = keys
        .iter()
        .map(|key| Ceremony::begin(terms.clone(), key.clone(), &mut rng).unwrap())
        .collect();
    let mut queue: std::collections::VecDeque<_> = ceremonies
        .iter()
        .enumerate()
        .flat_map(|(from, c)| c.resend().into_iter().map(move |sent| (from, sent)))
        .collect();
    let mut confirmed = None;
    while let Some((from, (to, message))) = queue.pop_front() {
        let at = all().position(|key| key == to).unwrap();
        let step = ceremonies[at]
            .handle(&keys[from].public_key(), message, &mut rng)
            .unwrap();
        if confirmed.is_none() && at == 0 && !ceremonies[0].missing().proposal {
            let memory = ceremonies[0].memory();
            confirmed = Some(Ceremony::resume(&memory, keys[0].clone(), &mut rng).unwrap());
        }
        queue.extend(step.send.into_iter().map(|sent| (at, sent)));
    }
    let finished = ceremonies.swap_remove(0);
    let confirmed = confirmed.unwrap();
    assert!(finished.finished().is_some() && confirmed.finished().is_none());
    (finished, confirmed)
}

fn begun(round: u64) -> Ceremony {
    let mut rng = StdRng::seed_from_u64(2);
    let keys = keys(4);
    let terms = Terms::new(
        Purpose::Seal,
        NETWORK,
        round,
        keys.iter().map(|key| key.public_key()),
    )
    .unwrap();
    Ceremony::begin(terms, keys[0].clone(), &mut rng).unwrap()
}

#[test]
fn a_round_is_resumed_left_or_refused() {
    let begun = begun(3);
    let (finished, confirmed) = members();
    let choose = |ceremony, asked| file::choose(ceremony, asked, false);
    let abandon = |ceremony, asked| file::choose(ceremony, asked, true);
    assert_eq!(choose(None, None), Ok(Choice::Begin(0)));
    assert_eq!(choose(None, Some(5)), Ok(Choice::Begin(5)));
    for ceremony in [&begun, &confirmed, &finished] {
        for choose in [choose, abandon] {
            assert_eq!(choose(Some(ceremony), None), Ok(Choice::Resume));
            assert_eq!(choose(Some(ceremony), Some(3)), Ok(Choice::Resume));
        }
    }
    assert_eq!(choose(Some(&begun), Some(4)), Ok(Choice::Begin(4)));
    let back = ChoiceError::Back { at: 3, asked: 2 };
    assert_eq!(choose(Some(&begun), Some(2)), Err(back));
    assert_eq!(abandon(Some(&begun), Some(2)), Err(back));
    let stuck = ChoiceError::Confirmed { at: 3 };
    assert_eq!(choose(Some(&confirmed), Some(4)), Err(stuck));
    assert_eq!(abandon(Some(&confirmed), Some(4)), Ok(Choice::Begin(4)));
    for asked in [2, 4] {
        let over = ChoiceError::Finished { at: 3, asked };
        assert_eq!(abandon(Some(&finished), Some(asked)), Err(over));
    }
}

#[test]
fn a_memory_on_disk_is_one_members_of_one_network() {
    let mut rng = StdRng::seed_from_u64(3);
    let ceremony = begun(3);
    for unlock in [Unlock::Key(&KEY), Unlock::Passphrase("in the vault")] {
        let lock = Lock::new(unlock, &mut rng).unwrap();
        let bytes = file::write(&ceremony, 0, &lock, &mut rng).unwrap();
        // Another round's terms open it too.
        let opened = file::read(&bytes, begun(9).terms(), 0, unlock).unwrap();
        assert_eq!(opened.memory, ceremony.memory());
    }

    let lock = Lock::new(Unlock::Key(&KEY), &mut rng).unwrap();
    let bytes = file::write(&ceremony, 0, &lock, &mut rng).unwrap();
    // The lock that comes back locks the next version.
    let opened = file::read(&bytes, ceremony.terms(), 0, Unlock::Key(&KEY)).unwrap();
    let next = file::write(&begun(4), 0, &opened.lock, &mut rng).unwrap();
    let opened = file::read(&next, ceremony.terms(), 0, Unlock::Key(&KEY)).unwrap();
    assert_eq!(opened.memory, begun(4).memory());
    let read = |terms: &Terms, member, unlock: Unlock<'_>| {
        let error = file::read(&bytes, terms, member, unlock).err().unwrap();
        error.to_string()
    };
    let all = || keys(4).into_iter().map(|key| key.public_key());
    let key = Unlock::Key(&KEY);
    let elsewhere = Terms::new(Purpose::Seal, B256::repeat_byte(0x22), 3, all()).unwrap();
    assert!(read(&elsewhere, 0, key).contains("of network 0x1111"));
    let network = Terms::new(Purpose::Network, NETWORK, 3, all()).unwrap();
    assert!(read(&network, 0, key).contains("another key or round"));
    let fewer = Terms::new(Purpose::Seal, NETWORK, 3, all().skip(1)).unwrap();
    assert!(read(&fewer, 0, key).contains("another key or round"));
    assert!(read(ceremony.terms(), 1, key).contains("of member 0"));
    let wrong = Unlock::Key(&[8; 32]);
    assert!(read(ceremony.terms(), 0, wrong).contains("does not open"));
    let passphrase = Unlock::Passphrase("x");
    assert!(read(ceremony.terms(), 0, passphrase).contains("locked with a key"));
    for at in [0, 20, 90, 110, bytes.len() - 1] {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert!(file::read(&changed, ceremony.terms(), 0, key).is_err());
    }
    let long = vec![0; MEMORY_FILE_BYTES_MAX + 1];
    assert!(matches!(
        file::read(&long, ceremony.terms(), 0, key).err().unwrap(),
        LockedError::Malformed { .. }
    ));
}
