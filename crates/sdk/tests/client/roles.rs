//! Roles and guardians by way of the client.

use alloy_primitives::{Address, B256};
use commonhold_module::bench::genesis;
use commonhold_primitives::{Genesis, genesis::Member};
use commonhold_sdk::{
    Account, Client, Kind,
    guardians::Guarding,
    page::all,
    roles::{Claim, GUARDIAN_REGISTRAR, Standing, role, role_name},
};

use crate::{account, node::FakeNode, start};

/// A network whose members' accounts are those of secrets 1 to 3, and the first two names alike.
fn network() -> (FakeNode, Client, [Account; 3]) {
    let (node, client) = start();
    let members = [account(1), account(2), account(3)];
    let founding = genesis(3);
    let names = ["Clinic", "Registry", "Archive"];
    let founders = founding.members.into_iter().zip(&members).zip(names);
    let founders = founders.map(|((member, account), name)| Member {
        account: account.address(),
        name: name.to_owned(),
        ..member
    });
    node.found(&Genesis {
        members: founders.collect(),
        ..genesis(3)
    });
    (node, client, members)
}

#[test]
fn members_are_found_by_number_name_and_account() {
    let (_node, client, members) = network();
    assert_eq!(client.member("1").unwrap().name, "Registry");
    assert_eq!(client.member("Clinic").unwrap().number, 0);
    let address = members[2].address();
    assert_eq!(client.member(&address.to_string()).unwrap().number, 2);
    assert_eq!(client.member_of(address).unwrap().number, 2);
    for (text, kind) in [
        ("Nobody", Kind::Refused),
        ("3", Kind::Refused),
        ("0x0000000000000000000000000000000000000009", Kind::Refused),
        ("0x9", Kind::Usage),
    ] {
        assert_eq!(client.member(text).unwrap_err().kind(), kind, "{text}");
    }
}

#[test]
fn roles_are_attested_listed_and_taken_back() {
    let (_node, client, [clinic, registry, _]) = network();
    let (anna, lab) = (account(9), account(8));
    let auditor = role("auditor").unwrap();
    assert_eq!(role_name(&auditor), "auditor");
    assert_eq!(role_name(&B256::ZERO), B256::ZERO.to_string());
    assert_eq!(role("Auditor").unwrap_err().kind(), Kind::Usage);

    let claim = Claim {
        until: 4_000_000,
        evidence: B256::repeat_byte(5),
        ..Claim::default()
    };
    let who = (anna.address(), auditor);
    let e = client.attest_role(&lab, 0, who, claim).unwrap_err();
    assert_eq!(e.kind(), Kind::Refused);
    assert_eq!(
        e.to_string(),
        format!(
            "refused: neither member nor delegate (member: 0, role: auditor, caller: {}). Only this member's \
             account may do this, or whom the member has delegated this role to.",
            lab.address()
        )
    );
    client
        .delegate_role(&clinic, lab.address(), auditor, 0)
        .unwrap();
    client.attest_role(&lab, 0, who, claim).unwrap();
    client.attest_role(&registry, 1, who, claim).unwrap();
    let standing = |at| client.role_standing(anna.address(), auditor, at).unwrap();
    assert_eq!(standing(0), Standing::Good);
    assert_eq!(standing(4_000_000), Standing::Expired);

    let said = all(|from| client.role_attestations(anna.address(), auditor, from)).unwrap();
    assert_eq!((said[0].member, said[0].by), (0, lab.address()));
    assert_eq!((said[0].evidence, said.len()), (claim.evidence, 2));
    let roles = all(|from| client.roles_of(anna.address(), from)).unwrap();
    assert_eq!((roles[0].role, roles.len()), (auditor, 1));
    let delegates = all(|from| client.role_delegations(0, from)).unwrap();
    assert_eq!(
        (delegates[0].account, delegates[0].holds),
        (lab.address(), true)
    );

    client
        .undelegate_role(&clinic, lab.address(), auditor)
        .unwrap();
    client.withdraw_role(&clinic, 0, who, B256::ZERO).unwrap();
    assert_eq!(standing(0), Standing::Good, "the registry still says so");
    client.renounce_role(&anna, auditor).unwrap();
    assert_eq!(standing(0), Standing::Renounced);

    // A list that takes several pages.
    for n in 0..25 {
        let who = (Address::repeat_byte(0x40 + n), auditor);
        client.attest_role(&clinic, 0, who, claim).unwrap();
    }
    let holders = all(|from| client.role_holders(auditor, from)).unwrap();
    assert_eq!(holders.len(), 26);
    assert_eq!(holders[25].account, Address::repeat_byte(0x58));
}

#[test]
fn guardians_take_two_members_or_the_wards_word() {
    let (_node, client, [clinic, registry, _]) = network();
    let (anna, ben, mira) = (account(9), account(8), account(7));
    let pair = (mira.address(), ben.address());
    let guarding = |ward: &Account| client.guarding(ben.address(), ward.address(), 0).unwrap();
    let claim = Claim {
        until: 4_000_000,
        ..Claim::default()
    };
    client.attest_guardian(&clinic, 0, pair, claim).unwrap();
    assert_eq!(guarding(&mira), Guarding::OneMember);
    let e = client.attest_guardian(&anna, 1, pair, claim).unwrap_err();
    assert!(
        e.to_string().contains(&role_name(&GUARDIAN_REGISTRAR)),
        "{e}"
    );
    client.attest_guardian(&registry, 1, pair, claim).unwrap();
    assert_eq!(guarding(&mira), Guarding::Guardian);
    client.name_guardian(&anna, ben.address(), 0, 0).unwrap();
    assert_eq!(guarding(&anna), Guarding::Proxy);

    let guardians = all(|from| client.guardians_of(mira.address(), from)).unwrap();
    assert_eq!((guardians.len(), guardians[0].until), (1, 4_000_000));
    let wards = all(|from| client.wards_of(ben.address(), from)).unwrap();
    assert_eq!((wards.len(), wards[1].ward), (2, anna.address()));
    let said = all(|from| client.guardian_attestations(pair.0, pair.1, from)).unwrap();
    assert_eq!(said.len(), 2);

    client
        .withdraw_guardian(&registry, 1, pair, B256::ZERO)
        .unwrap();
    assert_eq!(guarding(&mira), Guarding::OneMember);
    client.end_guardianship(&ben, pair.0, pair.1).unwrap();
    assert_eq!(guarding(&mira), Guarding::Resigned);
    client
        .end_guardianship(&anna, anna.address(), ben.address())
        .unwrap();
    assert_eq!(guarding(&anna), Guarding::Withdrawn);
}
