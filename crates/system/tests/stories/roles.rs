//! Members say who may act as what, and take it back.

use alloy_primitives::{Address, B256};
use commonhold_module::{
    Outcome, Slot,
    bench::{Bench, account, genesis},
};
use commonhold_primitives::system::{ACCOUNTS, MEMBERS};
use commonhold_system::accounts::{
    self,
    interface::IAccounts::{
        AlreadyAttested, AlreadyDelegated, AttestationWithdrawn, Attested, Delegated, EmptyWindow,
        Holder, InvalidRole, NeitherMemberNorDelegate, NoAccount, NoSuchDelegate, NotMember,
        NothingToRenounce, NothingToWithdraw, RoleEntry, RoleRenounced, Standing, Undelegated,
        UnknownMember, WindowIsPast, attestCall, attestationCall, attestationsCall, delegateCall,
        delegationCall, delegationsCall, holdersCall, mayActAsCall, renounceCall, rolesOfCall,
        undelegateCall, withdrawCall,
    },
    limits::ATTESTERS_MAX,
    roles::{AUDITOR, CALIBRATOR, RESEARCHER, role},
};

use crate::{ANNA, BEN, CARLA, Desk, refused};

/// When the stories begin.
const NOW: u64 = 1_000_000;
/// The accounts of members 0 and 1.
const CLINIC: Address = account(1);
const UNIVERSITY: Address = account(2);
const LICENCE: B256 = B256::repeat_byte(0x11);
const WHY: B256 = B256::repeat_byte(0x22);

fn attest(member: u64, account: Address, role: B256, until: u64) -> attestCall {
    attestCall {
        member,
        account,
        role,
        notBefore: 0,
        until,
        evidence: LICENCE,
    }
}

fn withdraw(member: u64, account: Address) -> withdrawCall {
    withdrawCall {
        member,
        account,
        role: RESEARCHER,
        reason: WHY,
    }
}

fn delegate(account: Address, until: u64) -> delegateCall {
    delegateCall {
        account,
        role: RESEARCHER,
        until,
    }
}

impl Desk {
    /// How somebody stands as a researcher.
    fn standing(&mut self, account: Address, at: u64) -> Standing {
        let call = mayActAsCall {
            account,
            role: RESEARCHER,
            at,
        };
        let answer = self.view(call).unwrap();
        assert_eq!(answer.may, answer.why == Standing::Good, "one answer");
        answer.why
    }
}

fn desk() -> Desk {
    Desk::of(ACCOUNTS)
}

#[test]
fn a_member_attests_and_withdraws() {
    let mut desk = desk();
    assert_eq!(desk.standing(ANNA, 0), Standing::None);
    let call = attest(0, ANNA, RESEARCHER, NOW + 100);
    desk.bench.send(CLINIC, ACCOUNTS, call.clone()).unwrap();
    let attested = Attested {
        account: ANNA,
        role: RESEARCHER,
        member: 0,
        by: CLINIC,
        notBefore: NOW,
        until: NOW + 100,
        evidence: LICENCE,
    };
    assert_eq!(desk.bench.events::<Attested>(), [attested]);
    for (at, standing) in [
        (0, Standing::Good),
        (NOW - 1, Standing::NotYet),
        (NOW, Standing::Good),
        (NOW + 99, Standing::Good),
        (NOW + 100, Standing::Expired),
    ] {
        assert_eq!(desk.standing(ANNA, at), standing, "at {at}");
    }
    refused(
        desk.send(CLINIC, call),
        AlreadyAttested {
            member: 0,
            account: ANNA,
        },
    );

    desk.bench.at(NOW + 50);
    desk.bench
        .send(CLINIC, ACCOUNTS, withdraw(0, ANNA))
        .unwrap();
    let withdrawn = AttestationWithdrawn {
        account: ANNA,
        role: RESEARCHER,
        member: 0,
        by: CLINIC,
        reason: WHY,
    };
    assert_eq!(desk.bench.events::<AttestationWithdrawn>(), [withdrawn]);
    assert_eq!(desk.standing(ANNA, 0), Standing::Withdrawn);
    assert_eq!(
        desk.standing(ANNA, NOW + 49),
        Standing::Good,
        "it did stand"
    );
    refused(
        desk.send(CLINIC, withdraw(0, ANNA)),
        NothingToWithdraw {
            member: 0,
            account: ANNA,
        },
    );
    let entry = desk
        .view(attestationCall {
            account: ANNA,
            role: RESEARCHER,
            member: 0,
        })
        .unwrap();
    assert_eq!((entry.by, entry.member), (CLINIC, 0));
    assert_eq!((entry.evidence, entry.reason), (LICENCE, WHY));
    assert_eq!((entry.givenAt, entry.endedAt), (NOW, NOW + 50));
    assert_eq!(entry.standing, Standing::Withdrawn);
}

