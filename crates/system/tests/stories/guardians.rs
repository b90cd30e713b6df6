//! Mira is a child; Anna names a friend; somebody tries to make himself a guardian.

use alloy_primitives::{Address, B256};
use commonhold_module::bench::account;
use commonhold_primitives::system::ACCOUNTS;
use commonhold_system::accounts::{
    self,
    interface::IAccounts::{
        AlreadyAttested, AlreadyNamed, GuardianAttested, GuardianNamed, GuardianWithdrawn,
        GuardianshipEnded, GuardianshipTooLong, Guarding, NeitherMemberNorDelegate,
        NeitherWardNorGuardian, NoAccount, NothingToEnd, NothingToWithdraw, OwnGuardian, Standing,
        TooManyGuardians, UnderGuardianship, attestGuardianCall, delegateCall, endGuardianshipCall,
        guardianAttestationsCall, guardiansCall, isGuardianCall, isWardCall, mayActForCall,
        nameGuardianCall, wardsCall, withdrawGuardianCall,
    },
    limits::{GUARDIANS_MAX, GUARDIANSHIP_SECONDS_MAX},
    roles::GUARDIAN_REGISTRAR,
};

use crate::{ANNA, BEN, CARLA, Desk, refused};

/// When the stories begin.
const NOW: u64 = 1_000_000;
/// Mira's 18th birthday.
const BIRTHDAY: u64 = NOW + 500;
const MIRA: Address = account(0xd4);
/// The accounts of members 0 and 1.
const CLINIC: Address = account(1);
const REGISTRY: Address = account(2);
const PAPER: B256 = B256::repeat_byte(0x33);

fn attest(member: u64, ward: Address, guardian: Address, until: u64) -> attestGuardianCall {
    attestGuardianCall {
        member,
        ward,
        guardian,
        notBefore: 0,
        until,
        evidence: PAPER,
    }
}

fn name(guardian: Address, until: u64) -> nameGuardianCall {
    nameGuardianCall {
        guardian,
        notBefore: 0,
        until,
    }
}

const fn end(ward: Address, guardian: Address) -> endGuardianshipCall {
    endGuardianshipCall { ward, guardian }
}

impl Desk {
    fn guarding(&mut self, guardian: Address, ward: Address, at: u64) -> Guarding {
        let call = isGuardianCall { guardian, ward, at };
        let answer = self.view(call).unwrap();
        let yes = matches!(answer.why, Guarding::Proxy | Guarding::Guardian);
        assert_eq!(answer.answer, yes, "one answer");
        let call = mayActForCall {
            actor: guardian,
            subject: ward,
            at,
        };
        assert_eq!(self.view(call), Ok(yes), "one answer");
        answer.why
    }

    fn is_ward(&mut self, account: Address, at: u64) -> bool {
        self.view(isWardCall { account, at }).unwrap()
    }
}

/// Ben is Mira's guardian until her birthday, as two members say.
fn desk() -> Desk {
    let mut desk = Desk::of(ACCOUNTS);
    desk.send(CLINIC, attest(0, MIRA, BEN, BIRTHDAY)).unwrap();
    desk.send(REGISTRY, attest(1, MIRA, BEN, BIRTHDAY)).unwrap();
    desk
}

#[test]
fn a_guardian_acts_until_the_birthday() {
    let mut desk = desk();
    for (at, guarding, ward) in [
        (0, Guarding::Guardian, true),
        (NOW - 1, Guarding::NotYet, false),
        (BIRTHDAY - 1, Guarding::Guardian, true),
        (BIRTHDAY, Guarding::Expired, false),
    ] {
        assert_eq!(desk.guarding(BEN, MIRA, at), guarding, "at {at}");
        assert_eq!(desk.is_ward(MIRA, at), ward, "at {at}");
    }
    let own = mayActForCall {
        actor: MIRA,
        subject: MIRA,
        at: 0,
    };
    assert_eq!(desk.view(own), Ok(true));
    assert_eq!(desk.guarding(MIRA, BEN, 0), Guarding::None, "one way only");

    let guardians = guardiansCall {
        ward: MIRA,
        from: 0,
        max: 9,
    };
    let listed = desk.view(guardians.clone()).unwrap();
    assert_eq!((listed.total, listed.page[0].guardian), (1, BEN));
    assert_eq!(listed.page[0].standing, Guarding::Guardian);
    assert_eq!(listed.page[0].until, BIRTHDAY);
    let wards = desk
        .view(wardsCall {
            guardian: BEN,
            from: 0,
            max: 9,
        })
        .unwrap();
    assert_eq!((wards.total, wards.page[0].ward), (1, MIRA));

    desk.bench.at(BIRTHDAY);
    let listed = desk.view(guardians).unwrap();
    assert_eq!(listed.page[0].standing, Guarding::Expired);
    assert_eq!(listed.page[0].until, 0);
    desk.send(MIRA, name(ANNA, 0)).unwrap();
    assert_eq!(desk.guarding(ANNA, MIRA, 0), Guarding::Proxy);
}

