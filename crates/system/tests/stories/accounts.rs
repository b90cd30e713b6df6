//! Anna makes herself known, and changes her mind.

use alloy_primitives::{Address, B256, U256};
use commonhold_module::errors::TextTooLong;
use commonhold_primitives::system::ACCOUNTS;
use commonhold_system::accounts::{
    self,
    interface::IAccounts::{
        AlreadyRegistered, EncryptionKeyRotated, HandleClaimed, HandleHeld, HandleReleased,
        HandleTaken, InvalidHandle, InvalidName, KeyUnchanged, KeyVersion, NoHandle, NotRegistered,
        Registered, Renamed, UnknownKeyVersion, WeakKey, accountCall, accountsCall,
        claimHandleCall, encryptionKeyAtCall, encryptionKeyCall, encryptionKeysCall,
        isRegisteredCall, registerCall, releaseHandleCall, renameCall, resolveCall,
        rotateEncryptionKeyCall,
    },
};

use crate::{ANNA, BEN, CARLA, Desk, refused};

const KEY: B256 = B256::repeat_byte(0x11);
const NEW_KEY: B256 = B256::repeat_byte(0x22);

fn register(name: &str, key: B256) -> registerCall {
    registerCall {
        name: name.to_owned(),
        encryptionKey: key,
    }
}

fn claim(handle: &str) -> claimHandleCall {
    claimHandleCall {
        handle: handle.to_owned(),
    }
}

fn resolve(handle: &str) -> resolveCall {
    resolveCall {
        handle: handle.to_owned(),
    }
}

fn desk() -> Desk {
    let mut desk = Desk::of(ACCOUNTS);
    desk.send(ANNA, register("Anna Huber", KEY)).unwrap();
    desk
}

#[test]
fn anna_registers_and_is_found() {
    let mut desk = desk();
    let registered = Registered {
        account: ANNA,
        name: "Anna Huber".to_owned(),
    };
    desk.send(BEN, register("Anna Huber", NEW_KEY)).unwrap();
    assert_eq!(
        desk.bench.logs().len(),
        0,
        "checking the invariants was the last call"
    );

    let entry = desk.view(accountCall { account: ANNA }).unwrap();
    assert_eq!(
        (entry.name.as_str(), entry.handle.as_str()),
        ("Anna Huber", "")
    );
    assert_eq!((entry.encryptionKey, entry.keyVersion), (KEY, 1));
    assert_eq!(
        (entry.registeredAt, entry.updatedAt),
        (1_000_000, 1_000_000)
    );
    let all = desk.view(accountsCall { from: 0, max: 10 }).unwrap();
    assert_eq!((all.page, all.total), (vec![ANNA, BEN], 2));

    refused(
        desk.send(ANNA, register("Anna", KEY)),
        AlreadyRegistered { account: ANNA },
    );
    assert_eq!(desk.view(isRegisteredCall { account: CARLA }), Ok(false));
    refused(
        desk.view(accountCall { account: CARLA }),
        NotRegistered { account: CARLA },
    );

    desk.bench
        .send(CARLA, ACCOUNTS, register("Carla", B256::ZERO))
        .unwrap();
    let carla = Registered {
        account: CARLA,
        name: "Carla".to_owned(),
    };
    assert_eq!(desk.bench.events::<Registered>(), [carla]);
    assert_ne!(desk.bench.events::<Registered>(), [registered]);
    assert!(desk.bench.events::<EncryptionKeyRotated>().is_empty());
}

#[test]
fn names_that_deceive_or_do_not_fit_are_refused() {
    let mut desk = desk();
    for name in ["", " Anna", "An\nna", "anna\u{202e}"] {
        refused(desk.send(BEN, register(name, KEY)), InvalidName {});
        refused(
            desk.send(
                ANNA,
                renameCall {
                    name: name.to_owned(),
                },
            ),
            InvalidName {},
        );
    }
    let long = "\u{e9}".repeat(33);
    refused(
        desk.send(BEN, register(&long, KEY)),
        TextTooLong {
            bytesGiven: U256::from(66),
            bytesMax: U256::from(64),
        },
    );
    desk.send(BEN, register(&"\u{e9}".repeat(32), KEY)).unwrap();
}

#[test]
fn anna_changes_her_name() {
    let mut desk = desk();
    desk.bench.at(1_000_060);
    let name = "Anna Huber-Meier, a name that is longer than one storage slot".to_owned();
    desk.bench
        .send(ANNA, ACCOUNTS, renameCall { name: name.clone() })
        .unwrap();
    let renamed = Renamed {
        account: ANNA,
        name: name.clone(),
    };
    assert_eq!(desk.bench.events::<Renamed>(), [renamed]);
    let entry = desk.view(accountCall { account: ANNA }).unwrap();
    assert_eq!(entry.name, name);
    assert_eq!(
        (entry.registeredAt, entry.updatedAt),
        (1_000_000, 1_000_060)
    );
    refused(
        desk.send(BEN, renameCall { name }),
        NotRegistered { account: BEN },
    );
}