#[test]
fn a_role_stands_while_any_members_word_stands() {
    let mut desk = desk();
    desk.send(CLINIC, attest(0, ANNA, RESEARCHER, 0)).unwrap();
    desk.send(UNIVERSITY, attest(1, ANNA, RESEARCHER, NOW + 100))
        .unwrap();
    desk.send(CLINIC, withdraw(0, ANNA)).unwrap();
    assert_eq!(desk.standing(ANNA, 0), Standing::Good);
    desk.bench.at(NOW + 100);
    assert_eq!(desk.standing(ANNA, 0), Standing::Expired);
    let all = desk
        .view(attestationsCall {
            account: ANNA,
            role: RESEARCHER,
            from: 0,
            max: 9,
        })
        .unwrap();
    let says: Vec<_> = all.page.iter().map(|a| (a.member, a.standing)).collect();
    assert_eq!(says, [(0, Standing::Withdrawn), (1, Standing::Expired)]);
    assert_eq!(all.total, 2);
}

#[test]
fn renewing_keeps_the_past_and_attesting_anew_does_not() {
    let mut desk = desk();
    desk.send(CLINIC, attest(0, ANNA, RESEARCHER, NOW + 100))
        .unwrap();
    desk.bench.at(NOW + 90);
    desk.send(CLINIC, attest(0, ANNA, RESEARCHER, NOW + 200))
        .unwrap();
    assert_eq!(desk.standing(ANNA, NOW), Standing::Good);
    assert_eq!(desk.standing(ANNA, NOW + 199), Standing::Good);
    desk.bench.at(NOW + 300);
    desk.send(CLINIC, attest(0, ANNA, RESEARCHER, 0)).unwrap();
    assert_eq!(desk.standing(ANNA, 0), Standing::Good);
    assert_eq!(desk.standing(ANNA, NOW + 199), Standing::NotYet);
    let back = attestCall {
        notBefore: 5,
        ..attest(0, ANNA, RESEARCHER, 0)
    };
    desk.send(CLINIC, back).unwrap();
    assert_eq!(desk.standing(ANNA, 5), Standing::Good, "since long ago");
}

#[test]
fn what_cannot_be_attested_is_refused() {
    let mut desk = desk();
    let good = attest(0, ANNA, RESEARCHER, 0);
    let bad_role = role("Not a role");
    refused(
        desk.send(CLINIC, attest(0, ANNA, bad_role, 0)),
        InvalidRole { role: bad_role },
    );
    refused(
        desk.send(CLINIC, attest(0, Address::ZERO, RESEARCHER, 0)),
        NoAccount {},
    );
    refused(
        desk.send(CLINIC, attest(4, ANNA, RESEARCHER, 0)),
        UnknownMember { member: 4 },
    );
    refused(
        desk.send(CLINIC, attest(0, ANNA, RESEARCHER, NOW)),
        EmptyWindow {
            notBefore: NOW,
            until: NOW,
        },
    );
    let past = attestCall {
        notBefore: 1,
        ..attest(0, ANNA, RESEARCHER, NOW)
    };
    refused(
        desk.send(CLINIC, past),
        WindowIsPast {
            until: NOW,
            time: NOW,
        },
    );
    for (caller, member) in [(UNIVERSITY, 0), (CLINIC, 1), (BEN, 0), (ANNA, 0)] {
        let call = attestCall {
            member,
            ..good.clone()
        };
        refused(
            desk.send(caller, call),
            NeitherMemberNorDelegate {
                member,
                role: RESEARCHER,
                caller,
            },
        );
    }
    assert_eq!(desk.standing(ANNA, 0), Standing::None);
    assert_eq!(
        desk.standing(CLINIC, 0),
        Standing::None,
        "no role by itself"
    );
    desk.send(CLINIC, attest(0, CLINIC, RESEARCHER, 0)).unwrap();
    assert_eq!(desk.standing(CLINIC, 0), Standing::Good, "in the open");
}