#[test]
fn one_member_imposes_nobody_and_leaves_a_trace() {
    let mut desk = Desk::of(ACCOUNTS);
    for delegate in [BEN, CARLA] {
        let call = delegateCall {
            account: delegate,
            role: GUARDIAN_REGISTRAR,
            until: 0,
        };
        desk.send(CLINIC, call).unwrap();
    }
    desk.bench
        .send(BEN, ACCOUNTS, attest(0, ANNA, CARLA, BIRTHDAY))
        .unwrap();
    let attested = GuardianAttested {
        ward: ANNA,
        guardian: CARLA,
        member: 0,
        by: BEN,
        notBefore: NOW,
        until: BIRTHDAY,
        evidence: PAPER,
    };
    assert_eq!(desk.bench.events::<GuardianAttested>(), [attested]);
    // Neither the other delegate nor the member itself adds anything: it is one member's word.
    let again = attest(0, ANNA, CARLA, BIRTHDAY);
    for caller in [CARLA, CLINIC] {
        refused(
            desk.send(caller, again.clone()),
            AlreadyAttested {
                member: 0,
                account: ANNA,
            },
        );
    }
    assert_eq!(desk.guarding(CARLA, ANNA, 0), Guarding::OneMember);
    assert!(!desk.is_ward(ANNA, 0));
    let said = desk
        .view(guardianAttestationsCall {
            ward: ANNA,
            guardian: CARLA,
            from: 0,
            max: 9,
        })
        .unwrap();
    assert_eq!((said.total, said.page[0].by), (1, BEN));
    assert_eq!(said.page[0].standing, Standing::Good);
    // Anna is not held up by it.
    desk.send(ANNA, name(MIRA, 0)).unwrap();
    assert_eq!(desk.guarding(MIRA, ANNA, 0), Guarding::Proxy);

    for (caller, member) in [(CARLA, 1), (ANNA, 0), (MIRA, 0)] {
        refused(
            desk.send(caller, attest(member, ANNA, MIRA, BIRTHDAY)),
            NeitherMemberNorDelegate {
                member,
                role: GUARDIAN_REGISTRAR,
                caller,
            },
        );
    }
}

#[test]
fn anna_names_a_friend_and_changes_her_mind() {
    let mut desk = Desk::of(ACCOUNTS);
    desk.bench.send(ANNA, ACCOUNTS, name(BEN, 0)).unwrap();
    let named = GuardianNamed {
        ward: ANNA,
        guardian: BEN,
        notBefore: NOW,
        until: 0,
    };
    assert_eq!(desk.bench.events::<GuardianNamed>(), [named]);
    let (ward, guardian) = (ANNA, BEN);
    refused(
        desk.send(ANNA, name(BEN, 0)),
        AlreadyNamed { ward, guardian },
    );
    assert_eq!(desk.guarding(BEN, ANNA, 0), Guarding::Proxy);
    assert!(!desk.is_ward(ANNA, 0), "she acts for herself as before");
    refused(
        desk.send(CARLA, end(ANNA, BEN)),
        NeitherWardNorGuardian {
            ward,
            guardian,
            caller: CARLA,
        },
    );
    desk.bench.at(NOW + 10);
    desk.bench.send(ANNA, ACCOUNTS, end(ANNA, BEN)).unwrap();
    let ended = GuardianshipEnded {
        ward,
        guardian,
        by: ANNA,
    };
    assert_eq!(desk.bench.events::<GuardianshipEnded>(), [ended]);
    assert_eq!(desk.guarding(BEN, ANNA, 0), Guarding::Withdrawn);
    refused(
        desk.send(ANNA, end(ANNA, BEN)),
        NothingToEnd { ward, guardian },
    );
    desk.send(ANNA, name(BEN, NOW + 50)).unwrap();
    desk.send(BEN, end(ANNA, BEN)).unwrap();
    assert_eq!(desk.guarding(BEN, ANNA, 0), Guarding::Resigned);
    refused(
        desk.send(ANNA, name(ANNA, 0)),
        OwnGuardian { account: ANNA },
    );
    refused(desk.send(ANNA, name(Address::ZERO, 0)), NoAccount {});
}