#[test]
fn keys_are_rotated_and_never_forgotten() {
    let mut desk = desk();
    desk.bench.at(1_000_100);
    let rotate = |key| rotateEncryptionKeyCall { key };
    assert_eq!(desk.bench.send(ANNA, ACCOUNTS, rotate(NEW_KEY)), Ok(2));
    let rotated = EncryptionKeyRotated {
        account: ANNA,
        version: 2,
        key: NEW_KEY,
    };
    assert_eq!(desk.bench.events::<EncryptionKeyRotated>(), [rotated]);

    let now = desk.view(encryptionKeyCall { account: ANNA }).unwrap();
    assert_eq!((now.key, now.version), (NEW_KEY, 2));
    let first = KeyVersion {
        key: KEY,
        since: 1_000_000,
    };
    let second = KeyVersion {
        key: NEW_KEY,
        since: 1_000_100,
    };
    let at = |version| encryptionKeyAtCall {
        account: ANNA,
        version,
    };
    assert_eq!(desk.view(at(1)).unwrap(), first);
    assert_eq!(desk.view(at(2)).unwrap(), second);
    for version in [0, 3, u64::MAX] {
        refused(
            desk.view(at(version)),
            UnknownKeyVersion {
                account: ANNA,
                version,
            },
        );
    }
    let all = desk
        .view(encryptionKeysCall {
            account: ANNA,
            from: 0,
            max: 9,
        })
        .unwrap();
    assert_eq!((all.page, all.total), (vec![first, second], 2));

    refused(
        desk.send(ANNA, rotate(NEW_KEY)),
        KeyUnchanged { key: NEW_KEY },
    );
    let mut weak = B256::ZERO;
    weak[31] = 0x80;
    for key in [B256::ZERO, weak] {
        refused(desk.send(ANNA, rotate(key)), WeakKey { key });
    }
    refused(desk.send(BEN, rotate(KEY)), NotRegistered { account: BEN });
    assert_eq!(
        desk.send(ANNA, rotate(KEY)),
        Ok(3),
        "going back is a new version"
    );
}

#[test]
fn who_has_no_key_yet_gets_one_later() {
    let mut desk = desk();
    desk.send(BEN, register("Ben", B256::ZERO)).unwrap();
    let none = desk.view(encryptionKeyCall { account: BEN }).unwrap();
    assert_eq!((none.key, none.version), (B256::ZERO, 0));
    assert_eq!(desk.send(BEN, rotateEncryptionKeyCall { key: KEY }), Ok(1));
}

#[test]
fn handles_are_unique_and_can_be_released() {
    let mut desk = desk();
    desk.send(BEN, register("Ben", B256::ZERO)).unwrap();
    desk.bench
        .send(ANNA, ACCOUNTS, claim("anna.huber"))
        .unwrap();
    let claimed = HandleClaimed {
        account: ANNA,
        handle: "anna.huber".to_owned(),
    };
    assert_eq!(desk.bench.events::<HandleClaimed>(), [claimed]);
    assert_eq!(desk.view(resolve("anna.huber")), Ok(ANNA));
    assert_eq!(
        desk.view(accountCall { account: ANNA }).unwrap().handle,
        "anna.huber"
    );

    refused(
        desk.send(BEN, claim("anna.huber")),
        HandleTaken {
            handle: "anna.huber".to_owned(),
            holder: ANNA,
        },
    );
    refused(
        desk.send(ANNA, claim("anna")),
        HandleHeld {
            handle: "anna.huber".to_owned(),
        },
    );
    refused(
        desk.send(BEN, claim("Ben")),
        InvalidHandle {
            handle: "Ben".to_owned(),
        },
    );
    refused(
        desk.send(BEN, releaseHandleCall {}),
        NoHandle { account: BEN },
    );
    refused(
        desk.send(CARLA, claim("carla")),
        NotRegistered { account: CARLA },
    );

    desk.bench
        .send(ANNA, ACCOUNTS, releaseHandleCall {})
        .unwrap();
    let released = HandleReleased {
        account: ANNA,
        handle: "anna.huber".to_owned(),
    };
    assert_eq!(desk.bench.events::<HandleReleased>(), [released]);
    assert_eq!(desk.view(resolve("anna.huber")), Ok(Address::ZERO));
    desk.send(BEN, claim("anna.huber")).unwrap();
    assert_eq!(desk.view(resolve("anna.huber")), Ok(BEN));
    desk.send(ANNA, claim("anna")).unwrap();
    assert_eq!(
        desk.view(resolve("no such handle, nor could there be one")),
        Ok(Address::ZERO)
    );
}

#[test]
fn other_modules_ask_through_the_rust_interface() {
    let mut desk = desk();
    let elsewhere = crate::CARLA;
    let answer = desk.bench.within(BEN, elsewhere, |ctx| {
        Ok((
            accounts::encryption_key(ctx, ANNA)?,
            accounts::encryption_key(ctx, BEN)?,
            accounts::is_registered(ctx, ANNA)?,
        ))
    });
    assert_eq!(answer, Ok(((KEY, 1), (B256::ZERO, 0), true)));
}
