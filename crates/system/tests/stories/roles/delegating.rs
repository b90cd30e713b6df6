//! Delegates attest in a member's name.

use commonhold_primitives::system::ACCOUNTS;
use commonhold_system::accounts::{
    interface::IAccounts::{
        AlreadyDelegated, Delegated, NeitherMemberNorDelegate, NoSuchDelegate, NotMember, Standing,
        Undelegated, attestationCall, delegationCall, delegationsCall, undelegateCall,
    },
    roles::{AUDITOR, RESEARCHER},
};

use super::{CLINIC, NOW, attest, delegate, desk, withdraw};
use crate::{ANNA, BEN, CARLA, refused};

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