#[test]
fn a_ward_names_nobody_and_whom_it_named_waits() {
    let mut desk = Desk::of(ACCOUNTS);
    desk.send(MIRA, name(CARLA, 0)).unwrap();
    desk.send(CLINIC, attest(0, MIRA, BEN, BIRTHDAY)).unwrap();
    assert_eq!(desk.guarding(CARLA, MIRA, 0), Guarding::Proxy);
    desk.send(REGISTRY, attest(1, MIRA, BEN, BIRTHDAY)).unwrap();
    assert_eq!(desk.guarding(CARLA, MIRA, 0), Guarding::Suspended);
    assert_eq!(desk.guarding(CARLA, MIRA, BIRTHDAY), Guarding::Proxy);
    refused(
        desk.send(MIRA, name(ANNA, 0)),
        UnderGuardianship { ward: MIRA },
    );
    refused(
        desk.send(MIRA, end(MIRA, BEN)),
        NothingToEnd {
            ward: MIRA,
            guardian: BEN,
        },
    );
    desk.send(MIRA, end(MIRA, CARLA)).unwrap();
}

#[test]
fn members_take_it_back_and_the_guardian_resigns() {
    let mut desk = desk();
    let withdraw = |member| withdrawGuardianCall {
        member,
        ward: MIRA,
        guardian: BEN,
        reason: PAPER,
    };
    desk.bench.send(CLINIC, ACCOUNTS, withdraw(0)).unwrap();
    let withdrawn = GuardianWithdrawn {
        ward: MIRA,
        guardian: BEN,
        member: 0,
        by: CLINIC,
        reason: PAPER,
    };
    assert_eq!(desk.bench.events::<GuardianWithdrawn>(), [withdrawn]);
    assert_eq!(desk.guarding(BEN, MIRA, 0), Guarding::OneMember);
    assert!(!desk.is_ward(MIRA, 0));
    refused(
        desk.send(CLINIC, withdraw(0)),
        NothingToWithdraw {
            member: 0,
            account: MIRA,
        },
    );
    desk.send(CLINIC, attest(0, MIRA, BEN, BIRTHDAY)).unwrap();
    assert_eq!(desk.guarding(BEN, MIRA, 0), Guarding::Guardian);
    desk.send(BEN, end(MIRA, BEN)).unwrap();
    assert_eq!(desk.guarding(BEN, MIRA, 0), Guarding::Resigned);
    assert!(!desk.is_ward(MIRA, 0));
}

#[test]
fn no_guardianship_that_members_attest_is_without_an_end() {
    let mut desk = Desk::of(ACCOUNTS);
    let latest = NOW + GUARDIANSHIP_SECONDS_MAX;
    for until in [0, latest + 1, u64::MAX] {
        refused(
            desk.send(CLINIC, attest(0, MIRA, BEN, until)),
            GuardianshipTooLong { until, latest },
        );
    }
    desk.send(CLINIC, attest(0, MIRA, BEN, latest)).unwrap();
    refused(
        desk.send(CLINIC, attest(0, MIRA, MIRA, BIRTHDAY)),
        OwnGuardian { account: MIRA },
    );
}

#[test]
fn a_ward_has_so_many_guardians_and_places_become_free() {
    let mut desk = Desk::of(ACCOUNTS);
    let guardian = |n: u64| account(0x40 + u8::try_from(n).unwrap());
    let both = |desk: &mut Desk, who| {
        desk.send(CLINIC, attest(0, MIRA, who, BIRTHDAY)).unwrap();
        desk.send(REGISTRY, attest(1, MIRA, who, BIRTHDAY))
    };
    for n in 0..GUARDIANS_MAX {
        both(&mut desk, guardian(n)).unwrap();
    }
    refused(
        both(&mut desk, guardian(9)),
        TooManyGuardians { ward: MIRA },
    );
    desk.send(guardian(3), end(MIRA, guardian(3))).unwrap();
    desk.send(REGISTRY, attest(1, MIRA, guardian(9), BIRTHDAY))
        .unwrap();
    assert_eq!(desk.guarding(guardian(9), MIRA, 0), Guarding::Guardian);
    // One member alone fills no places.
    for n in 10..30 {
        desk.send(CLINIC, attest(0, MIRA, guardian(n), BIRTHDAY))
            .unwrap();
    }
    desk.send(guardian(5), end(MIRA, guardian(5))).unwrap();
    both(&mut desk, guardian(3)).unwrap();
}

#[test]
fn other_modules_ask_through_the_rust_interface() {
    let mut desk = desk();
    let answer = desk.bench.within(CARLA, CARLA, |ctx| {
        Ok((
            accounts::may_act_for(ctx, BEN, MIRA, 0)?,
            accounts::may_act_for(ctx, MIRA, MIRA, 0)?,
            accounts::may_act_for(ctx, BEN, MIRA, BIRTHDAY)?,
            accounts::guarding(ctx, ANNA, MIRA, 0)?,
            accounts::is_ward(ctx, MIRA, 0)?,
        ))
    });
    assert_eq!(answer, Ok((true, true, false, Guarding::None, true)));
}