#[test]
fn a_delegate_attests_one_role_in_the_members_name() {
    let mut desk = desk();
    desk.bench
        .send(CLINIC, ACCOUNTS, delegate(BEN, NOW + 100))
        .unwrap();
    let delegated = Delegated {
        member: 0,
        role: RESEARCHER,
        account: BEN,
        until: NOW + 100,
    };
    assert_eq!(desk.bench.events::<Delegated>(), [delegated]);
    let member = 0;
    refused(
        desk.send(CLINIC, delegate(BEN, NOW + 100)),
        AlreadyDelegated {
            member,
            role: RESEARCHER,
            account: BEN,
        },
    );
    desk.send(BEN, attest(0, ANNA, RESEARCHER, 0)).unwrap();
    assert_eq!(desk.standing(ANNA, 0), Standing::Good);
    let call = attestationCall {
        account: ANNA,
        role: RESEARCHER,
        member,
    };
    assert_eq!(desk.view(call.clone()).unwrap().by, BEN);
    for (role, name) in [(AUDITOR, 0), (RESEARCHER, 1)] {
        refused(
            desk.send(BEN, attest(name, CARLA, role, 0)),
            NeitherMemberNorDelegate {
                member: name,
                role,
                caller: BEN,
            },
        );
    }
    refused(
        desk.send(BEN, delegate(CARLA, 0)),
        NotMember { caller: BEN },
    );

    // Its time over: what it attested stands, and it attests and withdraws no more.
    desk.bench.at(NOW + 100);
    let no = NeitherMemberNorDelegate {
        member,
        role: RESEARCHER,
        caller: BEN,
    };
    refused(desk.send(BEN, attest(0, CARLA, RESEARCHER, 0)), no.clone());
    refused(desk.send(BEN, withdraw(0, ANNA)), no.clone());
    assert_eq!(desk.standing(ANNA, 0), Standing::Good);

    // Anew, then dismissed: likewise. The next delegate withdraws what this one attested.
    desk.send(CLINIC, delegate(BEN, 0)).unwrap();
    desk.send(BEN, attest(0, CARLA, RESEARCHER, 0)).unwrap();
    let dismissed = undelegateCall {
        account: BEN,
        role: RESEARCHER,
    };
    desk.bench
        .send(CLINIC, ACCOUNTS, dismissed.clone())
        .unwrap();
    let undelegated = Undelegated {
        member,
        role: RESEARCHER,
        account: BEN,
    };
    assert_eq!(desk.bench.events::<Undelegated>(), [undelegated]);
    refused(
        desk.send(CLINIC, dismissed),
        NoSuchDelegate {
            member,
            role: RESEARCHER,
            account: BEN,
        },
    );
    refused(desk.send(BEN, withdraw(0, CARLA)), no);
    assert_eq!(desk.standing(CARLA, 0), Standing::Good);
    desk.send(CLINIC, delegate(CARLA, 0)).unwrap();
    desk.send(CARLA, withdraw(0, ANNA)).unwrap();
    assert_eq!(desk.standing(ANNA, 0), Standing::Withdrawn);

    let all = desk
        .view(delegationsCall {
            member,
            from: 0,
            max: 9,
        })
        .unwrap();
    let holds: Vec<_> = all.page.iter().map(|d| (d.account, d.holds)).collect();
    assert_eq!((holds, all.total), (vec![(BEN, false), (CARLA, true)], 2));
    let of = |account| delegationCall {
        member,
        role: RESEARCHER,
        account,
    };
    let ben = desk.view(of(BEN)).unwrap();
    assert_eq!((ben.since, ben.endedAt), (NOW + 100, NOW + 100));
    assert_eq!(desk.view(of(ANNA)).unwrap().since, 0);
}

#[test]
fn a_holder_renounces_whatever_members_say() {
    let mut desk = desk();
    refused(
        desk.send(ANNA, renounceCall { role: RESEARCHER }),
        NothingToRenounce {
            account: ANNA,
            role: RESEARCHER,
        },
    );
    desk.send(CLINIC, attest(0, ANNA, RESEARCHER, 0)).unwrap();
    desk.send(UNIVERSITY, attest(1, ANNA, RESEARCHER, 0))
        .unwrap();
    desk.bench
        .send(ANNA, ACCOUNTS, renounceCall { role: RESEARCHER })
        .unwrap();
    let renounced = RoleRenounced {
        account: ANNA,
        role: RESEARCHER,
    };
    assert_eq!(desk.bench.events::<RoleRenounced>(), [renounced]);
    assert_eq!(desk.standing(ANNA, 0), Standing::Renounced);
    refused(
        desk.send(CLINIC, withdraw(0, ANNA)),
        NothingToWithdraw {
            member: 0,
            account: ANNA,
        },
    );
    refused(
        desk.send(ANNA, renounceCall { role: RESEARCHER }),
        NothingToRenounce {
            account: ANNA,
            role: RESEARCHER,
        },
    );
    desk.send(CLINIC, attest(0, ANNA, RESEARCHER, 0)).unwrap();
    assert_eq!(desk.standing(ANNA, 0), Standing::Good, "attested anew");
}

