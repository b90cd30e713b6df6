//! Members attest roles, renew them and withdraw.

use alloy_primitives::Address;
use commonhold_primitives::system::ACCOUNTS;
use commonhold_system::accounts::{
    interface::IAccounts::{
        AlreadyAttested, AttestationWithdrawn, Attested, EmptyWindow, InvalidRole,
        NeitherMemberNorDelegate, NoAccount, NothingToWithdraw, Standing, UnknownMember,
        WindowIsPast, attestCall, attestationCall, attestationsCall,
    },
    roles::{RESEARCHER, role},
};

use super::{CLINIC, LICENCE, NOW, UNIVERSITY, WHY, attest, desk, withdraw};
use crate::{ANNA, BEN, refused};

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
