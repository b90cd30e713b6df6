//! Holders renounce, and are listed.

use commonhold_module::bench::account;
use commonhold_primitives::system::ACCOUNTS;
use commonhold_system::accounts::{
    interface::IAccounts::{
        Holder, NothingToRenounce, NothingToWithdraw, RoleEntry, RoleRenounced, Standing,
        holdersCall, renounceCall, rolesOfCall,
    },
    roles::{CALIBRATOR, RESEARCHER},
};

use super::{CLINIC, NOW, UNIVERSITY, attest, desk, withdraw};
use crate::{ANNA, BEN, refused};

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