#[test]
fn roles_and_their_holders_are_listed() {
    let mut desk = desk();
    for role in [RESEARCHER, CALIBRATOR] {
        desk.send(CLINIC, attest(0, ANNA, role, 0)).unwrap();
    }
    desk.send(UNIVERSITY, attest(1, ANNA, RESEARCHER, 0))
        .unwrap();
    desk.send(UNIVERSITY, attest(1, BEN, RESEARCHER, NOW + 10))
        .unwrap();
    desk.bench.at(NOW + 20);
    let call = rolesOfCall {
        account: ANNA,
        from: 0,
        max: 9,
    };
    let of_anna = desk.view(call).unwrap();
    let good = |role| RoleEntry {
        role,
        standing: Standing::Good,
    };
    assert_eq!(of_anna.page, [good(RESEARCHER), good(CALIBRATOR)]);
    assert_eq!(of_anna.total, 2);
    let holders = |from, max| holdersCall {
        role: RESEARCHER,
        from,
        max,
    };
    let all = desk.view(holders(0, 9)).unwrap();
    let ben = Holder {
        account: BEN,
        standing: Standing::Expired,
    };
    assert_eq!((all.page[0].account, all.total), (ANNA, 2));
    assert_eq!(all.page[1], ben);
    assert_eq!(desk.view(holders(1, 1)).unwrap().page, [ben]);

    // However many are asked for, no more are looked into than one call can pay for.
    for n in 1..=30 {
        desk.bench
            .send(CLINIC, ACCOUNTS, attest(0, account(n), CALIBRATOR, 0))
            .unwrap();
    }
    let many = desk
        .view(holdersCall {
            role: CALIBRATOR,
            from: 0,
            max: u64::MAX,
        })
        .unwrap();
    assert_eq!((many.page.len(), many.total), (20, 31));
}

/// Takes the last members out, as far as `members` can be made to say so.
fn leave(bench: &mut Bench, left: u64) {
    bench
        .within(CLINIC, MEMBERS, |ctx| {
            Slot::<u64>::declared(0).write(ctx, &left)
        })
        .unwrap();
}

#[test]
fn what_a_member_said_lapses_when_it_is_none_any_more() {
    let mut desk = desk();
    let last = account(4);
    desk.send(last, delegate(BEN, 0)).unwrap();
    desk.send(BEN, attest(3, ANNA, RESEARCHER, 0)).unwrap();
    desk.send(UNIVERSITY, attest(1, CARLA, RESEARCHER, 0))
        .unwrap();
    leave(&mut desk.bench, 3);
    assert_eq!(desk.standing(ANNA, 0), Standing::Lapsed);
    assert_eq!(desk.standing(CARLA, 0), Standing::Good);
    refused(
        desk.bench
            .send(BEN, ACCOUNTS, attest(3, CARLA, RESEARCHER, 0)),
        UnknownMember { member: 3 },
    );
    let of_ben = delegationCall {
        member: 3,
        role: RESEARCHER,
        account: BEN,
    };
    assert!(!desk.view(of_ben).unwrap().holds);
}

#[test]
fn a_full_list_of_members_makes_room_for_a_new_one() {
    let mut bench = Bench::new(commonhold_system::modules()).unwrap();
    bench.genesis(&genesis(101)).unwrap();
    let send = |bench: &mut Bench, member: u8| -> Outcome<()> {
        let call = attest(u64::from(member) - 1, ANNA, RESEARCHER, 0);
        bench.send(account(member), ACCOUNTS, call).map(|_| ())
    };
    for member in 2..=101 {
        send(&mut bench, member).unwrap();
    }
    // All hundred places are taken; the last member leaves, and the first one speaks up.
    leave(&mut bench, 100);
    send(&mut bench, 1).unwrap();
    let call = attestationsCall {
        account: ANNA,
        role: RESEARCHER,
        from: 0,
        max: u64::MAX,
    };
    let all = bench.view(ACCOUNTS, call).unwrap();
    assert_eq!(all.total, ATTESTERS_MAX);
    let members: Vec<_> = all.page.iter().map(|said| said.member).collect();
    assert!(members.contains(&0) && !members.contains(&100));
}

#[test]
fn other_modules_ask_through_the_rust_interface() {
    let mut desk = desk();
    desk.send(CLINIC, attest(0, ANNA, RESEARCHER, NOW + 10))
        .unwrap();
    let answer = desk.bench.within(BEN, CARLA, |ctx| {
        Ok((
            accounts::may_act(ctx, ANNA, RESEARCHER, 0)?,
            accounts::may_act(ctx, ANNA, RESEARCHER, NOW + 10)?,
            accounts::standing(ctx, BEN, RESEARCHER, 0)?,
        ))
    });
    assert_eq!(answer, Ok((true, false, Standing::None)));
}
